"""Arrays that must not change between the forward computation and the sweep.

NumPy buffers are shared and mutable. An array that the derivative will need, and that other code can still
write to, is copied once; while its contents stay the same, later uses share that copy.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

import chainrule.native.arrays as arrays
from chainrule.complex_numbers import MeetsComplex
from chainrule.libraries import plain_array
from chainrule.numbers import StandIn

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 1024
"""Arrays whose copies are kept; the one that was copied first gives way."""

LARGE = 1 << 19
"""Bytes from which an array that is met again and again is compared by its fingerprint: its copy need not be read."""

SHARED = 1 << 16
"""Bytes from which views of an array share its copy."""

_copies: dict[int, tuple[weakref.ref[Any], NDArray[Any], bytes]] = {}


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """An array with the contents `array` has now, which cannot be changed.

    >>> w = np.ones(2); kept = frozen(w); w[0] = 5.0; kept
    array([1., 1.])
    """
    if not arrays.changeable(array):
        return array
    part = _part(array) if type(array.base) is ndarray else None
    if part is not None:
        return part
    known = _copies.get(id(array))
    if known is not None and known[0]() is array:
        copy, fingerprint = known[1], known[2]
        if _unchanged(array, copy, fingerprint):
            if not fingerprint and copy.nbytes >= LARGE:
                _copies[id(array)] = (known[0], copy, arrays.fingerprint(copy))
            return copy
    if array.dtype.hasobject:
        objects = array.copy()
        objects.flags.writeable = False
        return objects
    return _copy(array)


def _part(array: NDArray[Any]) -> NDArray[Any] | None:
    """A view as the same view of a copy of what it is a view of, which other views share; None where the copy would be
    more than twice as large, or not in one piece."""
    whole: Any = array.base
    if whole.base is not None or not whole.flags.c_contiguous or whole.dtype.hasobject:
        return None
    if not SHARED <= array.nbytes <= whole.nbytes <= 2 * array.nbytes:
        return None
    copy, start = frozen(whole), array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    return np.ndarray(array.shape, array.dtype, copy, start, array.strides)


def _unchanged(array: NDArray[Any], copy: NDArray[Any], fingerprint: bytes) -> bool:
    """Whether an array holds what it held when it was copied."""
    if not fingerprint or not array.flags.c_contiguous:
        return arrays.same(copy, array)
    return array.shape == copy.shape and array.dtype == copy.dtype and arrays.fingerprint(array) == fingerprint


def _copy(array: NDArray[Any]) -> NDArray[Any]:
    key = id(array)
    # Bytes cannot be written to, and no flag can change that.
    copy = np.frombuffer(array.tobytes(), dtype=array.dtype).reshape(array.shape)

    def forget(reference: weakref.ref[Any]) -> None:
        if _copies.get(key, (None,))[0] is reference:
            del _copies[key]

    _copies.pop(key, None)
    _copies[key] = (weakref.ref(array, forget), copy, b"")
    while len(_copies) > MOST:
        try:
            del _copies[next(iter(_copies))]
        except (KeyError, RuntimeError, StopIteration):  # another thread, or an array that has just gone
            break
    return copy


def kept() -> int:
    """How many copies there are."""
    return len(_copies)


def constant(x: Any) -> Any:
    """`x` as a constant operand: a list as an array, and what the caller could change later as a copy.

    Raises MeetsComplex for a complex number, with which pairs of parts compute.

    >>> constant([1.0, 2.0])
    array([1., 2.])
    """
    if type(x) is complex or (isinstance(x, (ndarray, np.generic)) and x.dtype.kind == "c"):
        raise MeetsComplex
    if type(x) is ndarray or isinstance(x, StandIn):
        return x
    if isinstance(x, (list, tuple)):
        return constant(np.asarray(x))
    if isinstance(x, ndarray):
        return plain_array(x)
    return x.clone() if hasattr(x, "clone") else x  # PyTorch's tensors can be written to as well


def read_only(x: Any) -> Any:
    """`x`, an array as a view that cannot be written to."""
    if isinstance(x, np.ndarray):
        x = x.view()
        x.flags.writeable = False
    return x


arrays.start()
