"""The normal distribution and those made of it."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.special.bessel import i0e, k1e
from chainrule.scipy.special.cumulative import chndtr
from chainrule.scipy.special.error import log_ndtr, ndtr, ndtri, normal_density, owens_t
from chainrule.scipy.special.gamma import gammainc
from chainrule.scipy.special.hypergeometric import hyp1f1
from chainrule.scipy.stats.law import law

exp, expm1, log, log1p, sqrt, where = ops.exp, ops.expm1, ops.log, ops.log1p, ops.sqrt, ops.where
gammaln = ops.gammaln
POSITIVE = (0.0, math.inf)
LOG_ROOT_2_PI = 0.5 * math.log(2 * math.pi)


def log_normal_density(x: Number) -> Number:
    return -0.5 * x * x - LOG_ROOT_2_PI


def log_cosh(x: Number) -> Number:
    return ops.logaddexp(x, -x) - math.log(2)


def log_difference(low: Number, high: Number) -> Number:
    """log(exp(high) - exp(low)), low < high."""
    return high + log(-expm1(low - high))


def log_mass(a: Number, b: Number) -> Number:
    """log of the normal probability between a and b, from the tail on whose side a is."""
    right = primal(a) > 0
    return log_difference(log_ndtr(where(right, -b, a)), log_ndtr(where(right, -a, b)))


law(
    "norm", log_normal_density, ndtr, mean=lambda: 0.0, var=lambda: 1.0, entropy=lambda: LOG_ROOT_2_PI + 0.5,
    direct={
        "cdf": ndtr, "sf": lambda x: ndtr(-x), "logcdf": log_ndtr, "logsf": lambda x: log_ndtr(-x), "ppf": ndtri,
        "isf": lambda q: -ndtri(q),
    },
)  # fmt: skip
law(
    "halfnorm", lambda x: log_normal_density(x) + math.log(2), None, POSITIVE, mean=lambda: math.sqrt(2 / math.pi),
    var=lambda: 1 - 2 / math.pi, entropy=lambda: 0.5 * math.log(math.pi / 2) + 0.5,
)  # fmt: skip


def _folded_mean(c: Number) -> Number:
    return 2.0 * normal_density(c) + c * ops.erf(c / math.sqrt(2))


law(
    "foldnorm", lambda x, c: math.log(2) - LOG_ROOT_2_PI + log_cosh(c * x) - 0.5 * (x * x + c * c),
    lambda x, c: ndtr(x - c) - ndtr(-x - c), POSITIVE, valid=lambda c: c >= 0, mean=_folded_mean,
    var=lambda c: 1.0 + c * c - _folded_mean(c) ** 2,
)  # fmt: skip
law(
    "lognorm", lambda x, s: log_normal_density(log(x) / s) - log(s * x), lambda x, s: ndtr(log(x) / s), POSITIVE,
    mean=lambda s: exp(0.5 * s * s), var=lambda s: expm1(s * s) * exp(s * s),
    entropy=lambda s: LOG_ROOT_2_PI + 0.5 + log(s),
)  # fmt: skip
law(
    "powernorm", lambda x, c: log(c) + log_normal_density(x) + (c - 1.0) * log_ndtr(-x),
    lambda x, c: -expm1(c * log_ndtr(-x)),
)  # fmt: skip
law(
    "powerlognorm",
    lambda x, c, s: log(c) - log(x * s) + log_normal_density(log(x) / s) + (c - 1.0) * log_ndtr(-log(x) / s),
    lambda x, c, s: -expm1(c * log_ndtr(-log(x) / s)), POSITIVE,
)  # fmt: skip


def _skew_mean(a: Number) -> Number:
    return math.sqrt(2 / math.pi) * a / sqrt(1.0 + a * a)


law(
    "skewnorm", lambda x, a: math.log(2) + log_normal_density(x) + log_ndtr(a * x),
    lambda x, a: ndtr(x) - 2.0 * owens_t(x, a), valid=lambda a: a == a, mean=_skew_mean,
    var=lambda a: 1.0 - _skew_mean(a) ** 2,
)  # fmt: skip


def _truncated_mean(a: Number, b: Number) -> Number:
    return (normal_density(a) - normal_density(b)) * exp(-log_mass(a, b))


def _at_end(x: Number) -> Number:
    """x times the normal density, 0 at infinity."""
    finite = ops.absolute(primal(x)) < math.inf
    x = where(finite, x, 0.0)
    return x * normal_density(x)


def _truncated_var(a: Number, b: Number) -> Number:
    return 1.0 + (_at_end(a) - _at_end(b)) * exp(-log_mass(a, b)) - _truncated_mean(a, b) ** 2


law(
    "truncnorm", lambda x, a, b: log_normal_density(x) - log_mass(a, b),
    lambda x, a, b: exp(log_mass(a, x) - log_mass(a, b)), lambda a, b: (a, b), valid=lambda a, b: a < b,
    mean=_truncated_mean, var=_truncated_var,
    entropy=lambda a, b: log_mass(a, b) + LOG_ROOT_2_PI + 0.5 * (_truncated_var(a, b) + _truncated_mean(a, b) ** 2),
)  # fmt: skip
law(
    "exponnorm", lambda x, K: 0.5 / (K * K) - x / K - log(K) + log_ndtr(x - 1.0 / K),
    lambda x, K: ndtr(x) - exp(0.5 / (K * K) - x / K + log_ndtr(x - 1.0 / K)), mean=lambda K: K,
    var=lambda K: 1.0 + K * K,
)  # fmt: skip


def _inverse_gaussian(x: Number, mu: Number) -> Number:
    off = (x - mu) / mu
    return -LOG_ROOT_2_PI - 1.5 * log(x) - 0.5 * off * off / x


law(
    "invgauss", _inverse_gaussian,
    lambda x, mu: ndtr((x / mu - 1.0) / sqrt(x)) + exp(2.0 / mu + log_ndtr(-(x / mu + 1.0) / sqrt(x))), POSITIVE,
    mean=lambda mu: mu, var=lambda mu: mu**3,
)  # fmt: skip
law("wald", lambda x: _inverse_gaussian(x, 1.0), None, POSITIVE, mean=lambda: 1.0, var=lambda: 1.0)


def _norm_inverse_gauss(x: Number, a: Number, b: Number) -> Number:
    root = ops.hypot(x, 1.0)
    return log(a / math.pi) + sqrt(a * a - b * b) + b * x + log(k1e(a * root)) - a * root - log(root)


law(
    "norminvgauss", _norm_inverse_gauss, valid=lambda a, b: (a > 0) & (abs(b) < a),
    mean=lambda a, b: b / sqrt(a * a - b * b), var=lambda a, b: a * a / (a * a - b * b) ** 1.5,
)  # fmt: skip
law(
    "fatiguelife",
    lambda x, c: log1p(x) - log(2.0 * c) - LOG_ROOT_2_PI - 1.5 * log(x) - 0.5 * ((x - 1.0) / c) ** 2 / x,
    lambda x, c: ndtr((sqrt(x) - 1.0 / sqrt(x)) / c), POSITIVE, mean=lambda c: 0.5 * c * c + 1.0,
    var=lambda c: c * c * (1.25 * c * c + 1.0),
)  # fmt: skip
law(
    "johnsonsu", lambda x, a, b: log(b) - 0.5 * log1p(x * x) + log_normal_density(a + b * ops.arcsinh(x)),
    lambda x, a, b: ndtr(a + b * ops.arcsinh(x)), valid=lambda a, b: (b > 0) & (a == a),
    mean=lambda a, b: -exp(0.5 / (b * b)) * ops.sinh(a / b),
    var=lambda a, b: 0.5 * expm1(1.0 / (b * b)) * (exp(1.0 / (b * b)) * ops.cosh(2.0 * a / b) + 1.0),
)  # fmt: skip
law(
    "johnsonsb", lambda x, a, b: log(b) - log(x) - log1p(-x) + log_normal_density(a + b * (log(x) - log1p(-x))),
    lambda x, a, b: ndtr(a + b * (log(x) - log1p(-x))), (0.0, 1.0), valid=lambda a, b: (b > 0) & (a == a),
)  # fmt: skip
law(
    "maxwell", lambda x: math.log(2) - LOG_ROOT_2_PI + 2.0 * log(x) - 0.5 * x * x, None, POSITIVE,
    mean=lambda: 2 * math.sqrt(2 / math.pi), var=lambda: 3 - 8 / math.pi,
    entropy=lambda: 0.5772156649015329 + 0.5 * math.log(2 * math.pi) - 0.5,
)  # fmt: skip
law(
    "rayleigh", lambda x: log(x) - 0.5 * x * x, None, POSITIVE, mean=lambda: math.sqrt(math.pi / 2),
    var=lambda: 2 - math.pi / 2, entropy=lambda: 0.5 * 0.5772156649015329 + 1 - 0.5 * math.log(2),
)  # fmt: skip


def _chi_mean(df: Number) -> Number:
    return math.sqrt(2) * exp(gammaln(0.5 * df + 0.5) - gammaln(0.5 * df))


law(
    "chi", lambda x, df: (df - 1.0) * log(x) - 0.5 * x * x - (0.5 * df - 1.0) * math.log(2) - gammaln(0.5 * df),
    lambda x, df: gammainc(0.5 * df, 0.5 * x * x), POSITIVE, mean=_chi_mean, var=lambda df: df - _chi_mean(df) ** 2,
    entropy=lambda df: gammaln(0.5 * df) + 0.5 * (df - math.log(2) - (df - 1.0) * ops.digamma(0.5 * df)),
)  # fmt: skip


def _rice_mean(b: Number) -> Number:
    return math.sqrt(math.pi / 2) * hyp1f1(-0.5, 1.0, -0.5 * b * b)


law(
    "rice", lambda x, b: log(x) - 0.5 * (x - b) ** 2 + log(i0e(x * b)), lambda x, b: chndtr(x * x, 2.0, b * b),
    POSITIVE, valid=lambda b: b >= 0, mean=_rice_mean, var=lambda b: 2.0 + b * b - _rice_mean(b) ** 2,
)  # fmt: skip
