"""The gamma function, its relatives, and the incomplete gamma and beta functions."""

from __future__ import annotations

import math
from typing import Any

from chainrule import ops
from chainrule.libraries import constant
from chainrule.numbers import Number, primal
from chainrule.ops.domain import NONNEGATIVE, POSITIVE, Domain
from chainrule.ops.special import polygamma
from chainrule.scipy.digammas import digamma_gap
from chainrule.scipy.quadrature import DECAYING, over
from chainrule.scipy.rows import SpecialRow, row
from chainrule.scipy.special.elementary import xlog1py, xlogy

FRACTION = Domain(0, 1)
digamma, exp, log, gammaln = ops.digamma, ops.exp, ops.log, ops.gammaln


def trigamma(x: Number) -> Number:
    return polygamma(x, order=1)


loggamma: SpecialRow = row(
    "loggamma", "z", lambda y, z: digamma(z),
    exact=lambda m, z: m.loggamma(z), domain=POSITIVE, source="DLMF 5.2.2; real numbers",
)  # fmt: skip


def rgamma_slope(y: Number, z: Number) -> Number:
    """-rgamma(z) digamma(z), and left of 1/2 by the reflection 1 / Gamma(z) = Gamma(1 - z) sin(pi z) / pi
    (DLMF 5.5.3), in which nothing is infinite: at the poles of the gamma function it is (-1)**n n!."""
    left = primal(z) < 0.5
    right = ops.where(left, 0.75, z)
    mirrored = 1.0 - ops.where(left, z, 0.25)
    angle = constant(z, math.pi, lambda m: m.pi)
    turned = ops.cos(angle * mirrored) + ops.sin(angle * mirrored) * digamma(mirrored) / angle
    return ops.where(left, -ops.gamma(mirrored) * turned, -ops.where(left, 0.0, y) * digamma(right))


rgamma: SpecialRow = row(
    "rgamma", "z", rgamma_slope, exact=lambda m, z: m.rgamma(z), source="DLMF 5.2.2 and 5.5.3",
)  # fmt: skip
beta: SpecialRow = row(
    "beta", "a b", lambda y, a, b: -y * digamma_gap(a, b), lambda y, a, b: -y * digamma_gap(b, a),
    exact=lambda m, a, b: m.beta(a, b), domain=POSITIVE, source="DLMF 5.12.1",
)  # fmt: skip
betaln: SpecialRow = row(
    "betaln", "a b", lambda y, a, b: -digamma_gap(a, b), lambda y, a, b: -digamma_gap(b, a),
    exact=lambda m, a, b: m.log(abs(m.beta(a, b))), domain=POSITIVE, source="DLMF 5.12.1",
)  # fmt: skip


def _binom_by_x(b: Number, x: Number, y: Number) -> Number:
    """b (digamma(x + 1) - digamma(x - y + 1)); where b is 0, x - y + 1 is a pole, of which 1 / Gamma has a
    slope."""
    last = x - y + 1.0
    zero = primal(b) == 0
    at_pole = ops.gamma(x + 1.0) * rgamma(y + 1.0) * rgamma_slope(0.0, last)
    return ops.where(zero, at_pole, b * digamma_gap(ops.where(zero, 1.0, last), y))


def _binom_by_y(b: Number, x: Number, y: Number) -> Number:
    """b (digamma(x - y + 1) - digamma(y + 1)); where b is 0 one of them is a pole."""
    zero = primal(b) == 0
    last, first = x - y + 1.0, y + 1.0
    at_pole = ops.gamma(x + 1.0) * (rgamma_slope(0.0, first) * rgamma(last) - rgamma(first) * rgamma_slope(0.0, last))
    apart = digamma(ops.where(zero, 1.0, last)) - digamma(ops.where(zero, 1.0, first))
    return ops.where(zero, at_pole, b * apart)


