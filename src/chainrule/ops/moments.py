"""Rows of the operator table: variance, standard deviation, length of a vector.

Squares of representable numbers may overflow or vanish, so NumPy arrays are scaled by a power of two first. Standard
deviation and length are homogeneous: their slopes do not change with the scale.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.numbers import Number, ndim, primal
from chainrule.ops.arithmetic import absolute, divide, reciprocal
from chainrule.ops.compare import where
from chainrule.ops.composite import Composite
from chainrule.ops.kinds import Elementwise, Reduction
from chainrule.ops.powers import power, sqrt
from chainrule.ops.reduce import count, max, mean, min, namesake, sum
from chainrule.ops.shape import Axes, as_array, normal_axes


def _to_unit_size(x: Any, axis: Any) -> tuple[Any, Any]:
    """`x` divided by a power of two (exactly) so that its largest element is about 1, and the exponent."""
    x = np.asarray(x)
    if x.dtype.kind in "iub":
        x = x.astype(np.float64)
    size = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    exponent = np.where(np.isfinite(size), np.frexp(size)[1], 0)
    return np.ldexp(x, -exponent), exponent


def _reduced(y: Any, axis: Any, keepdims: bool) -> Any:
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _deviations(x: Any, axis: Any) -> Any:
    """x - mean(x); subtracted twice, because the rounding error of the mean is no part of the deviation."""
    d = x - np.mean(x, axis=axis, keepdims=True)
    return d - np.mean(d, axis=axis, keepdims=True)


# -- variance -----------------------------------------------------------------------------------------------


def _deviation_numpy(x: Any, *, axis: Any) -> Any:
    unit, exponent = _to_unit_size(x, axis)
    return np.ldexp(_deviations(unit, axis), exponent)


deviation = Composite(
    "deviation", lambda x, axis: x - mean(x, axis, keepdims=True), kernels={"numpy": _deviation_numpy}
)
"""x - mean(x)."""


def _var_numpy(x: Any, *, axis: Any, keepdims: bool, correction: float) -> Any:
    unit, exponent = _to_unit_size(x, axis)
    d = _deviations(unit, axis)
    y = np.sum(d * d, axis=axis, keepdims=True) / (count(x, axis) - correction)
    return _reduced(np.ldexp(y, 2 * exponent).astype(unit.dtype), axis, keepdims)


_var = Reduction(
    "var",
    lambda y, x, axis, keepdims, correction: deviation(x, axis=axis) * (2.0 / (count(x, axis) - correction)),
    kernels={**namesake("var"), "numpy": _var_numpy},
)


def var(
    x: Number, axis: Axes = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None
) -> Number:
    """The variance over some axes, divided by (number of elements - ddof).

    >>> float(var(np.array([1.0, 3.0])))
    1.0
    """
    x = as_array(x)
    c = ddof if correction is None else correction
    return _var(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims, correction=c)


# -- standard deviation -------------------------------------------------------------------------------------


def _over_or_zero_numpy(a: Any, b: Any) -> Any:
    zero = np.equal(b, 0) & np.equal(a, 0)
    return np.where(zero, 0, np.divide(a, np.where(zero, 1, b)))[()]


def _reciprocal_or_zero(b: Number) -> Number:
    """1 / b; 0 where b is: a single number has standard deviation 0, and so have all its derivatives."""
    zero = primal(b) == 0
    return where(zero, 0.0, reciprocal(where(zero, 1.0, b)))


over_or_zero: Elementwise = Elementwise(
    "over_or_zero",
    (lambda y, a, b: _reciprocal_or_zero(b), lambda y, a, b: -over_or_zero(y, b)),
    kernels={
        "float": lambda a, b: 0.0 if a == 0 == b else divide(a, b),
        "numpy": _over_or_zero_numpy,
        "mpmath": lambda a, b: a * 0 if a == 0 == b else a / b,
    },
    body=lambda a, b: divide(a, b),
    kinks="0 / 0 is 0",
    printed="{} / {}",
    python={"math": "{0} / {1} if {1} else 0.0", "numpy": "{0} / np.where({1} == 0, 1.0, {1})"},
    public=False,
)
"""a / b with 0 / 0 = 0: the direction of a vector of length 0."""


def _std_numpy(x: Any, *, axis: Any, keepdims: bool, correction: float) -> Any:
    unit, exponent = _to_unit_size(x, axis)
    y = np.sqrt(_var_numpy(unit, axis=axis, keepdims=True, correction=correction))
    return _reduced(np.ldexp(y, exponent), axis, keepdims)


def _std_weights_numpy(y: Any, x: Any, *, axis: Any, correction: float) -> Any:
    d = _deviations(_to_unit_size(x, axis)[0], axis)
    freedom = count(x, axis) - correction
    return over_or_zero(d, np.sqrt(np.sum(d * d, axis=axis, keepdims=True) / freedom)) / freedom


std_weights = Composite(
    "std_weights",
    lambda y, x, axis, correction: over_or_zero(deviation(x, axis=axis), y) / (count(x, axis) - correction),
    kernels={"numpy": _std_weights_numpy},
)

_std = Reduction(
    "std",
    lambda y, x, axis, keepdims, correction: std_weights(y, x, axis=axis, correction=correction),
    kernels={**namesake("std"), "numpy": _std_numpy},
    kinks="slope 0 for a constant array (the middle of all slopes)",
)


def std(
    x: Number, axis: Axes = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None
) -> Number:
    """The standard deviation over some axes, divided by the root of (number of elements - ddof)."""
    x = as_array(x)
    c = ddof if correction is None else correction
    return _std(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims, correction=c)


# -- length -------------------------------------------------------------------------------------------------


def _length(unit: Any, axis: Any) -> Any:
    return np.sqrt(np.sum(unit * unit, axis=axis, keepdims=True))


def _norm_numpy(x: Any, *, axis: Any, keepdims: bool) -> Any:
    unit, exponent = _to_unit_size(x, axis)
    return _reduced(np.ldexp(_length(unit, axis), exponent), axis, keepdims)


def _norm_weights_numpy(y: Any, x: Any, *, axis: Any) -> Any:
    unit, _ = _to_unit_size(x, axis)
    return over_or_zero(unit, _length(unit, axis))


norm_weights = Composite("norm_weights", lambda y, x, axis: over_or_zero(x, y), kernels={"numpy": _norm_weights_numpy})
"""The unit vector along x."""

_norm = Reduction(
    "norm",
    lambda y, x, axis, keepdims: norm_weights(y, x, axis=axis),
    kernels={
        "numpy": _norm_numpy,
        "float": lambda x, axis, keepdims: abs(x),
        "array": lambda xp: lambda x, axis, keepdims: xp.sqrt(xp.sum(x * x, axis=axis, keepdims=keepdims)),
        "object": lambda x, axis, keepdims: sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
    },
    body=lambda x, axis, keepdims: abs(x),
    kinks="slope 0 at the zero vector (the middle of all slopes)",
    python={"math": "abs({})"},
)


def norm(x: Number, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Number:
    """The length of a vector: Euclidean (also of all elements of a matrix), or by `ord` 1, 2, inf, p.

    >>> round(float(norm(np.array([3e200, 4e200]))) / 1e200, 12)
    5.0
    """
    x = as_array(x)
    axes = normal_axes(axis, ndim(x))
    if ord is None or ord == "fro" or (ord == 2 and (ndim(x) == 1 or (axes is not None and len(axes) == 1))):
        return _norm(x, axis=axes, keepdims=keepdims)
    if (ndim(x) if axes is None else len(axes)) != 1 or isinstance(ord, str):
        raise ArgumentError.here(f"norm: ord={ord!r} has a derivative rule for vectors only; give axis=")
    size = absolute(x)
    if ord == math.inf:
        return max(size, axes, keepdims)
    if ord == -math.inf:
        return min(size, axes, keepdims)
    if ord == 1:
        return sum(size, axes, keepdims)
    return _power_norm(size, ord, axes, keepdims)


def _power_norm(size: Number, p: float, axes: Any, keepdims: bool) -> Number:
    """(sum of size**p)**(1/p), relative to the largest element, which for the slope is a constant factor."""
    top = max(primal(size), axes, keepdims=True)
    top = where(top > 0, top, 1.0)
    total = sum(power(size / top, p), axes, keepdims)
    empty = primal(total) == 0
    length = power(where(empty, 1.0, total), 1.0 / p)  # the root has slope inf at 0; the norm is taken to have 0
    top = top if keepdims else sum(top, axes)
    return where(empty, 0.0, length) * top


__all__ = ["norm", "std", "var"]
