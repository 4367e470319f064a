"""Assignments to recorded arrays: `y[i] = v`, `y += v`, and views that share memory.

Numbers with derivatives are never changed. What is assigned to gets a Buffer, which holds another array after each
assignment; from then on the carrier that the user has, and every view of it, stands for what the Buffer holds
(`later`). As part of a recording it remains what it was: what was computed from it before keeps its derivative.

A carrier says which array it is a view of, and how (`origin`). Whether NumPy would have made a view or a copy is asked
of NumPy, with an array that lies in memory as the real one does.
"""

from __future__ import annotations

import functools
import opcode
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment.buffer import Buffer, Step
from chainrule.carriers.gate import operand
from chainrule.carriers.refusals import no_input
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.errors import ShapeError
from chainrule.numbers import StandIn, primal, shape
from chainrule.ops.index import is_basic
from chainrule.ops.row import VIEWS

ASSIGNED = [False]
"""Whether anything has been assigned to in this process: before, nothing has to be looked for."""
HANDLE: list[Any] = []
"""The class of what stands for a Buffer, or for a view of it: `Array`; and what makes one of a plain array."""
_sweep = threading.local()
_METHODS = ("chainrule.carriers.operators", "chainrule.carriers.standins.array")
"""Where the methods of in-place operators are, which have frames where they are not compiled."""
_IN_PLACE = 13
"""From here on operands of BINARY_OP say that an operator is in place (CPython's opcode.h, NB_INPLACE_ADD)."""
_alone: dict[type, int] = {}
_counting: int | None = None
_namespace: dict[str, Any] = {}
exec("def changed(box):\n    y = box.pop()\n    y += 0.0\n", _namespace)  # as the interpreter runs it, not compiled


# -- views ------------------------------------------------------------------------------------------------------


def view_of(operator: Any, x: Any, settings: dict[str, Any]) -> tuple[Any, Step] | None:
    """The origin of the result of a row, if it may be a view of `x`."""
    if operator.name not in VIEWS or not shape(x):
        return None
    if operator.name == "getitem" and not is_basic(settings["index"]):
        return None
    return x, functools.partial(_by_row, operator, settings)


def _by_row(operator: Any, settings: dict[str, Any], x: Any) -> Any:
    return operator(x, **settings)


def sharing(function: Callable[..., Any], rule: Callable[..., Any]) -> Callable[..., Any]:
    """`rule`, what a function of NumPy's is for carriers, for one whose result may be a view of its one array, though
    no row that makes views computes it."""

    @functools.wraps(rule)
    def call(*args: Any, **settings: Any) -> Any:
        held = [k for k, x in enumerate(args) if isinstance(x, StandIn)]
        if len(held) != 1 or any(isinstance(x, StandIn) for x in settings.values()):
            return rule(*args, **settings)
        (k,) = held
        x = args[k]

        def step(x: Any) -> Any:
            return function(*args[:k], x, *args[k + 1 :], **settings)

        if ASSIGNED[0] and x.now() is not x:
            return step(x.later)
        y = rule(*args, **settings)
        for whole, part in zip(_parts(x), _parts(y), strict=False):
            if part is not whole and isinstance(part, StandIn) and shape(part):
                part._origin = whole, step  # type: ignore[attr-defined]
        return y

    return call


def _parts(x: Any) -> tuple[Any, ...]:
    """What memory is kept of: both parts of complex numbers."""
    return (x.real, x.imag) if type(x) is COMPLEX_NUMBERS.kind else (x,)


def root_of(x: Any) -> tuple[Any, tuple[Step, ...]]:
    """The array whose memory `x` shares, and how x is made of it."""
    line, steps = [x], []
    while (found := line[-1].origin()) is not None:
        line.append(found[0])
        steps.append(found[1])
    if not steps:
        return x, ()
    line.reverse()
    steps.reverse()
    first, model = 0, _model(line[0])
    part = model
    for k, step in enumerate(steps):
        part = step(part)
        if not np.may_share_memory(part, model):  # a copy, with memory of its own
            first, part = k + 1, np.array(part)
            model = part
    return line[first], tuple(steps[first:])


def _model(x: Any) -> Any:
    data = primal(x)
    like = data if isinstance(data, np.ndarray) else getattr(data, "value", None)
    return np.empty_like(like, np.int8) if isinstance(like, np.ndarray) else np.empty(shape(x), np.int8)


def current(x: Any) -> Any:
    """The number that `x` stands for now: itself, unless it was assigned to, or what it is a view of."""
    if not ASSIGNED[0]:
        return x
    handle = x.later
    if handle is None:
        above = x.origin()
        while above is not None and above[0].later is None:
            above = above[0].origin()
        if above is None:
            return x
        root, steps = root_of(x)
        if root.later is None:
            return x
        handle = x.later = HANDLE[0](root.later.buffer, steps)
    if handle.buffer.born <= getattr(_sweep, "since", 0):
        return x
    return handle.now()


