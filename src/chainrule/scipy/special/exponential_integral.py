"""Exponential, sine and cosine integrals, Spence's function, and integrals of Bessel functions."""

from __future__ import annotations

import math

import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.ops.domain import POSITIVE
from chainrule.scipy.rows import UNKNOWN, SpecialRow, of_whole, part, row, whole
from chainrule.scipy.special.bessel import i0, j0, k0, modstruve, struve, y0
from chainrule.scipy.special.hypergeometric import exprel, log1p_ratio

exp, where = ops.exp, ops.where


expi: SpecialRow = row("expi", "x", lambda y, x: exp(x) / x, exact=lambda m, x: m.ei(x), source="DLMF 6.2.5")
exp1: SpecialRow = row(
    "exp1", "z", lambda y, z: -exp(-z) / z, exact=lambda m, z: m.e1(z), domain=POSITIVE, source="DLMF 6.2.1"
)


def _lower_expn(n: Number, x: Number) -> Number:
    """E_(n - 1)(x); E_(-1)(x) = exp(-x) (1 + x) / x**2."""
    at_0 = primal(n) <= 0
    return where(at_0, exp(-x) * (1.0 + x) / (x * x), expn(ops.maximum(n - 1.0, 0.0), x))


expn: SpecialRow = row(
    "expn", "n x", UNKNOWN, of_whole(lambda y, n, x: -_lower_expn(n, x)), compute=whole(scipy.special.expn, 0),
    exact=lambda m, n, x: m.expint(n, x), domain=POSITIVE, source="DLMF 8.19.13",
)  # fmt: skip
shi: SpecialRow = row(
    "shichi.Shi", "x", lambda y, x: 0.5 * (exprel(x) + exprel(-x)), compute=part(scipy.special.shichi, 0),
    exact=lambda m, x: m.shi(x), source="DLMF 6.2.15",
)  # fmt: skip
chi: SpecialRow = row(
    "shichi.Chi", "x", lambda y, x: ops.cosh(x) / x, compute=part(scipy.special.shichi, 1),
    exact=lambda m, x: m.chi(x), domain=POSITIVE, source="DLMF 6.2.16",
)  # fmt: skip
si: SpecialRow = row(
    "sici.Si", "x", lambda y, x: ops.sinc(x / math.pi), compute=part(scipy.special.sici, 0),
    exact=lambda m, x: m.si(x), source="DLMF 6.2.9",
)  # fmt: skip
ci: SpecialRow = row(
    "sici.Ci", "x", lambda y, x: ops.cos(x) / x, compute=part(scipy.special.sici, 1),
    exact=lambda m, x: m.ci(x), domain=POSITIVE, source="DLMF 6.2.13",
)  # fmt: skip


def _log_over_rest(z: Number) -> Number:
    """log(z) / (1 - z), where z - 1 keeps its digits and where it does not."""
    small = primal(z) < 0.5
    direct = ops.log(where(small, z, 0.5)) / (1.0 - where(small, z, 0.5))
    return where(small, direct, -log1p_ratio(where(small, 1.0, z) - 1.0))


spence: SpecialRow = row(
    "spence", "z", lambda y, z: _log_over_rest(z),
    exact=lambda m, z: m.polylog(2, 1 - z), domain=POSITIVE, source="DLMF 25.12.2; log(z) / (1 - z)",
)  # fmt: skip

# -- integrals of Bessel functions from 0 to x: the slope is the integrand ---------------------------------------


def _off_1(x: Number, sign: float, far: Number) -> Number:
    """(1 - J_0(x)) / x (sign -1) or (I_0(x) - 1) / x (sign 1), by their series below 1: DLMF 10.2.2 and 10.25.2."""
    near = ops.absolute(primal(x)) < 1.0
    q = where(near, 0.25 * x * x, 0.1)
    total: Number = 0.0
    for k in range(9, 0, -1):
        total = (total * sign + 1.0) * q / (k * k)
    return where(near, total, far * x) / x


ITJ0Y0 = (
    row("itj0y0.j0", "x", lambda y, x: j0(x), compute=part(scipy.special.itj0y0, 0), source="its integrand"),
    row("itj0y0.y0", "x", lambda y, x: y0(x), compute=part(scipy.special.itj0y0, 1), domain=POSITIVE),
)
ITI0K0 = (
    row("iti0k0.i0", "x", lambda y, x: i0(x), compute=part(scipy.special.iti0k0, 0), source="its integrand"),
    row("iti0k0.k0", "x", lambda y, x: k0(x), compute=part(scipy.special.iti0k0, 1), domain=POSITIVE),
)
IT2J0Y0 = (
    row(
        "it2j0y0.j0",
        "x",
        lambda y, x: _off_1(x, -1.0, (1.0 - j0(x)) / x),
        compute=part(scipy.special.it2j0y0, 0),
        domain=POSITIVE,
    ),
    row("it2j0y0.y0", "x", lambda y, x: -y0(x) / x, compute=part(scipy.special.it2j0y0, 1), domain=POSITIVE),
)
IT2I0K0 = (
    row(
        "it2i0k0.i0",
        "x",
        lambda y, x: _off_1(x, 1.0, (i0(x) - 1.0) / x),
        compute=part(scipy.special.it2i0k0, 0),
        domain=POSITIVE,
    ),
    row("it2i0k0.k0", "x", lambda y, x: -k0(x) / x, compute=part(scipy.special.it2i0k0, 1), domain=POSITIVE),
)
itstruve0: SpecialRow = row("itstruve0", "x", lambda y, x: struve(0.0, x), source="its integrand", domain=POSITIVE)
it2struve0: SpecialRow = row(
    "it2struve0", "x", lambda y, x: -struve(0.0, x) / x, source="its integrand", domain=POSITIVE
)
itmodstruve0: SpecialRow = row(
    "itmodstruve0", "x", lambda y, x: modstruve(0.0, x), source="its integrand", domain=POSITIVE
)
