"""SciPy's functions of complex numbers: derivatives right, forward and in reverse, or refused by name.

Most rules are linear algebra in which a transpose of real matrices is a conjugate one of complex ones."""

import numpy as np
import pytest

import chainrule as cr

scipy = pytest.importorskip("scipy")
from scipy import fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, special  # noqa: E402
from scipy.sparse import linalg as sparse_linalg  # noqa: E402

Z = np.array([[2.0, 0.3j, 0.1], [0.2, 1.5 + 0.4j, 0.3], [0.1j, 0.2, 3.0]])
D = np.array([[0.3, 0.1, 0.2], [0.5, -0.4, 0.1], [0.2, 0.3, -0.1]]) * (1 + 0.7j)
H, E = Z @ Z.conj().T + np.eye(3), D + D.conj().T
B, C = np.array([1.0, 0.4j, -0.6]), D[0]
LONG, FOUR, AT = np.tile(B, 4), np.append(B, 0.3), np.arange(4.0)
SPARSE = sparse.csc_array(Z)

OF_A_MATRIX = """inv det expm logm sqrtm sinm cosm tanhm signm eigvals svdvals pinv norm lu qr rq polar eig svd
    null_space orth tanm coshm"""
OF_A_HERMITIAN = "cholesky eigh eigvalsh pinvh cho_factor"
OF_A_LINE = "toeplitz circulant hankel companion fiedler"
OF_A_SIGNAL = """detrend periodogram welch stft spectrogram resample:7 savgol_filter:5:2 wiener czt resample_poly:3:2"""
OF_AN_IMAGE = """gaussian_filter:1.0 gaussian_laplace:1.0 uniform_filter:2 laplace sobel prewitt zoom:1.5 shift:0.3
    rotate:11.0 spline_filter mean variance center_of_mass fourier_gaussian:1.0"""
THROUGH = "CubicSpline make_interp_spline BarycentricInterpolator KroghInterpolator interp1d"


def _named(module, names, *args):
    """The functions of that name, of what w makes of `args`."""
    return {
        f"{text} of {len(args)}": lambda w, text=text: _called(module, text, *(x(w) for x in args))
        for text in names.split()
    }


def _called(module, text, x, *more):
    name, *numbers = text.split(":")
    return getattr(module, name)(x, *more, *[float(n) if "." in n else int(n) for n in numbers])


