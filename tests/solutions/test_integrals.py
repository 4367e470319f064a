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
        cr.grad(lambda k: quad(lambda x: k * x, 0, 1, weight="cos", wvar=2.0)[0])(2.0)
