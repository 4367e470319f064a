"""Zeta functions, Lambert's W and Wright's omega, the distribution of Kolmogorov."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.ops.domain import POSITIVE, Domain
from chainrule.scipy.quadrature import over_steps
from chainrule.scipy.rows import SpecialRow, derivative, row

exp, log, where = ops.exp, ops.log, ops.where
ABOVE_1 = Domain(1, closed=(False, True))
HEAD = 20
# B_(2 j) / (2 j)! for j = 1, 2, ...
_EULER_MACLAURIN = [float(b) / math.factorial(2 * j) for j, b in enumerate(scipy.special.bernoulli(20)[2::2], 1)]


def euler_maclaurin(x: Number, q: Number) -> Number:
    """Hurwitz's zeta function as a sum of its first terms and the series of Euler and Maclaurin, DLMF 25.11.9, whose
    derivative by x is exact to rounding too."""
    head = over_steps(HEAD, lambda k, x, q: exp(-x * log(k + q)), x, q)
    a = q + float(HEAD)
    power = exp(-x * log(a))
    total = head + a * power / (x - 1.0) + 0.5 * power
    factor = x * power / a
    for j, b in enumerate(_EULER_MACLAURIN):
        total = total + b * factor
        factor = factor * (x + 2.0 * j + 1.0) * (x + 2.0 * j + 2.0) / (a * a)
    return total


def _continued(x: Number) -> Number:
    """Riemann's zeta function; for x < 0 by its reflection, DLMF 25.4.1: the sum loses digits there."""
    low = primal(x) < 0
    t = where(low, 1.0 - x, 2.0)
    reflected = 2.0 * exp(ops.gammaln(t) - t * math.log(2 * math.pi)) * ops.cos(0.5 * math.pi * t)
    return where(low, reflected * euler_maclaurin(t, 1.0), euler_maclaurin(where(low, 2.0, x), 1.0))


hurwitz: SpecialRow = row(
    "zeta", "x q", derivative(euler_maclaurin, 0), lambda y, x, q: -x * hurwitz(x + 1.0, q),
    exact=lambda m, x, q: m.zeta(x, q), domain=(ABOVE_1, POSITIVE), source="DLMF 25.11.17; by x 25.11.9",
)  # fmt: skip
riemann: SpecialRow = row(
    "zeta.riemann", "x", lambda y, x: derivative(_continued, 0)(y, x), compute=scipy.special.zeta,
    exact=lambda m, x: m.zeta(x), domain=ABOVE_1, source="DLMF 25.2.9",
)  # fmt: skip
zetac: SpecialRow = row(
    "zetac", "x", lambda y, x: derivative(_continued, 0)(y, x),
    exact=lambda m, x: m.zeta(x) - 1, domain=ABOVE_1, source="DLMF 25.2.9",
)  # fmt: skip

# -- Lambert's W on its real branches -----------------------------------------------------------------------------


def _lambert(k: int) -> Callable[..., Any]:
    def real(z: Number) -> Number:
        w = scipy.special.lambertw(z, k)
        return np.where(w.imag == 0, w.real, np.nan)[()]

    return real


def _lambert_slope(w: Number) -> Number:
    """W' = exp(-W) / (1 + W), DLMF 4.13.4."""
    return exp(-w) / (1.0 + w)


LAMBERT = {
    k: row(
        f"lambertw.branch_{abs(k)}", "z", lambda w, z: _lambert_slope(w), compute=_lambert(k),
        exact=lambda m, z, k=k: m.lambertw(z, k).real, source="DLMF 4.13.4",
        domain=Domain(-math.exp(-1), closed=(False, True)) if k == 0 else Domain(-math.exp(-1), 0, (False, False)),
    )
    for k in (0, -1)
}  # fmt: skip
wrightomega: SpecialRow = row(
    "wrightomega", "z", lambda w, z: w / (1.0 + w),
    exact=lambda m, z: m.lambertw(m.exp(z)).real, source="W(exp(z)); DLMF 4.13.4",
)  # fmt: skip

# -- Kolmogorov's distribution ------------------------------------------------------------------------------------


def kolmogorov_slope(y: Number) -> Number:
    """The derivative of the survival function 2 sum over k >= 1 of (-1)**(k - 1) exp(-2 k**2 y**2), and below 1 of
    what Jacobi's transformation makes of it: 1 - sqrt(2 pi) / y sum exp(-(2 k - 1)**2 pi**2 / (8 y**2))."""
    low = primal(y) < 1.0

    def small(k: Number, y: Number) -> Number:
        c = ((2 * k + 1) * math.pi) ** 2 / 8
        return exp(-c / (y * y)) * (1.0 - 2.0 * c / (y * y)) / (y * y)

    def large(k: Number, y: Number) -> Number:
        n = k + 1
        return (-1.0) ** k * n * n * y * exp(-2.0 * n * n * y * y)

    below = math.sqrt(2 * math.pi) * over_steps(4, small, where(low & (primal(y) > 0), y, 1.0))
    above = -8.0 * over_steps(6, large, where(low, 1.0, y))
    return where(primal(y) > 0, where(low, below, above), 0.0)


kolmogorov: SpecialRow = row(
    "kolmogorov", "y", lambda p, y: kolmogorov_slope(y), domain=POSITIVE,
    source="its series and Jacobi's transform of it",
)  # fmt: skip
kolmogi: SpecialRow = row(
    "kolmogi", "p", lambda y, p: 1.0 / kolmogorov_slope(y), domain=Domain(0, 1), source="its inverse"
)
