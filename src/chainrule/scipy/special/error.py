"""The error function's relatives, the normal distribution's functions, and the integrals of Fresnel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.libraries import constant
from chainrule.numbers import Number, StandIn, primal
from chainrule.ops.domain import REALS, UNIT, Domain
from chainrule.ops.special import gaussian
from chainrule.scipy.rows import SpecialRow, derivative, row

exp, where = ops.exp, ops.where
FRACTION = Domain(0, 1)


def _root_pi(like: Number) -> Number:
    return constant(like, math.sqrt(math.pi), lambda m: m.sqrt(m.pi))


def _root_2(like: Number) -> Number:
    return constant(like, math.sqrt(2), lambda m: m.sqrt(2))


def _tail_series(x: Number, sign: float) -> Number:
    """Sum of sign**n (2 n + 1)!! / (2 x**2)**n: minus x**2 times the derivative of the asymptotic series of
    sqrt(pi) erfcx (sign -1) and 2 dawsn (sign 1), to rounding beyond x = 9."""
    t = sign / (2 * x * x)
    factors = np.cumprod([2.0 * n + 1 for n in range(17)])
    total = factors[-1] * t
    for c in factors[-2:0:-1]:
        total = (total + c) * t
    return total + 1.0


def _erfcx_slope(y: Number, x: Number) -> Number:
    """2 x y - 2 / sqrt(pi); those cancel for large x, where the asymptotic series (DLMF 7.12.1) is differentiated."""
    far = primal(x) > 9
    root = _root_pi(x)
    return where(far, -_tail_series(where(far, x, 10.0), -1.0) / (root * x * x), 2 * x * y - 2 / root)


erfcx: SpecialRow = row(
    "erfcx", "x", _erfcx_slope, exact=lambda m, x: m.exp(x * x) * m.erfc(x), source="DLMF 7.10.2",
)  # fmt: skip
erfi: SpecialRow = row(
    "erfi", "z", lambda y, z: 2 / _root_pi(z) * exp(z * z), exact=lambda m, z: m.erfi(z), source="DLMF 7.5.1"
)


def _dawsn_slope(y: Number, x: Number) -> Number:
    """1 - 2 x y; those cancel for large x, as above."""
    far = ops.absolute(primal(x)) > 9
    return where(far, -_tail_series(where(far, x, 10.0), 1.0) / (2 * x * x), 1 - 2 * x * y)


dawsn: SpecialRow = row(
    "dawsn", "x", _dawsn_slope, exact=lambda m, x: m.exp(-x * x) * m.sqrt(m.pi) / 2 * m.erfi(x), source="DLMF 7.10.1"
)
erfinv: SpecialRow = row(
    "erfinv", "y", lambda x, y: 0.5 * _root_pi(y) * exp(x * x),
    exact=lambda m, y: m.erfinv(y), domain=UNIT, source="the inverse of erf",
)  # fmt: skip
erfcinv: SpecialRow = row(
    "erfcinv", "y", lambda x, y: -0.5 * _root_pi(y) * exp(x * x),
    exact=lambda m, y: m.erfinv(1 - y), domain=Domain(0, 2), source="the inverse of erfc",
)  # fmt: skip

# -- the normal distribution --------------------------------------------------------------------------------------


def normal_density(x: Number) -> Number:
    """exp(-x**2 / 2) / sqrt(2 pi)."""
    return gaussian(x / _root_2(x)) / (_root_2(x) * _root_pi(x))


def normal_hazard(x: Number) -> Number:
    """normal_density(x) / ndtr(x), without its 0 / 0 in the tail, and without erfcx where that overflows."""
    above = primal(x) > 0
    below = ops.divide(_root_2(x) / _root_pi(x), erfcx(-where(above, 0.0, x) / _root_2(x)))
    return where(above, normal_density(x) / ndtr(where(above, x, 0.0)), below)


ndtr: SpecialRow = row("ndtr", "x", lambda y, x: normal_density(x), exact=lambda m, x: m.ncdf(x), source="DLMF 7.18.2")
log_ndtr: SpecialRow = row(
    "log_ndtr", "x", lambda y, x: normal_hazard(x), exact=lambda m, x: m.log(m.ncdf(x)),
    source="phi(x) / Phi(x) by erfcx",
)  # fmt: skip
ndtri: SpecialRow = row(
    "ndtri", "y", lambda x, y: 1.0 / normal_density(x),
    exact=lambda m, y: m.sqrt(2) * m.erfinv(2 * y - 1), domain=FRACTION, source="the inverse of ndtr",
)  # fmt: skip
ndtri_exp: SpecialRow = row(
    "ndtri_exp", "y", lambda x, y: 1.0 / normal_hazard(x), domain=Domain(-math.inf, 0), source="the inverse of log_ndtr"
)
owens_t: SpecialRow = row(
    "owens_t", "h a", lambda y, h, a: -0.5 * normal_density(h) * ops.erf(a * h / _root_2(h)),
    lambda y, h, a: exp(-0.5 * h * h * (1.0 + a * a)) / (2 * _root_pi(a) ** 2 * (1.0 + a * a)),
    exact=lambda m, h, a: m.quad(lambda t: m.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * m.pi),
    source="its integral, differentiated",
)  # fmt: skip


def _both_below(h: Any, k: Any, rho: Any) -> Any:
    """Owen, Ann. Math. Stat. 27 (1956), 3.1: by his function T, for each of the two with the slope to the other."""
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    with np.errstate(all="ignore"):  # a slope at 0 is infinite
        at_h = scipy.special.owens_t(h, np.where((h == 0) & (k == 0), (1 - rho) / root, (k - rho * h) / (h * root)))
        at_k = scipy.special.owens_t(k, np.where((h == 0) & (k == 0), (1 - rho) / root, (h - rho * k) / (k * root)))
    apart = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    either = 0.5 * (scipy.special.ndtr(h) + scipy.special.ndtr(k))
    return np.maximum(either - at_h - at_k - 0.5 * apart, 0.0)[()]


def _other_below(h: Number, k: Number, rho: Number) -> Number:
    """The density at h times the probability that the other is below k there."""
    return normal_density(h) * ndtr((k - rho * h) / ops.sqrt((1.0 - rho) * (1.0 + rho)))


def _by_correlation(y: Number, h: Number, k: Number, rho: Number) -> Number:
    """The density of both at (h, k): Plackett, Biometrika 41 (1954)."""
    free = (1.0 - rho) * (1.0 + rho)
    along, across = (h + k) * (h + k) / (1.0 + rho), (h - k) * (h - k) / (1.0 - rho)
    return exp(-0.25 * (along + across)) / (2 * math.pi * ops.sqrt(free))


binormal: SpecialRow = row(
    "owens_t.binormal", "h k rho", lambda y, h, k, rho: _other_below(h, k, rho),
    lambda y, h, k, rho: _other_below(k, h, rho), _by_correlation, compute=_both_below,
    domain=(REALS, REALS, Domain(-1, 1)), source="two normal variables below h and k; Plackett 1954",
)  # fmt: skip

# -- Voigt's profile: w(u + iv) = K + iL, w' = -2 z w + 2 i / sqrt(pi) --------------------------------------------


def _faddeeva(u: Number, v: Number) -> Number:
    return scipy.special.wofz(np.asarray(u) + 1j * np.asarray(v))


_FAR = 12.0
"""The size of z from which its asymptotic series has all digits: the term of z**-44 is below 1e-17 there."""


def _slope_far_out(u: Number, v: Number) -> tuple[Number, Number]:
    """The parts of w'(z) for a large z in the upper half plane: the asymptotic series of w (DLMF 7.12.1 and 7.2.3),
    i / sqrt(pi) times the sum of (2 n - 1)!! / 2**n z**-(2 n + 1), differentiated term by term."""
    size = u * u + v * v
    re, im = u / size, -v / size  # 1 / z
    square_re, square_im = re * re - im * im, 2.0 * re * im
    factors = np.cumprod([1.0, *(n - 0.5 for n in range(1, 21))]) * (2.0 * np.arange(21) + 1.0)
    total_re, total_im = 0.0 * re + factors[-1], 0.0 * re
    for c in factors[-2::-1]:
        total_re, total_im = (
            total_re * square_re - total_im * square_im + c,
            total_re * square_im + total_im * square_re,
        )
    both_re = total_re * square_re - total_im * square_im
    both_im = total_re * square_im + total_im * square_re
    return both_im / math.sqrt(math.pi), -both_re / math.sqrt(math.pi)


def _slope(u: Number, v: Number, part: int) -> Number:
    """The real or the imaginary part of w'; -2 z w and 2 i / sqrt(pi) cancel for large z."""
    u0, v0 = primal(u), primal(v)
    far = (u0 * u0 + v0 * v0 > _FAR**2) & (v0 >= 0)
    re, im = faddeeva_real(u, v), faddeeva_imag(u, v)
    near = -2.0 * (u * re - v * im) if part == 0 else -2.0 * (u * im + v * re) + 2.0 / math.sqrt(math.pi)
    if not isinstance(far, StandIn) and not np.any(far):
        return near
    return where(far, _slope_far_out(where(far, u, _FAR), where(far, v, _FAR))[part], near)


