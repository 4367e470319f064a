"""Linear systems, images with borders and overlapping spectra of `scipy.signal`: values of SciPy's, slopes beside
differences."""

import numpy as np
import pytest

import chainrule as cr

signal = pytest.importorskip("scipy.signal")
scattered = pytest.importorskip("scipy.interpolate")
optimize = pytest.importorskip("scipy.optimize")
linalg = pytest.importorskip("scipy.linalg")
random = np.random.default_rng(5)
IMAGE, TIMES, WAVE = random.normal(size=(4, 5)), np.arange(12) * 0.1, random.normal(size=40)
EVEN, ODD = random.normal(size=(2, 2)), random.normal(size=(2, 3))
SQUARE, V = [[0, 0], [0, 5], [5, 0], [5, 5.0]], random.normal(size=4)
PLACES = np.array([0.0, 1, 2, 3.5, 5, 6])


def _system(p):
    return [1.0, p[2]], np.stack([1 + 0 * p[0], p[0] ** 2, p[1] ** 2])


def _states(p):
    return [[0, 1.0], [-p[0], -p[1]]], [[0], [1.0]], [[1.0, 0]], [[p[2]]]


P = np.array([0.8, 1.2, 0.4])
CASES = {
    **{
        f"{name} {mode} {sorted(how.items())} {kernel.shape}": (
            lambda a, name=name, mode=mode, how=how, kernel=kernel: getattr(signal, name)(a, kernel, mode, **how), IMAGE
        )
        for name in ("convolve2d", "correlate2d")
        for mode in ("full", "same", "valid")
        for how, kernel in (
            ({}, EVEN), ({"boundary": "wrap"}, ODD), ({"boundary": "symm"}, EVEN), ({"fillvalue": 1.5}, ODD)
        )
    },
    "convolve2d by the kernel": (lambda k: signal.convolve2d(IMAGE, k, "same", boundary="symm"), ODD),
    "lsim by u": (lambda u: signal.lsim(_system(P), u, TIMES)[1], WAVE[:12]),
    "lsim by u, held": (lambda u: signal.lsim(_system(P), u, TIMES, interp=False)[1], WAVE[:12]),
    "lsim of an object": (lambda u: signal.lsim(signal.lti([1.0], [1.0, 0.5]), u, TIMES)[1], WAVE[:12]),
    "lsim by all": (lambda p: signal.lsim(_system(p), np.sin(TIMES), TIMES + 0.1, X0=p[:2])[1], P),
    "lsim, its states": (lambda p: signal.lsim(_states(p), np.sin(TIMES), TIMES)[2], P),
    "step": (lambda p: signal.step(_system(p), T=TIMES)[1], P),
    "step of poles": (lambda p: signal.step(([], [-p[0], -p[1]], p[2]), T=TIMES)[1], P),
    "impulse": (lambda p: signal.impulse(_system(p), T=TIMES)[1], P),
    "impulse of states": (lambda p: signal.impulse(_states(p), T=TIMES)[1], P),
    "istft": (lambda x: signal.istft(1.5 * signal.stft(x, nperseg=16)[2], nperseg=16)[1], WAVE),
    "istft, overlapping": (
        lambda x: signal.istft(signal.stft(x, nperseg=15, noverlap=11)[2], nperseg=15, noverlap=11)[1], WAVE
    ),
    "LinearNDInterpolator at a point": (lambda p: scattered.LinearNDInterpolator(SQUARE, V)(p), np.array([1.0, 2.0])),
    "NearestNDInterpolator at a point": (lambda v: scattered.NearestNDInterpolator(SQUARE, v)([1.0, 2.0]), V),
    "griddata at a point": (lambda v: scattered.griddata(SQUARE, v, [1.0, 2.0]), V),
    "splint by values": (lambda y: scattered.splint(0.5, 3, scattered.splrep(PLACES, y)), np.cos(PLACES)),
    "splint by limits": (
        lambda p: scattered.splint(p[0], p[1], scattered.splrep(PLACES, PLACES**2)), np.array([0.5, 3.0])
    ),
    "cholesky_banded": (lambda a: linalg.cholesky_banded(a), np.array([[7, 0.1, 0.2, 0.3], [3, 4, 5, 6.0]])),
    "cholesky_banded lower": (lambda a: linalg.cholesky_banded(a, lower=True), np.array([[3, 4, 5.0], [0.1, 0.2, 9]])),
    "the covariance of curve_fit": (
        lambda y: optimize.curve_fit(lambda x, a, b: a * np.exp(-b * x), TIMES, y)[1], np.exp(-TIMES) + 0.01 * WAVE[:12]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_slopes(name):
    f, x = CASES[name]
    y, pull = cr.vjp(f, x)
    np.testing.assert_allclose(y, f(x), rtol=1e-12, atol=1e-13)
    assert np.shape(y) == np.shape(f(x))
    weights, way = np.cos(np.arange(np.size(y))).reshape(np.shape(y)), np.sin(1.0 + np.arange(x.size)).reshape(x.shape)
    right = (np.asarray(f(x + 1e-5 * way)) - np.asarray(f(x - 1e-5 * way))) / 2e-5
    close = {"rtol": 1e-4, "atol": 1e-3 * np.abs(right).max()} if "curve_fit" in name else {"rtol": 1e-6, "atol": 1e-8}
    np.testing.assert_allclose(cr.jvp(f, (x,), (way,))[1], right, **close)
    np.testing.assert_allclose(np.sum(pull(weights)[0] * way), np.sum(weights * right), **close)


def test_refused():
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"step.*give T"):
        cr.grad(lambda p: np.sum(signal.step(_system(p))[1]))(P)
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"istft.*input_onesided"):
        cr.grad(lambda x: np.sum(signal.istft(x, input_onesided=False)[1]))(random.normal(size=(4, 3)))
