"""What each elementwise row should give, from mpmath and to as many digits as the question needs.

Only the VALUE of a function is written down here. Its slopes are differences of that value in arithmetic
precise enough for the difference to keep 25 digits, so that no rule of ours, nor one of mpmath, is trusted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
from mpmath import mp, mpf

LARGEST = mpf(2) ** 1024 - mpf(2) ** 970  # half an ulp beyond the largest float64


def _real_power(x: Any, b: Any) -> Any:
    if x == 0:
        return mpf(1) if b == 0 else mpf(0) if b > 0 else mpf("inf")
    if x > 0:
        return mpmath.exp(b * mpmath.log(x))
    if b != mpmath.floor(b):
        return mpf("nan")
    size = mpmath.exp(b * mpmath.log(-x))
    return -size if mpmath.fmod(b, 2) else size


def _exp(x: Any) -> Any:
    """exp(x), 0 where that is far below the smallest float: mpmath takes a tenth of a second for exp(-1e300)."""
    return mpf(0) if x < -1234567 else mpmath.exp(x)


def _real_gamma_log(x: Any) -> Any:
    """log |Gamma|; by Stirling's series where a gamma of that size could not be written down."""
    if x > 1e5:
        return (x - mpf(0.5)) * mpmath.log(x) - x + mpmath.log(2 * mpmath.pi) / 2 + _stirling(x)
    return mpmath.loggamma(x) if x > 0 else mpmath.log(mpmath.pi / abs(mpmath.sinpi(x) * x)) - _real_gamma_log(-x)


def _stirling(x: Any) -> Any:
    terms = range(1, 12)
    return sum(mpmath.bernoulli(2 * k) / (2 * k * (2 * k - 1) * x ** (2 * k - 1)) for k in terms)


def _gamma(x: Any) -> Any:
    if x <= 0 and x == mpmath.floor(x):
        return mpf("nan")
    if abs(x) < 200:
        return mpmath.gamma(x)
    return mpf("inf") if x > 0 else mpf(0) * mpmath.sinpi(x)


def _polygamma(x: Any, *, order: int) -> Any:
    return mpf("nan") if x <= 0 and x == mpmath.floor(x) else mpmath.psi(order, x)


def _sinc(x: Any) -> Any:
    return mpmath.sinpi(x) / (mpmath.pi * x) if x else mpf(1)


def _nearest_even(x: Any) -> Any:
    return mpmath.nint(x)


def _remainder(a: Any, b: Any) -> Any:
    return a - b * mpmath.floor(a / b)


def _fmod(a: Any, b: Any) -> Any:
    q = a / b
    return a - b * (mpmath.floor(q) if q >= 0 else mpmath.ceil(q))


def _toward_zero(x: Any) -> Any:
    return mpmath.floor(x) if x >= 0 else mpmath.ceil(x)


def _cbrt(x: Any) -> Any:
    return mpmath.cbrt(x) if x >= 0 else -mpmath.cbrt(-x)


