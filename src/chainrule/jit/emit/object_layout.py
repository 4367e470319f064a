"""Where CPython and NumPy keep what compiled code reads from their objects: found out here rather than assumed."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

import numpy as np

POINTER = ctypes.sizeof(ctypes.c_void_p)
DATA = object.__basicsize__
"""The value of a float, and an array's pointer to its elements, follow the header that every object has."""
TYPE = DATA - POINTER
"""The header ends with the pointer to the object's type."""
ITEMS = DATA + ctypes.sizeof(ctypes.c_ssize_t)
"""A list's pointer to its items follows its length."""
PARTS = tuple.__basicsize__
"""The items of a tuple stand in the tuple itself."""
AXES, LENGTHS, STRIDES, DTYPE, FLAGS, WATCHERS = (DATA + k * POINTER for k in (1, 2, 3, 5, 6, 7))
"""An array's number of axes, the pointers to their lengths and strides, its type of numbers, its flags and its weak
references follow the pointer to the elements; the fourth place is taken by the base."""


def confirmed() -> bool:
    """Whether objects of this interpreter are laid out so.

    >>> confirmed()
    True
    """
    array, number = np.arange(6.0).reshape(2, 3), 0.1
    items, parts, watched = [array, number], (number, array), np.zeros(2)
    watcher = weakref.ref(watched)
    return bool(
        _pointers(_read(id(items) + ITEMS, ctypes.c_void_p), 2) == [id(array), id(number)]
        and _pointers(id(parts) + PARTS, 2) == [id(number), id(array)]
        and all(_read(id(x) + TYPE, ctypes.c_void_p) == id(type(x)) for x in (array, number, np.float32(1)))
        and _read(id(array) + DATA, ctypes.c_void_p) == array.ctypes.data
        and all(_read(id(x) + DATA, ctypes.c_double) == x for x in (number, np.float64(0.3)))
        and all(_read(id(x) + DATA, ctypes.c_float) == x for x in (np.float32(0.3),))
        and _read(id(array) + AXES, ctypes.c_int32) == 2
        and _pointers(_read(id(array) + LENGTHS, ctypes.c_void_p), 2) == [2, 3]
        and _pointers(_read(id(array) + STRIDES, ctypes.c_void_p), 2) == [24, 8]
        and _read(id(array) + DTYPE, ctypes.c_void_p) == id(array.dtype)
        and all(_read(id(x) + FLAGS, ctypes.c_int32) == x.flags.num for x in (array, array[:, ::2]))
        and [_read(id(x) + WATCHERS, ctypes.c_void_p) for x in (array, watched)] == [None, id(watcher)]
    )


def _read(address: int, kind: Any) -> Any:
    return kind.from_address(address).value


def _pointers(address: int, count: int) -> list[int | None]:
    return list((ctypes.c_void_p * count).from_address(address))
