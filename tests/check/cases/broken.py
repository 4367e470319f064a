# ruff: noqa: E501   one case a line
# fmt: off
"""Correct: kinks near and at the points, jumps, edges of the domain, exact zeros in the gradient, constants."""

import math
from math import cos, exp, log, sin, sqrt

import numpy as np
from check.cases.case import numbers, opaque, right

X5 = numbers(5, seed=121)
KINK = "KINK"


def relu(x):
    return max(x, 0.0)


def step(x):
    return 1.0 if x > 0 else 0.0


def huber(x):
    return 0.5 * x * x if abs(x) < 1 else abs(x) - 0.5


def huber_slope(x):
    return x if abs(x) < 1 else math.copysign(1.0, x)


CASES = [
    right("abs beside its kink", abs, lambda x: math.copysign(1.0, x), [1e-6, -1e-6, 2.0]),
    right("abs beside its kink, untraceable", opaque(abs), lambda x: math.copysign(1.0, x), [1e-6, -1e-6, 2.0], KINK),
    right("abs at its kink alone", abs, lambda x: 0.0, 0.0, KINK),
    right("abs at its kink and elsewhere", abs, lambda x: float(np.sign(x)), [0.0, 1.0, -2.0]),
    right("abs at its kink, subgradient", abs, lambda x: 0.3 if x == 0 else math.copysign(1.0, x), [0.0, 1.0], kink="subgradient"),
    right("relu, drawn", relu, step),
    right("relu beside 0", relu, step, [1e-9, -1e-9, 1.0]),
    right("relu at 0 alone", relu, step, 0.0, KINK),
    right("relu at 0 and elsewhere", relu, step, [0.0, 1.0, -1.0]),
    right("relu at 0, subgradient", relu, lambda x: 0.5 if x == 0 else step(x), [0.0, 1.0], kink="subgradient"),
    right("relu of an array with zeros", lambda x: np.sum(np.maximum(x, 0)), lambda x: (x > 0) * 1.0, np.array([-1.0, 0.0, 2.0]), KINK),
    right("relu of an array with zeros, two points", lambda x: np.sum(np.maximum(x, 0) ** 1), lambda x: (x > 0) * 1.0, [np.array([-1.0, 0.0, 2.0]), np.array([1.0, -0.5, 0.2])]),
    right("relu squared at 0", lambda x: relu(x) ** 2, lambda x: 2 * relu(x), [0.0, 1.0, -1.0]),
    right("relu of many", lambda x: np.sum(np.maximum(x, 0) * x), lambda x: 2 * np.maximum(x, 0), X5),
    right("leaky relu", lambda x: x if x > 0 else 0.01 * x, lambda x: 1.0 if x > 0 else 0.01),
    right("relu neuron", lambda w, b, x: max(0.0, w * x + b), lambda w, b, x: (x, 1.0, w) if w * x + b > 0 else (0.0, 0.0, 0.0), [(1.0, 0.5, 2.0), (-3.0, 0.5, 2.0)]),
    right("offset relu at its kink", lambda t: 1 + max(t, 0.0), step, 0.0, KINK),
    right("offset relu at its kink, untraceable", opaque(lambda t: 1 + max(t, 0.0)), step, 0.0, (KINK, "TOO_FEW_DIGITS", "NOISY")),
    right("maximum of a tie", lambda a, b: max(a, b), lambda a, b: (1.0, 0.0), (1.0, 1.0), KINK),
    right("largest of an array", lambda x: np.max(x), lambda x: (x == np.max(x)) * 1.0, X5),
    right("largest of an array with a tie", lambda x: np.max(x), lambda x: (x == np.max(x)) / np.sum(x == np.max(x)), np.array([2.0, 1.0, 2.0]), KINK),
    right("median of five", lambda x: np.sort(x)[2], lambda x: (x == np.sort(x)[2]) * 1.0, X5),
    right("where", lambda x: np.sum(np.where(x > 0, x**2, -x)), lambda x: np.where(x > 0, 2 * x, -1.0), X5),
    right("where that guards a logarithm", lambda x: np.sum(np.where(x > 0.1, np.log(np.maximum(x, 0.1)), x)), lambda x: np.where(x > 0.1, 1 / np.maximum(x, 0.1), 1.0), np.array([-1.0, 0.05, 2.0])),
    right("floor inside", lambda x: x - math.floor(x) + x**2, lambda x: 1 + 2 * x, [0.5, 1.7, -2.3]),
    right("floor inside, drawn", lambda x: x - math.floor(x), lambda x: 1.0),
    right("sawtooth", lambda x: math.fmod(x, 1.0) ** 2, lambda x: 2 * math.fmod(x, 1.0), [0.3, 1.6, 5.2]),
    right("step function", step, lambda x: 0.0, [1.0, -1.0, 3.0], "FLAT"),
    right("jump at the point", lambda x: x + step(x), lambda x: 1.0, 0.0, KINK),
    right("jump beside the point", lambda x: x + step(x), lambda x: 1.0, [1e-5, 1.0]),
    right("Huber's loss", huber, huber_slope),
    right("Huber's loss at its seam", huber, huber_slope, [1.0, -1.0, 0.5, 3.0], KINK),
    right("clip", lambda x: np.sum(np.clip(x, -1, 1) ** 2), lambda x: np.where(np.abs(x) <= 1, 2 * x, 0.0), 2 * X5),
    right("hinge loss", lambda w: np.sum(np.maximum(0, 1 - w * np.sign(X5))), lambda w: -np.sign(X5) * (w * np.sign(X5) < 1), X5 + 0.1),
    right("L1 norm", lambda x: np.sum(np.abs(x)), np.sign, X5),
    right("L1 norm with an exact 0", lambda x: np.sum(np.abs(x)), np.sign, np.array([1.0, 0.0, -2.0]), KINK),
    right("x|x|", lambda x: x * abs(x), lambda x: 2 * abs(x), [0.0, 1.0, -1.0]),
    right("|x|^3 at 0", lambda x: abs(x) ** 3, lambda x: 3 * x * abs(x), [0.0, 1.0, -1.0]),
    right("cube root", lambda x: math.copysign(abs(x) ** (1 / 3), x), lambda x: abs(x) ** (-2 / 3) / 3, [1.0, -8.0, 0.01]),
    right("x^1.5 at 0", lambda x: x**1.5, lambda x: 1.5 * sqrt(x), [0.0, 1.0, 4.0], (KINK, "OUT_OF_DOMAIN", "TOO_FEW_DIGITS")),
    right("root at small numbers, untraceable", opaque(sqrt), lambda x: 0.5 / sqrt(x), [1e-6, 0.3]),
    right("x log x near 0", lambda x: x * log(x), lambda x: log(x) + 1, [1e-12, 1e-3, 2.0]),
    right("raises outside its domain", lambda x: log(x - 3), lambda x: 1 / (x - 3)),
    right("raises outside its domain, given", lambda x: log(x - 3), lambda x: 1 / (x - 3), [1.0, 4.0, 10.0]),
    right("outside its domain alone", lambda x: log(x - 3), lambda x: 1 / (x - 3), [1.0, 2.0], "OUT_OF_DOMAIN"),
    right("infinite at the point", lambda x: np.log(x) * 1.0, lambda x: 1 / x, np.array([0.0]), ("NON_FINITE", "OUT_OF_DOMAIN")),
    right("arcsine", math.asin, lambda x: 1 / sqrt(1 - x * x)),
    right("root of a difference", lambda x: sqrt(4 - x * x), lambda x: -x / sqrt(4 - x * x)),
    right("constant", lambda x: 7.0, lambda x: 0.0),
    right("constant array", lambda x: 0 * np.sum(x) + 3, lambda x: np.zeros(5), X5, "FLAT"),
    right("argument that does not matter", lambda a, b: a**2, lambda a, b: (2 * a, 0.0)),
    right("argument that does not matter, untraceable", opaque(lambda a, b: a**2), lambda a, b: (2 * a, 0.0), [(1.0, 2.0), (3.0, -1.0)]),
    right("exact zeros", lambda x: np.sum(x[:2] ** 2), lambda x: np.append(2 * x[:2], np.zeros(3)), X5),
    right("branch by another argument", lambda a, b: a**2 if b > 0 else exp(a), lambda a, b: (2 * a if b > 0 else exp(a), 0.0)),
    right("while loop", lambda x: _halved(x), lambda x: _halved(x) / x, [3.0, 10.0, 0.7]),
    right("branch on equality", lambda x: x**2 if x != 1.0 else 1.0, lambda x: 2 * x, [1.0, 2.0, 3.0]),
    right("sine of the largest", lambda x: sin(max(x[0], x[1])) * x[2], lambda x: np.array([cos(max(x[0], x[1])) * x[2] * (x[0] > x[1]), cos(max(x[0], x[1])) * x[2] * (x[1] > x[0]), sin(max(x[0], x[1]))]), X5[:3]),
    right("random function", lambda x: x**2 + NOISE.standard_normal(), lambda x: 2 * x, [1.0, 2.0], "RANDOM"),
]
NOISE = np.random.default_rng(7)


def _halved(x):
    while x > 1:
        x = x / 2
    return x
