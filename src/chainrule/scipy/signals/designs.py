"""Designs of filters of `scipy.signal`, by their frequencies: analog prototypes, moved and warped.

A prototype's zeros and poles are plain numbers; what the frequency does to them are products, square roots and the
bilinear map (Oppenheim and Schafer, Discrete-Time Signal Processing, 2010, chapter 7), on complex numbers that carry
derivatives. Filters given by coefficients are moved by a substitution of one ratio of polynomials for the variable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.signal

from chainrule import ops
from chainrule.carriers.complexes.number import Complex, whole
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.rows import no_partial
from chainrule.scipy.signals.filters import convolve
from chainrule.signatures import by_name

Rule = Callable[..., Any]


# -- by zeros and poles -------------------------------------------------------------------------------------------


def _times(z: Any, k: Any) -> Any:
    """Complex numbers, plain or not, times a real one."""
    re, im = whole(z)
    return Complex(re * k, im * k)


def _joined(*parts: Any) -> Any:
    both = [whole(z) for z in parts]
    return Complex(ops.concatenate([re for re, _ in both]), ops.concatenate([im for _, im in both]))


def _product(z: Any) -> Any:
    """The real part of the product of complex numbers that come in conjugate pairs."""
    re, im = whole(z)
    a: Any = 1.0
    b: Any = 0.0
    for k in range(shape(re)[0]):
        a, b = a * re[k] - b * im[k], a * im[k] + b * re[k]
    return a


def _moved(z: Any, p: Any, k: Any, kind: str, low: Any, high: Any) -> tuple[Any, Any, Any]:
    """A prototype with the edge 1 as a filter with edges at `low`, or at `low` and `high`."""
    degree = len(p) - len(z)
    if kind == "lowpass":
        return _times(z, low), _times(p, low), k * low**degree
    turned = k * np.real(np.prod(-z) / np.prod(-p))
    if kind == "highpass":
        back, poles = (_times(1 / x if len(x) else x, low) for x in (z, p))
        return _joined(back, np.zeros(degree, complex)), poles, turned
    width, middle = high - low, ops.sqrt(low * high)

    def pair(x: Any) -> Any:
        re, im = whole(x)
        if not shape(re)[0]:
            return np.zeros(0, complex)
        half = Complex(re, im)
        root = np.sqrt(half * half - middle * middle)
        return _joined(half + root, half - root)

    if kind == "bandpass":
        zeros, poles = pair(_times(z, width / 2)), pair(_times(p, width / 2))
        return _joined(zeros, np.zeros(degree, complex)), poles, k * width**degree
    zeros, poles = pair(_times(1 / z if len(z) else z, width / 2)), pair(_times(1 / p, width / 2))
    none = np.zeros(degree)
    holes = Complex(none, middle * np.ones(degree)), Complex(none, -middle * np.ones(degree))
    return _joined(zeros, *holes), poles, turned


def _digital(z: Any, p: Any, k: Any) -> tuple[Any, Any, Any]:
    """The bilinear map for two samples a second: s = 4 (z - 1) / (z + 1)."""

    def through(x: Any) -> tuple[Any, Any]:
        re, im = whole(x)
        up, down = Complex(4.0 + re, im), Complex(4.0 - re, -im)
        return up / down, down

    degree = shape(whole(p)[0])[0] - shape(whole(z)[0])[0]
    poles, below = through(p)
    zeros, above = through(z) if shape(whole(z)[0])[0] else (np.zeros(0, complex), np.zeros(0, complex))
    return _joined(zeros, -np.ones(degree, complex)), poles, k * _product(above) / _product(below)


def _polynomial(roots: Any) -> Any:
    """The real polynomial with these roots, which come in conjugate pairs."""
    re, im = whole(roots)
    a, b = [1.0], [0.0]
    for j in range(shape(re)[0]):
        x, y = re[j], im[j]
        up, across = [*a, 0.0], [*b, 0.0]
        for i in range(len(a)):
            up[i + 1] = up[i + 1] - (x * a[i] - y * b[i])
            across[i + 1] = across[i + 1] - (x * b[i] + y * a[i])
        a, b = up, across
    return ops.stack([number(c) * 1.0 for c in a])


def _sections(z: Any, p: Any, k: Any, analog: bool) -> Any:
    """Second-order sections: SciPy's own pairing of the plain numbers, followed."""
    plain_z, plain_p = (np.asarray(primal(x)) for x in (z, p))
    sos = scipy.signal.zpk2sos(plain_z, plain_p, float(primal(k)), analog=analog)
    rows: list[Any] = []
    left = [list(range(len(plain_z))), list(range(len(plain_p)))]
    for section in sos:
        parts = []
        for side, (coefficients, given, plain) in enumerate(((section[:3], z, plain_z), (section[3:], p, plain_p))):
            wanted = np.roots(np.trim_zeros(coefficients, "b")) if not analog else np.roots(coefficients)
            at = [left[side].pop(int(np.argmin(np.abs(plain[left[side]] - root)))) for root in wanted]
            made = _polynomial(given[np.array(at, int)]) if at else np.ones(1)
            room = np.zeros(3 - shape(made)[0])
            parts.append(ops.concatenate([room, made] if analog else [made, room]))
        gain = section[:3][np.flatnonzero(section[:3])[0]] / (float(primal(k)) if len(rows) == 0 else 1.0)
        rows.append(ops.concatenate([parts[0] * (k * gain if len(rows) == 0 else gain), parts[1]]))
    return ops.stack(rows)


