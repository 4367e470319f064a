"""Distributions on an interval, on the circle, and the beta distribution's relatives."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.quadrature import over_steps
from chainrule.scipy.special.bessel import i0e, i1e, ive
from chainrule.scipy.special.cumulative import tklmbda, tukey_slope
from chainrule.scipy.special.elementary import xlog1py, xlogy
from chainrule.scipy.special.gamma import betainc, betaln, gammainc
from chainrule.scipy.stats.law import law
from chainrule.scipy.stats.normals import LOG_ROOT_2_PI, POSITIVE

exp, log, log1p, power, where = ops.exp, ops.log, ops.log1p, ops.power, ops.where
digamma = ops.digamma
UNIT = (0.0, 1.0)

law("uniform", lambda x: 0.0 * x, None, UNIT, mean=lambda: 0.5, var=lambda: 1 / 12, entropy=lambda: 0.0)


def _beta_entropy(a: Number, b: Number) -> Number:
    s = a + b
    return betaln(a, b) - (a - 1.0) * digamma(a) - (b - 1.0) * digamma(b) + (s - 2.0) * digamma(s)


law(
    "beta", lambda x, a, b: xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b), lambda x, a, b: betainc(a, b, x),
    UNIT, mean=lambda a, b: a / (a + b), var=lambda a, b: a * b / ((a + b) ** 2 * (a + b + 1.0)), entropy=_beta_entropy,
)  # fmt: skip


def prime_entropy(a: Number, b: Number) -> Number:
    """The entropy of betaprime, by the means of log(x) and log(1 + x)."""
    above = (a + b) * (digamma(a + b) - digamma(b))
    return betaln(a, b) - (a - 1.0) * (digamma(a) - digamma(b)) + above


law(
    "betaprime", lambda x, a, b: xlogy(a - 1.0, x) - (a + b) * log1p(x) - betaln(a, b),
    lambda x, a, b: betainc(a, b, x / (1.0 + x)), POSITIVE,
    mean=lambda a, b: where(primal(b) > 1, a / (b - 1.0), math.inf),
    var=lambda a, b: where(primal(b) > 2, a * (a + b - 1.0) / ((b - 2.0) * (b - 1.0) ** 2), math.inf),
    entropy=prime_entropy,
)  # fmt: skip
law(
    "arcsine", lambda x: -math.log(math.pi) - 0.5 * (log(x) + log1p(-x)), None, UNIT, mean=lambda: 0.5,
    var=lambda: 0.125, entropy=lambda: math.log(math.pi / 4),
)  # fmt: skip
law(
    "anglit", lambda x: log(ops.cos(2.0 * x)), None, (-math.pi / 4, math.pi / 4), mean=lambda: 0.0,
    var=lambda: math.pi**2 / 16 - 0.5, entropy=lambda: 1 - math.log(2),
)  # fmt: skip
law(
    "cosine", lambda x: log1p(ops.cos(x)) - math.log(2 * math.pi), None, (-math.pi, math.pi), mean=lambda: 0.0,
    var=lambda: math.pi**2 / 3 - 2, entropy=lambda: math.log(4 * math.pi) - 1,
)  # fmt: skip
law(
    "semicircular", lambda x: math.log(2 / math.pi) + 0.5 * log1p(-x * x), None, (-1.0, 1.0), mean=lambda: 0.0,
    var=lambda: 0.25, entropy=lambda: 0.6447298858494002,
)  # fmt: skip
law(
    "rdist", lambda x, c: (0.5 * c - 1.0) * log1p(-x * x) - betaln(0.5, 0.5 * c),
    lambda x, c: betainc(0.5 * c, 0.5 * c, 0.5 * (x + 1.0)), (-1.0, 1.0), mean=lambda c: 0.0 * c,
    var=lambda c: 1.0 / (c + 1.0), entropy=lambda c: _beta_entropy(0.5 * c, 0.5 * c) + math.log(2),
)  # fmt: skip
law(
    "powerlaw", lambda x, a: log(a) + xlogy(a - 1.0, x), lambda x, a: power(x, a), UNIT, mean=lambda a: a / (a + 1.0),
    var=lambda a: a / ((a + 2.0) * (a + 1.0) ** 2), entropy=lambda a: 1.0 - 1.0 / a - log(a),
)  # fmt: skip
law(
    "bradford", lambda x, c: log(c) - log1p(c * x) - log(log1p(c)), lambda x, c: log1p(c * x) / log1p(c), UNIT,
    mean=lambda c: (c - log1p(c)) / (c * log1p(c)),
    var=lambda c: ((c + 2.0) * log1p(c) - 2.0 * c) / (2.0 * c * log1p(c) ** 2),
    entropy=lambda c: 0.5 * log1p(c) - log(c / log1p(c)),
)  # fmt: skip


def _span(a: Number, b: Number) -> Number:
    return log(b) - log(a)


def _log_uniform_mean(a: Number, b: Number) -> Number:
    return (b - a) / _span(a, b)


for _name in ("loguniform", "reciprocal"):
    law(
        _name, lambda x, a, b: -log(x) - log(_span(a, b)), lambda x, a, b: (log(x) - log(a)) / _span(a, b),
        lambda a, b: (a, b), valid=lambda a, b: (a > 0) & (b > a), mean=_log_uniform_mean,
        var=lambda a, b: 0.5 * (b * b - a * a) / _span(a, b) - _log_uniform_mean(a, b) ** 2,
        entropy=lambda a, b: 0.5 * (log(a) + log(b)) + log(_span(a, b)),
    )  # fmt: skip

# -- piecewise straight -------------------------------------------------------------------------------------------


def _triangle(x: Number, c: Number) -> Number:
    left = primal(x) < primal(c)
    return math.log(2) + where(
        left, log(where(left, x / where(left, c, 1.0), 1.0)), log1p(-x) - log1p(-where(left, 0.0, c))
    )


def _triangle_cdf(x: Number, c: Number) -> Number:
    left = primal(x) < primal(c)
    return where(left, x * x / where(left, c, 1.0), 1.0 - (1.0 - x) ** 2 / (1.0 - where(left, 0.0, c)))


law(
    "triang", _triangle, _triangle_cdf, UNIT, valid=lambda c: (c >= 0) & (c <= 1), mean=lambda c: (c + 1.0) / 3.0,
    var=lambda c: (1.0 - c + c * c) / 18.0, entropy=lambda c: 0.5 - math.log(2) + 0.0 * c,
)  # fmt: skip


def _trapezoid_height(c: Number, d: Number) -> Number:
    return 2.0 / (d - c + 1.0)


def _trapezoid(x: Number, c: Number, d: Number) -> Number:
    rises, falls = primal(x) < primal(c), primal(x) > primal(d)
    up = log(where(rises, x / where(rises, c, 1.0), 1.0))
    down = log(where(falls, (1.0 - x) / (1.0 - where(falls, d, 0.0)), 1.0))
    return log(_trapezoid_height(c, d)) + up + down


def _trapezoid_cdf(x: Number, c: Number, d: Number) -> Number:
    rises, falls = primal(x) < primal(c), primal(x) > primal(d)
    u = _trapezoid_height(c, d)
    between = u * (x - 0.5 * c)
    up = 0.5 * u * x * x / where(rises, c, 1.0)
    down = 1.0 - 0.5 * u * (1.0 - x) ** 2 / (1.0 - where(falls, d, 0.0))
    return where(rises, up, where(falls, down, between))


def _trapezoid_moment(n: int, c: Number, d: Number) -> Number:
    def fallen(x: Number) -> Number:
        return x ** (n + 1) / (n + 1) - x ** (n + 2) / (n + 2)

    rises, between = c ** (n + 1) / (n + 2), (d ** (n + 1) - c ** (n + 1)) / (n + 1)
    falls = (fallen(1.0) - fallen(d)) / (1.0 - d)
    return _trapezoid_height(c, d) * (rises + between + falls)


law(
    "trapezoid", _trapezoid, _trapezoid_cdf, UNIT,
    valid=lambda c, d: (c >= 0) & (c <= 1) & (d >= 0) & (d <= 1) & (d >= c),
    mean=lambda c, d: _trapezoid_moment(1, c, d),
    var=lambda c, d: _trapezoid_moment(2, c, d) - _trapezoid_moment(1, c, d) ** 2,
    entropy=lambda c, d: 0.5 * (1.0 - d + c) / (1.0 + d - c) + log(0.5 * (1.0 + d - c)),
)  # fmt: skip

# -- others ----------------------------------------------------------------------------------------------------------


def _argus_mass(chi: Number) -> Number:
    return 0.5 * gammainc(1.5, 0.5 * chi * chi)


law(
    "argus",
    lambda x, chi: 3.0 * log(chi) - LOG_ROOT_2_PI - log(_argus_mass(chi)) + log(x) + 0.5 * log1p(-x * x)
    - 0.5 * chi * chi * (1.0 - x * x),
    lambda x, chi: 1.0 - gammainc(1.5, 0.5 * chi * chi * (1.0 - x * x)) / gammainc(1.5, 0.5 * chi * chi), UNIT,
)  # fmt: skip


def _von_mises_cdf(x: Number, kappa: Number) -> Number:
    """1/2 + x / (2 pi) + sum over k of I_k(kappa) / I_0(kappa) sin(k x) / (pi k), Mardia and Jupp (2000) 3.5.30; beyond
    kappa = 400 more terms would be needed."""
    turns = ops.rint(primal(x) / (2 * math.pi))
    inner = x - turns * (2 * math.pi)

    def term(k: Number, x: Number, kappa: Number) -> Number:
        n = k + 1.0
        return ive(n, kappa) / i0e(kappa) * ops.sin(n * x) / (math.pi * n)

    known = where(primal(kappa) <= 400, kappa, math.nan)
    return 0.5 + turns + inner / (2 * math.pi) + over_steps(180, term, inner, known)


law(
    "vonmises", lambda x, kappa: kappa * (ops.cos(x) - 1.0) - log(2 * math.pi * i0e(kappa)), _von_mises_cdf,
    valid=lambda kappa: kappa >= 0,
    entropy=lambda kappa: -kappa * i1e(kappa) / i0e(kappa) + log(2 * math.pi * i0e(kappa)) + kappa,
)  # fmt: skip


def _wrapped_cdf(x: Number, c: Number) -> Number:
    ratio = (1.0 + c) / (1.0 - c)
    first = primal(x) < math.pi
    near = where(first, x, 2 * math.pi - x)
    part = ops.arctan(ratio * ops.tan(0.5 * near)) / math.pi
    return where(first, part, 1.0 - part)


law(
    "wrapcauchy", lambda x, c: log(1.0 - c * c) - log(2 * math.pi * (1.0 + c * c - 2.0 * c * ops.cos(x))), _wrapped_cdf,
    (0.0, 2 * math.pi), valid=lambda c: (c > 0) & (c < 1), entropy=lambda c: log(2 * math.pi * (1.0 - c * c)),
)  # fmt: skip
law(
    "tukeylambda", lambda x, lam: -log(tukey_slope(tklmbda(x, lam), lam)), tklmbda,
    lambda lam: (where(lam > 0, -1.0 / where(lam > 0, lam, 1.0), -math.inf),
                 where(lam > 0, 1.0 / where(lam > 0, lam, 1.0), math.inf)),
    valid=lambda lam: lam == lam, mean=lambda lam: 0.0 * lam,
)  # fmt: skip