VALUES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "scale": lambda a, b: a * b,
    "strong_zero_product": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "over_or_zero": lambda a, b: a / b,
    "reciprocal": lambda x: 1 / x,
    "negative": lambda x: -x,
    "positive": lambda x: +x,
    "square": lambda x: x * x,
    "absolute": lambda x: abs(x),
    "power": _real_power,
    "remainder": _remainder,
    "fmod": _fmod,
    "exp": lambda x: mpmath.exp(x),
    "exp2": lambda x: mpmath.exp(x * mpmath.log(2)),
    "expm1": lambda x: mpmath.exp(x) - 1,
    "log": lambda x: mpmath.log(x),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": lambda x: mpmath.log(1 + x),
    "sqrt": lambda x: mpmath.sqrt(x),
    "cbrt": _cbrt,
    "sin": lambda x: mpmath.sin(x),
    "cos": lambda x: mpmath.cos(x),
    "tan": lambda x: mpmath.tan(x),
    "arcsin": lambda x: mpmath.asin(x),
    "arccos": lambda x: mpmath.acos(x),
    "arctan": lambda x: mpmath.atan(x),
    "lorentzian": lambda x: 1 / (1 + x * x),
    "over_squares": lambda a, b: a / (a * a + b * b),
    "arctan2": lambda a, b: mpmath.atan2(a, b),
    "deg2rad": lambda x: x * mpmath.pi / 180,
    "rad2deg": lambda x: x * 180 / mpmath.pi,
    "sinh": lambda x: (mpmath.exp(x) - mpmath.exp(-x)) / 2,
    "cosh": lambda x: (mpmath.exp(x) + mpmath.exp(-x)) / 2,
    "tanh": lambda x: 1 - 2 / (mpmath.exp(2 * x) + 1) if x > 0 else 2 / (mpmath.exp(-2 * x) + 1) - 1,
    "sech2": lambda x: 4 / (mpmath.exp(x) + mpmath.exp(-x)) ** 2,
    "arcsinh": lambda x: mpmath.sign(x) * mpmath.log(abs(x) + mpmath.sqrt(x * x + 1)),
    "arccosh": lambda x: mpmath.log(x + mpmath.sqrt(x * x - 1)),
    "arctanh": lambda x: mpmath.log((1 + x) / (1 - x)) / 2,
    "direction_cosine": lambda a, b: a / mpmath.sqrt(a * a + b * b),
    "hypot": lambda a, b: mpmath.sqrt(a * a + b * b),
    "copysign": lambda a, b: abs(a) if b > 0 or (b == 0 and math.copysign(1, float(b)) > 0) else -abs(a),
    "sinc": _sinc,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "relu": lambda x: x if x > 0 else x * 0,
    "exp_difference": lambda a, b: _exp(a - b),
    "sigmoid_difference": lambda a, b: 1 / (1 + _exp(b - a)),
    "logaddexp": lambda a, b: max(a, b) + mpmath.log(1 + _exp(-abs(a - b))),
    "gaussian": lambda x: _exp(-x * x),
    "erf": lambda x: mpmath.erf(x) if abs(x) < 1e4 else mpmath.sign(x),
    "erfc": lambda x: mpmath.erfc(x) if abs(x) < 1e4 else 1 - mpmath.sign(x),
    "polygamma": _polygamma,
    "gammaln": _real_gamma_log,
    "gamma": _gamma,
    "digamma": lambda x: _polygamma(x, order=0),
    "maximum": lambda a, b: max(a, b),
    "minimum": lambda a, b: min(a, b),
    "fmax": lambda a, b: max(a, b),
    "fmin": lambda a, b: min(a, b),
    "clip": lambda x, low, high: min(max(x, low), high),
    # steps
    "sign": lambda x: mpmath.sign(x),
    "floor_divide": lambda a, b: mpmath.floor(a / b),
    "floor": lambda x: mpmath.floor(x),
    "ceil": lambda x: mpmath.ceil(x),
    "trunc": _toward_zero,
    "rint": _nearest_even,
    "nonzero_sign": lambda x: mpmath.sign(x) or mpf(1),
    "heaviside0": lambda x: mpf(x > 0),
    "max_weight": lambda a, b: (mpf(a > b) + mpf(a >= b)) / 2,
    "fmax_weight": lambda a, b: (mpf(a > b) + mpf(a >= b)) / 2,
    "in_interval": lambda x, low, high: mpf(low <= x <= high),
    "is_less": lambda a, b: mpf(a < b),
}
"""The functions of the table, each by a formula of its own."""


# How these approach their limits: exp(-x**2), all others exp(-x) at the fastest.
_GAUSSIAN = {"erf", "erfc", "gaussian"}
# Dominated by a pole at 0, so that tiny arguments need no more digits; those would take minutes.
_GAMMA = {"gamma", "gammaln", "digamma", "polygamma"}


