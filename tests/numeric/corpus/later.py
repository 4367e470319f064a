"""A second set of cases, written after the first unseen one had been looked at."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from .case import broken, computed, formula, half, jitter, log_uniform, near, points_at, single, uniform


def tree(m: Any, x: Any) -> Any:
    return m.exp(-x * x / 2) * (x**3 - 3 * x) / (1 + m.exp(-3 * x))


def ode(m: Any, x: Any) -> Any:
    y, v = 1 + 0 * x, 0 * x
    for _ in range(60):
        v = v - 0.05 * m.sin(y) * x
        y = y + 0.05 * v
    return y


def lse(m: Any, x: Any) -> Any:
    return m.log(m.exp(x) + m.exp(2 * x - 1) + m.exp(-x * x))


def gelu(m: Any, x: Any) -> Any:
    return 0.5 * x * (1 + m.tanh(m.sqrt(2 / m.pi) * (x + 0.044715 * x**3)))


def contfrac(m: Any, x: Any) -> Any:
    y = 0 * x
    for k in range(12, 0, -1):
        y = k * x / (1 + y)
    return 1 / (1 + y)


def besselish(m: Any, x: Any) -> Any:
    return sum(m.cos(x * m.sin(m.pi * (k + 0.5) / 40)) for k in range(40)) / 40


rng = np.random.default_rng(5)
W = rng.normal(size=(8, 3)).astype(np.float32)
V = rng.normal(size=8).astype(np.float32)


def net32(x: float) -> float:
    return float(V @ np.tanh(W @ np.array([x, 0.5, 1.0], np.float32)))


def net(m: Any, x: Any) -> Any:
    return sum(float(V[i]) * m.tanh(float(W[i, 0]) * x + float(W[i, 1]) * 0.5 + float(W[i, 2])) for i in range(8))


def relunet(m: Any, x: Any) -> Any:
    return sum(float(V[i]) * max(0 * x, float(W[i, 0]) * x + float(W[i, 1]) * 0.5 + float(W[i, 2])) for i in range(8))


LATER = [
    formula("smooth", "tree", tree, uniform(-3, 3)),
    formula("smooth", "ode", ode, uniform(0.1, 4)),
    formula("smooth", "lse", lse, uniform(-5, 5)),
    formula("smooth", "gelu", gelu, uniform(-5, 5)),
    formula("smooth", "contfrac", contfrac, uniform(0.05, 5)),
    formula("smooth", "bessel", besselish, uniform(-20, 20)),
    formula("smooth", "net", net, uniform(-3, 3)),
    formula("smooth", "atan2", lambda m, x: m.atan2(m.sin(x), 2 + m.cos(x)), uniform(-6, 6)),
    formula("smooth", "pow", lambda m, x: m.exp(2.5 * m.log(x)) + x**-1.5, uniform(0.2, 9)),
    formula("polynomial", "high", lambda m, x: sum((-1) ** k * x**k / (k + 1) for k in range(25)), uniform(-0.9, 0.9)),
    formula(
        "polynomial",
        "wilkinson",
        lambda m, x: (x - 1) * (x - 2) * (x - 3) * (x - 4) * (x - 5) * (x - 6) * (x - 7) * (x - 8),
        uniform(0, 9),
    ),
    formula("oscillating", "fm", lambda m, x: m.sin(200 * x + 30 * m.sin(7 * x)), uniform(-2, 2)),
    formula("oscillating", "1e5 damped", lambda m, x: m.exp(-x) * m.sin(1e5 * x), uniform(0, 3)),
    formula("oscillating", "sin 3e7", lambda m, x: m.sin(3e7 * x), uniform(-1, 1)),
    formula("oscillating", "offset", lambda m, x: 1e3 + m.sin(1e4 * x), uniform(-1, 1)),
    formula("steep", "x^x^x", lambda m, x: x ** (x**x), uniform(0.5, 2.5)),
    formula("steep", "exp(-1e3x)", lambda m, x: m.exp(-1e3 * x), uniform(-0.1, 0.1)),
    formula("steep", "pole", lambda m, x: 1 / (x - 1) ** 3, near(1, 1e-6, 1e-1)),
    formula("steep", "tan pole", lambda m, x: m.tan(x), near(math.pi / 2, 1e-5, 1e-1)),
    formula("huge argument", "x log x", lambda m, x: x * m.log(x), log_uniform(1e5, 1e200)),
    formula("huge argument", "orbit", lambda m, x: 1e5 * m.sin(x / 7e6), uniform(1e7, 1e8)),
    formula("huge argument", "-1e12", lambda m, x: (x + 1e12) ** 2, lambda r: -1e12 + r.uniform(-1e3, 1e3)),
    formula("tiny argument", "1e-30", lambda m, x: m.sqrt(x) * m.log(x), log_uniform(1e-30, 1e-15)),
    formula("tiny argument", "cos 1e12x", lambda m, x: m.cos(1e12 * x), log_uniform(1e-13, 1e-11)),
    formula("tiny argument", "1e-5 + x", lambda m, x: m.log(1e-5 + x), log_uniform(1e-9, 1e-3)),
    formula("beside a kink", "relunet", relunet, uniform(-3, 3)),
    formula("beside a kink", "|sin|", lambda m, x: abs(m.sin(x)), near(math.pi, 1e-9, 1e-2)),
    formula("beside a kink", "median", lambda m, x: sorted([x, x * x, 0.5 + 0 * x])[1], uniform(-1, 2)),
    formula("beside a kink", "huber", lambda m, x: x * x / 2 if abs(x) < 1 else abs(x) - 0.5, near(1, 1e-8, 1e-1)),
    formula("beside a kink", "x^1.5 off", lambda m, x: abs(x - 1) * m.sqrt(abs(x - 1)), near(1, 1e-7, 1e-2)),
    formula("beside a jump", "ceil mix", lambda m, x: m.ceil(3 * x) * m.exp(x), uniform(-2, 2)),
    formula("beside a jump", "tiny jumps", lambda m, x: m.sin(x) + 1e-9 * m.floor(50 * x), uniform(-2, 2)),
    formula("beside a jump", "sign", lambda m, x: (1 if x > 0.2 else -1) * x * x, near(0.2, 1e-6, 1e-1)),
    computed(
        "noisy",
        "heavy tail",
        lambda x: math.sin(x) + 1e-9 * math.tan(3.1 * jitter(x, 7)),
        lambda m, x: m.sin(x),
        uniform(-3, 3),
    ),
    computed("noisy", "1e-12", lambda x: math.exp(x) + 1e-12 * jitter(x, 8), lambda m, x: m.exp(x), uniform(-2, 2)),
    computed("noisy", "3 decimals", lambda x: round(math.sin(x) * 10, 3), lambda m, x: 10 * m.sin(x), uniform(-3, 3)),
    computed("noisy", "one sided", lambda x: x**3 + 1e-6 * abs(jitter(x, 11)), lambda m, x: x**3, uniform(-3, 3)),
    computed("noisy", "growing", lambda x: x**4 * (1 + 1e-8 * jitter(x, 12)), lambda m, x: x**4, uniform(-3, 3)),
    computed("float32 inside", "net", net32, net, uniform(-3, 3)),
    computed(
        "float32 inside",
        "poly",
        single(lambda x: x * x * x - 2 * x + np.float32(0.3)),
        lambda m, x: x**3 - 2 * x,
        uniform(-3, 3),
    ),
    computed("float32 inside", "sqrt", single(np.sqrt), lambda m, x: m.sqrt(x), log_uniform(1e-3, 1e3)),
    computed("float32 inside", "ret log", lambda x: np.log(np.float32(x)), lambda m, x: m.log(x), uniform(0.1, 9)),
    computed(
        "float32 inside", "big", single(lambda x: np.float32(1e4) + np.sin(x)), lambda m, x: m.sin(x), uniform(-2, 2)
    ),
    computed("float16 inside", "log", half(np.log), lambda m, x: m.log(x), uniform(0.5, 5)),
    computed("float16 inside", "ret sq", lambda x: np.float16(x) ** 2, lambda m, x: x * x, uniform(0.3, 4)),
    formula("edge of a domain", "1-x^.5", lambda m, x: m.sqrt(1 - m.sqrt(x)), lambda r: 10 ** r.uniform(-8, -0.5)),
    formula("edge of a domain", "log1-x", lambda m, x: m.log(1 - x) * x, lambda r: 1 - 10 ** r.uniform(-7, -1)),
    formula("flat", "gauss tail", lambda m, x: m.exp(-x * x), uniform(3, 40)),
    formula("flat", "1-exp", lambda m, x: 1 - m.exp(-x), uniform(10, 60)),
    formula("flat", "pi const", lambda m, x: m.pi + 0 * x, uniform(-1e6, 1e6)),
    formula("flat", "x^5 at 0", lambda m, x: 7 + x**5, points_at(0.0)),
    formula("cancelling", "quad root", lambda m, x: -1e4 + m.sqrt(1e8 + x), uniform(1, 1e3)),
    formula("cancelling", "sum", lambda m, x: (1e12 + x * x) - 1e12, uniform(-3e3, 3e3)),
    formula("cancelling", "sin-x", lambda m, x: (m.sin(x) - x) / x**3, log_uniform(1e-3, 1)),
    formula("needle", "bw", lambda m, x: 1 / ((x * x - 1) ** 2 + 1e-6), near(1, 1e-6, 1e-1)),
    formula("needle", "spike+quad", lambda m, x: x * x + 1e-4 / (1 + ((x - 0.3) / 1e-6) ** 2), near(0.3, 1e-8, 1e-3)),
    broken("abs of sine", lambda x: abs(math.sin(x)), points_at(0.0)),
    broken("three lines", lambda x: max(x, 2 * x, -x), points_at(0.0)),
    broken("far abs", lambda x: abs(x - 1e5), points_at(1e5)),
    broken("parabola with a bend", lambda x: x * x + 1e-3 * abs(x - 0.1), points_at(0.1)),
    broken("floor at 3", lambda x: math.floor(x), points_at(3.0)),
    broken("odd root", lambda x: abs(x) ** 0.5 * math.copysign(1, x), points_at(0.0)),
    broken("float32 abs", lambda x: float(np.abs(np.float32(x) - np.float32(1))), points_at(1.0)),
    broken("x sin 1/x", lambda x: x * math.sin(1 / x) if x else 0.0, points_at(0.0)),
    broken("noisy relu", lambda x: max(0.0, x) + 1e-9 * jitter(x), points_at(0.0)),
    broken("noisier abs", lambda x: abs(x - 1) + 1e-5 * jitter(x), points_at(1.0)),
]

LATER = [replace(case, held=True) for case in LATER]
