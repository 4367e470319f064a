"""`solve_bvp` by parameters, boundary values, places and an unknown of its own, beside closed forms."""

import math

import numpy as np
import pytest

import chainrule as cr

integrate = pytest.importorskip("scipy.integrate")
MESH = np.linspace(0, 1, 9)


def string(p, **settings):
    """y'' = -p[0] y, y(0) = 0, y(1) = p[1]."""
    return integrate.solve_bvp(
        lambda x, y: np.vstack((y[1], -p[0] * y[0])), lambda a, b: np.array([a[0], b[0] - p[1]]), MESH, np.ones((2, 9)),
        tol=1e-6, **settings,
    )  # fmt: skip


def exact(p, x=0.37):
    return p[1] * math.sin(math.sqrt(p[0]) * x) / math.sin(math.sqrt(p[0]))


P = np.array([0.7, 1.3])


def test_by_parameters_in_every_mode():
    right = [(exact(P + h) - exact(P - h)) / 2e-5 for h in 1e-5 * np.eye(2)]
    f = lambda p: string(p).sol(0.37)[0]
    for slopes in (cr.grad(f)(P), cr.jacfwd(f)(P)):
        np.testing.assert_allclose(slopes, right, rtol=1e-5)
    steps = 1e-3 * np.eye(2)
    curved = [[(exact(P + g + h) - exact(P + g - h) - exact(P - g + h) + exact(P - g - h)) / 4e-6 for g in steps]
              for h in steps]  # fmt: skip
    np.testing.assert_allclose(cr.hessian(f)(P), curved, atol=1e-5)


def test_the_result_is_scipys():
    plain = string(P)
    y, _ = cr.vjp(lambda p: string(p).y, P)
    np.testing.assert_array_equal(y, plain.y)
    assert cr.vjp(lambda p: string(p).sol(np.array([0.1, 0.2, 0.3])), P)[0].shape == (2, 3)
    at = cr.grad(lambda x: string(P).sol(x)[0])(0.37)
    assert at == pytest.approx(plain.sol(0.37)[1], rel=1e-4)
    both = cr.grad(lambda x: string(x * P).sol(x)[0])(0.5)
    assert both == pytest.approx((exact(0.5001 * P, 0.5001) - exact(0.4999 * P, 0.4999)) / 2e-4, rel=1e-4)


def test_an_unknown_parameter():
    """The lowest tone of a string: q k**2 = pi**2."""

    def tone(q):
        slope = lambda x, y, p: np.vstack((y[1], -q * p[0] ** 2 * y[0]))
        ends = lambda a, b, p: np.stack([a[0], b[0], a[1] - p[0]])
        begin = np.vstack((np.sin(np.pi * MESH), np.cos(np.pi * MESH)))
        return integrate.solve_bvp(slope, ends, MESH, begin, p=[3.0], tol=1e-5).p[0]

    assert cr.grad(tone)(1.2) == pytest.approx(-math.pi / 2 * 1.2**-1.5, rel=1e-4)


def stepped(f):
    return integrate.ode(f).set_initial_value(1.0).integrate(1.0)[0]


def test_refused():
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"solve_bvp.*S="):
        cr.grad(lambda q: string([q, 1.0], S=np.zeros((2, 2))).sol(0.5)[0])(0.7)
    with pytest.raises(cr.errors.SolutionError, match="solve_bvp"):
        cr.grad(lambda q: string([q, 1.0], max_nodes=10).sol(0.5)[0])(0.7)
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"scipy\.integrate\.ode"):
        cr.jvp(lambda k: integrate.ode(lambda t, y: -k * y).set_initial_value([1.0], 0).integrate(1.0), (0.7,), (1.0,))
    for numbers in (lambda k, y: -k * y, lambda k, y: [-k * y[0]]):
        with pytest.raises(cr.errors.UnsupportedFunction, match=r"scipy\.integrate\.ode"):
            cr.grad(lambda k, n=numbers: integrate.ode(lambda t, y: n(k, y)).set_initial_value(1.0).integrate(1.0)[0])(
                0.7
            )
    assert cr.grad(lambda k: k * integrate.ode(lambda t, y: -y).set_initial_value(1.0).integrate(1.0)[0])(
        0.7
    ) == pytest.approx(math.exp(-1), rel=1e-5)
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"scipy\.integrate\.qmc_quad"):
        cr.grad(lambda k: integrate.qmc_quad(lambda x: np.exp(-k * x[0]), [0], [1]).integral)(0.7)
