"""Tests of hypotheses in lifted functions: their statistics, and the p-values whose distribution is in a table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.numbers import Number, primal, shape
from chainrule.scipy.special import UFUNCS
from chainrule.scipy.stats.calls import as_float64
from chainrule.scipy.stats.summary import flat, kurtosis, pearsonr, result, skew
from chainrule.signatures import by_name

Rule = Callable[..., Any]
log, sqrt = ops.log, ops.sqrt
ndtr, stdtr, fdtrc, chdtrc = (UFUNCS[name] for name in ("ndtr", "stdtr", "fdtrc", "chdtrc"))


def _tail(below: Callable[[Number], Number], t: Number, alternative: str) -> Number:
    """The p-value of a statistic that is distributed symmetrically, by its distribution function."""
    if alternative == "less":
        return below(t)
    if alternative == "greater":
        return below(-t)
    return 2.0 * below(-ops.absolute(t))


def _student(t: Number, df: Any, alternative: str) -> Any:
    y = result(("statistic", "pvalue"), t, _tail(lambda v: stdtr(df, v), t, alternative))
    y.df = df
    return y


def _normal(z: Number, alternative: str) -> Any:
    return result(("statistic", "pvalue"), z, _tail(ndtr, z, alternative))


def ttest_1samp(a: Any, popmean: Any, axis: Any = 0, alternative: str = "two-sided") -> Any:
    a, axis = flat(a, axis)
    n = float(shape(a)[axis])
    t = (ops.mean(a, axis) - as_float64(popmean, "popmean")) / (ops.std(a, axis, 1) / math.sqrt(n))
    return _student(t, n - 1, alternative)


def ttest_rel(a: Any, b: Any, axis: Any = 0, alternative: str = "two-sided") -> Any:
    return ttest_1samp(as_float64(a, "a") - as_float64(b, "b"), 0.0, axis, alternative)


def ttest_ind_from_stats(
    mean1: Any, std1: Any, nobs1: Any, mean2: Any, std2: Any, nobs2: Any, equal_var: bool = True,
    alternative: str = "two-sided",
) -> Any:  # fmt: skip
    mean1, mean2 = as_float64(mean1, "mean1"), as_float64(mean2, "mean2")
    v1, v2 = as_float64(std1, "std1") ** 2.0, as_float64(std2, "std2") ** 2.0
    n1, n2 = as_float64(nobs1, "nobs1"), as_float64(nobs2, "nobs2")
    if equal_var:
        df = n1 + n2 - 2.0
        below = sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df * (1.0 / n1 + 1.0 / n2))
    else:
        e1, e2 = v1 / n1, v2 / n2
        df = (e1 + e2) ** 2.0 / (e1 * e1 / (n1 - 1) + e2 * e2 / (n2 - 1))
        below = sqrt(e1 + e2)
    return _student((mean1 - mean2) / below, df, alternative)


def ttest_ind(a: Any, b: Any, *, axis: Any = 0, equal_var: bool = True, alternative: str = "two-sided") -> Any:
    (a, axis), (b, _) = flat(a, axis), flat(b, axis)
    parts = [(ops.mean(x, axis), ops.std(x, axis, 1), float(shape(x)[axis])) for x in (a, b)]
    return ttest_ind_from_stats(*parts[0], *parts[1], equal_var, alternative)


def f_oneway(samples: Any, *, axis: Any = 0) -> Any:
    parts = [flat(x, axis)[0] for x in samples]
    whole = ops.concatenate(parts, axis)
    n, k = float(shape(whole)[axis]), len(parts)
    centre = ops.mean(whole, axis, True)
    between: Any = 0.0
    within: Any = 0.0
    for x in parts:
        mean = ops.mean(x, axis, True)
        between = between + shape(x)[axis] * ops.sum((mean - centre) ** 2.0, axis)
        within = within + ops.sum((x - mean) ** 2.0, axis)
    f = (between / (k - 1.0)) / (within / (n - k))
    return result(("statistic", "pvalue"), f, fdtrc(k - 1.0, n - k, f))


def bartlett(samples: Any, *, axis: Any = 0) -> Any:
    parts = [flat(x, axis) for x in samples]
    n = [float(shape(x)[k]) for x, k in parts]
    variances = [ops.var(x, k, 1) for x, k in parts]
    total, k = sum(n), len(n)
    pooled: Any = 0.0
    logs: Any = 0.0
    for count, v in zip(n, variances, strict=True):
        pooled, logs = pooled + (count - 1) * v / (total - k), logs + (count - 1) * log(v)
    above = (total - k) * log(pooled) - logs
    t = above / (1 + (sum(1 / (count - 1) for count in n) - 1 / (total - k)) / (3 * (k - 1)))
    return result(("statistic", "pvalue"), t, chdtrc(k - 1.0, t))


def levene(samples: Any, *, center: str = "median", axis: Any = 0) -> Any:
    refuse_where("scipy.stats.levene", center=center not in ("median", "mean"))
    middle = FUNCTIONS[np.median] if center == "median" else FUNCTIONS[np.mean]
    parts = [flat(x, axis) for x in samples]
    return f_oneway([ops.absolute(x - middle(x, k, keepdims=True)) for x, k in parts], axis=parts[0][1])


def power_divergence(f_obs: Any, f_exp: Any = None, ddof: int = 0, axis: Any = 0, lambda_: Any = None) -> Any:
    f_obs, axis = flat(f_obs, axis)
    names = {"pearson": 1.0, "log-likelihood": 0.0, "freeman-tukey": -0.5, "mod-log-likelihood": -1.0, "neyman": -2.0,
             "cressie-read": 2 / 3}  # fmt: skip
    power: Any = 1.0 if lambda_ is None else names.get(lambda_, lambda_) if isinstance(lambda_, str) else lambda_
    expected = ops.mean(f_obs, axis, True) if f_exp is None else flat(f_exp, axis)[0]
    if power == 1:
        terms = (f_obs - expected) ** 2.0 / expected
    elif power == 0:
        terms = 2.0 * UFUNCS["xlogy"](f_obs, f_obs / expected)
    elif power == -1:
        terms = 2.0 * UFUNCS["xlogy"](expected, expected / f_obs)
    else:
        terms = f_obs * ((f_obs / expected) ** power - 1) / (0.5 * power * (power + 1))
    y = ops.sum(terms, axis)
    return result(("statistic", "pvalue"), y, chdtrc(float(shape(f_obs)[axis] - 1 - ddof), y))


def chisquare(f_obs: Any, f_exp: Any = None, ddof: int = 0, axis: Any = 0, *, sum_check: bool = True) -> Any:
    return power_divergence(f_obs, f_exp, ddof, axis, 1.0)


def chi2_contingency(observed: Any, correction: bool = True, lambda_: Any = None) -> Any:
    seen = as_float64(observed, "observed")
    axes = range(len(shape(seen)))
    total = ops.sum(seen)
    expected: Any = total
    for k in axes:
        others = tuple([j for j in axes if j != k])
        expected = expected * (ops.sum(seen, others, True) / total)
    dof = int(np.prod(shape(seen))) - sum(shape(seen)) + len(shape(seen)) - 1
    if dof == 1 and correction:
        apart = expected - seen
        seen = seen + ops.minimum(0.5, ops.absolute(apart)) * np.sign(primal(apart))
    y = power_divergence(ops.ravel(seen), ops.ravel(expected), 0, 0, lambda_).statistic
    return result(("statistic", "pvalue", "dof", "expected_freq"), y, chdtrc(float(dof), y), dof, expected)


def skewtest(a: Any, axis: Any = 0, alternative: str = "two-sided") -> Any:
    """D'Agostino, Belanger and D'Agostino, Amer. Statistician 44 (1990)."""
    return _normal(_skewness(a, axis), alternative)


def _skewness(a: Any, axis: Any) -> Number:
    a, axis = flat(a, axis)
    n = float(shape(a)[axis])
    y = skew(a, axis) * math.sqrt((n + 1) * (n + 3) / (6.0 * (n - 2)))
    beta = 3.0 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2.0) * (n + 5) * (n + 7) * (n + 9))
    w = -1 + math.sqrt(2 * (beta - 1))
    return ops.arcsinh(y / math.sqrt(2.0 / (w - 1))) / math.sqrt(0.5 * math.log(w))


def kurtosistest(a: Any, axis: Any = 0, alternative: str = "two-sided") -> Any:
    """Anscombe and Glynn, Biometrika 70 (1983)."""
    return _normal(_flatness(a, axis), alternative)


def _flatness(a: Any, axis: Any) -> Number:
    a, axis = flat(a, axis)
    n = float(shape(a)[axis])
    b2 = kurtosis(a, axis, False)
    spread = 24.0 * n * (n - 2) * (n - 3) / ((n + 1) ** 2.0 * (n + 3) * (n + 5))
    x = (b2 - 3.0 * (n - 1) / (n + 1)) / math.sqrt(spread)
    root = (
        6.0 * (n * n - 5 * n + 2) / ((n + 7) * (n + 9)) * math.sqrt(6.0 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)))
    )
    c = 6.0 + 8.0 / root * (2.0 / root + math.sqrt(1 + 4.0 / root**2))
    below = 1 + x * math.sqrt(2 / (c - 4.0))
    third = ops.sign(primal(below)) * ((1 - 2.0 / c) / ops.absolute(below)) ** (1 / 3.0)
    return (1 - 2 / (9.0 * c) - third) / math.sqrt(2 / (9.0 * c))


def normaltest(a: Any, axis: Any = 0) -> Any:
    y = _skewness(a, axis) ** 2.0 + _flatness(a, axis) ** 2.0
    return result(("statistic", "pvalue"), y, chdtrc(2.0, y))


def jarque_bera(x: Any, *, axis: Any = None) -> Any:
    x, axis = flat(x, axis)
    y = shape(x)[axis] / 6 * (skew(x, axis) ** 2.0 + kurtosis(x, axis) ** 2.0 / 4)
    return result(("statistic", "pvalue"), y, chdtrc(2.0, y))


def combine_pvalues(pvalues: Any, method: str = "fisher", weights: Any = None, *, axis: Any = 0) -> Any:
    p, axis = flat(pvalues, axis)
    n = float(shape(p)[axis])
    if method == "fisher":
        y = -2.0 * ops.sum(log(p), axis)
        return result(("statistic", "pvalue"), y, chdtrc(2 * n, y))
    if method == "stouffer":
        w = np.ones(int(n)) if weights is None else as_float64(weights, "weights")
        z = ops.sum(-UFUNCS["ndtri"](p) * w, axis) / sqrt(ops.sum(w * w))
        return result(("statistic", "pvalue"), z, ndtr(-z))
    if method == "pearson":
        y = 2.0 * ops.sum(ops.log1p(-p), axis)
        return result(("statistic", "pvalue"), y, 1.0 - chdtrc(2 * n, -y))
    raise no_setting("scipy.stats.combine_pvalues", ["method"])


def false_discovery_control(ps: Any, *, axis: Any = 0, method: str = "bh") -> Number:
    p, axis = flat(ps, axis)
    refuse_where("scipy.stats.false_discovery_control", axis=len(shape(p)) != 1)
    n = shape(p)[0]
    order = np.argsort(np.asarray(primal(p)), kind="stable")
    scaled = p[order] * (n / np.arange(1.0, n + 1))
    if method == "by":
        scaled = scaled * np.sum(1 / np.arange(1.0, n + 1))
    least = [scaled[n - 1]]
    for k in range(n - 2, -1, -1):
        least.append(ops.minimum(scaled[k], least[-1]))
    found = ops.stack(least[::-1])[np.argsort(order)]
    return ops.clip(found, 0.0, 1.0)


def alexandergovern(samples: Any, axis: Any = 0) -> Any:
    """Alexander and Govern, J. Educ. Statist. 19 (1994)."""
    parts = [flat(x, axis) for x in samples]
    n = [float(shape(x)[k]) for x, k in parts]
    errors = [ops.std(x, k, 1) / math.sqrt(m) for (x, k), m in zip(parts, n, strict=True)]
    means = [ops.mean(x, k) for x, k in parts]
    below: Any = 0.0
    above: Any = 0.0
    for mean, e in zip(means, errors, strict=True):
        below, above = below + 1.0 / e**2.0, above + mean / e**2.0
    y: Any = 0.0
    for mean, e, m in zip(means, errors, n, strict=True):
        t, v = (mean - above / below) / e, m - 1
        a = v - 0.5
        b = 48 * a * a
        c = sqrt(a * ops.log1p(t * t / v))
        z = (
            c
            + (c**3.0 + 3 * c) / b
            - (4 * c**7.0 + 33 * c**5.0 + 240 * c**3.0 + 855 * c) / (b * b * 10 + 8 * b * c**4.0 + 1000 * b)
        )
        y = y + z * z
    return result(("statistic", "pvalue"), y, chdtrc(len(n) - 1.0, y))


def pointbiserialr(x: Any, y: Any) -> Any:
    found = pearsonr(x, y)
    return result(("statistic", "pvalue"), found.statistic, found.pvalue)


def theilslopes(y: Any, x: Any = None, alpha: float = 0.95, method: str = "separate") -> Any:
    y = ops.ravel(as_float64(y, "y"))
    x = np.arange(float(shape(y)[0])) if x is None else ops.ravel(as_float64(x, "x"))
    first, second = np.nonzero(np.subtract.outer(primal(x), primal(x)).T > 0)
    slopes = (y[second] - y[first]) / (x[second] - x[first])
    median = FUNCTIONS[np.median]
    slope = median(slopes)
    intercept = median(y) - slope * median(x) if method == "separate" else median(y - slope * x)
    plain = scipy.stats.theilslopes(primal(y), primal(x), alpha, method=method)
    held = np.asarray(primal(slopes))
    ends = [slopes[int(np.argmin(np.abs(held - end)))] for end in plain[2:]]
    return result(("slope", "intercept", "low_slope", "high_slope"), slope, intercept, *ends)


RULES: dict[str, Rule] = by_name(
    ttest_1samp, ttest_rel, ttest_ind_from_stats, ttest_ind, f_oneway, bartlett, levene, power_divergence, chisquare,
    chi2_contingency, skewtest, kurtosistest, normaltest, jarque_bera, combine_pvalues, false_discovery_control,
    alexandergovern, pointbiserialr, theilslopes,
)  # fmt: skip
