"""Convolutions, as neural networks call them (correlations): one product of matrices over all windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn.initial import fan_in_uniform, generator
from chainrule.nn.module import Module, setting
from chainrule.numbers import Number, shape


def convolve(x: Number, weight: Number, *, stride: int = 1, padding: int = 0) -> Number:
    """The sum over channels and kernel of x, moved, times weight, in any number of dimensions.

    x        (batch, channels, *size)
    weight   (outputs, channels, *kernel)
    stride   of the windows, in every dimension
    padding  zeros before and after, in every dimension

    The result has the shape (batch, outputs, *((size + 2 padding - kernel) // stride + 1)).

    >>> from chainrule import nn
    >>> x = np.arange(5.0).reshape(1, 1, 5)
    >>> nn.convolve(x, np.array([[[1.0, 0.0, -1.0]]]))
    array([[[-2., -2., -2.]]])
    """
    size, kernel = shape(x)[2:], shape(weight)[2:]
    if len(size) != len(kernel) or not kernel or shape(x)[1] != shape(weight)[1]:
        raise ShapeError.here(
            "convolve: expected x of shape (batch, channels, *size) and weights of shape (outputs, channels, "
            f"*kernel), got {shape(x)} and {shape(weight)}"
        )
    if any(n + 2 * padding < k for n, k in zip(size, kernel, strict=True)):
        raise ShapeError.here(f"convolve: a kernel of {kernel} does not fit into {size}, padding {padding}")
    if padding:
        x = np.pad(x, [(0, 0), (0, 0)] + [(padding, padding)] * len(size))
    windows = x[(slice(None), slice(None), *_windows(shape(x)[2:], kernel, stride))]  # (batch, channels, *out, *kernel)
    n, axes = len(size), range(2, 2 + len(size))
    after = [2 + n + k for k in range(n)]
    columns = ops.transpose(windows, (0, *axes, 1, *after))
    out = shape(windows)[2 : 2 + n]
    flat = ops.reshape(columns, shape=(-1, int(np.prod(shape(weight)[1:]))))
    sums = ops.matmul(flat, ops.transpose(ops.reshape(weight, shape=(shape(weight)[0], -1))))
    apart = ops.reshape(sums, shape=(shape(x)[0], *out, shape(weight)[0]))
    return ops.moveaxis(apart, source=-1, destination=1)


def _windows(size: Sequence[int], kernel: Sequence[int], stride: int) -> list[Any]:
    """For each dimension the places of every window, shaped to broadcast to (*out, *kernel)."""
    n, places = len(size), []
    for d, (length, k) in enumerate(zip(size, kernel, strict=True)):
        start = np.arange(0, length - k + 1, stride)
        where = [1] * (2 * n)
        where[d], where[n + d] = len(start), k
        places.append((start[:, None] + np.arange(k)).reshape(where))
    return places


class Conv(Module):
    """`convolve` with weights of its own, plus a bias for each output.

    dimensions  of the kernel: 1 for sequences, 2 for images, or `kernel` itself as a tuple

    >>> from chainrule import nn
    >>> layer = nn.Conv(3, 8, 5, np.random.default_rng(0), padding=2)
    >>> layer(np.ones((10, 3, 28, 28))).shape
    (10, 8, 28, 28)
    """

    weight: Any
    bias: Any
    stride: int = setting()
    padding: int = setting()

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, ...],
        rng: np.random.Generator | None = None,
        *,
        dimensions: int = 2,
        stride: int = 1,
        padding: int = 0,
        init: Callable[[np.random.Generator, Sequence[int]], Any] = fan_in_uniform,
    ) -> None:
        if stride < 1 or padding < 0:
            got = f"{stride} and {padding}"
            raise ArgumentError.here(f"Conv: expected a stride above 0 and a padding from 0 on, got {got}")
        sizes = (kernel,) * dimensions if isinstance(kernel, int) else tuple(kernel)
        self.weight = init(generator(rng), (outputs, inputs, *sizes))
        self.bias = np.zeros((outputs,) + (1,) * len(sizes))
        self.stride, self.padding = stride, padding

    def __call__(self, x: Number) -> Number:
        return convolve(x, self.weight, stride=self.stride, padding=self.padding) + self.bias
