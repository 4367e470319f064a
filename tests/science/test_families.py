"""SciPy's functions of arrays: values beside SciPy's own, derivatives along a direction beside differences."""

import math

import numpy as np
import pytest

import chainrule as cr

scipy = pytest.importorskip("scipy")
from scipy import integrate, interpolate, linalg, ndimage, signal, sparse, spatial, stats  # noqa: E402
from scipy.sparse.linalg import cg, splu, spsolve  # noqa: E402
from scipy.spatial import distance  # noqa: E402

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 4))
S, RIGHT = A @ A.T + 4 * np.eye(4), RNG.normal(size=4)
BAND = np.array([[0, 0.1, 0.2, 0.3], [2, 3, 2, 2.0]])
X, Y = RNG.uniform(0.1, 1, size=(5, 3)), RNG.uniform(0.1, 1, size=(4, 3))
LINE, IMAGE, KERNEL = RNG.normal(size=30), RNG.normal(size=(6, 7)), RNG.normal(size=(3, 2))
NUMERATOR, DENOMINATOR = signal.butter(3, 0.3)
SECTIONS = signal.butter(4, 0.3, output="sos")
PLACES = RNG.uniform(-1, 7, size=(2, 9))
T = np.sort(RNG.uniform(0, 3, 8))
HEIGHTS = np.sin(2 * T) + 0.1 * RNG.normal(size=8)
ASKED = np.array([T[0] + 0.01, 0.9, 1.7, 2.2, T[-1] - 0.01])
OUTSIDE = np.append(ASKED, T[-1] + 0.1)
GRID = (T, np.arange(4.0))
OVER_GRID = RNG.normal(size=(8, 4))
CORNERS = np.array([[0.0, 0], [4, 0], [0, 4], [4, 5]])
POINTS = np.array([[1.1, 2.3], [0.9, 0.4]])
spline, pchip = interpolate.CubicSpline(T, HEIGHTS), interpolate.PchipInterpolator(T, HEIGHTS)
line, smooth = interpolate.interp1d(T, HEIGHTS), interpolate.UnivariateSpline(T, HEIGHTS, s=0.1)
SPARSE = sparse.csr_array(np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 5]]))
WIDE = sparse.coo_array(np.array([[1.0, 2, 0], [0, 3, 1]]))
OLD = sparse.csr_matrix(WIDE)
FITPACK = interpolate.splrep(T, HEIGHTS)
cubic = interpolate.interp1d(T, HEIGHTS, kind="cubic")
b_spline, table = interpolate.make_interp_spline(T, HEIGHTS, k=3), interpolate.RegularGridInterpolator(GRID, OVER_GRID)

