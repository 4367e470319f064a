"""Where CPython and NumPy keep what compiled code reads from their objects: found out here rather than assumed."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

DATA = object.__basicsize__
"""The value of a float, and an array's pointer to its elements, follow the header that every object has."""
ITEMS = DATA + ctypes.sizeof(ctypes.c_ssize_t)
"""A list's pointer to its items follows its length."""
FLAGS = DATA + 6 * ctypes.sizeof(ctypes.c_void_p)
"""An array's flags follow the pointers to elements, dimensions, strides, base and type, and the number of axes."""


def confirmed() -> bool:
    """Whether objects of this interpreter are laid out so.

    >>> confirmed()
    True
    """
    array, number = np.arange(3.0), 0.1
    items = [array, number]
    pointers = (ctypes.c_void_p * 2).from_address(_read(id(items) + ITEMS, ctypes.c_void_p))
    return bool(
        list(pointers) == [id(array), id(number)]
        and _read(id(array) + DATA, ctypes.c_void_p) == array.ctypes.data
        and _read(id(number) + DATA, ctypes.c_double) == number
        and all(_read(id(x) + FLAGS, ctypes.c_int32) == x.flags.num for x in (array, array[::2]))
    )


def _read(address: int, kind: Any) -> Any:
    return kind.from_address(address).value
