"""Statistics of data: `zscore`, `gmean`, `skew`, `pearsonr`, `linregress` and their relatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, ndim, primal, shape
from chainrule.scipy.special.elementary import entr, rel_entr
from chainrule.scipy.special.gamma import betainc
from chainrule.scipy.stats.calls import as_float64

sqrt, log, exp = ops.sqrt, ops.log, ops.exp


def flat(a: Any, axis: Any) -> tuple[Number, int]:
    """A sample and the axis along it."""
    a = as_float64(a, "a")
    return (ops.reshape(a, (-1,)), 0) if axis is None else (a, axis)


def _count(a: Number, axis: int) -> float:
    return float(shape(a)[axis])


def _central(a: Number, axis: int, order: float) -> Number:
    off = a - ops.mean(a, axis, True)
    return ops.mean(off**order, axis)


def zscore(a: Any, axis: Any = 0, ddof: int = 0) -> Number:
    return zmap(a, a, axis, ddof)


def zmap(scores: Any, compare: Any, axis: Any = 0, ddof: int = 0) -> Number:
    scores, (compare, along) = as_float64(scores, "scores"), flat(compare, axis)
    return (scores - ops.mean(compare, along, True)) / ops.std(compare, along, ddof, True)


def gmean(a: Any, axis: Any = 0, weights: Any = None) -> Number:
    a, axis = flat(a, axis)
    return exp(_mean(log(a), axis, weights))


def hmean(a: Any, axis: Any = 0, weights: Any = None) -> Number:
    a, axis = flat(a, axis)
    return 1.0 / _mean(1.0 / _from_0(a), axis, weights)


def pmean(a: Any, p: Any, axis: Any = 0, weights: Any = None) -> Number:
    a, axis = flat(a, axis)
    p = as_float64(p, "p")
    return ops.power(_mean(ops.power(_from_0(a), p), axis, weights), 1.0 / p)


def _from_0(a: Number) -> Number:
    """`a`, nan for numbers below 0: means by powers are not defined for them."""
    return ops.where(primal(a) < 0, math.nan, a)


def _mean(a: Number, axis: int, weights: Any) -> Number:
    if weights is None:
        return ops.mean(a, axis)
    w = as_float64(weights, "weights")
    return ops.sum(a * w, axis) / ops.sum(w + 0.0 * a, axis)


def skew(a: Any, axis: Any = 0, bias: bool = True) -> Number:
    a, axis = flat(a, axis)
    n = _count(a, axis)
    g = _central(a, axis, 3.0) / _central(a, axis, 2.0) ** 1.5
    return g if bias else g * (math.sqrt(n * (n - 1.0)) / (n - 2.0))


def kurtosis(a: Any, axis: Any = 0, fisher: bool = True, bias: bool = True) -> Number:
    a, axis = flat(a, axis)
    n = _count(a, axis)
    k = _central(a, axis, 4.0) / _central(a, axis, 2.0) ** 2.0
    if not bias:
        k = ((n * n - 1.0) * k - 3.0 * (n - 1.0) ** 2) / ((n - 2.0) * (n - 3.0)) + 3.0
    return k - 3.0 if fisher else k


def moment(a: Any, order: int = 1, axis: Any = 0, center: Any = None) -> Number:
    a, axis = flat(a, axis)
    c = ops.mean(a, axis, True) if center is None else as_float64(center, "center")
    return ops.mean((a - c) ** float(order), axis)


def sem(a: Any, axis: Any = 0, ddof: int = 1) -> Number:
    a, axis = flat(a, axis)
    return ops.std(a, axis, ddof) / math.sqrt(_count(a, axis))


def variation(a: Any, axis: Any = 0, ddof: int = 0) -> Number:
    a, axis = flat(a, axis)
    return ops.std(a, axis, ddof) / ops.mean(a, axis)


def entropy(pk: Any, qk: Any = None, base: Any = None, axis: int = 0) -> Number:
    from_p = as_float64(pk, "pk")
    if qk is None:
        y = ops.sum(entr(from_p / ops.sum(from_p, axis, True)), axis)
    else:
        given = as_float64(qk, "qk")
        common = np.broadcast_shapes(shape(from_p), shape(given))
        p, q = (ops.broadcast_to(x, common) for x in (from_p, given))
        y = ops.sum(rel_entr(p / ops.sum(p, axis, True), q / ops.sum(q, axis, True)), axis)
    return y if base is None else y / log(as_float64(base, "base"))


def pearsonr(x: Any, y: Any) -> Any:
    x, y = as_float64(x, "x"), as_float64(y, "y")
    if ndim(x) != 1:
        raise no_rule("scipy.stats.pearsonr of arrays with several axes")
    a, b = x - ops.mean(x), y - ops.mean(y)
    r = ops.sum(a * b) / (ops.norm(a) * ops.norm(b))
    return _Result(statistic=r, pvalue=_two_sided(r, _count(x, 0)), correlation=r)


def _two_sided(r: Number, n: Any) -> Number:
    """The p-value of a coefficient of correlation of n pairs."""
    half = 0.5 * n - 1.0
    return 2.0 * betainc(half, half, 0.5 * (1.0 - ops.absolute(r)))


def linregress(x: Any, y: Any) -> Any:
    x, y = as_float64(x, "x"), as_float64(y, "y")
    n = _count(x, 0)
    a, b = x - ops.mean(x), y - ops.mean(y)
    sxx, sxy, syy = ops.sum(a * a), ops.sum(a * b), ops.sum(b * b)
    slope = sxy / sxx
    intercept = ops.mean(y) - slope * ops.mean(x)
    r = sxy / sqrt(sxx * syy)
    stderr = sqrt((1.0 - r * r) * syy / sxx / (n - 2.0))
    found = result(("slope", "intercept", "rvalue", "pvalue", "stderr"), slope, intercept, r, _two_sided(r, n), stderr)
    found.intercept_stderr = stderr * sqrt(sxx / n + ops.mean(x) ** 2.0)
    return found


class _Result(SimpleNamespace):
    """Results by name, and in SciPy's order where they are unpacked."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise no_rule(f"scipy.stats: {name} of a result")

    def __iter__(self) -> Any:
        return iter([vars(self)[k] for k in vars(self).get("fields", ("statistic", "pvalue"))])

    def __getitem__(self, k: int) -> Any:
        return list(self)[k]

    def __len__(self) -> int:
        return sum(1 for _ in self)


def result(fields: tuple[str, ...], *values: Any) -> Any:
    """Results by name and by place."""
    return _Result(**dict(zip(fields, values, strict=True)), fields=fields)


NAMES = (
    "zscore", "zmap", "gmean", "hmean", "pmean", "skew", "kurtosis", "moment", "sem", "variation", "entropy",
    "pearsonr", "linregress",
)  # fmt: skip
RULES: dict[str, Callable[..., Any]] = {name: globals()[name] for name in NAMES if hasattr(scipy.stats, name)}
OPERANDS = frozenset({"a", "x", "y", "pk", "qk", "scores", "compare", "weights", "p", "base", "center"})
