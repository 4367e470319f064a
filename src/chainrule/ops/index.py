"""Rows of the operator table: taking elements out of an array and putting them back."""

from __future__ import annotations

import itertools
import math
import operator
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.errors import DroppedDerivative, ShapeError, UnsupportedFunction
from chainrule.libraries import beside, is_foreign, late, library
from chainrule.numbers import Carrier, Number, StandIn, ndim, primal, shape
from chainrule.ops.compare import where
from chainrule.ops.kinds import Linear
from chainrule.ops.row import TABLE, applied
from chainrule.ops.shape import as_array, broadcast_to, moveaxis, normal_axis, ravel, raveled, reshape


def getitem_kernel(x: Any, *, index: Any) -> Any:
    record = recording(index)
    return x[index] if record is None else record(_getitem)(x, index=index)


def _of_one_number(x: float, *, index: Any) -> Any:
    """A float as NumPy's single numbers are indexed: with None, `...` and ()."""
    y = np.asarray(x)[index]
    return y if y.ndim else float(y)


def recording(index: Any) -> Any:
    """How to note a step whose index is a recorded number; None for plain indices."""
    if type(index) is slice or type(index) is int:
        return None
    for part in index if type(index) is tuple else (index,):
        if isinstance(part, StandIn):
            return library(part).record
    return None


