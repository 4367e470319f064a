"""Less common continuous distributions."""

from __future__ import annotations

import math

import numpy as np

from chainrule import ops
from chainrule.numbers import Number
from chainrule.scipy.special.bessel import i0e, kve
from chainrule.scipy.special.error import erfcx, log_ndtr, ndtr
from chainrule.scipy.special.gamma import betainc, betaln
from chainrule.scipy.stats.extremes import scaled_log
from chainrule.scipy.stats.law import law
from chainrule.scipy.stats.normals import LOG_ROOT_2_PI, POSITIVE, log_normal_density

exp, expm1, log, log1p, power, sqrt, where = ops.exp, ops.expm1, ops.log, ops.log1p, ops.power, ops.sqrt, ops.where

law("gibrat", lambda x: log_normal_density(log(x)) - log(x), lambda x: ndtr(log(x)), POSITIVE,
    mean=lambda: math.exp(0.5), var=lambda: math.expm1(1.0) * math.e, entropy=lambda: LOG_ROOT_2_PI + 0.5)  # fmt: skip
law("alpha", lambda x, a: log_normal_density(a - 1.0 / x) - 2.0 * log(x) - log_ndtr(a),
    lambda x, a: ndtr(a - 1.0 / x) / ndtr(a), POSITIVE)  # fmt: skip


def _crystal(beta: Number, m: Number) -> tuple[Number, Number]:
    """The logarithm of the density's factor, and of that of its power (times x - beta + m / beta)."""
    tail = m / beta * exp(-0.5 * beta * beta) / (m - 1.0)
    return -log(tail + math.sqrt(2 * math.pi) * ndtr(beta)), m * log(m / beta) - 0.5 * beta * beta


def _crystal_log(x: Number, beta: Number, m: Number) -> Number:
    factor, power_factor = _crystal(beta, m)
    below = x < -beta
    far = where(below, m / beta - beta - x, 1.0)
    return factor + where(below, power_factor - m * log(far), -0.5 * x * x)


def _crystal_cdf(x: Number, beta: Number, m: Number) -> Number:
    factor, power_factor = _crystal(beta, m)
    below = x < -beta
    far = where(below, m / beta - beta - x, 1.0)
    left = exp(power_factor + (1.0 - m) * log(far)) / (m - 1.0)
    whole = m / beta * exp(-0.5 * beta * beta) / (m - 1.0)
    return exp(factor) * where(below, left, whole + math.sqrt(2 * math.pi) * (ndtr(x) - ndtr(-beta)))


law("crystalball", _crystal_log, _crystal_cdf, valid=lambda beta, m: (beta > 0) & (m > 1))
law(
    "truncpareto", lambda x, b, c: log(b) - (b + 1.0) * log(x) - log(-expm1(-b * log(c))),
    lambda x, b, c: expm1(-b * log(x)) / expm1(-b * log(c)), lambda b, c: (1.0, c),
    valid=lambda b, c: (b > 0) & (c > 1),
)  # fmt: skip


def _weibull_share(c: Number, a: Number, b: Number) -> Number:
    """The logarithm of exp(-a**c) - exp(-b**c)."""
    return -power(a, c) + log(-expm1(power(a, c) - power(b, c)))


law(
    "truncweibull_min",
    lambda x, c, a, b: log(c) + (c - 1.0) * log(x) - power(x, c) - _weibull_share(c, a, b),
    lambda x, c, a, b: expm1(power(a, c) - power(x, c)) / expm1(power(a, c) - power(b, c)),
    lambda c, a, b: (a, b), valid=lambda c, a, b: (c > 0) & (a >= 0) & (b > a),
)  # fmt: skip
law(
    "recipinvgauss", lambda x, mu: -LOG_ROOT_2_PI - 0.5 * log(x) - (1.0 - mu * x) ** 2 / (2.0 * mu * mu * x),
    lambda x, mu: ndtr((x - 1.0 / mu) / sqrt(x)) - exp(2.0 / mu + log_ndtr(-(x + 1.0 / mu) / sqrt(x))), POSITIVE,
)  # fmt: skip
law(
    "genexpon", lambda x, a, b, c: log(a - b * expm1(-c * x)) - (a + b) * x - b * expm1(-c * x) / c,
    lambda x, a, b, c: -expm1(-(a + b) * x - b * expm1(-c * x) / c), (0.0, math.inf),
)  # fmt: skip
law(
    "vonmises_line", lambda x, kappa: kappa * (ops.cos(x) - 1.0) - log(2 * math.pi * i0e(kappa)), None,
    (-math.pi, math.pi),
)  # fmt: skip


