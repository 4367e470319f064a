"""Assigning elements as a function of numbers: the array that is left when some elements of x were given a value.

NumPy changes an array; numbers with derivatives are never changed. So an assignment gives another array, by rows that
are linear in both: the value scattered to its places, and x at all others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.numbers import Number, StandIn, ndim, shape
from chainrule.ops.compare import where
from chainrule.ops.index import getitem, is_basic, plain_index, recording, scattered
from chainrule.ops.shape import broadcast_to, reshape

Write = Callable[[Any, Any], None]
"""What writes elements: it is given a plain array and the values, and changes the array as NumPy does."""


def assigned(x: Number, index: Any, value: Number) -> Number:
    """`x` after x[index] = value.

    >>> assigned(np.zeros(3), slice(1, None), 2.0)
    array([0., 2., 2.])
    """
    index = plain_index(index)
    size = shape(x)
    if isinstance(index, StandIn):
        condition: Any = index
        if condition.dtype == bool and shape(condition) == size and _single(value):
            return where(condition, reshape(value, ()) if shape(value) else value, x)
        if shape(condition) == size[: ndim(condition)] and condition.dtype == bool and recording(index) is not None:
            return _by_mask(x, condition, value)
    region = np.broadcast_to(np.empty((), np.int8), size)[index].shape
    value = _fitted(value, region)
    places = np.zeros(size, bool)
    places[index] = True
    if not region:
        value = reshape(value, ()) if shape(value) else value
    if region == size and places.all() and is_basic(index) and not _reversed(index):
        return broadcast_to(value, size)
    if _single(value):
        return where(places, reshape(value, ()) if shape(value) else value, x)
    if is_basic(index):
        return where(places, scattered(broadcast_to(value, region), index, size), x)
    return written(x, lambda array, values: array.__setitem__(index, values), value, region)


def _by_mask(x: Number, mask: Any, value: Number) -> Number:
    """`x` after x[mask] = value, for a mask that is recorded."""
    size = shape(x)
    region = shape(getitem(x, mask))
    value = broadcast_to(_fitted(value, region), region)
    rest = (1,) * (len(size) - ndim(mask))
    return where(reshape(mask, shape(mask) + rest) if rest else mask, scattered(value, mask, size), x)


def written(x: Number, write: Write, value: Number, region: tuple[int, ...] | None = None) -> Number:
    """`x` after `write(x, value)`, for a function that moves elements of `value` into x: NumPy itself says where, asked
    about their numbers. `region`: the shape that it broadcasts the value to.

    >>> written(np.zeros(4), lambda x, v: np.put(x, [0, 3], v), np.array([1.0, 2.0]))
    array([1., 0., 0., 2.])
    """
    if region is not None and shape(value) != region:
        value = broadcast_to(_fitted(value, region), region)
    numbers = np.arange(int(np.prod(shape(value), dtype=int))).reshape(shape(value))
    source = np.full(shape(x), -1)
    write(source, numbers)
    places = source >= 0
    if not places.any():
        return x
    if numbers.size == 1:
        return where(places, reshape(value, ()), x)
    box = box_of(source)
    if box is None:
        return where(places, getitem(reshape(value, (-1,)), np.where(places, source, 0)), x)
    count = int(places.sum())
    if numbers.size > count:  # np.put and np.place leave what is left over
        value = getitem(reshape(value, (-1,)), slice(count))
    part = reshape(value, source[box].shape)
    return part if shape(part) == shape(x) else where(places, scattered(part, box, shape(x)), x)


def box_of(source: Any) -> tuple[slice, ...] | None:
    """Slices of what is written to, where the elements of a value are written there in their order; a list of places
    costs several times as much. None: they are not.

    source  the number of the element that is written to each place; -1: none

    >>> box_of(np.array([[-1, -1, -1], [0, -1, 1]]))
    (slice(1, 2, 1), slice(0, 3, 2))
    """
    places, box = source >= 0, []
    for axis in range(places.ndim):
        at = np.flatnonzero(places.any(axis=(*range(axis), *range(axis + 1, places.ndim))))
        step = int(at[1] - at[0]) if len(at) > 1 else 1
        if int(at[0]) + step * (len(at) - 1) != at[-1]:
            return None
        box.append(slice(int(at[0]), int(at[-1]) + 1, step))
    found = tuple(box)
    written = source[found].reshape(-1)
    return found if len(written) == places.sum() and np.array_equal(written, np.arange(len(written))) else None


def _single(value: Number) -> bool:
    return int(np.prod(shape(value), dtype=int)) == 1


def _reversed(index: Any) -> bool:
    parts = index if type(index) is tuple else (index,)
    return any(isinstance(part, slice) and part.step is not None and part.step < 0 for part in parts)


def _fitted(value: Number, region: tuple[int, ...]) -> Number:
    """The value without axes of length 1 in front that the region does not have. Raises ShapeError where it does not
    fit."""
    size = shape(value)
    extra = len(size) - len(region)
    if extra > 0 and size[:extra] == (1,) * extra:
        value, size = reshape(value, size[extra:]), size[extra:]
    try:
        fits = np.broadcast_shapes(size, region) == region
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError.here(f"an array of shape {size} cannot be assigned to elements of shape {region}")
    return value
