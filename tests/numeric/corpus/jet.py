"""Jets: truncated Taylor series over mpmath numbers, for derivatives that are right in all their digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

DIGITS = 400
HIGHEST = 4


class Jet:
    """f(x + t) as the coefficients of 1, t, t^2, ... t^4."""

    def __init__(self, terms: list[Any]) -> None:
        self.terms = terms

    @staticmethod
    def of(x: Any) -> Jet:
        return x if isinstance(x, Jet) else Jet([mpmath.mpf(x), *[mpmath.mpf(0)] * HIGHEST])

    def __add__(self, other: Any) -> Jet:
        return Jet([a + b for a, b in zip(self.terms, Jet.of(other).terms, strict=True)])

    def __neg__(self) -> Jet:
        return Jet([-a for a in self.terms])

    def __sub__(self, other: Any) -> Jet:
        return self + -Jet.of(other)

    def __mul__(self, other: Any) -> Jet:
        b = Jet.of(other).terms
        return Jet([sum(self.terms[i] * b[k - i] for i in range(k + 1)) for k in range(HIGHEST + 1)])

    def __truediv__(self, other: Any) -> Jet:
        return self * composed(lambda u: [(-1) ** k / u ** (k + 1) for k in range(HIGHEST + 1)])(other)

    def __pow__(self, n: int) -> Jet:
        whole = Jet.of(1)
        for _ in range(n):
            whole = whole * self
        return whole

    def __rsub__(self, other: Any) -> Jet:
        return Jet.of(other) - self

    def __rtruediv__(self, other: Any) -> Jet:
        return Jet.of(other) / self

    __radd__, __rmul__ = __add__, __mul__


def composed(series: Callable[[Any], list[Any]]) -> Callable[[Any], Jet]:
    """The function whose Taylor coefficients at u are `series(u)`, of jets."""

    def outer(x: Any) -> Jet:
        inner = Jet.of(x)
        outside, moved = series(inner.terms[0]), Jet([mpmath.mpf(0), *inner.terms[1:]])
        total = Jet.of(0)
        for coefficient in reversed(outside):
            total = total * moved + coefficient
        return total

    return outer


def _waves(u: Any, shift: int) -> list[Any]:
    around = [mpmath.sin(u), mpmath.cos(u), -mpmath.sin(u), -mpmath.cos(u)]
    return [around[(k + shift) % 4] / mpmath.factorial(k) for k in range(HIGHEST + 1)]


def _from_slope(value: Any, slope: Callable[[Jet], Jet]) -> Callable[[Any], list[Any]]:
    """The series of a function from its value and its derivative as a function."""

    def series(u: Any) -> list[Any]:
        step = Jet([u, mpmath.mpf(1), *[mpmath.mpf(0)] * (HIGHEST - 1)])
        return [value(u), *[c / (k + 1) for k, c in enumerate(slope(step).terms[:-1])]]

    return series


class Functions:
    """The library `m` of jets."""

    sin = staticmethod(composed(lambda u: _waves(u, 0)))
    cos = staticmethod(composed(lambda u: _waves(u, 1)))
    exp = staticmethod(composed(lambda u: [mpmath.exp(u) / mpmath.factorial(k) for k in range(HIGHEST + 1)]))
    log = staticmethod(composed(_from_slope(mpmath.log, lambda t: 1 / t)))
    atan = staticmethod(composed(_from_slope(mpmath.atan, lambda t: 1 / (1 + t * t))))
    sqrt = staticmethod(composed(lambda u: [mpmath.binomial(0.5, k) * u ** (0.5 - k) for k in range(HIGHEST + 1)]))

    @staticmethod
    def tanh(x: Any) -> Jet:
        # 1 - 2 / (e^2u + 1): with hundreds of digits nothing is lost to it.
        return 1 - 2 / (Functions.exp(2 * Jet.of(x)) + 1)


def derivatives(f: Callable[[Any], Any], x: float) -> list[float]:
    """f and its first four derivatives at x."""
    with mpmath.workdps(DIGITS):
        found = f(Jet([mpmath.mpf(x), mpmath.mpf(1), *[mpmath.mpf(0)] * (HIGHEST - 1)]))
        return [float(c * mpmath.factorial(k)) for k, c in enumerate(Jet.of(found).terms)]
