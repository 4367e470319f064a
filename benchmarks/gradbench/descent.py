"""Minima by gradient descent as the suite's evals particle and saddle want it, on numbers of any kind, and gradients by
forward or reverse mode."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import chainrule as cr
from benchmarks.gradbench.tool import Wrap

Point = list[Any]
Objective = Callable[[Point], Any]
NEAR = 1e-5


def minimum(f: Objective, gradient: Callable[[Point], Point], start: Point) -> Point:
    """A point where the gradient is short, or from where the next step is. The step doubles after ten that went down,
    and is halved after one that did not."""
    x, value, slope, size, down = start, f(start), gradient(start), 1e-5, 0
    while math.sqrt(sum(g * g for g in slope)) > NEAR:
        if down == 10:
            size, down = 2.0 * size, 0
            continue
        new = [a - size * g for a, g in zip(x, slope, strict=True)]
        if math.sqrt(sum((a - b) * (a - b) for a, b in zip(x, new, strict=True))) <= NEAR:
            break
        found = f(new)
        if found < value:
            x, value, slope, down = new, found, gradient(new), down + 1
        else:
            size, down = size / 2.0, 0
    return x


def maximum(f: Objective, gradient: Callable[[Point], Point], start: Point) -> Point:
    return minimum(lambda x: -f(x), lambda x: [-g for g in gradient(x)], start)


def gradient_of(f: Objective, mode: str) -> Callable[[Point], Point]:
    """By reverse mode ("r"), or by one forward pass for each number ("f")."""
    if mode == "r":
        return cr.grad(f)

    def pushed(x: Point) -> Point:
        return [cr.jvp(f, (x,), ([float(j == k) for j in range(len(x))],))[1] for k in range(len(x))]

    return pushed


def both(f: Objective, mode: str, wrap: Wrap) -> tuple[Objective, Callable[[Point], Point]]:
    """The function and its gradient, as the tool runs them."""
    return wrap(f), wrap(gradient_of(f, mode))
