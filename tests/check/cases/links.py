# ruff: noqa: E501   one case a line
# fmt: off
"""Mistakes: a dropped link of the chain, a missing term or path, a variable whose last use alone counts."""

import math
from math import cos, cosh, exp, log, sin, sinh, sqrt, tan, tanh

import numpy as np
from check.cases.case import numbers, opaque, sigmoid, wrong

LINK = "link"
MISSING = ("missing", "left out", "last use")
X6 = numbers(6, seed=11)
POSITIVE = np.abs(numbers(5, seed=12)) + 0.3


def softplus_of_square(x):
    return log(1 + exp(x * x))


CASES = [
    wrong("sin(x^2): inner lost", lambda x: sin(x * x), lambda x: cos(x * x), None, LINK),
    wrong("exp(sin): inner lost", lambda x: exp(sin(x)), lambda x: exp(sin(x)), None, (LINK, "itself")),
    wrong("log(cosh): inner lost", lambda x: log(cosh(x)), lambda x: 1 / cosh(x), None, LINK),
    wrong("sqrt(1+x^2): inner lost", lambda x: sqrt(1 + x**2), lambda x: 0.5 / sqrt(1 + x**2), None, LINK),
    wrong("tanh of square: inner lost", lambda x: tanh(x * x), lambda x: 1 - tanh(x * x) ** 2, None, LINK),
    wrong("atan(exp): inner lost", lambda x: math.atan(exp(x)), lambda x: 1 / (1 + exp(2 * x)), None, LINK),
    wrong("sinh(log): inner lost", lambda x: sinh(log(x)), lambda x: cosh(log(x)), [0.5, 1.5, 4.0], LINK),
    wrong("tan(sin): inner lost", lambda x: tan(sin(x)), lambda x: 1 + tan(sin(x)) ** 2, None, LINK),
    wrong("cos(x^3): outer lost", lambda x: cos(x**3), lambda x: 3 * x**2, None, LINK),
    wrong("exp(-x^2): outer lost", lambda x: exp(-x * x), lambda x: -2 * x, None, LINK),
    wrong("middle link lost", lambda x: exp(sin(x**2)), lambda x: exp(sin(x**2)) * 2 * x, None, LINK),
    wrong("power of sin: inner lost", lambda x: sin(x) ** 3, lambda x: 3 * sin(x) ** 2, None, LINK),
    wrong("1/(1+e): inner lost", lambda x: 1 / (1 + exp(-x)), lambda x: 1 / (1 + exp(-x)) ** 2, None, LINK),
    wrong("sigmoid of a square: sigmoid's slope lost", lambda x: sigmoid(x**2), lambda x: 2 * x, None, LINK),
    wrong("last exercise: inner of tanh lost", lambda z: tanh(log(1 + z * z)), lambda z: (1 - tanh(log(1 + z * z)) ** 2) / (1 + z * z), [0.5, 1.0, 2.0], LINK),
    wrong("elementwise chain lost", lambda x: np.sum(np.exp(np.sin(x))), lambda x: np.exp(np.sin(x)), X6, LINK),
    wrong("elementwise tanh lost", lambda x: np.sum(np.tanh(x**3)), lambda x: 3 * x**2, X6, LINK),
    wrong("elementwise log lost", lambda x: np.sum(np.log(x**2 + x)), lambda x: 2 * x + 1, POSITIVE, LINK),
    wrong("product: second term lost", lambda x: x * exp(-x), lambda x: exp(-x), None, MISSING),
    wrong("product: first term lost", lambda x: sin(x) * log(x), lambda x: sin(x) / x, [0.5, 2.0, 3.0, 4.5], MISSING),
    wrong("triple product: one term lost", lambda x: x * sin(x) * exp(x), lambda x: sin(x) * exp(x) + x * cos(x) * exp(x), None, MISSING),
    wrong("quotient: second term lost", lambda x: sin(x) / (1 + x * x), lambda x: cos(x) / (1 + x * x), None, MISSING),
    wrong("quotient: sign of the second", lambda x: exp(x) / (2 + x), lambda x: exp(x) / (2 + x) + exp(x) / (2 + x) ** 2, [0.5, 1.0, 2.0, 3.0], "sign of one path"),
    wrong("sum: a term lost", lambda x: x**3 + sin(x) + exp(-x), lambda x: 3 * x**2 - exp(-x), None, MISSING),
    wrong("sum: weight of one", lambda x: x**3 + sin(2 * x), lambda x: 3 * x**2 + cos(2 * x), None, ("weight", LINK, "derivative")),
    wrong("last use of x alone", lambda x: x * x + x, lambda x: 1.0, None, MISSING),
    wrong("x*x counted once", lambda x: x * x, lambda x: x, None, ("1/2", *MISSING)),
    wrong("x**x as a power", lambda x: x**x, lambda x: x * x ** (x - 1), [0.5, 1.5, 2.5], "itself"),
    wrong("x**x as an exponential", lambda x: x**x, lambda x: x**x * log(x), [0.5, 1.5, 2.5], MISSING),
    wrong("path of two variables lost", lambda a, b: a * b + sin(a), lambda a, b: (b, a), None, MISSING),
    wrong("shared value counted once", lambda a, b: (a + b) * exp(a + b), lambda a, b: (exp(a + b), exp(a + b)), None, MISSING),
    wrong("path in a sum of arrays", lambda x: np.sum(np.sin(x) * x**2), lambda x: np.cos(x) * x**2, X6, MISSING),
    wrong("factor two of one path in arrays", lambda x: np.sum(np.sin(x) * x**2), lambda x: np.cos(x) * x**2 + np.sin(x) * x, X6, "weight 0.5"),
    wrong("wrong sign of a term", lambda x: np.sum(x**3 - np.cos(x)), lambda x: 3 * x**2 - np.sin(x), X6, "sign of one path"),
    wrong("norm not through the sum", lambda x: np.sum(x) / np.sqrt(np.sum(x * x)), lambda x: np.ones(6) / np.sqrt(np.sum(x * x)), X6, MISSING),
    wrong("mean not through centring", lambda x: np.sum((x - np.mean(x)) ** 3), lambda x: 3 * (x - np.mean(x)) ** 2, X6, MISSING),
    wrong("three variables: a term lost", lambda a, b, c: -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5, lambda a, b, c: [-3 * a**2, 3 * cos(3 * b) + 2.5 * b**1.5, 1 / c**2], [(2.0, 3.0, 4.0), (1.0, 2.0, 3.0), (0.5, 1.5, 2.5)], MISSING),
    wrong("three variables: link of sin lost", lambda a, b, c: -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5, lambda a, b, c: [-3 * a**2 - 0.5 * a**-0.5, cos(3 * b) + 2.5 * b**1.5, 1 / c**2], [(2.0, 3.0, 4.0), (1.0, 2.0, 3.0), (0.5, 1.5, 2.5)], (LINK, "weight")),
    wrong("softplus of square: inner lost", softplus_of_square, lambda x: exp(x * x) / (1 + exp(x * x)), [0.3, 0.8, -1.2], LINK),
    wrong("log-sum-exp without its softmax", lambda x: np.log(np.sum(np.exp(x))), lambda x: np.exp(x), X6, LINK),
    wrong("dropped link, untraceable", opaque(lambda x: sin(x * x)), lambda x: cos(x * x), None),
    wrong("missing term, untraceable", opaque(lambda x: x * exp(-x)), lambda x: exp(-x), None),
    wrong("epsilon in a denominator", lambda x: log(x**4) * sin(x**3), lambda x: 1 / (x**4 + 0.0001) * (4 * x**3) * sin(x**3) + log(x**4) * (3 * x**2) * cos(x**3), None, "epsilon"),
    wrong("epsilon in a denominator, between 0.1 and 10", lambda x: log(x**4) * sin(x**3), lambda x: 1 / (x**4 + 0.0001) * (4 * x**3) * sin(x**3) + log(x**4) * (3 * x**2) * cos(x**3), [0.3, 0.9, 1.7, 2.4, 3.9], "epsilon"),
    wrong("epsilon in a logarithm", lambda x: log(x) * x, lambda x: log(x) + x / (x + 1e-3), [0.2, 0.7, 1.5, 3.0], "epsilon"),
]
