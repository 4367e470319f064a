"""The minimum over x of the maximum over y, each by gradient descent: derivatives through an optimisation."""

from __future__ import annotations

from typing import Any

from benchmarks.gradbench.descent import both, gradient_of, maximum, minimum
from benchmarks.gradbench.tool import Prepared, Tool


def height(x: Any, y: Any) -> Any:
    return (x[0] ** 2 + x[1] ** 2) - (y[0] ** 2 + y[1] ** 2)


def highest(x: Any, start: Any, mode: str) -> Any:
    """Where y is best for this x."""
    return maximum(lambda y: height(x, y), gradient_of(lambda y: height(x, y), mode), start)


def _of(outer: str, inner: str) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        start = [float(s) for s in given["start"]]
        f, gradient = both(lambda x: height(x, highest(x, start, inner)), outer, tool)
        last = tool(lambda x: highest(x, start, outer))

        def run() -> Any:
            x = minimum(f, gradient, start)
            return [*x, *last(x)]

        return run, lambda found: [float(v) for v in found]

    return prepared


FUNCTIONS: dict[str, Any] = {outer + inner: _of(outer, inner) for outer in "fr" for inner in "fr"}