CASES = {
    "gaussian_filter of a slope": (lambda x: ndimage.gaussian_filter(x, 1.3, order=(1, 0)), IMAGE),
    "gaussian_filter1d of order 3 by sigma": (lambda x: ndimage.gaussian_filter1d(IMAGE, x, order=3), 1.3),
    "barycentric": (lambda x: interpolate.BarycentricInterpolator([0.0, 1, 2], [1.0, 2, 4])(x), ASKED),
    "griddata by points": (lambda x: interpolate.griddata(CORNERS, [1.0, 2.0, 4.0, 3.0], x), POINTS),
    "median_filter": (lambda x: ndimage.median_filter(x, 3), IMAGE),
    "minimum_filter of a list": (lambda x: ndimage.minimum_filter([x, 1.0, 2.0 * x], 3), 1.3),
    "null_space": (lambda x: np.abs(linalg.null_space(x)), A[:3]),
    "nquad by limits": (lambda b: integrate.nquad(lambda y, x: x * y**2 * b, [lambda x: (0, b * x), (0, b)])[0], 1.3),
    "solve": (lambda x: linalg.solve(x, RIGHT), S),
    "solve a positive one": (lambda x: linalg.solve(x, RIGHT, assume_a="pos", check_finite=False), S),
    "solve transposed": (lambda x: linalg.solve(x, RIGHT, transposed=True), A),
    "solve_triangular": (lambda x: linalg.solve_triangular(x, RIGHT), S),
    "solve_triangular lower": (lambda x: linalg.solve_triangular(x, RIGHT, trans=1, lower=True, unit_diagonal=True), S),
    "cholesky": (lambda x: linalg.cholesky(x), S),
    "cholesky lower": (lambda x: linalg.cholesky(x, lower=True), S),
    "cho_solve": (lambda x: linalg.cho_solve(linalg.cho_factor(x), RIGHT), S),
    "cho_solve lower": (lambda x: linalg.cho_solve(linalg.cho_factor(x, True), RIGHT), S),
    "solve_banded": (lambda x: linalg.solve_banded((1, 2), x, RIGHT), A),
    "solveh_banded": (lambda x: linalg.solveh_banded(x, RIGHT), BAND),
    "solveh_banded lower": (lambda x: linalg.solveh_banded(x, RIGHT, lower=True), BAND[::-1] + 0.1),
    "toeplitz": (lambda x: linalg.toeplitz(x[0], x[1]), A),
    "circulant": (lambda x: linalg.circulant(x[0]), A),
    "hankel": (lambda x: linalg.hankel(x[0], x[1]), A),
    "block_diag": (lambda x: linalg.block_diag(x, x[:2], x[0]), A),
    "expm": (lambda x: linalg.expm(x), A),
    "expm scaled": (lambda x: linalg.expm(x), 5 * A),
    "sqrtm": (lambda x: linalg.sqrtm(x), S),
    "logm": (lambda x: linalg.logm(x), S[:3, :3]),
    "solve_sylvester": (lambda x: linalg.solve_sylvester(x, S, B), S),
    "solve_continuous_lyapunov": (lambda x: linalg.solve_continuous_lyapunov(x, B), S),
    "solve_discrete_lyapunov": (lambda x: linalg.solve_discrete_lyapunov(x, B), 0.2 * A),
    "lu": (lambda x: linalg.lu(x)[1], A),
    "lu upper": (lambda x: linalg.lu(x)[2], A),
    "lu permuted": (lambda x: linalg.lu(x, permute_l=True)[0], A),
    "eigh": (lambda x: linalg.eigh(x)[0], S),
    "eigvalsh": (lambda x: linalg.eigvalsh(x, lower=False), S),
    "svd": (lambda x: linalg.svd(x)[1], A),
    "svdvals": (lambda x: linalg.svdvals(x), A[:, :3]),
    "qr": (lambda x: linalg.qr(x)[1], A),
    "qr economic": (lambda x: linalg.qr(x, mode="economic")[0], A[:, :3]),
    "lu_solve": (lambda x: linalg.lu_solve(linalg.lu_factor(x), RIGHT), A),
    "lu_solve transposed": (lambda x: linalg.lu_solve(linalg.lu_factor(x), RIGHT, trans=1), A),
    "lstsq": (lambda x: linalg.lstsq(x, [1.0, 2.0, 3.0, 4.0])[0], A[:, :2]),
    "norm": (lambda x: linalg.norm(x), A),
    "lists": (lambda x: linalg.solve([[x, 1.0], [0.5, 2.0]], [1.0, x]), 1.3),
    "inv": (lambda x: linalg.inv(x), S),
    "det": (lambda x: linalg.det(x), S),
    "lfilter": (lambda x: signal.lfilter(NUMERATOR, DENOMINATOR, x), LINE),
    "lfilter by b": (lambda x: signal.lfilter(x, DENOMINATOR, LINE), NUMERATOR),
    "lfilter by a": (lambda x: signal.lfilter(NUMERATOR, x, LINE), DENOMINATOR),
    "lfilter of columns": (lambda x: signal.lfilter(NUMERATOR, DENOMINATOR, x, axis=0), IMAGE),
    "sosfilt": (lambda x: signal.sosfilt(SECTIONS, x), LINE),
    "filtfilt": (lambda x: signal.filtfilt(NUMERATOR, DENOMINATOR, x), LINE),
    "filtfilt even": (lambda x: signal.filtfilt(NUMERATOR, DENOMINATOR, x, padtype="even"), LINE),
    "filtfilt by b": (lambda x: signal.filtfilt(x, DENOMINATOR, LINE), NUMERATOR),
    "savgol_filter": (lambda x: signal.savgol_filter(x, 7, 2), LINE),
    "detrend": (lambda x: signal.detrend(x), LINE),
    "convolve": (lambda x: signal.convolve(x, NUMERATOR, mode="same"), LINE),
    "convolve valid": (lambda x: signal.convolve(x, NUMERATOR, mode="valid"), LINE),
    "fftconvolve": (lambda x: signal.fftconvolve(x, KERNEL, mode="same"), IMAGE),
    "correlate": (lambda x: signal.correlate(x, NUMERATOR, mode="same"), LINE),
    "correlate images": (lambda x: signal.correlate(x, KERNEL), IMAGE),
    "convolve2d": (lambda x: signal.convolve2d(IMAGE, x, mode="valid"), KERNEL),
    "affine_transform": (lambda x: ndimage.affine_transform(IMAGE, x, offset=[0.3, 0.2], order=1), [1.03, 0.95]),
    "shift": (lambda x: ndimage.shift(IMAGE, x, order=1), np.array([0.3, 0.4])),
    "squareform": (lambda x: distance.squareform(x), np.arange(1.0, 7)),
    "mahalanobis": (lambda x: distance.mahalanobis(x, Y[0], np.eye(3) + 0.1), X[0]),
    "seuclidean": (lambda x: distance.seuclidean(x, Y[0], np.array([1.0, 2, 3])), X[0]),
    "CubicSpline": (lambda x: spline(x), OUTSIDE),
    "its slope": (lambda x: spline(x, 1), OUTSIDE),
    "its derivative": (lambda x: spline.derivative()(x), OUTSIDE),
    "its integral": (lambda x: spline.integrate(0.5, x), 1.1),
    "PchipInterpolator": (lambda x: pchip(x), ASKED),
    "interp1d": (lambda x: line(x), ASKED),
    "interp1d cubic": (lambda x: cubic(x), ASKED),
    "UnivariateSpline": (lambda x: smooth(x), ASKED),
    "BSpline": (lambda x: b_spline(x), ASKED),
    "RegularGridInterpolator": (lambda x: table(x), POINTS),
    "Akima1DInterpolator": (lambda x: interpolate.Akima1DInterpolator(T, HEIGHTS)(x), ASKED),
    "splev": (lambda x: interpolate.splev(x, FITPACK), ASKED),
    "its second derivative": (lambda x: interpolate.splev(x, FITPACK, der=2), ASKED),
    "interp1d of a list": (lambda y: interpolate.interp1d([0.0, 1.0, 2.0], [0.0, y, 4.0])(0.6), 1.5),
    "sparse @": (lambda x: WIDE @ x, X[0]),
    "@ sparse": (lambda x: x @ SPARSE, X),
    "sparse dot": (lambda x: SPARSE.T.dot(2 * SPARSE @ x), X.T),
    "sparse matrix": (lambda x: OLD.T * (OLD * x), X[0]),
    "spsolve": (lambda x: spsolve(SPARSE.tocsc(), x), X[0]),
    "splu": (lambda x: splu(SPARSE.tocsc()).solve(x), X.T),
    "cg": (lambda x: cg(SPARSE, x, rtol=1e-14)[0], X[0]),
    "trapezoid": (lambda y: integrate.trapezoid(y, x=T), HEIGHTS),
    "trapezoid by places": (lambda x: integrate.trapezoid(HEIGHTS, x), T),
    "trapezoid of a list": (lambda x: integrate.trapezoid([x, x**2, 1.0], dx=0.5), 1.3),
    "cumulative_trapezoid": (lambda x: integrate.cumulative_trapezoid(HEIGHTS, x, initial=0), T),
    "cumulative_trapezoid of columns": (lambda y: integrate.cumulative_trapezoid(y, dx=0.3, axis=0), IMAGE),
    "simpson": (lambda y: integrate.simpson(y, x=T), HEIGHTS),
    "simpson of columns": (lambda y: integrate.simpson(y, dx=0.3, axis=0), IMAGE),
    "CubicSpline by values": (lambda y: interpolate.CubicSpline(T, y)(OUTSIDE), HEIGHTS),
    "clamped by values": (lambda y: interpolate.CubicSpline(T, y, bc_type="clamped")(OUTSIDE), HEIGHTS),
    "make_interp_spline by values": (lambda y: interpolate.make_interp_spline(T, y, k=5)(ASKED), HEIGHTS),
    "Pchip by values": (lambda y: interpolate.PchipInterpolator(T, y)(ASKED), HEIGHTS),
    "interp1d by values": (lambda y: interpolate.interp1d(T, y, fill_value="extrapolate")(OUTSIDE), HEIGHTS),
    "interp1d cubic by values": (
        lambda y: interpolate.interp1d(T, y, kind="cubic", bounds_error=False, fill_value=0.0)(OUTSIDE), HEIGHTS
    ),
    "grid by values": (lambda y: interpolate.RegularGridInterpolator(GRID, y)(POINTS), OVER_GRID),
}  # fmt: skip
for _mode in ("reflect", "constant", "nearest", "mirror", "wrap"):
    CASES |= {
        f"gaussian_filter {_mode}": (lambda x, m=_mode: ndimage.gaussian_filter(x, 1.3, mode=m, cval=0.3), IMAGE),
        f"gaussian_filter by sigma {_mode}": (lambda x, m=_mode: ndimage.gaussian_filter(IMAGE, x, mode=m), 1.3),
        f"convolve image {_mode}": (lambda x, m=_mode: ndimage.convolve(x, KERNEL, mode=m, cval=0.3), IMAGE),
        f"correlate image {_mode}": (lambda x, m=_mode: ndimage.correlate(IMAGE, x, mode=m, cval=0.3), KERNEL),
        f"convolve1d {_mode}": (lambda x, m=_mode: ndimage.convolve1d(x, NUMERATOR, axis=0, mode=m, cval=0.3), IMAGE),
        f"uniform_filter {_mode}": (lambda x, m=_mode: ndimage.uniform_filter(x, 3, mode=m, cval=0.3), IMAGE),
    }
