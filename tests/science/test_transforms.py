"""`scipy.fft`: values beside SciPy's, tangents beside differences (each is linear), gradients beside tangents."""

import itertools

import numpy as np
import pytest

import chainrule as cr

scipy = pytest.importorskip("scipy")
from scipy import fft  # noqa: E402
from scipy.fft import dct  # noqa: E402

RNG = np.random.default_rng(0)
X, D = RNG.normal(size=(5, 6)), RNG.normal(size=(5, 6))
NORMS = (None, "ortho", "forward")


def transforms():
    """Every function of `scipy.fft` with every setting of each, by a name."""
    for k, t, norm, o in itertools.product(("dct", "idct", "dst", "idst"), (1, 2, 3, 4), NORMS, (None, True, False)):
        yield k, {"type": t, "norm": norm, "orthogonalize": o, "axis": 0}
    for k, t, n in itertools.product(("dct", "idct", "dst", "idst"), (1, 2, 3, 4), (4, 9)):
        yield k, {"type": t, "n": n, "workers": 1}
        yield k + "n", {"type": t, "s": (4, n), "norm": "ortho"}
        yield k + "n", {"type": t, "axes": 1}
    for k, norm in itertools.product(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"), NORMS):
        yield k, {"norm": norm, "axis": 0}
        yield k, {"norm": norm, "n": 7}
        for d in ("2", "n"):
            yield k + d, {"norm": norm, "workers": 1}
            yield k + d, {"norm": norm, "s": (4, 7)}
    yield "fftshift", {"axes": 1}
    yield "ifftshift", {}
    yield "fht", {"dln": 0.1, "mu": 0.5, "offset": 0.1}
    yield "ifht", {"dln": 0.1, "mu": 0.5, "bias": 0.1}


def held(f, x, d):
    right = f(x)
    y, tangent = cr.jvp(f, (x,), (d,))
    np.testing.assert_allclose(y, right, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(tangent, f(x + d) - right, atol=1e-11)
    w = np.cos(np.arange(float(np.size(right)))).reshape(np.shape(right))
    g = cr.grad(lambda x: np.sum(w * np.real(f(x)) + 2 * w * np.imag(f(x))))(x)
    np.testing.assert_allclose(np.sum(g * d), np.sum(w * np.real(tangent) + 2 * w * np.imag(tangent)), atol=1e-10)


@pytest.mark.parametrize("name", sorted({name for name, _ in transforms()}))
def test_beside_scipy(name):
    for k, settings in transforms():
        if k == name:
            held(lambda x, settings=settings: getattr(fft, name)(x, **settings), X, D)


def test_all_are_there():
    names = {n for n in fft.__all__ if type(getattr(fft, n)).__module__ == "uarray"}
    assert names <= {name for name, _ in transforms()}


def test_spellings():
    held(lambda x: dct([x[0, 0], x[0, 1], 2.0]), X, D)
    held(lambda x: fft.dct(fft.fft(x)), X, D)
    held(lambda x: dct(x, 1, 4, 0), X, D)
    assert cr.grad(lambda x: np.sum(dct(x)))(X.astype(np.float32)).dtype == np.float32
    jacobian = cr.jacobian(lambda x: dct(x, norm="ortho"))(X[0])
    np.testing.assert_allclose(jacobian @ jacobian.T, np.eye(6), atol=1e-14)


def test_compiled():
    slope = cr.grad(lambda x: np.sum(np.arange(6) * fft.dct(x) ** 2 + np.abs(fft.fft(x)) ** 2))
    np.testing.assert_allclose(cr.jit(slope)(X), slope(X))


@pytest.mark.parametrize(
    ("kind", "said", "f"),
    [
        (cr.errors.UnsupportedFunction, "scipy.fft.fht: no derivative by its argument mu", lambda x: fft.fht(X, 1, x)),
        (cr.errors.UnsupportedFunction, "scipy.fft.rfft: .*plan=", lambda x: fft.rfft([x], plan=1)),
        (ValueError, "7 is not a valid type of a dct", lambda x: fft.dct([x], 7)),
        (ValueError, "Invalid norm", lambda x: fft.dst([x], norm="backwards")),
        (cr.errors.ShapeError, "scipy.fft.dct: expected 2 or more elements along axis 0", lambda x: dct([x], 1)),
        (TypeError, "scipy.fft.rfft takes real numbers", lambda x: fft.rfft(fft.fft([x]))),
    ],
)
def test_refused(kind, said, f):
    with pytest.raises(kind, match=said):
        cr.grad(lambda x: np.sum(f(x)))(1.0)
