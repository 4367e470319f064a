"""log(sum(exp(x))), with the largest number taken out."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool


def objective(x: Any) -> Any:
    largest = np.max(x)
    return largest + np.log(np.sum(np.exp(x - largest)))


gradient = cr.grad(objective)


def _of(f: Any, as_json: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        x, run = np.array(given["x"]), tool(f)
        return lambda: run(x), as_json

    return prepared


FUNCTIONS: dict[str, Any] = {"primal": _of(objective, float), "gradient": _of(gradient, np.ndarray.tolist)}
