"""NumPy's methods and Python's operators of what stands in for a plain number or array, by the rows of the table.

Recorded numbers and batches of numbers differ in what computes a row and in what they answer to `bool` or `float`; how
an operator or a method leads to a row is the same.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment import in_place
from chainrule.carriers.assignment.flat import Flat
from chainrule.carriers.attributes import LAYOUT, METHODS, NO_METHODS, attribute
from chainrule.carriers.standins.reflected import leaves_to
from chainrule.inputs import as_number
from chainrule.numbers import Carrier, StandIn


class NumberMethods:
    """Operators of one operand, and what a real number says of its parts."""

    __slots__ = ()

    def __neg__(self) -> Any:
        return ops.negative(self)

    def __pos__(self) -> Any:
        return ops.positive(self)

    def __abs__(self) -> Any:
        return ops.absolute(self)

    def __invert__(self) -> Any:
        return np.invert(self)  # type: ignore[call-overload]

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    @property
    def real(self) -> Any:
        return self

    def conjugate(self) -> Any:
        return self

    conj = conjugate

    def is_integer(self) -> bool:
        return bool(self % 1 == 0)  # type: ignore[operator]


class ArrayMethods(NumberMethods):
    """Those, and the methods of an array of the shape that a subclass says."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        raise NotImplementedError

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def T(self) -> Any:
        return ops.transpose(self)

    @property
    def mT(self) -> Any:
        return ops.matrix_transpose(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a single number")
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        return ops.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.shape:
            raise TypeError("a single number has no elements to assign")
        in_place.written_to(self)[index] = value

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def flatten(self, order: Any = "C") -> Any:
        return np.ravel(self, order).copy()  # type: ignore[call-overload]

    @property
    def flat(self) -> Any:
        return Flat(self)

    def round(self, decimals: int = 0) -> Any:
        return np.round(self, decimals)  # type: ignore[call-overload]

    sort, partition, fill, put = map(in_place.method, ("sort", "partition", "fill", "put"))


def operand(x: Any) -> Any:
    """The other operand of an operator as a number; NotImplemented for what is none."""
    if isinstance(x, (StandIn, float, int, np.generic, np.ndarray)):
        return x
    unknown = isinstance(x, (str, bytes, dict, set, type(None))) or getattr(type(x), "__array_ufunc__", x) is None
    return NotImplemented if unknown else as_number(x)


def in_place_operator(row: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """y += v: the operator is that of y + v, where there are no other references to y."""

    def change(self: Any, other: Any) -> Any:
        return in_place.changed(self, other, row, sys.getrefcount(self)) if self.shape else NotImplemented

    return change


INFIX: dict[str, Callable[..., Any]] = {
    "add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide, "pow": ops.power,
    "mod": ops.remainder, "floordiv": ops.floor_divide, "matmul": ops.matmul, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor,
}  # fmt: skip
"""What computes Python's operators of two operands."""
COMPARISONS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip


def with_operators(
    kind: type, arrays: type, computing: Callable[[str], Callable[..., Any]], comparing: Callable[[str], Any]
) -> None:
    """Give a kind of number Python's operators, and its arrays those in place.

    computing  for the name of an operator what computes it
    comparing  for NumPy's name of a comparison what answers it
    """
    for name, row in INFIX.items():
        back = f"__r{name}__"
        for method, function in zip((f"__{name}__", back), _infix(computing(name), back), strict=True):
            setattr(kind, method, function)
        setattr(arrays, f"__i{name}__", in_place_operator(row))
    for name, theirs in COMPARISONS.items():
        setattr(kind, f"__{name}__", _compared(comparing(theirs)))


def _infix(compute: Callable[..., Any], back: str) -> tuple[Callable[..., Any], ...]:
    def forward(self: Any, other: Any) -> Any:
        other = NotImplemented if leaves_to(self, other, back) else operand(other)
        return other if other is NotImplemented else compute(self, other)

    def reflected(self: Any, other: Any) -> Any:
        other = operand(other)
        return other if other is NotImplemented else compute(other, self)

    return forward, reflected


def _compared(compare: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def decide(self: Any, other: Any) -> Any:
        other = NotImplemented if isinstance(other, Carrier) else operand(other)
        return other if other is NotImplemented else compare(self, other)

    return decide


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **settings: function(self, *args, **settings)


_BY_NUMPY = (
    "sum mean prod max min var std ptp cumsum cumprod ravel swapaxes squeeze take repeat dot trace diagonal clip "
    "argmax argmin argsort any all nonzero searchsorted"
)

for _name in ("reshape", "transpose"):
    setattr(ArrayMethods, _name, _method(getattr(ops, _name)))
for _name in _BY_NUMPY.split():
    setattr(ArrayMethods, _name, _method(getattr(np, _name)))
for _name in (*LAYOUT, *METHODS, *NO_METHODS):
    setattr(ArrayMethods, _name, attribute(_name))
