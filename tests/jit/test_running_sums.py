"""Running sums in machine code: NumPy's numbers to the last bit, and derivatives, exports and loops with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.reroll import Rolled

SHAPES = [
    ((7,), 0),
    ((1000,), 0),
    ((1,), 0),
    ((0,), 0),
    ((5, 19), 0),
    ((5, 19), 1),
    ((3, 4, 21), 1),
    ((3, 0), 0),
    ((2, 3), None),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("strict", [False, True], ids=["quick", "strict"])
def test_sums_are_numpys_and_slopes_those_of_the_rows(strict: bool, dtype: Any) -> None:
    for shape, axis in SHAPES:
        x = np.random.default_rng(0).normal(size=shape).astype(dtype)
        x.flat[:1] = -0.0

        def f(x: Any) -> Any:
            return np.sum(np.sin(np.cumsum(2.0 * x, axis=axis)) * np.cumsum(x, axis=axis))  # noqa: B023

        def both(x: Any) -> Any:
            return np.cumsum(x, axis=axis), np.cumsum(x.T, axis=axis), cr.grad(f)(x)  # noqa: B023

        got, wanted = cr.jit(both, strict=strict)(x), both(x)
        for y, z in zip(got[:2], wanted[:2], strict=True):
            assert (y.dtype, y.shape, y.tobytes()) == (z.dtype, z.shape, z.tobytes())
        rtol = 1e-10 if dtype is np.float64 else 1e-3
        np.testing.assert_allclose(got[2], wanted[2], rtol=rtol, atol=rtol)


def test_no_call_of_numpys_is_left() -> None:
    compiled = cr.jit(cr.grad(lambda x: np.sum(np.exp(np.cumsum(np.cumsum(x, axis=1) ** 2, axis=0)))))
    compiled(np.ones((3, 4)))
    text = str(compiled.partition)
    assert "NumPy" not in text
    assert text.count("running sums of [3, 4]") == 4
    assert "running sums" in compiled.partition.svg


@pytest.mark.parametrize("order", ["C", "F"])
def test_arguments_that_do_not_lie_in_order(order: Any) -> None:
    x = np.array(np.arange(12.0).reshape(4, 3), order=order)
    compiled = cr.jit(lambda x: (np.cumsum(x, axis=0), np.cumsum(x[:, 1]), np.cumsum(x[::-1, 0])))
    for given in (x, x[::2], np.arange(24.0).reshape(4, 6)[:, ::2]):
        wanted = np.cumsum(given, axis=0), np.cumsum(given[:, 1]), np.cumsum(given[::-1, 0])
        for y, z in zip(compiled(given), wanted, strict=True):
            np.testing.assert_array_equal(y, z)


def test_integers_and_truth_values_are_left_to_numpy() -> None:
    compiled = cr.jit(lambda x: (np.cumsum(x > 0.0) * x, np.cumsum(np.where(x > 0, 1, 0))))
    x = np.array([1.0, -1.0, 2.0])
    np.testing.assert_array_equal(compiled(x)[0], np.cumsum(x > 0.0) * x)
    np.testing.assert_array_equal(compiled(x)[1], np.cumsum(np.where(x > 0, 1, 0)))


def test_threads_and_large_arrays() -> None:
    x = np.random.default_rng(0).normal(size=(2000, 150))
    f = cr.grad(lambda x: np.mean(np.cumsum(np.tanh(x), axis=0) ** 2))
    np.testing.assert_allclose(cr.jit(f, threads=2)(x), f(x), rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(cr.jit(f)(x), f(x), rtol=1e-9, atol=1e-16)


def test_in_the_iterations_of_a_loop() -> None:
    def f(x: Any) -> Any:
        for _ in range(1500):
            x = 0.5 * np.cumsum(x) / (1.0 + x * x)
        return np.sum(x)

    x, slopes = np.linspace(0.1, 1.0, 5), cr.grad(f)
    compiled = cr.jit(slopes)
    np.testing.assert_allclose(compiled(x), slopes(x), rtol=1e-9)
    assert isinstance(compiled.version.executable, Rolled)
    assert "NumPy" not in str(compiled.partition)
