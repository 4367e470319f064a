"""The rows of SciPy's special functions against mpmath, or against differences of SciPy's own values.

A few points of each row are tried; with CHAINRULE_EVERY_POINT=1 in the environment all of them.
"""

from __future__ import annotations

import itertools
import math
import os
from typing import Any

import numpy as np
import pytest
from science import samples

import chainrule as cr
from benchmarks import scipy_coverage
from chainrule.ops.registry import SPECIAL
from chainrule.scipy import lifted

ROWS = [
    row for name, row in SPECIAL.items()
    if name.startswith(lifted.PREFIX) and name.rpartition(".")[2] not in scipy_coverage.SEARCHED
]  # fmt: skip
COUNT = 12 if os.environ.get("CHAINRULE_EVERY_POINT") else 2
SLOW = {"yn", "kv", "kve", "kn", "k1e", "k0e", "k0", "k1", "ker", "kei", "lpmv", "owens_t", "y1", "elliprg", "elliprj",
    "struve",
}  # fmt: skip
"""Functions for which mpmath needs a second and more for a few points."""
ONCE = {"mathieu_a", "mathieu_b", "pro_cv", "obl_cv"}
"""Functions whose second derivative is refused, as it is one of wave functions by their parameter."""
LOOSE = {"hyperu": 1e-7, "beta": 1e-8, "cotdg": 1e-8}
"""Where SciPy's value is further off than the others', or the difference of two digammas is."""


def short(row: Any) -> str:
    return str(row.name.removeprefix(lifted.PREFIX))


def along(row: Any, k: int, args: tuple[float, ...]) -> Any:
    return lambda x: row(*args[:k], x, *args[k + 1 :])


def expected(row: Any, k: int, args: tuple[float, ...]) -> tuple[list[float], tuple[float, float]]:
    """The first and the second derivative by operand k, and how near to them a result should be."""
    if "mpmath" in row.kernels:
        orders = (1,) if short(row) in SLOW and COUNT == 2 else (1, 2)
        loose = LOOSE.get(short(row), 1e-9)
        return [float(samples.exact_derivative(row, k, order, args)) for order in orders], (loose, 100 * loose)
    f, step = along(row, k, args), 1e-4 * max(abs(args[k]), 1e-3)
    slope = cr.grad(f)
    found = []
    for g in (f, slope)[: 1 + (short(row) not in ONCE)]:
        y = [g(args[k] + s * step) for s in (-2, -1, 1, 2)]
        found.append((8 * (y[2] - y[1]) - (y[3] - y[0])) / (12 * step))
    return found, (3e-6, 1e-5)


@pytest.mark.parametrize("row", ROWS, ids=short)
def test_derivatives_are_those_of_the_function(row: Any) -> None:
    points = samples.points(row, 1 if short(row) in SLOW and COUNT == 2 else COUNT)
    for args in points:
        for k in set(range(row.arity)) - set(row.refused):
            near_0 = "mpmath" not in row.kernels and abs(args[k]) < 0.1  # too near for differences
            if near_0 or not math.isfinite(row(*args)) or (k < row.arity - 1 and short(row) in SLOW and COUNT == 2):
                continue
            slope = cr.grad(along(row, k, args))
            found = [slope(args[k]), *(() if short(row) in ONCE else (cr.grad(slope)(args[k]),))]
            right, tolerances = expected(row, k, args)
            for got, true, tolerance in zip(found, right, tolerances, strict=False):
                if not abs(true) < 1e-250:
                    floor = 1e-14 * max(1.0, abs(args[k]) ** 2)  # where a sine or a difference vanishes
                    assert abs(got - true) <= tolerance * abs(true) + floor, (args, k, got, true)


@pytest.mark.parametrize("row", [r for r in ROWS if "mpmath" in r.kernels and short(r) not in SLOW], ids=short)
def test_the_exact_value_is_that_of_the_same_function(row: Any) -> None:
    for args in samples.points(row, 1):
        true = float(samples.exact_derivative(row, 0, 0, args))
        if math.isfinite(row(*args)):
            assert row(*args) == pytest.approx(true, rel=LOOSE.get(short(row), 1e-9), abs=1e-300)


@pytest.mark.parametrize("row", ROWS, ids=short)
def test_forward_and_reverse_mode_agree_on_arrays_that_broadcast(row: Any) -> None:
    points = [p for p in samples.points(row, 3) if math.isfinite(row(*p))]
    columns = [np.array(c) for c in zip(*points, strict=True)]
    moving = [k for k in range(row.arity) if k not in row.refused]
    last = moving[-1]
    columns[last] = columns[last][:1, None]  # against the others, which are vectors

    def f(*xs: Any) -> Any:
        return row(*[dict(zip(moving, xs, strict=True)).get(k, c) for k, c in enumerate(columns)])

    at = tuple(columns[k] for k in moving)
    tangents = tuple(np.cos(np.arange(1.0, x.size + 1)).reshape(x.shape) for x in at)
    with np.errstate(all="ignore"):
        y, pushed = cr.jvp(f, at, tangents)
        value, pullback = cr.vjp(f, *at)
        ct = np.sin(np.arange(1.0, np.size(y) + 1)).reshape(np.shape(y))
        pulled = pullback(ct)
    np.testing.assert_array_equal(y, value)
    assert [x.shape for x in pulled] == [x.shape for x in at]
    reverse = sum(np.sum(g * t) for g, t in zip(pulled, tangents, strict=True))
    np.testing.assert_allclose(np.sum(ct * pushed), reverse, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("row", ROWS, ids=short)
def test_a_function_has_no_slope_where_it_is_nan(row: Any) -> None:
    points = list(itertools.product((-2.0, -1.0, 1.0, 3.0), repeat=row.arity))[:: (1, 1, 1, 5, 21, 85)[row.arity]]
    columns = tuple(np.array(c) for c in zip(*points, strict=True))
    known = [k for k in range(row.arity) if k not in row.refused and callable(row.partials[k])]
    with np.errstate(all="ignore"):
        value = np.asarray(row(*columns))
        nowhere = np.isnan(value)
        if not nowhere.any() or short(row) in SLOW:
            return
        columns, value = tuple(c[nowhere][:6] for c in columns), value[nowhere][:6]
        for k, slope in row.pull(np.ones(len(value)), value, columns, known, {}):
            assert np.isnan(np.broadcast_to(slope, value.shape)).all(), (k, columns, slope)