for _mode in ("constant", "nearest", "grid-constant"):
    CASES[f"map_coordinates {_mode}"] = (
        lambda x, m=_mode: ndimage.map_coordinates(IMAGE, x, order=1, mode=m, cval=0.2), PLACES,
    )  # fmt: skip
    CASES[f"map_coordinates by image {_mode}"] = (
        lambda x, m=_mode: ndimage.map_coordinates(x, PLACES, order=1, mode=m, cval=0.2), IMAGE,
    )  # fmt: skip
for _name in (
    "euclidean", "sqeuclidean", "cityblock", "chebyshev", "minkowski", "cosine", "correlation", "canberra",
    "braycurtis", "mahalanobis", "seuclidean", "jensenshannon",
):  # fmt: skip
    _more = {"p": 3} if _name == "minkowski" else {}
    CASES[f"cdist {_name}"] = (lambda x, n=_name, k=_more: distance.cdist(x, Y, n, **k), X)
    if _name not in ("mahalanobis",):  # pdist wants more rows for it
        CASES[f"pdist {_name}"] = (lambda x, n=_name, k=_more: distance.pdist(x, n, **k), X)
    if _name not in ("mahalanobis", "seuclidean"):
        CASES[f"{_name} of two"] = (lambda x, n=_name, k=_more: getattr(distance, n)(x, Y[0], **k), X[0])


