"""Forward and reverse mode through one solution are the derivative of the same steps: they agree to rounding, whatever
the method and the settings. And twins of the documentation's epidemic: JAX's own integrator."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.solutions import adjoint

integrate = pytest.importorskip("scipy.integrate")
P = np.array([1.1, 0.4, 0.7])
TIMES = np.array([0.0, 0.4, 1.0])


def slope(t, y, a, b):
    return [a * y[0] - b * y[0] * y[1] + np.sin(t), -y[1] + b * y[0] * y[1]]


def threshold(t, y, a, b):
    return y[0] - 1.5 - 0.1 * b


def ended(t, y, a, b):
    return y[0] - 2.0


ended.terminal = True
SETTINGS = {
    "the steps": ({}, lambda s: s.y[:, -1]),
    "t_eval": ({"t_eval": TIMES}, lambda s: s.y),
    "dense_output": ({"dense_output": True}, lambda s: s.sol(TIMES)),
    "events": ({"events": threshold}, lambda s: np.concatenate([s.t_events[0], s.y_events[0][0]])),
    "terminal events": ({"events": ended, "t_eval": TIMES[:2]}, lambda s: np.concatenate([s.t_events[0], s.y[:, -1]])),
    "max_step": ({"max_step": 0.11, "first_step": 0.01}, lambda s: s.y[:, -1]),
}


def solved(p, method, settings, read):
    span, start = (0.0, 1.0), np.stack([1 + 0 * p[2], p[2]])
    more = {"rtol": 1e-4, "atol": 1e-6, **settings}
    if method == "backwards":
        return read(integrate.solve_ivp(slope, (1.0, 0.0), start, args=(p[0], p[1]), **more))
    return read(integrate.solve_ivp(slope, span, start, method, args=(p[0], p[1]), **more))


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA", "backwards"])
def test_both_modes_agree(method):
    stride = {"RK45": slice(0, None), "DOP853": slice(1, 4), "Radau": slice(1, 4)}.get(method, slice(1, 2))
    names = list(SETTINGS)[stride]
    adjoint._SEEN.clear()
    for name in names:
        settings, read = SETTINGS[name]
        if method == "backwards" and "t_eval" in settings:
            settings = {"t_eval": TIMES[::-1]}
        f = lambda p, settings=settings, read=read: solved(p, method, settings, read)
        forward = cr.jacfwd(f)(P)
        for _ in range(
            2 if name in ("the steps", "t_eval") else 1
        ):  # the second time with machine code, where there is
            np.testing.assert_allclose(cr.jacobian(f)(P), forward, rtol=1e-7, atol=1e-9, err_msg=name)
        way = np.array([0.3, -0.2, 0.5])
        right = (np.asarray(f(P + 1e-4 * way)) - np.asarray(f(P - 1e-4 * way))) / 2e-4
        np.testing.assert_allclose(forward @ way, right, rtol=1e-2, atol=5e-3, err_msg=name)


MATRIX, BEGIN = np.array([[-0.5, 0.3], [-0.2, -0.4]]), np.array([1.0, 0.5])


def whirl(p, start, end):
    return np.sum(
        integrate.solve_ivp(lambda t, y: np.tanh(p * (MATRIX @ y)) + np.sin(t), (0, end), start, rtol=1e-7, atol=1e-7)
        .y[:, -1] ** 2
    )  # fmt: skip


def _slope(f, x):
    return (np.asarray(f(x + 1e-5)) - np.asarray(f(x - 1e-5))) / 2e-5


def _jvp(f, x, way=1.0):
    return cr.jvp(f, (x,), (way,))[1]


BY_P, BY_START, BY_END = (
    lambda p: whirl(p, BEGIN, 2.0), lambda y: whirl(1.1, y, 2.0), lambda t: whirl(1.1, BEGIN, t)
)  # fmt: skip
MEETINGS = {
    "by a parameter": lambda: (_jvp(BY_P, 1.1), cr.grad(BY_P)(1.1)),
    "by the beginning": lambda: (_jvp(BY_START, BEGIN, BEGIN), cr.grad(BY_START)(BEGIN) @ BEGIN),
    "by the end": lambda: (_jvp(BY_END, 2.0), cr.grad(BY_END)(2.0)),
    "by all": lambda: (
        _jvp(lambda x: whirl(x, x * BEGIN, x), 1.5), cr.grad(lambda x: whirl(x, x * BEGIN, x))(1.5)
    ),
    "by parameter and beginning": lambda: (
        _jvp(lambda x: whirl(x, x * BEGIN, 2.0), 1.5), cr.grad(lambda x: whirl(x, x * BEGIN, 2.0))(1.5)
    ),
    "forward over reverse": lambda: (_jvp(cr.grad(BY_START), BEGIN, BEGIN), cr.hessian(BY_START)(BEGIN) @ BEGIN),
    "forward over reverse, mixed": lambda: (
        _jvp(lambda p: cr.grad(lambda y: whirl(p, y, 2.0))(BEGIN), 1.1),
        _slope(lambda p: cr.grad(lambda y: whirl(p, y, 2.0))(BEGIN), 1.1),
    ),
    "reverse over forward, mixed": lambda: (
        cr.grad(lambda p: _jvp(lambda y: whirl(p, y, 2.0), BEGIN, BEGIN))(1.1),
        _slope(lambda p: _jvp(lambda y: whirl(p, y, 2.0), BEGIN, BEGIN), 1.1),
    ),
    "forward over forward": lambda: (_jvp(lambda p: _jvp(BY_P, p), 1.1), _slope(cr.grad(BY_P), 1.1)),
}  # fmt: skip


def test_kinds_of_derivatives_that_meet():
    adjoint._SEEN.clear()
    for turn in range(2):  # what is met again is machine code
        for name, both in MEETINGS.items():
            found, right = both()
            np.testing.assert_allclose(found, right, rtol=1e-6, err_msg=f"{name}, call {turn + 1}")


def _jac(t, y, a, b):
    return [[a - b * y[1], -b * y[0]], [b * y[1], b * y[0] - 1]]


ODEINT = {
    "plain": lambda p: integrate.odeint(lambda y, t, a, b: slope(t, y, a, b), [1.0, p[2]], TIMES, (p[0], p[1])),
    "tfirst": lambda p: integrate.odeint(slope, [1.0, p[2]], TIMES, args=(p[0], p[1]), tfirst=True),
    "full_output": lambda p: integrate.odeint(slope, [1.0, p[2]], TIMES, (p[0], p[1]), full_output=1, tfirst=True)[0],
    "Dfun": lambda p: integrate.odeint(slope, [1.0, p[2]], TIMES, (p[0], p[1]), Dfun=_jac, tfirst=True),
    "closure, one argument": lambda p: integrate.odeint(
        lambda y, t, a: slope(t, y, a, p[1]), np.stack([1 + 0 * p[0], p[2]]), TIMES.tolist(), args=(p[0],), rtol=1e-9
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODEINT)
def test_odeint_both_ways(name):
    f = ODEINT[name]
    forward = cr.jacfwd(f)(P)
    np.testing.assert_allclose(cr.jacobian(f)(P), forward, rtol=1e-7, atol=1e-9)
    way = np.array([0.3, -0.2, 0.5])
    np.testing.assert_allclose(forward @ way, (f(P + 1e-4 * way) - f(P - 1e-4 * way)) / 2e-4, rtol=1e-5, atol=1e-6)


def test_an_epidemic_in_jax():
    jax = pytest.importorskip("jax")
    odeint = pytest.importorskip("jax.experimental.ode").odeint
    days = np.linspace(0, 30, 6)
    begin, data = np.array([0.95, 0.05, 0.0]), np.linspace(0, 1, 18).reshape(3, 6)

    def slopes(y, p):
        return [-p[0] * y[0] * y[1], p[0] * y[0] * y[1] - p[1] * y[1], p[1] * y[1]]

    def ours(p):
        found = integrate.solve_ivp(lambda t, y: slopes(y, p), (0, 30), begin, t_eval=days, rtol=1e-8, atol=1e-10)
        return np.sum((found.y - data) ** 2)

    def theirs(p):
        found = odeint(lambda y, t, p: jax.numpy.stack(slopes(y, p)), begin, days, p, rtol=1e-8, atol=1e-9)
        return jax.numpy.sum((found.T - data) ** 2)

    p = np.array([0.5, 0.1])
    with jax.enable_x64(True):
        value, right = jax.jit(jax.value_and_grad(theirs))(jax.numpy.array(p))
        assert ours(p) == pytest.approx(float(value), rel=1e-7)
        for _ in range(2):
            np.testing.assert_allclose(cr.grad(ours)(p), np.asarray(right), rtol=1e-6)
        np.testing.assert_allclose(cr.jacfwd(ours)(p), np.asarray(right), rtol=1e-6)
