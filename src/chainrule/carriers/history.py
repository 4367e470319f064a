"""The numbers an input had before its present one, for what was computed from them.

Numbers and times lie in two rows of floats, used in turn: in a training loop of thousands of inputs a list of pairs
took longer than the rest of giving them new numbers.
"""

from __future__ import annotations

import chainrule.carriers.blocks as blocks

KEPT = 16
"""So many earlier numbers are kept."""


class History:
    """Which numbers an input had, and until when."""

    __slots__ = ("count", "numbers", "room", "until")

    def __init__(self) -> None:
        self.count, self.room = 0, KEPT
        self.numbers = blocks.doubles(KEPT)
        self.until = blocks.doubles(KEPT)

    def __dealloc__(self) -> None:
        blocks.release(self.numbers)
        blocks.release(self.until)

    def add(self, number: float, until: int) -> None:
        """The input had this number before that time, and has another since."""
        k = self.count % self.room
        self.numbers[k], self.until[k] = number, until
        self.count += 1

    def place(self, clock: int) -> int:
        """Where the number is that the input had at that time; -1 where it is forgotten or may be."""
        first = max(0, self.count - self.room)
        for k in range(first, self.count):
            if clock < self.until[k % self.room]:
                return -1 if k == first and self.count >= self.room else k % self.room
        return -1
