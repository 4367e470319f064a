"""Indices of other libraries' arrays, and their adjoints.

PyTorch has no slices with steps below 0, the array API wants every axis named, and neither adds up at places.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import UnsupportedFunction
from chainrule.libraries import beside, library
from chainrule.ops.index import getitem_kernel, is_basic, scatter_numpy


def getitem_of(xp: Any) -> Callable[..., Any]:
    """x[index] for arrays of that library."""
    return getitem_kernel if xp is np else tensor_getitem if _is_torch(xp) else _whole_getitem


def scatter_of(xp: Any) -> Callable[..., Any]:
    """Zeros of a shape with numbers added at an index, for arrays of that library."""
    if xp is np:
        return scatter_numpy

    def compute(ct: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
        if hasattr(ct, "at"):
            return xp.zeros(shape, dtype=ct.dtype).at[index].add(ct)
        if xp.__name__ == "array_api_compat.cupy":
            summed = xp.zeros(shape, dtype=ct.dtype)
            xp.add.at(summed, index, ct)
            return summed
        if _is_torch(xp):
            if is_basic(index):
                return tensor_scattered(xp, ct, index, shape)
            numbers = xp.reshape(xp.arange(math.prod(shape), device=ct.device), shape)
            places = tensor_getitem(numbers, index=index)
            out = xp.zeros((math.prod(shape),), dtype=ct.dtype, device=ct.device)
            return xp.reshape(out.index_add(0, xp.reshape(places, (-1,)), xp.reshape(ct, (-1,))), shape)
        if any(not isinstance(i, np.ndarray | list | bool) and not is_basic(i) for i in _parts(index)):
            raise UnsupportedFunction.here(
                f"x[index] with an index that is an array of {xp.__name__} has no derivative there; use NumPy's "
                "arrays as indices"
            )
        places = np.arange(math.prod(shape)).reshape(shape)[index]
        return xp.reshape(_summed_by_place(xp, xp.reshape(ct, (-1,)), places.ravel(), math.prod(shape)), shape)

    return compute


def _is_torch(xp: Any) -> bool:
    return bool(xp.__name__ == "array_api_compat.torch")


def _summed_by_place(xp: Any, ct: Any, places: Any, size: int) -> Any:
    """A row of `size` sums, of the elements of `ct` that go to each place. As the array API can only take elements:
    those that come to their place as the first, then those that come as the second, and so on."""
    padded = xp.concat([ct, xp.zeros((1,), dtype=ct.dtype, **beside(ct))])
    order = np.argsort(places, kind="stable")
    arrivals = places[order]
    turn = np.arange(len(order)) - np.searchsorted(arrivals, arrivals)
    total = xp.zeros((size,), dtype=ct.dtype, **beside(ct))
    for k in range(int(turn.max(initial=-1)) + 1):
        taken = np.full(size, len(order))
        taken[arrivals[turn == k]] = order[turn == k]
        total = total + xp.take(padded, xp.asarray(taken, **beside(ct)), axis=0)
    return total


def _parts(index: Any) -> tuple[Any, ...]:
    """An index as a tuple of what is said of one axis or more."""
    return index if type(index) is tuple else (index,)


def _axes_taken(part: Any) -> int:
    """How many axes of an array a part of an index stands for, other than an ellipsis."""
    mask = getattr(part, "dtype", None) is not None and "bool" in str(part.dtype)
    return 0 if part is None else part.ndim if mask else 1


def _forwards(index: Any, shape: tuple[int, ...]) -> tuple[list[Any], list[int]]:
    """The parts of an index with slices that go forwards through axes turned round, and which axes those are."""
    parts, axis, turned = list(_parts(index)), 0, []
    for k, part in enumerate(parts):
        if part is Ellipsis:
            axis = len(shape) - sum(_axes_taken(p) for p in parts[k + 1 :])
        elif isinstance(part, slice) and part.step is not None and part.step < 0:
            start, stop, step = part.indices(shape[axis])
            turned.append(axis)
            parts[k] = slice(shape[axis] - 1 - start, shape[axis] - 1 - stop, -step)
        if part is not Ellipsis:
            axis += _axes_taken(part)
    return parts, turned


def tensor_getitem(x: Any, *, index: Any) -> Any:
    """x[index]."""
    parts, turned = _forwards(index, x.shape)
    return x.flip(turned)[tuple(parts)] if turned else x[index]


def _whole_getitem(x: Any, *, index: Any) -> Any:
    """x[index], with the ellipsis that the array API asks for where an index says nothing of the last axes."""
    parts = _parts(index)
    if type(x).__module__.partition(".")[0] not in _TAKE_NUMPYS:
        make = library(x).xp.asarray
        parts = tuple([make(np.asarray(p), **beside(x)) if isinstance(p, np.ndarray | list) else p for p in parts])
    if not any(part is Ellipsis for part in parts) and sum(map(_axes_taken, parts)) < x.ndim:
        parts = (*parts, Ellipsis)
    return x[parts if len(parts) != 1 else parts[0]]


_TAKE_NUMPYS = ("jax", "jaxlib", "dask", "cupy")
"""Libraries whose arrays are indexed by NumPy's arrays."""


def tensor_scattered(xp: Any, ct: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of that shape but for the elements at a basic index, which are those of `ct`.

    An axis after the other, the last first: one operation each, which a compiler joins with those around it. A place
    for each number, added up, takes several times as long and is done by itself.
    """
    parts, turned = _forwards(index, shape)
    if Ellipsis in parts:
        k = parts.index(Ellipsis)
        parts[k : k + 1] = [slice(None)] * (len(shape) - sum(_axes_taken(p) for p in parts[:k] + parts[k + 1 :]))
    parts = [p for p in parts if p is not None]
    parts += [slice(None)] * (len(shape) - len(parts))
    kept = [len(range(*p.indices(n))) if isinstance(p, slice) else None for p, n in zip(parts, shape, strict=True)]
    total = xp.reshape(ct, tuple(n for n in kept if n is not None))
    for axis in reversed(range(len(shape))):
        part, length = parts[axis], shape[axis]
        if part == slice(None):
            continue
        # Later axes are whole by now; of earlier ones those that an integer takes are not there yet.
        place = axis - kept[:axis].count(None)
        around = total.shape[:place], total.shape[place + (kept[axis] is not None) :]
        zeros = total.new_zeros((*around[0], length, *around[1]))
        if isinstance(part, slice):
            start, stop, step = part.indices(length)
            total = zeros.slice_scatter(total, place, start, max(start, stop), step)
        else:
            total = zeros.select_scatter(total, place, int(part))
    return total.flip(turned) if turned else total
