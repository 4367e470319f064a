"""Arrays of floats, as the engine meets them. Compiled, `arrays.pxd` takes this file's place: the shares of an
elementwise operator are then computed in one loop for each operand, without NumPy.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def start() -> None:
    """Called once before the others."""


def floating(x: Any) -> bool:
    """Whether `x` is an array of float64 or float32 and of no class of its own."""
    return type(x) is np.ndarray and x.dtype.char in "df"


def ready(ct: Any, y: Any) -> bool:
    """Whether `share` may know the shares of `ct`; uncompiled the operator table's rows compute all of them."""
    return False


def share(code: int, side: int, ct: Any, y: Any, a: Any, b: Any) -> Any:
    """`ct` times the derivative of y, the operator `code` of a (and b), by operand number `side`, or None: ask the row."""
    return None


def add_share(kept: list[Any], k: int, code: int, side: int, ct: Any, y: Any, a: Any, b: Any) -> bool:
    """Whether that was added to item number k of a list, an array that nobody else holds."""
    return False


def alone(kept: list[Any], k: int, like: Any) -> bool:
    """Whether item number k is an array of float64 that nobody else holds, of the shape of the array `like`."""
    # One reference is the list's, one the question's.
    return sys.getrefcount(kept[k]) == 2 and _doubles(kept[k]) and kept[k].flags.owndata and kept[k].shape == like.shape


def _doubles(x: Any) -> bool:
    return type(x) is np.ndarray and x.dtype == np.float64 and x.flags.c_contiguous and x.flags.writeable
