"""Samples in batches, in an order that follows from the seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ShapeError
from chainrule.libraries import array_of


@dataclass(frozen=True)
class Batches:
    """Arrays whose first axis counts the samples, in batches of `size`; all in one where `size` is None.

    Nothing is remembered between epochs, so that the order is found again after an interruption.
    """

    arrays: tuple[Any, ...]
    size: int | None
    seed: int

    @property
    def samples(self) -> int:
        return len(self.arrays[0]) if self.arrays else 1

    @property
    def count(self) -> int:
        """How many batches an epoch has; the last may be smaller."""
        return -(-self.samples // (self.size or self.samples))

    def epoch(self, number: int, first: int = 0) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The batches of an epoch with their numbers, from the batch `first` on."""
        if self.count == 1:
            yield from [(0, self.arrays)][first:]
            return
        assert self.size is not None
        order = np.random.default_rng([self.seed, number]).permutation(self.samples)
        for k in range(first, self.count):
            chosen = order[k * self.size : (k + 1) * self.size]
            yield k, tuple(x[chosen] for x in self.arrays)

    def generator(self, epoch: int, batch: int) -> np.random.Generator:
        """What a loss that takes `rng` draws from in one step."""
        return np.random.default_rng([self.seed, epoch, batch, 1])


def as_arrays(data: Any, what: str) -> tuple[Any, ...]:
    """The arrays of `data`: one, or a tuple of them with as many samples each."""
    if isinstance(data, dict):
        names = ", ".join(f"data[{name!r}]" for name in list(data)[:2])
        raise ArgumentError.here(f"fit: {what} expects an array or a tuple of arrays, got a dict; write ({names})")
    several = isinstance(data, tuple) or (isinstance(data, list) and any(isinstance(x, np.ndarray) for x in data))
    arrays = tuple(array_of(x) for x in (data if several else (data,)))
    lengths = [x.shape[0] if x.shape else None for x in arrays]
    if len(set(lengths)) > 1 or None in lengths or 0 in lengths:
        raise ShapeError.here(
            f"fit: {what} expects an array, or a tuple of arrays, with one row for each sample in each, got "
            f"the shapes {', '.join(str(x.shape) for x in arrays)}"
        )
    return arrays


def batches_of(data: Any, size: int | None, seed: int) -> Batches:
    """`Batches`, or ArgumentError for a size or a seed that is none."""
    if size is not None and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
        said = f"fit: batch expects a number of samples from 1 on, or None for all, got {size!r}"
        raise ArgumentError.here(said)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ArgumentError.here(f"fit: seed expects a whole number from 0 on, got {seed!r}")
    arrays = as_arrays(data, "data") if not isinstance(data, tuple) or data else ()
    samples = len(arrays[0]) if arrays else 1
    return Batches(arrays, None if size is None or size >= samples else int(size), int(seed))
