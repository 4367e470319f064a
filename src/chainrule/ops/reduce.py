"""Rows of the operator table: reductions over axes, cumulative sums and products."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, at_user_line
from chainrule.numbers import Number, ndim, shape
from chainrule.ops.arithmetic import absolute, divide, power
from chainrule.ops.elementary import sqrt
from chainrule.ops.row import TABLE, Elementwise, Linear, PiecewiseConstant, Reduction, keep_axes
from chainrule.ops.shape import Axes, broadcast_to, concatenate, flip, normal_axes, normal_axis, ravel
from chainrule.ops.special import exp_difference


def _kernel(name: str) -> dict[str, Callable[..., Any]]:
    """The array namespace's own reduction, and NumPy's for scalars and object arrays."""

    def bind(xp: Any) -> Callable[..., Any]:
        reduction = getattr(xp, name)
        return lambda x, *, axis, keepdims, **rest: reduction(xp.asarray(x), axis=axis, keepdims=keepdims, **rest)

    def of_objects(x: Any, *, axis: Any, keepdims: bool, **rest: Any) -> Any:
        return getattr(np, name)(np.asarray(x, object), axis=axis, keepdims=keepdims, **rest)

    return {"array": bind, "object": of_objects, "mpmath": of_objects, "sympy": of_objects}


def _count(x: Number, axis: tuple[int, ...] | None) -> int:
    size = shape(x)
    return math.prod(size if axis is None else (size[a] for a in axis))


def _spread(i: int, ct: Number, x: Number, *, axis: Any, keepdims: bool) -> Number:
    return broadcast_to(keep_axes(ct, x, {"axis": axis, "keepdims": keepdims}), shape(x))


_sum = Linear("sum", _spread, kernels=_kernel("sum"))


def sum(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The sum of the elements over some axes (None: all).

    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """
    x = _as_array(x)
    return _sum(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims)


def _as_array(x: Number) -> Number:
    if isinstance(x, (list, tuple)):
        from chainrule.ops.shape import array

        return array(x)
    return x


