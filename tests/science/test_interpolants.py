"""What interpolants can be asked besides points: roots, integrals, other axes; and kernels."""

import numpy as np
import pytest

import chainrule as cr

interpolate = pytest.importorskip("scipy.interpolate")

X = np.array([0.0, 0.5, 1.2, 2.0, 2.7, 3.5])
Y = np.array([1.0, 2.3, 1.7, 0.6, 0.9, 1.4])
ASKED = np.array([0.3, 1.5, 3.1])
PLACES = np.array([[0.0, 0.0], [1.0, 0.1], [0.2, 1.0], [1.1, 1.2], [0.5, 0.4]])
POINTS = np.array([[0.4, 0.35], [0.7, 0.8]])
KNOTS = np.array([0, 0, 0, 0, 1, 2, 3, 3, 3, 3.0])
THROUGH = ("CubicSpline", "PchipInterpolator", "Akima1DInterpolator", "make_interp_spline")
KERNELS = ("linear", "thin_plate_spline", "cubic", "quintic", "multiquadric", "inverse_multiquadric", "gaussian",
           "inverse_quadratic")  # fmt: skip
plain = interpolate.CubicSpline(X, Y)


def _closed(y):
    return np.concatenate([y[:5], y[:1]])


def _kernel(name, at, values):
    settings = {} if name in KERNELS[:3] else {"degree": 2} if name == "quintic" else {"epsilon": 1.3}
    places = np.concatenate([PLACES, PLACES[:2] + 0.3])
    return interpolate.RBFInterpolator(places, values, kernel=name, **settings)(at)


CASES = {
    "roots": (lambda y: interpolate.CubicSpline(X, y - 1.2).roots(extrapolate=False), Y),
    "solve by the value": (lambda v: interpolate.CubicSpline(X, Y).solve(v, extrapolate=False), 1.2),
    "solve, made before": (lambda v: plain.solve(v, extrapolate=False), 1.2),
    "coefficients": (lambda y: interpolate.CubicSpline(X, y).c, Y),
    "roots of FITPACK's": (lambda y: interpolate.UnivariateSpline(X, y - 1.2, s=0).roots(), Y),
    "integral by values": (lambda y: interpolate.InterpolatedUnivariateSpline(X, y).integral(-0.2, 2.2), Y),
    "integral by a limit": (lambda b: interpolate.UnivariateSpline(X, Y, s=0.2).integral(0.2, b), 2.2),
    "derivatives": (lambda x: interpolate.UnivariateSpline(X, Y, s=0).derivatives(x), 2.2),
    "periodic": (lambda y: interpolate.CubicSpline(X, _closed(y), bc_type="periodic")(ASKED + 3), Y),
    "periodic, made": (lambda y: interpolate.make_interp_spline(X, _closed(y), bc_type="periodic")(ASKED), Y),
    "Hermite's along axis 1": (
        lambda y: interpolate.CubicHermiteSpline(X, np.stack([y, y**2]), np.stack([y, y]), axis=1)(ASKED), Y),
    "design_matrix": (lambda c: interpolate.BSpline.design_matrix(ASKED * 0.9, KNOTS, 3) @ c, Y),
    "basis_element": (lambda x: interpolate.BSpline.basis_element(np.arange(5.0))(x), ASKED),
    "from_spline": (lambda y: interpolate.PPoly.from_spline(interpolate.make_interp_spline(X, y))(ASKED), Y),
    "from_spline by points": (lambda x: interpolate.PPoly.from_spline(interpolate.make_interp_spline(X, Y))(x), ASKED),
    "isinstance": (lambda x: x if isinstance(interpolate.CubicSpline(X, Y), interpolate.CubicSpline) else 2 * x, ASKED),
    **{
        f"{name} along axis {axis}": (
            lambda y, name=name, axis=axis: getattr(interpolate, name)(X, np.stack([y, y**2]), axis=axis)(ASKED), Y)
        for name in THROUGH for axis in (1, -1)
    },
    **{
        f"{name}, {what} along axis 1": (
            lambda y, name=name, ask=ask: ask(getattr(interpolate, name)(X, np.stack([y, y**2]), axis=1)), Y)
        for name in THROUGH
        for what, ask in (("slopes", lambda f: f.derivative()(ASKED)), ("integral", lambda f: f.integrate(0.2, 2.0)))
    },
    **{f"{name} by points": (lambda x, name=name: _kernel(name, x, np.append(Y, 0.3)), POINTS) for name in KERNELS},
    **{f"{name} by values": (lambda y, name=name: _kernel(name, POINTS, np.append(y, 0.3)), Y) for name in KERNELS},
}  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_both_ways_beside_differences(part):
    for name in list(CASES)[part::4]:
        f, x = CASES[name]
        weights = np.cos(np.arange(float(np.size(f(x))))).reshape(np.shape(f(x)))
        whole = lambda v, f=f, weights=weights: np.sum(weights * f(v))
        direction = np.sin(1 + np.arange(float(np.size(x)))).reshape(np.shape(x))
        along = lambda t, x=x, whole=whole, direction=direction: float(whole(x + t * direction))
        expected = cr.numeric.derivative(along, 0.0)
        value, slope = cr.value_and_grad(whole)(x)
        assert float(value) == pytest.approx(along(0.0), rel=1e-10), name
        found = [np.sum(slope * direction), cr.jvp(whole, (x,), (direction,))[1]]
        np.testing.assert_allclose(found, expected.value, rtol=1e-7, atol=5 * expected.error + 1e-9, err_msg=name)


REFUSED = {
    "get_coeffs": lambda y: interpolate.UnivariateSpline(X, y, s=0).get_coeffs(),
    "y of an interpolant": lambda y: interpolate.interp1d(X, y).y,
    "BPoly.from_derivatives": lambda y: interpolate.BPoly.from_derivatives(X, y[:, None])(ASKED),
    "by its settings": lambda y: interpolate.RBFInterpolator(PLACES, Y[:5], smoothing=y[0])(POINTS),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_else_is_asked_is_refused_by_name(said):
    with pytest.raises(cr.errors.UnsupportedFunction, match=said):
        cr.grad(lambda y: np.sum(REFUSED[said](y)))(Y)


def test_a_curve_that_is_not_closed_is_no_periodic_spline():
    with pytest.raises(ValueError, match="must be identical"):
        cr.grad(lambda y: interpolate.CubicSpline(X, y, bc_type="periodic")(1.0))(Y)
