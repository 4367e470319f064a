"""The calibration corpus: functions with random points and derivatives known to many digits.

A case is written once as a formula over a library `m` (math, or mpmath for the truth); where the computation differs
from the formula on purpose (float32 inside, noise) both are given. `smooth` cases must be accepted with good digits,
`odd` ones must be right whenever they are accepted, `broken` ones must be refused. Cases marked `held` were not
looked at while thresholds were chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

Formula = Callable[[Any, Any], Any]
Points = Callable[[np.random.Generator], float]


@dataclass(frozen=True)
class Case:
    family: str
    name: str
    compute: Callable[[float], float]
    exact: Callable[[Any], Any] | None
    points: Points
    held: bool = False

    def sample(self, count: int, seed: int = 0) -> Iterator[float]:
        rng = np.random.default_rng([seed, *self.name.encode()])
        for _ in range(count):
            yield float(self.points(rng))

    def truth(self, x: float, order: int = 1) -> float | None:
        if self.exact is None:
            return None
        # mpmath's own steps are absolute, so points far from 1 need digits in proportion.
        with mpmath.workdps(60 + round(4 * abs(math.log10(abs(x) or 1.0)))):
            return float(mpmath.re(mpmath.diff(self.exact, mpmath.mpf(x), order)))


def uniform(low: float, high: float) -> Points:
    return lambda rng: rng.uniform(low, high)


def log_uniform(low: float, high: float) -> Points:
    return lambda rng: 10 ** rng.uniform(math.log10(low), math.log10(high))


def points_at(*values: float) -> Points:
    return lambda rng: float(rng.choice(values))


def near(centre: float, low: float, high: float) -> Points:
    """At a distance drawn over decades from a centre, on either side."""
    return lambda rng: centre + rng.choice((-1.0, 1.0)) * 10 ** rng.uniform(math.log10(low), math.log10(high))


def formula(family: str, name: str, f: Formula, points: Points, held: bool = False) -> Case:
    return Case(family, name, lambda x: f(math, x), lambda x: f(mpmath, x), points, held)


def computed(
    family: str, name: str, run: Callable[[float], float], f: Formula, points: Points, held: bool = False
) -> Case:
    return Case(family, name, run, lambda x: f(mpmath, x), points, held)


def broken(name: str, f: Callable[[float], float], points: Points, held: bool = False) -> Case:
    return Case("broken at the point", name, f, None, points, held)


def jitter(x: float, seed: int = 1) -> float:
    """A number in (-0.5, 0.5) that looks random and depends on x alone."""
    mixed = (hash(x) ^ (seed * 0x9E3779B97F4A7C15)) & (2**64 - 1)
    mixed = ((mixed ^ (mixed >> 31)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (mixed ^ (mixed >> 31)) / 2**64 - 0.5


def single(f: Callable[[np.float32], np.float32]) -> Callable[[float], float]:
    return lambda x: float(f(np.float32(x)))


def half(f: Callable[[np.float16], np.float16]) -> Callable[[float], float]:
    return lambda x: float(f(np.float16(x)))


def mlp(m: Any, x: Any) -> Any:
    total = 0
    for k in range(1, 6):
        total = total + m.tanh(0.7 * k * x - 0.3 * k) * (-0.5) ** k
    return m.tanh(total + 0.25 * x)


def newton_root(x: Any) -> Any:
    y = x * 0 + 1.0
    for _ in range(8):
        y = y - (y * y - x) / (2 * y)
    return y


SMOOTH = [
    formula("smooth", "sin", lambda m, x: m.sin(x), uniform(-3, 3)),
    formula("smooth", "exp", lambda m, x: m.exp(x), uniform(-3, 3)),
    formula("smooth", "tanh", lambda m, x: m.tanh(x), uniform(-3, 3)),
    formula("smooth", "logistic", lambda m, x: 1 / (1 + m.exp(-x)), uniform(-6, 6)),
    formula("smooth", "rational", lambda m, x: (1 + x) / (2 + x * x), uniform(-5, 5)),
    formula("smooth", "runge", lambda m, x: 1 / (1 + 25 * x * x), uniform(-1, 1)),
    formula("smooth", "sin exp", lambda m, x: m.sin(m.exp(x)), uniform(-1, 3)),
    formula("smooth", "log", lambda m, x: m.log(x), uniform(0.1, 10)),
    formula("smooth", "sqrt", lambda m, x: m.sqrt(x), uniform(0.1, 10)),
    formula("smooth", "atan", lambda m, x: m.atan(x), uniform(-4, 4)),
    formula("smooth", "network", mlp, uniform(-2, 2)),
    formula("smooth", "x sin 1/x", lambda m, x: x * m.sin(1 / x), uniform(0.05, 1), held=True),
    formula("smooth", "erf-like", lambda m, x: m.exp(-x * x) * m.cos(3 * x), uniform(-2, 2), held=True),
    formula("smooth", "asin", lambda m, x: m.asin(x), uniform(-0.95, 0.95), held=True),
    formula("smooth", "softplus", lambda m, x: m.log(1 + m.exp(x)), uniform(-5, 5), held=True),
    formula("smooth", "tan", lambda m, x: m.tan(x), uniform(-1.4, 1.4), held=True),
    formula("smooth", "gamma-like", lambda m, x: x**x, uniform(0.2, 4), held=True),
    formula("smooth", "composed", lambda m, x: m.log(2 + m.sin(x * x)) / x, uniform(0.5, 4), held=True),
    computed("smooth", "newton", newton_root, lambda m, x: m.sqrt(x), uniform(0.5, 4), held=True),
    formula("polynomial", "square", lambda m, x: x * x, uniform(-10, 10)),
    formula("polynomial", "cubic", lambda m, x: x**3 - 2 * x + 1, uniform(-10, 10)),
    formula("polynomial", "tenth", lambda m, x: x**10, uniform(0.5, 3)),
    formula("polynomial", "thirtieth", lambda m, x: x**30, uniform(0.5, 2), held=True),
    formula("polynomial", "quartic", lambda m, x: (x - 1) ** 4 - x, uniform(-10, 10), held=True),
    formula("oscillating", "sin 1e3", lambda m, x: m.sin(1e3 * x), uniform(-1, 1)),
    formula("oscillating", "sin 1e6", lambda m, x: m.sin(1e6 * x), uniform(-1, 1)),
    formula("oscillating", "sin 2 pi 1024", lambda m, x: m.sin(2 * m.pi * 1024 * x) + x, uniform(-1, 1)),
    formula("oscillating", "two tones", lambda m, x: m.sin(x) + 1e-3 * m.sin(1e4 * x), uniform(-1, 1)),
    formula("oscillating", "chirp", lambda m, x: m.sin(300 * x * x), uniform(0.2, 3), held=True),
    formula("oscillating", "cos 3e5", lambda m, x: m.cos(3e5 * x) * m.exp(x), uniform(-1, 1), held=True),
    formula("oscillating", "weierstrass", lambda m, x: sum(0.5**k * m.cos(7**k * x) for k in range(5)), uniform(-1, 1), True),
    formula("steep", "exp 50", lambda m, x: m.exp(50 * x), uniform(-1, 1)),
    formula("steep", "tanh 1e4", lambda m, x: m.tanh(1e4 * x), uniform(-2e-4, 2e-4)),
    formula("steep", "exp 700", lambda m, x: m.exp(x), uniform(100, 700)),
    formula("steep", "1/x", lambda m, x: 1 / x, log_uniform(1e-6, 1e-2)),
    formula("steep", "exp exp", lambda m, x: m.exp(m.exp(x)), uniform(0, 4), held=True),
    formula("steep", "logistic 1e6", lambda m, x: 1 / (1 + m.exp(-1e6 * (x - 1))), near(1.0, 1e-7, 3e-6), held=True),
    formula("steep", "x^-7", lambda m, x: x**-7, log_uniform(1e-3, 1e1), held=True),
    formula("huge argument", "sin", lambda m, x: m.sin(x), uniform(0.9e8, 1.1e8)),
    formula("huge argument", "square", lambda m, x: x * x, uniform(0.9e8, 1.1e8)),
    formula("huge argument", "log", lambda m, x: m.log(x), log_uniform(1e8, 1e100)),
    formula("huge argument", "sqrt 1+x^2", lambda m, x: m.sqrt(1 + x * x), log_uniform(1e4, 1e12), held=True),
    formula("huge argument", "wave", lambda m, x: m.cos(x / 1e3) * x, uniform(1e6, 1e7), held=True),
    formula("tiny argument", "log", lambda m, x: m.log(x), log_uniform(1e-14, 1e-2)),
    formula("tiny argument", "sqrt", lambda m, x: m.sqrt(x), log_uniform(1e-14, 1e-2)),
    formula("tiny argument", "log 1e-100", lambda m, x: m.log(x), log_uniform(1e-120, 1e-80)),
    formula("tiny argument", "x log x", lambda m, x: x * m.log(x), log_uniform(1e-12, 1e-1), held=True),
    formula("tiny argument", "exp at tiny", lambda m, x: m.exp(x), log_uniform(1e-14, 1e-4), held=True),
    formula("tiny argument", "x^0.3", lambda m, x: x**0.3, log_uniform(1e-10, 1e-1), held=True),
    formula("tiny argument", "sin 1e9", lambda m, x: m.sin(1e9 * x), log_uniform(1e-10, 1e-8), held=True),
]  # fmt: skip

ODD = [
    formula("beside a kink", "abs", lambda m, x: abs(x - 1), near(1.0, 1e-9, 1e-3)),
    formula("beside a kink", "relu", lambda m, x: max(x, 0 * x), near(0.0, 1e-9, 1e-3)),
    formula("beside a kink", "abs + sin", lambda m, x: abs(x - 1) + m.sin(x), near(1.0, 1e-8, 1e-2)),
    formula("beside a kink", "root abs", lambda m, x: m.sqrt(abs(x - 1)), near(1.0, 1e-7, 1e-2)),
    formula("beside a kink", "leaky relu", lambda m, x: m.exp(x) * (x if x > 0 else 0.01 * x), near(0.0, 1e-9, 1e-1), True),
    formula("beside a kink", "clip", lambda m, x: min(max(x * x, 0.25), 2.25), near(0.5, 1e-8, 1e-1), held=True),
    formula("beside a kink", "two kinks", lambda m, x: abs(x) + abs(x - 1e-3), uniform(1e-6, 9.99e-4)),
    formula("beside a jump", "step", lambda m, x: m.sin(x) + (1 if x > 1 else 0), near(1.0, 1e-8, 1e-1)),
    formula("beside a jump", "small step", lambda m, x: x * x + (1e-6 if x > 1 else 0), near(1.0, 1e-7, 1e-1)),
    formula("beside a jump", "floor", lambda m, x: m.floor(x), uniform(-20, 20)),
    formula("beside a jump", "sawtooth", lambda m, x: 10 * x - m.floor(10 * x), uniform(0, 5), held=True),
    formula("beside a jump", "branches", lambda m, x: m.exp(x) if x > 0.3 else m.cos(x), near(0.3, 1e-8, 1e-1), held=True),
    computed("noisy", "sin 1e-8", lambda x: math.sin(x) + 1e-8 * jitter(x), lambda m, x: m.sin(x), uniform(-3, 3)),
    computed("noisy", "exp 1e-5", lambda x: math.exp(x) + 1e-5 * jitter(x, 2), lambda m, x: m.exp(x), uniform(-2, 2)),
    computed("noisy", "square rel 1e-10", lambda x: x * x * (1 + 1e-10 * jitter(x, 3)), lambda m, x: x * x, uniform(-9, 9)),
    computed("noisy", "log 1e-7", lambda x: math.log(x) + 1e-7 * jitter(x, 5), lambda m, x: m.log(x), log_uniform(1e-3, 10), True),
    computed("noisy", "wave 1e-3", lambda x: math.sin(5 * x) + 1e-3 * jitter(x, 4), lambda m, x: m.sin(5 * x), uniform(-2, 2), True),
    computed("noisy", "digits", lambda x: round(math.exp(x), 6), lambda m, x: m.exp(x), uniform(-2, 2), held=True),
    formula("wiggling", "1e-8 at 1e6", lambda m, x: m.sin(x) + 1e-8 * m.sin(1e6 * x), uniform(-2, 2)),
    formula("wiggling", "1e-5 at 1e3", lambda m, x: m.exp(x) + 1e-5 * m.cos(1e3 * x), uniform(-2, 2)),
    formula("wiggling", "1e-8 at 1e9", lambda m, x: x * x + 1e-8 * m.sin(1e9 * x), uniform(-2, 2)),
    computed("float32 inside", "sin", single(np.sin), lambda m, x: m.sin(x), uniform(-3, 3)),
    computed("float32 inside", "exp", single(np.exp), lambda m, x: m.exp(x), uniform(-3, 3)),
    computed("float32 inside", "cast only", lambda x: float(np.float32(x)) ** 2, lambda m, x: x * x, uniform(0.1, 3)),
    computed("float32 inside", "returned", lambda x: np.tanh(np.float32(x)), lambda m, x: m.tanh(x), uniform(-2, 2)),
    computed("float32 inside", "sum", single(lambda x: np.float32(3) + x * x), lambda m, x: 3 + x * x, uniform(-3, 3), True),
    computed("float32 inside", "last step", lambda x: float(np.float32(math.exp(math.sin(x)))), lambda m, x: m.exp(m.sin(x)), uniform(-3, 3), True),
    computed("float32 inside", "far", single(lambda x: np.log(x) * x), lambda m, x: m.log(x) * x, uniform(100, 1000), True),
    computed("float16 inside", "sin", half(np.sin), lambda m, x: m.sin(x), uniform(-3, 3)),
    computed("float16 inside", "returned", lambda x: np.exp(np.float16(x)), lambda m, x: m.exp(x), uniform(-1, 1)),
    computed("float16 inside", "cast only", lambda x: float(np.float16(x)) ** 3, lambda m, x: x**3, uniform(0.5, 2), True),
    formula("edge of a domain", "log", lambda m, x: m.log(x - 2), near(2.0, 1e-9, 1e-1)),
    formula("edge of a domain", "asin", lambda m, x: m.asin(x), lambda r: 1 - 10 ** r.uniform(-9, -1)),
    formula("edge of a domain", "x^1.5 at 0", lambda m, x: x * m.sqrt(abs(x)) if m is mpmath else x * math.sqrt(x), points_at(0.0)),
    formula("edge of a domain", "root", lambda m, x: m.sqrt((1 - x) * (1 + x)), lambda r: 1 - 10 ** r.uniform(-9, -1)),
    formula("edge of a domain", "log log", lambda m, x: m.log(m.log(x)), lambda r: 1 + 10 ** r.uniform(-8, 0), held=True),
    formula("flat", "constant", lambda m, x: 3.0 + 0 * x, uniform(-5, 5)),
    formula("flat", "zero", lambda m, x: 0.0 * x, uniform(-5, 5)),
    formula("flat", "cos at 0", lambda m, x: m.cos(x), points_at(0.0)),
    formula("flat", "x^4", lambda m, x: x**4, points_at(0.0)),
    formula("flat", "saturated tanh", lambda m, x: m.tanh(x), uniform(8, 30)),
    formula("flat", "dead relu", lambda m, x: max(x, 0 * x), uniform(-5, -1)),
    formula("flat", "bump", lambda m, x: m.exp(-1 / (1 - x * x)) if abs(x) < 1 else 0 * x, uniform(-1.5, 1.5), held=True),
    formula("flat", "x^3 abs", lambda m, x: abs(x) ** 3, points_at(0.0)),
    formula("flat", "saturated logistic", lambda m, x: 1 / (1 + m.exp(-x)), uniform(-60, 60), held=True),
    formula("cancelling", "1e10 + x^2", lambda m, x: 1e10 + x * x, uniform(-3, 3)),
    formula("cancelling", "1 - cos over x^2", lambda m, x: (1 - m.cos(x)) / (x * x), log_uniform(1e-4, 1)),
    formula("cancelling", "1e6 + sin", lambda m, x: 1e6 + m.sin(x), uniform(-3, 3)),
    formula("cancelling", "expm1 naive", lambda m, x: (m.exp(x) - 1) / x, log_uniform(1e-8, 1), held=True),
    formula("cancelling", "1e15 + exp", lambda m, x: 1e15 + m.exp(x), uniform(0, 5), held=True),
    formula("cancelling", "expanded", lambda m, x: x**6 - 6 * x**5 + 15 * x**4 - 20 * x**3 + 15 * x**2 - 6 * x + 1, uniform(0.8, 1.2)),
    formula("needle", "gauss 1e-4", lambda m, x: m.exp(-(((x - 0.5) / 1e-4) ** 2)), near(0.5, 1e-6, 1e-3)),
    formula("needle", "gauss on slope", lambda m, x: x + m.exp(-((x / 1e-5) ** 2)), near(0.0, 1e-7, 1e-4)),
    formula("needle", "lorentz", lambda m, x: 1e-12 / (1e-12 + (x - 1) ** 2), near(1.0, 1e-7, 1e-2)),
    formula("needle", "smoothed abs", lambda m, x: m.sqrt(x * x + 1e-12), near(0.0, 1e-8, 1e-1)),
    formula("needle", "sech", lambda m, x: 1 / m.cosh((x - 2) * 1e3), near(2.0, 1e-5, 1e-1), held=True),
    formula("needle", "tanh bend", lambda m, x: x + 1e-3 * m.tanh(1e5 * (x - 1)), near(1.0, 1e-7, 1e-2), held=True),
]  # fmt: skip

BROKEN = [
    broken("abs", abs, points_at(0.0)),
    broken("abs at 1", lambda x: abs(x - 1), points_at(1.0)),
    broken("relu", lambda x: max(x, 0.0), points_at(0.0)),
    broken("root abs", lambda x: math.sqrt(abs(x)), points_at(0.0)),
    broken("step", lambda x: float(x >= 0), points_at(0.0)),
    broken("root", math.sqrt, points_at(0.0)),
    broken("log", math.log, points_at(0.0)),
    broken("pure noise", jitter, uniform(-3, 3)),
    broken("nan", lambda x: math.nan, uniform(-3, 3)),
    broken("cube root", lambda x: math.copysign(abs(x) ** (1 / 3), x), points_at(0.0), held=True),
    broken("bent sine", lambda x: math.sin(x) + 0.1 * abs(x - 0.7), points_at(0.7), held=True),
    broken("hat", lambda x: max(0.0, 1 - abs(x - 3)), points_at(2.0, 3.0, 4.0), held=True),
    broken("jump", lambda x: math.exp(x) + (0.5 if x > 2 else 0.0), points_at(2.0)),
    broken("hole", lambda x: math.sin(x) / x, points_at(0.0), held=True),
    broken("lonely point", lambda x: 1.0 if x == 0.5 else x * x, points_at(0.5), held=True),
    broken("x^0.9", lambda x: abs(x) ** 0.9, points_at(0.0), held=True),
]

def euler(m: Any, x: Any) -> Any:
    y = 1 + 0 * x
    for k in range(40):
        y = y + 0.025 * (x * y - y * y / 3 + m.cos(x * k * 0.025))
    return y


def midpoint_integral(m: Any, x: Any) -> Any:
    return sum(m.exp(-((x * (k + 0.5) / 50) ** 2)) for k in range(50)) * x / 50


def loose_newton(x: float) -> float:
    """Root of y^3 + y = x, stopped once a step falls below 1e-5: values good to some 1e-10, in jumps."""
    y = x
    while True:
        step = (y**3 + y - x) / (3 * y * y + 1)
        y -= step
        if abs(step) < 1e-5:
            return y


def cubic_root(m: Any, x: Any) -> Any:
    """The real root of y^3 + y = x."""
    s = m.sqrt(x * x / 4 + m.mpf(1) / 27)
    return m.cbrt(x / 2 + s) - m.cbrt(s - x / 2)


def knots(m: Any, x: Any) -> Any:
    """A polygon through the sine at tenths."""
    k = m.floor(10 * x)
    a, b = m.sin(k / m.mpf(10)) if m is mpmath else m.sin(k / 10), m.sin((k + 1) / 10)
    return a + (b - a) * (10 * x - k)


STREAM = np.random.default_rng(12345)

UNSEEN = [
    formula("smooth", "euler", euler, uniform(-1, 2), held=True),
    formula("smooth", "integral", midpoint_integral, uniform(0.1, 3), held=True),
    formula("smooth", "planck", lambda m, x: x**3 / (m.exp(x) - 1), uniform(0.3, 12), held=True),
    formula("smooth", "hypot", lambda m, x: m.hypot(x, 0.3), uniform(-3, 3), held=True),
    formula("smooth", "gamma", lambda m, x: m.gamma(x), uniform(0.3, 6), held=True),
    formula("smooth", "erf", lambda m, x: m.erf(x), uniform(-2.5, 2.5), held=True),
    formula("smooth", "cross entropy", lambda m, x: -m.log(m.exp(x) / (m.exp(x) + m.exp(0.3) + m.exp(-1.1))), uniform(-6, 6), True),
    formula("polynomial", "far roots", lambda m, x: (x - 100) * (x + 2000) * (x - 0.01), uniform(-50, 50), held=True),
    formula("oscillating", "small fast", lambda m, x: m.sin(1e4 * x) / 1e4, uniform(-2, 2), held=True),
    formula("oscillating", "sin 1/x", lambda m, x: m.sin(1 / x), log_uniform(1e-4, 1e-1), held=True),
    formula("oscillating", "beat", lambda m, x: m.sin(5e5 * x) + m.sin(5.01e5 * x), uniform(-1, 1), held=True),
    formula("steep", "tanh 100", lambda m, x: m.tanh(100 * (x - 0.3)), uniform(0.2, 0.4), held=True),
    formula("steep", "cosh", lambda m, x: m.cosh(x), uniform(5, 300), held=True),
    formula("huge argument", "root difference", lambda m, x: m.sqrt(x + 1) - m.sqrt(x), log_uniform(1e2, 1e6), held=True),
    formula("huge argument", "exp -x", lambda m, x: m.exp(-x / 1e7) + 2, uniform(1e6, 1e8), held=True),
    formula("tiny argument", "exp -1/x", lambda m, x: m.exp(-1 / x), log_uniform(3e-3, 1), held=True),
    formula("tiny argument", "1e-20 square", lambda m, x: x * x, log_uniform(1e-20, 1e-10), held=True),
    formula("beside a kink", "triangle", lambda m, x: abs(x - 2 * m.floor(x / 2 + 0.5)), uniform(-4, 4), held=True),
    formula("beside a kink", "soft threshold", lambda m, x: max(abs(x) - 0.5, 0) * (1 if x > 0 else -1), near(0.5, 1e-9, 1e-2), True),
    formula("beside a kink", "polygon", knots, uniform(0, 3), held=True),
    formula("beside a kink", "hinge squared", lambda m, x: max(0, 1 - x) ** 2, near(1.0, 1e-8, 1e-1), held=True),
    formula("beside a kink", "maximum", lambda m, x: max(m.sin(x), m.cos(x)), near(math.pi / 4, 1e-8, 1e-1), held=True),
    formula("beside a jump", "modulo", lambda m, x: x - 0.3 * m.floor(x / 0.3), uniform(0, 5), held=True),
    computed("noisy", "loose newton", loose_newton, cubic_root, uniform(0.5, 5), held=True),
    computed("noisy", "random stream", lambda x: math.sin(x) + 1e-9 * STREAM.standard_normal(), lambda m, x: m.sin(x), uniform(-3, 3), True),
    computed("noisy", "relative 1e-4", lambda x: math.exp(x) * (1 + 1e-4 * jitter(x, 9)), lambda m, x: m.exp(x), uniform(-2, 2), True),
    computed("float32 inside", "logistic", single(lambda x: 1 / (1 + np.exp(-x))), lambda m, x: 1 / (1 + m.exp(-x)), uniform(-4, 4), True),
    computed("float32 inside", "mixed", lambda x: x * x + float(np.float32(math.sin(3 * x))), lambda m, x: x * x + m.sin(3 * x), uniform(-2, 2), True),
    computed("float32 inside", "small part", lambda x: float(np.float32(100 + math.sin(x))), lambda m, x: 100 + m.sin(x), uniform(-2, 2), True),
    computed("float16 inside", "tanh", half(np.tanh), lambda m, x: m.tanh(x), uniform(-1, 1), held=True),
    formula("edge of a domain", "acosh", lambda m, x: m.acosh(x), lambda r: 1 + 10 ** r.uniform(-7, 0), held=True),
    formula("edge of a domain", "x log x", lambda m, x: x * m.log(x), log_uniform(1e-9, 1e-1), held=True),
    formula("flat", "erfc tail", lambda m, x: m.erfc(x), uniform(2, 12), held=True),
    formula("flat", "cubic at 0", lambda m, x: 5 + x**3, points_at(0.0), held=True),
    formula("cancelling", "variance", lambda m, x: (1e8 + (1e4 + x) ** 2) - (1e4 + x) ** 2 + x, uniform(-1, 1), held=True),
    formula("cancelling", "log1p naive", lambda m, x: m.log(1 + x), log_uniform(1e-10, 1), held=True),
    formula("cancelling", "sinh naive", lambda m, x: (m.exp(x) - m.exp(-x)) / 2, log_uniform(1e-8, 1), held=True),
    formula("needle", "resonance", lambda m, x: 1 / m.sqrt((1 - x * x) ** 2 + 1e-8 * x * x), near(1.0, 1e-6, 1e-1), held=True),
    formula("needle", "double gauss", lambda m, x: m.exp(-(x**2)) + 1e-3 * m.exp(-(((x - 0.2) / 1e-3) ** 2)), near(0.2, 1e-5, 1e-2), True),
    broken("two limits", lambda x: math.atan(1 / x) if x else 0.0, points_at(0.0), held=True),
    broken("relu of sine", lambda x: max(math.sin(x), 0.0), points_at(0.0), held=True),
    broken("max of lines", lambda x: max(2 * x - 1, 0.5 * x + 0.5), points_at(1.0), held=True),
    broken("kink on a hill", lambda x: 1e3 * math.exp(x) + abs(x - 1), points_at(1.0), held=True),
    broken("small kink", lambda x: math.sin(x) + 1e-6 * abs(x - 0.5), points_at(0.5), held=True),
    broken("infinite", lambda x: 1 / (x - 1), points_at(1.0), held=True),
]  # fmt: skip

CASES = SMOOTH + ODD + BROKEN + UNSEEN