CASES |= {
    "jensenshannon along columns": (lambda x: distance.jensenshannon(x, Y), X[:4]),
    "entropy of shares that broadcast": (lambda x: stats.entropy(x, Y[0]), X),
    "entropy by shares that broadcast": (lambda x: stats.entropy(X, x), Y[:, :1].repeat(2, 0)[:5]),
    "times of stft": (lambda x: np.sum(x) * signal.stft(x, nperseg=5)[1], LINE),
}


@pytest.mark.parametrize("name", CASES)
def test_beside_scipy_and_differences(name):
    f, x = CASES[name]
    x = np.asarray(x, dtype=float) if np.ndim(x) else float(x)
    direction = np.random.default_rng(1).normal(size=np.shape(x)) if np.ndim(x) else 1.0
    expected = f(x)
    y, tangent = cr.jvp(f, (x,), (direction,))
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    weights = np.cos(np.arange(float(np.size(expected)))).reshape(np.shape(expected))
    along = cr.numeric.derivative(lambda t: float(np.sum(weights * f(x + t * direction))), 0.0)
    forward = np.sum(weights * tangent)
    assert abs(forward - along.value) <= 5 * along.error + 1e-9 * max(1.0, abs(forward))
    y, pullback = cr.vjp(f, x)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    pulled = pullback(weights if np.ndim(expected) else float(weights))
    assert math.isclose(np.sum(direction * pulled[0]), forward, rel_tol=1e-10, abs_tol=1e-12)


