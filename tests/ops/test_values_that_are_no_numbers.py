"""A value that is no number has no silent slope: where an operator gives nan or an infinity for finite operands, its
slopes are not finite either, unless the value has only left the range of floats and the slope is right."""

from __future__ import annotations

import itertools
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from ops import samples

import chainrule as cr
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

OPERANDS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 800.0, -800.0, 1e-300, 1e200, 1e300, -1e300]
ROWS = [row for row in samples.elementwise(TABLE) if row.public and not samples.settings_of(row)[0]]
AT_INFINITY = {"add", "subtract", "multiply", "divide"}
"""Linear in an operand: that slope is known where inf - inf, 0 * inf and inf / inf are not."""


def slopes(row: Elementwise, point: tuple[float, ...], i: int) -> list[float]:
    """By reverse mode of arrays, and by forward mode."""
    seeds = tuple(np.float64(i == k) for k in range(row.arity))
    back = cr.grad(lambda *xs: cr.sum(row(*xs)), i)(*[np.array([x]) for x in point])[0]
    return [float(back), float(cr.jvp(row, tuple(map(np.float64, point)), seeds)[1])]


def right(row: Elementwise, point: tuple[float, ...], i: int, slope: float) -> bool:
    """Whether it is the slope of the exact function."""
    exact = list(map(mpmath.mpf, point))
    with mpmath.workdps(40):
        try:
            value, moved = cr.jvp(lambda x: row(*exact[:i], x, *exact[i + 1 :]), (exact[i],), (mpmath.mpf(1),))
            return bool(mpmath.isfinite(value)) and math.isclose(slope, float(moved), rel_tol=1e-9)
        except (ArithmeticError, ValueError, TypeError):
            return False


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_for_finite_operands(row: Elementwise) -> None:
    wrong: list[Any] = []
    with np.errstate(all="ignore"):
        for point in itertools.product(OPERANDS, repeat=row.arity):
            try:
                value = float(row(*map(np.float64, point)))
            except (ArithmeticError, ValueError):
                continue
            if math.isfinite(value) or row.arity == 3:  # clip: one of the operands
                continue
            for i in range(row.arity):
                found = slopes(row, point, i)
                if any(math.isfinite(s) and not right(row, point, i, s) for s in found):
                    wrong.append((point, i, value, found))
    assert not wrong, wrong[:6]


@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in AT_INFINITY], ids=lambda row: row.name)
def test_where_an_infinite_operand_has_no_value(row: Elementwise) -> None:
    with np.errstate(all="ignore"):
        for point in itertools.product([math.inf, -math.inf, 0.0, 1.0, -2.0], repeat=row.arity):
            if math.isnan(float(row(*map(np.float64, point)))):
                for i in range(row.arity):
                    assert not any(map(math.isfinite, slopes(row, point, i))), (point, i)