_KINDS = {"low": "lowpass", "lp": "lowpass", "l": "lowpass", "high": "highpass", "hp": "highpass", "h": "highpass",
          "band": "bandpass", "pass": "bandpass", "bp": "bandpass", "bands": "bandstop", "stop": "bandstop",
          "bs": "bandstop"}  # fmt: skip


def _filter(prototype: Any, Wn: Any, btype: str, analog: bool, output: str, fs: Any) -> Any:
    zeros, poles = (np.ravel(np.asarray(x, complex)) for x in prototype[:2])
    gain = np.real(prototype[2])
    edges = number(ops.array(Wn) if isinstance(Wn, (list, tuple)) else Wn)
    kind = _KINDS.get(str(btype).lower(), str(btype).lower())
    if fs is not None:
        edges = 2 * edges / fs
    plain = np.atleast_1d(primal(edges))
    if not analog and not (np.all(plain > 0) and np.all(plain < 1)):
        raise ValueError("Digital filter critical frequencies must be 0 < Wn < fs/2")
    warped = edges if analog else 4.0 * ops.tan(math.pi * edges / 2.0)
    if shape(warped) == (1,):
        warped = warped[0]
    low, high = (warped[0], warped[1]) if shape(warped) else (warped, None)
    z, p, k = _moved(zeros, poles, float(gain), kind, low, high)
    if not analog:
        z, p, k = _digital(z, p, k)
    if output == "zpk":
        return z, p, k
    if output == "sos":
        return _sections(z, p, k, analog)
    if output != "ba":
        raise ValueError(f"{output!r} is not a valid output form.")
    return k * _polynomial(z), _polynomial(p)


def butter(N: int, Wn: Any, btype: str = "low", analog: bool = False, output: str = "ba", fs: Any = None) -> Any:
    return _filter(scipy.signal.buttap(N), Wn, btype, analog, output, fs)


def cheby1(
    N: int, rp: Any, Wn: Any, btype: str = "low", analog: bool = False, output: str = "ba", fs: Any = None
) -> Any:
    _plain("cheby1", rp=rp)
    return _filter(scipy.signal.cheb1ap(N, rp), Wn, btype, analog, output, fs)


