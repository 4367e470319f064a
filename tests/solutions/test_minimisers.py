"""Minimisers by the parameters of what is minimised."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import SolutionError

optimize = pytest.importorskip("scipy.optimize")
T = np.linspace(0, 5, 20)
DATA = 2 * np.exp(-0.7 * T) + 0.01 * np.cos(9 * T)
MOVE = np.random.default_rng(0).normal(size=20)
TIGHT = {"xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14}


def decay(t, a, b):
    return a * np.exp(-b * t)


def bowl(x, a):
    return np.sum((x - a) ** 2) + x[0] * x[1]


def along(f):
    """The derivative of f(DATA) in the direction MOVE, by a difference."""
    return (f(DATA + 1e-4 * MOVE) - f(DATA - 1e-4 * MOVE)) / 2e-4


@pytest.mark.parametrize("settings", [{}, {"method": "Nelder-Mead", "tol": 1e-10}, {"jac": cr.grad(bowl)}], ids=str)
def test_a_bowl(settings):
    found = cr.jacobian(lambda a: optimize.minimize(bowl, np.zeros(2), (a,), **settings).x)(np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, 2 * np.linalg.inv([[2.0, 1], [1, 2]]), rtol=1e-5)


def test_value_and_gradient_together():
    def f(a):
        return optimize.minimize(lambda x: ((x - a) @ (x - a), 2 * (x - a)), np.zeros(2), jac=True).x

    np.testing.assert_allclose(cr.jacobian(f)(np.array([1.0, 2.0])), np.eye(2), atol=1e-9)


def test_active_bounds_hold_or_carry():
    def f(a):
        return optimize.minimize(lambda x: np.sum((x - a) ** 2), np.zeros(2), bounds=[(0, a[1] / 4), (None, None)]).x

    np.testing.assert_allclose(cr.jacobian(f)(np.array([1.0, 2.0])), [[0, 0.25], [0, 1]], atol=1e-9)


def test_the_least_value():
    found = cr.grad(lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2) + np.sum(a**2), np.zeros(2)).fun)
    np.testing.assert_allclose(found(np.array([1.0, 2.0])), [2.0, 4.0], rtol=1e-6)


@pytest.mark.parametrize("settings", [{}, {"bounds": (-2, 2), "method": "bounded"}], ids=str)
def test_minimize_scalar(settings):
    def f(a):
        return optimize.minimize_scalar(lambda x: (x - a) ** 2 + math.exp(x), **settings).x

    assert cr.grad(f)(1.0) == pytest.approx(2 / (2 + math.exp(f(1.0))), rel=1e-5)


def test_a_minimum_at_a_bound_of_minimize_scalar():
    with pytest.raises(SolutionError, match="at the bound 2"):
        cr.grad(lambda a: optimize.minimize_scalar(lambda x: (x - a) ** 2, bounds=(0, 2), method="bounded").x)(5.0)


def test_least_squares():
    def f(d):
        return optimize.least_squares(lambda p: decay(T, *p) - d, [1.0, 1.0], **TIGHT).x

    np.testing.assert_allclose(cr.jvp(f, (DATA,), (MOVE,))[1], along(f), rtol=1e-5)
    np.testing.assert_allclose(cr.jacobian(f)(DATA) @ MOVE, along(f), rtol=1e-5)


def test_curve_fit_with_its_covariance():
    def f(d):
        return optimize.curve_fit(decay, T, d, **TIGHT)

    np.testing.assert_allclose(cr.jacobian(lambda d: f(d)[0])(DATA) @ MOVE, along(lambda d: f(d)[0]), rtol=1e-5)
    spread = cr.value_and_grad(lambda d: f(d)[1][0, 1])(DATA)
    assert spread[0] == pytest.approx(f(DATA)[1][0, 1], rel=1e-6)
    assert spread[1] @ MOVE == pytest.approx(along(lambda d: f(d)[1][0, 1]), rel=1e-4)


def test_plain_calls_are_scipys_own():
    right = optimize.curve_fit(decay, T, DATA, full_output=True)
    made = []

    def f(x):
        made.append(optimize.curve_fit(decay, T, DATA, full_output=True))
        return x * made[-1][0][0]

    assert cr.grad(f)(2.0) == right[0][0]
    assert made[0][3] == right[3]


LIMITS = np.array([0.6, 0.2])


def _held(constraint, method, at):
    return optimize.minimize(bowl, at, (np.array([1.0, 2.0]),), method=method, constraints=constraint, tol=1e-12).x


LINEAR, BETWEEN = optimize.LinearConstraint, optimize.NonlinearConstraint
CONSTRAINED = {
    "equal": lambda p: _held(LINEAR([[1.0, 1.0]], p[0], p[0]), "SLSQP", [0.1, 0.2]),
    "below": lambda p: _held(LINEAR([1.0, 2.0], -np.inf, p[0]), "SLSQP", [0.1, 0.2]),
    "by the matrix": lambda p: _held(LINEAR(np.array([[1.0, 0.0], [0.0, 1.0]]) * p[0], 0.0, p[1]), "SLSQP", [0.1, 0.1]),
    "one of two": lambda p: _held(LINEAR(np.eye(2), [-1.0, -1.0], [p[0], 5.0]), None, [0.1, 0.2]),
    "in a circle": lambda p: _held(BETWEEN(lambda x: x @ x * p[1], -np.inf, p[0]), "SLSQP", [0.1, 0.2]),
    "with its slopes": lambda p: _held(
        BETWEEN(lambda x: [x[0] * x[1], x[0]], [p[1], -1.0], [9.0, p[0]], jac=lambda x: [[x[1], x[0]], [1.0, 0.0]]),
        "SLSQP", [0.5, 0.4],
    ),
    "bounds": lambda p: optimize.minimize(
        bowl, [0.1, 0.1], (np.array([1.0, 2.0]),), bounds=optimize.Bounds([0, 0], [p[0], p[1]]), tol=1e-12).x,
    "several": lambda p: _held(
        [LINEAR([1.0, 0.0], 0.0, p[0]), {"type": "ineq", "fun": lambda x: p[1] - x[1]}], None, [0.1, 0.1]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTRAINED)
def test_constraints_with_bounds_on_both_sides(name):
    f = CONSTRAINED[name]
    columns = [(f(LIMITS + h) - f(LIMITS - h)) / 2e-4 for h in 1e-4 * np.eye(2)]
    np.testing.assert_allclose(cr.jacobian(f)(LIMITS), np.transpose(columns), atol=5e-4)
    np.testing.assert_allclose(cr.jacfwd(f)(LIMITS), np.transpose(columns), atol=5e-4)


def test_constraints_of_another_kind():
    with pytest.raises(cr.errors.ArgumentError, match="got float"):
        cr.grad(lambda a: optimize.minimize(lambda x: (x - a) @ (x - a), [0.0], constraints=[1.0]).x[0])(2.0)


LOSSES = ["soft_l1", "huber", "cauchy", "arctan", lambda z: np.array([np.log1p(z), 1 / (1 + z), -((1 + z) ** -2.0)])]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss if isinstance(loss, str) else "a function")
def test_robust_losses(loss):
    def f(d):
        settings = {"loss": loss, "f_scale": 0.02, "args": (d,), **TIGHT}
        return optimize.least_squares(lambda p, d: decay(T, *p) - d, [1.8, 0.6], **settings).x

    found = cr.jacobian(f)(DATA + 0.05 * (np.arange(20) == 3))
    expected = (f(DATA + 0.05 * (np.arange(20) == 3) + 1e-6 * MOVE) - f(DATA + 0.05 * (np.arange(20) == 3))) / 1e-6
    np.testing.assert_allclose(found @ MOVE, expected, rtol=2e-3)


def test_measurements_that_are_correlated():
    def f(v):
        covariance = np.diag(0.1 + 0.05 * T) + 0.02 * v
        return optimize.curve_fit(decay, T, DATA, sigma=covariance, p0=[1.0, 1.0], **TIGHT)[0]

    assert cr.jacobian(f)(1.0) == pytest.approx((f(1.05) - f(0.95)) / 0.1, rel=1e-2, abs=1e-6)


def test_constraints_that_are_active_move_the_minimum():
    def weights(p):
        risk = np.diag([1.0, 2.0, 3.0])
        held = [
            {"type": "eq", "fun": lambda w: np.sum(w) - 1},
            {"type": "ineq", "fun": lambda w, a: w[0] - a, "args": (p[3],)},
        ]
        return optimize.minimize(
            lambda w: w @ risk @ w - p[:3] @ w, [0.3, 0.3, 0.4], constraints=held, bounds=[(0, 1)] * 3, tol=1e-12
        ).x

    for p in (np.array([0.1, 0.5, -3.0, 0.45]), np.array([0.1, 0.5, -3.0, 0.7])):
        columns = [(weights(p + h) - weights(p - h)) / 2e-4 for h in 1e-4 * np.eye(4)]
        np.testing.assert_allclose(cr.jacobian(weights)(p), np.transpose(columns), atol=1e-5)

    def nearest(a, limit):
        return optimize.minimize(
            lambda x: np.sum((x - a) ** 2), [2.0, 2.0], constraints={"type": "ineq", "fun": lambda x: x.sum() - limit}
        ).fun

    assert cr.grad(nearest, argnums=1)(1.0, 3.0) == pytest.approx(1.0, rel=1e-5)  # (limit - 2 a)**2 / 2
    with pytest.raises(cr.errors.SolutionError, match="met and pushes nothing"):
        cr.grad(nearest)(1.0, 2.0)


def test_an_assignment_does_not_move():
    costs = np.array([[4.0, 1.0, 3.0], [2.0, 0.0, 5.0], [3.0, 2.0, 2.0]])
    slope = cr.grad(lambda c: np.sum(c[optimize.linear_sum_assignment(c)]))(costs)
    np.testing.assert_array_equal(slope, [[0, 1, 0], [1, 0, 0], [0, 0, 1]])
