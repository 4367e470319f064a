"""Factors, systems and norms of complex matrices, and eigenvalues of any: forward, reverse and second order against
differences, and an error where there is no derivative."""

import numpy as np
import pytest

import chainrule as cr

pytestmark = pytest.mark.filterwarnings("ignore")
rng = np.random.default_rng(1)
C = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
TALL = np.vstack([C, C[:1] * 2j + 1])
HERMITIAN = C @ C.conj().T + np.eye(3)
TURNING = np.array([[1.0, 2.0, 0.0], [-2.0, 1.0, 0.3], [0.5, 0.1, 3.0]])
REAL = np.array([[1.0, 0.2, 0.0], [0.2, 2.0, 0.3], [0.5, 0.1, 3.0]])


def hermitian(f):
    return lambda a: f((a + np.conj(a.T)) / 2)


def rebuilt(a):
    u, s, v = np.linalg.svd(a, full_matrices=False)
    return (u * s**2) @ v


CASES = {
    "eigvals, complex of a real matrix": (np.linalg.eigvals, TURNING),
    "eigvals, real": (np.linalg.eigvals, REAL),
    "eigvals of a complex matrix": (np.linalg.eigvals, C),
    "eigenvectors, complex of a real matrix": (lambda a: np.linalg.eig(a)[1], TURNING),
    "eigenvectors, real": (lambda a: np.linalg.eig(a).eigenvectors, REAL),
    "eigenvectors of a complex matrix": (lambda a: np.linalg.eig(a)[1], C),
    "eigh": (hermitian(lambda a: np.linalg.eigh(a)[0]), HERMITIAN),
    "eigh of the upper triangle": (lambda a: np.linalg.eigh(a, "U")[0], HERMITIAN),
    "eigvalsh": (hermitian(np.linalg.eigvalsh), HERMITIAN),
    "eigh, sizes of vectors": (hermitian(lambda a: np.abs(np.linalg.eigh(a)[1]) ** 2), HERMITIAN),
    "cholesky": (hermitian(np.linalg.cholesky), HERMITIAN),
    "cholesky, upper": (lambda a: np.linalg.cholesky(a, upper=True), HERMITIAN),
    "svd, values": (lambda a: np.linalg.svd(a, compute_uv=False), TALL),
    "svd, left": (lambda a: np.abs(np.linalg.svd(a, full_matrices=False)[0]) ** 2, TALL),
    "svd, right": (lambda a: np.abs(np.linalg.svd(a, full_matrices=False)[2]) ** 2, TALL),
    "svd, rebuilt": (rebuilt, TALL),
    "svd, rebuilt, wide": (rebuilt, TALL.T.copy()),
    "svd, rebuilt, square": (rebuilt, C),
    "pinv": (np.linalg.pinv, TALL),
    "pinv, wide": (np.linalg.pinv, TALL.T.copy()),
    "det": (np.linalg.det, C),
    "slogdet": (lambda a: np.linalg.slogdet(a)[0] + np.linalg.slogdet(a)[1], C),
    "inv": (np.linalg.inv, C),
    "matrix_power": (lambda a: np.linalg.matrix_power(a, -3), C),
    "solve": (lambda a: np.linalg.solve(a, a[:, ::-1] * 1j), C),
    "solve, stacked": (lambda a: np.linalg.solve(np.stack([a, 2j * a]), np.arange(3.0)), C),
    "vector norms": (lambda a: np.linalg.norm(a, 3, axis=0), TALL),
    **{f"norm {o}": (lambda a, o=o: np.linalg.norm(a, o), TALL) for o in (None, "nuc", 2, -2, 1, -1, np.inf, "fro")},
    **{f"real norm {o}": (lambda a, o=o: np.linalg.norm(a, o), TALL.real.copy()) for o in (1, -1, np.inf, -np.inf)},
    **{f"cond {p}": (lambda a, p=p: np.linalg.cond(a, p), C) for p in (None, 1, -2)},
}


@pytest.mark.parametrize("name", CASES)
def test_matrices(name):
    f, x = CASES[name]
    t = np.cos(np.arange(x.size)).reshape(x.shape) * (1 + 0.4j if np.iscomplexobj(x) else 1)
    h = 1e-6
    slope = (f(x + h * t) - f(x - h * t)) / (2 * h)
    value, tangent = cr.jvp(f, (x,), (t,))
    np.testing.assert_allclose(value, f(x), rtol=1e-10, atol=1e-12)
    assert np.asarray(value).dtype == np.asarray(f(x)).dtype
    np.testing.assert_allclose(tangent, slope, rtol=1e-5, atol=1e-6)
    g = lambda x: np.sum(np.real(f(x)) ** 2) + np.sum(np.imag(f(x)) * 2)
    along = lambda back: np.sum((np.conj(back) * t).real)
    np.testing.assert_allclose(along(cr.grad(g)(x)), (g(x + h * t) - g(x - h * t)) / (2 * h), rtol=1e-5, atol=1e-6)
    curved = (along(cr.grad(g)(x + h * t)) - along(cr.grad(g)(x - h * t))) / (2 * h)
    np.testing.assert_allclose(along(cr.hvp(g, x, t)), curved, rtol=1e-4, atol=1e-4)


def test_repeated_eigenvalues():
    trace = cr.grad(lambda a: np.sum(np.linalg.eigvals(a)).real)(np.eye(2))
    np.testing.assert_allclose(trace, np.eye(2), atol=1e-15)
    with pytest.raises(cr.errors.DomainError, match="agree up to rounding"):
        cr.grad(lambda a: np.linalg.eig(a)[1][0, 0].real)(np.eye(2))
    with pytest.raises(cr.errors.DomainError, match="not enough eigenvectors"):
        cr.grad(lambda a: np.linalg.eigvals(a)[0])(np.array([[1.0, 1.0], [0.0, 1.0]]))
