"""Elliptic integrals, Jacobi's functions and the arithmetic-geometric mean."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.ops.domain import NONNEGATIVE, POSITIVE, REALS, Domain
from chainrule.scipy.quadrature import POWERS, over
from chainrule.scipy.rows import SpecialRow, row

sin, cos, sqrt, where = ops.sin, ops.cos, ops.sqrt, ops.where
BELOW_1 = Domain(high=1, closed=(True, False))

# -- Carlson's symmetric integrals: the derivatives are integrals of positive functions -------------------------


def _integral(factor: float, *powers: float, top: float = 0.0) -> Callable[..., Number]:
    """factor times the integral over (0, inf) of t**top (t + x_1)**powers[0] (t + x_2)**powers[1] ..."""

    def integrand(t: Any, *args: Number) -> Number:
        logs = [k * ops.log(t + x) for k, x in zip(powers, args, strict=True)]
        return ops.exp(sum(logs, top * ops.log(t)))

    return lambda y, *args: factor * over(POWERS, integrand, *args)


elliprd: SpecialRow = row(
    "elliprd", "x y z", _integral(-0.75, -1.5, -0.5, -1.5), _integral(-0.75, -0.5, -1.5, -1.5),
    _integral(-2.25, -0.5, -0.5, -2.5), exact=lambda m, x, y, z: m.elliprd(x, y, z),
    domain=(NONNEGATIVE, NONNEGATIVE, POSITIVE), source="DLMF 19.16.5, differentiated",
)  # fmt: skip
elliprf: SpecialRow = row(
    "elliprf", "x y z", lambda v, x, y, z: elliprd(y, z, x) / -6.0, lambda v, x, y, z: elliprd(x, z, y) / -6.0,
    lambda v, x, y, z: elliprd(x, y, z) / -6.0, exact=lambda m, x, y, z: m.elliprf(x, y, z), domain=POSITIVE,
    source="DLMF 19.18.1",
)  # fmt: skip
elliprc: SpecialRow = row(
    "elliprc", "x y", lambda v, x, y: elliprd(y, y, x) / -6.0, lambda v, x, y: elliprd(x, y, y) / -3.0,
    exact=lambda m, x, y: m.elliprc(x, y), domain=POSITIVE, source="R_F(x, y, y), DLMF 19.16.6",
)  # fmt: skip
elliprg: SpecialRow = row(
    "elliprg", "x y z", _integral(0.125, -1.5, -0.5, -0.5, top=1.0), _integral(0.125, -0.5, -1.5, -0.5, top=1.0),
    _integral(0.125, -0.5, -0.5, -1.5, top=1.0), exact=lambda m, x, y, z: m.elliprg(x, y, z), domain=POSITIVE,
    source="DLMF 19.18.4 and 19.16.9",
)  # fmt: skip
elliprj: SpecialRow = row(
    "elliprj", "x y z p", _integral(-0.75, -1.5, -0.5, -0.5, -1.0), _integral(-0.75, -0.5, -1.5, -0.5, -1.0),
    _integral(-0.75, -0.5, -0.5, -1.5, -1.0), _integral(-1.5, -0.5, -0.5, -0.5, -2.0),
    exact=lambda m, x, y, z, p: m.elliprj(x, y, z, p), domain=POSITIVE, source="DLMF 19.16.2, differentiated",
)  # fmt: skip

# -- Legendre's integrals: with D = (K - E) / m and B = K - D nothing cancels at m = 0 ---------------------------


def _complete_d(rest: Number) -> Number:
    """(K - E) / m at m = 1 - rest: DLMF 19.25.1."""
    return elliprd(0.0, rest, 1.0) / 3.0


def _complete_slope(rest: Number, k: Number) -> Number:
    """dK/dm at m = 1 - rest: (E - (1 - m) K) / (2 m (1 - m)), DLMF 19.4.1."""
    return (k - _complete_d(rest)) / (2.0 * rest)


ellipk: SpecialRow = row(
    "ellipk", "m", lambda y, m: _complete_slope(1.0 - m, y),
    exact=lambda mp, m: mp.ellipk(m), domain=BELOW_1, source="DLMF 19.4.1",
)  # fmt: skip
ellipkm1: SpecialRow = row(
    "ellipkm1", "p", lambda y, p: -_complete_slope(p, y),
    exact=lambda m, p: m.ellipk(1 - p), domain=POSITIVE, source="DLMF 19.4.1",
)  # fmt: skip
ellipe: SpecialRow = row(
    "ellipe", "m", lambda y, m: -0.5 * _complete_d(1.0 - m),
    exact=lambda mp, m: mp.ellipe(m), domain=BELOW_1, source="DLMF 19.4.2",
)  # fmt: skip


def _delta(phi: Number, m: Number) -> Number:
    return sqrt(1.0 - m * sin(phi) ** 2)


def incomplete_d(phi: Number, m: Number) -> Number:
    """(F - E) / m, DLMF 19.25.13 within a quarter period, and what it gains in a whole one."""
    turns = ops.rint(primal(phi) / math.pi)
    inner = phi - turns * math.pi
    s, c = sin(inner), cos(inner)
    first = s**3 / 3.0 * elliprd(c * c, 1.0 - m * s * s, 1.0)
    return first + 2.0 * turns * _complete_d(1.0 - m)


def _first_by_m(phi: Number, m: Number) -> Number:
    """dF/dm: F is sin(phi) R_F(cos(phi)**2, 1 - m sin(phi)**2, 1) within a quarter period, DLMF 19.25.5 and 19.18.1."""
    turns = ops.rint(primal(phi) / math.pi)
    inner = phi - turns * math.pi
    s, c = sin(inner), cos(inner)
    first = s**3 / 6.0 * elliprd(c * c, 1.0, 1.0 - m * s * s)
    return first + where(turns == 0, 0.0, turns / 3.0 * elliprd(0.0, 1.0, where(turns == 0, 0.5, 1.0 - m)))


ellipkinc: SpecialRow = row(
    "ellipkinc", "phi m", lambda y, phi, m: 1.0 / _delta(phi, m), lambda y, phi, m: _first_by_m(phi, m),
    exact=lambda mp, phi, m: mp.ellipf(phi, m), domain=(REALS, BELOW_1), source="DLMF 19.4.5",
)  # fmt: skip
ellipeinc: SpecialRow = row(
    "ellipeinc", "phi m", lambda y, phi, m: _delta(phi, m), lambda y, phi, m: -0.5 * incomplete_d(phi, m),
    exact=lambda mp, phi, m: mp.ellipe(phi, m), domain=(REALS, BELOW_1), source="DLMF 19.4.6",
)  # fmt: skip

# -- Jacobi's functions, by the amplitude: F(am, m) = u -----------------------------------------------------------


def _jacobi(k: int) -> Callable[..., Any]:
    return lambda u, m: scipy.special.ellipj(u, m)[k]


def _amplitude_by_m(u: Number, m: Number) -> Number:
    phi = am(u, m)
    return -_first_by_m(phi, m) * dn(u, m)


am: SpecialRow = row(
    "ellipj.ph", "u m", lambda y, u, m: dn(u, m), lambda y, u, m: _amplitude_by_m(u, m), compute=_jacobi(3),
    domain=(REALS, Domain(0, 1)), source="DLMF 22.16.1",
)  # fmt: skip
sn: SpecialRow = row(
    "ellipj.sn", "u m", lambda y, u, m: cn(u, m) * dn(u, m), lambda y, u, m: cn(u, m) * _amplitude_by_m(u, m),
    compute=_jacobi(0), exact=lambda mp, u, m: mp.ellipfun("sn", u, m=m), domain=(REALS, Domain(0, 1)),
    source="DLMF 22.13.1",
)  # fmt: skip
cn: SpecialRow = row(
    "ellipj.cn", "u m", lambda y, u, m: -sn(u, m) * dn(u, m), lambda y, u, m: -sn(u, m) * _amplitude_by_m(u, m),
    compute=_jacobi(1), exact=lambda mp, u, m: mp.ellipfun("cn", u, m=m), domain=(REALS, Domain(0, 1)),
    source="DLMF 22.13.2",
)  # fmt: skip
dn: SpecialRow = row(
    "ellipj.dn", "u m", lambda y, u, m: -m * sn(u, m) * cn(u, m),
    lambda y, u, m: -(0.5 * sn(u, m) ** 2 + m * sn(u, m) * cn(u, m) * _amplitude_by_m(u, m)) / y,
    compute=_jacobi(2), exact=lambda mp, u, m: mp.ellipfun("dn", u, m=m), domain=(REALS, Domain(0, 1)),
    source="DLMF 22.13.3",
)  # fmt: skip
ELLIPJ = (sn, cn, dn, am)


def _mean_by(y: Number, a: Number, b: Number) -> Number:
    """The slope of the arithmetic-geometric mean by `a`, DLMF 19.8.5 differentiated. It is that of c * a and c * b too,
    so that no square overflows; where one is far below the other, what it tends to."""
    p, q = abs(primal(a)), abs(primal(b))
    larger = where(p > q, p, q)
    size = where((larger > 0.0) & (larger < math.inf), larger, 1.0)
    u, v, mean = abs(a / size), abs(b / size), y / size
    slope = 2.0 / (3.0 * math.pi) * mean * mean * u * elliprd(0.0, v * v, u * u)
    share = 2.0 / math.pi * mean * mean  # of the smaller one times its slope
    slope = where(p < _FAR * size, share / u, where(q < _FAR * size, (abs(mean) - share) / u, slope))
    below, above = (p == 0.0) | ((p < math.inf) & (q == math.inf)), (q == 0.0) | ((q < math.inf) & (p == math.inf))
    slope = where(below, math.inf, where(above, 0.0, slope))
    return where((below & above) | (primal(y) != primal(y)), math.nan, slope)


_FAR = 1e-100  # the square of the ratio is lost beside 1
agm: SpecialRow = row(
    "agm", "a b", _mean_by, lambda y, a, b: _mean_by(y, b, a), exact=lambda m, a, b: m.agm(a, b), domain=POSITIVE,
    source="DLMF 19.8.5, differentiated",
)  # fmt: skip
