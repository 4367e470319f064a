"""Reads at computed places of which nothing uses what was read: programs raise its IndexError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

READS: dict[str, Callable[..., Any]] = {
    "x[i]": lambda x, i: x[i],
    "x[i, 1]": lambda x, i: x[i, 1],
    "x[..., None, i]": lambda x, i: x[..., None, i],
    "x[1, i]": lambda x, i: x[1, i],
    "x[[i[0], 0]]": lambda x, i: x[[i[0], 0]],
    "x.ravel()[i[1]]": lambda x, i: x.ravel()[i[1]],
    "take": lambda x, i: np.take(x, i, axis=1),
    "take_along_axis": lambda x, i: np.take_along_axis(x, i[:, None], 0),
    "assigned": lambda x, i: _assigned(x, i),
    "argmax": lambda x, i: x[np.argmax(x[1]) + i[0]],
}
USES: dict[str, Callable[..., Any]] = {
    "unused": lambda read: lambda x, i: np.sum(x) + 0 * len(np.shape(read(x, i))),
    "unused in the gradient": lambda read: lambda x, i: cr.grad(lambda x: np.sum(read(x, i)))(x),
    "twice": lambda read: cr.grad(lambda x, i: np.sum(cr.grad(lambda x: np.sum(read(x, i)))(x) ** 2)),
    "times 0": lambda read: cr.grad(lambda x, i: 0.0 * np.sum(read(x, i))),
    "not chosen": lambda read: cr.grad(lambda x, i: np.where(np.sum(x) > 1e9, np.sum(read(x, i)), x[0, 0])),
}


def _assigned(x: Any, i: Any) -> Any:
    y = np.zeros((4, 2))
    y[i] = x
    return y


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("read", READS)
def test_an_index_out_of_bounds(read: str, use: str) -> None:
    f = USES[use](READS[read])
    fast = cr.jit(f)
    x = np.array([[1.0, 2.0], [4.0, 3.0]])
    for kind in (np.int64, np.uint8) if use == "unused" else (np.int64,):
        good, bad = np.array([0, 1], kind), np.array([5, 4], kind)
        assert np.array_equal(fast(x, good), f(x, good))
        with pytest.raises(IndexError):
            f(x, bad)
        with pytest.raises(IndexError):
            fast(x, bad)
