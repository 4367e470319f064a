"""`jvp` and `vjp`: the derivative of a function times a vector, from the right and from the left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import chainrule.ops.branches as branches
from chainrule import trees
from chainrule.carriers.assignment.in_place import ASSIGNED, now
from chainrule.carriers.dual import LEFT, Dual
from chainrule.carriers.gate import joined
from chainrule.carriers.lift import Lifted, lift
from chainrule.carriers.questions import ASKED
from chainrule.errors import (
    REFUSALS,
    ArgumentError,
    ChainruleError,
    DroppedDerivative,
    ShapeError,
    at_user_line,
    swallowed,
)
from chainrule.inputs import as_number, result_number
from chainrule.libraries import late
from chainrule.numbers import (
    COMPLEX_NUMBERS,
    OPEN,
    Carrier,
    Number,
    StandIn,
    call_level,
    differentiated,
    known,
    primal,
    refuse_ended,
    shape,
)
from chainrule.ops import scaled
from chainrule.ops.reuse import copied
from chainrule.ops.row import zeros_like
from chainrule.recording import order
from chainrule.sweeps.cotangents import as_of, missing
from chainrule.sweeps.floats import float_pass
from chainrule.sweeps.reverse import adjoints, last_adjoints
from chainrule.sweeps.stacked import stacked_adjoints
from chainrule.tracebacks import explained
from chainrule.transforms.plainly import compare
from chainrule.values.arithmetic import float_inputs
from chainrule.values.value import Value

can_be_rescaled = late("chainrule.sweeps.rescaled.can_be")
tangents_by_limits = late("chainrule.sweeps.limits.tangents_by_limits")


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """(f(*primals), its derivative in the direction `tangents`), by forward mode.

    primals, tangents   tuples with one entry for each argument of f, of the same structure and shapes; an entry
                        is a number, an array, or a nested container of them
    has_aux             f returns (result, anything); anything is a third entry of the answer

    Raises ShapeError when a tangent does not match its primal.

    >>> import math
    >>> jvp(lambda x: x * math.exp(x), (0.0,), (1.0,))
    (0.0, 1.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError(
            at_user_line(
                "jvp(f, primals, tangents) expects tuples with one entry for each argument: jvp(f, (x,), (v,))"
            )
        )
    if has_aux:
        g, aux = apart(f)
        return (*jvp(g, primals, tangents), aux())
    points, structure = trees.numbers(tuple(primals))
    directions = trees.same_structure(tuple(primals), tuple(tangents), "jvp tangents")
    tangents = [as_of(trees.same_shape(x, v, "jvp tangent"), x) for x, v in zip(points, directions, strict=True)]
    lifted = lift(f)
    nested = any(map(differentiated, (*points, *tangents)))
    values, moved, out, left = _pushed(lifted, points, tangents, structure, nested)
    if not nested:
        told_apart = any(map(missing, moved))
        if told_apart:  # of a branch that was not taken, perhaps
            again, masked, *_ = _pushed(lifted, points, tangents, structure, True)
            if all(map(same_number, values, again)):
                moved = masked
            if any(map(missing, moved)):
                moved = _by_limits(lifted, points, tangents, structure, values, moved)
        if left:

            def again(exponent: int) -> Any:
                seeds = [scaled.times_power(t, exponent) for t in tangents]
                same, larger, _, lost = _pushed(lifted, points, seeds, structure, told_apart)
                return (larger, lost) if all(map(same_number, values, same)) else None

            moved = scaled.brought_back(moved, scaled.exponents(tangents, points), again)
    return trees.unflatten(out, values), trees.unflatten(out, moved)


def _pushed(f: Callable[..., Any], points: list[Number], tangents: list[Number], structure: Any, masked: bool) -> Any:
    """The results of a function of duals and their tangents, flat, and how they belong together."""
    level = call_level()
    duals = []
    for x, t in zip(points, tangents, strict=True):
        mask = branches.arrived(t) if masked else None
        duals.append(x if mask is False else Dual(x, t, level, mask))
    try:
        results, out = trees.in_parts(called(f, trees.unflatten(structure, duals), level))
    finally:
        left = level in LEFT
        LEFT.discard(level)
    values, moved = [], []
    for y in results:
        y = settled(y, level)
        mine = isinstance(y, Dual) and y.level == level
        values.append(y.primal if mine else y)
        moved.append(_copied(y.tangent) if mine else zeros_like(as_number(result_number(y))))
    return values, moved, out, left


def _by_limits(
    f: Callable[..., Any],
    points: list[Number],
    tangents: list[Number],
    structure: Any,
    values: list[Number],
    moved: list[Number],
) -> list[Number]:
    """Tangents of a lifted function, where they hold nan by the limits they have along the line."""
    if any(isinstance(x, StandIn) for x in (*points, *tangents)):
        return moved
    recording = record(f, points, structure)
    plain = [recording.plain(y) for y in recording.results]
    if len(plain) != len(values) or not all(map(same_number, values, plain)):
        return moved
    found: list[Number] = tangents_by_limits(moved, recording, tangents)
    return found


def same_number(a: Number, b: Number) -> bool:
    """Whether two numbers are the same, below all carriers; nan is nan."""
    a, b = known(a), known(b)
    return shape(a) == shape(b) and bool(np.all(np.equal(a, b) | np.not_equal(a, a) & np.not_equal(b, b)))


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """(f(*primals), pullback), by reverse mode; pullback(cotangent) gives a tuple of cotangents, one for each
    argument. The pullback may be called again and again. With `has_aux` f returns (result, anything), and
    anything is a third entry of the answer.

    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> y, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    if has_aux:
        g, aux = apart(f)
        return (*vjp(g, *primals), aux())
    points, structure = trees.numbers(primals)
    recording = record(lift(f), points, structure)
    y = trees.unflatten(recording.out, [recording.plain(r) for r in recording.results])

    return y, Pullback(f, recording, y, points, structure)


class Pullback:
    """What `vjp` gives beside the result: a function of a cotangent of the result. It may be called again and again."""

    def __init__(self, f: Any, recording: Recorded, y: Any, points: list[Number], structure: Any) -> None:
        self._f, self._recording, self._y, self._points, self._structure = f, recording, y, points, structure

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        recording = self._recording
        cts = trees.same_structure(self._y, cotangent, "vjp cotangent")
        total: list[Number] = [zeros_like(x) for x in self._points]
        for result, ct in zip(recording.results, cts, strict=True):
            ct = trees.same_shape(recording.plain(result), ct, "vjp cotangent")
            for k, share in enumerate(recording.pull(result, ct)):
                total[k] = total[k] + share
        found: tuple[Any, ...] = trees.unflatten(self._structure, total)
        return found

    def __repr__(self) -> str:
        return f"<pullback of {getattr(self._f, '__qualname__', None) or repr(self._f)}>"


def apart(f: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[[], Any]]:
    """For an f that returns (result, anything): a function of the result alone, and one that tells the last
    anything, as plain numbers."""
    lifted = lift(f)
    kept: list[Any] = [None]

    def result_only(*args: Any, **settings: Any) -> Any:
        whole = lifted(*args, **settings)
        if not isinstance(whole, tuple) or len(whole) != 2:
            raise ShapeError(at_user_line("has_aux=True expects f to return (value, anything)"))
        kept[0] = trees.map(primal, whole[1])
        return whole[0]

    return result_only, lambda: kept[0]


class Recorded:
    """One run of a function on fresh Values: its inputs, its results, and their ordered nodes. What is `kept` can be
    swept again."""

    def __init__(self, inputs: list[Value], results: list[Any], out: Any, level: float) -> None:
        self.inputs, self.results, self.out, self.level = inputs, results, out, level
        self._orders: dict[int, list[Value]] = {}
        self.kept = False
        self.left = False  # whether a share left the range of floats in `pull_last`

    def mine(self, y: Any) -> bool:
        return isinstance(y, Value) and y.level == self.level

    def plain(self, y: Any) -> Number:
        return y._number if self.mine(y) else result_number(y)

    def own(self, y: Any) -> Number:
        """The number under a result, without arrays that may be the caller's."""
        return _copied(y._number) if self.mine(y) else y

    def pull(self, result: Any, ct: Number) -> list[Number]:
        """The cotangent of each input when `result` has cotangent `ct`."""
        if not self.mine(result):
            return [zeros_like(v._number) for v in self.inputs]
        nodes = self._orders.get(id(result))
        if nodes is None:
            nodes = self._orders[id(result)] = order(result)
        found = adjoints(result, ct, nodes)
        return [_given(found.take(v), v) for v in self.inputs]

    def pull_all(self, result: Any, cts: Any) -> list[Any] | None:
        """The cotangents of the inputs for many of `result`, both stacked along a first axis; None where a number of
        the recording is no float and no array of floats."""
        if not self.mine(result) or type(cts) is not np.ndarray:
            return None
        found = stacked_adjoints(order(result), self.inputs, cts)
        if found is None:
            return None
        sizes = [(len(cts), *shape(v._number)) for v in self.inputs]
        return [np.zeros(size) if x is None else x for x, size in zip(found, sizes, strict=True)]

    def pull_last(self, ct: Number) -> list[Number]:
        """The cotangents of the inputs for the only result of a recording that is not needed any more: its memory is
        freed on the way, unless it is `kept`."""
        if self.kept:
            return self.pull(self.results[0], ct)
        if not self.mine(self.results[0]):
            return [zeros_like(v._number) for v in self.inputs]
        nodes = order(self.results[0])
        self.results = []
        found = last_adjoints(nodes, ct)
        self.left = found.left and can_be_rescaled(ct)
        return [_given(found.take(v), v) for v in self.inputs]


def _given(adjoint: Number, node: Value) -> Number:
    """The adjoint of an input: 0 like its data when nothing was sent."""
    return zeros_like(node._number) if adjoint is None else adjoint


def _copied(x: Number) -> Number:
    return copied(x) if isinstance(x, np.ndarray) else x


def record(f: Callable[..., Any], points: list[Number], structure: Any, lent: bool = False) -> Recorded:
    """Run `f`, which is lifted, on Values of a new level. The arrays among the points may be `lent` by the caller."""
    level = call_level()
    inputs = [Value.lent(x, level) if lent else Value.leaf(x, level) for x in points]
    try:
        y = called(f, trees.unflatten(structure, inputs), level)
        if isinstance(y, Value):
            return Recorded(inputs, [settled(y, level)], trees.SINGLE, level)
        results, out = trees.in_parts(y)
        return Recorded(inputs, [settled(r, level) for r in results], out, level)
    finally:
        if ASSIGNED[0]:
            for v in inputs:
                if v.later is not None:  # which refers to the input in turn
                    v.later = None


def gradient_of_floats(f: Callable[..., Any], wanted: Sequence[int], args: Sequence[float]) -> Any:
    """(value, gradient by the arguments at the positions `wanted`) of a lifted function of floats, where only floats
    led to its result; otherwise its recording."""
    level = call_level()
    inputs = float_inputs([args[n] for n in wanted], level)
    full: list[Any] = list(args)
    for n, v in zip(wanted, inputs, strict=True):
        full[n] = v
    y = called(f, full, level)
    if type(y) is Value and y.level == level and float_pass(y, 1.0):
        return y.data, [v.grad for v in inputs]
    results, out = trees.in_parts(y)
    recording = Recorded(inputs, [settled(r, level) for r in results], out, level)
    recording.kept = True
    return recording


def called(f: Callable[..., Any], args: Any, level: int = 0) -> Any:
    """f(*args) for carriers, with our own explanation where NumPy hides it in another error. A refusal that f has
    caught is raised: the value that f then gave is not what it gives for plain numbers; and where f may have told its
    numbers from plain ones, it is called with these too, and AnotherFunction raised where the value differs. The level
    has ended then."""
    before, questions = REFUSALS[0], ASKED[0]
    if level:
        OPEN.add(level)
    try:
        y = f(*args)
    except Exception as error:
        cause = error.__cause__
        if isinstance(error, ValueError) and isinstance(cause, DroppedDerivative):  # buffer[i] = x
            raise explained(cause) from None
        if REFUSALS[0] != before and not isinstance(error, (ChainruleError, ValueError)):
            refusal = swallowed(before)
            if refusal is not None:  # struct.pack hides it in its own error
                raise explained(refusal) from error
        error = explained(error)
        raise error
    finally:
        if level:
            OPEN.discard(level)
    if REFUSALS[0] != before:
        refusal = swallowed(before)
        if refusal is not None:
            raise refusal
    if ASKED[0] != questions:
        compare(f, args, y)
    return y


def settled(y: Any, level: float) -> Any:
    """A result as a number or a carrier of `level` or below: arrays of carriers joined, Values made inside the
    function (with Value(x), or left over from an inner derivative) opened.

    Raises ArgumentError for what an earlier call has left."""
    y = joined(y) if isinstance(y, np.ndarray) else now(y)
    if isinstance(y, Carrier):
        if type(y) is COMPLEX_NUMBERS.kind:
            raise ArgumentError(
                at_user_line("an array of objects holds complex numbers with derivatives; join them with cr.stack")
            )
        if int(y.level) != level:
            refuse_ended(y.level, always=True)
        while isinstance(y, Carrier) and y.level > level:
            y = y.primal
    return y


def of_arguments(
    f: Callable[..., Any] | Lifted, wanted: Sequence[int], args: Sequence[Any], settings: dict[str, Any]
) -> Callable[..., Any]:
    """`f` as a function of its arguments at the positions `wanted` only, the others fixed."""
    lifted: Callable[..., Any] = f.lifted() if isinstance(f, Lifted) else lift(f)
    if not settings and len(wanted) == len(args) and all(n == k for k, n in enumerate(wanted)):
        return lifted
    fixed = [lift(x) for x in args]
    settings = {name: lift(x) for name, x in settings.items()}

    def of_wanted(*chosen: Any) -> Any:
        full = list(fixed)
        for n, x in zip(wanted, chosen, strict=True):
            full[n] = x
        return lifted(*full, **settings)

    return of_wanted
