"""Rows of the operator table: sums, averages and extremes over axes; running sums."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.errors import ShapeError
from chainrule.numbers import Number, ndim, primal, shape
from chainrule.ops.broadcasting import axes_behind, keep_axes
from chainrule.ops.kinds import Linear, PiecewiseConstant, Reduction
from chainrule.ops.names import OF_A_NUMBER
from chainrule.ops.row import TABLE, applied
from chainrule.ops.shape import Axes, array_of, as_array, broadcast_to, flip, normal_axes, raveled


def namesake(name: str) -> dict[str, Callable[..., Any]]:
    """The array namespace's own reduction of that name, and NumPy's for scalars and object arrays."""

    def bind(xp: Any) -> Callable[..., Any]:
        reduction = getattr(xp, name)
        return lambda x, *, axis, keepdims, **rest: reduction(array_of(xp, x), axis=axis, keepdims=keepdims, **rest)

    def of_objects(x: Any, *, axis: Any, keepdims: bool, **rest: Any) -> Any:
        return getattr(np, name)(np.asarray(x, object), axis=axis, keepdims=keepdims, **rest)

    ufunc = {"sum": np.add, "max": np.maximum, "min": np.minimum}.get(name)
    direct = {} if ufunc is None else {"numpy": ufunc.reduce}  # np.sum asks a dozen questions before it comes to this
    return {**direct, "array": bind, "object": of_objects, "mpmath": of_objects, "sympy": of_objects}


def count(x: Number, axis: tuple[int, ...] | None) -> int:
    """The number of elements of `x` that one element of a reduction over `axis` is made of."""
    size = shape(x)
    return math.prod(size if axis is None else (size[a] for a in axis))


# -- sums ---------------------------------------------------------------------------------------------------


def _spread(i: int, ct: Number, x: Number, *, axis: Any, keepdims: bool) -> Number:
    if axis is not None:
        ct = keep_axes(ct, x, {"axis": axis, "keepdims": keepdims})
    return broadcast_to(ct, shape(x))


def _add_spread(total: Any, i: int, ct: Any, x: Number, *, axis: Any, keepdims: bool) -> None:
    if axis is not None:
        ct = keep_axes(ct, x, {"axis": axis, "keepdims": keepdims})
    dense.add_to(total, ct)


_sum = Linear(
    "sum",
    _spread,
    accumulate=_add_spread,
    wider=lambda xs, axis, keepdims: {"axis": axes_behind(xs[0], axis), "keepdims": keepdims},
    kernels=namesake("sum"),
    python=OF_A_NUMBER,
)


def sum(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The sum of the elements over some axes (None: all).

    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """
    x = as_array(x)
    return applied(_sum, (x,), {"axis": normal_axes(axis, ndim(x)), "keepdims": keepdims})


