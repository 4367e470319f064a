# ruff: noqa: E501   one case a line
# fmt: off
"""Mistakes: another derivative than the first, the function itself, a difference quotient, a value cut to integers."""

import math
from math import cos, exp, log, sin, tanh

import numpy as np
from check.cases.case import numbers, opaque, wrong

X4 = numbers(4, seed=21)
SECOND, ITSELF, QUOTIENT = "second derivative", "itself", "difference"


def of_three(a, b, c):
    return -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def forward(f, h):
    return lambda *args: [(f(*(x + h * (i == k) for i, x in enumerate(args))) - f(*args)) / h for k in range(len(args))]


def central(f, h):
    return lambda *args: [
        (f(*(x + h * (i == k) for i, x in enumerate(args))) - f(*(x - h * (i == k) for i, x in enumerate(args)))) / (2 * h)
        for k in range(len(args))
    ]


def second_central(f, h):
    return lambda *args: [
        (f(*(x + h * (i == k) for i, x in enumerate(args))) - 2 * f(*args) + f(*(x - h * (i == k) for i, x in enumerate(args)))) / h**2
        for k in range(len(args))
    ]


THREE = [(2.0, 3.0, 4.0), (1.0, 2.0, 3.0), (0.5, 1.5, 2.5)]

CASES = [
    wrong("second derivative of exp(-2x)", lambda x: exp(-2 * x), lambda x: 4 * exp(-2 * x), None, (SECOND, "factor")),
    wrong("second derivative of x^4", lambda x: x**4, lambda x: 12 * x**2, None, SECOND),
    wrong("second derivative of sin(3x)", lambda x: sin(3 * x) + x**3, lambda x: -9 * sin(3 * x) + 6 * x, None, SECOND),
    wrong("second derivative, untraceable", opaque(lambda x: x**5 - x**2), lambda x: 20 * x**3 - 2, None, SECOND),
    wrong("second derivatives of a sum", lambda x: np.sum(x**3 + np.cos(x)), lambda x: 6 * x - np.cos(x), X4, SECOND),
    wrong("second difference in place of the first", of_three, second_central(of_three, 1e-5), THREE, SECOND),
    wrong("the function itself", lambda x: x**2 + 3, lambda x: x**2 + 3, None, ITSELF),
    wrong("the function itself, sigmoid", lambda x: 1 / (1 + exp(-x)), lambda x: 1 / (1 + exp(-x)), None, ITSELF),
    wrong("the function itself, untraceable", opaque(lambda x: log(1 + x * x)), lambda x: log(1 + x * x), None, ITSELF),
    wrong("antiderivative", lambda x: cos(x), lambda x: sin(x), None, "sign"),
    wrong("forward difference 1e-5 of three", of_three, forward(of_three, 1e-5), THREE, "forward " + QUOTIENT),
    wrong("forward difference 1e-6 of three", of_three, forward(of_three, 1e-6), THREE, "forward " + QUOTIENT),
    wrong("central difference 1e-3 of three", of_three, central(of_three, 1e-3), THREE, "central " + QUOTIENT),
    wrong("forward difference 1e-4", lambda x: x**3, lambda x: ((x + 1e-4) ** 3 - x**3) / 1e-4, None, "forward " + QUOTIENT),
    wrong("forward difference 1e-2", lambda x: sin(x * x), lambda x: (sin((x + 0.01) ** 2) - sin(x * x)) / 0.01, None, "forward " + QUOTIENT),
    wrong("backward difference 1e-3", lambda x: exp(x) * x, lambda x: (exp(x) * x - exp(x - 1e-3) * (x - 1e-3)) / 1e-3, None, "backward " + QUOTIENT),
    wrong("central difference 1e-2", lambda x: sin(3 * x), lambda x: (sin(3 * (x + 0.01)) - sin(3 * (x - 0.01))) / 0.02, None, "central " + QUOTIENT),
    wrong("forward difference, untraceable", opaque(lambda x: tanh(x) * x), lambda x: (tanh(x + 1e-3) * (x + 1e-3) - tanh(x) * x) / 1e-3, None, "forward " + QUOTIENT),
    wrong("forward difference of step 0.003", lambda x: x**2 * exp(x), lambda x: ((x + 0.003) ** 2 * exp(x + 0.003) - x**2 * exp(x)) / 0.003, None, "forward " + QUOTIENT),
    wrong("central difference not halved", lambda x: x**2, lambda x: ((x + 1e-3) ** 2 - (x - 1e-3) ** 2) / 1e-3, [0.5, 1.0, 2.0], "exactly 2"),
    wrong("rounded down", lambda x: x**2, lambda x: float(math.floor(2 * x)), [0.3, 1.7, 2.6, 5.3], "rounded down"),
    wrong("integer division", lambda x: x**3 / 2, lambda x: 3 * x**2 // 2, [0.3, 1.7, 2.6, 5.3], "rounded down"),
    wrong("gradient in an integer array", lambda x: np.sum(x**3), lambda x: (3 * x**2).astype(int), 3 * X4, ("integer", "rounded")),
    wrong("argument cut to an integer", lambda x: x**3, lambda x: 3.0 * int(x) ** 2, [1.5, 2.7, 4.2, -3.3], "cut to an integer"),
    wrong("power instead of exponential", lambda x: 3.0**x, lambda x: x * 3.0 ** (x - 1), [0.5, 1.5, 2.5]),
    wrong("exponent not lowered", lambda x: x**5, lambda x: 5 * x**5, [0.5, 1.5, 2.5]),
    wrong("exponent lowered twice", lambda x: x**5, lambda x: 5 * x**3, [0.5, 1.5, 2.5]),
]
