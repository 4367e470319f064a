"""Functions that decide by the numbers where elements go, how many there are, or which line a point is on: compiled,
they follow other numbers to other decisions, and back."""

import numpy as np
import pytest

import chainrule as cr

pytest.importorskip("llvmlite")

GRID, HEIGHTS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0, 2.0, 3.0])
PARTS = [lambda v: v**2, lambda v: v**3]
AT = [np.array([0.3, -0.4, 1.2, 0.7]), np.array([-1.1, 1.5, 0.2, -0.3]), np.array([0.5, 0.5, -1.7, 0.1])]
STEEP = np.array([0.7, 5.0, 3.0, 9.0])
FUNCTIONS = {
    "interp": lambda x: np.interp(x, GRID, HEIGHTS) ** 2,
    "interp of lists": lambda x: np.interp(x, [-0.1, 0.0, 0.1], [1, 5, 2], left=0.0, right=9.0) * x,
    "interp, period": lambda x: np.interp(x, [0.0, 0.4, 0.9], [1.0, 5.0, 2.0], period=1.3) * x,
    "interp, points": lambda x: np.interp([-0.3, 0.1, 0.6], np.sort(x), x),
    "interp of a number": lambda x: np.interp(x[0], GRID, HEIGHTS) * x,
    "partition": lambda x: np.partition(x, 2)[:2] ** 2,
    "partition of an axis": lambda x: np.partition(x.reshape(2, 2), 0, axis=0) ** 2,
    "unique": lambda x: np.unique(x)[:2] ** 2,
    "unique, counts": lambda x: np.unique(np.concatenate([x, x[:2]]), return_counts=True)[0] ** 2,
    "union1d": lambda x: np.union1d(x, [0.3, 9.0])[:3] ** 2,
    "setdiff1d": lambda x: np.setdiff1d(x, [0.3]) ** 2,
    "setxor1d": lambda x: np.setxor1d(x, [0.3, 2.0])[:2] ** 2,
    "intersect1d": lambda x: np.intersect1d(x, [0.3, -1.1, 0.5]) * x[0],
    "piecewise": lambda x: np.piecewise(x, [x < 0, x >= 0], PARTS) * 2,
    "piecewise, rest": lambda x: np.piecewise(x, [x < 0.4], [1.0, lambda v: v**3]),
    "unwrap": lambda x: np.unwrap(np.cumsum(STEEP * x)) ** 2,
    "nanmedian": lambda x: np.nanmedian(np.where(x > 1, np.nan, x)) * x,
    "nanquantile of rows": lambda x: np.nanquantile(np.where(x > 1, np.nan, x).reshape(2, 2), [0.2, 0.7], axis=1) ** 2,
    "quantile by q": lambda x: np.quantile(HEIGHTS, np.abs(x) / 2) ** 2,
    "histogram, weights": lambda x: np.histogram([0.1, 0.2, 0.8, 0.9], bins=2, weights=x)[0] ** 2,
    "histogram, density": lambda x: np.histogram(GRID[:4], bins=[-3, -0.5, 3], weights=1 + x**2, density=True)[0],
    "histogram of numbers": lambda x: np.histogram(x, bins=3, range=(-2, 2))[0] * x[:3],
    "edges": lambda x: np.histogram_bin_edges(x, 4) ** 2,
    "histogram2d": lambda x: np.histogram2d(GRID[:4], HEIGHTS[:4], bins=2, weights=x)[0] ** 2,
    "insert": lambda x: np.insert(x, 1, 5.0) ** 2,
    "insert, places": lambda x: np.insert(x, [0, 2], x[:2]) ** 2,
    "ediff1d": lambda x: np.ediff1d(x, to_begin=0.0, to_end=[1.0, 2.0]) ** 2,
    "trim_zeros": lambda x: np.trim_zeros(np.where(x > 1, 0.0, x))[:1] ** 2,
    "windows": lambda x: np.lib.stride_tricks.as_strided(x, (3, 2), (8, 8)) ** 2,
    "arange": lambda x: np.arange(0.0, 1.0 + x[0] ** 2, 0.4)[:3] * x[0],
    "polymul": lambda x: np.polymul(np.where(x > 0.5, x, 0.0), [1.0, 2.0])[-3:] ** 2,
    "polydiv": lambda x: np.polydiv(x, [1.0, 2.0])[1] ** 2,
    "poly1d": lambda x: np.poly1d(x).deriv()(0.7) * x,
    "roots": lambda x: np.abs(np.roots([1.0, -x[0], x[1]])) ** 2,
    "emath": lambda x: np.abs(np.emath.sqrt(x)) ** 2 * x,
    "emath.log": lambda x: np.abs(np.emath.log(x)) * x,
    "frexp": lambda x: np.frexp(STEEP * x)[0] ** 2,
}


def total(name):
    f = FUNCTIONS[name]
    return lambda x: np.sum(f(x) * 1.5)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_other_numbers_decide_otherwise(name):
    f = total(name)
    value, slope = cr.jit(f), cr.jit(cr.grad(f))
    for x in (*AT, AT[0]):
        np.testing.assert_allclose(value(x), f(x), rtol=1e-13)
        np.testing.assert_allclose(slope(x), cr.grad(f)(x), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["interp", "partition", "unwrap", "histogram of numbers", "frexp"])
def test_places_chosen_by_numbers_need_no_other_program(name):
    slope = cr.jit(cr.grad(total(name)))
    for x in AT:
        slope(x)
    assert slope.report().startswith("jit(")
    assert "1 version\n" in slope.report()


def test_another_library_says_what_it_lacks():
    pytest.importorskip("jax")
    with pytest.raises(cr.errors.UnsupportedFunction, match="no function for a decision by values"):
        cr.jit(total("unique"), backend="jax")(AT[0])
