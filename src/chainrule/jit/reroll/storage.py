"""Where a rolled program keeps what it computes.

Memory is a table of pointers. Number 0 is scratch, in slots of 8 bytes, of which a number takes one and an array as
many as it needs; the other pointers belong to the caller. A loop keeps a record of slots for each iteration, with a
column for each of its steps that is read later: a loop behind it, or a single step. A loop whose argument is
another step in each iteration reads it from a Stream: most often a column of an earlier loop, forward, or backward as
a reverse sweep does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

import numpy as np

from chainrule.jit.loops.loop import Invariant, Loop, LoopCarried, Streamed
from chainrule.jit.program import CONSTANT, Step
from chainrule.jit.reroll.layout import SLOT, Place

_APART = 8  # slots between columns: those of 512 or 1,024 iterations would lie in the same lines of the cache
_MARGIN = 16  # records before the first and after the last iteration, for steps that continue a column


class Iteration(NamedTuple):
    """Step `place` of iteration `iteration` of a loop."""

    loop: Loop
    iteration: int
    place: int


def width(step: Step) -> int:
    """The slots that a step takes."""
    return -(-prod(step.shape) * step.dtype.itemsize // SLOT)


@dataclass(eq=False, slots=True)
class Bank:
    """The records of a loop: `low <= iteration < high`, each of `record` slots, in which the columns begin at
    theirs. Those of single numbers may lie `by_columns`, so that several iterations are computed side by side."""

    loop: Loop
    low: int
    high: int
    columns: dict[int, int] = field(default_factory=dict)
    by_columns: bool = False
    record: int = 0
    start: int = -1

    def add(self, place: int) -> None:
        if place not in self.columns:
            self.columns[place] = self.record
            self.record += width(self.loop.steps[place])

    def slot(self, iteration: int, place: int) -> int:
        apart = self._length if self.by_columns else 1
        return self.start + (iteration - self.low) * self.stride + self.columns[place] * apart

    @property
    def stride(self) -> int:
        """Slots from one iteration to the next."""
        return 1 if self.by_columns else self.record

    @property
    def _length(self) -> int:
        """Slots of a column, or records."""
        return self.high - self.low + (_APART if self.by_columns else 0)

    @property
    def size(self) -> int:
        return self._length * self.record


@dataclass(frozen=True, eq=False, slots=True)
class Stream:
    """A number or array for each iteration b of a loop: in a bank, column `place`, record first + stride * b; or in the
    caller's memory, `at` moved by stride * b or by number b of `moves`, or there behind number b of `pointers`; or one
    of `constants`; or where step number b of `listed` lies in scratch."""

    dtype: np.dtype[Any]
    first: int = 0
    stride: int = 1
    bank: Bank | None = None
    place: int = 0
    at: Place | None = None
    pointers: Sequence[int] = ()
    moves: tuple[int, ...] = ()
    constants: tuple[Step, ...] = ()
    listed: tuple[Step, ...] = ()


Key = tuple[int, ...]  # the identities of the steps of a stream


class Storage:
    """Decides for the parts of a program what is kept in scratch memory.

    given       where the caller's memory holds a step that is not computed here
    results     where the caller wants a step, possibly in several places
    chunk       for each part the number of the function it is in; what another function reads lies in a slot
    by_columns  whether the numbers of a column lie side by side: all are single ones
    """

    def __init__(
        self,
        parts: list[Step | Loop],
        chunk: list[int],
        given: dict[int, Place],
        results: dict[int, list[Place]],
        by_columns: bool = False,
    ) -> None:
        self.parts, self.given, self.results, self.by_columns = parts, given, results, by_columns
        self.iterations: dict[int, Iteration] = {}
        self.banks: dict[Loop, Bank] = {}
        self.slots: dict[int, int] = {}  # of steps that other functions read; numbered by `_layout`
        self.streams: dict[Loop, dict[Key, Stream]] = {}
        self.margins: dict[Loop, list[tuple[Bank, int, int, Step]]] = {}  # to be stored before the loop begins
        self.copies: dict[Loop, list[Step]] = {}  # the same, each into its slot
        self.direct: dict[Loop, dict[int, list[Stream]]] = {}  # results that a loop stores where they are wanted
        self._chunk: dict[int, int] = {}
        self._widths: dict[int, int] = {}
        self._margins: dict[tuple[Bank, int, int], int] = {}
        for part, number in zip(parts, chunk, strict=True):
            for k, step in enumerate(part.steps if isinstance(part, Loop) else [part]):
                self._chunk[id(step)] = number
                if isinstance(part, Loop):
                    self.iterations[id(step)] = Iteration(part, *divmod(k, part.period))
        for part, number in zip(parts, chunk, strict=True):
            self._plan(part, number)
        self.size = self._layout()

    # -- what is read -------------------------------------------------------------------------------------

    def _plan(self, part: Step | Loop, chunk: int) -> None:
        if isinstance(part, Step):
            for a in part.args:
                self._needed(a, chunk)
            return
        self.banks[part] = Bank(part, 0, part.count, by_columns=self.by_columns)
        self.streams[part], self.direct[part], self.margins[part], self.copies[part] = {}, {}, [], []
        for operand in [operand for row in part.operands for operand in row]:
            if isinstance(operand, Invariant):
                self._needed(operand.step, chunk)
            elif isinstance(operand, LoopCarried):
                for step in operand.first:
                    self._needed(step, chunk)
            elif isinstance(operand, Streamed):
                key = tuple(map(id, operand.steps))
                if key not in self.streams[part]:
                    self.streams[part][key] = self._stream(part, operand.steps, chunk)
        for place in range(part.period):
            self._wanted(part, place)

    def _needed(self, step: Step, chunk: int) -> None:
        """A function reads `step` by itself."""
        iteration = self.iterations.get(id(step))
        if iteration is not None and iteration.iteration != iteration.loop.count - 1:
            self.banks[iteration.loop].add(iteration.place)
        elif id(step) not in self.given and self._chunk.get(id(step), chunk) != chunk:
            self._own(step)

    def _wanted(self, loop: Loop, place: int) -> None:
        """Results among the steps at `place`: stored in the loop where they are evenly spaced, else after it."""
        steps = loop.steps[place :: loop.period]
        wanted = [self.results.get(id(step), []) for step in steps]
        if wanted[0] and all(len(places) == len(wanted[0]) for places in wanted):
            streams = [self._placed(list(places), steps[0].dtype) for places in zip(*wanted, strict=True)]
            found = [stream for stream in streams if stream is not None]
            if len(found) == len(streams):
                self.direct[loop][place] = found
                return
        if any(wanted[:-1]):
            self.banks[loop].add(place)

    # -- sequences ----------------------------------------------------------------------------------------

    def _stream(self, reader: Loop, steps: tuple[Step, ...], chunk: int) -> Stream:
        places = [self.given.get(id(step)) for step in steps]
        if None not in places:
            stream = self._placed([p for p in places if p is not None], steps[0].dtype)
            if stream is not None:
                return stream
        if all(step.op == CONSTANT and not step.shape for step in steps):
            return Stream(steps[0].dtype, constants=steps)
        return self._column(reader, steps, chunk) or self._listed(reader, steps)

    def _placed(self, places: list[Place], dtype: np.dtype[Any]) -> Stream | None:
        """Places in one array at equal distances as a stream; unless these are single numbers, any places in one
        array, or the same place in one array after another."""
        first, moves = places[0], [p.offset - places[0].offset for p in places]
        if any(p.strides != first.strides for p in places):
            return None
        pointers, even = [p.pointer for p in places], _even(moves)
        if pointers.count(first.pointer) == len(pointers):
            if even:
                return Stream(dtype, stride=moves[1], at=first)
            return None if self.by_columns else Stream(dtype, stride=0, at=first, moves=tuple(moves))
        if any(moves) or self.by_columns:
            return None
        apart = pointers[1] - pointers[0]
        regular = range(pointers[0], pointers[0] + apart * len(pointers), apart) if _even(pointers) else ()
        return Stream(dtype, stride=0, at=first, pointers=regular or tuple(pointers))

    def _column(self, reader: Loop, steps: tuple[Step, ...], chunk: int) -> Stream | None:
        """The sequence as a column of an earlier loop. Its first or last steps may come from elsewhere and lie in
        the margin of that column."""
        middle = [self.iterations.get(id(step)) for step in steps[len(steps) // 2 :][:2]]
        if middle[0] is None or middle[1] is None or middle[0].loop is not middle[1].loop:
            return None
        loop, at, place = middle[0]
        stride = middle[1].iteration - at
        first = at - stride * (len(steps) // 2)
        if not stride:
            return None
        bank = self.banks[loop]
        outside: list[tuple[int, Step]] = []
        for b, step in enumerate(steps):
            iteration = first + stride * b
            if 0 <= iteration < loop.count:
                there = id(loop.steps[iteration * loop.period + place])
            else:
                there = self._margins.get((bank, place, iteration), id(step))
                outside.append((iteration, step))
            if there != id(step) or not -_MARGIN <= iteration < loop.count + _MARGIN:
                return None
        bank.add(place)
        for iteration, step in outside:
            self._margins[bank, place, iteration] = id(step)
            bank.low, bank.high = min(bank.low, iteration), max(bank.high, iteration + 1)
            self._needed(step, chunk)
            self.margins[reader].append((bank, iteration, place, step))
        return Stream(steps[0].dtype, first, stride, bank, place)

    def _listed(self, reader: Loop, steps: tuple[Step, ...]) -> Stream:
        """Any sequence: each step has a slot somewhere, found by a list of their numbers."""
        for step in steps:
            iteration = self.iterations.get(id(step))
            if iteration is not None:
                self.banks[iteration.loop].add(iteration.place)
            elif id(step) not in self.slots:
                self._own(step)
                if id(step) not in self._chunk:
                    self.copies[reader].append(step)
        return Stream(steps[0].dtype, listed=steps)

    # -- slots --------------------------------------------------------------------------------------------

    def _own(self, step: Step) -> None:
        """Slots for a step by itself."""
        self.slots[id(step)], self._widths[id(step)] = -1, width(step)

    def slot(self, step: Step) -> int:
        """Where a step lies in scratch."""
        own = self.slots.get(id(step))
        if own is not None:
            return own
        loop, iteration, place = self.iterations[id(step)]
        return self.banks[loop].slot(iteration, place)

    def reserve(self, slots: int) -> int:
        """Slots that are not in use: the first of them."""
        self.size += slots
        return self.size - slots

    def _layout(self) -> int:
        """Numbers every slot; how many there are."""
        size = 0
        for bank in self.banks.values():
            bank.start = size
            size += bank.size
        for step in self.slots:
            self.slots[step] = size
            size += self._widths[step]
        return size


def _even(numbers: list[int]) -> bool:
    """Whether they grow by the same from each to the next."""
    apart = numbers[1] - numbers[0]
    return all(number == numbers[0] + apart * b for b, number in enumerate(numbers))
