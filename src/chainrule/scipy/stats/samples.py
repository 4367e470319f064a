"""Statistics of samples in lifted functions: trimmed ones, quantiles, circular ones, distances, transformations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import scipy.stats

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.numbers import Number, ndim, primal, shape
from chainrule.scipy.special import UFUNCS
from chainrule.scipy.stats.calls import as_float64
from chainrule.scipy.stats.summary import flat, kurtosis, result, skew, zscore
from chainrule.signatures import by_name

Rule = Callable[..., Any]
exp, log, sqrt = ops.exp, ops.log, ops.sqrt


def _plain(x: Any) -> Any:
    return np.asarray(primal(x), dtype=float)


# -- between limits ---------------------------------------------------------------------------------------------


def _kept(a: Number, limits: Any, inclusive: Any) -> Any:
    """Which elements lie within limits, as plain truth values."""
    x, kept = _plain(a), True
    low, high = (None, None) if limits is None else limits
    if low is not None:
        kept = kept & ((x >= low) if inclusive[0] else (x > low))
    if high is not None:
        kept = kept & ((x <= high) if inclusive[1] else (x < high))
    return np.broadcast_to(kept, x.shape).astype(float)


def tmean(a: Any, limits: Any = None, inclusive: Any = (True, True), axis: Any = None) -> Number:
    a, axis = flat(a, axis)
    kept = _kept(a, limits, inclusive)
    return ops.sum(a * kept, axis) / np.sum(kept, axis)


def tvar(a: Any, limits: Any = None, inclusive: Any = (True, True), axis: Any = 0, ddof: int = 1) -> Number:
    a, axis = flat(a, axis)
    kept = _kept(a, limits, inclusive)
    count = np.sum(kept, axis)
    off = (a - ops.sum(a * kept, axis, True) / np.sum(kept, axis, keepdims=True)) * kept
    return ops.sum(off * off, axis) / (count - ddof)


def tstd(a: Any, limits: Any = None, inclusive: Any = (True, True), axis: Any = 0, ddof: int = 1) -> Number:
    return sqrt(tvar(a, limits, inclusive, axis, ddof))


def tsem(a: Any, limits: Any = None, inclusive: Any = (True, True), axis: Any = 0, ddof: int = 1) -> Number:
    count = np.sum(_kept(flat(a, axis)[0], limits, inclusive), flat(a, axis)[1])
    return tstd(a, limits, inclusive, axis, ddof) / np.sqrt(count)


def tmin(a: Any, lowerlimit: Any = None, axis: Any = 0, inclusive: bool = True) -> Number:
    a, axis = flat(a, axis)
    kept = _kept(a, (lowerlimit, None), (inclusive, True)) > 0
    return ops.min(ops.where(kept, a, math.inf), axis)


def tmax(a: Any, upperlimit: Any = None, axis: Any = 0, inclusive: bool = True) -> Number:
    a, axis = flat(a, axis)
    kept = _kept(a, (None, upperlimit), (True, inclusive)) > 0
    return ops.max(ops.where(kept, a, -math.inf), axis)


def trim_mean(a: Any, proportiontocut: float, axis: Any = 0) -> Number:
    a, axis = flat(a, axis)
    low, high = _middle(shape(a)[axis], proportiontocut)
    return ops.mean(ops.moveaxis(ops.sort(a, axis), axis, 0)[low:high], 0)


def _middle(n: int, proportion: float) -> tuple[int, int]:
    """Where the middle of n elements begins and ends, when a proportion is cut off at both ends."""
    cut = int(proportion * n)
    if 2 * cut >= n:
        raise ValueError("Proportion too big.")
    return cut, n - cut


def _parted(a: Any, low: int, high: int, axis: int) -> Number:
    """The elements from the low-th to the high-th in size, in the order in which NumPy parts them."""
    places = np.argpartition(_plain(a), (low, high - 1), axis)
    places = np.take(places, np.arange(low, high), axis)
    return ops.take_along_axis(a, places, axis)


def trimboth(a: Any, proportiontocut: float, axis: Any = 0) -> Number:
    a, axis = flat(a, axis)
    return _parted(a, *_middle(shape(a)[axis], proportiontocut), axis)


def trim1(a: Any, proportiontocut: float, tail: str = "right", axis: Any = 0) -> Number:
    a, axis = flat(a, axis)
    n = shape(a)[axis]
    cut = int(proportiontocut * n)
    return _parted(a, 0, n - cut, axis) if tail.lower() == "right" else _parted(a, cut, n, axis)


def sigmaclip(a: Any, low: float = 4.0, high: float = 4.0) -> Any:
    a = ops.reshape(as_float64(a, "a"), (-1,))
    while True:
        spread, middle = ops.std(a), ops.mean(a)
        lower, upper = middle - spread * low, middle + spread * high
        kept = (_plain(a) >= primal(lower)) & (_plain(a) <= primal(upper))
        if kept.all():
            return result(("clipped", "lower", "upper"), a, lower, upper)
        a = a[np.flatnonzero(kept)]


# -- quantiles ----------------------------------------------------------------------------------------------------

_percentile, _quantile, _median = (FUNCTIONS[f] for f in (np.percentile, np.quantile, np.median))


def iqr(x: Any, axis: Any = None, rng: Any = (25, 75), scale: Any = 1.0, interpolation: str = "linear") -> Number:
    x = as_float64(x, "x")
    low, high = sorted(rng)
    apart = _percentile(x, high, axis, method=interpolation) - _percentile(x, low, axis, method=interpolation)
    return apart / (1.3489795003921634 if scale == "normal" else scale)


def quantile(x: Any, p: Any, *, method: str = "linear", axis: Any = 0) -> Number:
    x, axis = flat(x, axis)
    if np.ndim(p) and ndim(x) > 1:
        raise no_rule("scipy.stats.quantile of several quantiles of several columns")
    return _quantile(x, p, axis, method=method)


def scoreatpercentile(
    a: Any, per: Any, limit: Any = (), interpolation_method: str = "fraction", axis: Any = None
) -> Any:
    a = as_float64(a, "a")
    refuse_where("scipy.stats.scoreatpercentile", limit=limit)
    return _percentile(a, per, axis, method="linear" if interpolation_method == "fraction" else interpolation_method)


def median_abs_deviation(x: Any, axis: Any = 0, center: Any = None, scale: Any = 1.0) -> Number:
    if center is not None and getattr(center, "__name__", "") not in ("median", "median_abs_deviation"):
        raise no_setting("scipy.stats.median_abs_deviation", ["center"])
    x, axis = flat(x, axis)
    return _median(ops.absolute(x - _median(x, axis, keepdims=True)), axis) / (
        0.6744897501960817 if scale == "normal" else scale
    )


# -- moments of other kinds ---------------------------------------------------------------------------------------


def gstd(a: Any, axis: Any = 0, ddof: int = 1) -> Number:
    a, axis = flat(a, axis)
    return exp(ops.std(log(a), axis, ddof))


def gzscore(a: Any, axis: Any = 0, ddof: int = 0) -> Number:
    return zscore(log(as_float64(a, "a")), axis, ddof)


def kstat(data: Any, n: int = 2, axis: Any = None) -> Number:
    """Weisstein, k-Statistic: unbiased estimates of cumulants by sums of powers."""
    data, axis = flat(data, axis)
    m = float(shape(data)[axis])
    if n not in (1, 2, 3, 4):
        raise ValueError("k-statistics only supported for 1<=n<=4")
    s = [ops.sum(data**k, axis) for k in range(1, n + 1)]
    if n == 1:
        return s[0] / m
    if n == 2:
        return (m * s[1] - s[0] ** 2.0) / (m * (m - 1.0))
    if n == 3:
        return (2 * s[0] ** 3.0 - 3 * m * s[0] * s[1] + m * m * s[2]) / (m * (m - 1.0) * (m - 2.0))
    return (
        -6 * s[0] ** 4.0 + 12 * m * s[0] ** 2.0 * s[1] - 3 * m * (m - 1.0) * s[1] ** 2.0
        - 4 * m * (m + 1) * s[0] * s[2] + m * m * (m + 1) * s[3]
    ) / (m * (m - 1.0) * (m - 2.0) * (m - 3.0))  # fmt: skip


def kstatvar(data: Any, n: int = 2, axis: Any = None) -> Number:
    data, axis = flat(data, axis)
    m = float(shape(data)[axis])
    if n == 1:
        return kstat(data, 2, axis) / m
    if n == 2:
        k2 = kstat(data, 2, axis)
        return (2 * m * k2**2.0 + (m - 1) * kstat(data, 4, axis)) / (m * (m + 1))
    raise ValueError("Only n=1 or n=2 supported.")


def lmoment(sample: Any, order: Any = None, *, axis: Any = 0, sorted: bool = False, standardize: bool = True) -> Number:
    """Hosking, J. R. Statist. Soc. B 52 (1990): by weights of the sorted sample."""
    x, axis = flat(sample, axis)
    x = ops.moveaxis(x if sorted else ops.sort(x, axis), axis, 0)
    asked = np.arange(1, 5) if order is None else np.asarray(order)
    n, most = shape(x)[0], int(max(2, np.max(asked)))
    i = np.arange(n)
    b = [ops.tensordot(scipy.special.comb(i, k) / scipy.special.comb(n - 1, k) / n, x, 1) for k in range(most)]
    comb = scipy.special.comb
    found = []
    for r in range(most):
        terms = [(-1.0) ** (r - k) * comb(r, k) * comb(r + k, k) * b[k] for k in range(r + 1)]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        found.append(total)
    if standardize:
        found[2:] = [x / found[1] for x in found[2:]]
    return found[int(asked) - 1] if asked.ndim == 0 else ops.stack([found[k - 1] for k in asked.tolist()])


def describe(a: Any, axis: Any = 0, ddof: int = 1, bias: bool = True) -> Any:
    a, axis = flat(a, axis)
    names = ("nobs", "minmax", "mean", "variance", "skewness", "kurtosis")
    return result(
        names, shape(a)[axis], (ops.min(a, axis), ops.max(a, axis)), ops.mean(a, axis), ops.var(a, axis, ddof),
        skew(a, axis, bias), kurtosis(a, axis, True, bias),
    )  # fmt: skip


def expectile(a: Any, alpha: float = 0.5, *, weights: Any = None) -> Number:
    """Where the sum of (x - e) is zero, those above weighted by alpha and those below by 1 - alpha."""
    a = as_float64(a, "a")
    w = 1.0 if weights is None else as_float64(weights, "weights")
    e = scipy.stats.expectile(_plain(a), alpha, weights=None if weights is None else _plain(w))
    share = np.where(_plain(a) > e, alpha, 1 - alpha) * w
    return ops.sum(share * a) / ops.sum(share)


def differential_entropy(
    values: Any, *, window_length: Any = None, base: Any = None, axis: Any = 0, method: str = "auto"
) -> Number:
    """Vasicek, J. R. Statist. Soc. B 38 (1976): by the spacings of the sorted sample."""
    x, axis = flat(values, axis)
    n = shape(x)[axis]
    if method == "auto":
        method = "van es" if n <= 10 else "ebrahimi" if n <= 1000 else "vasicek"
    if method not in ("vasicek", "ebrahimi", "van es"):
        raise no_rule(f"scipy.stats.differential_entropy of method={method!r}")
    m = math.floor(math.sqrt(n) + 0.5) if window_length is None else int(window_length)
    x = ops.moveaxis(ops.sort(x, axis), axis, 0)
    if method == "van es":
        y = ops.sum(log((x[m:] - x[:-m]) * ((n + 1) / m)), 0) / (n - m)
        y = y + (np.sum(1 / np.arange(m, n + 1.0)) + math.log(m) - math.log(n + 1))
        return y if base is None else y / math.log(base)
    longer = ops.concatenate([ops.repeat(x[:1], m, 0), x, ops.repeat(x[-1:], m, 0)])
    apart = longer[2 * m :] - longer[: -2 * m]
    if method == "vasicek":
        y = ops.mean(log(apart * (n / (2 * m))), 0)
    else:
        i = np.arange(1, n + 1).astype(float)
        c = np.full(n, 2.0)
        c[:m], c[n - m :] = 1 + (i[:m] - 1) / m, 1 + (n - i[n - m :]) / m
        y = ops.mean(log(apart * np.reshape(n / (c * m), (-1,) + (1,) * (ndim(x) - 1))), 0)
    return y if base is None else y / math.log(base)


# -- angles -------------------------------------------------------------------------------------------------------


def _means_of_angles(samples: Any, high: Any, low: Any, axis: Any) -> tuple[Number, Number, Number]:
    x, axis = flat(samples, axis)
    angle = (x - low) * (2 * math.pi / (high - low))
    s, c = ops.mean(ops.sin(angle), axis), ops.mean(ops.cos(angle), axis)
    return s, c, ops.hypot(s, c)


def circmean(samples: Any, high: Any = 2 * math.pi, low: Any = 0, axis: Any = None) -> Number:
    s, c, _ = _means_of_angles(samples, high, low, axis)
    angle = ops.arctan2(s, c)
    return ops.mod(angle * ((high - low) / (2 * math.pi)), float(high - low)) + low


def circvar(samples: Any, high: Any = 2 * math.pi, low: Any = 0, axis: Any = None) -> Number:
    return 1.0 - _means_of_angles(samples, high, low, axis)[2]


def circstd(
    samples: Any, high: Any = 2 * math.pi, low: Any = 0, axis: Any = None, *, normalize: bool = False
) -> Number:
    y = sqrt(-2.0 * log(_means_of_angles(samples, high, low, axis)[2]))
    return y if normalize else y * ((high - low) / (2 * math.pi))


# -- distances between samples ------------------------------------------------------------------------------------


def _apart(u: Any, v: Any, u_weights: Any, v_weights: Any) -> tuple[Number, Number]:
    """The differences of two empirical distribution functions, and the widths of the steps."""
    u, v = as_float64(u, "u_values"), as_float64(v, "v_values")
    both = ops.sort(ops.concatenate([u, v]))
    plain = _plain(both)[:-1]

    def shares(x: Number, weights: Any) -> Number:
        order = np.argsort(_plain(x))
        at = np.searchsorted(_plain(x)[order], plain, "right")
        if weights is None:
            return at / len(order)
        steps = ops.cumsum(as_float64(weights, "weights")[order])
        return ops.concatenate([np.zeros(1), steps])[at] / steps[-1]

    return shares(u, u_weights) - shares(v, v_weights), ops.diff(both)


def wasserstein_distance(u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None) -> Number:
    apart, width = _apart(u_values, v_values, u_weights, v_weights)
    return ops.sum(ops.absolute(apart) * width)


def energy_distance(u_values: Any, v_values: Any, u_weights: Any = None, v_weights: Any = None) -> Number:
    apart, width = _apart(u_values, v_values, u_weights, v_weights)
    return math.sqrt(2) * sqrt(ops.sum(apart * apart * width))


# -- transformations towards a normal distribution ----------------------------------------------------------------


def boxcox(x: Any, lmbda: Any = None) -> Number:
    if lmbda is None:
        raise no_rule("scipy.stats.boxcox without lmbda=")
    return UFUNCS["boxcox"](as_float64(x, "x"), as_float64(lmbda, "lmbda"))


def boxcox_llf(lmb: Any, data: Any, *, axis: Any = 0) -> Number:
    x, axis = flat(data, axis)
    y = boxcox(x, lmb)
    n = shape(x)[axis]
    return (as_float64(lmb, "lmb") - 1) * ops.sum(log(x), axis) - n / 2 * log(ops.var(y, axis))


def yeojohnson(x: Any, lmbda: Any = None) -> Number:
    """Yeo and Johnson, Biometrika 87 (2000)."""
    if lmbda is None:
        raise no_rule("scipy.stats.yeojohnson without lmbda=")
    x, k = as_float64(x, "x"), as_float64(lmbda, "lmbda")
    up = _plain(x) >= 0
    box = UFUNCS["boxcox1p"]
    return ops.where(up, box(ops.where(up, x, 0.0), k), -box(ops.where(up, 0.0, -x), 2.0 - k))


def yeojohnson_llf(lmb: Any, data: Any, *, axis: Any = 0) -> Number:
    x, axis = flat(data, axis)
    n = shape(x)[axis]
    lead = (as_float64(lmb, "lmb") - 1) * ops.sum(ops.sign(_plain(x)) * ops.log1p(ops.absolute(x)), axis)
    return lead - n / 2 * log(ops.var(yeojohnson(x, lmb), axis))


def obrientransform(samples: Any) -> Any:
    found = []
    for sample in samples:
        a = as_float64(sample, "samples")
        n, mean = float(shape(a)[0]), ops.mean(a)
        square = (a - mean) ** 2.0
        total = ops.sum(square)
        found.append(((n - 1.5) * n * square - 0.5 * total) / ((n - 1) * (n - 2)))
    return ops.stack(found) if len({shape(x) for x in found}) == 1 else found


RULES: dict[str, Rule] = by_name(
    tmean, tvar, tstd, tsem, tmin, tmax, trim_mean, trimboth, trim1, sigmaclip, iqr, quantile, scoreatpercentile,
    median_abs_deviation, gstd, gzscore, kstat, kstatvar, lmoment, describe, expectile, differential_entropy,
    circmean, circvar, circstd, wasserstein_distance, energy_distance, boxcox, boxcox_llf, yeojohnson,
    yeojohnson_llf, obrientransform,
)  # fmt: skip
