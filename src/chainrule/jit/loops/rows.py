"""Steps as rows of numbers, in which repetition can be searched for quickly."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.loops.indices import MOVING, form
from chainrule.jit.program import CONSTANT, Step

NONE = -1  # in place of an argument that is not there; numbers below stand for what is computed elsewhere
LEAST = 64  # steps that a loop must save
MANY = 16  # arguments of a step from which on it is in no loop


@dataclass(frozen=True)
class Rows:
    """A sequence of steps in numbers.

    colours    (n,): equal for steps that do the same to their arguments
    args       (n, most arguments): position of each argument in the sequence; below NONE for steps from outside
    least      steps that a loop must save
    regular    whether the loops are to be those of any number of iterations
    """

    steps: list[Step]
    outside: dict[int, Step]
    colours: NDArray[np.int64]
    args: NDArray[np.int64]
    least: int = LEAST
    regular: bool = False

    def step(self, number: int) -> Step:
        return self.steps[number] if number >= 0 else self.outside[number]

    @functools.cached_property
    def read(self) -> NDArray[np.int64]:
        """`args`, where constants are all the same, and so are the elements of an array from outside."""
        numbers = sorted(self.outside)
        sources = _Codes()
        sources[CONSTANT]
        steps = [self.outside[number] for number in numbers]
        kept = [sources[CONSTANT if s.op == CONSTANT else id(s.args[0] if s.op in MOVING else s)] for s in steps]
        table = np.array([*(NONE - code for code in kept), NONE])
        inside = self.args >= NONE
        return np.where(inside, self.args, table[np.searchsorted(numbers, np.where(inside, NONE, self.args))])

    @functools.cached_property
    def marked(self) -> NDArray[np.int64]:
        """`colours`, where steps differ, too, that read different steps from outside, or of those that many read."""
        readers = np.bincount(self.args[self.args >= 0], minlength=len(self.steps) + 1)
        read = np.where(readers[self.args] >= self.least, self.args, np.minimum(self.read, NONE))
        return _combined([self.colours, *(read - read.min(initial=NONE)).T])


def rows(steps: Sequence[Step], any_index: bool = False, least: int = LEAST, regular: bool = False) -> Rows:
    """The rows of a sequence in which arguments stand before their users. With `any_index` steps are alike whose
    indices differ in whole numbers only."""
    found, sorts, forms = _Numbers(zip(steps, count())), _Codes(), _Codes()
    read: list[Step] = []
    counts: list[int] = []
    own: list[int] = []
    for step in steps:
        args, told = step.args, None
        if step.settings or len(args) > MANY:
            told = _told(step, any_index)
        own.append(sorts[step.op, step.dtype.num, step.shape, told])
        args = args if len(args) <= MANY else ()
        counts.append(len(args))
        read += args
    table = np.full((len(own), max(counts, default=0)), NONE)
    table[np.arange(table.shape[1]) < np.array(counts)[:, None]] = [*map(found.__getitem__, read)]
    colours = np.array(own, np.int64)
    mine = np.array([forms[sort[1:3]] for sort in sorts], np.int64)[colours]
    outside = [forms[s.dtype.num, s.shape] for s in found.outside.values()]
    form_of = np.array([*mine.tolist(), *reversed(outside), len(forms)])
    return Rows(
        list(steps), found.outside, _combined([colours, *form_of[table].T]), table, least, regular or least < LEAST
    )


def _combined(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Numbers that are equal where those of all columns are."""
    whole = columns[0]
    for column in columns[1:]:
        several = int(column.max(initial=0)) + 1
        if int(whole.max(initial=0)) > np.iinfo(np.int64).max // several - 1:
            whole = np.unique(whole, return_inverse=True)[1]
        whole = whole * several + column
    return whole


class _Numbers(dict[Step, int]):
    """The position of each step of a sequence; for others, which it puts into `outside`, numbers below NONE."""

    def __init__(self, places: Iterable[tuple[Step, int]]) -> None:
        super().__init__(places)
        self.outside: dict[int, Step] = {}
        self._constants: dict[Hashable, int] = {}  # equal ones are one argument, and every iteration may have its own

    def __missing__(self, step: Step) -> int:
        number = self[step] = self._constants.setdefault(_bits(step), NONE - 1 - len(self.outside))
        self.outside.setdefault(number, step)
        return number


def _bits(step: Step) -> Hashable:
    """What tells a step from others: of a single constant its bits."""
    if step.op != CONSTANT or step.shape:
        return id(step)
    return step.dtype.char, np.asarray(step.settings["value"], step.dtype).tobytes()


class _Codes(dict[Any, int]):
    """Whole numbers for things that are equal or not."""

    def __missing__(self, thing: Hashable) -> int:
        code = self[thing] = len(self)
        return code


def kind(step: Step) -> Hashable:
    """What a step does to its arguments: equal for steps that may be the same step of two iterations."""
    told = _told(step, False) if step.settings or len(step.args) > MANY else None
    return step.op, step.dtype.num, step.shape, told, *[(a.shape, a.dtype.num) for a in step.args]


def _told(step: Step, any_index: bool) -> Hashable:
    """The settings of a step; it is like no other one where it has very many arguments."""
    if len(step.args) > MANY:
        return id(step)
    if any_index and step.op in MOVING and (index := form(step.settings["index"])) is not None:
        return index
    return repr([(name, id(x) if isinstance(x, np.ndarray) else x) for name, x in sorted(step.settings.items())])
