"""The numbers an input had before its present one, for what was computed from them.

They lie beside their times in one row, used in turn: in a training loop of thousands of inputs a list of pairs took
longer than the rest of giving them new numbers.
"""

from __future__ import annotations

import chainrule.native.buffers as buffers
import chainrule.native.version as version
from chainrule.errors import NoValue, at_user_line

KEPT = 16
"""So many earlier numbers are kept."""


class Versions:
    """Which numbers an input had, and until when."""

    __slots__ = ("count", "room", "row")

    def __init__(self) -> None:
        self.count, self.room = 0, KEPT
        self.row = buffers.doubles(2 * KEPT)

    def __dealloc__(self) -> None:
        buffers.release(self.row)

    def add(self, number: float, until: int) -> None:
        """The input had this number before that time, and has another since."""
        k = 2 * (self.count % self.room)
        self.row[k], self.row[k + 1] = number, until
        self.count += 1

    def place(self, when: int, now: int) -> int:
        """Where the number is that the input had at a time; -1 where it is forgotten or may be."""
        first = max(0, self.count - self.room)
        for k in range(first, self.count):
            if version.age(now, when) > version.age(now, int(self.row[2 * (k % self.room) + 1])):
                return -1 if k == first and self.count >= self.room else k % self.room
        return -1

    def at(self, when: int, now: int, label: str) -> float:
        """The number that the input of that label had at a time. Raises NoValue where it is forgotten."""
        k = self.place(when, now)
        if k >= 0:
            return self.row[2 * k]
        raise NoValue(
            at_user_line(
                f"an input{f' ({label})' if label else ''} was given new data {KEPT} times and more since this was "
                "computed from it; compute it again, or call .forward()"
            )
        )
