"""The determinant by minors, the first row's first: no minor is used twice, as in the recursion, but all of one size
are computed at once."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool


@functools.lru_cache(maxsize=8)
def left(n: int) -> list[Any]:
    """For 1, 2, ... rows from the first: the columns that are left before the last of them is developed, one line for
    each order in which the others were taken."""
    found = [np.arange(n)[None, :]]
    while found[-1].shape[1] > 1:
        before = found[-1]
        count, width = before.shape
        others = np.array([[j for j in range(width) if j != k] for k in range(width)])
        found.append(before[:, others].reshape(count * width, width - 1))
    return found


def objective(a: Any) -> Any:
    n = len(a)
    minors = a[n - 1][left(n)[n - 1][:, 0]]
    for row in range(n - 2, -1, -1):
        columns = left(n)[row]
        signs = (-1.0) ** np.arange(columns.shape[1])
        minors = np.sum(signs * a[row][columns] * minors.reshape(columns.shape), axis=1)
    return minors[0]


gradient = cr.grad(objective)


def _of(f: Any, as_json: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        a, run = np.reshape(given["A"], (given["ell"], given["ell"])), tool(f)
        return lambda: run(a), as_json

    return prepared


FUNCTIONS: dict[str, Any] = {"primal": _of(objective, float), "gradient": _of(gradient, lambda g: g.ravel().tolist())}