REFUSED = {
    "its argument sigma": lambda x: ndimage.fourier_gaussian(IMAGE, x[0, 0]),
    "whole numbers": lambda x: ndimage.convolve([3, 4, 5], x[0]),
    "scipy.spatial.ConvexHull": lambda x: spatial.ConvexHull(x[:, :2]).volume,
    "interp1d has no derivative rule by argument 1": lambda x: interpolate.interp1d(x[0], [1.0, 2.0, 3.0, 4.0])(0.3),
    "scipy.linalg.schur": lambda x: linalg.schur(x)[0],
    "scipy.signal.dlsim": lambda x: signal.dlsim(([1.0], x[0], 1.0), [1.0, 1.0])[1],
    "scipy.ndimage.geometric_transform": lambda x: ndimage.geometric_transform(x, lambda at: at),
    "setting mode=": lambda x: ndimage.map_coordinates(x, PLACES[:, :2], mode="wrap"),
    "scipy.interpolate.FloaterHormannInterpolator": lambda x: interpolate.FloaterHormannInterpolator(
        [0.0, 1, 2], [1.0, 2, 4], d=1
    )(x),
    "scipy.linalg.qr": lambda x: linalg.qr(x, mode="raw")[1],
    "make it sparse": lambda x: spsolve(x, np.ones(4)),
    "hamming": lambda x: distance.cdist(x, x, "hamming"),
    "its derivative by x": lambda x: interpolate.CubicSpline(x[0], [1.0, 2.0, 3.0, 4.0])(0.3),
    "setting fill_value=": lambda x: interpolate.interp1d([0.0, 1, 2, 3], x[0], fill_value=(0.0, 1.0))(0.3),
}


@pytest.mark.parametrize("said", REFUSED)
def test_refused_by_name(said):
    f = REFUSED[said]
    with pytest.raises(cr.errors.UnsupportedFunction, match=said):
        cr.grad(lambda x: np.sum(f(x)))(np.sort(A) + np.eye(4))


def test_outside_of_the_points():
    with pytest.raises(ValueError, match="above the interpolation range"):
        cr.grad(lambda x: line(x))(9.0)


def test_second_derivatives():
    assert cr.grad(cr.grad(lambda x: spline(x)))(1.1) == pytest.approx(spline(1.1, 2))
    found = cr.hessian(lambda k: linalg.expm(np.array([[0.0, k], [-k, 0.0]]))[0, 1])(0.7)
    assert found == pytest.approx(-math.sin(0.7))
    assert cr.grad(cr.grad(lambda s: linalg.sqrtm(s * S)[0, 0]))(2.0) == pytest.approx(
        -0.25 * 2.0**-1.5 * linalg.sqrtm(S)[0, 0]
    )


