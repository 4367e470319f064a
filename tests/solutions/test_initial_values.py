"""Initial value problems: by parameters, beginnings and times, beside closed forms and a tighter solution."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.solutions import adjoint

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


def test_failed():
    with pytest.raises(cr.errors.SolutionError, match="did not reach the end"):
        cr.grad(lambda k: integrate.solve_ivp(lambda t, y: k * y * y, (0, 9), [1.0]).y[0, -1])(1.0)


# -- events -------------------------------------------------------------------------------------------------------


def ground(t, y):
    return y[0]


ground.terminal, ground.direction = True, -1


def fall(p, **settings):
    """A ball thrown up from 0.3 with the velocity p[1]."""
    return integrate.solve_ivp(
        lambda t, y: [y[1], -p[0]], (0.0, 9.0), [0.3, p[1]], events=ground, rtol=1e-9, atol=1e-9, **settings
    )


def test_a_terminal_event_moves_with_what_it_depends_on():
    p, root = np.array([9.81, 3.0]), math.sqrt(9.0 + 0.6 * 9.81)
    at = (3.0 + root) / 9.81
    right = [0.3 / root / 9.81 - at / 9.81, (1 + 3.0 / root) / 9.81]
    for f in (
        lambda p: fall(p).t_events[0][0],
        lambda p: fall(p).t[-1],
        lambda p: fall(p, t_eval=[0.1]).t_events[0][0],
    ):
        np.testing.assert_allclose(cr.grad(f)(p), right, rtol=1e-7)
    for f in (lambda p: fall(p).y_events[0][0, 1], lambda p: fall(p).y[1, -1]):  # the velocity is -root
        np.testing.assert_allclose(cr.grad(f)(p), [-0.3 / root, -3.0 / root], rtol=1e-6)
    direction = np.array([1.0, 0.0])
    assert cr.jvp(lambda p: fall(p).t[-1], (p,), (direction,))[1] == pytest.approx(right[0], rel=1e-7)
    second = cr.hessian(lambda p: fall(p).t_events[0][0])(p)[1, 1]  # root' = v / root
    assert second == pytest.approx((1 - 9.0 / root**2) / root / 9.81, rel=1e-5)


def test_events_that_do_not_end_it():
    def crossings(c):
        lower, hours = (lambda t, y, k: y[0] - c), (lambda t, y, k: t - 1.0)
        s = integrate.solve_ivp(
            lambda t, y, k: -k * y, (0, 5.0), [2.0], events=[lower, hours], args=(0.7,), rtol=1e-9, atol=1e-11
        )
        return s.t_events[0][0] + 0 * s.t_events[1][0]

    assert cr.grad(crossings)(1.0) == pytest.approx(-1 / 0.7, rel=1e-7)


def test_a_ball_that_bounces():
    def second(v):
        first = fall(np.stack([9.81 + 0 * v, v]))
        up = -0.5 * first.y[1, -1]
        again = integrate.solve_ivp(
            lambda t, y: [y[1], -9.81], (first.t[-1], 9.0), [0.0 * v + 1e-9, up], events=ground, rtol=1e-10, atol=1e-10
        )
        return again.t[-1]

    def exact(v):
        root = math.sqrt(v * v + 0.6 * 9.81)
        return (v + root) / 9.81 + root / 9.81

    assert cr.grad(second)(3.0) == pytest.approx((exact(3.0 + 1e-5) - exact(3.0 - 1e-5)) / 2e-5, rel=1e-6)


# -- machine code -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853"])
def test_the_adjoint_of_the_steps_is_that_of_the_steps_themselves(method):
    pytest.importorskip("llvmlite")

    def f(p, end, **settings):
        return integrate.solve_ivp(
            lambda t, y: [p[0] * y[0] - p[1] * y[0] * y[1] * np.cos(t), -y[1] + p[3] * y[0] * np.maximum(y[1], 0.5)],
            (0.3, end), [1.0, p[2]], method, rtol=1e-5, atol=1e-7, **settings,
        )  # fmt: skip

    p = np.array([1.1, 0.4, 2.0, 0.5])
    both = ({}, {"t_eval": np.array([0.3, 0.9, 1.7]), "max_step": 0.5})
    for settings in both if method == "RK45" else both[1:]:

        def loss(p, end, settings=settings):
            y = f(p, end, **settings).y
            return np.sum(np.sin(y) * np.arange(1.0, y.shape[1] + 1))

        gradient = cr.grad(loss, argnums=(0, 1))
        slow = [gradient(p, 1.7), adjoint._SEEN.clear()][0]
        for _ in range(3):
            fast = gradient(p, 1.7)
        assert any(v is not None for v in adjoint._SEEN.values())
        for a, b in zip(slow, fast, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)
        tangent = cr.jvp(loss, (p, 1.7), (np.ones(4), 1.0))[1]
        assert tangent == pytest.approx(np.sum(fast[0]) + fast[1], rel=1e-7)
    solution, plain = [], f(p, 1.7)
    cr.grad(lambda p: [solution.append(f(p, 1.7)), np.sum(solution[0].y)][1])(p)
    assert (solution[0].nfev, len(solution[0].t)) == (plain.nfev, len(plain.t))


def test_a_right_hand_side_that_asks_is_not_compiled():
    def bent(p):
        def slope(t, y):
            return -p * y - (y - 0.5 if y[0] > 0.5 else 0.0 * y)

        return integrate.solve_ivp(slope, (0, 3.0), [1.0], max_step=0.02).y[0, -1]

    def exact(p):
        rest = 0.5 / (p + 1)
        return 0.5 * math.exp(-p * (3 - math.log((1 - rest) / (0.5 - rest)) / (p + 1)))

    adjoint._SEEN.clear()
    right = (exact(0.7 + 1e-5) - exact(0.7 - 1e-5)) / 2e-5
    assert [cr.grad(bent)(0.7) for _ in range(3)] == pytest.approx([right] * 3, rel=1e-6)
    assert not adjoint._SEEN


def test_odeint_with_a_kink_and_listed_times():
    def f(k, tolerance=None):
        return integrate.odeint(
            lambda y, t: -k * np.maximum(y - 0.5, 0) - 0.2 * y * np.maximum(t - 1.0, 0), 1.3, [0.0, 1.0, 3.0],
            rtol=tolerance, atol=tolerance,
        )[-1, 0]  # fmt: skip

    right = (f(1.7 + 1e-4, 1e-12) - f(1.7 - 1e-4, 1e-12)) / 2e-4
    for _ in range(2):
        assert cr.grad(f)(1.7) == pytest.approx(right, rel=1e-5)
    assert cr.grad(lambda t: np.sum(integrate.odeint(lambda y, s: -y * s, 1.0, [0.5, t, 2 * t])[1:]))(
        1.5
    ) == pytest.approx(-1.5 * math.exp(-1) - 2 * 3.0 * math.exp(-(9.0 - 0.25) / 2), rel=1e-6)


@pytest.mark.parametrize("method", ["RK45", "BDF"])
def test_a_solution_of_plain_numbers_by_the_time_it_is_asked_for(method):
    def asked(t):
        sol = integrate.solve_ivp(lambda t, y: -y, (0, 2), [1.0], method, dense_output=True, rtol=1e-9, atol=1e-9).sol
        return sol(t)[0] + sol.ts[0] + sol(0.5)[0]

    assert cr.grad(asked)(1.0) == pytest.approx(-np.exp(-1.0), rel=1e-6)
    assert cr.jvp(asked, (1.0,), (1.0,))[1] == pytest.approx(-np.exp(-1.0), rel=1e-6)


def test_a_jacobian_of_the_right_hand_side_as_lists():
    def f(a):
        jac = lambda t, y: [[-a, 1], [0, -50]]
        return integrate.solve_ivp(lambda t, y: [-a * y[0] + y[1], -50 * y[1]], (0, 1), [1.0, 0.0], "BDF", jac=jac).y[
            0, -1
        ]

    assert cr.grad(f)(1.2) == pytest.approx(-np.exp(-1.2), rel=1e-2)


def test_the_error_of_the_derivative_falls_with_the_tolerances():
    """At most fifty times that of the solution, as the documentation says."""

    def lorenz(rho, rtol):
        slope = lambda t, y: [10 * (y[1] - y[0]), y[0] * (rho - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]
        return integrate.solve_ivp(slope, (0, 2), [1.0, 1.0, 1.0], rtol=rtol, atol=1e-3 * rtol).y[:, -1]

    right, slope = cr.jvp(lambda rho: lorenz(rho, 1e-12), (28.0,), (1.0,))
    for rtol in (1e-4, 1e-6):
        error = np.abs(lorenz(28.0, rtol) - right).max() / np.abs(right).max()
        found = cr.jacobian(lambda rho, rtol=rtol: lorenz(rho, rtol))(28.0)
        assert 1e-12 < np.abs(found - slope).max() / np.abs(slope).max() < 50 * error
