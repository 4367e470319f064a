# ruff: noqa: E501   one case a line
# fmt: off
"""Correct: lists, dicts, integer inputs, unusual shapes, large arrays, side effects, state, slow functions."""

import functools
import math
import time
from math import cos, exp, sin

import numpy as np
from check.cases.case import numbers, opaque, right, sigmoid, wrong
from check.cases.places import large, mixed, mixed_slope, outside

X3, X5 = numbers(3, seed=131), numbers(5, seed=132)
CALLS = []


def counting(x):
    CALLS.append(1)
    return x**3


def slow(x):
    time.sleep(1e-4)
    return sin(x)


def scribbling(x):
    y = np.sum(x**2)
    if isinstance(x, np.ndarray):
        x *= 0
    return y


@functools.cache
def cached(x):
    return x**2


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        return np.sum((self.w * x) ** 2)

    def slope(self, x):
        return 2 * self.w**2 * x

    def __call__(self, x):
        return self.loss(x)


def hashed(x):
    """Looks random, is smooth: many incommensurable waves."""
    return sum(sin(k * 1.7 * x + k * k) / k for k in range(1, 12))


def hashed_slope(x):
    return sum(1.7 * cos(k * 1.7 * x + k * k) for k in range(1, 12))


def typed(x):
    if not isinstance(x, float):
        raise TypeError("a float, please")
    return x**2


def vectorised(x):
    return np.frompyfunc(lambda v: math.sin(float(v)), 1, 1)(x).astype(float)


