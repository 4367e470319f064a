"""Arrays of floats, as the engine meets them. Compiled, `arrays.pxd` takes this file's place: the shares of an
elementwise operator are then computed in one loop for each operand, without NumPy.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import chainrule.native.opcodes as opcodes


def start() -> None:
    """Called once before the others."""


def changeable(x: Any) -> bool:
    """Whether anyone can still write to the memory of an array, through itself or what it is a view of."""
    while isinstance(x, np.ndarray):
        if x.flags.writeable:
            return True
        x = x.base
    return not isinstance(x, bytes)  # a flag that says read-only can be taken back


def floating(x: Any) -> bool:
    """Whether `x` is an array of float64 or float32 and of no class of its own."""
    return type(x) is np.ndarray and x.dtype.char in "df"


def large(x: Any) -> bool:
    """Whether `x` is an array of floats of 64 kB or more in one piece."""
    return floating(x) and x.nbytes >= 65536 and bool(x.flags.c_contiguous)


def boolean(x: Any) -> bool:
    """Whether `x` is an array of truth values and of no class of its own."""
    return type(x) is np.ndarray and x.dtype.char == "?"


def akin(x: Any, y: Any) -> bool:
    """Whether both are arrays of one floating type."""
    return floating(x) and type(y) is np.ndarray and x.dtype == y.dtype


def contiguous(ct: Any) -> Any:
    """`ct` as `share` reads it; None: ask the row."""
    return None


def packed(ct: Any, y: Any) -> Any:
    """`ct`, an adjoint of y, as `share` reads it; None: ask the row. Uncompiled, the rows compute all shares."""
    return None


def alike(x: Any, y: Any) -> bool:
    """Whether `x` is an array of float64 in one piece and of the shape of y."""
    return type(x) is np.ndarray and x.dtype == np.float64 and x.shape == y.shape and bool(x.flags.c_contiguous)


def unscaled(code: int, side: int) -> bool:
    """Whether a share is the cotangent itself: of sums, and the first of differences."""
    return code == opcodes.ADD or (code == opcodes.SUBTRACT and side == 0)


def share(code: int, side: int, ct: Any, y: Any, a: Any, b: Any) -> Any:
    """`ct` times the derivative of y, the operator `code` of a (and b), by operand number `side`, in the shape of y.
    None: ask the row."""
    return None


def share_over(ct: Any, code: int, side: int, y: Any, a: Any, b: Any) -> Any:
    """`share` in the memory of `ct`. Where some of it leaves the range of floats, in memory of its own: `ct` keeps
    that of which a share was lost, and what was passed on without loss may be 0 there."""
    return None


def add_share(kept: list[Any], k: int, code: int, side: int, ct: Any, y: Any, a: Any, b: Any) -> bool:
    """Whether that was added to item number k of a list, an array without other references."""
    return False


def references(kept: list[Any], k: int) -> int:
    """How many references there are to item number k of a list, the list's own among them. Where threads run free they
    are not known: -1."""
    return sys.getrefcount(kept[k]) - 1


def sole(kept: list[Any], k: int) -> bool:
    """Whether item number k of a list is an array without other references."""
    # One reference is the list's, one the question's.
    return sys.getrefcount(kept[k]) == 2 and type(kept[k]) is np.ndarray and _own(kept[k].flags)


def own_doubles(kept: list[Any], k: int) -> bool:
    """Whether item number k of a list is an array of float64 without other references."""
    return sole(kept, k) and bool(kept[k].dtype == np.float64)


def alone(kept: list[Any], k: int, like: Any) -> bool:
    """Whether `kept[k]` is an array of float64 without other references, in the shape and type of `like`."""
    return sole(kept, k) and type(like) is np.ndarray and _doubles(kept[k], like)


def same(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same bytes: nan equals itself, and -0.0 is not 0.0."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    words = np.dtype(f"i{a.itemsize}") if a.itemsize in (1, 2, 4, 8) and a.ndim else None
    return a.tobytes() == b.tobytes() if words is None else bool((a.view(words) == b.view(words)).all())


def fingerprint(x: Any) -> bytes:
    """Equal for arrays that hold the same bytes in C order, and different for others. Compiled, 128 bytes: each change
    of one number is told, one of several but by a chance of 1 in 2**64."""
    return bytes(x.tobytes())


def _own(flags: Any) -> bool:
    return bool(flags.owndata and flags.writeable)


def _doubles(x: Any, like: Any) -> bool:
    return bool(x.dtype == like.dtype == np.float64 and x.shape == like.shape)
