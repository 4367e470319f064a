"""Derivatives of solutions: beside closed forms, in every mode, to higher orders; what is no solution is an error."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, SolutionError, UnsupportedFunction


def bisected(a):
    low, high = 0.0, 1.0 + a
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * middle < a else (low, middle)
    return middle


root = cr.implicit(bisected, lambda y, a: y * y - a)
STIFFNESS = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.5]])


def residual(y, b, c):
    return STIFFNESS @ y + c * y**3 - b


def by_newton(b, c):
    y = np.zeros(3)
    for _ in range(30):
        y = y - np.linalg.solve(STIFFNESS + np.diag(3 * c * y**2), residual(y, b, c))
    return y


solution = cr.implicit(by_newton, residual)
B = np.array([1.0, -2.0, 0.5])

ORDERS = {
    "reverse": lambda f: [cr.grad(f), cr.grad(cr.grad(f)), cr.grad(cr.grad(cr.grad(f)))],
    "forward": lambda f: [
        lambda x: cr.jvp(f, (x,), (1.0,))[1],
        lambda x: cr.jvp(lambda x: cr.jvp(f, (x,), (1.0,))[1], (x,), (1.0,))[1],
    ],
    "mixed": lambda f: [cr.jacfwd(f), cr.hessian(f)],
    "taylor": lambda f: [(lambda x, k=k: cr.taylor(f, x, 5).coefficients[k] * math.factorial(k)) for k in range(1, 6)],
}


@pytest.mark.parametrize("mode", ORDERS)
def test_every_order_of_a_square_root(mode):
    power, factor = 0.5, 1.0
    for derivative in ORDERS[mode](root):
        factor, power = factor * power, power - 1
        assert math.isclose(derivative(2.5), factor * 2.5**power, rel_tol=1e-12)


def test_the_value_is_the_solvers():
    assert cr.value_and_grad(root)(2.5)[0] == root(2.5)
    y, _ = cr.vjp(solution, B, 0.2)
    assert (y == by_newton(B, 0.2)).all()


@pytest.mark.parametrize("transform", [cr.jacobian, cr.jacfwd, cr.jacrev])
def test_systems(transform):
    y = by_newton(B, 0.2)
    inverse = np.linalg.inv(STIFFNESS + np.diag(0.6 * y**2))
    by_b, by_c = transform(solution, argnums=(0, 1))(B, 0.2)
    np.testing.assert_allclose(by_b, inverse, rtol=1e-12)
    np.testing.assert_allclose(by_c, -inverse @ y**3, rtol=1e-12)


def test_second_derivatives_of_a_system():
    found = cr.hessian(lambda b: np.sum(np.sin(solution(b, 0.2))))(B)
    expected = cr.numeric.hessian(lambda b: np.sum(np.sin(by_newton(b, 0.2))), B)
    np.testing.assert_allclose(found, expected.value, atol=10 * np.max(expected.error))
    np.testing.assert_allclose(found, found.T, rtol=1e-12)


def test_containers_and_lists():
    def solver(p):
        return {"x": p["a"] / 2, "y": [p["b"] ** 0.5]}

    f = cr.implicit(solver, lambda s, p: {"x": 2 * s["x"] - p["a"], "y": [s["y"][0] ** 2 - p["b"]]})
    found = cr.grad(lambda p: f(p)["x"] * f(p)["y"][0])({"a": 3.0, "b": 4.0})
    assert found["a"] == pytest.approx(1.0)
    assert found["b"] == pytest.approx(1.5 / 4)
    assert cr.implicit(lambda b: [0.5 * b], lambda y, b: [2 * y[0] - b])(4) == [2.0]


def test_a_compiled_residual():
    f = cr.implicit(bisected, cr.jit(lambda y, a: y * y - a))
    assert cr.grad(f)(2.5) == pytest.approx(0.5 / math.sqrt(2.5))


def test_what_is_no_solution():
    with pytest.raises(SolutionError, match="not zero where the solver stopped"):
        cr.grad(cr.implicit(lambda a: 1.0, lambda y, a: y * y - a))(4.0)
    with pytest.raises(SolutionError, match="singular"):
        cr.grad(cr.implicit(lambda a: 0.0, lambda y, a: a * y * y))(4.0)
    with pytest.raises(SolutionError, match="singular"):
        cr.jacobian(cr.implicit(lambda b: np.array([b, 0.0]), lambda y, b: np.array([y[0] - b, 2 * y[0] - 2 * b])))(1.0)
    with pytest.raises(SolutionError):
        cr.grad(cr.implicit(lambda a: math.nan, lambda y, a: y * y - a))(4.0)


def test_wrong_calls():
    with pytest.raises(ArgumentError, match="expected a function as the residual, got float"):
        cr.implicit(bisected, 3.0)
    with pytest.raises(ArgumentError, match="as many residuals as unknowns: 1, got 2"):
        cr.grad(cr.implicit(bisected, lambda y, a: [y * y - a, y]))(2.0)
    with pytest.raises(UnsupportedFunction, match=r"implicit\(bisected, jit\(residual\)\)"):
        cr.jit(cr.grad(root))(2.0)
