"""The random numbers of a check: SplitMix64 (Steele, Lea and Flood 2014), a counter whose bits are mixed.

NumPy's generators take as long to import as an eighth of NumPy, and a claim about a few numbers needs a few hundred
draws. The methods are named as those of `numpy.random.Generator`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
WORD = 0xFFFFFFFFFFFFFFFF
UNIT = 2.0**-53


class RandomNumbers:
    """Draws that follow from a seed, a whole number.

    >>> random = RandomNumbers(0)
    >>> 2.0 <= random.uniform(2.0, 3.0) < 3.0
    True
    >>> sorted(random.permutation(4).tolist()), random.standard_normal((2, 3)).shape
    ([0, 1, 2, 3], (2, 3))
    """

    __slots__ = ("counter",)

    def __init__(self, seed: int) -> None:
        self.counter = _mixed(seed & WORD)  # seeds that are neighbours start far from each other

    def random(self, size: Any = None) -> Any:
        """Between 0 and 1, and never 1."""
        if size is None:
            self.counter = (self.counter + STEP) & WORD
            return (_mixed(self.counter) >> 11) * UNIT
        shape = (size,) if isinstance(size, int) else tuple(size)
        words = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(STEP) + np.uint64(self.counter)
        self.counter = (self.counter + words.size * STEP) & WORD
        words = (words ^ (words >> np.uint64(30))) * np.uint64(FIRST)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(SECOND)
        words ^= words >> np.uint64(31)
        return ((words >> np.uint64(11)) * UNIT).reshape(shape)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """Between low and high, which may be arrays."""
        if size is None and (isinstance(low, np.ndarray) or isinstance(high, np.ndarray)):
            size = np.broadcast_shapes(np.shape(low), np.shape(high))
        return low + (high - low) * self.random(size)

    def standard_normal(self, size: Any = None) -> Any:
        """Of the normal distribution with mean 0 and deviation 1, by the formula of Box and Muller."""
        if size is None:
            return math.sqrt(-2.0 * math.log1p(-self.random())) * math.cos(2.0 * math.pi * self.random())
        radius = np.sqrt(-2.0 * np.log1p(-self.random(size)))
        return radius * np.cos(2.0 * np.pi * self.random(size))

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Of a normal distribution."""
        return loc + scale * self.standard_normal(size)

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        """Whole numbers from low on and below high, or from 0 on and below `low`."""
        first, end = (0, low) if high is None else (low, high)
        drawn = self.random(size) * (end - first)
        return first + (int(drawn) if size is None else drawn.astype(np.intp))

    def choice(self, options: Sequence[Any], size: Any = None) -> Any:
        """One of the options, or an array of them, which may come again."""
        picked = self.integers(len(options), size=size)
        return options[picked] if size is None else np.asarray(options)[picked]

    def permutation(self, n: int) -> NDArray[np.intp]:
        """The whole numbers below n, in a random order."""
        return np.argsort(self.random(n), kind="stable")


def _mixed(word: int) -> int:
    word = ((word ^ (word >> 30)) * FIRST) & WORD
    word = ((word ^ (word >> 27)) * SECOND) & WORD
    return word ^ (word >> 31)
