"""Dropout, as a number that is drawn outside of what is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.nn.initial import generator
from chainrule.numbers import Number, shape


def dropout_mask(rng: np.random.Generator, size: Any, rate: float) -> Any:
    """An array of that shape with 0 at a share `rate` of its places, and 1 / (1 - rate) at the others: what dropout
    multiplies by (Srivastava et al., 2014). `jit` takes it as an argument.

    >>> from chainrule import nn
    >>> nn.dropout_mask(np.random.default_rng(0), 5, 0.5)
    array([2., 0., 0., 0., 2.])
    """
    if not 0 <= rate < 1:
        raise ArgumentError.here(f"dropout expects a rate from 0 to below 1, got {rate!r}")
    return np.where(generator(rng).random(size) < rate, 0.0, 1.0 / (1.0 - rate))


def dropout(x: Number, rate: float, rng: np.random.Generator | None) -> Number:
    """`x` times a fresh `dropout_mask`; `x` itself where `rng` is None, for a model that is used and not trained.

    >>> from chainrule import nn
    >>> nn.dropout(np.ones(5), 0.5, np.random.default_rng(0))
    array([2., 0., 0., 0., 2.])
    """
    if rng is None:
        return x
    mask = dropout_mask(rng, shape(x), rate)
    return x * (mask.astype(x.dtype) if getattr(x, "dtype", None) == np.float32 else mask)
