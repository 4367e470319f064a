"""Rows that are taken from an array by their numbers, and their cotangents, which are added up where they came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops.index import FEW

DRAW = np.random.default_rng(0)
INDICES = {
    "many times": DRAW.integers(0, 7, 90),
    "negative": DRAW.integers(-7, 7, 90),
    "a table": DRAW.integers(0, 7, (9, 10)),
    "few": np.array([1, 1, 3]),
    "none": np.array([], dtype=int),
    "small whole numbers": DRAW.integers(0, 7, 90).astype(np.uint8),
    "a list": DRAW.integers(0, 7, 90).tolist(),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(7,), (7, 5), (7, 2, 3)])
@pytest.mark.parametrize("name", INDICES)
def test_as_one_by_one(name: str, shape: tuple[int, ...], dtype: Any) -> None:
    index, x = INDICES[name], DRAW.normal(size=shape).astype(dtype)
    weights = DRAW.normal(size=x[index].shape).astype(dtype)
    expected = np.zeros(shape, dtype)
    np.add.at(expected, index, weights)
    for slope in (cr.grad(lambda x: np.sum(x[index] * weights)), cr.vjp(lambda x: x[index], x)[1]):
        found = slope(x) if isinstance(slope, type(cr.grad(np.sum))) else slope(weights)[0]
        assert found.dtype == dtype
        assert np.array_equal(found, expected)  # to the last bit: they are added in the same order


def test_added_to_what_is_there() -> None:
    index, x = DRAW.integers(0, 7, FEW), DRAW.normal(size=(7, 5))
    f = lambda x: np.sum(np.sin(x)) + np.sum(x[index] ** 2) + np.sum(x[index[:4]] * x[index[::-1]][:4])
    counts = np.bincount(index, minlength=7)
    expected = np.cos(x) + 2.0 * counts[:, None] * x
    np.add.at(expected, index[:4], x[index[::-1]][:4])
    np.add.at(expected, index[::-1][:4], x[index[:4]])
    np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-13)


def test_products_of_no_rows():
    def f(x):
        return np.sum(np.sin(np.stack([x, x * x], axis=1)[x > 9.0]) @ np.array([1.0, 2.0]))

    value, slope = cr.value_and_grad(f)(np.ones(3))
    assert value == 0.0
    np.testing.assert_array_equal(slope, np.zeros(3))
