"""Affine layers, networks of them, and tables of vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ArgumentError, ShapeError
from chainrule.nn.initial import fan_in_uniform, generator
from chainrule.nn.module import Module, setting
from chainrule.nn.scalars import Layer
from chainrule.numbers import Number, shape

Draw = Callable[[np.random.Generator, Sequence[int]], Any]


class Linear(Module):
    """x @ weight + bias.

    weight   (inputs, outputs), drawn by `init`
    bias     (outputs,), of zeros as long as nothing is learnt; None with `bias=False`

    x has the shape (..., inputs), the result (..., outputs).

    >>> from chainrule import nn
    >>> layer = nn.Linear(3, 2, np.random.default_rng(0))
    >>> layer, layer(np.ones((5, 3))).shape
    (Linear(weight=3x2, bias=2), (5, 2))
    """

    weight: Any
    bias: Any

    def __init__(
        self,
        inputs: int,
        outputs: int,
        rng: np.random.Generator | None = None,
        *,
        bias: bool = True,
        init: Draw = fan_in_uniform,
    ) -> None:
        self.weight = init(generator(rng), (inputs, outputs))
        self.bias = np.zeros(outputs) if bias else None

    def __call__(self, x: Number) -> Number:
        inputs = shape(self.weight)[0]
        if isinstance(x, (list, tuple)):
            x = ops.array(x)
        if not shape(x) or shape(x)[-1] != inputs:
            raise ShapeError.here(f"Linear: expected x of shape (..., {inputs}), got {shape(x)}")
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


class MLP(Module):
    """A network of `Linear` layers with a function between them, none after the last.

    inputs      how many numbers go in
    outputs     how many come out of each layer
    rng         draws the weights. Without one the network is micrograd's: every weight a Value of its own, drawn by
                `random`, relu between; it is called with a list of numbers and returns a Value, or a list of them.
    activation  the function between: `cr.relu`, `np.tanh`, ...; `hidden_init` draws the weights before it

    >>> import random
    >>> from chainrule import nn
    >>> nn.MLP(2, [16, 1], np.random.default_rng(0))(np.ones((100, 2))).shape
    (100, 1)
    >>> random.seed(1)
    >>> model = nn.MLP(2, [16, 16, 1])
    >>> model([1.0, -1.0]).backward()
    >>> len(model.parameters()), model.parameters()[0]
    (337, Value(data=..., grad=...))
    """

    layers: list[Any]
    activation: Any = setting()

    def __init__(
        self,
        inputs: int,
        outputs: Sequence[int],
        rng: np.random.Generator | None = None,
        *,
        activation: Callable[[Any], Any] = ops.relu,
        init: Draw = fan_in_uniform,
    ) -> None:
        if isinstance(outputs, int) or not outputs:
            raise ArgumentError.here(f"MLP expects a list of widths, MLP(2, [16, 16, 1]), got {outputs!r}")
        sizes, last = [inputs, *outputs], len(outputs) - 1
        self.activation = activation
        if rng is None:
            if activation is not ops.relu or init is not fan_in_uniform:
                raise ArgumentError.here(
                    "MLP: without a generator (rng) it is micrograd's network, with relu and its weights"
                )
            self.layers = [Layer(sizes[k], sizes[k + 1], nonlin=k < last) for k in range(last + 1)]
        else:
            self.layers = [Linear(sizes[k], sizes[k + 1], rng, init=init) for k in range(last + 1)]

    def __call__(self, x: Any) -> Any:
        for k, layer in enumerate(self.layers):
            x = layer(x)
            if k < len(self.layers) - 1 and not isinstance(layer, Layer):
                x = self.activation(x)
        return x

    def __repr__(self) -> str:
        scalars = isinstance(self.layers[0], Layer)
        return f"MLP of [{', '.join(map(str, self.layers))}]" if scalars else super().__repr__()


class Embedding(Module):
    """A vector for each of `count` whole numbers: rows of a table.

    table   (count, width), normal numbers; `init` draws others

    The result for whole numbers of shape (...) has the shape (..., width).

    >>> from chainrule import nn
    >>> nn.Embedding(27, 8, np.random.default_rng(0))(np.array([[1, 2], [2, 2]])).shape
    (2, 2, 8)
    """

    table: Any

    def __init__(
        self, count: int, width: int, rng: np.random.Generator | None = None, *, init: Draw | None = None
    ) -> None:
        self.table = init(generator(rng), (count, width)) if init else generator(rng).normal(size=(count, width))

    def __call__(self, which: Any) -> Number:
        which = np.asarray(which) if isinstance(which, (int, list, tuple)) else which
        count = shape(self.table)[0]
        if getattr(which, "dtype", np.dtype(float)).kind not in "iu":
            raise ArgumentError.here(f"Embedding: expected whole numbers, got {which!r}")
        if isinstance(which, np.ndarray) and which.size and not 0 <= which.min() <= which.max() < count:
            raise ArgumentError.here(
                f"Embedding: expected numbers from 0 to {count - 1}, got {which.min()} to {which.max()}"
            )
        return self.table[which]
