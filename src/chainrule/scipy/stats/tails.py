"""Distributions whose tails are powers."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.special.cumulative import fdtr, stdtr
from chainrule.scipy.special.gamma import betaln
from chainrule.scipy.stats.bounded import prime_entropy
from chainrule.scipy.stats.extremes import scaled_log
from chainrule.scipy.stats.law import law
from chainrule.scipy.stats.normals import POSITIVE

exp, expm1, log, log1p, power, where = ops.exp, ops.expm1, ops.log, ops.log1p, ops.power, ops.where
arctan, digamma, gammaln = ops.arctan, ops.digamma, ops.gammaln
LOG_PI = math.log(math.pi)


def _if(condition: Number, value: Number, otherwise: float = math.inf) -> Number:
    """A moment where it exists."""
    return where(condition, value, otherwise)


law(
    "pareto", lambda x, b: log(b) - (b + 1.0) * log(x), lambda x, b: -expm1(-b * log(x)), (1.0, math.inf),
    mean=lambda b: _if(primal(b) > 1, b / (b - 1.0)),
    var=lambda b: _if(primal(b) > 2, b / ((b - 2.0) * (b - 1.0) ** 2)), entropy=lambda b: 1.0 + 1.0 / b - log(b),
)  # fmt: skip
law(
    "lomax", lambda x, c: log(c) - (c + 1.0) * log1p(x), lambda x, c: -expm1(-c * log1p(x)), POSITIVE,
    mean=lambda c: _if(primal(c) > 1, 1.0 / (c - 1.0)),
    var=lambda c: _if(primal(c) > 2, c / ((c - 2.0) * (c - 1.0) ** 2)),
    entropy=lambda c: 1.0 + 1.0 / c - log(c),
)  # fmt: skip
law(
    "genpareto", lambda x, c: -(1.0 + c) * scaled_log(c, x), lambda x, c: -expm1(-scaled_log(c, x)),
    lambda c: (0.0, where(c < 0, -1.0 / where(c < 0, c, -1.0), math.inf)), valid=lambda c: c == c,
    mean=lambda c: _if(primal(c) < 1, 1.0 / (1.0 - c)),
    var=lambda c: _if(primal(c) < 0.5, 1.0 / ((1.0 - c) ** 2 * (1.0 - 2.0 * c))), entropy=lambda c: 1.0 + c,
)  # fmt: skip


def _burr_moment(k: float, c: Number, d: Number) -> Number:
    return exp(gammaln(1.0 - k / c) + gammaln(d + k / c) - gammaln(d))


def _burr12_moment(k: float, c: Number, d: Number) -> Number:
    return exp(gammaln(1.0 + k / c) + gammaln(d - k / c) - gammaln(d))


law(
    "burr", lambda x, c, d: log(c) + log(d) - (c + 1.0) * log(x) - (d + 1.0) * log1p(power(x, -c)),
    lambda x, c, d: exp(-d * log1p(power(x, -c))), POSITIVE,
    mean=lambda c, d: _if(primal(c) > 1, _burr_moment(1.0, c, d)),
    var=lambda c, d: _if(primal(c) > 2, _burr_moment(2.0, c, d) - _burr_moment(1.0, c, d) ** 2),
    entropy=lambda c, d: prime_entropy(d, 1.0) - log(c) + (1.0 / c - 1.0) * (digamma(d) - digamma(1.0)),
)  # fmt: skip
law(
    "burr12", lambda x, c, d: log(c) + log(d) + (c - 1.0) * log(x) - (d + 1.0) * log1p(power(x, c)),
    lambda x, c, d: -expm1(-d * log1p(power(x, c))), POSITIVE,
    mean=lambda c, d: _if(primal(c * d) > 1, _burr12_moment(1.0, c, d)),
    var=lambda c, d: _if(primal(c * d) > 2, _burr12_moment(2.0, c, d) - _burr12_moment(1.0, c, d) ** 2),
    entropy=lambda c, d: prime_entropy(1.0, d) - log(c) + (1.0 / c - 1.0) * (digamma(1.0) - digamma(d)),
)  # fmt: skip


def _fisk_moment(k: float, c: Number) -> Number:
    return k * math.pi / c / ops.sin(k * math.pi / c)


law(
    "fisk", lambda x, c: log(c) + (c - 1.0) * log(x) - 2.0 * log1p(power(x, c)),
    lambda x, c: ops.sigmoid(c * log(x)), POSITIVE, mean=lambda c: _if(primal(c) > 1, _fisk_moment(1.0, c)),
    var=lambda c: _if(primal(c) > 2, _fisk_moment(2.0, c) - _fisk_moment(1.0, c) ** 2),
    entropy=lambda c: 2.0 - log(c),
)  # fmt: skip


def _log_laplace_cdf(x: Number, c: Number) -> Number:
    below = primal(x) < 1
    return where(below, 0.5 * power(where(below, x, 1.0), c), 1.0 - 0.5 * power(where(below, 1.0, x), -c))


law(
    "loglaplace", lambda x, c: log(0.5 * c) - c * ops.absolute(log(x)) - log(x), _log_laplace_cdf, POSITIVE,
    mean=lambda c: _if(primal(c) > 1, c * c / (c * c - 1.0)),
    var=lambda c: _if(primal(c) > 2, c * c / (c * c - 4.0) - (c * c / (c * c - 1.0)) ** 2),
    entropy=lambda c: log(2.0 / c) + 1.0,
)  # fmt: skip
law(
    "mielke", lambda x, k, s: log(k) + (k - 1.0) * log(x) - (1.0 + k / s) * log1p(power(x, s)),
    lambda x, k, s: exp(k * log(x) - k / s * log1p(power(x, s))), POSITIVE,
)  # fmt: skip
law(
    "kappa3", lambda x, a: log(a) - (1.0 / a + 1.0) * log(a + power(x, a)),
    lambda x, a: x * exp(-log(a + power(x, a)) / a), POSITIVE,
)  # fmt: skip
law("cauchy", lambda x: -LOG_PI - log1p(x * x), None, entropy=lambda: math.log(4 * math.pi))
law(
    "halfcauchy", lambda x: math.log(2) - LOG_PI - log1p(x * x), None, POSITIVE, entropy=lambda: math.log(2 * math.pi),
)  # fmt: skip
law(
    "foldcauchy", lambda x, c: log(1.0 / (1.0 + (x - c) ** 2) + 1.0 / (1.0 + (x + c) ** 2)) - LOG_PI,
    lambda x, c: (arctan(x - c) + arctan(x + c)) / math.pi, POSITIVE, valid=lambda c: c >= 0,
)  # fmt: skip


def _skewed(x: Number, a: Number) -> Number:
    return x / (1.0 + a * where(primal(x) < 0, -1.0, 1.0))


law(
    "skewcauchy", lambda x, a: -LOG_PI - log1p(_skewed(x, a) ** 2),
    lambda x, a: 0.5 * (1.0 - a) + (1.0 + a * where(primal(x) < 0, -1.0, 1.0)) / math.pi * arctan(_skewed(x, a)),
    valid=lambda a: abs(a) < 1,
)  # fmt: skip


def _t_logpdf(x: Number, df: Number) -> Number:
    return -0.5 * (df + 1.0) * log1p(x * x / df) - betaln(0.5 * df, 0.5) - 0.5 * log(df)


def _t_entropy(df: Number) -> Number:
    half = 0.5 * (df + 1.0)
    return half * (digamma(half) - digamma(0.5 * df)) + 0.5 * log(df) + betaln(0.5 * df, 0.5)


law(
    "t", _t_logpdf, lambda x, df: stdtr(df, x), mean=lambda df: _if(primal(df) > 1, 0.0 * df),
    var=lambda df: _if(primal(df) > 2, df / (df - 2.0)), entropy=_t_entropy,
)  # fmt: skip


def _f_logpdf(x: Number, m: Number, n: Number) -> Number:
    shares = 0.5 * m * log(m) + 0.5 * n * log(n) - 0.5 * (m + n) * log(n + m * x)
    return shares + (0.5 * m - 1.0) * log(x) - betaln(0.5 * m, 0.5 * n)


law(
    "f", _f_logpdf, lambda x, m, n: fdtr(m, n, x), POSITIVE, mean=lambda m, n: _if(primal(n) > 2, n / (n - 2.0)),
    entropy=lambda m, n: prime_entropy(0.5 * m, 0.5 * n) + log(n / m),
    var=lambda m, n: _if(primal(n) > 4, 2.0 * n * n * (m + n - 2.0) / (m * (n - 2.0) ** 2 * (n - 4.0))),
)  # fmt: skip
