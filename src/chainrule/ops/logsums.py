"""Rows of the operator table: log-sum-exp, softmax and its logarithm."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.libraries import NUMPY
from chainrule.numbers import Number, StandIn, ndim, primal
from chainrule.ops.compare import where
from chainrule.ops.exponential import exp, log
from chainrule.ops.kinds import Reduction, Tangent
from chainrule.ops.logistic import exp_difference
from chainrule.ops.names import OF_A_NUMBER
from chainrule.ops.reduce import max, sum
from chainrule.ops.row import applied
from chainrule.ops.shape import Axes, as_array, normal_axes

_exp_difference = exp_difference.kernel(NUMPY)


def _softmax(x: Any, axis: Any) -> Number:
    if getattr(getattr(x, "dtype", None), "kind", "f") in "iub":
        x = x.astype(np.float64)
    return _shares(x, axis, max(primal(x), axis, keepdims=True))


def _shares(x: Number, axis: Any, bound: Any) -> Number:
    """exp(x) / sum(exp(x)). Any constant may be subtracted from x; one that no element exceeds, like the largest of
    them or their log-sum-exp, keeps every exponential at or below 1."""
    e = applied(exp_difference, (x, _finite(bound)), {})
    return e / sum(e, axis, keepdims=True)


def _finite(top: Any) -> Any:
    if isinstance(top, float):
        return top if math.isfinite(top) else 0.0
    if isinstance(top, np.ndarray) and top.dtype.char != "O" and dense.finite(top):
        return top
    numeric = isinstance(top, StandIn) or (isinstance(top, (np.ndarray, np.generic)) and top.dtype != object)
    if numeric:
        return np.where(np.isfinite(top), top, np.zeros_like(top))
    return top


def _top_and_rest(xp: Any, x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """The largest element, x minus it, and log(sum(exp(x))) minus it.

    The elements equal to the largest are counted rather than added up: exp(-40) must not vanish beside 1."""
    top = xp.max(x, axis=axis, keepdims=True)
    finite = xp.isfinite(top)
    shifted = x - xp.where(finite, top, xp.zeros_like(top))
    hit = x == top
    ties = xp.sum(xp.astype(hit, x.dtype), axis=axis, keepdims=True)
    rest = xp.sum(xp.where(hit, xp.zeros_like(x), xp.exp(shifted)), axis=axis, keepdims=True) + (ties - 1)
    return top, shifted, xp.where(finite, xp.log1p(rest), xp.zeros_like(rest))


def _top_and_rest_numpy(x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """The largest element, x minus it, and log(sum(exp(x))) minus it, of NumPy's arrays, which are seldom infinite, and
    seldom tie."""
    if x.dtype.kind in "iub":
        x = x.astype(np.float64)
    top = np.maximum.reduce(x, axis=axis, keepdims=True)
    if not dense.finite(top):
        return _top_and_rest(np, x, axis)
    shifted = x - top
    rest = np.asarray(np.exp(shifted))
    hits = dense.cleared(rest, x, top)
    rest = np.add.reduce(rest, axis=axis, keepdims=True)
    if hits != top.size:
        rest = rest + (np.add.reduce(np.equal(x, top), axis=axis, dtype=x.dtype, keepdims=True) - 1)
    return top, shifted, np.log1p(rest)


def _logsumexp_array(xp: Any) -> Any:
    top_and_rest = _top_and_rest_numpy if xp is np else functools.partial(_top_and_rest, xp)

    def compute(x: Any, *, axis: Any, keepdims: bool) -> Any:
        top, _, rest = top_and_rest(x, axis)
        y = top + rest
        if keepdims:
            return y
        kept = () if axis is None else tuple([n for k, n in enumerate(y.shape) if k not in axis])
        y = y.reshape(kept) if xp is np else xp.reshape(y, kept)
        return y[()] if kept == () and xp is np else y

    return compute


def _log_softmax_array(xp: Any) -> Any:
    top_and_rest = _top_and_rest_numpy if xp is np else functools.partial(_top_and_rest, xp)

    def compute(x: Any, *, axis: Any) -> Any:
        _, shifted, rest = top_and_rest(x, axis)
        return shifted - rest

    return compute


_logsumexp = Reduction(
    "logsumexp",
    lambda y, x, axis, keepdims: _shares(x, axis, primal(y)),
    kernels={
        "array": _logsumexp_array,
        "float": lambda x, axis, keepdims: x,
        "object": lambda x, axis, keepdims: log(np.sum(exp(x), axis=axis, keepdims=keepdims)),
    },
    body=lambda x, axis, keepdims: x,
    source="log(sum(exp(x))) = m + log1p(sum over the others of exp(x - m)), m the largest element",
    python=OF_A_NUMBER,
)


def _without_share(ct: Number, x: Number, axis: Any) -> Number:
    """ct - softmax(x) * sum(ct), the adjoint of log_softmax.

    Where softmax is next to 1 its distance from 1 is the sum of the other shares, not 1 minus it."""
    if type(x) is np.ndarray and type(ct) is np.ndarray and dense.plain_arrays((ct, x)):
        return _without_share_numpy(ct, x, axis)
    p = _softmax(x, axis)
    large = primal(p) > 0.5
    others = where(large, sum(where(large, 0.0, p), axis, keepdims=True), 1 - p)
    return ct * others - p * (sum(ct, axis, keepdims=True) - ct)


def _without_share_numpy(ct: Any, x: Any, axis: Any) -> Any:
    """ct - softmax(x) * sum(ct) of NumPy's arrays, without asking row after row."""
    e = _exp_difference(x, _finite(np.maximum.reduce(x, axis=axis, keepdims=True)))
    p = e / np.add.reduce(e, axis=axis, keepdims=True)
    others, large = 1 - p, p > 0.5
    if large.any():
        others = np.where(large, np.add.reduce(np.where(large, 0.0, p), axis=axis, keepdims=True), others)
    return ct * others - p * (np.add.reduce(ct, axis=axis, keepdims=True) - ct)


_log_softmax: Tangent = Tangent(
    "log_softmax",
    lambda y, args, tangents, axis: tangents[0] - sum(_softmax(args[0], axis) * tangents[0], axis, keepdims=True),
    adjoints={0: _without_share},
    kernels={
        "array": _log_softmax_array,
        "float": lambda x, axis: x - x,
        "object": lambda x, axis: x - log(np.sum(exp(x), axis=axis, keepdims=True)),
    },
    body=lambda x, axis: x - x,
    source="differentiate x - logsumexp(x)",
)


def logsumexp(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """log(sum(exp(x))) over some axes, without overflow.

    >>> float(logsumexp(np.array([1000.0, 1000.0]))) == 1000 + math.log(2)
    True
    """
    x = as_array(x)
    return applied(_logsumexp, (x,), {"axis": normal_axes(axis, ndim(x)), "keepdims": keepdims})


def softmax(x: Number, axis: Axes = -1) -> Number:
    """exp(x) / sum(exp(x)) along an axis, without overflow.

    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    x = as_array(x)
    return _softmax(x, normal_axes(axis, ndim(x)))


def log_softmax(x: Number, axis: Axes = -1) -> Number:
    """log(softmax(x)) along an axis, right also where softmax underflows or rounds to 1.

    >>> [float(v) for v in log_softmax(np.array([0.0, -800.0]))]
    [0.0, -800.0]
    """
    x = as_array(x)
    return applied(_log_softmax, (x,), {"axis": normal_axes(axis, ndim(x))})


dense.start()

__all__ = ["log_softmax", "logsumexp", "softmax"]
