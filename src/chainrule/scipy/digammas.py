"""The difference of two values of the digamma function, with all of its digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Number
from chainrule.ops.composite import Composite

_FIRST = 12
"""Where the asymptotic series (DLMF 5.11.2) is taken: its terms below end at 2e-18 there."""
_BERNOULLI = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
"""B(2 k) / (2 k) for k = 1, 2, ..."""


def _near(a: Any, h: Any, log1p: Any, expm1: Any) -> Any:
    """digamma(a + h) - digamma(a) for positive a and a + h: DLMF 5.5.2 up to 12 and more, where the series of both are
    subtracted term by term. All parts of the recurrence have the sign of h."""
    total = 0.0 * h
    for k in range(_FIRST):
        total = total + h / ((a + k) * (a + (h + k)))
    b = a + _FIRST
    ratio = log1p(h / b)
    total = total + ratio + 0.5 * h / (b * (b + h))
    square = 1.0 / (b * b)
    power = square
    for k, c in enumerate(_BERNOULLI, 1):
        total = total - c * power * expm1(-2 * k * ratio)
        power = power * square
    return total


def _of_floats(a: float, h: float) -> float:
    if a > 0 and a + h > 0 and abs(h) < 0.5 * a:
        return float(_near(a, h, math.log1p, math.expm1))
    return float(ops.digamma(a + h) - ops.digamma(a))


def _of_arrays(a: Any, h: Any) -> Any:
    a, h = np.broadcast_arrays(a, h)
    near = (a > 0) & (a + h > 0) & (np.abs(h) < 0.5 * a)
    plain = ops.digamma(a + h) - ops.digamma(a)
    if not near.any():
        return plain
    found = _near(np.where(near, a, 1.0), np.where(near, h, 0.0), np.log1p, np.expm1)
    return np.where(near, found, plain).astype(np.result_type(plain), copy=False)[()]


def _body(a: Number, h: Number) -> Number:
    return ops.digamma(a + h) - ops.digamma(a)


digamma_gap = Composite("digamma_gap", _body, kernels={"float": _of_floats, "numpy": _of_arrays})
"""digamma(a + h) - digamma(a); where h is small beside a, without the digits that the difference loses."""
