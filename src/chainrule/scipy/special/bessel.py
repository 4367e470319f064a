"""Bessel functions, modified, scaled and spherical ones, and those of Struve and Kelvin."""

from __future__ import annotations

import math

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.ops.domain import NONNEGATIVE, POSITIVE, REALS
from chainrule.scipy.bessel_orders import j_by_order, y_by_order
from chainrule.scipy.quadrature import over_steps
from chainrule.scipy.rows import UNKNOWN, SpecialRow, derivative, of_whole, row, whole

sign, where = ops.sign, ops.where


# -- derivatives by the order, from sums and integrals ---------------------------------------------------------------

STEPS = 80
TERMS = 120


def ive_by_series(v: Number, z: Number) -> Number:
    """exp(-z) I_v(z) for z > 0 by its power series, DLMF 10.25.2, whose terms are positive. The largest of them has the
    number (sqrt(v**2 + z**2) - v) / 2, and they are sqrt(z) / 2 wide around it; where that is many, the sum over some
    of them at equal distances is the same to rounding, as it is for every smooth hump."""
    v0, z0 = ops.absolute(primal(v)), primal(z)
    stride = ops.maximum(1.0, ops.sqrt(ops.hypot(v0, z0)) / 14.0)
    middle = 0.5 * z0 * z0 / (ops.hypot(v0, z0) + v0)
    first = ops.maximum(0.0, ops.floor(middle - 0.5 * TERMS * stride))

    def term(j: Number, v: Number, z: Number, first: Number, stride: Number) -> Number:
        k = first + j * stride
        size = (2.0 * k + v) * ops.log(0.5 * z) - ops.gammaln(k + 1.0) - ops.gammaln(k + v + 1.0) - z
        return stride * ops.exp(size)

    return over_steps(TERMS, term, v, z, first, stride)


def kv_by_order(v: Number, z: Number) -> Number:
    """exp(z) times the derivative of K_v(z) by v: the integral over (0, inf) of t sinh(v t) exp(z - z cosh t), DLMF
    10.32.9, by the trapezoidal rule. Its integrand has its top near asinh(|v| / z) and width 1 / sqrt(|(v, z)|)."""
    v0, z0 = ops.absolute(primal(v)), primal(z)
    size = ops.hypot(v0, z0)
    reach = ops.arcsinh(v0 / z0) + ops.arccosh(1.0 + 40.0 / size)

    def integrand(k: Number, v: Number, z: Number, step: Number) -> Number:
        t = (k + 0.5) * step
        grows = z * (-2.0 * ops.sinh(0.5 * t) ** 2)
        return t * (ops.exp(v * t + grows) - ops.exp(-v * t + grows)) * (0.5 * step)

    return over_steps(STEPS, integrand, v, z, reach / np.float64(STEPS))


def _ive_by_order(y: Number, v: Number, z: Number) -> Number:
    """The derivative by the order, for orders from 0 and positive z: nan for others."""
    known = (primal(v) >= 0) & (primal(z) > 0)
    return where(known, derivative(ive_by_series, 0)(y, where(known, v, 1.0), where(known, z, 1.0)), math.nan)


# -- by DLMF 10.6.1 and 10.29.1: the mean of the neighbours' values ---------------------------------------------

