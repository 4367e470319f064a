"""`Lanes`: many numbers in place of one, none of them known; `Batched`: the same where they carry derivatives.

A function called with them computes all examples at once: an array with the axis of the batch in front stands for one
example without it. Lanes are numbers, a kind of their own as mpmath's are, which carriers hold. Where they hold
carriers, they are one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import inputs, numbers
from chainrule.carriers.assignment import in_place
from chainrule.carriers.batched import decisions, places, protocol
from chainrule.carriers.batched.rules import batched, each, repeated
from chainrule.carriers.casting import single
from chainrule.carriers.functions.rules import PLAIN
from chainrule.carriers.numpy import PLAIN_UFUNCS
from chainrule.carriers.operators import Traced
from chainrule.carriers.questions import asked
from chainrule.carriers.refusals import no_shape
from chainrule.carriers.standins.array import COMPARISONS, INFIX, ArrayMethods, with_operators
from chainrule.errors import NeedsExamples
from chainrule.libraries import Library, beside, common_library, computed_by, is_foreign
from chainrule.numbers import Carrier, Number, StandIn, differentiated, primal, shape
from chainrule.ops.composite import Composite
from chainrule.ops.row import Operator, applied
from chainrule.ops.shape import aligned


def refused(what: str) -> NeedsExamples:
    return NeedsExamples.here(f"{what} is another one for each example of a batch; choose with np.where")


def made(whole: Number, level: float) -> Any:
    """Numbers with the axis of the batch in front, as what a function sees of them."""
    if isinstance(whole, Carrier):
        return Batched(whole, level)
    if is_foreign(whole):
        return ForeignLanes(whole, level)
    if getattr(whole, "dtype", np.dtype(float)).kind not in "fbiu":
        raise NeedsExamples.here("complex numbers and objects are computed one example after the other")
    return (Lanes if common_library((whole,)).again else RecordedLanes)(whole, level)


def apply(operator: Any, args: tuple[Number, ...], settings: dict[str, Any], level: float) -> Any:
    """The result of a row for operands of which some are of a batch."""
    inputs.refuse_ended(level)
    if in_place.ASSIGNED[0]:
        found = in_place.again(operator, args, settings)
        if found is not NotImplemented:
            return found
    held = [mine(x, level) for x in args]
    for x, h in zip(args, held, strict=True):
        if not h and isinstance(x, Carrier) and escaped(x, level):
            raise NeedsExamples.here("a condition of one example chooses among numbers of another transform")
    contents = tuple([x.whole if h else x for x, h in zip(args, held, strict=True)])
    if "index" in settings and any(isinstance(part, StandIn) for part in parts_of(settings["index"])):
        return made(_placed(operator, contents[0], held[0], settings, level), level)
    count = next(shape(x)[0] for x, h in zip(contents, held, strict=True) if h)
    y = made(batched(operator, contents, held, count, settings), level)
    if getattr(operator, "view", False) and held[0] and y.shape:
        y._origin = in_place.view_of(operator, args[0], settings)
    return y


def mine(x: Any, level: float) -> bool:
    """Whether `x` is of the batch of that level."""
    return isinstance(x, (Lanes, Batched)) and x.level == level


def opened(x: Any, level: float, count: int) -> Any:
    """The numbers of a batch of that level, with its axis in front; what is the same for all is repeated."""
    return x.whole if mine(x, level) else repeated(x, count)


def escaped(x: Any, level: float) -> bool:
    """Whether a number below others is of the batch of that level."""
    x = primal(x)
    while isinstance(x, Lanes):
        if x.level == level:
            return True
        x = x.whole
    return False


def parts_of(index: Any) -> tuple[Any, ...]:
    return index if type(index) is tuple else (index,)


def _placed(operator: Any, x: Any, held: bool, settings: dict[str, Any], level: float) -> Any:
    """`getitem` or `scatter` with a computed index."""
    target = settings.get("shape", shape(x)[held:])
    parts = places.fits(target, parts_of(settings["index"]))
    ours = [mine(part, level) for part in parts]
    index = [part.whole if m else part for part, m in zip(parts, ours, strict=True)]
    count = shape(x)[0] if held else next(shape(p)[0] for p, m in zip(index, ours, strict=True) if m)
    found = places.moved(operator, x, held, index, ours, count, settings)
    if found is not None:
        return found
    return each(
        lambda y, *parts: applied(operator, (y,), {**settings, "index": tuple(parts)}),
        [x, *index],
        [held, *ours],
        count,
    )


class Lanes(ArrayMethods, StandIn):
    """Plain numbers of a batch, `whole`, as one of them.

    >>> y = Lanes(np.array([1.0, 2.0]), 2.0) * 3.0
    >>> y.whole, y.shape
    (array([3., 6.]), ())
    """

    __slots__ = ("_level", "_origin", "later", "whole")
    __array_priority__ = 950.0
    __array_ufunc__ = protocol.array_ufunc
    __array_function__ = protocol.array_function
    later: Any
    _origin: Any

    def __init__(self, whole: Any, level: float) -> None:
        self.whole, self._level = whole, level
        self.later = self._origin = None

    @property
    def level(self) -> float:
        return self._level

    def apply(self, operator: Any, args: tuple[Number, ...], settings: dict[str, Any]) -> Any:
        return apply(operator, args, settings, self._level)

    def missing(self) -> bool:
        whole = self.whole
        if isinstance(whole, StandIn):
            return whole.missing()
        return whole.dtype.kind == "f" and bool(np.isnan(whole).any())

    def known(self) -> Any:
        return self.whole.known() if isinstance(self.whole, StandIn) else self.whole

    def now(self) -> Any:
        return in_place.current(self)

    def origin(self) -> Any:
        return self._origin

    def alias(self, changing: bool = False) -> Any:
        """It as another object."""
        return type(self)(self.whole, self._level)

    def raise_as(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        values = numbers.known(self.whole)
        if values is None:  # recorded: asked only where an answer is caught, for it is a guard of the program
            if not getattr(getattr(primal(self.whole), "run", None), "catches", False):
                return
            values = self.whole
        if not np.all(np.isfinite(values)):
            raise refused("whether a function of math raises")

    def chosen(self, answer: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        return made(decisions.chosen(answer, args, self._level), self._level)

    def settled(self, answer: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        return decisions.settled(answer, args, self._level)

    def __repr__(self) -> str:
        return f"Lanes({self.now().whole!r})"

    def __format__(self, spec: str) -> str:
        raise refused("the text of a number")

    def __hash__(self) -> int:
        asked()
        return object.__hash__(self)

    # -- what only one number can answer ------------------------------------------------------------------

    def __bool__(self) -> bool:
        raise refused("a branch on a number")

    def __int__(self) -> int:
        raise refused("int(x)")

    __floor__ = __ceil__ = __trunc__ = __int__

    def __index__(self) -> int:
        raise refused("an index")

    def __float__(self) -> float:
        raise refused("float(x)")

    def __complex__(self) -> complex:
        raise refused("complex(x)")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise refused("a plain array")

    def item(self, *index: Any) -> Any:
        return single(self, index)

    def tolist(self) -> Any:
        return [x.tolist() for x in self] if self.shape else self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise refused("what is pickled")

    # -- arrays -------------------------------------------------------------------------------------------

    @property
    def value(self) -> Any:
        """A number of its shape and type; which one is not said."""
        return np.zeros(self.shape, self.dtype)[()]

    @property
    def shape(self) -> tuple[int, ...]:
        return shape(self.whole)[1:]

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    @property
    def dtype(self) -> np.dtype[Any]:
        found: np.dtype[Any] = self.whole.dtype
        return found

    @property
    def imag(self) -> Any:
        return np.zeros(self.shape, self.dtype)

    def astype(self, dtype: Any, order: str = "K", casting: str = "", subok: bool = True, copy: bool = True) -> Any:
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        return made(self.now().whole.astype(dtype), self._level)

    def copy(self, order: str = "C") -> Any:
        return self.now().alias()

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __round__(self, digits: int | None = None) -> Any:
        if digits is None:
            raise refused("round(x)")
        return np.round(self, digits)


class RecordedLanes(Lanes):
    """Recorded numbers of a batch: there is no second look where nan came out."""

    __slots__ = ()


class ForeignLanes(RecordedLanes):
    """Arrays of a library that NumPy's functions do not know, of a batch: what is done to them is done by rows."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if ufunc in PLAIN_UFUNCS:
            asked_of = getattr(common_library((self.whole,)).xp, ufunc.__name__, None)
            if method != "__call__" or len(inputs) > 1 or asked_of is None:
                raise refused(f"what np.{ufunc.__name__} gives")
            return made(asked_of(self.whole), self._level)
        carried: Any = Traced
        return carried.__array_ufunc__(self, ufunc, method, *inputs, **settings)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in PLAIN:
            raise refused(f"what np.{function.__name__} gives")
        carried: Any = Traced
        return carried.__array_function__(self, function, types, args, kwargs)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of that name of NumPy's."""
        return np.dtype(str(self.whole.dtype).rpartition(".")[2])

    def astype(self, dtype: Any, order: str = "K", casting: str = "", subok: bool = True, copy: bool = True) -> Any:
        xp = common_library((self.whole,)).xp
        return made(xp.astype(self.now().whole, getattr(xp, np.dtype(dtype).name)), self._level)

    def missing(self) -> bool:
        return False


