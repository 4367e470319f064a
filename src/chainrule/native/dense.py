"""What rows ask of NumPy's arrays most often. Compiled, `dense.pxd` takes this file's place: for dense arrays of
float64 it answers in one loop, without NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def start() -> None:
    """Called once before the others."""


def plain_arrays(args: tuple[Any, ...]) -> bool:
    """Whether all are arrays of numbers and of no class of their own, or Python's floats; not floats alone."""
    found = False
    for x in args:
        if type(x) is np.ndarray:
            if x.dtype.char == "O":
                return False
            found = True
        elif type(x) is not float:
            return False
    return found


def broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """np.broadcast_to: a view that cannot be written to. It takes NumPy ten times as long."""
    return np.broadcast_to(x, shape)


def add_to(total: Any, share: Any) -> None:
    """total += share, which is repeated where it has fewer elements. The memory of the two is apart."""
    np.add(total, share, out=total)


def where(condition: Any, a: Any, b: Any) -> Any:
    """np.where, a scalar where all are. NumPy's functions ask first whether an operand would rather compute it."""
    return np.where(condition, a, b)[()]


def concatenate(arrays: tuple[Any, ...], axis: int) -> Any:
    """np.concatenate for arrays of float64."""
    return np.concatenate(arrays, axis=axis)


def scaled(ct: Any, partial: Any) -> Any:
    """ct * partial, 0 where ct is, also against inf and nan. None: to be computed by NumPy."""
    return None


def ties(x: Any, y: Any) -> Any:
    """1 where x equals y, which has fewer elements, 0 elsewhere; None: each element of y may not be met just once."""
    return None


def has_nan(x: Any) -> bool:
    """Whether an element is nan; perhaps also where elements are infinite."""
    with np.errstate(all="ignore"):
        total = np.add.reduce(x, axis=None)
    return bool(total != total)


def finite(x: Any) -> bool:
    """Whether all elements are finite; perhaps False where only their sum is not."""
    return bool(np.isfinite(np.add.reduce(x, axis=None)))


def corrected(y: Any, a: Any, b: Any, d: Any) -> Any:
    """y + y * e, where e is the rounding error of d = a - b, exactly (Knuth's TwoSum)."""
    with np.errstate(invalid="ignore"):  # as in C, where an infinite operand gives no warning
        back = a - d
        return y + y * ((a - (d + back)) + (back - b))


def cleared(x_of: Any, x: Any, top: Any) -> int:
    """How many elements of x equal those of `top`; in `x_of`, an array of its shape, they become 0."""
    hit = np.equal(x, top)
    np.copyto(x_of, 0.0, where=hit)
    return int(np.count_nonzero(hit))
