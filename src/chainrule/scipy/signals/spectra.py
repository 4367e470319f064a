"""Spectra, responses of filters, resampling and windows of `scipy.signal`, over the rows of Fourier transforms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.signal

from chainrule import ops
from chainrule.carriers.complexes.fourier import occurrences
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.numbers import primal, shape
from chainrule.scipy import fft as transforms
from chainrule.scipy.called import number
from chainrule.scipy.neighbourhoods import neighbours
from chainrule.scipy.signals.filters import convolve, lfilter, lfilter_zi
from chainrule.signatures import by_name

Rule = Callable[..., Any]
_FFT, _IFFT = (transforms.RULES[name] for name in ("fft", "ifft"))


# -- signals ------------------------------------------------------------------------------------------------------


def hilbert(x: Any, N: Any = None, axis: int = -1) -> Any:
    x = number(x)
    n = shape(x)[axis] if N is None else int(N)
    h = np.zeros(n)
    h[0] = 1.0
    h[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        h[n // 2] = 1.0
    h = h.reshape([-1 if k == axis % len(shape(x)) else 1 for k in range(len(shape(x)))])
    return _IFFT(_FFT(x, n, axis) * h, None, axis)


def resample(x: Any, num: int, t: Any = None, axis: int = 0, window: Any = None, domain: str = "time") -> Any:
    """Linear in x: SciPy's own resampling of the columns of the identity is its matrix."""
    refuse_where("scipy.signal.resample", t=t is not None, domain=domain != "time")
    x = ops.moveaxis(number(x), axis, 0)
    matrix = scipy.signal.resample(np.eye(shape(x)[0]), num, window=window)
    return ops.moveaxis(ops.tensordot(matrix, x, 1), 0, axis)


def resample_poly(
    x: Any, up: int, down: int, axis: int = 0, window: Any = ("kaiser", 5.0), padtype: str = "constant"
) -> Any:
    refuse_where("scipy.signal.resample_poly", padtype=padtype != "constant" or holds([window]))
    x = ops.moveaxis(number(x), axis, 0)
    matrix = scipy.signal.resample_poly(np.eye(shape(x)[0]), up, down, window=window)
    return ops.moveaxis(ops.tensordot(matrix, x, 1), 0, axis)


