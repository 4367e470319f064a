"""Where steps stand in a sequence, and what they do, in numbers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from chainrule.jit.loops.indices import MOVING, form
from chainrule.jit.program import CONSTANT
from chainrule.jit.step import Step

NONE = -1  # in place of an argument that is not there; numbers below stand for what is computed elsewhere
MANY = 16  # arguments of a step from which on it is in no loop


class Places:
    """The places of steps in a sequence. Where each was recorded at a time of its own, that tells; else a dict does.

    steps     the sequence
    outside   other steps that have been asked for, by their numbers, below NONE
    """

    __slots__ = ("_beyond", "_bits", "_first", "_last", "_others", "_times", "outside", "steps")

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = [*steps]
        self.outside: dict[int, Step] = {}
        self._beyond: dict[Step, int] = {}
        self._bits: dict[Hashable, int] = {}  # equal constants are one argument, and iterations may have their own
        self._others: dict[Step, int] = {}
        self._first, self._last = 1 << 62, 0
        self._times: list[int | None] = []
        self._place()

    def _place(self) -> None:
        for one in self.steps:
            step: Step = one
            self._first, self._last = min(self._first, step.at), max(self._last, step.at)
        if self._last - self._first > 4 * len(self.steps):
            self._last = -1
        self._times = [None] * max(self._last - self._first + 1, 0)
        for k, one in enumerate(self.steps):
            step = one
            if step.at <= self._last and self._times[step.at - self._first] is None:
                self._times[step.at - self._first] = k
            else:
                self._others[step] = k

    def at(self, step: Step) -> int:
        """Its place; NONE for one that is not in the sequence."""
        now = step.at
        if self._first <= now <= self._last:
            place = self._times[now - self._first]
            if place is not None and self.steps[place] is step:
                return place
        return self._others.get(step, NONE) if self._others else NONE

    def all(self, steps: Sequence[Step]) -> list[int]:
        """The places of several steps."""
        found: list[int] = []
        for step in steps:
            found.append(self.at(step))
        return found

    def number(self, step: Step) -> int:
        """Its place, or its number among those outside."""
        k = self.at(step)
        return k if k >= 0 else self._from_outside(step)

    def _from_outside(self, step: Step) -> int:
        number = self._beyond.get(step)
        if number is None:
            number = self._beyond[step] = self._bits.setdefault(_bits(step), NONE - 1 - len(self.outside))
            self.outside.setdefault(number, step)
        return number

    def read(self) -> tuple[list[int], list[int]]:
        """How many arguments each step has, none where they are very many; and the numbers of all these arguments."""
        counts: list[int] = []
        numbers: list[int] = []
        for step in self.steps:
            one: Step = step
            args = one.args
            if len(args) > MANY:
                counts.append(0)
                continue
            counts.append(len(args))
            for a in args:
                numbers.append(self.number(a))
        return counts, numbers

    def sorts(self, any_index: bool) -> tuple[list[int], dict[Any, int]]:
        """For each step a number, equal where steps do the same; and the numbers by what that is."""
        found: dict[Any, int] = {}
        own: list[int] = []
        for step in self.steps:
            one: Step = step
            told: Any = None
            if len(one.settings) or len(one.args) > MANY:
                told = described(one, any_index)
            what = (one.op, one.dtype, one.shape, told)
            sort = found.get(what)
            if sort is None:
                sort = found[what] = len(found)
            own.append(sort)
        return own, found


def described(step: Step, any_index: bool) -> Hashable:
    """The settings of a step; it is like no other one where it has very many arguments."""
    if len(step.args) > MANY:
        return id(step)
    if any_index and step.op in MOVING:
        index = step.settings["index"]
        told = "n" if type(index) is int else form(index)
        if told is not None:
            return told
    return repr([(name, id(x) if isinstance(x, np.ndarray) else x) for name, x in sorted(step.settings.items())])


def _bits(step: Step) -> Hashable:
    """What tells a step from others: of a single constant its bits."""
    if step.op != CONSTANT or step.shape:
        return id(step)
    return step.dtype.char, np.asarray(step.settings["value"], step.dtype).tobytes()