def written_to(x: Any) -> Any:
    """What stands for the memory of `x` from now on, as it is about to be assigned to."""
    if x.later is not None:
        return x.later
    ASSIGNED[0] = True
    root, steps = root_of(x)
    if root.later is None:
        own = root.alias(True)
        if own is None:
            raise no_input(root)
        order = "F" if _model(root).flags.f_contiguous and not _model(root).flags.c_contiguous else "C"
        root.later = HANDLE[0](Buffer(own, order), ())
    if root is not x:
        x.later = HANDLE[0](root.later.buffer, steps)
    return x.later


def let_go(inputs: list[Any]) -> None:
    """Forget what stands for the inputs of a recording that is done: it refers to them in turn."""
    for x in inputs if ASSIGNED[0] else ():
        if x.later is not None:
            x.later = None


def swept(run: Callable[..., Any], *args: Any) -> Any:
    """run(*args), a sweep: numbers that were recorded are what they were, whatever was assigned to them since."""
    if not ASSIGNED[0]:
        return run(*args)
    before = getattr(_sweep, "since", 0)
    _sweep.since = Buffer(0.0).born
    try:
        return run(*args)
    finally:
        _sweep.since = before


def method(name: str) -> Callable[..., None]:
    """A method of arrays that changes them."""

    def change(x: Any, *args: Any, **settings: Any) -> None:
        getattr(written_to(x), name)(*args, **settings)

    change.__name__ = name
    change.__doc__ = f"Change its elements in place, as the method {name} of NumPy's arrays does."
    change.__wrapped__ = getattr(np.ndarray, name)  # type: ignore[attr-defined]  # `inspect` reads its signature there
    return change


# -- in-place operators -----------------------------------------------------------------------------------------


def changed(x: Any, other: Any, operator: Callable[[Any, Any], Any], references: int) -> Any:
    """`x`, an array with so many references, after an in-place operator. NotImplemented where it has no others:
    then the result of the operator may take its place.

    Raises ShapeError where the result has another shape, and DroppedDerivative where x would not keep its type."""
    global _counting
    if _counting is not None:
        _counting = references
        return NotImplemented
    alone = x.later is None and x.origin() is None and references <= _usual(x)
    if alone and _keeps(x, other, operator) and _augmented(sys._getframe(1)):
        return NotImplemented
    new = operator(x.now(), now(operand(other, "an in-place operator") if isinstance(other, (list, tuple)) else other))
    if shape(new) != x.shape:
        raise ShapeError.here(f"an in-place operator cannot make an array of shape {x.shape} one of {shape(new)}")
    written_to(x)[...] = new
    return x


def _augmented(frame: Any) -> bool:
    """Whether an in-place operator is one of an assignment, `y += v`, whose result takes the place of y. A call,
    `operator.iadd(y, v)` or `y.__iadd__(v)`, may be one whose result is not read."""
    while frame.f_globals.get("__name__") in _METHODS:
        frame = frame.f_back
    code, at = frame.f_code.co_code, frame.f_lasti
    name: str = opcode.opname[code[at]]
    return name == "BINARY_OP" and int(code[at + 1]) >= _IN_PLACE


def now(x: Any) -> Any:
    """What an operand stands for."""
    return x.now() if isinstance(x, StandIn) else x


def opened(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands with what they stand for; the very tuple, if that is themselves."""
    for x in args:
        if isinstance(x, StandIn) and x.now() is not x:
            return tuple([now(y) for y in args])
    return args


def again(operator: Any, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """`operator` of what its operands stand for; NotImplemented where that is themselves. What may be a view is one of
    the memory that was assigned to."""
    found = opened(args)
    if found is args:
        return NotImplemented
    return operator(args[0].later, **settings) if operator.view else HANDLE[1](operator(*found, **settings))


def _keeps(x: Any, other: Any, operator: Any) -> bool:
    """Whether the result has the shape and the type of `x`."""
    if isinstance(other, (float, int)):
        return True
    if operator is ops.matmul or isinstance(other, (list, tuple)):
        return False
    try:
        fits = np.broadcast_shapes(shape(other), x.shape) == x.shape
    except ValueError:
        return True  # the operator says so
    return fits and bool(np.result_type(x.dtype, getattr(other, "dtype", type(other))) == x.dtype)


def _usual(x: Any) -> int:
    """The references to an array of that class when one name holds it: that depends on the interpreter and on how this
    package was compiled, so they are counted once."""
    global _counting
    kind = type(x)
    if kind not in _alone:
        _counting = 0
        try:
            _namespace["changed"]([ops.positive(x)])
        finally:
            _alone[kind], _counting = _counting, None
    return _alone[kind]