def _real_slope(u: Number, v: Number) -> Number:
    return _slope(u, v, 0)


def _imag_slope(u: Number, v: Number) -> Number:
    return _slope(u, v, 1)


faddeeva_real: SpecialRow = row(
    "wofz.real", "u v", lambda y, u, v: _real_slope(u, v), lambda y, u, v: -_imag_slope(u, v),
    compute=lambda u, v: _faddeeva(u, v).real, source="DLMF 7.10.2",
)  # fmt: skip
faddeeva_imag: SpecialRow = row(
    "wofz.imag", "u v", lambda y, u, v: _imag_slope(u, v), lambda y, u, v: _real_slope(u, v),
    compute=lambda u, v: _faddeeva(u, v).imag, source="DLMF 7.10.2",
)  # fmt: skip


def _voigt(x: Number, sigma: Number, gamma: Number) -> Number:
    wide = sigma * math.sqrt(2)
    return faddeeva_real(x / wide, gamma / wide) / (wide * math.sqrt(math.pi))


def _voigt_by_sigma(y: Number, x: Number, sigma: Number, gamma: Number) -> Number:
    """sigma times the second derivative by x: the profile solves the equation of heat in sigma**2 / 2."""
    return sigma * _by_x_twice(y, x, sigma, gamma)


_by_x = derivative(_voigt, 0)
_by_x_twice = derivative(lambda x, sigma, gamma: _by_x(None, x, sigma, gamma), 0)

voigt_profile: SpecialRow = row(
    "voigt_profile", "x sigma gamma", _by_x, _voigt_by_sigma, derivative(_voigt, 2),
    domain=(Domain(), Domain(0, closed=(False, True)), Domain(0)), source="DLMF 7.19, by w(z)",
)  # fmt: skip

# -- Fresnel's integrals ----------------------------------------------------------------------------------------

fresnel_s: SpecialRow = row(
    "fresnel.S", "z", lambda y, z: ops.sin(0.5 * math.pi * z * z),
    compute=lambda z: scipy.special.fresnel(z)[0], exact=lambda m, z: m.fresnels(z), source="DLMF 7.2.8",
)  # fmt: skip
fresnel_c: SpecialRow = row(
    "fresnel.C", "z", lambda y, z: ops.cos(0.5 * math.pi * z * z),
    compute=lambda z: scipy.special.fresnel(z)[1], exact=lambda m, z: m.fresnelc(z), source="DLMF 7.2.7",
)  # fmt: skip
