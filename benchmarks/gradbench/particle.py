"""A particle flies past two fixed charges, one of which is to be placed so that it meets the origin: derivatives of a
path each of whose steps takes a derivative."""

from __future__ import annotations

import functools
import math
from typing import Any

from benchmarks.gradbench.descent import both, gradient_of, minimum
from benchmarks.gradbench.tool import Prepared, Tool

STEP = 0.1


def potential(x: Any, w: Any) -> Any:
    return sum(1.0 / math.sqrt((x[0] - 10.0) ** 2 + (x[1] - y) ** 2) for y in (0.0, 10.0 - w))


def miss(mode: str, place: Any, step: float = STEP) -> Any:
    """The square of where the particle crosses the axis. The line between its last two steps is cut."""
    (w,) = place
    x, speed = [0.0, 8.0], [0.75, 0.0]
    force = gradient_of(lambda x: potential(x, w), mode)
    while True:
        pull = force(x)
        new = [a + step * v for a, v in zip(x, speed, strict=True)]
        if new[1] < 0.0:
            break
        x, speed = new, [v - step * p for v, p in zip(speed, pull, strict=True)]
    return (x[0] - x[1] / speed[1] * speed[0]) ** 2


@functools.cache
def variant(inner: str) -> Any:
    return functools.partial(miss, inner)


def _of(outer: str, inner: str) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        f, gradient = both(variant(inner), outer, tool)
        return lambda: minimum(f, gradient, [float(given["w"])])[0], float

    return prepared


FUNCTIONS: dict[str, Any] = {outer + inner: _of(outer, inner) for outer in "fr" for inner in "fr"}
