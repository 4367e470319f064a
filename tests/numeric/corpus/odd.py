"""Functions with kinks, jumps, noise, edges: right where accepted; and points without a derivative: refused."""

from __future__ import annotations

import math

import mpmath
import numpy as np

from .case import broken, computed, formula, half, jitter, log_uniform, near, points_at, single, uniform

ODD = [
    formula("beside a kink", "abs", lambda m, x: abs(x - 1), near(1.0, 1e-9, 1e-3)),
    formula("beside a kink", "relu", lambda m, x: max(x, 0 * x), near(0.0, 1e-9, 1e-3)),
    formula("beside a kink", "abs + sin", lambda m, x: abs(x - 1) + m.sin(x), near(1.0, 1e-8, 1e-2)),
    formula("beside a kink", "root abs", lambda m, x: m.sqrt(abs(x - 1)), near(1.0, 1e-7, 1e-2)),
    formula(
        "beside a kink", "leaky relu", lambda m, x: m.exp(x) * (x if x > 0 else 0.01 * x), near(0.0, 1e-9, 1e-1), True
    ),
    formula("beside a kink", "clip", lambda m, x: min(max(x * x, 0.25), 2.25), near(0.5, 1e-8, 1e-1), held=True),
    formula("beside a kink", "two kinks", lambda m, x: abs(x) + abs(x - 1e-3), uniform(1e-6, 9.99e-4)),
    formula("beside a jump", "step", lambda m, x: m.sin(x) + (1 if x > 1 else 0), near(1.0, 1e-8, 1e-1)),
    formula("beside a jump", "small step", lambda m, x: x * x + (1e-6 if x > 1 else 0), near(1.0, 1e-7, 1e-1)),
    formula("beside a jump", "floor", lambda m, x: m.floor(x), uniform(-20, 20)),
    formula("beside a jump", "sawtooth", lambda m, x: 10 * x - m.floor(10 * x), uniform(0, 5), held=True),
    formula(
        "beside a jump", "branches", lambda m, x: m.exp(x) if x > 0.3 else m.cos(x), near(0.3, 1e-8, 1e-1), held=True
    ),
    computed("noisy", "sin 1e-8", lambda x: math.sin(x) + 1e-8 * jitter(x), lambda m, x: m.sin(x), uniform(-3, 3)),
    computed("noisy", "exp 1e-5", lambda x: math.exp(x) + 1e-5 * jitter(x, 2), lambda m, x: m.exp(x), uniform(-2, 2)),
    computed(
        "noisy", "square rel 1e-10", lambda x: x * x * (1 + 1e-10 * jitter(x, 3)), lambda m, x: x * x, uniform(-9, 9)
    ),
    computed(
        "noisy",
        "log 1e-7",
        lambda x: math.log(x) + 1e-7 * jitter(x, 5),
        lambda m, x: m.log(x),
        log_uniform(1e-3, 10),
        True,
    ),
    computed(
        "noisy",
        "wave 1e-3",
        lambda x: math.sin(5 * x) + 1e-3 * jitter(x, 4),
        lambda m, x: m.sin(5 * x),
        uniform(-2, 2),
        True,
    ),
    computed("noisy", "digits", lambda x: round(math.exp(x), 6), lambda m, x: m.exp(x), uniform(-2, 2), held=True),
    formula("wiggling", "1e-8 at 1e6", lambda m, x: m.sin(x) + 1e-8 * m.sin(1e6 * x), uniform(-2, 2)),
    formula("wiggling", "1e-5 at 1e3", lambda m, x: m.exp(x) + 1e-5 * m.cos(1e3 * x), uniform(-2, 2)),
    formula("wiggling", "1e-8 at 1e9", lambda m, x: x * x + 1e-8 * m.sin(1e9 * x), uniform(-2, 2)),
    computed("float32 inside", "sin", single(np.sin), lambda m, x: m.sin(x), uniform(-3, 3)),
    computed("float32 inside", "exp", single(np.exp), lambda m, x: m.exp(x), uniform(-3, 3)),
    computed("float32 inside", "cast only", lambda x: float(np.float32(x)) ** 2, lambda m, x: x * x, uniform(0.1, 3)),
    computed("float32 inside", "returned", lambda x: np.tanh(np.float32(x)), lambda m, x: m.tanh(x), uniform(-2, 2)),
    computed(
        "float32 inside", "sum", single(lambda x: np.float32(3) + x * x), lambda m, x: 3 + x * x, uniform(-3, 3), True
    ),
    computed(
        "float32 inside",
        "last step",
        lambda x: float(np.float32(math.exp(math.sin(x)))),
        lambda m, x: m.exp(m.sin(x)),
        uniform(-3, 3),
        True,
    ),
    computed(
        "float32 inside", "far", single(lambda x: np.log(x) * x), lambda m, x: m.log(x) * x, uniform(100, 1000), True
    ),
    computed("float16 inside", "sin", half(np.sin), lambda m, x: m.sin(x), uniform(-3, 3)),
    computed("float16 inside", "returned", lambda x: np.exp(np.float16(x)), lambda m, x: m.exp(x), uniform(-1, 1)),
    computed(
        "float16 inside", "cast only", lambda x: float(np.float16(x)) ** 3, lambda m, x: x**3, uniform(0.5, 2), True
    ),
    formula("edge of a domain", "log", lambda m, x: m.log(x - 2), near(2.0, 1e-9, 1e-1)),
    formula("edge of a domain", "asin", lambda m, x: m.asin(x), lambda r: 1 - 10 ** r.uniform(-9, -1)),
    formula(
        "edge of a domain",
        "x^1.5 at 0",
        lambda m, x: x * m.sqrt(abs(x)) if m is mpmath else x * math.sqrt(x),
        points_at(0.0),
    ),
    formula("edge of a domain", "root", lambda m, x: m.sqrt((1 - x) * (1 + x)), lambda r: 1 - 10 ** r.uniform(-9, -1)),
    formula(
        "edge of a domain", "log log", lambda m, x: m.log(m.log(x)), lambda r: 1 + 10 ** r.uniform(-8, 0), held=True
    ),
    formula("flat", "constant", lambda m, x: 3.0 + 0 * x, uniform(-5, 5)),
    formula("flat", "zero", lambda m, x: 0.0 * x, uniform(-5, 5)),
    formula("flat", "cos at 0", lambda m, x: m.cos(x), points_at(0.0)),
    formula("flat", "x^4", lambda m, x: x**4, points_at(0.0)),
    formula("flat", "saturated tanh", lambda m, x: m.tanh(x), uniform(8, 30)),
    formula("flat", "dead relu", lambda m, x: max(x, 0 * x), uniform(-5, -1)),
    formula(
        "flat", "bump", lambda m, x: m.exp(-1 / (1 - x * x)) if abs(x) < 1 else 0 * x, uniform(-1.5, 1.5), held=True
    ),
    formula("flat", "x^3 abs", lambda m, x: abs(x) ** 3, points_at(0.0)),
    formula("flat", "saturated logistic", lambda m, x: 1 / (1 + m.exp(-x)), uniform(-60, 60), held=True),
    formula("cancelling", "1e10 + x^2", lambda m, x: 1e10 + x * x, uniform(-3, 3)),
    formula("cancelling", "1 - cos over x^2", lambda m, x: (1 - m.cos(x)) / (x * x), log_uniform(1e-4, 1)),
    formula("cancelling", "1e6 + sin", lambda m, x: 1e6 + m.sin(x), uniform(-3, 3)),
    formula("cancelling", "expm1 naive", lambda m, x: (m.exp(x) - 1) / x, log_uniform(1e-8, 1), held=True),
    formula("cancelling", "1e15 + exp", lambda m, x: 1e15 + m.exp(x), uniform(0, 5), held=True),
    formula(
        "cancelling",
        "expanded",
        lambda m, x: x**6 - 6 * x**5 + 15 * x**4 - 20 * x**3 + 15 * x**2 - 6 * x + 1,
        uniform(0.8, 1.2),
    ),
    formula("needle", "gauss 1e-4", lambda m, x: m.exp(-(((x - 0.5) / 1e-4) ** 2)), near(0.5, 1e-6, 1e-3)),
    formula("needle", "gauss on slope", lambda m, x: x + m.exp(-((x / 1e-5) ** 2)), near(0.0, 1e-7, 1e-4)),
    formula("needle", "lorentz", lambda m, x: 1e-12 / (1e-12 + (x - 1) ** 2), near(1.0, 1e-7, 1e-2)),
    formula("needle", "smoothed abs", lambda m, x: m.sqrt(x * x + 1e-12), near(0.0, 1e-8, 1e-1)),
    formula("needle", "sech", lambda m, x: 1 / m.cosh((x - 2) * 1e3), near(2.0, 1e-5, 1e-1), held=True),
    formula("needle", "tanh bend", lambda m, x: x + 1e-3 * m.tanh(1e5 * (x - 1)), near(1.0, 1e-7, 1e-2), held=True),
]

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
