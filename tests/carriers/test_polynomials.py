"""numpy.polynomial: its own Python code, lifted. Second derivatives, compiled, series made outside and inside."""

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Polynomial
from numpy.polynomial import polynomial as P
from numpy.polynomial.legendre import legval

import chainrule as cr

C, X = np.array([0.3, -0.6, 0.2, 0.5]), np.array([0.1, 0.7])
OUTSIDE = Polynomial([1.0, 2.0, 3.0], domain=[0, 2])
LOSSES = {
    "module": lambda c: np.sum(P.polyval(X, c) ** 2),
    "function": lambda c: np.sum(legval(X, c) ** 2),
    "series": lambda c: np.sum(Polynomial(c)(X) ** 2),
    "derivative of a series": lambda c: np.sum(Chebyshev(c).deriv()(X) ** 2),
    "product with one from outside": lambda c: np.sum((Polynomial(c, domain=[0, 2]) * OUTSIDE)(X)),
    "one from outside": lambda c: np.sum(OUTSIDE(c) ** 2),
    "fit": lambda c: np.sum(Polynomial.fit(np.arange(4.0), c, 2).convert().coef ** 2),
    "roots": lambda c: np.sum(np.abs(P.polyroots(c)) ** 2),
    "text": lambda c: len(str(Polynomial(C))) * c[0],
}


@pytest.mark.parametrize("name", LOSSES)
def test_series_and_functions(name):
    f = LOSSES[name]
    value, gradient = cr.value_and_grad(f)(C)
    assert value == pytest.approx(f(C), rel=1e-12)
    np.testing.assert_allclose(gradient, cr.numeric.gradient(f, C).value, rtol=1e-6, atol=1e-8)
    t = np.array([1.0, -0.5, 0.3, 0.2])
    steps = (cr.grad(f)(C + 1e-6 * t) - cr.grad(f)(C - 1e-6 * t)) / 2e-6
    np.testing.assert_allclose(cr.hvp(f, C, t), steps, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["module", "series", "fit"])
def test_compiled(name):
    np.testing.assert_allclose(cr.jit(cr.grad(LOSSES[name]))(C), cr.grad(LOSSES[name])(C), rtol=1e-9)


def test_plain_numbers_stay_plain():
    def f(c):
        assert type(P.polyval(0.5, [1.0, 2.0])) is np.float64
        assert isinstance(OUTSIDE, Polynomial)
        assert isinstance(Polynomial(c), Polynomial)
        return np.sum(Polynomial(c).coef)

    np.testing.assert_array_equal(cr.grad(f)(C), np.ones(4))


def test_series_of_two_kinds_do_not_mix():
    with pytest.raises(TypeError, match="Polynomial types differ"):
        cr.grad(lambda c: (Polynomial(c) + Chebyshev(c))(0.5))(C)
