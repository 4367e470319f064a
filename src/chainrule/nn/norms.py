"""Layers that bring the numbers of a sample to one scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ShapeError
from chainrule.nn.module import Module, setting
from chainrule.numbers import Number, shape


class LayerNorm(Module):
    """(x - mean) / sqrt(variance + eps), over the last axis, times `scale`, plus `shift` (Ba et al., 2016).

    >>> from chainrule import nn
    >>> nn.LayerNorm(4)(np.array([1.0, 2.0, 3.0, 4.0])).round(3)
    array([-1.342, -0.447,  0.447,  1.342])
    """

    scale: Any
    shift: Any
    eps: float = setting()

    def __init__(self, width: int, eps: float = 1e-5) -> None:
        self.scale, self.shift, self.eps = np.ones(width), np.zeros(width), eps

    def __call__(self, x: Number) -> Number:
        _refuse_width("LayerNorm", x, self.scale)
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        variance = ops.mean(centred * centred, axis=-1, keepdims=True)
        return centred / ops.sqrt(variance + self.eps) * self.scale + self.shift


class RMSNorm(Module):
    """x / sqrt(mean of x**2 + eps), over the last axis, times `scale` (Zhang and Sennrich, 2019).

    >>> from chainrule import nn
    >>> nn.RMSNorm(2)(np.array([3.0, 4.0])).round(3)
    array([0.849, 1.131])
    """

    scale: Any
    eps: float = setting()

    def __init__(self, width: int, eps: float = 1e-5) -> None:
        self.scale, self.eps = np.ones(width), eps

    def __call__(self, x: Number) -> Number:
        _refuse_width("RMSNorm", x, self.scale)
        return x / ops.sqrt(ops.mean(x * x, axis=-1, keepdims=True) + self.eps) * self.scale


def _refuse_width(name: str, x: Number, scale: Number) -> None:
    if not shape(x) or shape(x)[-1] != shape(scale)[0]:
        raise ShapeError.here(f"{name}: expected x of shape (..., {shape(scale)[0]}), got {shape(x)}")
