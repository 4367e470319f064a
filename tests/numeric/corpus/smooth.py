"""Smooth functions: they must be accepted, with good digits, at every scale they live on."""

from __future__ import annotations

from typing import Any

from .case import computed, formula, log_uniform, near, uniform


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
    formula(
        "oscillating", "weierstrass", lambda m, x: sum(0.5**k * m.cos(7**k * x) for k in range(5)), uniform(-1, 1), True
    ),
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
]
