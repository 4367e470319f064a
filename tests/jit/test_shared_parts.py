"""Rows that share a part of what they compute from one number, as tanh and its slope share an exponential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "sigmoid": cr.sigmoid,
    "softplus": cr.softplus,
    "of the negative": lambda x: np.stack([cr.sigmoid(-x), 2.0 * np.tanh(-x), 4.0 * cr.sigmoid(x)]),
    "of two numbers": lambda x: np.tanh(x) * np.tanh(2.0 * x) + cr.sigmoid(x) * cr.sigmoid(-2.0 * x),
    "and of a constant": lambda x: np.tanh(x) * np.tanh(0.3) - cr.sigmoid(x + 1.0) * cr.sigmoid(1.0),
    "nested": lambda x: np.tanh(np.tanh(x) - cr.sigmoid(-np.tanh(x))),
    "over columns": lambda x: np.tanh(x)[:, None] * cr.sigmoid(-x)[None, :],
}
NEAR = [np.nextafter(0.6, 0.0), 0.6, np.nextafter(0.6, 1.0), 1e-9, 5e-324, 0.55, 1.0, 18.0, 20.0, 37.0, 350.0, 745.0]
POINTS = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, *NEAR, *[-x for x in NEAR]])


@pytest.mark.parametrize("strict", [False, True], ids=["quick", "strict"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_slopes_agree_with_the_rows(name: str, strict: bool) -> None:
    f = FUNCTIONS[name]

    def both(x: Any) -> Any:
        return f(x), cr.grad(lambda x: np.sum(f(x)))(x)

    compiled = cr.jit(both, strict=strict)
    with np.errstate(all="ignore"):
        for x, rtol in [(POINTS, 4e-15), (np.linspace(-3.0, 3.0, 7), 4e-15), (POINTS.astype(np.float32), 2e-6)]:
            for got, wanted in zip(compiled(x), both(x), strict=True):
                normal = np.finfo(x.dtype).tiny / np.finfo(x.dtype).eps
                np.testing.assert_allclose(got, wanted, rtol=rtol, atol=normal)
                if name == "tanh":
                    np.testing.assert_array_equal(np.signbit(got), np.signbit(wanted))


@pytest.mark.parametrize("f", [np.tanh, cr.sigmoid, cr.softplus])
def test_single_numbers_in_a_loop(f: Callable[[Any], Any]) -> None:
    def net(w: Any, x: Any) -> Any:
        h = 0.0
        for k in range(400):
            h = f(w * h + x[k % 3]) - 0.5 * f(-h)
        return h

    slopes = cr.grad(net, argnums=(0, 1))
    w, x = 0.7, np.array([0.3, -0.2, 0.9])
    for got, wanted in zip(cr.jit(slopes)(w, x), slopes(w, x), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)
