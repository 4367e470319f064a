# ruff: noqa: E501   one case a line
# fmt: off
"""Correct: the same derivative written in another way, formulas that lose digits, removable singularities."""

import math
from math import cos, cosh, erf, exp, expm1, log, log1p, pi, sin, sinh, sqrt, tan, tanh

import numpy as np
from check.cases.case import gauss, numbers, opaque, right, sigmoid

X5 = numbers(5, seed=101)
FEW = "TOO_FEW_DIGITS"


def sinc(x):
    return sin(x) / x if x else 1.0


def sinc_slope(x):
    return cos(x) / x - sin(x) / x**2 if x else 0.0


def series_exp(x):
    total, term = 0.0, 1.0
    for k in range(1, 60):
        total += term
        term *= x / k
    return total


def newton_root(x):
    y = max(x, 1.0)
    for _ in range(60):
        y = 0.5 * (y + x / y)
    return y


def horner(x):
    y = 0.0
    for c in (3.0, -2.0, 0.5, 7.0, -1.0):
        y = y * x + c
    return y


CASES = [
    right("sine", sin, cos),
    right("exponential", exp, exp),
    right("logarithm", log, lambda x: 1 / x),
    right("logarithm of negatives squared", lambda x: log(x * x), lambda x: 2 / x),
    right("square root", sqrt, lambda x: 0.5 / sqrt(x)),
    right("reciprocal", lambda x: 1 / x, lambda x: -1 / x**2),
    right("tangent by cosine", tan, lambda x: 1 / cos(x) ** 2, [0.5, 1.0, 2.0, -1.3]),
    right("tangent by itself", tan, lambda x: 1 + tan(x) ** 2, [0.5, 1.0, 2.0, -1.3]),
    right("tanh by cosh", tanh, lambda x: 1 / cosh(x) ** 2, [0.5, 3.0, -5.0]),
    right("tanh by itself, saturated", tanh, lambda x: 1 - tanh(x) ** 2, [0.5, 3.0, -5.0, 10.0], FEW),
    right("sigmoid by exponentials", lambda x: 1 / (1 + exp(-x)), lambda x: exp(-x) / (1 + exp(-x)) ** 2),
    right("sigmoid by itself", lambda x: 1 / (1 + exp(-x)), lambda x: (1 / (1 + exp(-x))) * (1 - 1 / (1 + exp(-x))), None, FEW),
    right("sigmoid by itself, saturated", lambda x: 1 / (1 + exp(-x)), lambda x: (1 / (1 + exp(-x))) * (1 - 1 / (1 + exp(-x))), [1.0, 15.0, 25.0, -15.0], FEW),
    right("sin^2 by the double angle", lambda x: sin(x) ** 2, lambda x: sin(2 * x)),
    right("cos(2x) by products", lambda x: cos(2 * x), lambda x: -4 * sin(x) * cos(x)),
    right("power by logarithms", lambda x: x**x, lambda x: x**x * (log(x) + 1), [0.5, 1.5, 2.5]),
    right("softplus", lambda x: log1p(exp(x)), lambda x: 1 / (1 + exp(-x)), [-20.0, -1.0, 0.0, 5.0]),
    right("cube by products", lambda x: x * x * x, lambda x: 3 * x * x, [1, 0, 25]),
    right("polynomial by Horner", horner, lambda x: 12 * x**3 - 6 * x**2 + x + 7),
    right("gaussian", gauss, lambda x: -x * gauss(x)),
    right("error function", erf, lambda x: 2 / sqrt(pi) * exp(-x * x)),
    right("loop of sixty terms", series_exp, exp, [0.5, 1.0, -2.0]),
    right("Newton's iteration", newton_root, lambda x: 0.5 / sqrt(x), [2.0, 3.0, 10.0]),
    right("one minus cosine", lambda x: 1 - cos(x), sin, [1e-8, 1e-4, 0.5, 1.0], FEW),
    right("one minus cosine over x", lambda x: (1 - cos(x)) / x, lambda x: (x * sin(x) - 1 + cos(x)) / x**2, [1e-5, 1e-3, 0.5, 1.0], FEW),
    right("difference of roots", lambda x: sqrt(x + 1) - sqrt(x), lambda x: 0.5 / sqrt(x + 1) - 0.5 / sqrt(x), [1.0, 1e4, 1e8], FEW),
    right("difference of roots, stable", lambda x: sqrt(x + 1) - sqrt(x), lambda x: -0.5 / (sqrt(x) * sqrt(x + 1) * (sqrt(x) + sqrt(x + 1))), [1.0, 1e4, 1e8], FEW),
    right("expm1 over x, unstable", lambda x: (exp(x) - 1) / x, lambda x: (exp(x) * x - exp(x) + 1) / x**2, [1e-6, 1e-3, 0.5, 2.0], FEW),
    right("expm1 over x, stable", lambda x: expm1(x) / x, lambda x: (exp(x) - expm1(x) / x) / x, [1e-3, 0.5, 2.0], FEW),
    right("sinc at and near 0", sinc, sinc_slope, [0.0, 1e-3, 0.5, 3.0], (FEW, "KINK")),
    right("numpy's sinc", lambda x: np.sinc(x), lambda x: (cos(pi * x) - np.sinc(x)) / x, [0.3, 1.5, -0.8]),
    right("expanded square", lambda x: x**2 - 2 * x + 1, lambda x: 2 * x - 2, [1.0, 1.0001, 0.9999, 2.0]),
    right("seventh power expanded", lambda x: x**7 - 7 * x**6 + 21 * x**5 - 35 * x**4 + 35 * x**3 - 21 * x**2 + 7 * x - 1, lambda x: 7 * (x - 1) ** 6, [0.99, 1.01, 1.1, 1.5], (FEW, "NOISY", "FLAT")),
    right("log of a sum of exponentials", lambda x: np.log(np.sum(np.exp(x))), lambda x: np.exp(x) / np.sum(np.exp(x)), X5),
    right("the same, shifted by the maximum", lambda x: np.max(x) + np.log(np.sum(np.exp(x - np.max(x)))), lambda x: np.exp(x) / np.sum(np.exp(x)), X5),
    right("variance by squares", lambda x: np.mean(x**2) - np.mean(x) ** 2, lambda x: 2 * (x - np.mean(x)) / 5, X5),
    right("variance far from 0", lambda x: np.mean(x**2) - np.mean(x) ** 2, lambda x: 2 * (x - np.mean(x)) / 5, X5 + 1e4, FEW),
    right("norm", lambda x: np.linalg.norm(x), lambda x: x / np.linalg.norm(x), X5),
    right("norm squared at 0", lambda x: np.sum(x**2), lambda x: 2 * x, [np.zeros(3), X5[:3]]),
    right("determinant", lambda w: np.linalg.det(w), lambda w: np.linalg.det(w) * np.linalg.inv(w).T, numbers(3, 3, seed=102)),
    right("log determinant", lambda w: np.log(np.linalg.det(w @ w.T)), lambda w: 2 * np.linalg.inv(w).T, numbers(3, 3, seed=102)),
    right("solution of a system", lambda b: np.sum(np.linalg.solve(np.eye(4) * 3 + numbers(4, 4, seed=103), b) ** 3), lambda b: np.linalg.solve((np.eye(4) * 3 + numbers(4, 4, seed=103)).T, 3 * np.linalg.solve(np.eye(4) * 3 + numbers(4, 4, seed=103), b) ** 2), numbers(4, seed=104)),
    right("angle", lambda a, b: math.atan2(a, b), lambda a, b: (b / (a * a + b * b), -a / (a * a + b * b))),
    right("hypotenuse", lambda a, b: math.hypot(a, b), lambda a, b: (a / sqrt(a * a + b * b), b / sqrt(a * a + b * b)), [(3.0, 4.0), (1e-8, 1.0), (-5.0, 12.0)]),
    right("sinh by exponentials", sinh, lambda x: (exp(x) + exp(-x)) / 2),
    right("gamma function's logarithm", math.lgamma, lambda x: log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6), [30.0, 50.0, 100.0]),
    right("quotient in another form", lambda x: x / (1 + x * x), lambda x: 1 / (1 + x * x) - 2 * x * x / (1 + x * x) ** 2),
    right("central difference of step 1e-5 of a parabola", lambda x: x**2, lambda x: ((x + 0.5) ** 2 - (x - 0.5) ** 2), [0.5, 1.0, 3.0]),
    right("x^4 log(x^4) sin(x^3)", lambda x: log(x**4) * sin(x**3), lambda x: 4 / x * sin(x**3) + log(x**4) * 3 * x**2 * cos(x**3)),
    right("elementwise sigmoid", lambda x: sigmoid(x), lambda x: sigmoid(x) * sigmoid(-x), X5),
    right("three variables", lambda a, b, c: -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5, lambda a, b, c: [-3 * a**2 - 0.5 * a**-0.5, 3 * cos(3 * b) + 2.5 * b**1.5, 1 / c**2], (2, 3, 4)),
    right("three variables, untraceable", opaque(lambda a, b, c: -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5), lambda a, b, c: [-3 * a**2 - 0.5 * a**-0.5, 3 * cos(3 * b) + 2.5 * b**1.5, 1 / c**2], [(2.0, 3.0, 4.0), (1.0, 2.0, 3.0)]),
    right("sine, untraceable", opaque(sin), cos),
    right("square root, untraceable", opaque(sqrt), lambda x: 0.5 / sqrt(x), [0.5, 1e-3, 40.0]),
    right("arcsine near its edge, untraceable", opaque(math.asin), lambda x: 1 / sqrt(1 - x * x), [0.5, 0.99, -0.999]),
    right("logarithm near 0, untraceable", opaque(log), lambda x: 1 / x, [1e-6, 1e-3, 1.0]),
]
