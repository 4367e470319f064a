"""Derivatives in the range of floats whose factors are not, and products of them that leave it on the way: every
elementwise row and reduction at very large and very small operands, in every mode, against numbers of 40 digits and
any exponent."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from ops import samples

import chainrule as cr
from chainrule.ops.row import TABLE, Elementwise

SIZES = [1e-300, 1e-200, 1e-150, 1e-100, 0.75, 1e100, 1e150, 1e200, 1e300]
ROWS = [
    row
    for row in samples.elementwise(TABLE)
    if row.public
    and not samples.settings_of(row)[0]
    and "a / b" not in row.kinks  # remainders, known to no digit there
]
OUTER: dict[str, Callable[[Any], Any]] = {
    "y": lambda y: y,
    "sqrt y": cr.sqrt,
    "log y": cr.log,
    "y 1e-200 1e-200 1e250": lambda y: y * 1e-200 * 1e-200 * 1e250,
    "y 1e250 1e-200 1e-200": lambda y: y * 1e250 * 1e-200 * 1e-200,
    "1e150 y**2": lambda y: 1e150 * cr.square(y),
}
FORWARD: dict[str, Callable[..., Any]] = {
    "forward": lambda f, point, seeds: cr.jvp(f, point, seeds)[1],
    "forward, arrays": lambda f, point, seeds: cr.jvp(f, _arrays(point), _arrays(seeds))[1][0],
}
REVERSE: dict[str, Callable[..., Any]] = {}


def _arrays(numbers: Any) -> tuple[Any, ...]:
    return tuple(np.array([x, x]) for x in numbers)


def truth(f: Callable[..., Any], point: tuple[float, ...], seeds: tuple[float, ...]) -> float:
    """The derivative with 40 digits, rounded once; nan where it has no value there."""
    with mpmath.workdps(40):
        try:
            _, slope = cr.jvp(f, tuple(map(mpmath.mpf, point)), tuple(map(mpmath.mpf, seeds)))
            return float(slope)
        except (ArithmeticError, ValueError, TypeError):
            return math.nan


def points(row: Elementwise) -> list[tuple[float, ...]]:
    """A stride over the sizes of all operands, inside the domain."""
    domains = samples.domains(row)
    every = itertools.product(*([s for s in SIZES if d.contains(s)] for d in domains))
    found = list(every)
    return found[:: max(1, len(found) // 20)]


def wrong_in(modes: dict[str, Callable[..., Any]], row: Elementwise) -> list[str]:
    found = []
    for (name, outer), point in itertools.product(OUTER.items(), points(row)):

        def f(*args: Any, outer: Callable[[Any], Any] = outer) -> Any:
            return outer(row(*args))

        with np.errstate(all="ignore"):
            value = f(*point)
            if not 1e-307 < abs(row(*point)) < 1e307 or not math.isfinite(value):
                continue
            for i in range(row.arity):
                seeds = tuple(float(i == k) for k in range(row.arity))
                expected = truth(f, point, seeds)
                if not 1e-290 < abs(expected) < 1e290:
                    continue
                for mode, slope in modes.items():
                    got = float(slope(f, point, seeds))
                    if not math.isclose(got, expected, rel_tol=1e-9):
                        found.append(f"{name} of {row.name}{point} by operand {i}, {mode}: {got}, right {expected}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_slopes_that_leave_the_range_on_the_way(row: Elementwise) -> None:
    wrong = wrong_in(FORWARD | REVERSE, row)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:12])
