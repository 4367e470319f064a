"""The gamma distribution, exponential ones, and their relatives."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.special.cumulative import chndtr, ncx2_logpdf
from chainrule.scipy.special.elementary import xlogy
from chainrule.scipy.special.gamma import gammainc, gammaincc, trigamma
from chainrule.scipy.stats.law import law
from chainrule.scipy.stats.normals import LOG_ROOT_2_PI, POSITIVE

exp, expm1, log, log1p, power, where = ops.exp, ops.expm1, ops.log, ops.log1p, ops.power, ops.where
digamma, gammaln, absolute = ops.digamma, ops.gammaln, ops.absolute
LOG_2 = math.log(2)


def gamma_logpdf(x: Number, a: Number) -> Number:
    return xlogy(a - 1.0, x) - x - gammaln(a)


def _gamma_entropy(a: Number) -> Number:
    return a + gammaln(a) + (1.0 - a) * digamma(a)


def both_sides(x: Number, below: Number) -> Number:
    """A distribution function symmetric about 0, from the probability between -|x| and |x|."""
    return 0.5 + 0.5 * ops.sign(x) * below


def off_0(x: Number) -> Number:
    """|x|, and 1 in place of 0, where a distribution function symmetric about 0 does not ask for it."""
    return absolute(where(primal(x) == 0, 1.0, x))


for _name in ("gamma", "erlang"):
    law(
        _name, gamma_logpdf, lambda x, a: gammainc(a, x), POSITIVE, mean=lambda a: a, var=lambda a: a,
        entropy=_gamma_entropy,
    )  # fmt: skip
law(
    "chi2", lambda x, df: gamma_logpdf(0.5 * x, 0.5 * df) - LOG_2, lambda x, df: gammainc(0.5 * df, 0.5 * x), POSITIVE,
    mean=lambda df: df, var=lambda df: 2.0 * df, entropy=lambda df: _gamma_entropy(0.5 * df) + LOG_2,
)  # fmt: skip
law(
    "invgamma", lambda x, a: -(a + 1.0) * log(x) - gammaln(a) - 1.0 / x, lambda x, a: gammaincc(a, 1.0 / x), POSITIVE,
    mean=lambda a: where(primal(a) > 1, 1.0 / (a - 1.0), math.inf),
    var=lambda a: where(primal(a) > 2, 1.0 / ((a - 1.0) ** 2 * (a - 2.0)), math.inf),
    entropy=lambda a: a - (a + 1.0) * digamma(a) + gammaln(a),
)  # fmt: skip


def _power_mean(a: Number, c: Number, k: float) -> Number:
    return exp(gammaln(a + k / c) - gammaln(a))


law(
    "gengamma", lambda x, a, c: log(absolute(c)) + (c * a - 1.0) * log(x) - power(x, c) - gammaln(a),
    lambda x, a, c: where(primal(c) > 0, gammainc(a, power(x, c)), gammaincc(a, power(x, c))), POSITIVE,
    valid=lambda a, c: (a > 0) & (c != 0), mean=lambda a, c: _power_mean(a, c, 1.0),
    var=lambda a, c: _power_mean(a, c, 2.0) - _power_mean(a, c, 1.0) ** 2,
    entropy=lambda a, c: _gamma_entropy(a) - log(absolute(c)) + (1.0 / c - 1.0) * digamma(a),
)  # fmt: skip
law(
    "loggamma", lambda x, c: c * x - exp(x) - gammaln(c), lambda x, c: gammainc(c, exp(x)), mean=digamma, var=trigamma,
    entropy=lambda c: gammaln(c) - c * digamma(c) + c,
)  # fmt: skip


def _nakagami_mean(nu: Number) -> Number:
    return exp(gammaln(nu + 0.5) - gammaln(nu) - 0.5 * log(nu))


law(
    "nakagami", lambda x, nu: LOG_2 + nu * log(nu) - gammaln(nu) + (2.0 * nu - 1.0) * log(x) - nu * x * x,
    lambda x, nu: gammainc(nu, nu * x * x), POSITIVE, mean=_nakagami_mean, var=lambda nu: 1.0 - _nakagami_mean(nu) ** 2,
    entropy=lambda nu: _gamma_entropy(nu) - LOG_2 - 0.5 * digamma(nu) - 0.5 * log(nu),
)  # fmt: skip


def _pearson3(x: Number, skew: Number) -> Number:
    alpha, beta = 4.0 / (skew * skew), 2.0 / skew
    return log(absolute(beta)) + gamma_logpdf(beta * x + alpha, alpha)


def _pearson3_cdf(x: Number, skew: Number) -> Number:
    alpha, beta = 4.0 / (skew * skew), 2.0 / skew
    t = beta * x + alpha
    return where(primal(skew) > 0, gammainc(alpha, t), gammaincc(alpha, t))


law(
    "pearson3", _pearson3, _pearson3_cdf,
    lambda skew: (where(skew > 0, -2.0 / skew, -math.inf), where(skew > 0, math.inf, -2.0 / skew)),
    valid=lambda skew: skew != 0, mean=lambda skew: 0.0 * skew, var=lambda skew: 1.0 + 0.0 * skew,
    entropy=lambda skew: _gamma_entropy(4.0 / (skew * skew)) - log(2.0 / absolute(skew)),
)  # fmt: skip
law(
    "dgamma", lambda x, a: gamma_logpdf(absolute(x), a) - LOG_2, lambda x, a: both_sides(x, gammainc(a, off_0(x))),
    mean=lambda a: 0.0 * a, var=lambda a: a * (a + 1.0), entropy=lambda a: _gamma_entropy(a) + LOG_2,
)  # fmt: skip
law("expon", lambda x: -x, None, POSITIVE, mean=lambda: 1.0, var=lambda: 1.0, entropy=lambda: 1.0)
law("laplace", lambda x: -LOG_2 - absolute(x), None, mean=lambda: 0.0, var=lambda: 2.0, entropy=lambda: LOG_2 + 1.0)
law(
    "gennorm", lambda x, beta: log(0.5 * beta) - gammaln(1.0 / beta) - power(absolute(x), beta),
    lambda x, beta: both_sides(x, gammainc(1.0 / beta, power(off_0(x), beta))), mean=lambda beta: 0.0 * beta,
    var=lambda beta: exp(gammaln(3.0 / beta) - gammaln(1.0 / beta)),
    entropy=lambda beta: 1.0 / beta - log(0.5 * beta) + gammaln(1.0 / beta),
)  # fmt: skip
law(
    "halfgennorm", lambda x, beta: log(beta) - gammaln(1.0 / beta) - power(x, beta),
    lambda x, beta: gammainc(1.0 / beta, power(x, beta)), POSITIVE,
    mean=lambda beta: exp(gammaln(2.0 / beta) - gammaln(1.0 / beta)),
    var=lambda beta: exp(gammaln(3.0 / beta) - gammaln(1.0 / beta))
    - exp(2.0 * gammaln(2.0 / beta) - 2.0 * gammaln(1.0 / beta)),
    entropy=lambda beta: 1.0 / beta - log(beta) + gammaln(1.0 / beta),
)  # fmt: skip
law(
    "ncx2", ncx2_logpdf, lambda x, df, nc: chndtr(x, df, nc), POSITIVE, mean=lambda df, nc: df + nc,
    var=lambda df, nc: 2.0 * (df + 2.0 * nc),
)  # fmt: skip
law("levy", lambda x: -LOG_ROOT_2_PI - 1.5 * log(x) - 0.5 / x, None, POSITIVE)
law("levy_l", lambda x: -LOG_ROOT_2_PI - 1.5 * log(-x) + 0.5 / x, None, (-math.inf, 0.0))


def _asymmetric(x: Number, kappa: Number) -> Number:
    return -x * where(primal(x) >= 0, kappa, -1.0 / kappa) - log(kappa + 1.0 / kappa)


def _asymmetric_cdf(x: Number, kappa: Number) -> Number:
    above = primal(x) >= 0
    total = kappa + 1.0 / kappa
    tail = exp(-absolute(x) * where(above, kappa, 1.0 / kappa))
    return where(above, 1.0 - tail / (kappa * total), tail * kappa / total)


law(
    "laplace_asymmetric", _asymmetric, _asymmetric_cdf, mean=lambda kappa: 1.0 / kappa - kappa,
    var=lambda kappa: 1.0 / (kappa * kappa) + kappa * kappa, entropy=lambda kappa: 1.0 + log(kappa + 1.0 / kappa),
)  # fmt: skip
law(
    "truncexpon", lambda x, b: -x - log(-expm1(-b)), lambda x, b: expm1(-x) / expm1(-b), lambda b: (0.0, b),
    mean=lambda b: 1.0 - b / expm1(b), var=lambda b: 1.0 - b * b * exp(b) / expm1(b) ** 2,
    entropy=lambda b: 1.0 - b / expm1(b) + log(-expm1(-b)),
)  # fmt: skip