class Batched(Traced):
    """Numbers of a batch that carry derivatives, `whole`, as one of them."""

    __slots__ = ("_level", "_origin", "later", "whole")
    later: Any
    _origin: Any

    def __init__(self, whole: Any, level: float) -> None:
        self.whole, self._level = whole, level
        self.later = self._origin = None

    @property
    def level(self) -> float:
        return self._level

    @property
    def primal(self) -> Number:
        if in_place.ASSIGNED[0] and (y := self.now()) is not self:
            return primal(y)
        return made(primal(self.whole), self._level)

    @property
    def only_read(self) -> bool:
        """Whether nothing below it is differentiated."""
        return not differentiated(self.whole)

    @property
    def shape(self) -> tuple[int, ...]:
        return shape(self.whole)[1:]

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    def origin(self) -> Any:
        return self._origin

    def alias(self, changing: bool = False) -> Any:
        return Batched(self.whole, self._level)

    def __repr__(self) -> str:
        return f"Batched({self.whole!r})"

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        result: Number = apply(operator, args, settings, self._level)
        return result


# -- operators and methods ------------------------------------------------------------------------------------


def _computing(name: str) -> Callable[..., Any]:
    """The row beside a carrier, else the function of NumPy's, which keeps integers."""
    row = INFIX[name]
    plain = getattr(np, getattr(row, "name", ""), row)
    return lambda a, b: (row if isinstance(a, Carrier) or isinstance(b, Carrier) else plain)(a, b)


