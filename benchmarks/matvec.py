"""A matrix times a vector in list comprehensions, forward only: what recording costs beside plain floats."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import chainrule as cr
from benchmarks.common import Contender, Run, Workload
from benchmarks.slots_value import SlotsValue


def product(matrix: list[list[Any]], x: list[Any]) -> list[Any]:
    return [sum([w * v for w, v in zip(row, x, strict=True)]) for row in matrix]


def of(number: Callable[[float], Any], size: int, plain: Callable[[Any], float]) -> Run:
    """The product of Values, or whatever `number` makes of a float; `plain` reads it."""
    draw = random.Random(0)
    matrix = [[number(draw.gauss(0.0, 1.0)) for _ in range(size)] for _ in range(size)]
    x = [number(draw.gauss(0.0, 1.0)) for _ in range(size)]
    return lambda: [plain(y) for y in product(matrix, x)]


def with_micrograd(size: int) -> Run:
    from micrograd.engine import Value

    return of(Value, size, lambda y: y.data)


def workload(tiny: bool = False) -> Workload:
    size = 4 if tiny else 64
    return Workload(
        f"a matrix of {size} by {size} times a vector, in list comprehensions, recorded",
        [
            Contender("Chainrule", lambda: of(cr.Value, size, lambda y: y.data), "chainrule", "Value"),
            Contender("plain floats", lambda: of(float, size, float), note="nothing recorded"),
            Contender("slots", lambda: of(SlotsValue, size, lambda y: y.data), note="a Value in plain Python"),
            Contender("micrograd", lambda: with_micrograd(size), "micrograd"),
        ],
    )
