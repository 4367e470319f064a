# ruff: noqa: E501   one case a line
# fmt: off
"""Claims of other kinds: Jacobians, vector products, Hessians, value and gradient together."""

from math import cos, exp, sin

import numpy as np
from check.cases.case import numbers, opaque, right, wrong

X3, X4 = numbers(3, seed=91), numbers(4, seed=92)
M = numbers(3, 4, seed=93)
S = numbers(4, 4, seed=94)


def layer(x):
    return np.tanh(M @ x)


def jac(x):
    return (1 - np.tanh(M @ x) ** 2)[:, None] * M


def form(x):
    return np.sum((S @ x) ** 2) + np.sum(x**3)


def slope(x):
    return 2 * S.T @ S @ x + 3 * x**2


def curvature(x):
    return 2 * S.T @ S + np.diag(6 * x)


def of_two(a, b):
    return a**2 * sin(b)


CASES = [
    right("Jacobian", layer, jac, X4),
    right("Jacobian named so", layer, jac, X4, kind="jacobian"),
    wrong("Jacobian with half the slope", layer, lambda x: 0.5 * jac(x), X4, "1/2"),
    wrong("Jacobian of the inner function", layer, lambda x: M.copy(), X4, "link"),
    wrong("Jacobian with one wrong entry", layer, lambda x: jac(x) + 1e-3 * np.outer(np.arange(3) == 1, np.arange(4) == 2), X4, ("x[2]", "added constant")),
    right("vjp", layer, lambda x, ct: ct @ jac(x), X4, kind="vjp"),
    wrong("vjp without the slope", layer, lambda x, ct: ct @ M, X4, "link", kind="vjp"),
    wrong("vjp with the sign", layer, lambda x, ct: -ct @ jac(x), X4, "sign", kind="vjp"),
    wrong("vjp that forgets its cotangent", lambda x: np.exp(x), lambda x, ct: np.exp(x), X4, "cotangent is not used", kind="vjp"),
    right("vjp elementwise", lambda x: np.exp(x), lambda x, ct: ct * np.exp(x), X4, kind="vjp"),
    right("jvp", layer, lambda x, v: jac(x) @ v, X4, kind="jvp"),
    wrong("jvp doubled", layer, lambda x, v: 2 * jac(x) @ v, X4, "exactly 2", kind="jvp"),
    wrong("jvp that forgets its tangent", layer, lambda x, v: jac(x).sum(axis=1), X4, "vector is not used", kind="jvp"),
    right("jvp of two arguments", of_two, lambda a, b, da, db: 2 * a * sin(b) * da + a * a * cos(b) * db, (1.5, 0.4), kind="jvp"),
    wrong("jvp of two arguments, one lost", of_two, lambda a, b, da, db: 2 * a * sin(b) * da, [(1.5, 0.4), (0.5, 1.0), (2.0, 2.0)], (), kind="jvp"),
    right("Hessian", form, curvature, X4, kind="hessian"),
    right("Hessian of a number", lambda x: exp(-x * x), lambda x: (4 * x * x - 2) * exp(-x * x), [0.3, 1.0, -0.7], kind="hessian"),
    wrong("Hessian without two", form, lambda x: S.T @ S + np.diag(6 * x), X4, (), kind="hessian"),
    wrong("Hessian with half", form, lambda x: 0.5 * curvature(x), X4, "1/2", kind="hessian"),
    wrong("Hessian with one wrong entry", form, lambda x: curvature(x) + 0.01 * np.outer(np.arange(4) == 1, np.arange(4) == 3), X4, ("x[1]", "added constant"), kind="hessian"),
    right("Hessian, untraceable", opaque(lambda x: np.sum(np.sin(x)) + x[0] * x[1]), lambda x: np.diag(-np.sin(x)) + np.outer([1, 0, 0], [0, 1, 0]) + np.outer([0, 1, 0], [1, 0, 0]), X3, kind="hessian"),
    wrong("Hessian, untraceable, sign", opaque(lambda x: np.sum(np.sin(x))), lambda x: np.diag(np.sin(x)), X3, "sign", kind="hessian"),
    right("hvp", form, lambda x, v: curvature(x) @ v, X4, kind="hvp"),
    wrong("hvp of a Gauss-Newton matrix", form, lambda x, v: 2 * S.T @ S @ v, X4, (), kind="hvp"),
    right("value and gradient", form, lambda x: (form(x), slope(x)), X4, kind="value_and_grad"),
    wrong("value and gradient, other value", form, lambda x: (form(x) + 1, slope(x)), X4, "value", kind="value_and_grad"),
    wrong("value and gradient, half gradient", form, lambda x: (form(x), slope(x) / 2), X4, "1/2", kind="value_and_grad"),
    wrong("gradient and value", form, lambda x: (slope(x), form(x)), X4, "value beside", kind="value_and_grad"),
    right("by the second argument only", of_two, lambda a, b: a * a * cos(b), (1.5, 0.4), argnums=1),
    wrong("by the first in place of the second", of_two, lambda a, b: 2 * a * sin(b), [(1.5, 0.4), (0.5, 1.0), (2.0, 2.0)], "another argument", argnums=1),
    right("hvp of a quadratic", lambda x: np.sum((S @ x) ** 2), lambda x, v: 2 * S.T @ (S @ v), X4, kind="hvp"),
    right("vjp of a matrix function", lambda w: w @ w, lambda w, ct: ct @ w.T + w.T @ ct, S, kind="vjp"),
    wrong("vjp of a matrix function, one product", lambda w: w @ w, lambda w, ct: ct @ w.T, S, ("missing", "left out", "last use"), kind="vjp"),
]
