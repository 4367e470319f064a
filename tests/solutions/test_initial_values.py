"""Initial value problems: by parameters, beginnings and times, beside closed forms and a tighter solution."""

import math

import numpy as np
import pytest

import chainrule as cr

integrate = pytest.importorskip("scipy.integrate")
P = np.array([1.1, 0.4, 2.0])
TIMES = np.linspace(0, 2, 4)
METHODS = ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA"]


def prey(t, y, a, b):
    return [a * y[0] - b * y[0] * y[1], -y[1] + 0.5 * y[0] * y[1]]


def last(p, method="RK45", tolerance=1e-7, **settings):
    return integrate.solve_ivp(
        lambda t, y: prey(t, y, p[0], p[1]), (0.0, 2.0), [p[2], 1.0], method, rtol=tolerance, atol=tolerance, **settings
    ).y[:, -1]


@pytest.fixture(scope="module")
def right():
    columns = [(last(P + h, "DOP853", 1e-12) - last(P - h, "DOP853", 1e-12)) / 2e-4 for h in 1e-4 * np.eye(3)]
    return np.array(columns).T


@pytest.mark.parametrize("method", METHODS)
def test_by_parameters_and_beginnings(method, right):
    tolerance = 1e-7 if method in ("RK45", "DOP853") else 1e-5
    y, found = cr.vjp(lambda p: last(p, method, tolerance), P)[0], cr.jacobian(lambda p: last(p, method, tolerance))(P)
    np.testing.assert_allclose(y, last(P, method, tolerance), rtol=1e-12)
    np.testing.assert_allclose(found, right, rtol=100 * tolerance, atol=100 * tolerance)


def test_forward_mode_and_asked_times(right):
    np.testing.assert_allclose(cr.jacfwd(lambda p: last(p, t_eval=TIMES))(P), right, rtol=1e-5)


def test_odeint(right):
    def f(p):
        return integrate.odeint(lambda y, t, a, b: prey(t, y, a, b), [p[2], 1.0], TIMES, args=(p[0], p[1]))[-1]

    np.testing.assert_allclose(cr.jacobian(f)(P), right, rtol=1e-5)


def test_second_order():
    def f(k):
        return integrate.solve_ivp(lambda t, y: -k * y, (0, 1.0), [1.0], rtol=1e-9, atol=1e-9).y[0, -1]

    assert cr.grad(cr.grad(f))(2.0) == pytest.approx(math.exp(-2), rel=1e-6)


def test_by_the_end_the_beginning_and_a_dense_time():
    def solved(start, end, **settings):
        return integrate.solve_ivp(lambda t, y: [-y[0] * t], (start, end), [1.0], rtol=1e-9, atol=1e-12, **settings)

    assert cr.grad(lambda t: solved(0.5, t).y[0, -1])(1.5) == pytest.approx(-1.5 * math.exp(-1), rel=1e-7)
    assert cr.grad(lambda t: solved(t, 1.5).y[0, -1])(0.5) == pytest.approx(0.5 * math.exp(-1), rel=1e-7)
    assert cr.grad(lambda t: solved(0.5, 2.0, dense_output=True).sol(t)[0])(1.5) == pytest.approx(
        -1.5 * math.exp(-1), rel=1e-5
    )


def test_a_stiff_problem():
    def robertson(t, y, k):
        return [-k * y[0] + 1e4 * y[1] * y[2], k * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1] ** 2, 3e7 * y[1] ** 2]

    def f(k):
        return integrate.solve_ivp(robertson, (0, 0.5), [1, 0, 0], "BDF", args=(k,), rtol=1e-5, atol=1e-8).y[0, -1]

    def tight(k):
        return integrate.solve_ivp(robertson, (0, 0.5), [1, 0, 0], "Radau", args=(k,), rtol=1e-9, atol=1e-12).y[0, -1]

    assert cr.grad(f)(0.04) == pytest.approx((tight(0.041) - tight(0.039)) / 2e-3, rel=1e-3)


def test_refused_and_failed():
    with pytest.raises(cr.errors.UnsupportedFunction, match="events="):
        cr.grad(lambda k: integrate.solve_ivp(lambda t, y: -k * y, (0, 1), [1.0], events=lambda t, y: y[0]).y[0, -1])(
            2.0
        )
    with pytest.raises(cr.errors.SolutionError, match="did not reach the end"):
        cr.grad(lambda k: integrate.solve_ivp(lambda t, y: k * y * y, (0, 9), [1.0]).y[0, -1])(1.0)
