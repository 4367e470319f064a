"""Designs of filters, images between their points and splines over grids: SciPy's values over all kinds and settings,
and derivatives beside differences."""

import itertools

import numpy as np
import pytest

import chainrule as cr

signal, ndimage = pytest.importorskip("scipy.signal"), pytest.importorskip("scipy.ndimage")
interpolate = pytest.importorskip("scipy.interpolate")

RNG = np.random.default_rng(0)
IMAGE, PLACES = RNG.normal(size=(6, 7)), np.stack([RNG.uniform(-3, 9, 12), RNG.uniform(-3, 9, 12)])
DESIGNS = {"butter": (), "cheby1": (0.5,), "cheby2": (30,), "ellip": (0.5, 30), "bessel": ()}
EDGES = {"low": 0.3, "high": 0.3, "band": np.array([0.2, 0.5]), "stop": np.array([0.2, 0.5])}


def agrees(f, at, rtol=1e-9, step=1e-5):
    """Value and derivative of f at a place, beside SciPy's and differences of these."""
    value, tangent = cr.jvp(f, (at,), (np.ones_like(at)[()],))
    np.testing.assert_allclose(value, f(at), rtol=rtol, atol=1e-9)
    a, b, c, d = (np.asarray(f(at + k * step)) for k in (-2, -1, 1, 2))
    np.testing.assert_allclose(tangent, (8 * (c - b) - (d - a)) / (12 * step), rtol=1e-5, atol=1e-6)
    y, pullback = cr.vjp(f, at)
    np.testing.assert_allclose(np.sum(pullback(np.ones_like(y)[()])[0]), np.sum(tangent), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("name", "kind"), list(itertools.product(DESIGNS, EDGES)))
def test_designs_by_their_frequencies(name, kind):
    for order, output, analog in ((1, "ba", False), (3, "ba", True), (3, "sos", False), (4, "sos", False)):

        def f(edges, order=order, output=output, analog=analog):
            made = getattr(signal, name)(order, *DESIGNS[name], edges, kind, analog, output)
            return made if output == "sos" else np.concatenate(made)

        agrees(f, EDGES[kind], 1e-6)


@pytest.mark.parametrize(
    "f",
    [
        lambda w: np.stack(signal.iirnotch(w, 30.0)), lambda w: np.stack(signal.iirpeak(w, 10.0, fs=3.0)),
        lambda w: signal.bilinear([1.0, w], [1.0, 2.0, w], fs=2.0)[1],
        lambda w: signal.lp2bs([1.0], [1.0, 1.0], w, 0.5)[1],
        lambda w: signal.lp2bp([1.0, 0.3], [1.0, 1.0], w, 2 * w)[0],
        lambda w: signal.lp2hp([1.0], [1.0, 1.4, 1.0], w)[1],
        lambda w: signal.firwin(8, w), lambda w: signal.firwin(9, [w, 0.8], pass_zero=False),
        lambda w: signal.firwin(9, w, pass_zero="highpass", scale=False),
        lambda w: signal.butter(3, 40 * w, fs=100.0)[1],
        lambda w: signal.iirfilter(2, w, rs=30.0, btype="low", ftype="cheby2")[0],
        lambda w: signal.group_delay(([1.0, w], [1.0, 0.3]), w=5)[1],
        lambda w: np.abs(signal.stft(w * IMAGE.ravel(), nperseg=8)[2]),
    ],
)  # fmt: skip
def test_other_designs(f):
    agrees(f, 0.3)


@pytest.mark.parametrize("order", range(6))
def test_images_between_their_points(order):
    for mode in ("constant", "nearest", "mirror", "reflect", "grid-wrap"):
        found, _ = cr.vjp(
            lambda x, p, mode=mode: ndimage.map_coordinates(x, p, order=order, mode=mode, cval=0.7), IMAGE, PLACES
        )
        right = ndimage.map_coordinates(IMAGE, PLACES, order=order, mode=mode, cval=0.7)
        np.testing.assert_allclose(found, right, atol=1e-10)
        if order > 1:
            agrees(lambda t, mode=mode: ndimage.map_coordinates(IMAGE, PLACES + t, order=order, mode=mode), 0.01)
    for f in (
        lambda x: ndimage.zoom(x, (2, 0.7), order=order),
        lambda x: ndimage.rotate(x, 20.0, order=order, mode="nearest"),
        lambda x: ndimage.shift(x, (0.3, -1.2), order=order, mode="reflect"),
    ):  # fmt: skip
        agrees(f, IMAGE)


@pytest.mark.parametrize("degree", [1, 3, 5])
def test_surfaces(degree):
    rng = np.random.default_rng(degree)
    x, y = np.sort(rng.uniform(0, 5, 7)), np.sort(rng.uniform(0, 4, 6))
    z, at = rng.normal(size=(7, 6)), np.array([1.3, 2.2, 3.1])
    spline = interpolate.RectBivariateSpline(x, y, z, kx=degree, ky=degree)
    smooth = interpolate.SmoothBivariateSpline(
        rng.uniform(0, 1, 60), rng.uniform(0, 1, 60), rng.normal(size=60), kx=2, ky=2
    )
    agrees(lambda v: interpolate.RectBivariateSpline(x, y, v, kx=degree, ky=degree)(at, [1.0, 2.5]), z, 1e-8)
    agrees(lambda v: spline(v, [1.0, 2.5]), at, 1e-8)
    agrees(lambda v: spline.ev(v, 0.5 * v), at, 1e-8)
    agrees(lambda v: smooth.ev(v / 4, 0.3), at, 1e-8)
    agrees(lambda v: interpolate.bisplev(v / 4, 0.3, (*smooth.tck, 2, 2)), at, 1e-8)