CASES = [
    right("integer point", lambda x: x**2, lambda x: 2 * x, 3),
    right("integer array", lambda x: np.sum(x**3), lambda x: 3 * x**2, np.array([1, 0, 25])),
    right("integer array into division", lambda x: np.sum(1 / x), lambda x: -1 / x**2, np.array([1, 2, 5])),
    right("list argument", lambda x: x[0] ** 2 + sin(x[1]), lambda x: [2 * x[0], cos(x[1])], ([1.0, 2.0],)),
    right("list argument, array claim", lambda x: x[0] ** 2 + sin(x[1]), lambda x: np.array([2 * x[0], cos(x[1])]), ([1.0, 2.0],)),
    right("list of two in and out of math", lambda x: np.array(sin(x[0]) * cos(x[1])), lambda x: np.array([cos(x[0]) * cos(x[1]), -sin(x[0]) * sin(x[1])]), ((1.0, 1.0),)),
    right("dict argument", lambda p: p["a"] ** 2 * p["b"], lambda p: {"a": 2 * p["a"] * p["b"], "b": p["a"] ** 2}, {"a": 1.5, "b": 2.0}),
    right("dict of arrays", lambda p: np.sum(p["w"] * X3) + p["b"], lambda p: {"w": X3, "b": 1.0}, {"w": X3 + 1, "b": 0.5}),
    right("nested containers", lambda p: p["layers"][0][0] * p["layers"][1][0] ** 2, lambda p: {"layers": [[p["layers"][1][0] ** 2], [2 * p["layers"][0][0] * p["layers"][1][0]]]}, {"layers": [[1.5], [2.0]]}),
    right("text beside numbers", lambda x, mode: x**2 if mode == "square" else x, lambda x, mode: 2 * x, [(1.5, "square"), (2.5, "square")]),
    right("tuple of two arrays", lambda x, y: np.sum(x * y), lambda x, y: (y, x), (X3, X5[:3])),
    right("list of gradients", lambda x, y: np.sum(x * y), lambda x, y: [y, x], (X3, X5[:3])),
    right("row for a vector", lambda x: np.sum(x**2), lambda x: (2 * x)[None, :], X3),
    wrong("column for a vector", lambda x: np.sum(x**2), lambda x: (2 * x)[:, None], X3, named=("shape",)),
    right("column argument", lambda x: np.sum(x**2), lambda x: 2 * x, X3[:, None]),
    wrong("column argument, flat claim", lambda x: np.sum(x**2), lambda x: 2 * x.ravel(), X3[:, None], named=("shape",)),
    right("one-element array", lambda x: x[0] ** 2, lambda x: np.array([2 * x[0]]), np.array([1.5])),
    right("one-element array, number claimed", lambda x: x[0] ** 2, lambda x: 2 * x[0], np.array([1.5])),
    right("result of shape (1,)", lambda x: np.array([x**2]), lambda x: np.array([2 * x]), 1.5),
    right("gradient as a list", lambda x: np.sum(x**2), lambda x: (2 * x).tolist(), X3),
    right("gradient as a generator's list", lambda x: np.sum(np.exp(x)), lambda x: [exp(v) for v in x], X3),
    right("elementwise cube", lambda x: x**3, lambda x: 3 * x**2, X5),
    right("elementwise matrix", lambda x: np.tanh(x), lambda x: 1 - np.tanh(x) ** 2, numbers(3, 4, seed=133)),
    right("several results", lambda a, b: (a * b, a + b), lambda a, b: np.array([[b, a], [1.0, 1.0]]), (2.0, 3.0), "DISAGREEMENT"),
    right("vector of a number", lambda x: np.array([x, x**2, x**3]), lambda x: np.array([1.0, 2 * x, 3 * x**2]), 1.5),
    right("read-only claim", lambda x: np.sum(x), lambda x: np.broadcast_to(1.0, x.shape), X5),
    right("integer claim", lambda x: np.sum(3 * x), lambda x: np.full(5, 3), X5),
    right("method", Model(X5).loss, Model(X5).slope, X5 + 1),
    right("callable object", Model(X5), Model(X5).slope, X5 + 1),
    right("partial application", functools.partial(lambda k, x: k * x**2, 3.0), lambda x: 6 * x, [1.0, 2.0]),
    right("default arguments", lambda x, s=2.0: sin(s * x), lambda x, s=2.0: s * cos(s * x)),
    right("cached function", cached, lambda x: 2 * x, [1.0, 2.0]),
    right("counts its calls", counting, lambda x: 3 * x**2, [1.0, 2.0]),
    right("a slow function", slow, cos, [0.5, 1.0]),
    right("scribbles over its argument", scribbling, lambda x: 2 * x, X5),
    right("checks the type of its argument", typed, lambda x: 2 * x, [1.0, 2.0]),
    right("numpy.vectorize", np.vectorize(lambda v: v**2 if v > 0 else 0.0), lambda x: 2 * x * (x > 0), X5),
    right("frompyfunc with casts", vectorised, np.cos, X5),
    right("many waves", hashed, hashed_slope),
    right("many waves, untraceable", opaque(hashed), hashed_slope, [0.5, 1.5, 2.5]),
    right("a hundred entries", mixed, mixed_slope, large(100)),
    right("a thousand entries", mixed, mixed_slope, large(1000)),
    right("a hundred thousand entries", mixed, mixed_slope, large(100_000)),
    right("a thousand entries, untraceable", outside, mixed_slope, large(1000)),
    right("ten thousand entries, untraceable", outside, mixed_slope, large(10_000)),
    right("matrix of 400 entries", lambda w: np.sum(sigmoid(w)), lambda w: sigmoid(w) * sigmoid(-w), numbers(20, 20, seed=134)),
    right("relu of a thousand", lambda x: np.sum(np.maximum(x, 0) ** 1), lambda x: (x > 0) * 1.0, numbers(1000, seed=135)),
    right("relu of a thousand, untraceable", opaque(lambda x: np.sum(np.maximum(x, 0) ** 1)), lambda x: (x > 0) * 1.0, numbers(1000, seed=135), "KINK"),
    right("a thousand of unlike size", lambda x: np.sum(10.0 ** np.linspace(-6, 6, 1000) * np.sin(x)), lambda x: 10.0 ** np.linspace(-6, 6, 1000) * np.cos(x), numbers(1000, seed=136)),
    right("float32 array of a thousand", lambda x: np.sum(np.sin(x)), lambda x: np.cos(x), numbers(1000, seed=137).astype(np.float32), "TOO_FEW_DIGITS"),
    right("a box of points", lambda x: math.log(x), lambda x: 1 / x, None, box=(0.1, 5.0)),
]
