"""Least squares of a polynomial and the sign of t, at n points between -1 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool


def objective(x: Any, t: Any) -> Any:
    value = x[-1]
    for k in range(2, len(x) + 1):
        value = value * t + x[-k]
    return 0.5 * np.sum((np.sign(t) - value) ** 2)


gradient = cr.grad(objective)


def _of(f: Any, as_json: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        x, n, run = np.array(given["x"]), given["n"], tool(f)
        t = -1.0 + np.arange(n) * 2.0 / (n - 1)
        return lambda: run(x, t), as_json

    return prepared


FUNCTIONS: dict[str, Any] = {"primal": _of(objective, float), "gradient": _of(gradient, np.ndarray.tolist)}
