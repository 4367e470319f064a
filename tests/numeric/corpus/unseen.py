"""Cases written, and first run, after the thresholds had been chosen."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np

from .case import broken, computed, formula, half, jitter, log_uniform, near, points_at, single, uniform


def euler(m: Any, x: Any) -> Any:
    y = 1 + 0 * x
    for k in range(40):
        y = y + 0.025 * (x * y - y * y / 3 + m.cos(x * k * 0.025))
    return y


def midpoint_integral(m: Any, x: Any) -> Any:
    return sum(m.exp(-((x * (k + 0.5) / 50) ** 2)) for k in range(50)) * x / 50


def loose_newton(m: Any, x: Any) -> Any:
    """Root of y^3 + y = x, stopped once a step falls below 1e-5: smooth between jumps of some 1e-10."""
    y, step = x, 1
    for _ in range(100):
        if abs(step) < 1e-5:
            break
        step = (y**3 + y - x) / (3 * y * y + 1)
        y = y - step
    return y


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
    formula(
        "smooth",
        "cross entropy",
        lambda m, x: -m.log(m.exp(x) / (m.exp(x) + m.exp(0.3) + m.exp(-1.1))),
        uniform(-6, 6),
        True,
    ),
    formula("polynomial", "far roots", lambda m, x: (x - 100) * (x + 2000) * (x - 0.01), uniform(-50, 50), held=True),
    formula("oscillating", "small fast", lambda m, x: m.sin(1e4 * x) / 1e4, uniform(-2, 2), held=True),
    formula("oscillating", "sin 1/x", lambda m, x: m.sin(1 / x), log_uniform(1e-4, 1e-1), held=True),
    formula("oscillating", "beat", lambda m, x: m.sin(5e5 * x) + m.sin(5.01e5 * x), uniform(-1, 1), held=True),
    formula("steep", "tanh 100", lambda m, x: m.tanh(100 * (x - 0.3)), uniform(0.2, 0.4), held=True),
    formula("steep", "cosh", lambda m, x: m.cosh(x), uniform(5, 300), held=True),
    formula(
        "huge argument", "root difference", lambda m, x: m.sqrt(x + 1) - m.sqrt(x), log_uniform(1e2, 1e6), held=True
    ),
    formula("huge argument", "exp -x", lambda m, x: m.exp(-x / 1e7) + 2, uniform(1e6, 1e8), held=True),
    formula("tiny argument", "exp -1/x", lambda m, x: m.exp(-1 / x), log_uniform(3e-3, 1), held=True),
    formula("tiny argument", "1e-20 square", lambda m, x: x * x, log_uniform(1e-20, 1e-10), held=True),
    formula("beside a kink", "triangle", lambda m, x: abs(x - 2 * m.floor(x / 2 + 0.5)), uniform(-4, 4), held=True),
    formula(
        "beside a kink",
        "soft threshold",
        lambda m, x: max(abs(x) - 0.5, 0) * (1 if x > 0 else -1),
        near(0.5, 1e-9, 1e-2),
        True,
    ),
    formula("beside a kink", "polygon", knots, uniform(0, 3), held=True),
    formula("beside a kink", "hinge squared", lambda m, x: max(0, 1 - x) ** 2, near(1.0, 1e-8, 1e-1), held=True),
    formula("beside a kink", "maximum", lambda m, x: max(m.sin(x), m.cos(x)), near(math.pi / 4, 1e-8, 1e-1), held=True),
    formula("beside a jump", "modulo", lambda m, x: x - 0.3 * m.floor(x / 0.3), uniform(0, 5), held=True),
    formula("beside a jump", "loose newton", loose_newton, uniform(0.5, 5), held=True),
    computed(
        "noisy",
        "random stream",
        lambda x: math.sin(x) + 1e-9 * STREAM.standard_normal(),
        lambda m, x: m.sin(x),
        uniform(-3, 3),
        True,
    ),
    computed(
        "noisy",
        "relative 1e-4",
        lambda x: math.exp(x) * (1 + 1e-4 * jitter(x, 9)),
        lambda m, x: m.exp(x),
        uniform(-2, 2),
        True,
    ),
    computed(
        "float32 inside",
        "logistic",
        single(lambda x: 1 / (1 + np.exp(-x))),
        lambda m, x: 1 / (1 + m.exp(-x)),
        uniform(-4, 4),
        True,
    ),
    computed(
        "float32 inside",
        "mixed",
        lambda x: x * x + float(np.float32(math.sin(3 * x))),
        lambda m, x: x * x + m.sin(3 * x),
        uniform(-2, 2),
        True,
    ),
    computed(
        "float32 inside",
        "small part",
        lambda x: float(np.float32(100 + math.sin(x))),
        lambda m, x: 100 + m.sin(x),
        uniform(-2, 2),
        True,
    ),
    computed("float16 inside", "tanh", half(np.tanh), lambda m, x: m.tanh(x), uniform(-1, 1), held=True),
    formula("edge of a domain", "acosh", lambda m, x: m.acosh(x), lambda r: 1 + 10 ** r.uniform(-7, 0), held=True),
    formula("edge of a domain", "x log x", lambda m, x: x * m.log(x), log_uniform(1e-9, 1e-1), held=True),
    formula("flat", "erfc tail", lambda m, x: m.erfc(x), uniform(2, 12), held=True),
    formula("flat", "cubic at 0", lambda m, x: 5 + x**3, points_at(0.0), held=True),
    formula(
        "cancelling", "variance", lambda m, x: (1e8 + (1e4 + x) ** 2) - (1e4 + x) ** 2 + x, uniform(-1, 1), held=True
    ),
    formula("cancelling", "log1p naive", lambda m, x: m.log(1 + x), log_uniform(1e-10, 1), held=True),
    formula("cancelling", "sinh naive", lambda m, x: (m.exp(x) - m.exp(-x)) / 2, log_uniform(1e-8, 1), held=True),
    formula(
        "needle",
        "resonance",
        lambda m, x: 1 / m.sqrt((1 - x * x) ** 2 + 1e-8 * x * x),
        near(1.0, 1e-6, 1e-1),
        held=True,
    ),
    formula(
        "needle",
        "double gauss",
        lambda m, x: m.exp(-(x**2)) + 1e-3 * m.exp(-(((x - 0.2) / 1e-3) ** 2)),
        near(0.2, 1e-5, 1e-2),
        True,
    ),
    broken("two limits", lambda x: math.atan(1 / x) if x else 0.0, points_at(0.0), held=True),
    broken("relu of sine", lambda x: max(math.sin(x), 0.0), points_at(0.0), held=True),
    broken("max of lines", lambda x: max(2 * x - 1, 0.5 * x + 0.5), points_at(1.0), held=True),
    broken("kink on a hill", lambda x: 1e3 * math.exp(x) + abs(x - 1), points_at(1.0), held=True),
    broken("small kink", lambda x: math.sin(x) + 1e-6 * abs(x - 0.5), points_at(0.5), held=True),
    broken("infinite", lambda x: 1 / (x - 1), points_at(1.0), held=True),
]