with_operators(Lanes, Lanes, _computing, lambda name: getattr(np, name))


def _by_row(row: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """Python's operator and its reflection, as a row computes it; the other operand may be an array of the library."""

    def forward(self: Any, other: Any) -> Any:
        return row(self, other)

    def reflected(self: Any, other: Any) -> Any:
        return row(other, self)

    return forward, reflected


def _compared_by(symbol: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def decide(self: Any, other: Any) -> Any:
        if isinstance(other, Carrier):
            return NotImplemented
        held = mine(other, self.level)
        return made(symbol(*aligned((self.whole, other.whole if held else other), (True, held))), self.level)

    return decide


for _name, _row in INFIX.items():
    if _name not in ("and", "or", "xor"):
        for _spelled, _function in zip((f"__{_name}__", f"__r{_name}__"), _by_row(_row), strict=True):
            setattr(ForeignLanes, _spelled, _function)
for _name in COMPARISONS:
    setattr(ForeignLanes, f"__{_name}__", _compared_by(getattr(operator, _name)))


# -- the library of this kind of number -----------------------------------------------------------------------


class _Namespace:
    """What is asked of an array library: constants, which are plain arrays."""

    eye, reshape = staticmethod(np.eye), staticmethod(np.reshape)

    @staticmethod
    def zeros_like(x: Any) -> Any:
        return np.zeros(x.shape, x.dtype)[()]

    @staticmethod
    def ones_like(x: Any) -> Any:
        return np.ones(x.shape, x.dtype)[()]


class _ForeignNamespace(_Namespace):
    """Constants of the library of the batch."""

    @staticmethod
    def zeros_like(x: Any) -> Any:
        whole = x.whole
        return common_library((whole,)).xp.zeros(x.shape, dtype=whole.dtype, **beside(whole))

    @staticmethod
    def ones_like(x: Any) -> Any:
        return _ForeignNamespace.zeros_like(x) + 1


def recorder(operator: Operator | Composite) -> Callable[..., Any]:
    """What computes an operator where no operand has a level above that of the batch."""
    if isinstance(operator, Composite):
        return operator.body

    def compute(*args: Any, **settings: Any) -> Any:
        parts = parts_of(settings["index"]) if "index" in settings else ()
        level = max([x.level for x in (*args, *parts) if isinstance(x, StandIn)])
        return apply(operator, args, settings, level)

    return compute


LANES = Library("lanes", 6, lambda name: None, _Namespace, recorder, again=True)
RECORDED_LANES = Library("recorded lanes", 7, lambda name: None, _Namespace, recorder)
FOREIGN_LANES = Library("lanes of another library", 7, lambda name: None, _ForeignNamespace, recorder)
computed_by(Lanes, LANES)
computed_by(RecordedLanes, RECORDED_LANES)
computed_by(ForeignLanes, FOREIGN_LANES)