CASES = {
    "solve": lambda w: linalg.solve(Z + w * D, B),
    "solve, Hermitian": lambda w: linalg.solve(H + w * E, B, assume_a="her"),
    "solve, positive": lambda w: linalg.solve(H + w * E, B, assume_a="pos", lower=True),
    "solve, symmetric": lambda w: linalg.solve(Z + Z.T + w * (D + D.T), B, assume_a="sym"),
    "solve_triangular, T": lambda w: linalg.solve_triangular(Z + w * D, B, trans="T"),
    "solve_triangular, C": lambda w: linalg.solve_triangular(Z + w * D, B, trans=2),
    "lu_solve, conjugate": lambda w: linalg.lu_solve(linalg.lu_factor(Z + w * D), B, trans=2),
    "solve_banded": lambda w: linalg.solve_banded((1, 1), Z + w * D, B),
    "solveh_banded": lambda w: linalg.solveh_banded(H[:2] + w * E[:2], B),
    "toeplitz of two": lambda w: linalg.toeplitz(B, B - w * C),
    "solve_toeplitz": lambda w: linalg.solve_toeplitz(B + 3 + w * C, B),
    "matmul_toeplitz": lambda w: linalg.matmul_toeplitz(B + w * C, B),
    "solve_circulant": lambda w: linalg.solve_circulant(B + 3 + w * C, B),
    "solve_sylvester": lambda w: linalg.solve_sylvester(Z + w * D, Z, H),
    "Lyapunov": lambda w: linalg.solve_continuous_lyapunov(Z + w * D, Z),
    "Lyapunov, discrete": lambda w: linalg.solve_discrete_lyapunov(0.1 * (Z + w * D), Z),
    "Riccati": lambda w: linalg.solve_continuous_are(Z + w * D, B[:, None], np.eye(3), np.eye(1)),
    "Riccati, discrete": lambda w: linalg.solve_discrete_are(0.1 * (Z + w * D), B[:, None], np.eye(3), np.eye(1)),
    "Procrustes": lambda w: linalg.orthogonal_procrustes(Z + w * D, H)[0],
    "lstsq": lambda w: linalg.lstsq((Z + w * D)[:, :2], B)[0],
    "khatri_rao": lambda w: linalg.khatri_rao(Z + w * D, Z),
    "subspace_angles": lambda w: linalg.subspace_angles((Z + w * D)[:, :1], Z[:, 1:2]),
    "spsolve": lambda w: sparse_linalg.spsolve(sparse.csc_array(Z.real), B + w * C),
    "spsolve, complex": lambda w: sparse_linalg.spsolve(SPARSE, np.ones(3) * w),
    "gmres": lambda w: sparse_linalg.gmres(SPARSE, B + w * C, rtol=1e-13)[0],
    "lsqr": lambda w: sparse_linalg.lsqr(SPARSE, np.ones(3) * w)[0],
    "expm_multiply": lambda w: sparse_linalg.expm_multiply(SPARSE, np.ones(3) * w),
    "splu": lambda w: sparse_linalg.splu(SPARSE).solve(np.ones(3) * w),
    "sparse product": lambda w: SPARSE @ (np.ones(3) * w),
    "sparse product, transposed": lambda w: SPARSE.T @ (B + w * C),
    "sparse data": lambda w: sparse.csr_array(((Z + w * D).ravel(), np.nonzero(np.ones((3, 3))))) @ B,
    "sparse data, solved": lambda w: sparse_linalg.spsolve(sparse.csc_array(((w * Z).ravel(), np.nonzero(Z + 9))), B),
    "correlate": lambda w: signal.correlate(B, B + w * C),
    "convolve2d": lambda w: signal.convolve2d(Z + w * D, Z),
    "correlate2d": lambda w: signal.correlate2d(Z, Z + w * D),
    "filtfilt": lambda w: signal.filtfilt([0.5, 0.3], [1.0, 0.2], LONG + w * np.tile(C, 4)),
    "lfilter": lambda w: signal.lfilter([1.0], np.array([1.0, 0.3j]) + w * np.array([0, 0.1]), B),
    "upfirdn": lambda w: signal.upfirdn([1.0, 0.5], B + w * C, 2),
    "deconvolve": lambda w: signal.deconvolve(B + w * C, [1.0, 0.5])[0],
    "map_coordinates": lambda w: ndimage.map_coordinates(Z + w * D, [[0.4], [1.3]], order=1),
    "ndimage.convolve": lambda w: ndimage.convolve(Z + w * D, np.ones((2, 2))),
    "ndimage.correlate": lambda w: ndimage.correlate(Z + w * D, D),
    "RegularGridInterpolator": lambda w: interpolate.RegularGridInterpolator((AT,), FOUR + w * 1j)([[1.3]]),
    "RBFInterpolator": lambda w: interpolate.RBFInterpolator(AT[:, None], FOUR + w * 1j)([[1.3]]),
    "griddata": lambda w: interpolate.griddata(np.array([[0, 0], [1, 0], [0, 1.0]]), B + w * C, np.array([[0.3, 0.3]])),
    "BSpline": lambda w: interpolate.BSpline(np.repeat([0.0, 1.0], 4), FOUR + w * 1j, 3)(0.4),
    "PPoly": lambda w: interpolate.PPoly((B + w * C)[:, None], [0.0, 1.0])(0.4),
    "fixed_quad": lambda w: integrate.fixed_quad(lambda x: np.exp(1j * w * x), 0, 1)[0],
    "quad": lambda w: integrate.quad(lambda x: np.exp(1j * w * x), 0, 1, complex_func=True)[0],
    "quad_vec": lambda w: integrate.quad_vec(lambda x: np.exp(1j * w * x), 0, 1)[0],
    "trapezoid": lambda w: integrate.trapezoid(FOUR + w * 1j),
    "simpson": lambda w: integrate.simpson(FOUR + w * 1j),
    "solve_ivp": lambda w: integrate.solve_ivp(lambda t, y: 1j * w * y, (0, 1), [1 + 0j]).y[0, -1],
    "newton": lambda w: optimize.newton(lambda z: z * z + w, 0.1 + 1j, tol=1e-14),
    "newton_krylov": lambda w: optimize.newton_krylov(lambda z: z * z + w, np.array([0.1 + 1j])),
    "solve_bvp": lambda w: integrate.solve_bvp(
        lambda x, y: np.vstack([y[1], -w * y[0]]),
        lambda a, b: np.array([a[0] - 1j, b[0] - 1]),
        np.linspace(0, 1, 8),
        np.zeros((2, 8), complex),
    ).sol(0.5)[0],
    "lambertw": lambda w: special.lambertw(-w),
    "lambertw, branch -1": lambda w: special.lambertw(w, -1),
    **_named(linalg, OF_A_MATRIX, lambda w: Z + w * D),
    **_named(linalg, OF_A_HERMITIAN, lambda w: H + w * E),
    **_named(linalg, OF_A_LINE, lambda w: B + w * C),
    **_named(signal, OF_A_SIGNAL, lambda w: LONG + w * np.tile(C, 4)),
    **_named(ndimage, OF_AN_IMAGE, lambda w: Z + w * D),
    **_named(fft, "fft ifft dct idst hfft", lambda w: B + w * C),
    **{
        f"{k}, asked": (lambda w, f=f: f(w)(1.3))
        for k, f in _named(interpolate, THROUGH, lambda w: AT, lambda w: FOUR + w * 1j).items()
    },
    **{
        f"{k}, plain": (lambda w, f=f: f(w)(w))
        for k, f in _named(interpolate, THROUGH, lambda w: AT, lambda w: FOUR).items()
    },
}


