"""Numbers that weights start from, drawn by a generator that the caller owns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import ArgumentError

__all__ = [
    "fan_in_uniform", "fans", "generator", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform",
    "lecun_normal", "normal",
]  # fmt: skip
Array = NDArray[np.float64]


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs a sum of such weights has, and how many sums an input is part of.

    Weights are (inputs, outputs); of a convolution (outputs, inputs, *kernel).
    """
    if len(shape) < 2:
        return (int(shape[0]), int(shape[0])) if shape else (1, 1)
    if len(shape) == 2:
        return int(shape[0]), int(shape[1])
    field = math.prod(shape[2:])
    return int(shape[1]) * field, int(shape[0]) * field


def fan_in_uniform(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """Uniform in +-1/sqrt(inputs): the default of our layers, and of PyTorch's (LeCun et al., 1998).

    >>> from chainrule import nn
    >>> w = nn.initial.fan_in_uniform(np.random.default_rng(0), (100, 3))
    >>> bool(np.abs(w).max() <= 0.1)
    True
    """
    limit = 1 / math.sqrt(max(fans(shape)[0], 1))
    return generator(rng).uniform(-limit, limit, shape)


def glorot_uniform(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """Uniform, of variance 2 / (inputs + outputs), for tanh and sigmoid (Glorot and Bengio, 2010)."""
    limit = math.sqrt(6 / max(sum(fans(shape)), 1))
    return generator(rng).uniform(-limit, limit, shape)


def glorot_normal(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """Normal, of variance 2 / (inputs + outputs), for tanh and sigmoid (Glorot and Bengio, 2010)."""
    return generator(rng).normal(0.0, math.sqrt(2 / max(sum(fans(shape)), 1)), shape)


def he_uniform(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """Uniform, of variance 2 / inputs, for relu (He et al., 2015)."""
    limit = math.sqrt(6 / max(fans(shape)[0], 1))
    return generator(rng).uniform(-limit, limit, shape)


def he_normal(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """Normal, of variance 2 / inputs, for relu (He et al., 2015)."""
    return generator(rng).normal(0.0, math.sqrt(2 / max(fans(shape)[0], 1)), shape)


def lecun_normal(rng: np.random.Generator, shape: Sequence[int]) -> Array:
    """Normal, of variance 1 / inputs (LeCun et al., 1998)."""
    return generator(rng).normal(0.0, math.sqrt(1 / max(fans(shape)[0], 1)), shape)


def normal(std: float) -> Any:
    """An initialisation: normal numbers of that standard deviation.

    >>> from chainrule import nn
    >>> nn.initial.normal(0.02)(np.random.default_rng(0), (2, 3)).shape
    (2, 3)
    """
    return lambda rng, shape: generator(rng).normal(0.0, std, shape)


def generator(rng: Any) -> np.random.Generator:
    """`rng`, which must be one of NumPy's generators."""
    if rng is None:
        raise ArgumentError.here(
            "weights are drawn by a generator, which is missing: Linear(3, 2, np.random.default_rng(0))"
        )
    if not isinstance(rng, np.random.Generator):
        raise ArgumentError.here(f"expected a generator of random numbers, np.random.default_rng(seed), got {rng!r}")
    return rng


def __dir__() -> list[str]:
    return __all__
