"""`sparse_jacobian`: the pattern from the recording, colored, computed in a few passes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.frozen import frozen
from chainrule.carriers.lift import Lifted
from chainrule.errors import ArgumentError, SparsityError, UnsupportedFunction
from chainrule.libraries import array_of, late
from chainrule.numbers import StandIn, shape
from chainrule.ops.reuse import inside
from chainrule.sparse.layout import layout_of
from chainrule.sparse.pattern import dependence
from chainrule.sparse.plan import Plan
from chainrule.sparse.terms import Unknown
from chainrule.transforms.derived import AsMethod, CompilesItself
from chainrule.transforms.jvp_vjp import jvp, vjp
from chainrule.transforms.recorded import record

MOST = 16
"""Programs and further arguments for which answers count as verified; where there are more, each answer is."""

_jit = late("chainrule.jit.call.jit.jit")


def sparse_jacobian(
    f: Callable[..., Any], argnums: int = 0, *, compiled: bool = False, verify: bool = True
) -> Callable[..., Any]:
    """The Jacobian of f by one argument as a SciPy sparse array, of shape (result.size, argument.size).

    f         of an array of any shape, and further arguments; gives an array
    argnums   the place of that array among the arguments
    compiled  whether it runs as machine code (`jit`): the slopes of each result by the few inputs that it depends on,
              where the recording shows them; else all passes as one program
    verify    whether each answer is compared with one more pass in a drawn direction; where compiled, once for each way
              through f's branches and for each value of the further arguments

    Where entries can be other than zero is read off a recording of f at the first point, and used again at other ones.
    Columns without a row in common are computed together, in forward mode; rows in reverse mode where that takes fewer
    passes; rows or columns that are full one by one, the rest in the other direction. `print` of the result, or
    `.report()`, says how many passes that makes. What a branch, or an index that is computed, makes depend on other
    numbers at another point is found by `verify`: then the pattern is read anew.

    Raises SparsityError where the answer and the drawn direction still differ.

    >>> import numpy as np
    >>> from chainrule import sparse_jacobian
    >>> slopes = sparse_jacobian(lambda x: x[1:] * x[:-1])
    >>> slopes(np.array([1.0, 2.0, 3.0])).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    >>> slopes.report()
    '2 passes instead of 2: columns'
    >>> sparse_jacobian(lambda t, x: t * x, argnums=1)(2.0, np.ones(2)).toarray()
    array([[2., 0.],
           [0., 2.]])
    """
    return SparseJacobian(f, argnums, compiled, verify)


class SparseJacobian(AsMethod, CompilesItself):
    """What `sparse_jacobian` returns."""

    verb = "sparse_jacobian"

    def __init__(self, f: Callable[..., Any], argnums: int, compiled: bool, verify: bool) -> None:
        if not callable(f):
            raise ArgumentError.here(f"{self.verb} expects a function, got {type(f).__name__}")
        if type(argnums) is not int or argnums < 0:
            said = f"argnums as the place of one argument, 0 for the first, got {argnums!r}; write one"
            raise ArgumentError.here(f"{self.verb} expects {said} {self.verb}(f, argnums=k) for each argument")
        self.argnums = argnums
        self.f, self.compiled, self.verify = f, compiled, verify
        self.kept = Lifted(f)
        self.plan: Any = None
        self._of: Any = None
        self._passes: Any = None
        self._verified: dict[Any, Any] = {}
        self._last: Any = None  # the version whose answer was known last, without further arguments
        me: Any = self
        functools.update_wrapper(me, f, updated=())

    def __call__(self, x: Any, *more: Any, **named: Any) -> Any:
        if (
            self._last is not None
            and not (more or named or self.argnums)
            and type(x) is np.ndarray
            and x.dtype.char in "df"
        ):
            found = self._computed(x, more) if x.shape == self._of else None
            if found is not None and self._passes.version is self._last:
                return found
        if named:
            said = f"give further arguments by their places, not {', '.join(named)}= by name"
            raise ArgumentError.here(f"{self.verb}(f)(x, ...): {said}")
        if self.argnums:
            given = (x, *more)
            if len(given) <= self.argnums:
                said = (
                    f"{len(given)} argument{'s' * (len(given) > 1)}; argnums={self.argnums} is the place of another one"
                )
                raise ArgumentError.here(f"{self.verb}(f)(...) got {said}")
            x, more = given[self.argnums], given[: self.argnums] + given[self.argnums + 1 :]
        if isinstance(x, StandIn):
            raise UnsupportedFunction.here(
                f"{self.verb} gives a SciPy sparse array, which is not differentiated or compiled inside of\n"
                f"  another transform; write cr.{self.verb.removeprefix('sparse_')}(f) there.\n"
                f"  By itself it is compiled by jit({self.verb}(f))"
            )
        x = _vector(x)
        of = (shape(x), tuple(map(shape, trees.flatten(more)[0]))) if more else x.shape
        fresh = self.plan is None or self._of != of
        if fresh:
            self._read(x, more, of)
        found = self._computed(x, more)
        if self.verify and not self._known(more) and not self._holds(found, x, more):
            if not fresh:
                self._read(x, more, of)
                found = self._computed(x, more)
            if (fresh or not self._holds(found, x, more)) and not self._holds(found, x, more, noise=True):
                raise SparsityError.here(
                    "the sparse Jacobian and a drawn direction differ: f gives other results each time, or its\n"
                    "  result depends on numbers by a way that is not recorded. Use cr.jacobian"
                )
        return found

    def _computed(self, x: Any, more: tuple[Any, ...]) -> Any:
        return inside(self._filled, (x, more), {})

    def _filled(self, x: Any, more: tuple[Any, ...]) -> Any:
        again = False
        while (layout := self.plan.layout) is not None:
            try:
                return self.plan.filled.by(self._passes(x, *more), layout.at)
            except Unknown:  # a way through f's branches with another pattern
                self._read(x, more, self._of, in_passes=again)
                again = True
        return self.plan.filled(self._passes(self.plan.directions, self.plan.weights, x, *more))

    def __repr__(self) -> str:
        return f"<{self.verb} of {getattr(self.f, '__qualname__', None) or repr(self.f)}: {self.report()}>"

    def as_compiled(self) -> Any:
        return type(self)(self.f, self.argnums, True, self.verify)

    def __reduce__(self) -> Any:
        return type(self), (self.f, self.argnums, self.compiled, self.verify)

    def report(self) -> str:
        """How many passes an answer takes; what is known after the first call."""
        if self.plan is None:
            return "not called yet"
        return str(self.plan.told()) + (", compiled without passes" if self.plan.layout is not None else "")

    def _read(self, x: Any, more: tuple[Any, ...], of: Any, in_passes: bool = False) -> None:
        """The pattern at a point, and the function that computes the entries."""
        lifted, recorded_of, passes_of, at = self.kept.lifted, self._recorded, self._passes_of, self.argnums
        recorded = recorded_of(alone(lifted(), at, more), x)
        self.plan = plan = self._planned(recorded)
        self._of, self._verified, self._last = of, {}, None
        plan.directions = tuple([np.reshape(d, shape(x)) for d in plan.directions])
        layout: Any = None if in_passes or not self.compiled else layout_of(recorded, plan.filled.empty)
        plan.layout = layout

        def passes(directions: Any, weights: Any, x: Any, *more: Any) -> Any:
            return flat(passes_of(alone(lifted(), at, more), x, directions, weights))

        def entries(x: Any, *more: Any) -> Any:
            return layout.slopes(recorded_of(alone(lifted(), at, more), x))

        wanted = passes if layout is None else entries
        self._passes = _jit(wanted) if self.compiled else wanted

    def _planned(self, recorded: Any) -> Any:
        """The passes for the pattern of a recording."""
        _refuse_results(recorded.results, trees.is_complex_number(recorded.out))
        plan = Plan(dependence(recorded.inputs, recorded.results))
        sizes = [shape(recorded.plain(y)) for y in recorded.results]
        plan.weights = tuple([trees.unflatten(recorded.out, parts(w, sizes)) for w in plan.weights])
        return plan

    @staticmethod
    def _recorded(f: Callable[..., Any], x: Any) -> Any:
        """A recording of what has this Jacobian."""
        return record(f, *trees.numbers([x]))

    @staticmethod
    def _passes_of(f: Callable[..., Any], x: Any, directions: Any, weights: Any) -> list[Any]:
        """The Jacobian times directions, and weights times it."""
        found = [jvp(f, (x,), (direction,))[1] for direction in directions]
        if weights:
            _, pull = vjp(f, x)
            found += [pull(weight)[0] for weight in weights]
        return found

    def _along(self, direction: Any, x: Any, more: tuple[Any, ...]) -> Any:
        """The Jacobian times a direction, by itself."""
        return jvp(alone(self.kept.lifted(), self.argnums, more), (x,), (direction,))[1]

    def _known(self, more: tuple[Any, ...]) -> bool:
        """Whether an answer like the last one was verified: by the same program, whose pattern is one whatever the
        point, and for the same further arguments. From now on it is."""
        if not self.compiled:
            return False
        version = self._passes.version
        if not more and self._last is version:
            return True
        values = [frozen(leaf) if isinstance(leaf, np.ndarray) else leaf for leaf in trees.flatten(more)[0]]
        key = (id(version), *[id(v) if isinstance(v, np.ndarray) else v for v in values])
        if not version.steady or len(self._verified) >= MOST:
            return False
        if key in self._verified:
            self._last = None if more else version
            return True
        self._verified[key] = version, values
        return False

    def _holds(self, found: Any, x: Any, more: tuple[Any, ...], noise: bool = False) -> bool:
        """Whether an answer gives what the drawn direction gives by itself; where both are nan, the answer says so.

        noise   whether to allow for what the last digits of x change, where entries are small beside what they are
                computed from
        """
        direction = self.plan.drawn

        def along(x: Any) -> Any:
            return flat(self._along(direction.reshape(shape(x)), x, more))

        expected, sums = along(x), found @ direction
        digits = np.finfo(np.result_type(expected, x)).eps
        room = max(1e-9, 1e3 * digits) * (abs(found) @ np.abs(direction)) + 1e-300
        if noise and np.array_equal(along(x), expected, equal_nan=True):
            moved = [along((x * (1 + k * digits)).astype(x.dtype)) for k in (-8, -3, 2, 5, 9)]
            room = room + 100 * np.max(np.abs(moved - expected), axis=0, initial=0.0)
        return bool(np.all((np.abs(sums - expected) <= room) | (np.isnan(sums) & np.isnan(expected))))


def _refuse_results(results: list[Any], complex_numbers: bool) -> None:
    if not results or complex_numbers:
        found = "complex numbers; give their real and imaginary parts" if results else "None: is a return missing?"
        raise ArgumentError.here(f"sparse_jacobian expects a function that returns an array, got {found}")


def flat(results: Any) -> Any:
    """All numbers of some results, one after the other."""
    return np.concatenate([np.reshape(y, -1) for y in trees.flatten(results)[0]] or [np.zeros(0)])


def parts(numbers: Any, sizes: list[tuple[int, ...]]) -> list[Any]:
    """As many of the numbers as each of the shapes takes, in that shape."""
    ends = np.cumsum([math.prod(size) for size in sizes])
    found = zip(np.split(numbers, ends[:-1]), sizes, strict=True)
    return [part.reshape(size) if size else float(part[0]) for part, size in found]


def alone(f: Callable[..., Any], at: int, more: tuple[Any, ...]) -> Callable[..., Any]:
    """`f` of the argument at one place alone, beside these others."""
    return (lambda x: f(*more[:at], x, *more[at:])) if more else f


def _vector(x: Any) -> Any:
    x = array_of(x)
    if x.dtype.kind not in "iubf":
        raise ArgumentError.here(f"expected an array of real numbers, got {x.dtype}")
    if x.dtype == np.float16:
        raise ArgumentError.here("SciPy has no sparse arrays of float16; pass float32")
    return x.astype(float) if x.dtype.kind != "f" else x
