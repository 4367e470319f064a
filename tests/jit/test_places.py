"""Elements moved by lists of places are moved in loops, as NumPy moves them, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

F = Callable[[Any], Any]
AT, OTHER = np.array([2, 0, 2, -1, 1]), np.array([0, 3, 1, 1, -2])
LARGE = np.array([5, 1, 1, 0, -1, 3])
MASK = np.array([True, False, True, True, False, True])

MOVES: dict[str, tuple[tuple[int, ...], F]] = {
    "elements": ((6,), lambda x: x[AT]),
    "rows": ((6, 5), lambda x: x[AT]),
    "long rows": ((6, 37), lambda x: x[LARGE]),
    "columns": ((3, 6), lambda x: x[:, AT]),
    "of two lists": ((3, 5), lambda x: x[AT, OTHER]),
    "of a list and a number": ((4, 5), lambda x: x[AT, 1]),
    "of a table": ((6, 2), lambda x: x[np.array([[0, 5, 2], [2, 2, 1]])]),
    "in the middle": ((2, 6, 4), lambda x: x[:, AT, 1:3]),
    "with a new axis": ((6, 3), lambda x: x[AT, None, ::2]),
    "reversed": ((6, 2), lambda x: x[::-1][AT]),
    "by a mask": ((6, 3), lambda x: x[MASK]),
    "np.take": ((4, 6), lambda x: np.take(x, AT, axis=1)),
    "one": ((6,), lambda x: x[np.array([4])]),
    "none": ((6, 2), lambda x: x[np.array([], dtype=int)]),
    "lists of Python's": ((6,), lambda x: x[[0, 5, 5, 1]]),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("move", MOVES)
def test_elements_are_moved_as_numpy_moves_them(move: str, dtype: Any) -> None:
    shape, f = MOVES[move]
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    weights = np.random.default_rng(1).normal(size=np.shape(f(x))).astype(dtype)

    def both(x: Any) -> Any:
        moved = f(2 * x)
        return moved, cr.vjp(lambda x: f(2 * x), x)[1](weights)[0]

    compiled = cr.jit(both)
    for found, true in zip(compiled(x), both(x), strict=True):
        np.testing.assert_array_equal(found, true)
        assert found.dtype == dtype
    assert "NumPy" not in compiled.report() or 0 in np.shape(f(x))


def test_arguments_in_any_order_and_extreme_numbers() -> None:
    x = np.array([[1.0, np.nan], [np.inf, -0.0], [2.0, 3.0], [-np.inf, 1e308]])

    def f(x: Any) -> Any:
        return x[[3, 1, 1, 0]], cr.vjp(lambda x: x[[3, 1, 1, 0]], x)[1](x)[0]

    compiled = cr.jit(f)
    for y in (x, np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2]):
        for found, true in zip(compiled(y), f(y), strict=True):
            np.testing.assert_array_equal(found, true)
            np.testing.assert_array_equal(np.signbit(found), np.signbit(true))


@pytest.mark.parametrize("threads", [1, 2])
def test_an_energy_of_pairs(threads: int) -> None:
    p = np.random.default_rng(0).normal(size=(20, 3))
    i, j = np.triu_indices(20, 1)

    def energy(p: Any) -> Any:
        d = p[i] - p[j]
        return np.sum(1.0 / (0.1 + np.sum(d * d, axis=1)))

    compiled = cr.jit(cr.value_and_grad(energy), threads=threads)
    for found, true in zip(compiled(p), cr.value_and_grad(energy)(p), strict=True):
        np.testing.assert_allclose(found, true, rtol=1e-12, atol=1e-12)
    assert "NumPy" not in compiled.report()
