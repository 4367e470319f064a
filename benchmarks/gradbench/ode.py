"""y_0' = x_0 and y_i' = x_i y_(i-1), from 0 to 2 by Runge and Kutta's method of order four in s steps."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool


def slope(x: Any, y: Any) -> Any:
    return np.concatenate([x[:1], x[1:] * y[:-1]])


def solution(x: Any, s: int) -> Any:
    h, y = 2.0 / s, 0.0 * x
    for _ in range(s):
        a = slope(x, y)
        b = slope(x, y + h / 2.0 * a)
        c = slope(x, y + h / 2.0 * b)
        d = slope(x, y + h * c)
        y = y + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return y


def last(x: Any, s: int) -> Any:
    return solution(x, s)[-1]


gradient = cr.grad(last)


def _of(f: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        x, s, run = np.array(given["x"]), given["s"], tool(f)
        return lambda: run(x, s), np.ndarray.tolist

    return prepared


FUNCTIONS: dict[str, Any] = {"primal": _of(solution), "gradient": _of(gradient)}