binom: SpecialRow = row(
    "binom", "x y", _binom_by_x, _binom_by_y, exact=lambda m, x, y: m.binomial(x, y), source="DLMF 1.2.6 and 5.2.2",
)  # fmt: skip
poch: SpecialRow = row(
    "poch", "z m", lambda y, z, m: y * digamma_gap(z, m), lambda y, z, m: y * digamma(z + m),
    exact=lambda mp, z, m: mp.rf(z, m), domain=POSITIVE, source="DLMF 5.2.5",
)  # fmt: skip


def multigammaln(a: Number, d: int) -> Number:
    """The logarithm of the gamma function of d dimensions, DLMF 35.3.4."""
    total = sum(gammaln(a - 0.5 * j) for j in range(int(d)))
    return total + 0.25 * d * (d - 1) * math.log(math.pi)


# -- the incomplete gamma function ------------------------------------------------------------------------------


def gamma_density(a: Number, x: Number) -> Number:
    """x**(a - 1) exp(-x) / Gamma(a), the derivative of gammainc by x."""
    return exp(xlogy(a - 1.0, x) - x - gammaln(a))


def gammainc_by_a(a: Number, x: Number) -> Number:
    """The derivative of gammainc(a, x) by a: the integral of t**(a - 1) exp(-t) (log(t) - digamma(a)) / Gamma(a) over
    (0, x), which is minus that over (x, inf). Below exp(digamma(a)) the first has one sign, above it the second has, so
    no digits are lost in the tails. The lower one is taken over s = log(x / t), the upper one over s = t - x."""
    a0, x0, psi = primal(a), primal(x), digamma(a)
    below = log(x0) < digamma(a0)
    spread = ops.sqrt(a0)
    low_rate = ops.maximum(a0 - x0, 0.0) + spread
    high_rate = ops.maximum(1.0 - ops.maximum(a0 - 1.0, 0.0) / x0, 0.0) + spread / (x0 + spread)

    def lower(s: Number, a: Number, x: Number, psi: Number, rate: Number) -> Number:
        s = s / rate
        return exp(-a * s - x * ops.expm1(-s)) * (log(x) - s - psi) / rate

    def upper(s: Number, a: Number, x: Number, psi: Number, rate: Number) -> Number:
        s = s / rate
        return exp((a - 1.0) * ops.log1p(s / x) - s) * (log(x + s) - psi) / rate

    scale = gamma_density(a, x)
    low = over(DECAYING, lower, a, x, psi, low_rate) * x
    high = -over(DECAYING, upper, a, x, psi, high_rate)
    return ops.where(x0 > 0, scale * ops.where(below, low, high), 0.0)


_GAMMA: dict[str, Any] = {"domain": (POSITIVE, NONNEGATIVE)}
_BY_A = "DLMF 8.8.13 by x; its integral differentiated by a"
gammainc: SpecialRow = row(
    "gammainc", "a x", lambda y, a, x: gammainc_by_a(a, x), lambda y, a, x: gamma_density(a, x),
    exact=lambda m, a, x: m.gammainc(a, 0, x, regularized=True), source=_BY_A, **_GAMMA,
)  # fmt: skip
gammaincc: SpecialRow = row(
    "gammaincc", "a x", lambda y, a, x: -gammainc_by_a(a, x), lambda y, a, x: -gamma_density(a, x),
    exact=lambda m, a, x: m.gammainc(a, x, m.inf, regularized=True), source=_BY_A, **_GAMMA,
)  # fmt: skip
gammaincinv: SpecialRow = row(
    "gammaincinv", "a y", lambda x, a, y: -gammainc_by_a(a, x) / gamma_density(a, x),
    lambda x, a, y: 1.0 / gamma_density(a, x), domain=(POSITIVE, FRACTION), source="the inverse of gammainc",
)  # fmt: skip
gammainccinv: SpecialRow = row(
    "gammainccinv", "a y", lambda x, a, y: -gammainc_by_a(a, x) / gamma_density(a, x),
    lambda x, a, y: -1.0 / gamma_density(a, x), domain=(POSITIVE, FRACTION), source="the inverse of gammaincc",
)  # fmt: skip


# -- the incomplete beta function -------------------------------------------------------------------------------


def beta_density(a: Number, b: Number, x: Number) -> Number:
    """x**(a - 1) (1 - x)**(b - 1) / B(a, b), the derivative of betainc by x."""
    return exp(xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b))


