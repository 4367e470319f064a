"""By how much numbers grow with each iteration of a loop, in programs that differ in nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainrule.jit.loops.find import Part
from chainrule.jit.loops.loop import Loop
from chainrule.jit.reroll.code import Written

_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")


def grows(numbers: Sequence[int]) -> int | None:
    """By how much each number is more than the one before; None where they do not grow by the same."""
    steps = {b - a for a, b in pairwise(numbers)}
    return steps.pop() if len(steps) == 1 else None


def turns(found: Sequence[list[Part]]) -> list[int] | None:
    """For each part by how many iterations a loop grows, 0 for single steps; None where the parts differ otherwise."""
    if len({len(parts) for parts in found}) > 1:
        return None
    slopes: list[int] = []
    for several in zip(*found, strict=True):
        loops = [part for part in several if isinstance(part, Loop)]
        slope = grows([loop.count for loop in loops]) if loops else 0
        if len(loops) not in (0, len(several)) or slope is None or len({loop.period for loop in loops}) > 1:
            return None
        slopes.append(slope)
    return slopes


def longer(parts: list[Part], slopes: Sequence[int], beyond: int) -> list[Part]:
    """The parts of a program with so many iterations more."""
    return [
        Loop(part.period, part.steps, part.operands, slope * beyond) if isinstance(part, Loop) else part
        for part, slope in zip(parts, slopes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Slopes:
    """Of the numbers in a code: by how much each grows with an iteration, those that grow at all by their places among
    the pieces between numbers and other text; and of how many `slots`, `guards`, `steps` and `results` there are. `key`
    is the rest of the code."""

    key: tuple[str, ...]
    numbers: tuple[tuple[int, int], ...]
    slots: int
    guards: int
    steps: int
    results: int

    @classmethod
    def of(cls, found: Sequence[Written], steps: Sequence[int], results: Sequence[int]) -> Slopes | None:
        """Slopes of programs with so many steps and results, each with one iteration more than the one before; None
        where they differ by more than numbers, or by numbers of another kind."""
        first, grown, given = found[0], grows(steps), grows(results)
        slots, guards = grows([one.slots for one in found]), grows([len(one.holds) for one in found])
        if grown is None or given is None or slots is None or guards is None:
            return None
        if any(one.between or one.names or one.entries != first.entries for one in found):
            return None
        pieces = [pieces_of(one.code) for one in found]
        if len({len(several) for several in pieces}) > 1:
            return None
        numbers: list[tuple[int, int]] = []
        for k, texts in enumerate(zip(*pieces, strict=True)):
            if texts.count(texts[0]) < len(texts):
                slope = grows([int(text) for text in texts]) if all(map(str.isdecimal, texts)) else None
                if slope is None:
                    return None
                numbers.append((k, slope))
        return cls(tuple(pieces[0][::2]), tuple(numbers), slots, guards, grown, given)

    def fits(self, code: str) -> bool:
        """Whether a code is the same but for its numbers."""
        return tuple(pieces_of(code)[::2]) == self.key

    def extrapolated(self, first: Written, beyond: int, holds: bytes) -> Written | None:
        """The code for so many iterations more, with guards as `holds` says; None where it has others."""
        if len(first.holds) + self.guards * beyond != len(holds):
            return None
        pieces = pieces_of(first.code)
        for k, slope in self.numbers:
            pieces[k] = str(int(pieces[k]) + slope * beyond)
        return Written("".join(pieces), first.entries, [], {}, first.slots + self.slots * beyond, holds)


def pieces_of(code: str) -> list[str]:
    """Text and numbers by turns."""
    return _NUMBER.split(code)
