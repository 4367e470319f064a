"""Steps as rows of numbers, in which repetition can be searched for quickly."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.loops.indices import MOVING
from chainrule.jit.loops.places import MANY, NONE, Places, described
from chainrule.jit.program import CONSTANT, Step

LEAST = 64  # steps that a loop must save


@dataclass(frozen=True)
class Rows:
    """A sequence of steps in numbers.

    places     of the steps
    colours    (n,): equal for steps that do the same to their arguments
    args       (n, most arguments): position of each argument in the sequence; below NONE for steps from outside
    least      steps that a loop must save
    regular    whether the loops are to be those of any number of iterations
    """

    places: Places
    colours: NDArray[np.int64]
    args: NDArray[np.int64]
    least: int = LEAST
    regular: bool = False

    @property
    def steps(self) -> list[Step]:
        return self.places.steps

    def step(self, number: int) -> Step:
        return self.places.steps[number] if number >= 0 else self.places.outside[number]

    def several(self, numbers: Sequence[int]) -> tuple[Step, ...]:
        inside = min(numbers, default=0) >= 0
        return tuple(map(self.places.steps.__getitem__ if inside else self.step, numbers))

    @functools.cached_property
    def read(self) -> NDArray[np.int64]:
        """`args`, where constants are all the same, and so are the elements of an array from outside."""
        numbers = sorted(self.places.outside)
        sources = _Codes()
        sources[CONSTANT]
        steps = [self.places.outside[number] for number in numbers]
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
    places, forms = Places(steps), _Codes()
    own, sorts = places.sorts(any_index)
    counts, read = places.read()
    table = np.full((len(own), max(counts, default=0)), NONE)
    table[np.arange(table.shape[1]) < np.array(counts)[:, None]] = read
    colours = np.array(own, np.int64)
    mine = np.array([forms[sort[1:3]] for sort in sorts], np.int64)[colours]
    outside = [forms[s.dtype, s.shape] for s in places.outside.values()]
    form_of = np.concatenate([mine, [*reversed(outside), len(forms)]])
    columns = [colours, *form_of[table].T]
    return Rows(places, _combined(columns), table, least, regular or least < LEAST)


def _combined(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Numbers that are equal where those of all columns are."""
    whole = columns[0]
    for column in columns[1:]:
        several = int(column.max(initial=0)) + 1
        if int(whole.max(initial=0)) > np.iinfo(np.int64).max // several - 1:
            whole = np.unique(whole, return_inverse=True)[1]
        whole = whole * several + column
    return whole


class _Codes(dict[Any, int]):
    """Whole numbers for things that are equal or not."""

    def __missing__(self, thing: Hashable) -> int:
        code = self[thing] = len(self)
        return code


def kind(step: Step) -> Hashable:
    """What a step does to its arguments: equal for steps that may be the same step of two iterations."""
    told = described(step, False) if step.settings or len(step.args) > MANY else None
    return step.op, step.dtype.num, step.shape, told, *[(a.shape, a.dtype.num) for a in step.args]
