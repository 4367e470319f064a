"""Whole numbers that count from one iteration of a loop to the next, and the variable they are written with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chainrule.show.code.python_syntax import ATOM, SUM, Text


class Count(NamedTuple):
    """A whole number that is `begin` in the first iteration and grows by `step`.

    >>> Count.of([5, 3, 1]), Count.of([1, 2, 4])
    (Count(begin=5, step=-2), None)
    """

    begin: int
    step: int

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Count | None:
        """The count that these are, one in each iteration; None where they do not grow by a step."""
        step = numbers[1] - numbers[0] if len(numbers) > 1 else 0
        same = all(n == numbers[0] + step * k for k, n in enumerate(numbers))
        return cls(numbers[0], step) if same else None


class Counter(NamedTuple):
    """The variable of a loop that runs through a range.

    alike   whether the numbers all grow by the same step: then it is one of them, else it counts iterations
    """

    name: str
    begin: int
    step: int
    iterations: int
    alike: bool

    @classmethod
    def of(cls, counts: Iterable[Count], iterations: int, name: str) -> Counter:
        """One counter for all these numbers.

        >>> Counter.of([Count(3, -1), Count(4, -1)], 4, "k").range
        'range(3, -1, -1)'
        """
        found = [c for c in counts if c.step]
        steps = {c.step for c in found}
        if len(steps) != 1:
            return cls(name if found else "_", 0, 1, iterations, False)
        return cls(name, min(c.begin for c in found), steps.pop(), iterations, True)

    @property
    def range(self) -> str:
        end = self.begin + self.step * self.iterations
        if self.step != 1:
            return f"range({self.begin}, {end}, {self.step})"
        return f"range({self.begin}, {end})" if self.begin else f"range({end})"

    def written(self, count: Count) -> str:
        """A number that counts, from the variable."""
        if not count.step:
            return str(count.begin)
        if self.alike:
            return f"{self.name} + {count.begin - self.begin}" if count.begin > self.begin else self.name
        times = f"{abs(count.step)} * " if abs(count.step) > 1 else ""
        if count.begin == 0 and count.step > 0:
            return f"{times}{self.name}"
        return f"{count.begin} {'-' if count.step < 0 else '+'} {times}{self.name}"


class Counted(NamedTuple):
    """A piece of an expression in which numbers count: `pieces` stand around and between them."""

    pieces: tuple[str, ...]
    counts: tuple[Count, ...]

    def text(self, counter: Counter) -> Text:
        """How it is written with the variable of the loop.

        >>> Counted(("x[", "]"), (Count(3, 1),)).text(Counter("k", 0, 1, 5, False)).code
        'x[3 + k]'
        """
        inner = [counter.written(c) + piece for c, piece in zip(self.counts, self.pieces[1:], strict=True)]
        code = self.pieces[0] + "".join(inner)
        return Text(code, ATOM if self.pieces[-1] or code.isalnum() else SUM)
