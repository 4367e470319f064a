"""Sums of many numbers of float32 keep the digits that NumPy's keep."""

import numpy as np
import pytest

import chainrule as cr

N = 1_000_003
TENTH = np.full(N, 0.1, np.float32)
FUNCTIONS = {
    "sum": lambda x, w: np.sum(x),
    "mean": lambda x, w: np.mean(x),
    "squares": lambda x, w: np.sum(x * x),
    "of some": lambda x, w: np.sum(np.where(x > 0, x, 0)),
    "backwards": lambda x, w: np.sum(x[::-1]),
    "every second": lambda x, w: np.sum(x[::2] * x[::2]),
    "rows": lambda x, w: np.sum(x[:1_000_000].reshape(100, -1), axis=1),
    "sum and largest": lambda x, w: (np.sum(x), np.max(x), np.sum(x * 2), np.min(x)),
    "many sums": lambda x, w: [np.sum(x * np.float32(k + 1)) for k in range(20)],
    "long": lambda x, w: np.sum(sum(np.tanh(x * np.float32(k)) for k in range(40))),
    "by a number": lambda x, w: cr.grad(lambda w: np.sum(x * w[0] + w[1] * x * x))(w),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_in_float64(name, threads):
    f, w = FUNCTIONS[name], np.ones(2, np.float32)
    got = cr.jit(f, threads=threads)(TENTH, w)
    due = f(TENTH.astype(float), w.astype(float))
    for a, b in zip(np.ravel(got), np.ravel(due), strict=True):
        assert abs(a - b) <= 5e-6 * abs(b)
        assert np.asarray(got).dtype == np.float32
