"""Axes that a reduction took away and those along which operands were repeated, and the adjoints of both."""

from __future__ import annotations

import functools

import numpy as np
from numpy import ndarray

from chainrule.numbers import Number, ndim, shape
from chainrule.ops.row import TABLE, Settings, applied


def keep_axes(y: Number, x: Number, settings: Settings) -> Number:
    """A reduced `y` with the reduced axes of `x` put back as axes of length 1."""
    if settings["keepdims"] or ndim(x) == 0:
        return y
    kept = _kept_shape(shape(x), settings["axis"])
    return y.reshape(kept) if type(y) is ndarray else applied(TABLE["reshape"], (y,), {"shape": kept})


@functools.lru_cache(maxsize=1024)
def _kept_shape(size: tuple[int, ...], axis: tuple[int, ...] | None) -> tuple[int, ...]:
    return tuple([1 if axis is None or i in axis else n for i, n in enumerate(size)])


def axes_behind(x: Number, axis: tuple[int, ...] | None) -> tuple[int, ...]:
    """The places of some axes (None: all) in `x`, which has one more axis in front."""
    return tuple(range(1, ndim(x))) if axis is None else tuple([k + 1 for k in axis])


def unbroadcast(ct: Number, target: tuple[int, ...]) -> Number:
    """The adjoint of broadcasting: `ct` summed over the axes along which an operand of shape `target` was repeated."""
    have = shape(ct)
    if have == target:
        return ct
    if _smaller(have, target):
        ct = applied(TABLE["broadcast_to"], (ct,), {"shape": np.broadcast_shapes(have, target)})
        if (have := shape(ct)) == target:
            return ct
    summed = applied(TABLE["sum"], (ct,), {"axis": _repeated_axes(have, target), "keepdims": False})
    return summed if shape(summed) == target else applied(TABLE["reshape"], (summed,), {"shape": target})


@functools.lru_cache(maxsize=1024)
def _smaller(have: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether an axis is missing, or of length 1 where it is longer in `target`."""
    return len(have) < len(target) or any(h == 1 != t for h, t in zip(have[::-1], target[::-1], strict=False))


@functools.lru_cache(maxsize=1024)
def _repeated_axes(have: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(have) - len(target)
    return tuple([i for i in range(len(have)) if i < lead or (target[i - lead] == 1 and have[i] != 1)])
