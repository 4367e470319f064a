"""Integrals by limits and parameters, beside closed forms."""

import math

import numpy as np
import pytest

import chainrule as cr

quad = pytest.importorskip("scipy.integrate").quad
integrate = pytest.importorskip("scipy.integrate")
inf = math.inf

INTEGRALS = {
    "a bell on a half-line": (
        lambda k: quad(lambda x: math.exp(-k * x * x), 0, inf)[0],
        -math.sqrt(math.pi) / 4 * 2**-1.5,
    ),
    "on the line": (lambda k: quad(lambda x: np.exp(-k * x * x), -inf, inf)[0], -math.sqrt(math.pi) / 2 * 2**-1.5),
    "to the left": (lambda k: quad(lambda x: np.exp(k * x), -inf, 0)[0], -0.25),
    "from infinity": (lambda k: quad(lambda x: np.exp(-k * x), inf, 0)[0], 0.25),
    "down to minus infinity": (lambda k: quad(lambda x: np.exp(k * x), 0, -inf)[0], 0.25),
    "the upper limit": (lambda b: quad(lambda x: np.sqrt(x), 0, b)[0], math.sqrt(2)),
    "the lower limit": (lambda b: quad(lambda x: np.exp(-x), b, inf)[0], -math.exp(-2)),
    "limit and argument": (
        lambda k: quad(lambda x, k: np.sin(k * x), 0, k, args=(k,))[0], 2 * math.sin(4) - (1 - math.cos(4)) / 4
    ),
    "a kink": (lambda b: quad(lambda x: abs(x - 0.3) * b, 0, 1, points=[0.3])[0], 0.29),
    "a singular end": (lambda b: quad(lambda x: b**2 / math.sqrt(x), 0, 1)[0], 8.0),
    "fixed_quad": (lambda b: integrate.fixed_quad(lambda x: x**3, 0, b, n=5)[0], 8.0),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGRALS)
def test_slopes(name):
    f, right = INTEGRALS[name]
    y, slope = cr.value_and_grad(f)(2.0)
    assert math.isclose(y, f(2.0), rel_tol=1e-15)
    assert math.isclose(slope, right, rel_tol=1e-9)
    assert math.isclose(cr.jvp(f, (2.0,), (1.0,))[1], right, rel_tol=1e-9)


def test_second_order():
    found = cr.grad(cr.grad(lambda k: quad(lambda x: math.exp(-k * x), 0, inf)[0]))(2.0)
    assert math.isclose(found, 2 / 8, rel_tol=1e-9)


def test_what_it_does_not_know():
    with pytest.raises(cr.errors.UnsupportedFunction, match="weight="):
        cr.grad(lambda k: quad(lambda x: k / x, 1, inf, weight="cos", wvar=2.0)[0])(2.0)
    with pytest.raises(cr.errors.UnsupportedFunction, match="weight='alg-loga'"):
        cr.grad(lambda k: quad(lambda x: k * x, 0, 1, weight="alg-loga", wvar=(0, 0))[0])(2.0)


WEIGHTED = {
    "cos by the integrand": (lambda v: quad(lambda x: np.exp(-v * x), 0, 2, weight="cos", wvar=1.5)[0], 0.7),
    "cos by the frequency": (lambda v: quad(lambda x: np.exp(-x), 0, 2, weight="cos", wvar=v)[0], 1.5),
    "sin by a limit": (lambda v: quad(lambda x: np.exp(-x), 0, v, weight="sin", wvar=1.5)[0], 1.5),
    "alg by the integrand": (lambda v: quad(lambda x: np.exp(-v * x), 0, 2, weight="alg", wvar=(-0.5, 0.3))[0], 0.7),
    "alg by a power": (lambda v: quad(lambda x: np.exp(-x), 0, 2, weight="alg", wvar=(v, 0.3))[0], -0.3),
    "alg by a limit": (lambda v: quad(lambda x: np.exp(-x), v, 2, weight="alg", wvar=(0.5, 0.3))[0], 0.3),
    "cauchy by the integrand": (lambda v: quad(lambda x: np.exp(-v * x), 0, 2, weight="cauchy", wvar=0.8)[0], 0.7),
    "cauchy by the place": (lambda v: quad(lambda x: np.exp(-x), 0, 2, weight="cauchy", wvar=v)[0], 0.7),
}


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights(name):
    f, x = WEIGHTED[name]
    along = cr.numeric.derivative(f, x)
    value, slope = cr.value_and_grad(f)(x)
    assert math.isclose(value, f(x), rel_tol=1e-14)
    assert abs(slope - along.value) <= 5 * along.error + 1e-9
    assert math.isclose(cr.jvp(f, (x,), (1.0,))[1], slope, rel_tol=1e-10)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("name", ["simpson", "cumulative_simpson", "trapezoid", "cumulative_trapezoid"])
def test_samples_by_their_heights_and_places(name, count):
    rule = getattr(integrate, name)
    x = np.cumsum(0.5 + np.cos(np.arange(count)) ** 2)
    y = np.sin(1.0 + 2 * np.arange(2.0 * count)).reshape(2, count)
    weights = np.cos(1 + np.arange(float(np.size(rule(y, x=x))))).reshape(np.shape(rule(y, x=x)))
    for f, at in (
        (lambda v: rule(y, x=v), x),
        (lambda v: rule(v, x=x), y),
        (lambda v: rule(y, dx=v), 0.7),
        (
            lambda v: np.moveaxis(rule(y.T * v, x=x, axis=0), 0, -1) if "cum" in name else rule(y.T * v, x=x, axis=0),
            0.7,
        ),
    ):
        whole = lambda v, f=f: np.sum(weights * f(v))
        direction = np.cos(3.0 + np.arange(float(np.size(at)))).reshape(np.shape(at))
        moved = lambda t, at=at, whole=whole, direction=direction: float(whole(at + t * direction))
        along = cr.numeric.derivative(moved, 0.0)
        value, slope = cr.value_and_grad(whole)(at)
        assert float(value) == pytest.approx(float(whole(at)), rel=1e-12)
        assert np.sum(slope * direction) == pytest.approx(along.value, abs=5 * along.error + 1e-10)
        if count == 4:
            np.testing.assert_allclose(cr.jit(cr.grad(whole))(at), slope, rtol=1e-10, atol=1e-13)