def upfirdn(h: Any, x: Any, up: int = 1, down: int = 1, axis: int = -1) -> Any:
    h, x = number(h), ops.moveaxis(number(x), axis, 0)
    n, further = shape(x)[0], shape(x)[1:]
    if further:
        raise no_rule("scipy.signal.upfirdn of several signals")
    places = np.arange(n) * up
    spread = ops.where(np.isin(np.arange((n - 1) * up + 1), places), x[np.arange((n - 1) * up + 1) // up], 0.0)
    return convolve(h, spread)[::down]


def decimate(x: Any, q: int, n: Any = None, ftype: str = "iir", axis: int = -1, zero_phase: bool = True) -> Any:
    refuse_where("scipy.signal.decimate", ftype=ftype != "iir", zero_phase=not zero_phase)
    sos = scipy.signal.cheby1(8 if n is None else n, 0.05, 0.8 / q, output="sos")
    found = sosfiltfilt(sos, x, axis)
    return ops.moveaxis(ops.moveaxis(found, axis, 0)[::q], 0, axis)


def sosfilt_zi(sos: Any) -> Any:
    sos = number(sos)
    states, scale = [], 1.0
    for k in range(shape(sos)[0]):
        b, a = sos[k, :3], sos[k, 3:]
        states.append(scale * lfilter_zi(b, a))
        scale = scale * ops.sum(b) / ops.sum(a)
    return ops.stack(states)


def sosfiltfilt(sos: Any, x: Any, axis: int = -1, padtype: Any = "odd", padlen: Any = None) -> Any:
    sos, x = number(sos), ops.moveaxis(number(x), axis, 0)
    plain = primal(sos)
    taps = 2 * len(plain) + 1 - min((plain[:, 2] == 0).sum(), (plain[:, 5] == 0).sum())
    edge = 0 if padtype is None else 3 * int(taps) if padlen is None else padlen
    if padtype not in ("odd", None) or shape(x)[0] <= edge:
        raise no_setting("scipy.signal.sosfiltfilt", ["padtype" if padtype != "odd" else "padlen"])
    longer = x
    if edge:
        left, right = ops.flip(x[1 : edge + 1], 0), ops.flip(x[-edge - 1 : -1], 0)
        longer = ops.concatenate([2 * x[:1] - left, x, 2 * x[-1:] - right])
    start = sosfilt_zi(sos)

    def through(signal: Any) -> Any:
        first = signal[:1]
        for k in range(shape(sos)[0]):
            z = ops.reshape(start[k], (2, *(1,) * (len(shape(x)) - 1))) * first
            signal, _ = lfilter(sos[k, :3], sos[k, 3:], signal, 0, z)
        return signal

    found = ops.flip(through(ops.flip(through(longer), 0)), 0)
    return ops.moveaxis(found[edge : shape(found)[0] - edge] if edge else found, 0, axis)


def deconvolve(signal: Any, divisor: Any) -> Any:
    signal, divisor = ops.ravel(number(signal)), ops.ravel(number(divisor))
    n, d = shape(signal)[0], shape(divisor)[0]
    if d > n:
        return np.zeros(0), signal
    pulse = np.zeros(n - d + 1)
    pulse[0] = 1.0
    quotient = lfilter(signal, divisor, pulse)
    return quotient, signal - convolve(divisor, quotient)


def wiener(im: Any, mysize: Any = None, noise: Any = None) -> Any:
    x = number(im)
    sizes = [3 if mysize is None else mysize] * len(shape(x)) if np.ndim(mysize) == 0 else list(mysize)
    ones, count = np.ones(sizes), float(np.prod(sizes))
    mean = convolve(x, ones, "same") / count
    spread = convolve(x * x, ones, "same") / count - mean * mean
    level = ops.mean(ops.ravel(spread)) if noise is None else noise
    quiet = primal(spread) < primal(level)
    share = 1 - level / ops.where(quiet, 1.0, spread)
    return ops.where(quiet, mean, (x - mean) * share + mean)


def lombscargle(x: Any, y: Any, freqs: Any, precenter: Any = False, normalize: Any = False, *, weights: Any = None,
                floating_mean: Any = False) -> Any:  # fmt: skip
    """Lomb, Astrophys. Space Sci. 39 (1976)."""
    refuse_where(
        "scipy.signal.lombscargle", precenter=precenter, normalize=normalize, weights=weights is not None,
        floating_mean=floating_mean,
    )  # fmt: skip
    x, y, w = number(x), number(y), number(freqs)
    angle = ops.reshape(w, (-1, 1)) * x
    tau = ops.arctan2(ops.sum(ops.sin(2 * angle), 1, True), ops.sum(ops.cos(2 * angle), 1, True)) / 2
    c, s = ops.cos(angle - tau), ops.sin(angle - tau)
    return 0.5 * ((c @ y) ** 2 / ops.sum(c * c, 1) + (s @ y) ** 2 / ops.sum(s * s, 1))


def vectorstrength(events: Any, period: Any) -> Any:
    angle = 2 * math.pi * number(events) / period
    c, s = ops.mean(ops.cos(angle)), ops.mean(ops.sin(angle))
    return ops.hypot(c, s), ops.arctan2(s, c)


# -- spectra ------------------------------------------------------------------------------------------------------


def _segments(name: str, x: Any, nperseg: Any, noverlap: Any, window: Any, detrend: Any) -> tuple[Any, Any, int]:
    """Overlapping parts of a signal along its last axis, less their means, times a window; the window; their length."""
    x = number(x)
    n = shape(x)[-1]
    size = min(256 if nperseg is None else int(nperseg), n)
    step = size - (size // 2 if noverlap is None else int(noverlap))
    if isinstance(window, (list, np.ndarray)):
        shape_of_window = np.asarray(window, float)
    else:
        shape_of_window = scipy.signal.get_window(window, size)
    starts = np.arange(0, n - size + 1, step)
    parts = x[..., starts[:, None] + np.arange(size)]
    if detrend == "constant":
        parts = parts - ops.mean(parts, -1, True)
    elif detrend == "linear":
        parts = parts @ scipy.signal.detrend(np.eye(size), type="linear").T
    elif detrend is not False:
        raise no_setting(f"scipy.signal.{name}", ["detrend"])
    return parts * shape_of_window, shape_of_window, size


def _half(parts: Any, size: int) -> Any:
    return transforms.RULES["rfft"](parts, size, -1)


def _density(a: Any, b: Any, fs: float, window: Any, size: int, scaling: str) -> Any:
    scale = 1.0 / (fs * np.sum(window**2)) if scaling == "density" else 1.0 / np.sum(window) ** 2
    weights = occurrences(size) * scale
    if b is None:
        return (a.real**2 + a.imag**2) * weights
    return (Complex(a.real, -a.imag) if isinstance(a, Complex) else np.conj(a)) * b * weights


def _refuse_other(name: str, nfft: Any, return_onesided: bool, axis: int, **more: bool) -> None:
    """Raise UnsupportedFunction for settings of spectra that are not those of one side along the last axis."""
    other = {"nfft": nfft is not None, "return_onesided": not return_onesided, "axis": axis != -1}
    refuse_where(f"scipy.signal.{name}", **other, **more)


def welch(
    x: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = None, noverlap: Any = None,
    nfft: Any = None, detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1, average: str = "mean",
) -> Any:  # fmt: skip
    _refuse_other("welch", nfft, return_onesided, axis, average=average != "mean")
    parts, shape_of_window, size = _segments("welch", x, nperseg, noverlap, window, detrend)
    power = _density(_half(parts, size), None, fs, shape_of_window, size, scaling)
    return np.fft.rfftfreq(size, 1 / fs), ops.mean(power, -2)


def periodogram(
    x: Any, fs: float = 1.0, window: Any = "boxcar", nfft: Any = None, detrend: Any = "constant",
    return_onesided: bool = True, scaling: str = "density", axis: int = -1,
) -> Any:  # fmt: skip
    n = shape(number(x))[-1]
    return welch(x, fs, window or "boxcar", n, 0, nfft, detrend, return_onesided, scaling, axis)


def csd(
    x: Any, y: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = None, noverlap: Any = None,
    nfft: Any = None, detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1, average: str = "mean",
) -> Any:  # fmt: skip
    _refuse_other("csd", nfft, return_onesided, axis, average=average != "mean")
    a, shape_of_window, size = _segments("csd", x, nperseg, noverlap, window, detrend)
    b, _, _ = _segments("csd", y, nperseg, noverlap, window, detrend)
    cross = _density(_half(a, size), _half(b, size), fs, shape_of_window, size, scaling)
    if isinstance(cross, Complex):
        cross = Complex(ops.mean(cross.real, -2), ops.mean(cross.imag, -2))
    return np.fft.rfftfreq(size, 1 / fs), cross


def coherence(
    x: Any, y: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = None, noverlap: Any = None,
    nfft: Any = None, detrend: Any = "constant", axis: int = -1,
) -> Any:  # fmt: skip
    settings = (fs, window, nperseg, noverlap, nfft, detrend)
    freqs, px = welch(x, *settings, axis=axis)
    _, py = welch(y, *settings, axis=axis)
    _, pxy = csd(x, y, *settings, axis=axis)
    return freqs, (pxy.real**2 + pxy.imag**2) / px / py


# -- responses of filters -----------------------------------------------------------------------------------------


def _at(coefficients: Any, cosines: Any, sines: Any) -> Any:
    """A polynomial in exp(-i w) at some frequencies: its coefficients times cosines and sines."""
    c = number(coefficients)
    return Complex(c @ cosines[: shape(c)[0]], -(c @ sines[: shape(c)[0]]))


def _frequencies(name: str, worN: Any, whole: bool, fs: float, include_nyquist: bool) -> Any:
    if holds([worN]) or worN is None or include_nyquist:
        raise no_setting(f"scipy.signal.{name}", ["worN" if not include_nyquist else "include_nyquist"])
    return scipy.signal.freqz([1.0], 1, worN, whole, fs=fs)[0]


def freqz(b: Any, a: Any = 1, worN: Any = 512, whole: bool = False, plot: Any = None, fs: float = 2 * math.pi,
          include_nyquist: bool = False) -> Any:  # fmt: skip
    w = _frequencies("freqz", worN, whole, fs, include_nyquist)
    b, a = (ops.reshape(x, (1,)) if not shape(x) else x for x in (number(b), number(a)))
    if len(shape(b)) > 1 or len(shape(a)) > 1:
        raise no_rule("scipy.signal.freqz of several filters")
    angle = np.arange(max(shape(a)[0], shape(b)[0]))[:, None] * (w * (2 * math.pi / fs))
    return w, _at(b, np.cos(angle), np.sin(angle)) / _at(a, np.cos(angle), np.sin(angle))


def freqz_sos(sos: Any, worN: Any = 512, whole: bool = False, fs: float = 2 * math.pi) -> Any:
    sos, h = number(sos), None
    if np.any(primal(sos)[:, 3] != 1):
        raise ValueError("sos[:, 3] should be all ones")
    w = _frequencies("freqz_sos", worN, whole, fs, False)
    for k in range(shape(sos)[0]):
        one = freqz(sos[k, :3], sos[k, 3:], worN, whole, None, fs)[1]
        h = one if h is None else h * one
    return w, h


def freqs(b: Any, a: Any, worN: Any = 200, plot: Any = None) -> Any:
    refuse_where("scipy.signal.freqs", worN=holds([worN]) or np.ndim(worN) == 0)
    w = np.asarray(worN, float)

    def polynomial(c: Any) -> Any:
        c = number(c)
        powers = [(1j * w) ** k for k in range(shape(c)[0] - 1, -1, -1)]
        return Complex(c @ np.real(powers), c @ np.imag(powers))

    return w, polynomial(b) / polynomial(a)


# -- coefficients -------------------------------------------------------------------------------------------------


def normalize(b: Any, a: Any) -> Any:
    b, a = number(b), number(a)
    if abs(primal(a)[0]) == 0 or np.any(np.abs(np.atleast_1d(primal(b))[:1]) <= 1e-14):
        raise no_rule("scipy.signal.normalize of coefficients that begin with zero")
    return b / a[0], a / a[0]


def sos2tf(sos: Any) -> Any:
    sos = number(sos)
    b, a = sos[0, :3], sos[0, 3:]
    for k in range(1, shape(sos)[0]):
        b, a = convolve(b, sos[k, :3]), convolve(a, sos[k, 3:])
    return b, a


def zpk2tf(z: Any, p: Any, k: Any) -> Any:
    poly = FUNCTIONS[np.poly]
    z, p = number(z), number(p)
    top, bottom = k * (poly(z) if holds([z]) else np.poly(z)), poly(p) if holds([p]) else np.poly(p)
    return ops.reshape(top, (-1,)), ops.reshape(bottom, (-1,))


def lfiltic(b: Any, a: Any, y: Any, x: Any = None) -> Any:
    b, a, y = number(b), number(a), number(y)
    n, m = shape(a)[0] - 1, shape(b)[0] - 1
    order = max(n, m)
    past = np.zeros(m) if x is None else number(x)
    longer = [ops.concatenate([v, np.zeros(max(0, count - shape(v)[0]))]) for v, count in ((past, m), (y, n))]
    states = []
    for k in range(order):
        zero: Any = 0.0
        if k < m:
            zero = zero + ops.sum(b[k + 1 :] * longer[0][: m - k])
        if k < n:
            zero = zero - ops.sum(a[k + 1 :] * longer[1][: n - k])
        states.append(zero / a[0])
    return ops.stack(states)


RULES: dict[str, Rule] = by_name(
    hilbert, resample, resample_poly, upfirdn, decimate, sosfilt_zi, sosfiltfilt, deconvolve, wiener, lombscargle,
    vectorstrength, welch, periodogram, csd, coherence, freqz, freqz_sos, freqs, normalize, sos2tf, zpk2tf, lfiltic,
)  # fmt: skip


def medfilt(volume: Any, kernel_size: Any = None) -> Any:
    size = 3 if kernel_size is None else kernel_size
    ranked = ops.sort(neighbours("medfilt", volume, size, None, "constant", 0.0), 0)
    return ranked[shape(ranked)[0] // 2]


def order_filter(a: Any, domain: Any, rank: int) -> Any:
    ranked = ops.sort(neighbours("order_filter", a, None, domain, "constant", 0.0), 0)
    return ranked[rank]


def spectrogram(
    x: Any, fs: float = 1.0, window: Any = ("tukey_periodic", 0.25), nperseg: Any = None, noverlap: Any = None,
    nfft: Any = None, detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1, mode: str = "psd",
) -> Any:  # fmt: skip
    _refuse_other("spectrogram", nfft, return_onesided, axis, mode=mode != "psd")
    size = min(256 if nperseg is None else int(nperseg), shape(number(x))[-1])
    overlap = size // 8 if noverlap is None else int(noverlap)
    parts, shape_of_window, size = _segments("spectrogram", x, size, overlap, window, detrend)
    power = _density(_half(parts, size), None, fs, shape_of_window, size, scaling)
    times = np.arange(size / 2, shape(number(x))[-1] - size / 2 + 1, size - overlap) / fs
    return np.fft.rfftfreq(size, 1 / fs), times, ops.swapaxes(power, -1, -2)


def stft(
    x: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = 256, noverlap: Any = None, nfft: Any = None,
    detrend: Any = False, return_onesided: bool = True, boundary: Any = "zeros", padded: bool = True, axis: int = -1,
    scaling: str = "spectrum",
) -> Any:  # fmt: skip
    x = number(x)
    _refuse_other("stft", nfft, return_onesided, axis, boundary=boundary not in ("zeros", None))
    size = min(int(nperseg), shape(x)[-1])
    step = size - (size // 2 if noverlap is None else int(noverlap))
    half = size // 2 if boundary else 0
    more = -(shape(x)[-1] + 2 * half - size) % step if padded else 0
    longer = ops.pad(x, [(0, 0)] * (len(shape(x)) - 1) + [(half, half + more)])
    parts, shape_of_window, size = _segments("stft", longer, size, size - step, window, detrend)
    scale = np.sum(shape_of_window) if scaling == "spectrum" else math.sqrt(fs * np.sum(shape_of_window**2))
    found = _half(parts, size)
    times = np.arange(size / 2, shape(longer)[-1] - size / 2 + 1, step) / fs - (size / 2 / fs if boundary else 0.0)
    re, im = (ops.swapaxes(part, -1, -2) / scale for part in (found.real, found.imag))
    return np.fft.rfftfreq(size, 1 / fs), times, Complex(re, im)


def _by_matrix(name: str) -> Rule:
    """A transform that is linear in its first argument: SciPy's own of the columns of the identity is its matrix."""
    original = getattr(scipy.signal, name)

    def rule(x: Any, *args: Any, axis: int = -1, **settings: Any) -> Any:
        x = ops.moveaxis(number(x), axis, 0)
        if holds(args) or holds([*settings.values()]):
            raise no_setting(f"scipy.signal.{name}", sorted(settings) or ["w"])
        matrix = original(np.eye(shape(x)[0]), *args, axis=0, **settings)
        parts = [ops.moveaxis(ops.tensordot(m, x, 1), 0, axis) for m in (np.real(matrix), np.imag(matrix))]
        return Complex(*parts) if np.iscomplexobj(matrix) else parts[0]

    return rule


def _spline1d(name: str) -> Rule:
    original = getattr(scipy.signal, name)

    def rule(signal: Any, lamb: float = 0.0) -> Any:
        return np.stack([original(e, lamb) for e in np.eye(shape(number(signal))[0])], axis=1) @ number(signal)

    return rule


_czt, _zoom_fft = _by_matrix("czt"), _by_matrix("zoom_fft")
RULES |= by_name(medfilt, order_filter, spectrogram, stft)
RULES |= {
    "czt": lambda x, m=None, w=None, a=1 + 0j, *, axis=-1: _czt(x, m, w, a, axis=axis),
    "zoom_fft": lambda x, fn, m=None, *, fs=2, endpoint=False, axis=-1: _zoom_fft(
        x, fn, m, fs=fs, endpoint=endpoint, axis=axis
    ),
    "medfilt2d": lambda input, kernel_size=3: medfilt(input, kernel_size),
    "cspline1d": _spline1d("cspline1d"), "qspline1d": lambda signal, lamb=0.0: _spline1d("qspline1d")(signal, lamb),
}  # fmt: skip
