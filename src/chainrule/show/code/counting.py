"""Expressions that are alike but for integers that count: what loops, sums and lists are rolled by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

WORD = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*|\d+)(?![\w.(])")
INDEX = re.compile(r"(?<=\[)\d+(?=\])")


class Count(NamedTuple):
    """An integer that is `begin` in the first place and grows by `step`."""

    begin: int
    step: int


class Counter(NamedTuple):
    """The variable of a loop that runs through a range.

    alike   whether the integers all grow by the same step: then it is one of them, else it counts passes
    """

    name: str
    begin: int
    step: int
    passes: int
    alike: bool

    @classmethod
    def of(cls, counts: Iterable[Count], passes: int, name: str) -> Counter:
        """One counter for all these integers.

        >>> Counter.of([Count(3, -1), Count(4, -1)], 4, "k").range
        'range(3, -1, -1)'
        """
        found = list(counts)
        steps = {c.step for c in found}
        if len(steps) != 1:
            return cls(name, 0, 1, passes, False)
        return cls(name, min(c.begin for c in found), steps.pop(), passes, True)

    @property
    def range(self) -> str:
        end = self.begin + self.step * self.passes
        if self.step != 1:
            return f"range({self.begin}, {end}, {self.step})"
        return f"range({self.begin}, {end})" if self.begin else f"range({end})"

    def written(self, count: Count) -> str:
        """An integer that counts, from the variable."""
        if self.alike:
            return f"{self.name} + {count.begin - self.begin}" if count.begin > self.begin else self.name
        times = f"{abs(count.step)} * " if abs(count.step) > 1 else ""
        if count.begin == 0 and count.step > 0:
            return f"{times}{self.name}"
        return f"{count.begin} {'-' if count.step < 0 else '+'} {times}{self.name}"


def pairs(a: str, b: str) -> Iterator[tuple[str, str]]:
    """The words of two expressions of one form, side by side."""
    return zip(WORD.findall(a), WORD.findall(b), strict=True)


def form(code: str) -> str:
    """An expression without its words."""
    return WORD.sub("#", code)


def step_of(x: str, y: str) -> int | None:
    """By how much an integer grows; None for names."""
    return int(y) - int(x) if x.isdigit() and y.isdigit() else None


def indices(code: str) -> set[int]:
    """Which words of an expression stand alone between brackets.

    >>> indices("x[0] * w + y[3]")
    {1, 4}
    """
    starts = {m.start() for m in INDEX.finditer(code)}
    return {w for w, m in enumerate(WORD.finditer(code)) if m.start() in starts}


def filled(code: str, words: Sequence[str]) -> str:
    """An expression with other words in place of its own."""
    following = iter(words)
    return WORD.sub(lambda _: next(following), code)


def renamed(code: str, names: dict[str, str]) -> str:
    """An expression with names, or integers, replaced."""
    return WORD.sub(lambda m: names.get(m[0], m[0]), code)


def unused(name: str, known: set[str]) -> str:
    """The name, lengthened until nothing else has it."""
    while name in known:
        name += "_"
    return name
