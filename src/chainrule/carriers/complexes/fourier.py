"""NumPy's Fourier transforms: each is the plain transform of `ops.fourier`, with what is cut off, filled up, shifted
and scaled before and after it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.complexes.elementary import conj, multiply
from chainrule.carriers.complexes.number import Complex, parts
from chainrule.errors import ShapeError, at_user_line
from chainrule.numbers import Number, ndim, shape
from chainrule.ops.factors import as_numbers_of
from chainrule.ops.fourier import fourier
from chainrule.ops.row import applied
from chainrule.ops.shape import normal_axis
from chainrule.signatures import in_module

FORWARD, BACKWARD = -1, 1


def _axes(name: str, a: Any, s: Any, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes counted from the front, and the length that each gets."""
    if s is not None and axes is None:
        axes = range(-len(s), 0)
    places = tuple([normal_axis(k, ndim(a)) for k in (range(ndim(a)) if axes is None else axes)])
    lengths = tuple([shape(a)[k] for k in places] if s is None else [int(n) for n in s])
    if len(places) != len(lengths):
        raise ValueError("Shape and axes have different lengths.")
    lengths = tuple([shape(a)[k] if n == -1 else n for k, n in zip(places, lengths, strict=True)])
    _refuse_empty(name, lengths)
    return places, lengths


def _refuse_empty(name: str, lengths: Sequence[int]) -> None:
    for n in lengths:
        if n < 1:
            raise ShapeError.here(f"{name}: invalid number of data points ({n}) specified.")


def _of_length(a: Any, n: int, axis: int) -> Number:
    """`a` cut off at the end of an axis, or filled up with zeros."""
    have = shape(a)[axis]
    if n < have:
        return a[(slice(None),) * axis + (slice(0, n),)]
    if n > have:
        return ops.pad(a, [(0, n - have) if k == axis else (0, 0) for k in range(ndim(a))])
    return a


def _scale(sign: int, count: int, norm: Any) -> float:
    """The factor of a transform of `count` elements."""
    if norm not in (None, "backward", "ortho", "forward"):
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".')
    if norm == "ortho":
        return 1 / math.sqrt(count)
    return 1 / count if (norm == "forward") == (sign == FORWARD) else 1.0


def _transformed(a: Any, axes: tuple[int, ...], lengths: tuple[int, ...], sign: int, norm: Any) -> Any:
    if not axes:
        return a
    for k, n in zip(axes, lengths, strict=True):
        a = _of_length(a, n, k)
    re, im = parts(a)
    x = re if im is None else ops.stack([re, im], -1)
    y = applied(fourier, (x,), {"axes": axes, "sign": sign, "real": im is None})
    factor = _scale(sign, math.prod(lengths), norm)
    y = y if factor == 1.0 else y * factor
    return Complex(y[..., 0], y[..., 1])


def _one(sign: int, name: str) -> Callable[..., Any]:
    def transform(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
        places, lengths = _axes(name, a, None if n is None else (n,), (axis,))
        return _transformed(a, places, lengths, sign, norm)

    return transform


def _several(sign: int, name: str) -> Callable[..., Any]:
    def transform(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
        places, lengths = _axes(name, a, s, axes)
        if len(set(places)) == len(places):
            return _transformed(a, places, lengths, sign, norm)
        for k, n in zip(places[::-1], lengths[::-1], strict=True):
            a = _transformed(a, (k,), (n,), sign, norm)
        return a

    return transform


def _two(transform: Callable[..., Any]) -> Callable[..., Any]:
    def of_two(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
        return transform(a, s, axes, norm)

    return of_two


def _real_only(name: str, a: Any) -> Any:
    re, im = parts(a)
    if im is not None:
        raise TypeError(at_user_line(f"{name} takes real numbers, got complex ones; write {name.replace('.r', '.')}"))
    return re


def _rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    places, lengths = _axes("np.fft.rfft", a, None if n is None else (n,), (axis,))
    y = _transformed(_real_only("np.fft.rfft", a), places, lengths, FORWARD, norm)
    return y[(slice(None),) * places[0] + (slice(0, lengths[0] // 2 + 1),)]


def _rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    places, lengths = _axes("np.fft.rfftn", a, s, axes)
    y = _rfft(_real_only("np.fft.rfftn", a), lengths[-1], places[-1], norm)
    return _several(FORWARD, "np.fft.rfftn")(y, lengths[:-1], places[:-1], norm)


def occurrences(n: int) -> Any:
    """How often the elements of half a spectrum stand in that of n real numbers."""
    found = np.full(n // 2 + 1, 2.0)
    found[0] = 1.0
    if n % 2 == 0:
        found[-1] = 1.0
    return found


def _from_half(a: Any, axis: int, n: int, sign: int, norm: Any) -> Any:
    """The real signal of n elements whose spectrum has `a` as its first half: Re of the transform of that half, the
    elements that the other half repeats doubled."""
    half = _of_length(a, n // 2 + 1, axis)
    weights = as_numbers_of(occurrences(n).reshape([-1 if k == axis else 1 for k in range(ndim(a))]), parts(half)[0])
    return _transformed(multiply(half, weights), (axis,), (n,), sign, norm).real


def _irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    axis = normal_axis(axis, ndim(a))
    n = 2 * (shape(a)[axis] - 1) if n is None else int(n)
    _refuse_empty("np.fft.irfft", (n,))
    return _from_half(a, axis, n, BACKWARD, norm)


def _hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    axis = normal_axis(axis, ndim(a))
    n = 2 * (shape(a)[axis] - 1) if n is None else int(n)
    _refuse_empty("np.fft.hfft", (n,))
    return _from_half(conj(a), axis, n, BACKWARD, _SWAPPED.get(norm, norm))


def _ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None) -> Any:
    return conj(_rfft(_real_only("np.fft.ihfft", a), n, axis, _SWAPPED.get(norm, norm)))


_SWAPPED = {None: "forward", "backward": "forward", "forward": "backward"}


def _irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    if s is None:
        axes = range(ndim(a)) if axes is None else axes
        s = [shape(a)[k] for k in axes]
        s[-1] = 2 * (s[-1] - 1)
    places, lengths = _axes("np.fft.irfftn", a, s, axes)
    if len(places) > 1:
        a = _several(BACKWARD, "np.fft.irfftn")(a, lengths[:-1], places[:-1], norm)
    return _irfft(a, lengths[-1], places[-1], norm)


def _shifted(direction: int) -> Callable[..., Any]:
    def shift(x: Any, axes: Any = None) -> Any:
        places = range(ndim(x)) if axes is None else (axes,) if np.ndim(axes) == 0 else axes
        for k in places:
            n = shape(x)[k]
            x = ops.roll(x, n // 2 if direction > 0 else -(n // 2), k)
        return x

    return shift


_fftn, _ifftn = _several(FORWARD, "np.fft.fftn"), _several(BACKWARD, "np.fft.ifftn")
RULES: dict[Any, Callable[..., Any]] = {
    np.fft.fftn: _fftn,
    np.fft.ifftn: _ifftn,
    **in_module(np.fft, _rfft, _rfftn, _irfft, _irfftn, _hfft, _ihfft),
    np.fft.fft: _one(FORWARD, "np.fft.fft"),
    np.fft.ifft: _one(BACKWARD, "np.fft.ifft"),
    np.fft.fft2: _two(_fftn),
    np.fft.ifft2: _two(_ifftn),
    np.fft.rfft2: _two(_rfftn),
    np.fft.irfft2: _two(_irfftn),
    np.fft.fftshift: _shifted(1),
    np.fft.ifftshift: _shifted(-1),
}
