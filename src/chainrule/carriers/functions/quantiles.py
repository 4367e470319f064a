"""NumPy's quantiles, and what leaves nan out.

Every method of quantiles takes a straight line between two neighbours in order, so NumPy's quantile of 0, 1, ..., n - 1
is the place, whole or between two, of that quantile among n sorted numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import settled
from chainrule.carriers.functions.products import _vector_norm
from chainrule.carriers.functions.reductions import _axis, _flag, _prod, _refuse_empty, counted, in_rows, some
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.libraries import is_foreign, isnan, library
from chainrule.numbers import StandIn, ndim, primal, shape
from chainrule.ops.cast import cast
from chainrule.ops.factors import as_numbers_of
from chainrule.signatures import in_module


def _quantile_of(name: str, scale: float, skip_nan: bool) -> Callable[..., Any]:
    def quantile(a: Any, q: Any, axis: Any = None, overwrite_input: bool = False, method: str = "linear",
                 keepdims: Any = False) -> Any:  # fmt: skip
        refuse_where(name, overwrite_input=overwrite_input)
        if skip_nan and ndim(operand(q, name)) > 1:
            raise no_setting(name, ["q"], " of several axes")
        if holds(q) and (method != "linear" or skip_nan):
            raise no_setting(name, ["q"], " with a derivative")
        _refuse_empty(a, axis, name)
        rows, left = in_rows(a, axis, _flag(keepdims))
        q = operand(q, name)
        ordered = ops.sort(rows, -1)
        if isinstance(ordered, StandIn) and getattr(ordered, "dtype", None) == np.float32:
            asked: Any = [0.5] if ndim(q) else 0.5
            plainly: Any = np.quantile
            ordered = cast(ordered, plainly(np.zeros(2, np.float32), asked, method=method).dtype)
        if settled(lambda value: np.any(~((value >= 0) & (value <= scale))), q):
            raise ValueError(f"{name}: expected q from 0 to {scale:g}, got {primal(q)}")
        q = q / scale if holds(q) else np.asarray(q, float) / scale
        y = _counted(ordered, q, method) if skip_nan else _at(ordered, q, method)
        return ops.reshape(y, shape(q) + left)

    return quantile


def _at(ordered: Any, q: Any, method: str) -> Any:
    """The quantiles `q` of rows that are in order, first axis first: they lie at one place in every row."""
    n = shape(ordered)[-1]
    rank = q * (n - 1) if method == "linear" else _ranks(n, q, method)
    flat = settled(lambda value: np.clip(np.floor(value), 0, max(n - 2, 0)).astype(int).reshape(-1), rank)
    part: Any = ops.reshape(rank, (-1,)) - flat
    lower, upper = ordered[..., flat], ordered[..., np.minimum(flat + 1, n - 1)]
    y = _between(lower, upper, part, None if holds(q) else getattr(ordered, "dtype", None))
    lost = isnan(primal(ordered)[..., -1:])  # nan is sorted last
    y = ops.where(ops.broadcast_to(lost, shape(y)), np.nan, y) if some(lost) else y
    return ops.moveaxis(y, -1, 0)


def _ranks(n: int, q: Any, method: Any) -> Any:
    return np.quantile(np.arange(n, dtype=float), q, method=method)


def _between(lower: Any, upper: Any, part: Any, dtype: Any) -> Any:
    if dtype is not None:
        part = part.astype(dtype) if isinstance(dtype, np.dtype) else as_numbers_of(part, lower)
        lower, upper = ops.where(part == 1, upper, lower), ops.where(part == 0, lower, upper)
    return lower + (upper - lower) * part


def _counted(ordered: Any, q: Any, method: str) -> Any:
    """Each row without its nan, which are sorted last."""
    counts = settled(lambda value: np.sum(~np.isnan(value), axis=-1), ordered)
    ranks = np.zeros((q.size, *counts.shape))
    for n in np.unique(counts):
        if n:
            rank = q * (n - 1) if method == "linear" else _ranks(n, q, method)
            ranks[:, counts == n] = np.reshape(rank, (-1, 1))
    low = np.moveaxis(np.floor(ranks), 0, -1).astype(int)
    top = np.minimum(low + 1, np.maximum(counts - 1, 0)[..., None])
    part = np.moveaxis(ranks, 0, -1) - low
    lower, upper = (ops.take_along_axis(ordered, k, -1) for k in (low, top))
    return ops.moveaxis(_between(lower, upper, part, ordered.dtype), -1, 0)


def _nanmedian(a: Any, axis: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    return _quantile_of("np.nanmedian", 1.0, True)(a, 0.5, axis, overwrite_input, "linear", keepdims)


# -- without nan ------------------------------------------------------------------------------------------------


def _filled(a: Any, neutral: float) -> Any:
    return ops.where(isnan(primal(a)), neutral, a)


def _nanprod(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True) -> Any:
    return _prod(_filled(a, 1.0), axis, keepdims=keepdims, initial=initial, where=where)


def _extreme(reduce: Callable[..., Any], worst: float, name: str) -> Callable[..., Any]:
    def extreme(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        _refuse_empty(a, axis, name)
        missing = isnan(primal(a))
        lost = (library(missing).xp.all if is_foreign(missing) else np.all)(
            missing, axis=_axis(axis), keepdims=_flag(keepdims)
        )
        y = reduce(_filled(a, worst), axis, _flag(keepdims))
        return ops.where(lost, np.nan, y) if some(lost) else y

    return extreme


def _deviations(a: Any, axis: Any, ddof: Any, where: Any) -> tuple[Any, Any]:
    """Distances from the mean, 0 for what is left out, and the degrees of freedom (kept axes)."""
    known = ~isnan(primal(a)) & (True if where is True else np.asarray(primal(where)))
    count = counted(known, axis, True, getattr(a, "dtype", np.dtype(np.float64)))
    mean = ops.sum(ops.where(known, a, 0.0), axis, True) / count
    free = ops.where(count - ddof > 0, count - ddof, math.nan)
    return ops.where(known, a - mean, 0.0), free


def _free(free: Any, axis: Any, keepdims: Any) -> Any:
    if keepdims:
        return free
    return ops.squeeze(free, tuple(range(ndim(free))) if axis is None else _axis(axis))


def _nanvar(a: Any, axis: Any = None, ddof: Any = 0, *, keepdims: Any = False, where: Any = True,
            correction: Any = None) -> Any:  # fmt: skip
    off, free = _deviations(a, axis, ddof if correction is None else correction, where)
    return ops.sum(off * off, axis, _flag(keepdims)) / _free(free, axis, keepdims)


def _nanstd(a: Any, axis: Any = None, ddof: Any = 0, *, keepdims: Any = False, where: Any = True,
            correction: Any = None) -> Any:  # fmt: skip
    off, free = _deviations(a, axis, ddof if correction is None else correction, where)
    return _vector_norm(off, axis=axis, keepdims=_flag(keepdims)) / ops.sqrt(_free(free, axis, keepdims))


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _nanmedian, _nanprod, _nanvar, _nanstd),
    np.quantile: _quantile_of("np.quantile", 1.0, False),
    np.percentile: _quantile_of("np.percentile", 100.0, False),
    np.nanquantile: _quantile_of("np.nanquantile", 1.0, True),
    np.nanpercentile: _quantile_of("np.nanpercentile", 100.0, True),
    np.nanmax: _extreme(ops.max, -np.inf, "np.nanmax"),
    np.nanmin: _extreme(ops.min, np.inf, "np.nanmin"),
    np.nancumsum: lambda a, axis=None: ops.cumsum(_filled(a, 0.0), axis),
    np.nancumprod: lambda a, axis=None: ops.cumprod(_filled(a, 1.0), axis),
}