def digits_for(name: str, args: tuple[float, ...]) -> int:
    """Enough digits for every formula above: 1 + 1e-300 and 1 - exp(-700) must not round to 1."""
    sizes = [abs(v) for v in args if v and math.isfinite(v)]
    if name in _GAMMA:
        return 80 + int(sum(2 * math.log10(max(v, 1)) for v in sizes))
    fall = [0.45 * min(v, 28) ** 2 if name in _GAUSSIAN else 0.9 * min(v, 760) for v in sizes if v < 1e6]
    return 80 + int(sum(2 * abs(math.log10(v)) for v in sizes) + sum(fall))


def _real(f: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    try:
        y = f(*args, **settings)
    except (ValueError, ZeroDivisionError):
        return mpf("nan")
    return y if isinstance(y, mpf) else mpf("nan")


def value(name: str, args: tuple[float, ...], settings: dict[str, Any]) -> Any:
    """The true value, to far more digits than a float has; nan where it is not real."""
    with mp.workdps(digits_for(name, args)):
        return _real(VALUES[name], *map(mpf, args), **settings)


def slope(name: str, i: int, args: tuple[float, ...], settings: dict[str, Any], room: float = math.inf) -> Any:
    """The true partial by operand i; None where left and right slope differ (a kink), nan where undefined.

    room    the distance to the nearest end of the domain or pole
    """
    f = VALUES[name]
    gaps = []
    for shrink in (30, 700):  # a step may cross a jump, or straddle an extremum: try again much closer
        digits = digits_for(name, args) + 3 * shrink
        with mp.workdps(digits):
            x = mpf(args[i])
            h = mpf(10) ** -shrink * min(abs(x) or 1, 1, mpf(room))
            low, middle, high = (
                _real(f, *(mpf(v) + (k * h if j == i else 0) for j, v in enumerate(args)), **settings)
                for k in (-1, 0, 1)
            )
            if not all(mpmath.isfinite(v) for v in (low, middle, high)):
                return mpf("nan")
            left, right, both = (middle - low) / h, (high - middle) / h, (high - low) / (2 * h)
            noise = max(abs(low), abs(high)) * mpf(10) ** (15 - digits) / h
            if abs(left - right) <= mpf(10) ** -12 * max(abs(left), abs(right)) + noise:
                return both if abs(both) > noise else mpf(0)
            gaps.append(abs(left - right))
            if len(gaps) == 2 and gaps[1] < gaps[0] * mpf(10) ** -300:
                return both  # the two sides meet as the step shrinks
    return None


def ulps(found: float, true: Any, *, scale: float = 0.0, spacing: int = 53) -> float:
    """The error of `found` in units of the last place of `true` (of `scale`, if that is larger); inf where
    one is nan or infinite and the other is not.

    >>> ulps(1.0, mpf(1)), ulps(1.0 + 2**-52, mpf(1)), ulps(0.0, mpf(5e-324))
    (0.0, 1.0, 1.0)
    """
    if mpmath.isnan(true) or math.isnan(found):
        return 0.0 if mpmath.isnan(true) and math.isnan(found) else math.inf
    if math.isinf(found) or abs(true) >= LARGEST:
        right = math.copysign(1.0, found) == mpmath.sign(true)
        close = mpmath.isinf(true) or abs(true) >= LARGEST * (1 - mpf(2) ** -50)
        return 0.0 if right and close and abs(found) > 1.7976931348623e308 else math.inf
    with mp.workdps(60):
        size = max(abs(true), abs(mpf(scale)))
        exponent = int(mpmath.floor(mpmath.log(size, 2))) + 1 if size else -2000
        error = abs(mpf(found) - true) / mpf(2) ** max(exponent - spacing, -1074)
        return 0.0 if error < mpf(10) ** -300 else float(min(error, mpf(10) ** 300))