def mean(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The average over some axes."""
    x = _as_array(x)
    total = sum(x, axis, keepdims)
    return total / _count(x, normal_axes(axis, ndim(x)))


def average(x: Number, axis: Axes = None, weights: Any = None) -> Number:
    """The average with weights."""
    if weights is None:
        return mean(x, axis)
    return sum(x * weights, axis) / sum(weights + 0 * x, axis)


# -- largest and smallest -----------------------------------------------------------------------------------


def _shares(y: Number, x: Number, *, axis: Any, keepdims: bool) -> Number:
    return ties(x, y, axis=axis)


def _ties_numpy(x: Any, y: Any, *, axis: Any) -> Any:
    hit = np.equal(x, y)
    result = hit / np.maximum(np.sum(hit, axis=axis, keepdims=True), 1)
    return np.where(np.isnan(y), np.nan, result).astype(np.result_type(x))


ties = PiecewiseConstant(
    "ties",
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
_max = Reduction("max", _shares, kernels=_kernel("max"), kinks=_EQUAL_SHARES)
_min = Reduction("min", _shares, kernels=_kernel("min"), kinks=_EQUAL_SHARES)


def max(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The largest element over some axes."""
    x = _as_array(x)
    return _max(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims)


def min(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The smallest element over some axes."""
    x = _as_array(x)
    return _min(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims)


def ptp(x: Number, axis: Axes = None) -> Number:
    """Largest minus smallest."""
    return max(x, axis) - min(x, axis)


# -- products -----------------------------------------------------------------------------------------------


def _product_of_others(y: Number, x: Number, *, axis: Any, keepdims: bool) -> Number:
    """For each element the product of all the others: the products before it times those after it.

    y / x would be 0 / 0 where an element is 0."""
    if ndim(x) == 0:
        return 1.0 + 0 * x
    axes = tuple(range(ndim(x))) if axis is None else axis
    if len(axes) > 1:
        from chainrule.ops.shape import reshape, transpose

        rest = tuple(k for k in range(ndim(x)) if k not in axes)
        moved = transpose(x, (*rest, *axes))
        flat = reshape(moved, (*(shape(x)[k] for k in rest), -1))
        weights = reshape(_product_of_others(y, flat, axis=(len(rest),), keepdims=True), shape(moved))
        return transpose(weights, tuple(int(k) for k in np.argsort((*rest, *axes))))
    (a,) = axes
    before = _exclusive_product(x, a)
    after = flip(_exclusive_product(flip(x, a), a), a)
    return before * after


def _exclusive_product(x: Number, axis: int) -> Number:
    one = np.ones(tuple(1 if k == axis else n for k, n in enumerate(shape(x))), dtype=_dtype(x))
    if shape(x)[axis] <= 1:
        return one * np.ones(shape(x), dtype=_dtype(x))
    return concatenate([one, _without_last(cumprod(x, axis), axis)], axis)


def _dtype(x: Number) -> Any:
    from chainrule.numbers import primal

    return getattr(primal(x), "dtype", None)


def _without_last(x: Number, axis: int) -> Number:
    from chainrule.ops.index import getitem

    return getitem(x, (slice(None),) * axis + (slice(0, -1),))


_prod = Reduction("prod", _product_of_others, kernels=_kernel("prod"))


def prod(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The product of the elements over some axes; right also where elements are 0."""
    x = _as_array(x)
    return _prod(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims)


_cumsum = Linear(
    "cumsum",
    lambda i, ct, x, axis: flip(_cumsum(flip(ct, axis), axis=axis), axis),
    kernels={
        "array": lambda xp: lambda x, axis: np.cumsum(x, axis=axis) if xp is np else xp.cumulative_sum(x, axis=axis)
    },
)


def cumsum(x: Number, axis: int | None = None) -> Number:
    """Running sums along an axis (None: of the raveled array)."""
    x = _as_array(x)
    if axis is None:
        x, axis = ravel(x), 0
    return _cumsum(x, axis=normal_axis(axis, ndim(x)))


def cumprod(x: Number, axis: int | None = None) -> Number:
    """Running products along an axis; right also where elements are 0.

    Each doubling step multiplies by the product that ends d places earlier (Hillis and Steele 1986), so the
    derivative needs no division by an element.
    """
    from chainrule.numbers import Carrier
    from chainrule.ops.index import getitem

    x = _as_array(x)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normal_axis(axis, ndim(x))
    if not isinstance(x, Carrier) and isinstance(x, np.ndarray):
        return np.cumprod(x, axis=axis)
    lead, n, step = (slice(None),) * axis, shape(x)[axis], 1
    while step < n:
        head = getitem(x, (*lead, slice(0, step)))
        tail = getitem(x, (*lead, slice(step, None))) * getitem(x, (*lead, slice(0, n - step)))
        x = concatenate([head, tail], axis)
        step *= 2
    return x


# -- spread and size ----------------------------------------------------------------------------------------


def _var_weights(y: Number, x: Number, *, axis: Any, keepdims: bool, correction: float) -> Number:
    return 2.0 * (x - mean(x, axis, keepdims=True)) / (_count(x, axis) - correction)


_var = Reduction(
    "var",
    _var_weights,
    kernels={
        "numpy": lambda x, *, axis, keepdims, correction: np.var(x, axis=axis, keepdims=keepdims, ddof=correction),
        **_kernel("var"),
    },
)


def _std_numpy(x: Any, *, axis: Any, keepdims: bool, correction: float) -> Any:
    size = np.max(np.abs(x), axis=axis, keepdims=True)
    size = np.where((size == 0) | ~np.isfinite(size), 1, size).astype(np.asarray(x).dtype)
    exponent = np.frexp(size)[1]
    y = np.std(np.ldexp(x, -exponent), axis=axis, keepdims=True, ddof=correction)  # a power of two: exact
    y = np.ldexp(y, exponent)
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _std_weights(y: Number, x: Number, *, axis: Any, keepdims: bool, correction: float) -> Number:
    return over_or_zero(x - mean(x, axis, keepdims=True), y) / (_count(x, axis) - correction)


_std = Reduction(
    "std",
    _std_weights,
    kernels={"numpy": _std_numpy, **_kernel("std")},
    kinks="0 for a constant array (the middle of all slopes)",
)


def _over_or_zero_numpy(a: Any, b: Any) -> Any:
    zero = np.equal(b, 0) & np.equal(a, 0)
    return np.where(zero, 0, np.divide(a, np.where(zero, 1, b)))[()]


over_or_zero = Elementwise(
    "over_or_zero",
    (lambda y, a, b: divide(1.0, b), lambda y, a, b: -divide(y, b)),
    kernels={
        "float": lambda a, b: 0.0 if a == 0 == b else divide(a, b),
        "numpy": _over_or_zero_numpy,
        "mpmath": lambda a, b: a * 0 if a == 0 == b else a / b,
    },
    body=lambda a, b: divide(a, b),
    public=False,
)
"""a / b with 0 / 0 = 0: the direction of a vector of length 0."""


def var(
    x: Number, axis: Axes = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None
) -> Number:
    """The variance over some axes, divided by (number of elements - ddof)."""
    x = _as_array(x)
    c = ddof if correction is None else correction
    return _var(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims, correction=c)


def std(
    x: Number, axis: Axes = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None
) -> Number:
    """The standard deviation over some axes, divided by the root of (number of elements - ddof)."""
    x = _as_array(x)
    c = ddof if correction is None else correction
    return _std(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims, correction=c)


def _norm_numpy(x: Any, *, axis: Any, keepdims: bool) -> Any:
    x = np.asarray(x)
    size = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    exponent = np.where(np.isfinite(size), np.frexp(size)[1], 0)
    scaled = np.ldexp(x, -exponent)  # by a power of two: exact, and the squares stay in range
    y = np.ldexp(np.sqrt(np.sum(scaled * scaled, axis=axis, keepdims=True)), exponent)
    if not keepdims:
        y = np.squeeze(y, axis=axis)[()]
    return y


_norm = Reduction(
    "norm",
    lambda y, x, axis, keepdims: over_or_zero(x, y),
    kernels={
        "numpy": _norm_numpy,
        "float": lambda x, axis, keepdims: abs(x),
        "array": lambda xp: lambda x, axis, keepdims: xp.sqrt(xp.sum(x * x, axis=axis, keepdims=keepdims)),
        "object": lambda x, axis, keepdims: sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
    },
    body=lambda x, axis, keepdims: abs(x),
    kinks="0 at the zero vector (the middle of all slopes)",
)


def norm(x: Number, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Number:
    """The length of a vector: Euclidean (also of all elements of a matrix), or by `ord` 1, 2, inf, p.

    >>> float(norm(np.array([3e200, 4e200])))
    5e+200
    """
    x = _as_array(x)
    axes = normal_axes(axis, ndim(x))
    if ord is None or ord == "fro" or (ord == 2 and (ndim(x) == 1 or (axes is not None and len(axes) == 1))):
        return _norm(x, axis=axes, keepdims=keepdims)
    if (ndim(x) if axes is None else len(axes)) != 1 or isinstance(ord, str):
        raise ArgumentError(at_user_line(f"norm: ord={ord!r} has a derivative rule for vectors only; give axis="))
    size = absolute(x)
    if ord == math.inf:
        return max(size, axes, keepdims)
    if ord == -math.inf:
        return min(size, axes, keepdims)
    if ord == 1:
        return sum(size, axes, keepdims)
    return power(sum(power(size, ord), axes, keepdims), 1.0 / ord)


# -- log-sum-exp --------------------------------------------------------------------------------------------


def _softmax_weights(y: Number, x: Number, *, axis: Any, keepdims: bool) -> Number:
    return _softmax(x, axis)


def _softmax(x: Number, axis: Any) -> Number:
    from chainrule.numbers import primal

    # Any constant may be subtracted; the largest element keeps every exponential at or below 1.
    top = _finite(max(primal(x), axis, keepdims=True))
    e = exp_difference(x, top)
    return e / sum(e, axis, keepdims=True)


def _finite(top: Any) -> Any:
    if isinstance(top, float):
        return top if math.isfinite(top) else 0.0
    if isinstance(top, (np.ndarray, np.generic)) and top.dtype != object:
        return np.where(np.isfinite(top), top, np.zeros_like(top))
    return top


def _logsumexp_numpy(x: Any, *, axis: Any, keepdims: bool) -> Any:
    top = _finite(np.max(x, axis=axis, keepdims=True))
    with np.errstate(divide="ignore"):
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _logsumexp_objects(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return TABLE["log"](np.sum(TABLE["exp"](x), axis=axis, keepdims=keepdims))


_logsumexp = Reduction(
    "logsumexp",
    _softmax_weights,
    kernels={
        "numpy": _logsumexp_numpy,
        "float": lambda x, axis, keepdims: x,
        "object": _logsumexp_objects,
        "array": lambda xp: lambda x, axis, keepdims: _logsumexp_of(xp, x, axis, keepdims),
    },
    body=lambda x, axis, keepdims: x,
    source="the largest element is taken out of the sum",
)


def _logsumexp_of(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    top = xp.max(x, axis=axis, keepdims=True)
    y = xp.log(xp.sum(xp.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else xp.squeeze(y, axis=tuple(range(y.ndim)) if axis is None else axis)


def logsumexp(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """log(sum(exp(x))) over some axes, without overflow.

    >>> float(logsumexp(np.array([1000.0, 1000.0]))) == 1000 + math.log(2)
    True
    """
    x = _as_array(x)
    return _logsumexp(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims)


def softmax(x: Number, axis: Axes = -1) -> Number:
    """exp(x) / sum(exp(x)) along an axis, without overflow."""
    x = _as_array(x)
    return _softmax(x, normal_axes(axis, ndim(x)))


def log_softmax(x: Number, axis: Axes = -1) -> Number:
    """log(softmax(x)) along an axis, right also where softmax underflows."""
    x = _as_array(x)
    return x - logsumexp(x, axis, keepdims=True)


__all__ = [
    "average", "cumprod", "cumsum", "log_softmax", "logsumexp", "max", "mean", "min", "norm", "prod", "ptp",
    "softmax", "std", "sum", "var",
]  # fmt: skip