jv: SpecialRow = row(
    "jv", "v z", j_by_order, lambda y, v, z: 0.5 * (jv(v - 1.0, z) - jv(v + 1.0, z)),
    exact=lambda m, v, z: m.besselj(v, z), source="DLMF 10.6.1; by the order 10.9.6 and 10.15.1",
    kinks="by the order: nan for z <= 0 and |v| + z above 300",
)  # fmt: skip
yv: SpecialRow = row(
    "yv", "v z", y_by_order, lambda y, v, z: 0.5 * (yv(v - 1.0, z) - yv(v + 1.0, z)),
    exact=lambda m, v, z: m.bessely(v, z), domain=POSITIVE, source="DLMF 10.6.1; by the order 10.9.7",
    kinks="by the order: nan for z <= 0 and |v| + z above 300",
)  # fmt: skip
yn: SpecialRow = row(
    "yn", "n x", UNKNOWN, of_whole(lambda y, n, x: 0.5 * (yv(n - 1.0, x) - yv(n + 1.0, x))),
    compute=whole(scipy.special.yn, 0),
    exact=lambda m, n, x: m.bessely(n, x), domain=POSITIVE, source="DLMF 10.6.1",
)  # fmt: skip
iv: SpecialRow = row(
    "iv", "v z", lambda y, v, z: ops.exp(z) * _ive_by_order(y, v, z),
    lambda y, v, z: 0.5 * (iv(v - 1.0, z) + iv(v + 1.0, z)),
    exact=lambda m, v, z: m.besseli(v, z), source="DLMF 10.29.1; by the order 10.25.2",
    kinks="by the order: nan for v < 0 and z <= 0",
)  # fmt: skip
kv: SpecialRow = row(
    "kv", "v z", lambda y, v, z: ops.exp(-z) * kv_by_order(v, z),
    lambda y, v, z: -0.5 * (kv(v - 1.0, z) + kv(v + 1.0, z)),
    exact=lambda m, v, z: m.besselk(v, z), domain=POSITIVE, source="DLMF 10.29.1; by the order 10.32.9",
)  # fmt: skip
kn: SpecialRow = row(
    "kn", "n x", UNKNOWN, of_whole(lambda y, n, x: -0.5 * (kv(n - 1.0, x) + kv(n + 1.0, x))),
    compute=whole(scipy.special.kn, 0),
    exact=lambda m, n, x: m.besselk(n, x), domain=POSITIVE, source="DLMF 10.29.1",
)  # fmt: skip
jve: SpecialRow = row(
    "jve", "v z", j_by_order, lambda y, v, z: 0.5 * (jve(v - 1.0, z) - jve(v + 1.0, z)),
    exact=lambda m, v, z: m.besselj(v, z), domain=(REALS, NONNEGATIVE), source="DLMF 10.6.1; of real numbers it is jv",
    kinks="by the order: nan for z <= 0 and |v| + z above 300",
)  # fmt: skip
yve: SpecialRow = row(
    "yve", "v z", y_by_order, lambda y, v, z: 0.5 * (yve(v - 1.0, z) - yve(v + 1.0, z)),
    exact=lambda m, v, z: m.bessely(v, z), domain=POSITIVE, source="DLMF 10.6.1; of real numbers it is yv",
    kinks="by the order: nan for z <= 0 and |v| + z above 300",
)  # fmt: skip


def _far_slope(v: Number, x: Number, alternating: float, size: float) -> Number:
    """The derivative of the asymptotic series of exp(-x) I_v(x) (alternating -1) and exp(x) K_v(x) (1), DLMF 10.40.1
    and 10.40.2, times x**(3/2): of the difference of y and its neighbours few digits are left for large x."""
    term: Number = 1.0
    total: Number = -0.5
    for k in range(1, 14):
        term = term * alternating * (4.0 * v * v - (2 * k - 1) ** 2) / (8.0 * k * x)
        total = total - term * (k + 0.5)
    return size * total / (x * ops.sqrt(x))


def _is_far(v: Number, x: Number) -> Number:
    return ops.absolute(primal(x)) > 40.0 + 2.0 * primal(v) ** 2


def _scaled_i_slope(v: Number, x: Number, near: Number) -> Number:
    far = _is_far(v, x) & (primal(x) > 0)
    return where(far, _far_slope(v, where(far, x, 50.0), -1.0, 1 / math.sqrt(2 * math.pi)), near)


def _scaled_k_slope(v: Number, x: Number, near: Number) -> Number:
    far = _is_far(v, x)
    return where(far, _far_slope(v, where(far, x, 50.0), 1.0, math.sqrt(math.pi / 2)), near)


ive: SpecialRow = row(
    "ive", "v z", _ive_by_order,
    lambda y, v, z: _scaled_i_slope(v, z, 0.5 * (ive(v - 1.0, z) + ive(v + 1.0, z)) - sign(z) * y),
    exact=lambda m, v, z: m.besseli(v, z) * m.exp(-abs(z)), source="DLMF 10.29.1; by the order 10.25.2",
    kinks="by the order: nan for v < 0 and z <= 0",
)  # fmt: skip
kve: SpecialRow = row(
    "kve", "v z", lambda y, v, z: kv_by_order(v, z),
    lambda y, v, z: _scaled_k_slope(v, z, y - 0.5 * (kve(v - 1.0, z) + kve(v + 1.0, z))),
    exact=lambda m, v, z: m.besselk(v, z) * m.exp(z), domain=POSITIVE, source="DLMF 10.29.1; by the order 10.32.9",
)  # fmt: skip

