"""NumPy's integers as constants: np.reciprocal(4) is 0, and a gradient built on it would be too."""

import numpy as np
import pytest

import chainrule as cr


@pytest.mark.parametrize("four", [4, np.int64(4), np.uint8(4), np.array(4), np.array([4, 4])])
def test_division_by_a_whole_number(four):
    f = lambda x: np.sum(x / four + four / x + x**four + np.divide(x, four))
    expected = cr.grad(lambda x: np.sum(x / (4.0 * np.ones(np.shape(four))) * 2 + 4 / x + x**4.0))(2.0)
    assert cr.grad(f)(2.0) == pytest.approx(expected)
    assert cr.jvp(f, (2.0,), (1.0,))[1] == pytest.approx(expected)
    assert cr.taylor(f, 2.0, 2).derivatives[1] == pytest.approx(expected)


def test_means_over_counts():
    x = np.array([1.0, np.nan, 3.0])
    assert cr.grad(np.nanmean)(x).tolist() == [0.5, 0.0, 0.5]
    assert cr.grad(lambda x: np.sum(x) / np.count_nonzero(x > 0))(np.array([1.0, 2.0])).tolist() == [0.5, 0.5]