@pytest.mark.parametrize(
    "name", ["cho_solve", "toeplitz", "filtfilt", "gaussian_filter nearest", "cdist cosine", "CubicSpline"]
)
def test_compiled(name):
    f, x = CASES[name]
    x = x[:9] if name == "filtfilt" else x
    slope = (
        cr.grad(lambda x: np.sum(np.sin(f(x))))
        if name != "filtfilt"
        else cr.grad(lambda x: np.sum(np.sin(signal.lfilter(NUMERATOR, DENOMINATOR, x))))
    )
    np.testing.assert_allclose(cr.jit(slope)(x), slope(x), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("scipy.linalg.sqrtm", lambda x: linalg.sqrtm(x)),
        ("scipy.linalg.lu", lambda x: linalg.lu(x)[1]),
        ("scipy.stats.sigmaclip", lambda x: stats.sigmaclip(x).clipped),
        ("scipy.sparse.linalg.cg", lambda x: cg(SPARSE, x[0, :3])[0]),
    ],
)
def test_what_jit_cannot_record_says_its_name(name, f):
    with pytest.raises(cr.errors.CannotRecord, match=name):
        cr.jit(cr.grad(lambda x: np.sum(f(x))))(S)


INSIDE = {
    "lsim": lambda x: signal.lsim(([1.0], [1.0, x]), np.ones(5), np.linspace(0, 1, 5))[1],
    "step": lambda x: signal.step(([1.0], [1.0, x]), T=np.linspace(0, 1, 5))[1],
    "firwin2": lambda x: x * signal.firwin2(5, np.linspace(0, 1, 3), np.ones(3)),
    "simpson": lambda x: integrate.simpson(x * np.ones(5), x=np.linspace(0, 1, 5)),
    "expn": lambda x: scipy.special.expn(np.arange(3), x),
    "convolve": lambda x: signal.convolve(np.arange(3.0), x * np.ones(2)),
    "RegularGridInterpolator": lambda x: interpolate.RegularGridInterpolator((np.arange(3.0),), np.ones(3))([[x]]),
    "solve_banded": lambda x: linalg.solve_banded((0, 0), np.full((1, 3), 2.0), x * np.ones(3)),
    "cdist": lambda x: distance.cdist(np.eye(2), x * np.eye(2)),
    "norm": lambda x: stats.norm.logpdf(np.linspace(0, 1, 3), x, np.ones(3)),
}


def test_plain_arrays_of_a_function_that_assigns_to_others():
    """There, what `np.linspace` makes can be assigned to: no rule may take it for what is differentiated."""
    for name, f in INSIDE.items():

        def assigning(x, f=f):
            total = np.zeros(1)
            total += np.sum(f(x))
            return total[0]

        expected = cr.grad(lambda x, f=f: np.sum(f(x)))(0.7)
        assert cr.grad(assigning)(0.7) == pytest.approx(expected, rel=1e-12), name


@pytest.mark.parametrize("derived", [lambda f: f, cr.jit], ids=["eager", "jit"])
def test_eigenvectors_have_the_signs_of_scipys_own(derived):
    """NumPy's differ from them in some."""
    matrices = [m @ m.T + np.eye(3) for m in np.random.default_rng(5).normal(size=(6, 3, 3))]
    other = np.eye(3) + 0.2
    for name, f in {
        "all": lambda x: linalg.eigh(x)[1],
        "some": lambda x: linalg.eigh(x, lower=False, subset_by_index=[1, 2])[1],
        "of two": lambda x: linalg.eigh(x, other)[1],
    }.items():
        whole = derived(cr.value_and_grad(lambda x, f=f: np.sum(f(x) * [[1.0], [2.0], [4.0]])))
        for m in matrices:
            np.testing.assert_allclose(whole(m)[0], np.sum(f(m) * [[1.0], [2.0], [4.0]]), rtol=1e-9, err_msg=name)
