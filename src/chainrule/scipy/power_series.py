"""Hypergeometric functions by their parameters: their power series, differentiated term by term (DLMF 13.2.2, 15.2.1
and 16.2.1), where its terms have one sign or hardly cancel.

Kummer's and Pfaff's transformations (DLMF 13.2.39 and 15.8.1) turn negative arguments into positive ones. To some
twelve digits; nan outside of |x| <= 80 (hyp1f1), -30 <= z <= 900 (hyp0f1) and -9 <= z <= 0.9 (hyp2f1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, primal, shape
from chainrule.scipy.rows import derivative, no_symbols

exp, where = ops.exp, ops.where


def _sum(terms: int, ratio: Callable[..., Number], *args: Number) -> Number:
    """1 + r_0 + r_0 r_1 + ... for the ratios r_k of its terms."""
    size = np.broadcast_shapes(*map(shape, args))
    wide = [ops.expand_dims(ops.broadcast_to(x, size), -1) for x in args]
    return 1.0 + ops.sum(ops.cumprod(ratio(np.arange(float(terms)), *wide), -1), -1)


def _hyp0f1(v: Number, z: Number) -> Number:
    return _sum(160, lambda k, v, z: z / ((v + k) * (k + 1.0)), v, z)


def _hyp1f1(a: Number, b: Number, x: Number) -> Number:
    below = primal(x) < 0
    a, x, scale = where(below, b - a, a), where(below, -x, x), where(below, exp(where(below, x, 0.0)), 1.0)
    return scale * _sum(280, lambda k, a, b, x: (a + k) / ((b + k) * (k + 1.0)) * x, a, b, x)


def _hyp2f1(a: Number, b: Number, c: Number, z: Number) -> Number:
    below = primal(z) < 0
    scale = where(below, ops.power(where(below, 1.0 - z, 1.0), -a), 1.0)
    b, z = where(below, c - b, b), where(below, z / where(below, z - 1.0, 1.0), z)
    return scale * _sum(420, lambda k, a, b, c, z: (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z, a, b, c, z)


def _by(series: Callable[..., Number], place: int, low: float, high: float) -> Callable[..., Number]:
    """The partial by the parameter at `place`, nan where the last argument is not between low and high."""
    slope = derivative(series, place)

    def partial(y: Number, *args: Number) -> Number:
        no_symbols(*args)
        z = primal(args[-1])
        known = (z >= low) & (z <= high)
        with np.errstate(all="ignore"):
            return where(known, slope(y, *args[:-1], where(known, args[-1], 0.0)), math.nan)

    return partial


BY_0F1: tuple[Any, ...] = (_by(_hyp0f1, 0, -30.0, 900.0),)
BY_1F1 = tuple(_by(_hyp1f1, k, -80.0, 80.0) for k in range(2))
BY_2F1 = tuple(_by(_hyp2f1, k, -9.0, 0.9) for k in range(3))