def scatter_numpy(ct: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    record = recording(index)
    if record is not None:
        return record(_scatter)(ct, index=index, shape=shape)
    if _of_rows(ct, index):
        return _summed_rows(ct, index, shape)
    out = np.zeros(shape, dtype=np.asarray(ct).dtype)
    if is_basic(index) or (type(index) is np.ndarray and index.dtype == bool):
        out[index] = ct
    else:
        _add_up(out, index, ct)
    return out if shape else out[()]


def _add_up(total: Any, index: Any, ct: Any) -> None:
    """Add to elements of an array: one that occurs twice receives both cotangents. Of an index with several axes
    NumPy finds each place by itself, in eight times the time."""
    if type(index) is np.ndarray and index.ndim > 1 and index.shape == np.shape(ct) and total.ndim == 1:
        index, ct = index.ravel(), np.ravel(ct)
    np.add.at(total, index, ct)


def _of_rows(ct: Any, index: Any) -> bool:
    """Whether `ct` has a row of float64 for each of several places along the first axis."""
    rows = type(index) is np.ndarray and index.dtype.kind in "iu" and type(ct) is np.ndarray and ct.ndim > index.ndim
    return rows and ct.dtype == np.float64 and ct.size > FEW


FEW = 256
"""Numbers that NumPy adds up one by one as quickly."""


def _summed_rows(ct: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """The rows added up at their places, in their order: in a sixth of the time of np.add.at, which finds the place of
    each number by itself."""
    width = math.prod(shape[1:])
    places = (index.reshape(-1, 1) % shape[0] * width + np.arange(width)).ravel()
    return np.bincount(places, ct.ravel(), math.prod(shape)).reshape(shape)


def is_basic(index: Any) -> bool:
    for i in index if type(index) is tuple else (index,):
        if not (i is None or i is Ellipsis or isinstance(i, (int, slice, np.integer))):
            return False
    return True


def _add_at(total: Any, i: int, ct: Any, x: Any, *, index: Any) -> None:
    part = total[index] if is_basic(index) else None
    if part is None and _of_rows(ct, index) and ct.size > total.size and total.dtype == np.float64:
        total += _summed_rows(ct, index, total.shape)
    elif part is None:
        _add_up(total, index, ct)
    elif type(part) is np.ndarray:
        dense.add_to(part, ct)
    else:
        total[index] = part + ct


def _wider(index: Any, settings: dict[str, Any]) -> dict[str, Any] | None:
    """The settings with an index of arrays that have one more axis in front. None where NumPy would move axes: those of
    index arrays go to the front, if a slice stands between them."""
    parts = index if type(index) is tuple else (index,)
    fancy = [k for k, part in enumerate(parts) if not isinstance(part, slice) and part is not None and part is not ...]
    if not is_basic(index) and fancy[-1] - fancy[0] >= len(fancy):
        return None
    return {**settings, "index": (slice(None), *parts)}


_getitem: Linear = Linear(
    "getitem",
    lambda i, ct, x, index: applied(_scatter, (ct,), {"index": index, "shape": shape(x)}),
    accumulate=_add_at,
    wider=lambda xs, index: _wider(index, {}),
    kernels={
        "float": _of_one_number,
        "numpy": getitem_kernel,
        "array": late("chainrule.ops.foreign_index.getitem_of"),
        "object": getitem_kernel,
    },
    symbol="[]",
    printed="{}[...]",
)
_scatter: Linear = Linear(
    "scatter",
    lambda i, ct, x, index, shape: applied(_getitem, (ct,), {"index": index}),
    wider=lambda xs, index, shape: _wider(index, {"shape": (len(xs[0]), *shape)}),
    kernels={"numpy": scatter_numpy, "array": late("chainrule.ops.foreign_index.scatter_of"), "object": scatter_numpy},
    public=False,
)


def getitem(x: Number, index: Any) -> Number:
    """x[index]: basic slices, integer arrays, boolean masks, and mixtures of them.

    >>> getitem(np.array([1.0, 2.0, 3.0]), [0, 0, 2])
    array([1., 1., 3.])
    """
    index = plain_index(index)
    if type(index) is not int and type(index) is not slice and isinstance(x, Carrier):
        above = _of_higher_level(index, x.level)
        if above is not None:
            return above.apply(_getitem, (x,), {"index": index})
    return applied(_getitem, (x,), {"index": index})


def _of_higher_level(index: Any, level: float) -> Any:
    """A part of an index that handles what is done with a number of that level."""
    for part in index if type(index) is tuple else (index,):
        if isinstance(part, StandIn) and part.level > level:
            return part
    return None


def plain_index(index: Any) -> Any:
    """The index with lists as arrays and arrays copied, so that nothing can change them before the sweep."""
    if type(index) is int:
        return index
    if isinstance(index, tuple):
        return tuple([plain_index(i) for i in index])
    if isinstance(index, Carrier):
        raise DroppedDerivative.here(
            "an index must be an integer, but this one carries a derivative; use int(x) (the derivative of a "
            "rounded number is 0) or cr.stop_gradient(x)"
        )
    if isinstance(index, slice):
        start, stop, step = index.start, index.stop, index.step
        if _is_bound(start) and _is_bound(stop) and _is_bound(step):
            return index
        return slice(*[i if i is None else operator.index(i) for i in (start, stop, step)])
    if isinstance(index, (list, np.ndarray)):
        fixed = np.array(index)
        return fixed if fixed.size or fixed.dtype == bool else fixed.astype(int)
    return index.now() if isinstance(index, StandIn) else index  # places that were assigned to


def scattered(x: Number, index: Any, shape: tuple[int, ...]) -> Number:
    """An array of zeros of that shape but for the elements at `index`, which are those of x."""
    return applied(_scatter, (x,), {"index": index, "shape": shape})


def _is_bound(bound: Any) -> bool:
    """Whether it is an end of a slice, or its step, that cannot change."""
    return bound is None or type(bound) is int


def take(x: Number, indices: Any, axis: int | None = None) -> Number:
    """The elements at `indices` along an axis (None: of the raveled array)."""
    x, axis = raveled(x, axis)
    lead = (slice(None),) * axis
    return getitem(x, (*lead, indices if isinstance(indices, (int, StandIn)) else np.asarray(indices)))


def take_along_axis(x: Number, indices: Any, axis: int | None = -1) -> Number:
    """For each position, the element that `indices` names along `axis`."""
    x, axis = raveled(x, axis)
    if not isinstance(indices, StandIn) and not is_foreign(indices):
        indices = np.asarray(indices)
    if ndim(indices) != ndim(x):
        raise ShapeError.here(f"take_along_axis: indices of shape {shape(indices)} for an array {shape(x)}")
    size = list(shape(x))  # along the other axes the indices are broadcast
    size[axis] = 1
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in size)])
    if is_foreign(indices):
        grid = [library(indices).xp.asarray(part, **beside(indices)) for part in grid]
    grid[axis] = indices
    return getitem(x, tuple(grid))


def split(x: Number, indices_or_sections: Any, axis: int = 0) -> list[Number]:
    """Equal parts (an integer), or parts between the given indices, along an axis."""
    x = as_array(x)
    axis = normal_axis(axis, ndim(x))
    n = shape(x)[axis]
    if isinstance(indices_or_sections, int):
        if n % indices_or_sections:
            raise ShapeError.here(f"split: {n} elements do not divide into {indices_or_sections} equal parts")
        width = n // indices_or_sections
        bounds = list(range(0, n + 1, width)) if width else [0] * (indices_or_sections + 1)
    else:
        bounds = [0, *(int(i) for i in indices_or_sections), n]
    lead = (slice(None),) * axis
    return [getitem(x, (*lead, slice(a, b))) for a, b in itertools.pairwise(bounds)]


def sort(x: Number, axis: int | None = -1) -> Number:
    """Elements in ascending order; the derivative follows each element to its place."""
    x = as_array(x)
    if axis is None:
        x, axis = ravel(x), -1
    plain = primal(x)
    if type(plain).__module__.startswith("dask."):
        raise UnsupportedFunction.here("sort: Dask has no order of a whole array; sort each chunk")
    if is_foreign(plain):
        order = library(plain).xp.argsort(plain, axis=axis, stable=True)
    else:
        order = np.argsort(plain, axis=axis, kind="stable")
    return take_along_axis(x, order, axis)


