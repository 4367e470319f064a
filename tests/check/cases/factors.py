# ruff: noqa: E501   one case a line
# fmt: off
"""Mistakes: a constant factor, a sign, an added constant, the sum where a mean is due."""

import math
from math import cos, erf, exp, log, pi, sin, sqrt, tan, tanh

import numpy as np
from check.cases.case import gauss, numbers, opaque, sigmoid, wrong

FACTOR = "factor"
X5, X7 = numbers(5, seed=1), numbers(7, seed=2)
A = numbers(4, 5, seed=3)
B = numbers(4, seed=4)


def bell(x, s=3, u=42):
    return exp((-1 / 2 * s**2) * (x - u) ** 2)


def bell_without_s4(x, s=3, u=42):
    return exp((-1 / 2 * s**2) * (x - u) ** 2) * (-1 / s**2) * (x - u)


def mean_square(x):
    return np.mean((A @ x - B) ** 2)


CASES = [
    wrong("s^4 lost in a bell curve", bell, bell_without_s4, None, "1/81"),
    wrong("s^4 lost in a bell curve, at points on it", bell, bell_without_s4, [41.8, 42.1, 42.3, 42.5], "1/81"),
    wrong("degrees taken for radians", lambda x: sin(x * pi / 180), lambda x: cos(x * pi / 180), [10.0, 50.0, 200.0], "180/pi"),
    wrong("degrees multiplied twice", lambda x: sin(x), lambda x: cos(x) * pi / 180, None, "pi/180"),
    wrong("half lost", lambda x: 0.5 * x**2, lambda x: 2 * x, None, FACTOR),
    wrong("two lost", lambda x: x**2, lambda x: x, None, "1/2"),
    wrong("three lost", lambda x: x**3, lambda x: x**2, None, "1/3"),
    wrong("log10 as log", lambda x: math.log10(x), lambda x: 1 / x, [0.5, 2.0, 30.0], "log(10)"),
    wrong("log2 as log", lambda x: math.log2(x), lambda x: 1 / x, [0.5, 2.0, 30.0], "log(2)"),
    wrong("2**x without log 2", lambda x: 2.0**x, lambda x: 2.0**x, None, ("log(2)", "itself")),
    wrong("erf without 2/sqrt(pi)", lambda x: erf(x), lambda x: exp(-x * x), None, "sqrt(pi)"),
    wrong("bell without its norm", lambda x: gauss(x), lambda x: -x * exp(-x * x / 2), None, "sqrt(2 pi)"),
    wrong("1/N lost", mean_square, lambda x: 2 * A.T @ (A @ x - B), X5, ("sum in place of a mean", "factor", "exactly 4")),
    wrong("1/N too many", lambda x: np.sum(np.sin(x)), lambda x: np.cos(x) / 5, X5, "1/N with N = 5"),
    wrong("mean as sum", lambda x: np.mean(x**3), lambda x: 3 * x**2, X7, "N = 7"),
    wrong("factor 1 + 1e-4", lambda x: x**2 * exp(-x), lambda x: (2 * x - x * x) * exp(-x) * 1.0001, None, FACTOR),
    wrong("factor 1 + 1e-6", lambda x: sin(x) / (1 + x * x), lambda x: (cos(x) * (1 + x * x) - 2 * x * sin(x)) / (1 + x * x) ** 2 * 1.000001, None, FACTOR),
    wrong("factor 1 + 1e-7", lambda x: exp(sin(x)), lambda x: exp(sin(x)) * cos(x) * 1.0000001, None, FACTOR),
    wrong("factor 1.5, untraceable", opaque(lambda x: tanh(x)), lambda x: 1.5 * (1 - tanh(x) ** 2), None, "3/2"),
    wrong("factor 1 + 1e-6, untraceable", opaque(lambda x: x * tanh(x)), lambda x: 1.000001 * (tanh(x) + x * (1 - tanh(x) ** 2)), None, FACTOR),
    wrong("pi lost, untraceable", opaque(lambda x: sin(pi * x)), lambda x: cos(pi * x), None, "1/pi"),
    wrong("tiny function, half lost", lambda x: 1e-6 * sin(x), lambda x: 5e-7 * cos(x), None, "1/2"),
    wrong("very tiny function, sign", lambda x: 1e-200 * sin(x), lambda x: -1e-200 * cos(x), None, "sign"),
    wrong("huge function, two lost", lambda x: 1e200 * x**2, lambda x: 1e200 * x, None, "1/2"),
    wrong("sign of 1/x", lambda x: 1 / x, lambda x: 1 / x**2, None, "sign"),
    wrong("sign of cos", lambda x: cos(x), lambda x: sin(x), None, "sign"),
    wrong("sign of exp(-x)", lambda x: exp(-x), lambda x: exp(-x), None, ("sign", "itself")),
    wrong("sign of acos", lambda x: math.acos(x), lambda x: 1 / sqrt(1 - x * x), [0.1, 0.5, -0.7], "sign"),
    wrong("sign, untraceable", opaque(lambda x: cos(3 * x)), lambda x: 3 * sin(3 * x), None, "sign"),
    wrong("sign of a loss of many", lambda x: -np.sum(np.log(sigmoid(x))), lambda x: 1 - sigmoid(x), X7, "sign"),
    wrong("sign by one argument", lambda a, b: a * b - a / b, lambda a, b: (b - 1 / b, a - a / b**2), [(1.0, 2.0), (3.0, 0.5), (-2.0, 1.5)], ("sign", "argument b")),
    wrong("sign by one argument only", lambda a, b: sin(a) * exp(b), lambda a, b: (-cos(a) * exp(b), sin(a) * exp(b)), None, "sign"),
    wrong("half by one argument", lambda a, b: a * a * b, lambda a, b: (a * b, a * a), None, "1/2"),
    wrong("two too many in a regression", lambda w: np.sum((A @ w - B) ** 2) / 2, lambda w: 2 * A.T @ (A @ w - B), X5, "exactly 2"),
    wrong("added constant", lambda x: sin(x) * x, lambda x: sin(x) + x * cos(x) + 1, None, "added constant"),
    wrong("added constant 1e-5", lambda x: x**3, lambda x: 3 * x**2 + 1e-5, None, "added constant"),
    wrong("added constant, untraceable", opaque(lambda x: exp(x / 2)), lambda x: exp(x / 2) / 2 + 0.25, None, "added constant"),
    wrong("added constant in one entry", lambda x: np.sum(x**4), lambda x: 4 * x**3 + np.array([0, 0, 0.5, 0, 0]), X5, "added constant"),
    wrong("the constant kept", lambda x: 3 * x**2 + 5 * x + 7, lambda x: 6 * x + 5 + 7, None, "added constant"),
    wrong("always zero", lambda x: x**2 + x, lambda x: 0.0, None, "always 0"),
    wrong("always zero in one argument", lambda a, b: a * exp(b), lambda a, b: (exp(b), 0.0), None, "always 0"),
    wrong("absolute value kept", lambda x: x**3 - x, lambda x: abs(3 * x * x - 1), [0.1, 0.3, 1.0, 2.0, -0.2], ("sign", "wrong only where")),
    wrong("1/80 of the truth", lambda x: tan(x / 3), lambda x: (1 + tan(x / 3) ** 2) / 240, [0.3, 1.0, -2.0], "1/80"),
    wrong("7/9 of the truth", lambda x: log(1 + x * x), lambda x: 14 * x / (1 + x * x) / 9, None, "7/9"),
    wrong("regularisation without two", lambda w: np.sum(np.tanh(w)) + 0.1 * np.sum(w * w), lambda w: 1 - np.tanh(w) ** 2 + 0.1 * w, X7, ("weight 0.5", "factor")),
]
