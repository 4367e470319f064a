# ruff: noqa: E501   one case a line
# fmt: off
"""Mistakes: wrong in a part of the domain, not a number, the wrong form, side effects, randomness, exceptions."""

from math import cos, exp, log, sin, sqrt, tanh

import numpy as np
from check.cases.case import numbers, opaque, wrong

X5 = numbers(5, seed=51)
ONLY = "wrong only where"
RANDOM = np.random.default_rng(5)


def piecewise(x):
    return x**3 if x < 2 else 12 * x - 16


def mutating(x):
    x *= 2
    return x


def mutating_by_one(x):
    d = 2 * x
    x += 1
    return d


def forgotten(x):
    2 * x


def relu_neuron(w, b, x):
    return max(0.0, w * x + b)


def relu_neuron_slopes(w, b, x):
    return 0.0 if max(0.0, w * x + b) == 0 else (x, 1.0, w)


CASES = [
    wrong("wrong for negative x", lambda x: x**2 * exp(x), lambda x: (2 * x + x * x) * exp(x) if x > 0 else 2 * x * exp(x), None, (ONLY, "missing", "left out")),
    wrong("sign for negative x", lambda x: sin(x) * x, lambda x: (cos(x) * x + sin(x)) * (1 if x > 0 else -1), None, ONLY),
    wrong("abs in a square root", lambda x: sqrt(1 + x**4), lambda x: 2 * abs(x) ** 3 / sqrt(1 + x**4), None, (ONLY, "absolute value")),
    wrong("wrong beyond three", lambda x: x**3, lambda x: 3 * x**2 if x < 3 else 27.0, [0.5, 1.0, 2.0, 2.9, 3.5, 4.0, 6.0], ONLY),
    wrong("wrong beyond five, drawn", lambda x: tanh(x) + x, lambda x: 2 - tanh(x) ** 2 if abs(x) < 5 else 0.5),
    wrong("wrong in one branch", piecewise, lambda x: 3 * x**2, [0.5, 1.0, 1.5, 2.5, 3.0, 4.0], ONLY),
    wrong("leaky slope forgotten", lambda x: x if x > 0 else 0.1 * x, lambda x: 1.0 if x > 0 else 0.0, None, (ONLY, "branch")),
    wrong("relu as identity", lambda x: np.sum(np.maximum(x, 0)), lambda x: np.ones(5), X5, "link"),
    wrong("relu without its slope", lambda x: np.sum(np.maximum(x, 0) ** 2), lambda x: 2 * x, X5),
    wrong("abs without its sign", lambda x: abs(x) ** 3, lambda x: 3 * x**2, None, (ONLY, "link")),
    wrong("clipped the wrong way", lambda x: np.sum(np.clip(x, -1, 1) ** 2), lambda x: 2 * x, 2 * X5),
    wrong("max of two: the loser", lambda a, b: max(a, b) ** 2, lambda a, b: (2 * a, 0.0) if a < b else (0.0, 2 * b), [(1.0, 2.0), (3.0, 1.0), (0.5, 4.0)]),
    wrong("nan everywhere", lambda x: x**2, lambda x: float("nan"), None, "nan"),
    wrong("nan at one entry", lambda x: np.sum(x**2), lambda x: np.where(np.arange(5) == 2, np.nan, 2 * x), X5, "nan"),
    wrong("0/0 in the claim", lambda x: x * x, lambda x: 2 * x * (np.float64(x) - 1) / (np.float64(x) - 1), [1.0, 2.0, 3.0], "nan"),
    wrong("infinite", lambda x: np.sum(x), lambda x: np.full(5, np.inf), X5, "infinite"),
    wrong("log of a negative number in the claim", lambda x: x**3, lambda x: 3 * np.exp(2 * np.log(x)), [-1.0, 1.0, 2.0, 3.0], "nan"),
    wrong("one number where three are due", relu_neuron, relu_neuron_slopes, [(1.0, 0.5, 2.0), (-3.0, 0.5, 2.0)], "one number"),
    wrong("one number where five are due", lambda x: np.sum(x**2), lambda x: float(np.sum(2 * x)), X5, "shape"),
    wrong("one entry too many", lambda x: np.sum(x**2), lambda x: np.append(2 * x, 1.0), X5, "shape (6,)"),
    wrong("a row where a table is due", lambda x: np.outer(x, x)[:2], lambda x: 2 * x, X5, "shape"),
    wrong("nothing returned", lambda x: x**2, forgotten, [1.0, 2.0], "return"),
    wrong("text returned", lambda x: x**2, lambda x: "2 x", [1.0, 2.0], "real numbers"),
    wrong("writes into its argument", lambda x: np.sum(x**2), mutating, X5, "writes into"),
    wrong("adds to its argument", lambda x: np.sum(x**2), mutating_by_one, X5, "writes into"),
    wrong("random slope", lambda x: x**2, lambda x: 2 * x * (1 + 0.1 * RANDOM.standard_normal()), [1.0, 2.0], ("random", "different values")),
    wrong("raises at zero", lambda x: x**2, lambda x: 2 * x**3 / x**2, [0.0, 1.0], "raises ZeroDivisionError"),
    wrong("raises for negatives", lambda x: x**4, lambda x: 4 * exp(3 * log(x)), [-1.0, 1.0, 2.0], "raises ValueError"),
    wrong("overflows far out", lambda x: tanh(x), lambda x: 4 * exp(2 * x) / (exp(2 * x) + 1) ** 2, [1.0, 500.0], "raises OverflowError"),
    wrong("steps are flat", lambda x: np.floor(x) * x, lambda x: 1.0, [1.5, 2.5, 3.5]),
    wrong("wrong for negative x, untraceable", opaque(lambda x: x**3), lambda x: 3 * x * abs(x), None, ONLY),
    wrong("another function's derivative", lambda x: x * log(x), lambda x: 1 / x, [0.5, 1.5, 2.5], "second derivative"),
    wrong("another function's derivative, untraceable", opaque(lambda x: x * log(x)), lambda x: log(x) + 2 * x, [0.5, 1.5, 2.5]),
    wrong("dict with a key missing", lambda p: p["a"] ** 2 * p["b"], lambda p: {"a": 2 * p["a"] * p["b"]}, {"a": 1.5, "b": 2.0}, ("one number", "due")),
    wrong("dict with exchanged entries", lambda p: p["a"] ** 2 * p["b"], lambda p: {"a": p["a"] ** 2, "b": 2 * p["a"] * p["b"]}, [({"a": 1.5, "b": 2.0},), ({"a": 0.5, "b": 1.0},), ({"a": 2.5, "b": 3.0},)], ("exchanged", "another")),
    wrong("outside the subgradients", lambda x: abs(x), lambda x: 2.0, 0.0),
    wrong("outside the subgradients of relu", lambda x: max(x, 0.0), lambda x: -0.5, 0.0),
]
