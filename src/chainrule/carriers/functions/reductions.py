"""NumPy's reductions: sums, averages, extremes, running sums, under NumPy's signatures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_setting
from chainrule.errors import ShapeError
from chainrule.libraries import is_foreign, isnan, library
from chainrule.numbers import Number, StandIn, primal, shape
from chainrule.signatures import in_module


def _sum(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True) -> Any:
    if initial is None and where is True:
        return ops.sum(a, axis, _flag(keepdims))
    y = ops.sum(_masked(a, where, 0.0), axis, _flag(keepdims))
    return y if initial is None else y + initial


def _prod(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True) -> Any:
    y = ops.prod(_masked(a, where, 1.0), axis, _flag(keepdims))
    return y if initial is None else y * initial


def _extreme(reduce: Callable[..., Number], choose: Callable[..., Number], name: str) -> Callable[..., Number]:
    def extreme(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True) -> Any:
        if initial is None:
            if where is not True:
                raise no_setting(name, ["where"], " without initial=")
            return reduce(a, axis, _flag(keepdims))
        if 0 in shape(a):
            plain: Any = np.zeros(shape(a), getattr(a, "dtype", float))
            return (np.max if choose is ops.maximum else np.min)(plain, _axis(axis), None, _flag(keepdims), initial)
        return choose(reduce(_masked(a, where, initial), axis, _flag(keepdims)), initial)

    return extreme


def _masked(a: Any, where: Any, neutral: Any) -> Any:
    """`a` with what where= leaves out replaced."""
    return a if where is True else ops.where(np.asarray(primal(where)), a, neutral)


def _flag(keepdims: Any) -> bool:
    return bool(keepdims)


def _mean(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = True) -> Any:
    if where is True:
        return ops.mean(a, axis, _flag(keepdims))
    where = np.broadcast_to(primal(where), shape(a))
    count = np.sum(where, axis=_axis(axis), keepdims=_flag(keepdims))
    return _divided(ops.sum(_masked(a, where, 0.0), axis, _flag(keepdims)), count)


def some(conditions: Any) -> Any:
    """Whether one of them holds, in a batch for any example."""
    while isinstance(conditions, StandIn) and hasattr(conditions, "whole"):
        conditions = conditions.whole
    return conditions.any() if hasattr(conditions, "any") else library(conditions).xp.any(conditions)


def counted(known: Any, axis: Any, keepdims: bool, kind: Any) -> Any:
    """How many of some conditions hold along an axis, as numbers of a type."""
    if is_foreign(known):
        xp = library(known).xp
        return xp.sum(xp.astype(known, kind), axis=_axis(axis), keepdims=keepdims)
    count: Any = np.sum(known, axis=_axis(axis), keepdims=keepdims)
    return count.astype(kind)


def _divided(y: Any, count: Any) -> Any:
    """By a count, in the type of `y`."""
    kind = getattr(y, "dtype", np.dtype(np.float64))
    return y / (np.asarray(count).astype(kind) if kind.kind == "f" else count)


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _spread(function: Callable[..., Number], name: str) -> Callable[..., Number]:
    def spread(a: Any, axis: Any = None, ddof: Any = 0, *, keepdims: Any = False, where: Any = True, mean: Any = None,
               correction: Any = None) -> Any:  # fmt: skip
        free = ddof if correction is None else correction
        if correction is not None and ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        if where is not True or mean is not None:
            y = _variance(a, axis, free, _flag(keepdims), where, mean)
            return _root(y) if name == "std" else y
        _refuse_empty(a, axis, name, free)
        return function(a, axis, free, _flag(keepdims))

    return spread


def _root(y: Any) -> Any:
    """The square root, with slope 0 where nothing is spread."""
    still = np.equal(primal(y), 0)
    return ops.where(still, 0.0, ops.sqrt(ops.where(still, 1.0, y)))


def _variance(a: Any, axis: Any, free: Any, keepdims: bool, where: Any, mean: Any) -> Any:
    """About a mean that was given, or of some elements only."""
    where = np.broadcast_to(np.asarray(primal(where)), shape(a))
    count = np.sum(where, axis=_axis(axis), keepdims=True) - free
    if np.any(count <= 0):
        raise ShapeError.here(f"var: too few elements to reduce in an array of shape {shape(a)}")
    mean = _mean(a, axis, keepdims=True, where=where) if mean is None else mean
    y = _divided(ops.sum(_masked(ops.square(a - mean), where, 0.0), axis, True), count)
    return y if keepdims else ops.squeeze(y, tuple(range(len(shape(a)))) if axis is None else _axis(axis))


def _refuse_empty(a: Any, axis: Any, name: str, freedom: float = 0) -> None:
    """Raises ShapeError where so few elements are reduced that NumPy has no answer but nan."""
    size = shape(a)
    axes = range(len(size)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    count = math.prod(size[k] for k in axes if -len(size) <= k < len(size))
    if count <= freedom:
        raise ShapeError.here(f"{name}: {count} elements to reduce in an array of shape {size}")


def in_rows(a: Any, axis: Any, keepdims: bool) -> tuple[Any, tuple[int, ...]]:
    """`a` with all that is reduced in its last axis, and the shape of what is left."""
    size = shape(a)
    axes = range(len(size)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    gone = sorted({np.lib.array_utils.normalize_axis_index(k, len(size)) for k in axes}) if size else []
    rows = ops.moveaxis(a, gone, tuple(range(-len(gone), 0))) if gone else a
    rest = [n for k, n in enumerate(size) if k not in gone]
    return ops.reshape(rows, (*rest, -1)), tuple(
        [1 if k in gone else n for k, n in enumerate(size)]
    ) if keepdims else tuple(rest)


def _median(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    _refuse_empty(a, axis, "median")
    rows, left = in_rows(a, axis, keepdims)
    ordered = ops.sort(rows, -1)
    n = shape(ordered)[-1]
    y = ops.mean(ordered[..., (n - 1) // 2 : n // 2 + 1], -1)
    lost = isnan(primal(ordered)[..., -1])  # nan is sorted last
    y = ops.where(lost, np.nan, y) if some(lost) else y
    return ops.reshape(y, left) if keepdims else y


def _nansum(a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = None, where: Any = True) -> Any:
    return _sum(ops.where(isnan(primal(a)), 0.0, a), axis, keepdims=keepdims, initial=initial, where=where)


def _nanmean(a: Any, axis: Any = None, *, keepdims: Any = False, where: Any = True) -> Any:
    known = ~isnan(primal(a)) & (True if where is True else np.asarray(primal(where)))
    return ops.sum(ops.where(known, a, 0.0), axis, _flag(keepdims)) / counted(
        known, axis, _flag(keepdims), getattr(a, "dtype", np.dtype(np.float64))
    )


def _running(function: Callable[..., Number]) -> Callable[..., Number]:
    return lambda a, axis=None: function(a, axis)


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _sum, _prod, _mean, _median, _nansum, _nanmean),
    np.trace: lambda a, offset=0, axis1=0, axis2=1: ops.trace(a, offset, axis1, axis2),
    np.ptp: lambda a, axis=None, *, keepdims=False: ops.ptp(a, axis, _flag(keepdims)),
    np.var: _spread(ops.var, "var"),
    np.std: _spread(ops.std, "std"),
    np.max: _extreme(ops.max, ops.maximum, "np.max"),
    np.min: _extreme(ops.min, ops.minimum, "np.min"),
    np.amax: _extreme(ops.max, ops.maximum, "np.amax"),
    np.amin: _extreme(ops.min, ops.minimum, "np.amin"),
    np.average: ops.average,
    np.cumsum: _running(ops.cumsum),
    np.cumprod: _running(ops.cumprod),
    np.linalg.trace: lambda x, *, offset=0: ops.trace(x, offset, -2, -1),
}