def mean(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The average over some axes."""
    x = as_array(x)
    total = sum(x, axis, keepdims)
    return total / count(x, normal_axes(axis, ndim(x)))


def average(
    x: Number, axis: Axes = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    """The average with weights: of the shape of `x`, or of its axes in `axis` only. With `returned` also their sum.

    >>> average(np.array([1.0, 4.0]), weights=[2.0, 1.0]).item()
    2.0
    """
    x = as_array(x)
    if weights is None:
        y = mean(x, axis, keepdims)
        total: Number = broadcast_to(float(count(x, normal_axes(axis, ndim(x)))), shape(y))
    else:
        weights = _weights_along(x, axis, as_array(weights))
        total = sum(broadcast_to(weights, shape(x)), axis, keepdims)
        if np.any(primal(total) == 0):
            raise ZeroDivisionError("average: the weights sum to zero")
        y = sum(x * weights, axis, keepdims) / total
    return (y, total) if returned else y


def _weights_along(x: Number, axis: Axes, weights: Number) -> Number:
    """Weights of some axes of `x` where they are to be multiplied with it."""
    if shape(weights) == shape(x):
        return weights
    axes = normal_axes(axis, ndim(x)) or ()
    if shape(weights) != tuple([shape(x)[k] for k in axes]):
        raise ShapeError.here(f"average: weights of shape {shape(weights)} do not fit axis {axis} of {shape(x)}")
    places = sorted(axes)
    if list(axes) != places:
        weights = applied(TABLE["transpose"], (weights,), {"axes": tuple([axes.index(k) for k in places])})
    size = tuple([n if k in axes else 1 for k, n in enumerate(shape(x))])
    return applied(TABLE["reshape"], (weights,), {"shape": size})


def _running_sum(xp: Any) -> Callable[..., Any]:
    sums = np.cumsum if xp is np else xp.cumulative_sum
    return lambda x, axis: sums(x, axis=axis)


_cumsum: Linear = Linear(
    "cumsum",
    lambda i, ct, x, axis: flip(applied(_cumsum, (flip(ct, axis),), {"axis": axis}), axis),
    wider=lambda xs, axis: {"axis": axis + 1},
    kernels={"array": _running_sum, "object": lambda x, axis: np.cumsum(x, axis=axis)},
)


def cumsum(x: Number, axis: int | None = None) -> Number:
    """Running sums along an axis (None: of the raveled array)."""
    x, axis = raveled(x, axis)
    return applied(_cumsum, (x,), {"axis": axis})


# -- largest and smallest -----------------------------------------------------------------------------------


def _shares(y: Number, x: Number, *, axis: Any, keepdims: bool) -> Number:
    return applied(tie_weights, (x, y), {"axis": axis})


def _ties_numpy(x: Any, y: Any, *, axis: Any) -> Any:
    x, y = np.asarray(x), np.asarray(y)
    found = dense.ties(x, y)
    if found is not None:
        return found
    hit = np.equal(x, y)
    if np.count_nonzero(hit) == y.size and not dense.has_nan(y):  # one each
        return hit.astype(x.dtype)
    # Nowhere, where y is nan: 0 / 0.
    return np.divide(hit, np.add.reduce(hit, axis=axis, dtype=x.dtype, keepdims=True))


tie_weights: PiecewiseConstant = PiecewiseConstant(
    "tie_weights",
    arity=2,
    elementwise=False,
    batched=lambda args, held, axis: (
        tie_weights(*args, axis=axes_behind(args[0], axis)) if all(held) and ndim(args[0]) == ndim(args[1]) else None
    ),
    kernels={
        "numpy": _ties_numpy,
        "float": lambda x, y, axis: 1.0 if x == x else math.nan,
        "object": lambda x, y, axis: _ties_objects(x, y, axis),
        "array": lambda xp: (
            lambda x, y, axis: xp.astype(x == y, x.dtype) / xp.sum(xp.astype(x == y, x.dtype), axis=axis, keepdims=True)
        ),
    },
    body=lambda x, y, axis: 1,
    public=False,
)


def _ties_objects(x: Any, y: Any, axis: Any) -> Any:
    hit = np.equal(x, y).astype(int)
    return hit / np.sum(hit, axis=axis, keepdims=True)


_EQUAL_SHARES = "elements that tie share the slope equally"
_max = Reduction("max", _shares, kernels=namesake("max"), selects=True, kinks=_EQUAL_SHARES, python=OF_A_NUMBER)
_min = Reduction("min", _shares, kernels=namesake("min"), selects=True, kinks=_EQUAL_SHARES, python=OF_A_NUMBER)


def max(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The largest element over some axes."""
    x = as_array(x)
    return applied(_max, (x,), {"axis": normal_axes(axis, ndim(x)), "keepdims": keepdims})


def min(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The smallest element over some axes."""
    x = as_array(x)
    return applied(_min, (x,), {"axis": normal_axes(axis, ndim(x)), "keepdims": keepdims})


def ptp(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """Largest minus smallest."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


dense.start()

__all__ = ["average", "cumsum", "max", "mean", "min", "ptp", "sum"]
