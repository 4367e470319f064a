"""NumPy's functions that join arrays and take them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_setting
from chainrule.errors import ShapeError
from chainrule.libraries import is_foreign
from chainrule.numbers import StandIn, ndim, primal, shape
from chainrule.ops.factors import as_numbers_of
from chainrule.signatures import in_module


def _at_least(n: int) -> Callable[..., Any]:
    def raised(*arys: Any) -> Any:
        made = tuple(_with_axes(x, n) for x in arys)
        return made[0] if len(made) == 1 else made

    return raised


def _with_axes(x: Any, n: int) -> Any:
    missing = n - ndim(x)
    if missing <= 0:
        return x
    behind = 1 if n == 3 and ndim(x) in (1, 2) else 0
    return ops.reshape(x, (1,) * (missing - behind) + shape(x) + (1,) * behind)


def _vstack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([_with_axes(x, 2) for x in tup], 0)


def _hstack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([_with_axes(x, 1) for x in tup], 0 if all(ndim(x) <= 1 for x in tup[:1]) else 1)


def _dstack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([_with_axes(x, 3) for x in tup], 2)


def _column_stack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([ops.reshape(x, (-1, 1)) if ndim(x) < 2 else x for x in tup], 1)


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return ops.concatenate([arr, values], axis)


def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    n = len(xi)
    columns = [ops.reshape(ops.ravel(x), (1,) * k + (-1,) + (1,) * (n - 1 - k)) for k, x in enumerate(xi)]
    if indexing == "xy" and n > 1:
        columns = [ops.swapaxes(c, 0, 1) for c in columns]
    size = np.broadcast_shapes(*(shape(c) for c in columns))
    return tuple(columns if sparse else [ops.broadcast_to(c, size) for c in columns])


def _split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    whole = np.ndim(indices_or_sections) == 0
    return ops.split(ary, int(indices_or_sections) if whole else indices_or_sections, axis)


def _hsplit(ary: Any, indices_or_sections: Any) -> Any:
    if ndim(ary) == 0:
        raise ShapeError.here("hsplit: a number cannot be split")
    return _split(ary, indices_or_sections, 0 if ndim(ary) == 1 else 1)


def _vsplit(ary: Any, indices_or_sections: Any) -> Any:
    if ndim(ary) < 2:
        raise ShapeError.here(f"vsplit: expected an array of two axes or more, got shape {shape(ary)}")
    return _split(ary, indices_or_sections, 0)


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    if n == 0:
        return a
    parts = [_row_of(x, a, axis) for x in (prepend,) if x is not None]
    parts += [a, *(_row_of(x, a, axis) for x in (append,) if x is not None)]
    return ops.diff(ops.concatenate(parts, axis) if len(parts) > 1 else a, n, axis)


def _row_of(x: Any, a: Any, axis: int) -> Any:
    """A number as one row to join to `a` along an axis; an array as it is."""
    if ndim(x):
        return x
    size = list(shape(a))
    size[axis] = 1
    return ops.broadcast_to(x, tuple(size))


def _full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", *, shape: Any = None) -> Any:
    plain = primal(a)
    if is_foreign(plain):
        if dtype is not None or shape is not None:
            raise no_setting("np.full_like", ["dtype", "shape"], " of another library's array")
        return as_numbers_of(np.ones(plain.shape), plain) * fill_value
    like = np.empty_like(plain, dtype=dtype)
    size = like.shape if shape is None else (shape,) if np.ndim(shape) == 0 else tuple(shape)
    if not isinstance(fill_value, StandIn):
        return np.full(size, fill_value, like.dtype)
    if np.result_type(primal(fill_value)) != like.dtype:
        raise no_setting("np.full_like", ["dtype"], f" ({like.dtype} for what is {np.result_type(primal(fill_value))})")
    return ops.broadcast_to(fill_value, size)


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(
        np, _vstack, _hstack, _dstack, _column_stack, _append, _meshgrid, _split, _hsplit, _vsplit, _diff, _full_like
    ),
    np.concatenate: lambda arrays, axis=0: ops.concatenate(arrays, axis),
    np.stack: lambda arrays, axis=0: ops.stack(arrays, axis),
    np.atleast_1d: _at_least(1),
    np.atleast_2d: _at_least(2),
    np.atleast_3d: _at_least(3),
}
