"""Attention: each position takes a weighted mean over positions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn.linear import Linear
from chainrule.nn.module import Module, setting
from chainrule.numbers import Number, shape


def attention(queries: Number, keys: Number, values: Number, mask: Any = None, *, causal: bool = False) -> Number:
    """softmax(queries @ keys.T / sqrt(width)) @ values (Vaswani et al., 2017).

    queries  (..., n, width)
    keys     (..., m, width)
    values   (..., m, out); the result has the shape (..., n, out)
    mask     booleans that broadcast to (..., n, m): where it is False a position is not looked at. A row of it that is
             False everywhere gives nan.
    causal   positions look at themselves and at earlier ones; n and m are the same then

    >>> from chainrule import nn
    >>> x = np.eye(3)
    >>> nn.attention(x, x, x, causal=True)[0]
    array([1., 0., 0.])
    """
    (n, width), m = shape(queries)[-2:], shape(keys)[-2]
    if shape(keys)[-1] != width or shape(values)[-2] != m:
        raise ShapeError.here(
            f"attention: expected queries (..., n, width), keys (..., m, width) and values (..., m, out), got "
            f"{shape(queries)}, {shape(keys)} and {shape(values)}"
        )
    scores = ops.matmul(queries / math.sqrt(width), ops.swapaxes(keys, axis1=-1, axis2=-2))
    if causal:
        if n != m:
            raise ShapeError.here(f"attention: causal=True expects as many queries as keys, got {n} and {m}")
        earlier = np.tril(np.ones((n, n), dtype=bool))
        mask = earlier if mask is None else np.logical_and(mask, earlier)
    if mask is not None:
        scores = ops.where(mask, scores, -np.inf)
    return ops.matmul(ops.softmax(scores, axis=-1), values)


class Attention(Module):
    """Attention of several heads, of a sequence to itself: three affine maps to queries, keys and values of width
    / heads for each head, `attention`, and an affine map of the heads' results together.

    x has the shape (..., positions, width), so has the result.

    >>> from chainrule import nn
    >>> layer = nn.Attention(8, np.random.default_rng(0), heads=2, causal=True)
    >>> layer(np.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    query: Linear
    key: Linear
    value: Linear
    out: Linear
    heads: int = setting()
    causal: bool = setting()

    def __init__(
        self,
        width: int,
        rng: np.random.Generator | None = None,
        *,
        heads: int = 1,
        causal: bool = False,
        bias: bool = True,
    ) -> None:
        if width % heads:
            raise ArgumentError.here(f"Attention: a width of {width} cannot be split into {heads} equal heads")
        self.query, self.key, self.value, self.out = (Linear(width, width, rng, bias=bias) for _ in range(4))
        self.heads, self.causal = heads, causal

    def __call__(self, x: Number, mask: Any = None) -> Number:
        """`mask`: booleans that broadcast to (..., heads, positions, positions)."""
        q, k, v = (self._split(f(x)) for f in (self.query, self.key, self.value))
        mixed = ops.swapaxes(attention(q, k, v, mask, causal=self.causal), axis1=-3, axis2=-2)
        return self.out(ops.reshape(mixed, shape=shape(x)))

    def _split(self, x: Number) -> Number:
        """(..., positions, width) as (..., heads, positions, width / heads)."""
        *batch, n, width = shape(x)
        apart = ops.reshape(x, shape=(*batch, n, self.heads, width // self.heads))
        return ops.swapaxes(apart, axis1=-3, axis2=-2)
