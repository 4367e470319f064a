"""log |Gamma| and its derivatives for one float, to a few ulp, without SciPy.

Recurrence to x >= 16, then the asymptotic series (DLMF 5.11.1, 5.11.2, 5.15.8); reflection below 0
(DLMF 5.5.4, 5.15.6); around the positive root of digamma a Taylor series, because differences of large
numbers leave no digits there.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

# B_2, B_4, ..., B_24: Bernoulli numbers as fractions.
BERNOULLI = tuple(
    p / q
    for p, q in (
        (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798),
        (-174611, 330), (854513, 138), (-236364091, 2730),
    )
)  # fmt: skip
# The positive root of digamma as an unevaluated sum of two floats, and psi^(n)(root) / n! from n = 1 on.
ROOT, ROOT_TAIL = 1.4616321449683622, 9.549995429965697e-17
SHIFT = 16.0


def gammaln(x: float) -> float:
    """log |Gamma(x)|; inf at the poles and at +-inf.

    >>> round(gammaln(0.5), 15), gammaln(0.0)
    (0.5723649429247, inf)
    """
    if 0.5 < x < 2.5:
        return float(gammaln_near_zeros(np.float64(x)))
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return math.inf


def gamma(x: float) -> float:
    """Gamma(x): infinite at 0 (with the sign of the zero) and where it overflows, nan at the other poles.

    >>> gamma(5.0), gamma(-0.0), gamma(-1.0)
    (24.0, -inf, nan)
    """
    try:
        return math.gamma(x)
    except OverflowError:
        return math.copysign(math.inf, x)
    except ValueError:
        return math.copysign(math.inf, x) if x == 0 else math.nan


def gammaln_near_zeros(x: Any) -> Any:
    """log Gamma around its zeros 1 and 2 by its Taylor series at 1 (DLMF 5.7.3), so that the relative error
    stays small: log Gamma(1+z) = -log(1+z) + z (1 - gamma) + sum_k (-1)^k (zeta(k) - 1) z^k / k."""
    low = x < 1.5
    z = np.where(low, x - 1.0, x - 2.0)
    total = np.zeros_like(z)
    table = zeta_minus_1()
    for k in range(len(table) + 1, 1, -1):
        total = total * -z + table[k - 2] / k
    series = z * (1 - EULER_GAMMA) + z * z * total
    return np.where(low, series - np.log1p(np.where(low, z, 0.0)), series)


EULER_GAMMA = 0.5772156649015329


def _zeta_minus_1(s: int) -> float:
    direct = math.fsum(n**-s for n in range(2, 200))
    return (
        direct
        + 200.0 ** (1 - s) / (s - 1)
        + 0.5 * 200.0**-s
        + s * 200.0 ** (-s - 1) / 12
        - (s * (s + 1) * (s + 2) * 200.0 ** (-s - 3) / 720)
    )


@functools.cache
def zeta_minus_1() -> tuple[float, ...]:
    """zeta(k) - 1 for k from 2 to 59, when it is first needed: it takes a hundredth of the import of NumPy."""
    return tuple(_zeta_minus_1(k) for k in range(2, 60))


def polygamma(x: float, order: int) -> float:
    """The derivative of digamma, `order` times (0: digamma itself); nan at the poles.

    >>> round(polygamma(1.0, 0), 15), round(polygamma(1.0, 1), 15)
    (-0.577215664901533, 1.644934066848226)
    """
    if math.isnan(x) or x == -math.inf or (x <= 0 and x == math.floor(x)):
        if x == 0:
            return -math.copysign(math.inf, x) if order % 2 == 0 else math.inf
        return math.nan
    if x == math.inf:
        return math.inf if order == 0 else math.copysign(0.0, (-1) ** (order + 1))
    if abs(x) < 1e-20:  # the pole alone
        return float((-1) ** (order + 1) * math.factorial(order)) * _reciprocal_power(x, order + 1)
    if x < 0:
        return _reflected(x, order)
    if order == 0:
        return _digamma(x)
    return float((-1) ** (order + 1) * math.factorial(order)) * _hurwitz_zeta(order + 1, x)


def _digamma(x: float) -> float:
    if abs(x - ROOT) < 0.2:
        return _digamma_near_root((x - ROOT) - ROOT_TAIL)
    shifts: list[float] = []
    while x < SHIFT:
        shifts.append(-1.0 / x)
        x += 1.0
    r = 1.0 / (x * x)
    series = 0.0
    for k in range(len(BERNOULLI), 0, -1):
        series = (series - BERNOULLI[k - 1] / (2 * k)) * r
    return math.fsum([*shifts, math.log(x), -0.5 / x, series])


def _digamma_near_root(z: float) -> float:
    total = 0.0
    for c in reversed(_root_series()):
        total = total * z + c
    return total * z


_ROOT_SERIES: list[float] = []


def _root_series() -> list[float]:
    if not _ROOT_SERIES:
        # psi^(n)(r) / n! = (-1)^(n+1) zeta(n + 1, r)
        _ROOT_SERIES.extend((-1.0) ** (n + 1) * _hurwitz_zeta(n + 1, ROOT) for n in range(1, 26))
    return _ROOT_SERIES


def _reciprocal_power(x: float, n: int) -> float:
    """x**-n, infinite where it overflows."""
    try:
        return x**-n
    except (OverflowError, ZeroDivisionError):
        return math.copysign(math.inf, x) if n % 2 else math.inf


def _hurwitz_zeta(s: int, x: float) -> float:
    """sum over n of (x + n)^-s by Euler-Maclaurin (DLMF 25.11.28)."""
    terms: list[float] = []
    shift = max(SHIFT, float(s))
    while x < shift:
        terms.append(_reciprocal_power(x, s))
        x += 1.0
    if math.inf in terms:
        return math.inf
    power = x**-s
    terms += [x ** (1 - s) / (s - 1), 0.5 * power]
    factor = s * power / x
    for k, b in enumerate(BERNOULLI, start=1):
        terms.append(b * factor / math.factorial(2 * k))
        factor *= (s + 2 * k - 1) * (s + 2 * k) / (x * x)
    return math.fsum(terms)


def _reflected(x: float, order: int) -> float:
    """psi_n(x) = (-1)^n psi_n(1 - x) - pi^(n+1) cot^(n)(pi x), the cotangent's derivatives as polynomials in
    cot: cot' = -(1 + cot^2)."""
    polynomial = np.array([0.0, 1.0])
    for _ in range(order):
        derivative = polynomial[1:] * np.arange(1, len(polynomial))
        polynomial = np.convolve(derivative, [-1.0, 0.0, -1.0])
    cot = 1.0 / math.tan(math.pi * (x - round(x)))
    turned = float(np.polynomial.polynomial.polyval(cot, polynomial))
    sign = -1.0 if order % 2 else 1.0
    return sign * polygamma(1 - x, order) - math.pi ** (order + 1) * turned