def diag(x: Number, k: int = 0) -> Number:
    """The k-th diagonal of a matrix, or the matrix with a vector on its k-th diagonal."""
    x = as_array(x)
    if ndim(x) == 2:
        rows, columns = shape(x)
        start = max(-k, 0)
        length = max(0, min(rows - start, columns - max(k, 0)))
        i = np.arange(length) + start
        return getitem(x, (i, i + k))
    if ndim(x) != 1:
        raise ShapeError.here(f"diag: expected a vector or a matrix, got shape {shape(x)}")
    n = shape(x)[0] + abs(k)
    i = np.arange(shape(x)[0]) + max(-k, 0)
    return applied(_scatter, (x,), {"index": (i, i + k), "shape": (n, n)})


def diagonal(x: Number, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Number:
    """Diagonals along two axes, put last."""
    x = as_array(x)
    if ndim(x) < 2:
        raise ShapeError.here(f"diagonal: expected at least two axes, got shape {shape(x)}")
    y = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = shape(y)[-2:]
    start = max(-offset, 0)
    i = np.arange(max(0, min(rows - start, columns - max(offset, 0)))) + start
    return getitem(y, (Ellipsis, i, i + offset))


def repeat(x: Number, repeats: Any, axis: int | None = None) -> Number:
    """Each element (or slice along `axis`) repeated."""
    x, axis = raveled(x, axis)
    n = shape(x)[axis]
    return take(x, np.repeat(np.arange(n), repeats), axis)


def tile(x: Number, reps: Any) -> Number:
    """The whole array repeated along each axis."""
    x = as_array(x)
    reps = tuple([int(n) if isinstance(n, np.bool_) else operator.index(n) for n in np.atleast_1d(reps)])
    size = (1,) * max(0, len(reps) - ndim(x)) + shape(x)
    times = (1,) * (len(size) - len(reps)) + reps
    x = reshape(x, tuple(n for length in size for n in (1, length)))
    x = broadcast_to(x, tuple(n for pair in zip(times, size, strict=True) for n in pair))
    return reshape(_copied(x), tuple(n * length for n, length in zip(times, size, strict=True)))


def _copied(x: Number) -> Number:
    """The same array in memory of its own."""
    if type(x) is np.ndarray:
        return x.copy()
    conditions = getattr(x, "dtype", None) == np.bool_
    return x != False if conditions else applied(TABLE["positive"], (x,), {})  # noqa: E712  (element by element)


def pad(x: Number, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Number:
    """A border of constants, or of the array's own elements in NumPy's other modes."""
    x = as_array(x)
    if mode == "constant":
        if np.all(np.asarray(constant_values) == 0):
            widths = np.broadcast_to(pad_width, (ndim(x), 2))
            inner = tuple(slice(int(a), int(a) + n) for (a, _), n in zip(widths, shape(x), strict=True))
            outer = tuple(int(n + a + b) for (a, b), n in zip(widths, shape(x), strict=True))
            return applied(_scatter, (x,), {"index": inner, "shape": outer})
        inside = np.zeros(shape(x), dtype=getattr(primal(x), "dtype", None))
        border = np.pad(inside, pad_width, constant_values=constant_values)
        return pad(x, pad_width) + border
    if mode not in _BY_PLACE:
        raise UnsupportedFunction.here(f"pad: no derivative rule for mode={mode!r}; there is {_BY_PLACE}")
    places: Any = np.arange(math.prod(shape(x))).reshape(shape(x))
    fill: Any = mode
    return getitem(ravel(x), np.pad(places, pad_width, mode=fill))


_BY_PLACE = ("edge", "reflect", "symmetric", "wrap")
"""The modes of pad in which the border consists of elements of the array."""


def _matrix(name: str, x: Number) -> Number:
    x = as_array(x)
    if ndim(x) < 2:
        raise ShapeError.here(f"{name}: expected at least two axes, got shape {shape(x)}")
    return x


def triu(x: Number, k: int = 0) -> Number:
    """The upper triangle, zeros below it."""
    x = _matrix("triu", x)
    return where(np.triu(np.ones(shape(x)[-2:], dtype=bool), k), x, 0.0)


def tril(x: Number, k: int = 0) -> Number:
    """The lower triangle, zeros above it."""
    x = _matrix("tril", x)
    return where(np.tril(np.ones(shape(x)[-2:], dtype=bool), k), x, 0.0)


dense.start()

__all__ = [
    "diag", "diagonal", "getitem", "pad", "repeat", "sort", "split", "take", "take_along_axis", "tile", "tril", "triu",
]  # fmt: skip
