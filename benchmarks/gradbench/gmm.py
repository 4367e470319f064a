"""The log posterior of a mixture of Gaussians: weights from alpha, means mu, and precisions Q' Q, where Q is lower
triangular with exp(q) on its diagonal and l below it, column by column; a Wishart prior on the precisions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool

NAMES = ("alpha", "mu", "q", "l")


def logsum(x: Any, axis: int) -> Any:
    largest = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(largest, axis) + np.log(np.sum(np.exp(x - largest), axis=axis))


def objective(parameters: Any, x: Any, places: Any, m: int, gamma: float) -> Any:
    """`places` says for each element of Q which of l stands there; the last one is 0."""
    alpha, mu, q, lower = parameters
    k, d = mu.shape
    below = np.concatenate([lower, np.zeros((k, 1))], axis=1)[:, places]
    factors = below.reshape(k, d, d) + np.exp(q)[:, :, None] * np.eye(d)
    moved = x @ np.reshape(np.transpose(factors, (2, 0, 1)), (d, k * d))  # Q x of all points and components
    centers = np.sum(factors * mu[:, None, :], axis=2)
    squares = np.sum((moved.reshape(len(x), k, d) - centers) ** 2, axis=2)
    volume = np.sum(q, axis=1)
    fit = np.sum(logsum(alpha - 0.5 * squares + volume, 1)) - len(x) * logsum(alpha, 0)
    n = d + m + 1
    prior = m * np.sum(volume) - 0.5 * gamma**2 * (np.sum(np.exp(2.0 * q)) + np.sum(lower**2))
    fixed = k * (n * d * math.log(gamma / math.sqrt(2.0)) - log_gamma(0.5 * n, d))
    return fit + prior + fixed - len(x) * 0.5 * d * math.log(2.0 * math.pi)


def log_gamma(a: float, d: int) -> float:
    """The logarithm of the gamma function of d dimensions."""
    return 0.25 * d * (d - 1) * math.log(math.pi) + sum(math.lgamma(a - 0.5 * j) for j in range(d))


def places_of(d: int) -> Any:
    """For each element of a d by d matrix its place among those below the diagonal, column by column; d (d - 1) / 2
    for all others."""
    found = np.full((d, d), d * (d - 1) // 2)
    columns, rows = np.triu_indices(d, 1)
    found[rows, columns] = np.arange(len(rows))
    return found.ravel()


gradient = cr.grad(objective)


def _of(f: Any, as_json: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        d, k, run = given["d"], given["k"], tool(f)
        parameters = [np.array(given[name], dtype=float) for name in NAMES]
        parameters[-1] = parameters[-1].reshape(k, d * (d - 1) // 2)
        x, m, gamma = np.array(given["x"]), int(given["m"]), float(given["gamma"])
        return lambda: run(parameters, x, places_of(d), m, gamma), as_json

    return prepared


FUNCTIONS: dict[str, Any] = {
    "objective": _of(objective, float),
    "jacobian": _of(gradient, lambda found: {name: x.tolist() for name, x in zip(NAMES, found, strict=True)}),
}
