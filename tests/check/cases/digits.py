# ruff: noqa: E501   one case a line
# fmt: off
"""Mistakes of precision: float32 and float16 arithmetic where float64 is due, truncated constants, lost small parts."""

from math import cos, exp, pi, sin

import numpy as np
from check.cases.case import numbers, opaque, sigmoid, wrong

X8 = numbers(8, seed=31)
SINGLE = ("float32", "single precision")


def in_single(df):
    return lambda *args: df(*(np.float32(x) for x in args))


def through_single(df):
    return lambda x: np.asarray(df(x)).astype(np.float32).astype(np.float64)


CASES = [
    wrong("float32 results as float64", lambda x: np.sum(np.sin(x) * x), through_single(lambda x: np.cos(x) * x + np.sin(x)), X8, SINGLE),
    wrong("float32 results, sigmoid", lambda x: np.sum(sigmoid(x)), through_single(lambda x: sigmoid(x) * (1 - sigmoid(x))), X8, SINGLE),
    wrong("float32 results of a number", lambda x: exp(sin(x)), lambda x: float(np.float32(exp(sin(x)) * cos(x))), [0.3, 0.9, -1.7, 2.2], SINGLE),
    wrong("float16 results", lambda x: np.sum(np.tanh(x)), lambda x: (1 - np.tanh(x) ** 2).astype(np.float16).astype(float), X8, ("float16", "half precision")),
    wrong("float32 results, untraceable", opaque(lambda x: np.sum(np.cos(x))), through_single(lambda x: -np.sin(x)), X8, SINGLE),
    wrong("pi with four digits", lambda x: sin(pi * x), lambda x: 3.1416 * cos(pi * x), None, "factor"),
    wrong("e with five digits", lambda x: exp(2 * x), lambda x: 2 * 2.71828 ** (2 * x), [0.5, 1.0, 2.0]),
    wrong("Taylor polynomial of exp", lambda x: exp(x), lambda x: 1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24, [0.1, 0.2, 0.3]),
    wrong("small-angle formula", lambda x: -cos(x), lambda x: x - x**3 / 6, [0.1, 0.3, 0.01]),
    wrong("relative 1e-5 in one entry of eight", lambda x: np.sum(x**3), lambda x: 3 * x**2 * (1 + 1e-5 * (np.arange(8) == 3)), X8, "x[3]"),
    wrong("relative 1e-6 in one entry of eight", lambda x: np.sum(np.exp(x)), lambda x: np.exp(x) * (1 + 1e-6 * (np.arange(8) == 6)), X8, "x[6]"),
    wrong("relative 1e-7 everywhere", lambda x: np.sum(np.exp(x)), lambda x: np.exp(x) * (1 + 1e-7), X8, "factor"),
    wrong("relative noise of 1e-6", lambda x: np.sum(np.exp(x)), lambda x: np.exp(x) * (1 + 1e-6 * np.sin(1e5 * x)), X8),
    wrong("relative noise of 1e-7, a number", lambda x: exp(x), lambda x: exp(x) * (1 + 1e-7 * sin(1e5 * x)), None),
    wrong("a small term lost", lambda x: x**2 + 1e-6 * sin(x), lambda x: 2 * x, [0.5, 1.0, 2.0], ("missing", "left out")),
    wrong("a small weight decay lost", lambda x: np.sum(np.sin(x)) + 1e-4 * np.sum(x**2), lambda x: np.cos(x), X8, ("missing", "left out")),
    wrong("huge offset, half lost", lambda x: x**2 + 1e8, lambda x: x, [0.5, 1.0, 2.0, 3.0], "1/2"),
    wrong("huge offset, 1e-3 wrong, untraceable", opaque(lambda x: x**2 + 1e6), lambda x: 2.002 * x, [0.5, 1.0, 2.0, 3.0], "factor"),
    wrong("near-flat, sign", lambda x: 1 + 1e-7 * sin(x), lambda x: -1e-7 * cos(x), [0.5, 1.0, 2.0], "sign"),
    wrong("near-flat, sign, untraceable", opaque(lambda x: 1 + 1e-7 * sin(x)), lambda x: -1e-7 * cos(x), [0.5, 1.0, 2.0], "sign"),
    wrong("saturated sigmoid, sign", lambda x: 1 / (1 + exp(-x)), lambda x: -exp(-x) / (1 + exp(-x)) ** 2, [20.0, 25.0, 15.0, -20.0], "sign"),
    wrong("fast oscillation, cos for sin", lambda x: sin(1000 * x), lambda x: 1000 * sin(1000 * x), [0.5, 1.0, 2.0]),
    wrong("fast oscillation, factor", lambda x: sin(1e5 * x), lambda x: 1e4 * cos(1e5 * x), [0.5, 1.0, 2.0], "1/10"),
    wrong("fast oscillation, untraceable", opaque(lambda x: sin(200 * x)), lambda x: 100 * cos(200 * x), [0.5, 1.0, 2.0], "1/2"),
]
