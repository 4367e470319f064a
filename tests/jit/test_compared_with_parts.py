"""An array that is compared with parts of itself is the same numbers in both: a vector's exp may differ by one bit."""

import numpy as np
import pytest

import chainrule as cr

COMPARED = {
    "first": lambda y: np.sum(y == y[0]),
    "rank of the last": lambda y: np.sum(y >= y[-1]),
    "rank in the middle": lambda y: np.sum(y <= y[len(y) // 2]),
    "two parts": lambda y: np.sum(y[1:] == y[1]) + np.sum(y[::2] <= y[2]),
    "where": lambda y: np.sum(np.where(y == y[0], 5.0, 0.0)),
    "reversed": lambda y: np.sum(y >= y[::-1]),
}


@pytest.mark.parametrize("strict", [False, True])
def test_elements_equal_themselves(strict):
    x = np.random.default_rng(0).normal(size=11)
    x[-1] = x[0]

    def f(x):
        return [compare(y) * 1.0 for y in (np.sin(x), np.exp(x), np.tanh(x) * x) for compare in COMPARED.values()]

    fast = cr.jit(f, strict=strict)
    for n in range(3):
        assert fast(np.roll(x, n)) == f(np.roll(x, n))
