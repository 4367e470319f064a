"""Bessel functions by their order, against mpmath, where each of the formulas is used."""

import numpy as np
import pytest

import chainrule as cr

special = pytest.importorskip("scipy.special")
mpmath = pytest.importorskip("mpmath")

ORDERS = (-7.0, -2.3, 0.0, 0.4, 1.0, 6.5, 60.0)
PLACES = (0.02, 1.7, 8.0, 40.0, 160.0)


def _exact(f, v, x):
    with mpmath.workdps(30):
        return float(mpmath.diff(lambda n: f(n, x), v, h=mpmath.mpf(10) ** -10))


@pytest.mark.parametrize("v", ORDERS)
def test_by_the_order(v):
    x = np.array([x for x in PLACES if abs(v) < 30 or x > 1])
    ones = np.full(len(x), v)
    for ours, theirs in ((special.jv, mpmath.besselj), (special.yv, mpmath.bessely)):
        expected = np.array([_exact(theirs, v, float(at)) for at in x])
        found = cr.grad(lambda v, ours=ours: np.sum(ours(v, x)))(ones)
        size = np.maximum(np.abs(expected), 0.02 * (x > abs(v)))  # near a zero of one of both, what they are together
        assert (np.abs(found - expected) <= 1e-11 * size).all(), (ours, found, expected)


def test_every_mode_and_order():
    f = lambda v: special.jv(v, 2.2) + special.yv(-v, 2.2)
    slope = cr.grad(f)(0.7)
    assert cr.jvp(f, (0.7,), (1.0,))[1] == pytest.approx(slope, rel=1e-13)
    assert cr.jit(cr.grad(f))(0.7) == pytest.approx(slope, rel=1e-13)
    exact = lambda v: mpmath.besselj(v, 2.2) + mpmath.bessely(-v, 2.2)
    with mpmath.workdps(30):
        second = float(mpmath.diff(exact, 0.7, 2, h=mpmath.mpf(10) ** -8))
    assert cr.grad(cr.grad(f))(0.7) == pytest.approx(second, rel=1e-10)


def test_outside_of_what_the_formulas_reach():
    assert np.isnan(cr.grad(lambda v: special.jv(v, 500.0))(1.0))
    assert np.isnan(cr.grad(lambda v: special.jv(v, -1.0))(1.0))