def betainc_by_a(a: Number, b: Number, x: Number) -> Number:
    """The derivative of betainc(a, b, x) by a, as that of gammainc: the integral of t**(a - 1) (1 - t)**(b - 1)
    (log(t) - c) / B(a, b), c = digamma(a) - digamma(a + b), below x or above it, where it has one sign. Taken over
    s = log(x / t) below, and over s = log((1 - x) / (1 - t)) above."""
    c = digamma(a) - digamma(a + b)
    a0, b0, x0 = primal(a), primal(b), primal(x)
    below = log(x0) < primal(c)
    size = ops.sqrt(a0 * b0 / (a0 + b0))
    low_rate = ops.maximum(a0 - ops.maximum(b0 - 1.0, 0.0) * x0 / (1.0 - x0), 0.0) + size
    high_rate = ops.maximum(b0 - ops.maximum(a0 - 1.0, 0.0) * (1.0 - x0) / x0, 0.0) + size

    def lower(s: Number, a: Number, b: Number, x: Number, c: Number, rate: Number) -> Number:
        s = s / rate
        return exp(-a * s + (b - 1.0) * ops.log1p(-x * ops.expm1(-s) / (1.0 - x))) * (log(x) - s - c) / rate

    def upper(s: Number, a: Number, b: Number, x: Number, c: Number, rate: Number) -> Number:
        s = s / rate
        rest = -(1.0 - x) * ops.expm1(-s)
        return exp(-b * s + (a - 1.0) * ops.log1p(rest / x)) * (log(x + rest) - c) / rate

    scale = beta_density(a, b, x)
    low = over(DECAYING, lower, a, b, x, c, low_rate) * x
    high = -over(DECAYING, upper, a, b, x, c, high_rate) * (1.0 - x)
    inside = ops.where(x0 > 0, x0, 1.0) < 1.0
    return ops.where(inside, scale * ops.where(below, low, high), 0.0)


def betainc_by_b(a: Number, b: Number, x: Number) -> Number:
    """By I_x(a, b) = 1 - I_(1-x)(b, a), DLMF 8.17.4."""
    return -betainc_by_a(b, a, 1.0 - x)


_BETA: dict[str, Any] = {"domain": (POSITIVE, POSITIVE, FRACTION)}
_BY_SHAPE = "DLMF 8.17.1; its integral differentiated by a and b"
betainc: SpecialRow = row(
    "betainc", "a b x", lambda y, a, b, x: betainc_by_a(a, b, x), lambda y, a, b, x: betainc_by_b(a, b, x),
    lambda y, a, b, x: beta_density(a, b, x),
    exact=lambda m, a, b, x: m.betainc(a, b, 0, x, regularized=True), source=_BY_SHAPE, **_BETA,
)  # fmt: skip
betaincc: SpecialRow = row(
    "betaincc", "a b x", lambda y, a, b, x: -betainc_by_a(a, b, x), lambda y, a, b, x: -betainc_by_b(a, b, x),
    lambda y, a, b, x: -beta_density(a, b, x),
    exact=lambda m, a, b, x: m.betainc(a, b, x, 1, regularized=True), source=_BY_SHAPE, **_BETA,
)  # fmt: skip
betaincinv: SpecialRow = row(
    "betaincinv", "a b y", lambda x, a, b, y: -betainc_by_a(a, b, x) / beta_density(a, b, x),
    lambda x, a, b, y: -betainc_by_b(a, b, x) / beta_density(a, b, x), lambda x, a, b, y: 1.0 / beta_density(a, b, x),
    source="the inverse of betainc", **_BETA,
)  # fmt: skip
betainccinv: SpecialRow = row(
    "betainccinv", "a b y", lambda x, a, b, y: -betainc_by_a(a, b, x) / beta_density(a, b, x),
    lambda x, a, b, y: -betainc_by_b(a, b, x) / beta_density(a, b, x), lambda x, a, b, y: -1.0 / beta_density(a, b, x),
    source="the inverse of betaincc", **_BETA,
)  # fmt: skip