# -- of orders 0 and 1 ------------------------------------------------------------------------------------------

j0: SpecialRow = row("j0", "x", lambda y, x: -j1(x), exact=lambda m, x: m.besselj(0, x), source="DLMF 10.6.3")
j1: SpecialRow = row(
    "j1", "x", lambda y, x: 0.5 * (j0(x) - jv(2.0, x)), exact=lambda m, x: m.besselj(1, x), source="DLMF 10.6.1"
)
y0: SpecialRow = row(
    "y0", "x", lambda y, x: -y1(x), exact=lambda m, x: m.bessely(0, x), domain=POSITIVE, source="DLMF 10.6.3"
)
y1: SpecialRow = row(
    "y1", "x", lambda y, x: 0.5 * (y0(x) - yv(2.0, x)),
    exact=lambda m, x: m.bessely(1, x), domain=POSITIVE, source="DLMF 10.6.1",
)  # fmt: skip
i0: SpecialRow = row("i0", "x", lambda y, x: i1(x), exact=lambda m, x: m.besseli(0, x), source="DLMF 10.29.3")
i1: SpecialRow = row(
    "i1", "x", lambda y, x: 0.5 * (i0(x) + iv(2.0, x)), exact=lambda m, x: m.besseli(1, x), source="DLMF 10.29.1"
)
k0: SpecialRow = row(
    "k0", "x", lambda y, x: -k1(x), exact=lambda m, x: m.besselk(0, x), domain=POSITIVE, source="DLMF 10.29.3"
)
k1: SpecialRow = row(
    "k1", "x", lambda y, x: -0.5 * (k0(x) + kv(2.0, x)),
    exact=lambda m, x: m.besselk(1, x), domain=POSITIVE, source="DLMF 10.29.1",
)  # fmt: skip
i0e: SpecialRow = row(
    "i0e", "x", lambda y, x: _scaled_i_slope(0.0, x, i1e(x) - sign(x) * y),
    exact=lambda m, x: m.besseli(0, x) * m.exp(-abs(x)), source="DLMF 10.29.3",
)  # fmt: skip
i1e: SpecialRow = row(
    "i1e", "x", lambda y, x: _scaled_i_slope(1.0, x, 0.5 * (i0e(x) + ive(2.0, x)) - sign(x) * y),
    exact=lambda m, x: m.besseli(1, x) * m.exp(-abs(x)), source="DLMF 10.29.1",
)  # fmt: skip
k0e: SpecialRow = row(
    "k0e", "x", lambda y, x: _scaled_k_slope(0.0, x, y - k1e(x)),
    exact=lambda m, x: m.besselk(0, x) * m.exp(x), domain=POSITIVE, source="DLMF 10.29.3",
)  # fmt: skip
k1e: SpecialRow = row(
    "k1e", "x", lambda y, x: _scaled_k_slope(1.0, x, y - 0.5 * (k0e(x) + kve(2.0, x))),
    exact=lambda m, x: m.besselk(1, x) * m.exp(x), domain=POSITIVE, source="DLMF 10.29.1",
)  # fmt: skip

# -- Struve's: DLMF 11.4.29 and 11.4.30 ----------------------------------------------------------------------------


def _struve_term(v: Number, x: Number) -> Number:
    return ops.power(0.5 * x, v) * scipy.special.rgamma(np.asarray(primal(v)) + 1.5) / math.sqrt(math.pi)


struve: SpecialRow = row(
    "struve", "v x", UNKNOWN,
    lambda y, v, x: 0.5 * (struve(v - 1.0, x) - struve(v + 1.0, x) + _struve_term(v, x)),
    exact=lambda m, v, x: m.struveh(v, x), domain=NONNEGATIVE, source="DLMF 11.4.24",
)  # fmt: skip
modstruve: SpecialRow = row(
    "modstruve", "v x", UNKNOWN,
    lambda y, v, x: 0.5 * (modstruve(v - 1.0, x) + modstruve(v + 1.0, x) + _struve_term(v, x)),
    exact=lambda m, v, x: m.struvel(v, x), domain=NONNEGATIVE, source="DLMF 11.4.26",
)  # fmt: skip
