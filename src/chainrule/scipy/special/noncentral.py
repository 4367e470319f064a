"""Noncentral chi-squared, F and t distributions: sums and integrals over central ones.

The first two are mixtures of central ones with Poisson's weights, the noncentral t one of normal distributions over
chi-squared variances (Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2, 1995, chapters 30 and 31).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, StandIn, ndim, primal
from chainrule.scipy.quadrature import over_steps
from chainrule.scipy.rows import SpecialRow, derivative, in_double, no_symbols, row
from chainrule.scipy.special.elementary import xlogy
from chainrule.scipy.special.error import log_ndtr
from chainrule.scipy.special.gamma import betainc, betaln, gammainc

exp, log, log1p, sqrt, gammaln = ops.exp, ops.log, ops.log1p, ops.sqrt, ops.gammaln
MOST = 4000
"""Terms of a mixture."""
NODES = 400


# -- chi-squared and F -------------------------------------------------------------------------------------------


def terms(name: str, nc: Number) -> int:
    """How many of Poisson's weights with the mean nc / 2 are of any size."""
    plain = primal(nc)
    if isinstance(plain, StandIn):
        raise no_rule(f"{name} of numbers that are recorded only")
    mean = 0.5 * float(np.max(np.where(np.isfinite(plain), plain, 0.0), initial=0.0))
    count = int(mean + 12.0 * math.sqrt(mean + 1.0) + 40.0)
    if count > MOST:
        raise no_rule(f"{name} with a noncentrality above {2 * MOST}")
    return count


def _along(*operands: Number) -> list[Number]:
    no_symbols(*operands)
    return [ops.expand_dims(x, -1) if ndim(x) else x for x in operands]


def _weight(j: Number, nc: Number) -> Number:
    """The logarithm of Poisson's weight."""
    return xlogy(j, 0.5 * nc) - 0.5 * nc - gammaln(j + 1.0)


def ncx2_cdf(x: Number, df: Number, nc: Number) -> Number:
    """The distribution function of the noncentral chi-squared."""

    def term(j: Number, x: Number, df: Number, nc: Number) -> Number:
        return exp(_weight(j, nc)) * gammainc(0.5 * df + j, 0.5 * x)

    return over_steps(terms("scipy.special.chndtr", nc), term, x, df, nc)


def ncx2_mixture(x: Number, df: Number, nc: Number) -> Number:
    """The logarithm of the density of the noncentral chi-squared."""
    j = np.arange(float(terms("scipy.stats.ncx2", nc)))
    x, df, nc = _along(x, df, nc)
    central = xlogy(0.5 * df + j - 1.0, 0.5 * x) - 0.5 * x - gammaln(0.5 * df + j) - math.log(2)
    return ops.logsumexp(_weight(j, nc) + central, -1)


def ncf_cdf(dfn: Number, dfd: Number, nc: Number, f: Number) -> Number:
    """The distribution function of the noncentral F."""

    def term(j: Number, dfn: Number, dfd: Number, nc: Number, f: Number) -> Number:
        return exp(_weight(j, nc)) * betainc(0.5 * dfn + j, 0.5 * dfd, dfn * f / (dfd + dfn * f))

    return over_steps(terms("scipy.special.ncfdtr", nc), term, dfn, dfd, nc, f)


def ncf_logpdf(f: Number, dfn: Number, dfd: Number, nc: Number) -> Number:
    """The logarithm of the density of the noncentral F."""
    j = np.arange(float(terms("scipy.stats.ncf", nc)))
    f, dfn, dfd, nc = _along(f, dfn, dfd, nc)
    a, b, rate = 0.5 * dfn + j, 0.5 * dfd, dfn / dfd
    central = a * log(rate) + (a - 1.0) * log(f) - (a + b) * log1p(rate * f) - betaln(a, b)
    return ops.logsumexp(_weight(j, nc) + central, -1)


# -- t ------------------------------------------------------------------------------------------------------------


def _variances(df: Number) -> tuple[Number, Number]:
    """Logarithms w of variances, spread over where those of chi-squared / df lie, and the logarithm of the weight of
    each. The density of w is that of df/2 (w - exp(w)) and a constant, which falls slowly below 0 for a small df, so
    w = u - exp(-u) for equidistant u (Takahasi and Mori 1974)."""
    plain = primal(df)
    spread = sqrt(2.0 / plain)
    low, high = -log1p(2.0 * (80.0 / plain + 9.0 * spread)), log1p(1600.0 / plain + 13.0 * spread)
    step = (high - low) / (NODES - 1.0)
    u = 0.567 + low + step * np.arange(float(NODES))  # w is 0 at 0.567
    fast = exp(-u)
    w, half = u - fast, 0.5 * df
    return w, half * (w - exp(w)) + half * log(half) - gammaln(half) + log(step * (1.0 + fast))


def nct_cdf(df: Number, nc: Number, t: Number) -> Number:
    """The distribution function of the noncentral t: the mean of ndtr(t sqrt(V / df) - nc) over chi-squared V."""
    df, nc, t = _along(df, nc, t)
    w, weight = _variances(df)
    return ops.sum(exp(weight + log_ndtr(t * exp(0.5 * w) - nc)), -1)


def nct_logpdf(t: Number, df: Number, nc: Number) -> Number:
    """The logarithm of the density of the noncentral t."""
    df, nc, t = _along(df, nc, t)
    w, weight = _variances(df)
    apart = t * exp(0.5 * w) - nc
    return ops.logsumexp(weight + 0.5 * w - 0.5 * apart * apart, -1) - 0.5 * math.log(2 * math.pi)


ncfdtr: SpecialRow = row(
    "ncfdtr", "dfn dfd nc f", *(derivative(ncf_cdf, k) for k in range(3)),
    lambda y, dfn, dfd, nc, f: exp(ncf_logpdf(f, dfn, dfd, nc)), compute=in_double(scipy.special.ncfdtr),
    source="a mixture of fdtr with Poisson's weights",
)  # fmt: skip
nctdtr: SpecialRow = row(
    "nctdtr", "df nc t", *(derivative(nct_cdf, k) for k in range(2)),
    lambda y, df, nc, t: exp(nct_logpdf(t, df, nc)), compute=in_double(scipy.special.nctdtr),
    source="a mixture of normal distributions over chi-squared",
)  # fmt: skip
