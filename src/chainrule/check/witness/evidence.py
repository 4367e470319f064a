"""What a witness says: numbers with a bar, or why it cannot speak."""

from __future__ import annotations

import functools
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from chainrule.records import record

Matrix = NDArray[np.float64]
FEW = 4  # beyond this many numbers differences go along directions first, and entry by entry only where that fails
MANY = 64  # beyond this many numbers the slower witnesses are not asked for every one


@record(frozen=True, eq=False)
class Evidence:
    """What a witness says: `value` (m x n) within `bar`, or in `why` why it cannot speak.

    reasons   for each element a Doubt or None, where the witness can doubt single elements
    """

    name: str
    family: str
    value: Matrix | None = None
    bar: Matrix | None = None
    why: str = ""
    reasons: NDArray[np.object_] | None = field(default=None, repr=False)
    seconds: float = 0.0

    @property
    def speaks(self) -> bool:
        return self.value is not None

    @functools.cached_property
    def trusted(self) -> NDArray[np.bool_]:
        """The numbers that the witness does not doubt itself."""
        assert self.value is not None
        finite = np.isfinite(self.value)
        return finite if self.reasons is None else finite & undoubted(self.reasons)


class NotApplicable(Exception):
    """The witness cannot run this function; the text says why."""


class AnotherValue(Exception):
    """The witness saw another value of f than f has for plain numbers; the text says which."""


def undoubted(reasons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Where no doubt is recorded."""
    return np.array([r is None for r in reasons.ravel()], dtype=bool).reshape(reasons.shape)
