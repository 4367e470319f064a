"""Casts of recorded numbers: `x.astype(np.float32)`, `np.float32(x)`, `dtype=`.

Among floating types the derivative goes on in the type of the result. Whole numbers and truth values have none: they
change in steps, so what is cast to them is plain. Complex numbers keep all of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_cast
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.numbers import StandIn, primal, shape
from chainrule.ops.cast import cast, type_of


def as_type(x: Any, dtype: Any, copy: bool = True) -> Any:
    """`x`, real, as NumPy casts it. Raises DroppedDerivative for types that are no numbers.

    >>> as_type(np.array([1.7]), int), as_type(1.5, np.float32)
    (array([1]), np.float32(1.5))
    """
    kind = np.dtype(dtype)
    if kind == type_of(x) and kind.isnative:
        return ops.positive(x) if copy else x
    if kind.kind in "biu":
        return whole(x, kind)
    if kind.kind == "f" and kind.isnative:
        return cast(x, kind)
    if kind.kind == "c" and kind.isnative:
        return as_complex(cast(x, np.empty(0, kind).real.dtype))
    raise no_cast(x, kind)


def as_complex(x: Any) -> Any:
    """A real number as a complex one."""
    return COMPLEX_NUMBERS.made(x.alias() if shape(x) else x, np.zeros(shape(x), type_of(x)))


def whole(x: Any, kind: np.dtype[Any]) -> Any:
    """The whole numbers or truth values, which are plain."""
    while isinstance(x, StandIn) and hasattr(x, "primal"):
        x = primal(x)
    if not isinstance(x, StandIn):
        return np.asarray(x).astype(kind)[()]
    recorded: Any = x
    return recorded.astype(kind) if hasattr(recorded, "astype") else kind.type(int(recorded))


def operand_as(x: Any, kind: np.dtype[Any]) -> Any:
    """An operand of a function that computes in a floating type, as it is asked to by `dtype=`."""
    if isinstance(x, StandIn):
        return x if type(x) is COMPLEX_NUMBERS.kind else as_type(x, kind, copy=False)
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "biuf":
        return x.astype(kind)
    return kind.type(x) if isinstance(x, (int, float)) else x


def element(x: Any, index: tuple[Any, ...]) -> Any:
    """x.item(*index): one element as a number of Python's, which is float64."""
    return cast(single(x, index), np.float64)


def single(x: Any, index: tuple[Any, ...]) -> Any:
    """The element that x.item(*index) is, as an array without axes."""
    if not index:
        if int(np.prod(x.shape, dtype=int)) != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return ops.reshape(x, ()) if x.shape else x
    place = index[0] if len(index) == 1 and isinstance(index[0], tuple) else index
    return ops.ravel(x)[place[0]] if len(place) == 1 != len(x.shape) else x[place]


def listed(x: Any) -> Any:
    """x.tolist(): nested lists of such numbers."""
    return [listed(part) for part in x] if x.shape else cast(x, np.float64)
