"""Functions of SciPy's that give several: values and slopes of all degrees, or complex pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, StandIn, primal, shape
from chainrule.ops.domain import POSITIVE, Domain
from chainrule.scipy.rows import UNKNOWN, SpecialRow, derivative, of_whole, row
from chainrule.scipy.special import airy, bessel, spherical

Rule = Callable[..., Any]


# -- sequences over the degree ------------------------------------------------------------------------------------


def _degrees(n: Any) -> Any:
    return np.arange(float(int(n)) + 1)


def _riccati(values: SpecialRow) -> Rule:
    """z f_n(z) of a spherical Bessel function and its slope, for all degrees to n."""
    slopes: Any = values.partials[1]

    def rule(n: Any, x: Any) -> Any:
        f, slope = values(_degrees(n), x * 1.0), slopes(None, _degrees(n), x * 1.0)
        return x * f, f + x * slope

    return rule


def lmbda(v: Any, x: Any) -> Any:
    """Jahnke and Emden's lambda functions, gamma(v + 1) (2 / x)**v J_v(x), and their slopes."""
    orders = _degrees(v) + (v - int(v))
    factor = ops.exp(scipy.special.gammaln(orders + 1.0) + orders * ops.log(2.0 / x))
    above = ops.exp(scipy.special.gammaln(orders + 1.0) + orders * ops.log(2.0 / x)) * bessel.jv(orders + 1.0, x)
    return factor * bessel.jv(orders, x), -above


def lqn(n: Any, z: Any) -> Any:
    """Legendre functions of the second kind of all degrees to n, and their slopes, by recurrence, DLMF 14.10.3, which
    is stable between -1 and 1."""
    if shape(z) or not abs(primal(z)) < 1:
        raise no_rule("scipy.special.lqn outside of (-1, 1)")
    values = [0.5 * ops.log((1.0 + z) / (1.0 - z))]
    slopes = [1.0 / (1.0 - z * z)]
    values.append(z * values[0] - 1.0)
    slopes.append(values[0] + z * slopes[0])
    for k in range(1, int(n)):
        values.append(((2 * k + 1) * z * values[k] - k * values[k - 1]) / (k + 1))
        slopes.append(slopes[k - 1] + (2 * k + 1) * values[k])
    count = max(int(n), 1) + 1
    return ops.stack(values[:count]), ops.stack(slopes[:count])


def _parabolic(rows: tuple[SpecialRow, SpecialRow]) -> Rule:
    def rule(v: Any, x: Any) -> Any:
        if v < 0:
            raise no_rule("scipy.special.pbdv_seq and pbvv_seq of negative orders")
        orders = _degrees(v) + (v - int(v))
        return rows[0](orders, x * 1.0), rows[1](orders, x * 1.0)

    return rule


# -- complex pairs ------------------------------------------------------------------------------------------------


def kelvin(x: Any) -> Any:
    """ber + i bei, ker + i kei, and their slopes."""
    pairs = ((airy.ber, airy.bei), (airy.ker, airy.kei), (airy.berp, airy.beip), (airy.kerp, airy.keip))
    return tuple(Complex(a(x), b(x)) for a, b in pairs)


def _fresnel(name: str, sign: float) -> Rule:
    """The integral of exp(sign i t**2) from x on, and that times exp(-sign i (x**2 + pi / 4)) / sqrt(pi)."""
    function = getattr(scipy.special, name)

    def part(k: int, imaginary: bool) -> Rule:
        return lambda x: function(x)[k].imag if imaginary else function(x)[k].real

    slopes: list[Rule] = [
        lambda y, x: -ops.cos(x * x),
        lambda y, x: -sign * ops.sin(x * x),
        lambda y, x: sign * 2.0 * x * rows[3](x) - math.sqrt(0.5 / math.pi),
        lambda y, x: -sign * 2.0 * x * rows[2](x) + sign * math.sqrt(0.5 / math.pi),
    ]
    rows: list[SpecialRow] = [
        row(f"{name}.{k}", "x", slope, compute=part(k // 2, k % 2 == 1), source="DLMF 7.2.6")
        for k, slope in enumerate(slopes)
    ]
    return lambda x: (Complex(rows[0](x), rows[1](x)), Complex(rows[2](x), rows[3](x)))


# -- integrals and sums -------------------------------------------------------------------------------------------

besselpoly: SpecialRow = row(
    "besselpoly", "a lmb nu",
    lambda y, a, lmb, nu: besselpoly(a, lmb + 1.0, nu - 1.0) - besselpoly(a, lmb + 1.0, nu + 1.0), UNKNOWN, UNKNOWN,
    domain=POSITIVE, source="its integrand, and DLMF 10.6.1",
)  # fmt: skip


def _above(n: Number, d: Number) -> Number:
    """The probability that the largest distance is above d: Birnbaum and Tingey, Ann. Math. Stat. 22 (1951)."""
    plain_n, plain_d = primal(n), primal(d)
    if isinstance(plain_d, StandIn) or isinstance(plain_n, StandIn):
        raise no_rule("scipy.special.smirnov of numbers that are recorded only")
    count = int(np.nanmax(np.floor(plain_n * (1.0 - plain_d)), initial=0.0)) + 1
    n, d = (ops.expand_dims(x, -1) if shape(x) else x for x in (n, d))
    j = np.arange(float(count))
    left = 1.0 - d - j / n
    inside = primal(left) > 0
    size = ops.gammaln(n + 1.0) - ops.gammaln(j + 1.0) - ops.gammaln(n - j + 1.0) + (j - 1.0) * ops.log(d + j / n)
    size = size + (n - j) * ops.log(ops.where(inside, left, 1.0))
    return ops.sum(ops.where(inside, d * ops.exp(size), 0.0), -1)


by_distance = derivative(_above, 1)
smirnov: SpecialRow = row(
    "smirnov", "n d", UNKNOWN, of_whole(by_distance), domain=(POSITIVE, Domain(0, 1)), source="Birnbaum and Tingey 1951"
)
smirnovi: SpecialRow = row(
    "smirnovi", "n p", UNKNOWN, of_whole(lambda d, n, p: 1.0 / by_distance(p, n, d)), domain=(POSITIVE, Domain(0, 1)),
    source="the inverse of smirnov",
)  # fmt: skip

RULES: dict[str, Rule] = {
    "riccati_jn": _riccati(spherical.spherical_jn), "riccati_yn": _riccati(spherical.spherical_yn), "lmbda": lmbda,
    "lqn": lqn, "pbdv_seq": _parabolic(airy.PBDV), "pbvv_seq": _parabolic(airy.PBVV),
}  # fmt: skip
HELD = {"riccati_jn": ("n",), "riccati_yn": ("n",), "lmbda": ("v",), "lqn": ("n",), "pbdv_seq": ("v",),
        "pbvv_seq": ("v",)}  # fmt: skip
SEVERAL: dict[str, Rule] = {
    "kelvin": kelvin,
    "modfresnelp": _fresnel("modfresnelp", 1.0),
    "modfresnelm": _fresnel("modfresnelm", -1.0),
}
