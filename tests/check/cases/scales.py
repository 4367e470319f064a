# ruff: noqa: E501   one case a line
# fmt: off
"""Correct: huge and tiny arguments and values, fast oscillation, offsets, plateaus, float32 and float16."""

import math
from math import cos, exp, log, sin, sqrt, tanh

import numpy as np
from check.cases.case import numbers, opaque, right

X5 = numbers(5, seed=111)
SINGLE = numbers(5, seed=112).astype(np.float32)
HALF = numbers(4, seed=113).astype(np.float16)
FEW, NOISY = "TOO_FEW_DIGITS", "NOISY"
LOST = (FEW, NOISY, "FLAT")


def bell(x, s=3, u=42):
    return exp((-1 / 2 * s**2) * (x - u) ** 2)


def jitter(x, size):
    """Deterministic noise of relative size `size`, as from an unconverged solver."""
    return 1 + size * (math.fmod(1e7 * abs(math.sin(1e6 * x)), 1.0) - 0.5)


CASES = [
    right("parabola at 1e9", lambda x: x**2, lambda x: 2 * x, [1e9, -3e9]),
    right("parabola at 1e9, untraceable", opaque(lambda x: x**2), lambda x: 2 * x, [1e9, -3e9]),
    right("parabola at 1e-9", lambda x: x**2, lambda x: 2 * x, [1e-9, -3e-9]),
    right("sine at 1e12", sin, cos, [1e12, 3e12], LOST),
    right("sine at 1e12, untraceable", opaque(sin), cos, [1e12, 3e12], LOST),
    right("sin(1000x)", lambda x: sin(1000 * x), lambda x: 1000 * cos(1000 * x)),
    right("sin(1000x), untraceable", opaque(lambda x: sin(1000 * x)), lambda x: 1000 * cos(1000 * x), [0.5, 1.0, 2.0], LOST),
    right("sin(1e6x)", lambda x: sin(1e6 * x), lambda x: 1e6 * cos(1e6 * x), None, LOST),
    right("sin(1e6x), untraceable", opaque(lambda x: sin(1e6 * x)), lambda x: 1e6 * cos(1e6 * x), [0.5, 1.0], LOST),
    right("sin(1/x) near 0", lambda x: sin(1 / x), lambda x: -cos(1 / x) / x**2, [0.01, 0.003, 1.0], LOST),
    right("offset 1e8", lambda x: 1e8 + sin(x), cos, [0.5, 1.0, 2.0], LOST),
    right("offset 1e8, untraceable", opaque(lambda x: 1e8 + sin(x)), cos, [0.5, 1.0, 2.0], LOST),
    right("offset 1e12, untraceable", opaque(lambda x: 1e12 + sin(x)), cos, [0.5, 1.0], LOST),
    right("tiny values", lambda x: 1e-6 * sin(x), lambda x: 1e-6 * cos(x)),
    right("very tiny values", lambda x: 1e-200 * sin(x), lambda x: 1e-200 * cos(x)),
    right("very tiny values, untraceable", opaque(lambda x: 1e-200 * sin(x)), lambda x: 1e-200 * cos(x)),
    right("huge values", lambda x: 1e200 * exp(x), lambda x: 1e200 * exp(x)),
    right("huge values, untraceable", opaque(lambda x: 1e200 * exp(x)), lambda x: 1e200 * exp(x)),
    right("needle", lambda x: exp(-(((x - 1) / 1e-4) ** 2)), lambda x: -2e8 * (x - 1) * exp(-(((x - 1) / 1e-4) ** 2)), [1.00005, 0.9999], LOST),
    right("needle, untraceable", opaque(lambda x: exp(-(((x - 1) / 1e-4) ** 2))), lambda x: -2e8 * (x - 1) * exp(-(((x - 1) / 1e-4) ** 2)), [1.00005, 0.9999], LOST),
    right("bell far away", bell, lambda x: -9 * (x - 42) * bell(x)),
    right("bell on its hill", bell, lambda x: -9 * (x - 42) * bell(x), [41.5, 42.2, 42.0]),
    right("bell in its dead zone alone", bell, lambda x: -9 * (x - 42) * bell(x), [0.0, 1.0], "FLAT"),
    right("plateau of tanh", lambda x: tanh(50 * x), lambda x: 50 / math.cosh(50 * x) ** 2, [0.01, 1.0, -2.0], LOST),
    right("saddle", lambda a, b: a * a - b * b, lambda a, b: (2 * a, -2 * b), [(0.0, 0.0), (1.0, 0.0)]),
    right("minimum of a parabola", lambda x: 3 * x**2 - 4 * x + 5, lambda x: 6 * x - 4, [2 / 3, 3.0]),
    right("minimum of a parabola alone", lambda x: 3 * x**2 - 4 * x + 5, lambda x: 6 * x - 4, 2 / 3, LOST),
    right("stationary in one entry", lambda x: np.sum(np.cos(x)), lambda x: -np.sin(x), np.array([0.0, 1.0, math.pi])),
    right("Rosenbrock", lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, lambda x: np.array([-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]), [np.array([-1.2, 1.0]), np.array([1.0, 1.0]), np.array([0.5, 2.0])]),
    right("arguments of unlike size", lambda a, b: a * 1e-6 + b * 1e6 + a * b, lambda a, b: (1e-6 + b, 1e6 + a), [(1e6, 1e-6), (-2e6, 3e-6)], LOST),
    right("unlike slopes in an array", lambda x: np.sum(np.array([1e-12, 1.0, 1e12]) * np.sin(x)), lambda x: np.array([1e-12, 1.0, 1e12]) * np.cos(x), X5[:3], LOST),
    right("unlike slopes, untraceable", opaque(lambda x: np.sum(np.array([1e-8, 1.0, 1e6]) * np.sin(x))), lambda x: np.array([1e-8, 1.0, 1e6]) * np.cos(x), X5[:3], LOST),
    right("noise 1e-8, untraceable", opaque(lambda x: sin(x) * jitter(x, 1e-8)), cos, [0.5, 1.0, 2.0], LOST),
    right("noise 1e-4, untraceable", opaque(lambda x: sin(x) * jitter(x, 1e-4)), cos, [0.5, 1.0, 2.0], LOST),
    right("noise 0.1, untraceable", opaque(lambda x: sin(x) * jitter(x, 0.1)), cos, [0.5, 1.0, 2.0], LOST),
    right("float32 inside, untraceable", opaque(lambda x: float(np.float32(sin(x)))), cos, [0.5, 1.0, 2.0], LOST),
    right("float16 inside, untraceable", opaque(lambda x: float(np.float16(sin(x)))), cos, [0.5, 1.0, 2.0], LOST),
    right("three decimals, untraceable", opaque(lambda x: round(x**2, 3)), lambda x: 2 * x, [0.5, 1.0, 2.0], (*LOST, "KINK")),
    right("float32 array", lambda x: np.sum(np.sin(x) * x), lambda x: np.cos(x) * x + np.sin(x), SINGLE),
    right("float32 array, exponential", lambda x: np.sum(np.exp(x)), lambda x: np.exp(x), SINGLE),
    right("float32 array, softmax", lambda x: np.exp(x[0]) / np.sum(np.exp(x)), lambda x: np.exp(x[0]) / np.sum(np.exp(x)) * ((np.arange(5) == 0) - np.exp(x) / np.sum(np.exp(x))).astype(np.float32), SINGLE, LOST),
    right("float32 array, claim in float64", lambda x: np.sum(np.tanh(x)), lambda x: 1 - np.tanh(x.astype(np.float64)) ** 2, SINGLE),
    right("float32 scalar", lambda x: np.sin(x) * x, lambda x: np.cos(x) * x + np.sin(x), [np.float32(0.7), np.float32(-1.2)]),
    right("float16 array", lambda x: np.sum(x * x), lambda x: 2 * x, HALF, LOST),
    right("float16 array, sine", lambda x: np.sum(np.sin(x)), lambda x: np.cos(x), HALF, LOST),
    right("float32 claim of a float64 function", lambda x: np.sum(x**3), lambda x: (3 * x**2).astype(np.float32), X5),
    right("float16 claim of a float64 function", lambda x: np.sum(x**3), lambda x: (3 * x**2).astype(np.float16), X5, LOST),
    right("logarithm near 0", log, lambda x: 1 / x, [1e-300, 1e-30, 1e-8]),
    right("root near 0", sqrt, lambda x: 0.5 / sqrt(x), [1e-300, 1e-30, 1e-8]),
    right("high power", lambda x: x**50, lambda x: 50 * x**49, [0.5, 1.0, 2.0, -1.1]),
    right("large but finite", lambda x: exp(x), exp, [700.0, -700.0]),
    right("x^3 at 0", lambda x: x**3, lambda x: 3 * x**2, [0.0, 1.0]),
    right("x^3 at 0 alone", lambda x: x**3, lambda x: 3 * x**2, 0.0, "FLAT"),
]
