"""The numbers of an array as rows of cells, for a small map of them beside its card."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numbers import Number, shape
from chainrule.show.picture.number_format import Spread, number

MOST_IN_ONE = 400
MOST_TOGETHER = 20_000
"""A page has so many cells at most: two megabytes of numbers that are not looked at would be worse than none."""


class Cells:
    """Hands out the cells of arrays while there is room.

    >>> Cells().of(np.array([[1.0, -0.5], [0.25, np.nan]]))
    [['1', '-0.5'], ['0.25', 'NaN']]
    """

    def __init__(self) -> None:
        self.left = MOST_TOGETHER

    def of(self, x: Number) -> list[list[Any]] | None:
        """Rows of numbers in four digits; leading axes beyond the second one below the other. None for what is no array
        of numbers, or too large."""
        if x is None or isinstance(x, Spread) or not shape(x):
            return None
        array = np.asarray(x)
        if array.dtype.kind not in "biuf" or not 0 < array.size <= min(MOST_IN_ONE, self.left):
            return None
        self.left -= array.size
        return [[number(float(v)) for v in row] for row in array.reshape(-1, array.shape[-1])]