def cheby2(
    N: int, rs: Any, Wn: Any, btype: str = "low", analog: bool = False, output: str = "ba", fs: Any = None
) -> Any:
    _plain("cheby2", rs=rs)
    return _filter(scipy.signal.cheb2ap(N, rs), Wn, btype, analog, output, fs)


def ellip(N: int, rp: Any, rs: Any, Wn: Any, btype: str = "low", analog: bool = False, output: str = "ba",
          fs: Any = None) -> Any:  # fmt: skip
    _plain("ellip", rp=rp, rs=rs)
    return _filter(scipy.signal.ellipap(N, rp, rs), Wn, btype, analog, output, fs)


def bessel(N: int, Wn: Any, btype: str = "low", analog: bool = False, output: str = "ba", norm: str = "phase",
           fs: Any = None) -> Any:  # fmt: skip
    return _filter(scipy.signal.besselap(N, norm=norm), Wn, btype, analog, output, fs)


def iirfilter(N: int, Wn: Any, rp: Any = None, rs: Any = None, btype: str = "band", analog: bool = False,
              ftype: str = "butter", output: str = "ba", fs: Any = None) -> Any:  # fmt: skip
    kind = {"butterworth": "butter", "chebyshev1": "cheby1", "chebyshev2": "cheby2", "cauer": "ellip",
            "elliptic": "ellip"}.get(ftype, ftype)  # fmt: skip
    more = {"cheby1": (rp,), "cheby2": (rs,), "ellip": (rp, rs)}.get(kind, ())
    return RULES[kind](N, *more, Wn, btype=btype, analog=analog, output=output, fs=fs)


def _plain(name: str, **given: Any) -> None:
    for argument, x in given.items():
        if holds([x]):
            raise no_partial(f"scipy.signal.{name}", argument)


def iirnotch(w0: Any, Q: Any, fs: Any = 2.0) -> Any:
    return _at_one_frequency("notch", w0, Q, fs)


def iirpeak(w0: Any, Q: Any, fs: Any = 2.0) -> Any:
    return _at_one_frequency("peak", w0, Q, fs)


def _at_one_frequency(kind: str, w0: Any, Q: Any, fs: Any) -> tuple[Any, Any]:
    """Orfanidis, Introduction to Signal Processing (1996), section 11.3, with the width at -3 dB."""
    angle = 2 * math.pi * number(w0) / fs
    gain = 1.0 / (1.0 + ops.tan(angle / number(Q) / 2.0))
    c = ops.cos(angle)
    b = [gain, -2 * gain * c, gain] if kind == "notch" else [1.0 - gain, 0.0 * gain, gain - 1.0]
    return ops.stack(b), ops.stack([1.0 + 0.0 * gain, -2 * gain * c, 2 * gain - 1.0])


# -- by coefficients: one ratio of polynomials in place of the variable ----------------------------------------------


def _added(a: Any, b: Any) -> Any:
    """The sum of two polynomials, the highest power first."""
    n = max(shape(a)[0], shape(b)[0])
    a, b = (ops.concatenate([np.zeros(n - shape(x)[0]), x]) for x in (a, b))
    return a + b


def _substituted(c: Any, top: Any, bottom: Any, most: int) -> Any:
    """bottom**most times the polynomial c of top / bottom."""
    total: Any = np.zeros(1)
    degree = shape(c)[0] - 1
    for k in range(degree + 1):  # the coefficient of the power degree - k
        term: Any = ops.reshape(c[k], (1,))
        for factor in [top] * (degree - k) + [bottom] * (most - degree + k):
            term = convolve(term, factor)
        total = _added(total, term)
    return total


def _both(b: Any, a: Any, top: Any, bottom: Any) -> tuple[Any, Any]:
    b, a = (ops.ravel(number(x)) for x in (b, a))
    most = max(shape(b)[0], shape(a)[0]) - 1
    b, a = _substituted(b, top, bottom, most), _substituted(a, top, bottom, most)
    b, a = (x[int(np.flatnonzero(np.abs(primal(x)) > 1e-14)[0]) :] for x in (b, a))
    return b / a[0], a / a[0]


