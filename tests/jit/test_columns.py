"""Loops that read and store numbers some places apart: bit by bit what NumPy computes, in registers where near."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.emit import nest
from chainrule.jit.run.machine import Loaded

APART = range(2, nest.MOST + 2)
LENGTHS = (1, 8, 37)


def columns(x, count):
    """Columns read and stored in another order, some alone, some backward."""
    turned = [x[:, (k + 1) % count] for k in range(count)]
    whole = np.stack([2 * column - x[:, 0] for column in turned], axis=1)
    return whole, whole[:, ::-1] + x, turned[0][::-1], x[::-1, -1] * turned[-1]


def strides(x, count):
    """One number of each `count`, from the first, from the last, and to and fro."""
    x = x.reshape(-1)
    return x[::count] + 1, x[count - 1 :: count] * x[::count], x[::-count] + 2, x[::-1] - x


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("count", APART)
def test_numbers_apart_are_those_of_numpy(count, dtype):
    rng = np.random.default_rng(count)
    for f in (columns, strides):
        compiled = cr.jit(lambda *xs, f=f: [f(x, count) for x in xs])
        xs = [rng.standard_normal((n, count)).astype(dtype) for n in LENGTHS]
        for mine, theirs in zip(compiled(*xs), [f(x, count) for x in xs], strict=True):
            for a, b in zip(mine, theirs, strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.fixture
def written(monkeypatch):
    """The programs in LLVM's language that are compiled."""
    found, start = [], Loaded.__init__

    def noted(self, code, *rest, **more):
        found.append(code)
        start(self, code, *rest, **more)

    monkeypatch.setattr(Loaded, "__init__", noted)
    return found


def test_near_numbers_are_neither_gathered_nor_scattered(written):
    def sums(x):
        return np.stack([x[:, k] + x[::-1, -1] for k in range(x.shape[1])], axis=1)

    for count, alone in ((3, False), (nest.MOST + 1, True)):
        cr.jit(sums)(np.ones((64, count)))
        code = written.pop()
        assert [word in code for word in ("masked.gather", "masked.scatter")] == [alone, alone]


def test_a_column_of_an_argument_is_read_without_what_lies_behind_it(written):
    whole = np.ones((64, 3))
    for part, masked in ((whole, False), (whole[:, 2], True)):
        cr.jit(lambda x: x[:, 0] * 2 if x.ndim == 2 else x * 2)(part)
        code = written.pop()
        lanes = nest.vector("double", 24), nest.vector("double", 12), nest.vector("double", 6)
        assert any(f"load {kind}" in code for kind in lanes) is not masked
        assert ("masked.load" in code) is masked
