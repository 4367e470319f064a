"""What jumps where a time or a state passes a place that moves: right-hand sides and integrands in many spellings,
beside closed forms."""

import math

import numpy as np
import pytest

import chainrule as cr

integrate = pytest.importorskip("scipy.integrate")
quad, dblquad, quad_vec = integrate.quad, integrate.dblquad, integrate.quad_vec
A, S, END = 0.7, 1.3, 3.0


def pulsed(times, jumps):
    """y(END) of y' = -A y + u, y(0) = 1, where u changes by `jumps` at `times`; u is 0 at the beginning."""
    return math.exp(-A * END) + sum(
        j * (1 - math.exp(-A * (END - t))) / A for t, j in zip(times, jumps, strict=True) if t < END
    )


def on(s, size=1.0):
    return pulsed([s], [size])


def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


TABLE = np.array([0.0, 1.5, 0.5, 3.0, -1.0])
INPUTS = {
    "if t > s": (lambda t, s: 1.0 if t > s else 0.0, on),
    "if s < t": (lambda t, s: 1.0 if s < t else 0.0, on),
    "if not t <= s": (lambda t, s: 1.0 if not t <= s else 0.0, on),
    "a truth value": (lambda t, s: 2.0 * (t >= s), lambda s: on(s, 2.0)),
    "np.where": (lambda t, s: np.where(t > s, 1.0, 0.0), on),
    "np.where of both": (
        lambda t, s: np.where((s < t) & (t < s + 0.5), 2.0, 0.0), lambda s: pulsed([s, s + 0.5], [2.0, -2.0])
    ),
    "np.heaviside": (lambda t, s: np.heaviside(t - s, 0.5), on),
    "np.sign": (lambda t, s: (np.sign(t - s) + 1) / 2, on),
    "np.select": (lambda t, s: np.select([t < s, t < 2 * s], [0.0, 1.0], 3.0), lambda s: pulsed([s, 2 * s], [1, 2])),
    "np.piecewise": (lambda t, s: np.piecewise(t, [t < s, t >= s], [0.0, 1.0]), on),
    "np.floor": (lambda t, s: np.floor(t / s), lambda s: pulsed([s, 2 * s], [1, 1])),
    "t // s": (lambda t, s: t // s, lambda s: pulsed([s, 2 * s], [1, 1])),
    "t % s": (lambda t, s: 1.0 if (t % s) > 0.9 else 0.0, lambda s: pulsed([0.9, s, s + 0.9, 2 * s], [1, -1, 1, -1])),
    "int": (lambda t, s: TABLE[int(t / s)], lambda s: pulsed([s, 2 * s], [1.5, -1.0])),
    "math.floor": (lambda t, s: TABLE[math.floor(t / s)], lambda s: pulsed([s, 2 * s], [1.5, -1.0])),
    "np.searchsorted": (
        lambda t, s: TABLE[np.searchsorted(np.stack([s, 2 * s]), t)], lambda s: pulsed([s, 2 * s], [1.5, -1.0])
    ),
    "np.digitize": (
        lambda t, s: TABLE[np.digitize(t, np.stack([s, 2 * s]))], lambda s: pulsed([s, 2 * s], [1.5, -1.0])
    ),
}  # fmt: skip


def solved(u, s, method="RK45", **settings):
    return integrate.solve_ivp(
        lambda t, y: [-A * y[0] + u(t, s)], (0.0, END), [1.0], method, rtol=1e-6, atol=1e-8, **settings
    )


@pytest.mark.parametrize("spelling", INPUTS)
def test_an_input_that_is_switched_on(spelling):
    u, right = INPUTS[spelling]
    f = lambda s: solved(u, s).y[0, -1]
    found = cr.grad(f)(S) if list(INPUTS).index(spelling) % 2 else cr.jvp(f, (S,), (1.0,))[1]
    assert found == pytest.approx(slope(right, S), rel=3e-4)


@pytest.mark.parametrize("method", ["RK23", "DOP853", "Radau", "BDF", "LSODA", "odeint"])
def test_methods(method):
    def f(s):
        if method == "odeint":
            return integrate.odeint(lambda y, t: -A * y + (t > s), [1.0], [0.0, 1.0, END], rtol=1e-7, atol=1e-9)[-1, 0]
        return solved(lambda t, s: 1.0 if t > s else 0.0, s, method).y[0, -1]

    assert cr.grad(f)(S) == pytest.approx(slope(on, S), rel=3e-4)


def test_times_that_are_asked_for_and_second_order():
    u = INPUTS["if t > s"][0]
    asked = lambda s: solved(u, s, t_eval=[0.5, S + 0.01, END]).y[0]
    dense = lambda s: solved(u, s, dense_output=True).sol(END)[0]
    right = [0.0, -math.exp(-0.01 * A), slope(on, S)]
    np.testing.assert_allclose(cr.jacobian(asked)(S), right, rtol=1e-4, atol=1e-12)
    assert cr.grad(dense)(S) == pytest.approx(right[-1], rel=1e-4)
    second = cr.grad(cr.grad(lambda s: solved(u, s).y[0, -1]))(S)
    assert second == pytest.approx(-A * math.exp(-A * (END - S)), rel=1e-3)


def test_a_state_that_passes_a_threshold():
    """y' = -k y above c, -3 k y below: y(END) = c (y0 / c)**3 exp(-3 k END)."""

    def by_if(p):
        def f(t, y):
            if y[0] > p[1]:
                return [-p[0] * y[0]]
            return [-3 * p[0] * y[0]]

        return integrate.solve_ivp(f, (0, END), [p[2]], rtol=1e-8, atol=1e-9).y[0, -1]

    def by_where(p):
        def f(t, y):
            return np.where(y > p[1], -p[0] * y, -3 * p[0] * y)

        return integrate.solve_ivp(f, (0, END), np.stack([p[2], 0 * p[2] + 0.1]), rtol=1e-8, atol=1e-9).y[0, -1]

    k, c, y0 = p = np.array([0.7, 1.1, 2.0])
    y = c * (y0 / c) ** 3 * math.exp(-3 * k * END)
    for f in (by_if, by_where):
        np.testing.assert_allclose(cr.grad(f)(p), [-3 * END * y, -2 * y / c, 3 * y / y0], rtol=1e-5)


def test_what_cannot_be_followed_is_refused():
    with pytest.raises(cr.errors.SolutionError, match=r"solve_ivp: what it integrates jumps at 1\.3"):
        cr.grad(lambda s: solved(lambda t, s: 1.0 if float(t) > s else 0.0, s).y[0, -1])(S)
    with pytest.raises(cr.errors.SolutionError, match=r"quad: what it integrates jumps at 0\.4"):
        cr.grad(lambda s: quad(lambda x: 1.0 if float(x) > s else 0.0, 0, 1)[0])(0.4)
    assert cr.grad(lambda k: solved(lambda t, s: k * float(t), S).y[0, -1])(1.0) > 0  # no jump


def test_what_is_met_later_only():
    def late(k):
        return integrate.solve_ivp(lambda t, y: [-k * y[0]] if t > 1 else [-y[0]], (0, END), [1.0], rtol=1e-8).y[0, -1]

    assert cr.grad(late)(A) == pytest.approx(-2 * math.exp(-1 - 2 * A), rel=1e-5)


INTEGRALS = {
    "if": (lambda p: quad(lambda x: x * x if x > p else 0.0, 0, 1)[0], lambda p: -p * p, lambda p: -2 * p),
    "reversed": (lambda p: quad(lambda x: x * x if x > p else 0.0, 1, 0)[0], lambda p: p * p, lambda p: 2 * p),
    "np.where": (lambda p: quad(lambda x: np.where(x < p, x, 2.0 * p), 0, 1)[0], lambda p: 2 - 3 * p, lambda p: -3.0),
    "half-line": (
        lambda p: quad(lambda x: math.exp(-x) * (1.0 if x > p else 0.5), 0, math.inf)[0],
        lambda p: -math.exp(-p) / 2, lambda p: math.exp(-p) / 2,
    ),
    "line": (
        lambda p: quad(lambda x: math.exp(-x * x) * np.sign(x - p), -math.inf, math.inf)[0],
        lambda p: -2 * math.exp(-p * p), lambda p: 4 * p * math.exp(-p * p),
    ),
    "limits": (
        lambda p: quad(lambda x: x * p if x > p * p else 1.0, 0, 2 * p)[0],
        lambda p: 2 * p + 6 * p**2 - 2.5 * p**4, lambda p: 2 + 12 * p - 10 * p**3,
    ),
    "floor": (lambda p: quad(lambda x: np.floor(x / p), 0, 1)[0], lambda p: -3.0, lambda p: 0.0),
    "a bend": (lambda p: quad(lambda x: abs(x - p), 0, 1)[0], lambda p: 2 * p - 1, lambda p: 2.0),
    "vectors": (
        lambda p: np.sum(quad_vec(lambda x: np.array([x, 1.0]) * (x > p), 0, 1)[0]), lambda p: -p - 1, lambda p: -1.0
    ),
    "args": (lambda p: quad(lambda x, a: 1.0 if x > a else 0.0, 0, 1, args=(p,))[0], lambda p: -1.0, lambda p: 0.0),
    "a branch that stays": (lambda p: quad(lambda x: p * x if x >= 0 else 0.0, -1, 1)[0], lambda p: 0.5, lambda p: 0.0),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGRALS)
def test_an_integrand_that_jumps(name):
    f, first, second = INTEGRALS[name]
    p = 0.42
    assert cr.grad(f)(p) == pytest.approx(first(p), rel=1e-4)
    if list(INTEGRALS).index(name) % 3 == 0:
        assert cr.jvp(f, (p,), (1.0,))[1] == pytest.approx(first(p), rel=1e-4)
    assert cr.grad(cr.grad(f))(p) == pytest.approx(second(p), rel=1e-4, abs=1e-9)