def _line(*c: Any) -> Any:
    return ops.stack([number(x) * 1.0 for x in c])


def lp2lp(b: Any, a: Any, wo: Any = 1.0) -> Any:
    return _both(b, a, np.array([1.0, 0.0]), _line(wo))


def lp2hp(b: Any, a: Any, wo: Any = 1.0) -> Any:
    return _both(b, a, _line(wo), np.array([1.0, 0.0]))


def lp2bp(b: Any, a: Any, wo: Any = 1.0, bw: Any = 1.0) -> Any:
    return _both(b, a, _line(1.0, 0.0, number(wo) ** 2), _line(bw, 0.0))


def lp2bs(b: Any, a: Any, wo: Any = 1.0, bw: Any = 1.0) -> Any:
    return _both(b, a, _line(bw, 0.0), _line(1.0, 0.0, number(wo) ** 2))


def bilinear(b: Any, a: Any, fs: Any = 1.0) -> Any:
    return _both(b, a, _line(2.0 * number(fs), -2.0 * number(fs)), np.array([1.0, 1.0]))


# -- of finite response -------------------------------------------------------------------------------------------


def firwin(numtaps: int, cutoff: Any, *, width: Any = None, window: Any = "hamming", pass_zero: Any = True,
           scale: bool = True, fs: Any = None) -> Any:  # fmt: skip
    if width is not None or holds([window]):
        raise no_setting("scipy.signal.firwin", ["width" if width is not None else "window"])
    edges = number(ops.array(cutoff) if isinstance(cutoff, (list, tuple)) else cutoff)
    edges = ops.reshape(edges * (2.0 / (2.0 if fs is None else fs)), (-1,))
    count = shape(edges)[0]
    if isinstance(pass_zero, str):
        pass_zero = pass_zero in ("lowpass", "bandstop")
    scipy.signal.firwin(numtaps, primal(edges), window=window, pass_zero=bool(pass_zero), scale=scale)  # raises
    ends = [0.0] * bool(pass_zero) + [edges[k] for k in range(count)]
    ends += [1.0] * (len(ends) % 2)
    m = np.arange(numtaps) - 0.5 * (numtaps - 1)
    h: Any = 0.0
    for left, right in zip(ends[::2], ends[1::2], strict=True):
        h = h + right * ops.sinc(right * m) - left * ops.sinc(left * m)
    h = h * scipy.signal.get_window(window, numtaps, fftbins=False)
    if scale:
        left, right = ends[0], ends[1]
        at = 0.0 if primal(left) == 0 else 1.0 if primal(right) == 1 else 0.5 * (left + right)
        h = h / ops.sum(h * ops.cos(math.pi * m * at))
    return h


def group_delay(system: Any, w: Any = 512, whole: bool = False, fs: float = 2 * math.pi) -> Any:
    b, a = (ops.reshape(number(x), (-1,)) for x in system)
    refuse_where("scipy.signal.group_delay", w=holds([w]))
    c = convolve(b, ops.flip(a))
    angle = scipy.signal.freqz([1.0], 1, w, whole, fs=fs)[0] * (2 * math.pi / fs)
    n = np.arange(float(shape(c)[0]))[:, None]
    cosines, sines = np.cos(n * angle), np.sin(n * angle)
    re, im, slope_re, slope_im = c @ cosines, c @ sines, (c * n[:, 0]) @ cosines, (c * n[:, 0]) @ sines
    delay = (slope_re * re + slope_im * im) / (re * re + im * im) - (shape(a)[0] - 1)
    return angle * (fs / (2 * math.pi)), delay


RULES: dict[str, Rule] = by_name(
    butter, cheby1, cheby2, ellip, bessel, iirfilter, iirnotch, iirpeak, lp2lp, lp2hp, lp2bp, lp2bs, bilinear,
    firwin, group_delay,
)  # fmt: skip
