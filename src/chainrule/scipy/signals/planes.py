"""Convolutions of images in lifted functions, with what lies beyond their borders."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.errors import ArgumentError
from chainrule.numbers import shape
from chainrule.scipy.called import number
from chainrule.scipy.signals.filters import convolve
from chainrule.signatures import by_name

_BEYOND = {"fill": {"mode": "constant"}, "wrap": {"mode": "wrap"}, "symm": {"mode": "symmetric"}}


def _convolved(a: Any, b: Any, mode: str, boundary: str, fillvalue: Any, first: Any) -> Any:
    """`first`: where "same" begins in the whole convolution, along each axis."""
    if mode == "valid":
        return convolve(a, b, mode)
    if boundary not in _BEYOND or mode not in ("full", "same"):
        raise ArgumentError.here("expected boundary 'fill', 'wrap' or 'symm', and mode 'full', 'same' or 'valid'")
    how = dict(_BEYOND[boundary])
    if boundary == "fill":
        how["constant_values"] = fillvalue
    room = [(n - 1, n - 1) for n in shape(b)]
    whole = convolve(FUNCTIONS[np.pad](a, room, **how), b, "valid")
    if mode == "full":
        return whole
    return whole[tuple(slice(start, start + n) for start, n in zip(first, shape(a), strict=True))]


def convolve2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    a, b = number(in1), number(in2)
    return _convolved(a, b, mode, boundary, fillvalue, [(n - 1) // 2 for n in shape(b)])


def correlate2d(in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0) -> Any:
    a, b = number(in1), number(in2)
    return _convolved(a, ops.flip(b), mode, boundary, fillvalue, [n // 2 for n in shape(b)])


RULES = by_name(convolve2d, correlate2d)
