"""Roots and fixed points as people find them with SciPy: by closed forms of their derivatives."""

import math

import numpy as np
import pytest

import chainrule as cr

optimize = pytest.importorskip("scipy.optimize")
integrate = pytest.importorskip("scipy.integrate")


def cubic(x, a):
    return x**3 + x - a


ROOTS = {
    "brentq": lambda a: optimize.brentq(lambda x: cubic(x, a), 0, 5),
    "brenth": lambda a: optimize.brenth(cubic, 0, 5, args=(a,)),
    "bisect": lambda a: optimize.bisect(cubic, 0, 5, (a,), xtol=1e-14),
    "ridder": lambda a: optimize.ridder(cubic, 0, 5, args=a, full_output=True)[0],
    "toms748": lambda a: optimize.toms748(cubic, 0, 5, args=(a,)),
    "newton": lambda a: optimize.newton(cubic, 1.0, args=(a,)),
    "newton with a slope": lambda a: optimize.newton(cubic, 1.0, lambda x, a: 3 * x * x + 1, (a,)),
    "root_scalar": lambda a: optimize.root_scalar(cubic, (a,), bracket=[0, 5]).root,
    "root_scalar by newton": lambda a: (
        optimize.root_scalar(lambda x: cubic(x, a), x0=1.0, fprime=lambda x: 3 * x * x + 1, method="newton").root
    ),
    "fsolve": lambda a: optimize.fsolve(lambda x: [cubic(x[0], a)], [1.0])[0],
    "fsolve of a number": lambda a: optimize.fsolve(cubic, 1.0, args=(a,), full_output=True)[0][0],
    "root": lambda a: optimize.root(lambda x: np.array([cubic(x[0], a)]), [1.0]).x[0],
    "fixed_point": lambda a: optimize.fixed_point(lambda x: a / (1 + x * x), 1.0, xtol=1e-12, maxiter=5000),
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_by_its_parameter(name):
    f = ROOTS[name]
    y, slope = cr.value_and_grad(f)(1.3)
    assert y == f(1.3)
    assert math.isclose(slope, 1 / (3 * y * y + 1), rel_tol=1e-7)
    assert math.isclose(cr.jvp(f, (1.3,), (1.0,))[1], slope, rel_tol=1e-12)
    assert math.isclose(cr.grad(cr.grad(f))(1.3), -6 * y / (3 * y * y + 1) ** 3, rel_tol=1e-6)


def test_a_system():
    def f(b):
        return optimize.fsolve(lambda y: [y[0] ** 2 + y[1] - b[0], y[0] - y[1] ** 2 - b[1]], [1.0, 1.0])

    np.testing.assert_allclose(cr.jacobian(f)(np.array([2.0, 0.0])), np.array([[2.0, 1], [1, -2]]) / 5, rtol=1e-7)


def test_many_roots_at_once():
    found = cr.jacobian(lambda a: optimize.newton(lambda x: x**2 - a, np.ones(3)))(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, np.diag(0.5 / np.sqrt([1.0, 2, 3])), rtol=1e-9, atol=1e-12)


def test_a_call_that_nothing_depends_on():
    root = optimize.brentq(math.cos, 0, 3)
    assert cr.value_and_grad(lambda x: x * optimize.brentq(math.cos, 0, 3))(2.0) == (2 * root, root)


UNDER_JIT = {
    "optimize.brentq": lambda a: optimize.brentq(lambda x: x - 0.1, 0, a),
    "optimize.fsolve": lambda a: optimize.fsolve(lambda x: [x[0] ** 2 - a, x[1] - x[0]], [1.0, 1.0])[0],
    "optimize.root_scalar": lambda a: optimize.root_scalar(lambda x: x - a, bracket=(0, 3)).root,
    "optimize.minimize": lambda a: optimize.minimize(lambda x: x @ x, np.ones(2), bounds=[(0.1, a), (0.2, a)]).x[0],
    "optimize.least_squares": lambda a: optimize.least_squares(lambda x: x - a, [1.0]).x[0],
    "optimize.curve_fit": lambda a: optimize.curve_fit(lambda x, k: k * x, np.arange(3.0), a * np.ones(3))[0][0],
    "optimize.differential_evolution": lambda a: optimize.differential_evolution(lambda x: (x[0] - a) ** 2, [(0, 3)]).x,
    "integrate.quad": lambda a: integrate.quad(lambda x: x, 0, a)[0],
    "integrate.solve_ivp": lambda a: integrate.solve_ivp(lambda t, y: -a * y, (0, 1), [1.0]).y[0, -1],
    "integrate.odeint": lambda a: integrate.odeint(lambda y, t: -y, [1.0], [0, a])[-1, 0],
}


@pytest.mark.parametrize("derived", [lambda f: f, cr.grad], ids=["value", "grad"])
def test_jit_refuses_by_name(derived):
    """Also where SciPy catches what its function raises, and raises an error of its own."""
    for name, f in UNDER_JIT.items():
        with pytest.raises(cr.errors.UnsupportedFunction, match=f"jit records no scipy.{name}"):
            cr.jit(derived(f))(1.3)


def test_a_quadrature_of_fixed_points_is_compiled():
    f = cr.grad(lambda a: integrate.fixed_quad(lambda x: np.exp(-a * x), 0, a)[0])
    assert cr.jit(f)(1.3) == pytest.approx(f(1.3), rel=1e-12)


def test_a_function_that_gives_its_derivatives_with_it():
    def scalar(a):
        return optimize.root_scalar(lambda x: (x * x - a, 2 * x), x0=1.0, fprime=True).root

    def halley(a):
        return optimize.root_scalar(lambda x: (x * x - a, 2 * x, 2.0), x0=1.0, fprime=True, fprime2=True).root

    def several(a):
        return optimize.root(lambda x: (x * x - a, np.diag(2 * x)), np.ones(2), jac=True).x[1]

    for f in (scalar, halley, several):
        assert cr.grad(f)(2.25) == pytest.approx(1 / 3, rel=1e-7), f.__name__
