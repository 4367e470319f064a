# ruff: noqa: E501   one case a line
# fmt: off
"""Mistakes: right numbers in wrong places, and single wrong entries among many."""

from math import cos, exp, sin

import numpy as np
from check.cases.case import numbers, opaque, wrong

X6 = numbers(6, seed=41)
W = numbers(3, 3, seed=42)
V = numbers(2, 3, seed=43)
C = numbers(6, seed=44) + 3
M = numbers(3, 6, seed=45)
S = numbers(3, 3, seed=46)


def weighted(x):
    return np.sum(C * np.sin(x))


def weighted_slope(x):
    return C * np.cos(x)


def one_off(slope, index, size, kind="relative"):
    """`slope` with one entry (of the flattened array) wrong by `size`."""

    def df(x):
        d = np.array(slope(x), dtype=float)
        flat = d.reshape(-1)
        flat[index] = flat[index] * (1 + size) if kind == "relative" else flat[index] + size
        return d

    return df


def large(n):
    return np.random.default_rng(n).uniform(0.5, 2.0, n)


def mixed(x):
    return np.sum(np.sin(x) * x)


def mixed_slope(x):
    return np.cos(x) * x + np.sin(x)


def outside(x):
    """The same for plain arrays only: no carrier can pass."""
    return mixed(np.frombuffer(np.asarray(x, dtype=float).tobytes()).reshape(np.shape(x)))


CASES = [
    wrong("rolled by one", weighted, lambda x: np.roll(weighted_slope(x), 1), X6, "rolled"),
    wrong("rolled by two back", weighted, lambda x: np.roll(weighted_slope(x), -2), X6, "rolled"),
    wrong("reversed", weighted, lambda x: weighted_slope(x)[::-1], X6, "reverse"),
    wrong("two entries exchanged", weighted, lambda x: weighted_slope(x)[[0, 2, 1, 3, 4, 5]], X6, "exchanged"),
    wrong("sorted entries", weighted, lambda x: np.sort(weighted_slope(x)), X6),
    wrong("a square matrix transposed", lambda w: np.sum(np.exp(w) * S), lambda w: (np.exp(w) * S).T, W, "transposed"),
    wrong("matrix product transposed", lambda w: np.sum((w @ S) ** 2), lambda w: (2 * w @ S @ S.T).T, W, "transposed"),
    wrong("rectangle with the wrong shape", lambda v: np.sum(v**3), lambda v: (3 * v**2).T, V, ("shape (3, 2)", "transposed")),
    wrong("Jacobian transposed, rectangle", lambda x: np.tanh(M @ x), lambda x: ((1 - np.tanh(M @ x) ** 2)[:, None] * M).T, X6, "transposed"),
    wrong("Jacobian transposed, square", lambda x: np.sin(S @ x), lambda x: (np.cos(S @ x)[:, None] * S).T, X6[:3], "transposed"),
    wrong("factor on the wrong side of a Jacobian", lambda x: np.sin(S @ x), lambda x: np.cos(S @ x)[None, :] * S, X6[:3]),
    wrong("arguments exchanged", lambda a, b: sin(a) * exp(b), lambda a, b: (sin(a) * exp(b), cos(a) * exp(b)), None, ("exchanged", "another argument")),
    wrong("three arguments rolled", lambda a, b, c: a * b**2 * c**3, lambda a, b, c: (3 * a * b**2 * c**2, b**2 * c**3, 2 * a * b * c**3), None, ("rolled", "exchanged")),
    wrong("by another argument", lambda a, b: a**2 * sin(b), lambda a, b: (2 * a * sin(b), 2 * a * sin(b)), None, "another argument"),
    wrong("arguments exchanged, untraceable", opaque(lambda a, b: sin(a) * exp(b)), lambda a, b: (sin(a) * exp(b), cos(a) * exp(b)), None, ("exchanged", "another argument")),
    wrong("rolled, untraceable", opaque(lambda x: np.sum(C * np.sin(x))), lambda x: np.roll(weighted_slope(x), 1), X6, "rolled"),
    wrong("blocks exchanged", lambda x, y: np.sum(x**2 * y), lambda x, y: (x**2, 2 * x * y), (X6, C), ("argument", "exchanged", "permuted")),
    wrong("sum for each entry", weighted, lambda x: np.full(6, np.sum(weighted_slope(x))), X6),
    wrong("mean over the wrong axis", lambda w: np.sum(np.mean(w, axis=0) ** 2), lambda w: 2 * np.mean(w, axis=1, keepdims=True) * np.ones((1, 3)) / 3, W),
    wrong("one entry of ten", lambda x: np.sum(x**3), one_off(lambda x: 3 * x**2, 7, 1e-3), large(10), "x[7]"),
    wrong("one entry of ten, sign", mixed, one_off(mixed_slope, 2, -2.0), large(10), "x[2]"),
    wrong("one entry of a hundred", mixed, one_off(mixed_slope, 63, 1e-4), large(100), "x[63]"),
    wrong("one entry of a hundred zeroed", mixed, one_off(mixed_slope, 99, -1.0), large(100), "x[99]"),
    wrong("one entry of a thousand", mixed, one_off(mixed_slope, 500, 1e-5), large(1000), "x[500]"),
    wrong("one entry of a thousand, relative 1e-7", mixed, one_off(mixed_slope, 501, 1e-7), large(1000), "x[501]"),
    wrong("three entries of a thousand", mixed, one_off(one_off(one_off(mixed_slope, 3, 0.1), 400, 0.2), 999, -0.1), large(1000), ("x[3]", "x[400]", "x[999]")),
    wrong("one entry of ten thousand", mixed, one_off(mixed_slope, 1234, 1e-4), large(10_000), "x[1234]"),
    wrong("one entry of a matrix", lambda w: np.sum(np.tanh(w)), one_off(lambda w: 1 - np.tanh(w) ** 2, 250, 0.01), numbers(20, 20, seed=47), "w[12, 10]"),
    wrong("one entry of a hundred, untraceable", outside, one_off(mixed_slope, 63, 1e-2), large(100), "x[63]"),
    wrong("one entry of a thousand, untraceable", outside, one_off(mixed_slope, 777, 1e-2), large(1000), "x[777]"),
    wrong("one entry of ten thousand, untraceable", outside, one_off(mixed_slope, 4321, 0.1), large(10_000), "x[4321]"),
    wrong("factor in a hundred entries", mixed, lambda x: 0.5 * mixed_slope(x), large(100), "1/2"),
    wrong("factor in a thousand entries", mixed, lambda x: -mixed_slope(x), large(1000), "sign"),
    wrong("factor in a thousand, untraceable", outside, lambda x: 2 * mixed_slope(x), large(1000), "exactly 2"),
    wrong("path in two hundred entries", mixed, lambda x: np.sin(x), large(200), ("missing", "left out")),
    wrong("last of an array forgotten", lambda x: np.sum(x[:-1] * x[1:]), lambda x: np.append(x[1:], 0.0) + np.concatenate([[0.0], x[:-1]]) * (np.arange(6) < 5), X6, ("x[5]", "missing")),
    wrong("differences of neighbours", lambda x: np.sum(np.diff(x) ** 2), lambda x: 2 * np.append(-np.diff(x), 0.0), X6, ("missing", "left out", "path")),
]