def _breit_wigner(x: Number, rho: Number) -> Number:
    root = sqrt(1.0 + 1.0 / rho**2)
    factor = sqrt(2.0 * root**2 / (1.0 + root)) * 2.0 / math.pi
    return log(factor) - log1p(((x - rho) * (x + rho) / rho) ** 2)


law("rel_breitwigner", _breit_wigner, None, (0.0, math.inf))


def _kappa4_log(x: Number, h: Number, k: Number) -> Number:
    """By u = (1 - k x)**(1 / k): the density is u**(1 - k) (1 - h u)**(1 / h - 1)."""
    log_u = -scaled_log(-k, x)
    return (1.0 - k) * log_u - (1.0 - h) * scaled_log(-h, exp(log_u))


def _kappa4_support(h: Number, k: Number) -> tuple[Number, Number]:
    h, k = np.broadcast_arrays(h, k)
    with np.errstate(all="ignore"):
        low = np.where(h > 0, np.where(k == 0, np.log(np.where(h > 0, h, 1.0)), (1.0 - h**-k) / k), -np.inf)
        low = np.where((h <= 0) & (k < 0), 1.0 / k, low)
        high = np.where(k > 0, 1.0 / k, np.inf)
    return low[()], high[()]


law("kappa4", _kappa4_log, lambda x, h, k: exp(-scaled_log(-h, exp(-scaled_log(-k, x)))), _kappa4_support,
    valid=lambda h, k: (h == h) & (k == k))  # fmt: skip


def _skew_t(x: Number, a: Number, b: Number) -> Number:
    share = x / sqrt(a + b + x * x)
    scale = (a + b - 1.0) * math.log(2) + betaln(a, b) + 0.5 * log(a + b)
    return (a + 0.5) * log1p(share) + (b + 0.5) * log1p(-share) - scale


law("jf_skew_t", _skew_t, lambda x, a, b: betainc(a, b, 0.5 * (1.0 + x / sqrt(a + b + x * x))))


def _log_kv(p: Number, z: Number) -> Number:
    return log(kve(p, z)) - z


law(
    "geninvgauss", lambda x, p, b: (p - 1.0) * log(x) - 0.5 * b * (x + 1.0 / x) - math.log(2) - _log_kv(p, b), None,
    POSITIVE, valid=lambda p, b: (p == p) & (b > 0),
)  # fmt: skip


def _hyperbolic(x: Number, p: Number, a: Number, b: Number) -> Number:
    root = sqrt(a * a - b * b)
    reach = sqrt(1.0 + x * x)
    factor = p * log(root) - LOG_ROOT_2_PI - _log_kv(p, root) - (p - 0.5) * log(a)
    return factor + (p - 0.5) * log(reach) + _log_kv(p - 0.5, a * reach) + b * x


law("genhyperbolic", _hyperbolic, None, valid=lambda p, a, b: (p == p) & (abs(b) < a))


def _mills(z: Number) -> Number:
    """(1 - ndtr(z)) over the normal density."""
    return math.sqrt(math.pi / 2) * erfcx(z / math.sqrt(2))


def _pareto_lognorm(x: Number, u: Number, s: Number, a: Number, b: Number) -> Number:
    z = (log(x) - u) / s
    both = _mills(a * s - z) + _mills(b * s + z)
    return log(a * b / (a + b)) - log(x) + log_normal_density(z) + log(both)


def _pareto_lognorm_cdf(x: Number, u: Number, s: Number, a: Number, b: Number) -> Number:
    z = (log(x) - u) / s
    return ndtr(z) - exp(log_normal_density(z)) * (b * _mills(a * s - z) - a * _mills(b * s + z)) / (a + b)


law("dpareto_lognorm", _pareto_lognorm, _pareto_lognorm_cdf, POSITIVE,
    valid=lambda u, s, a, b: (u == u) & (s > 0) & (a > 0) & (b > 0))  # fmt: skip
