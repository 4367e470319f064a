"""Distributions of extremes and of lifetimes."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.numbers import Number
from chainrule.scipy.special.exponential_integral import exp1
from chainrule.scipy.special.gamma import trigamma
from chainrule.scipy.special.hypergeometric import log1p_ratio
from chainrule.scipy.special.zeta import kolmogorov_slope
from chainrule.scipy.stats.gammas import LOG_2, both_sides, off_0
from chainrule.scipy.stats.law import law
from chainrule.scipy.stats.normals import LOG_ROOT_2_PI, POSITIVE, log_cosh

exp, expm1, log, log1p, power, where = ops.exp, ops.expm1, ops.log, ops.log1p, ops.power, ops.where
gammaln, absolute, softplus = ops.gammaln, ops.absolute, ops.softplus
EULER = 0.5772156649015329

law("gumbel_r", lambda x: -x - exp(-x), None, mean=lambda: EULER, var=lambda: math.pi**2 / 6, entropy=lambda: EULER + 1)
law("gumbel_l", lambda x: x - exp(x), None, mean=lambda: -EULER, var=lambda: math.pi**2 / 6, entropy=lambda: EULER + 1)


def scaled_log(c: Number, x: Number) -> Number:
    """log(1 + c x) / c, x in the limit c = 0."""
    return x * log1p_ratio(c * x)


def _gev_power(c: Number, k: float) -> Number:
    return exp(gammaln(1.0 + k * c))


law(
    "genextreme", lambda x, c: (c - 1.0) * scaled_log(-c, x) - exp(-scaled_log(-c, x)),
    lambda x, c: exp(-exp(-scaled_log(-c, x))),
    lambda c: (where(c < 0, 1.0 / where(c < 0, c, 1.0), -math.inf), where(c > 0, 1.0 / where(c > 0, c, 1.0), math.inf)),
    valid=lambda c: c == c, mean=lambda c: (1.0 - _gev_power(c, 1.0)) / c,
    var=lambda c: (_gev_power(c, 2.0) - _gev_power(c, 1.0) ** 2) / (c * c), entropy=lambda c: EULER * (1.0 - c) + 1.0,
)  # fmt: skip


def _weibull(x: Number, c: Number) -> Number:
    return log(c) + (c - 1.0) * log(x) - power(x, c)


def _weibull_mean(c: Number) -> Number:
    return exp(gammaln(1.0 + 1.0 / c))


def _weibull_var(c: Number) -> Number:
    return exp(gammaln(1.0 + 2.0 / c)) - _weibull_mean(c) ** 2


def _weibull_entropy(c: Number) -> Number:
    return -EULER / c - log(c) + EULER + 1.0


law(
    "weibull_min", _weibull, lambda x, c: -expm1(-power(x, c)), POSITIVE, mean=_weibull_mean, var=_weibull_var,
    entropy=_weibull_entropy,
)  # fmt: skip
law(
    "weibull_max", lambda x, c: _weibull(-x, c), lambda x, c: exp(-power(-x, c)), (-math.inf, 0.0),
    mean=lambda c: -_weibull_mean(c), var=_weibull_var, entropy=_weibull_entropy,
)  # fmt: skip
law(
    "invweibull", lambda x, c: log(c) - (c + 1.0) * log(x) - power(x, -c), lambda x, c: exp(-power(x, -c)), POSITIVE,
    mean=lambda c: exp(gammaln(1.0 - 1.0 / c)), entropy=lambda c: 1.0 + EULER + EULER / c - log(c),
)  # fmt: skip
law(
    "exponweib",
    lambda x, a, c: log(a) + log(c) + (a - 1.0) * log(-expm1(-power(x, c))) - power(x, c) + (c - 1.0) * log(x),
    lambda x, a, c: power(-expm1(-power(x, c)), a), POSITIVE,
)  # fmt: skip
law(
    "exponpow", lambda x, b: 1.0 + log(b) + (b - 1.0) * log(x) + power(x, b) - exp(power(x, b)),
    lambda x, b: -expm1(-expm1(power(x, b))), POSITIVE,
)  # fmt: skip
law(
    "dweibull", lambda x, c: _weibull(absolute(x), c) - LOG_2,
    lambda x, c: both_sides(x, -expm1(-power(off_0(x), c))), mean=lambda c: 0.0 * c,
    var=lambda c: exp(gammaln(1.0 + 2.0 / c)), entropy=lambda c: _weibull_entropy(c) + LOG_2,
)  # fmt: skip
law(
    "gompertz", lambda x, c: log(c) + x - c * expm1(x), lambda x, c: -expm1(-c * expm1(x)), POSITIVE,
    mean=lambda c: exp(c) * exp1(c), entropy=lambda c: 1.0 - log(c) - exp(c) * exp1(c),
)  # fmt: skip
law(
    "moyal",
    lambda x: -0.5 * (x + exp(-x)) - LOG_ROOT_2_PI,
    None,
    mean=lambda: EULER + LOG_2,
    var=lambda: math.pi**2 / 2,
)
law("kstwobign", lambda x: log(-kolmogorov_slope(x)), None, POSITIVE)

# -- logistic -----------------------------------------------------------------------------------------------------

law(
    "logistic", lambda x: -x - 2.0 * softplus(-x), None, mean=lambda: 0.0, var=lambda: math.pi**2 / 3,
    entropy=lambda: 2.0,
)  # fmt: skip
law(
    "halflogistic", lambda x: LOG_2 - x - 2.0 * softplus(-x), None, POSITIVE, mean=lambda: 2 * LOG_2,
    var=lambda: math.pi**2 / 3 - 4 * LOG_2**2, entropy=lambda: 2 - LOG_2,
)  # fmt: skip
law(
    "genlogistic", lambda x, c: log(c) - x - (c + 1.0) * softplus(-x), lambda x, c: exp(-c * softplus(-x)),
    mean=lambda c: EULER + ops.digamma(c), var=lambda c: math.pi**2 / 6 + trigamma(c),
    entropy=lambda c: -log(c) + ops.digamma(c + 1.0) + EULER + 1.0,
)  # fmt: skip


def _half_logistic(x: Number, c: Number) -> Number:
    t = -scaled_log(-c, x)
    return t, log1p(exp(t))


law(
    "genhalflogistic", lambda x, c: LOG_2 + (1.0 - c) * _half_logistic(x, c)[0] - 2.0 * _half_logistic(x, c)[1],
    lambda x, c: ops.tanh(0.5 * scaled_log(-c, x)), lambda c: (0.0, 1.0 / c),
    entropy=lambda c: 2.0 - (2.0 * c + 1.0) * LOG_2,
)  # fmt: skip
law(
    "hypsecant", lambda x: -math.log(math.pi) - log_cosh(x), None, mean=lambda: 0.0, var=lambda: math.pi**2 / 4,
    entropy=lambda: math.log(2 * math.pi),
)  # fmt: skip