def _one_number(y):
    """All that a function gives, its imaginary parts too, as one number."""
    if isinstance(y, (tuple, list)):
        return sum(_one_number(part) * (0.7 + k) for k, part in enumerate(y))
    count = np.arange(float(np.size(y))).reshape(np.shape(y))
    return np.sum(np.real(y) * np.cos(count)) + np.sum(np.imag(y) * np.sin(1 + count))


def _verdict(f):
    """Right or refused; what is wrong is an error."""
    whole = lambda w: _one_number(f(w))
    with np.errstate(all="ignore"):
        step = [(float(whole(0.7 + h)) - float(whole(0.7 - h))) / (2 * h) for h in (1e-3, 2e-3)]
        value = float(whole(0.7))
    slope = (4 * step[0] - step[1]) / 3
    try:
        found = [cr.value_and_grad(whole)(0.7), cr.jvp(whole, (0.7,), (1.0,))]
    except cr.errors.UnsupportedFunction as error:
        return str(error)
    for y, derivative in found:
        assert float(y) == pytest.approx(value, rel=1e-8, abs=1e-8)
        assert float(derivative) == pytest.approx(slope, rel=1e-5, abs=1e-6)
    return "right"


RIGHT = (
    "solve, Hermitian", "solve_triangular, C", "toeplitz of 1", "correlate", "sparse product",
    "CubicSpline of 2, asked", "BarycentricInterpolator of 2, plain",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(4))
def test_right_or_refused(part):
    for name in list(CASES)[part::4]:
        try:
            said = _verdict(CASES[name])
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error
        assert said == "right" or (name not in RIGHT and "complex" in said), (name, said)
