"""Steps as rows of numbers, in which repetition can be searched for quickly."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.program import CONSTANT, Step
from chainrule.jit.reroll.indices import MOVING, form

NONE = -1  # in place of an argument that is not there; numbers below stand for what is computed elsewhere
LEAST = 64  # steps that a loop must save
MANY = 16  # arguments of a step from which on it is in no loop


@dataclass(frozen=True)
class Rows:
    """A sequence of steps in numbers.

    colours    (n,): equal for steps that do the same to their arguments
    args       (n, most arguments): position of each argument in the sequence; below NONE for steps from outside
    least      steps that a loop must save
    """

    steps: list[Step]
    outside: dict[int, Step]
    colours: NDArray[np.int64]
    args: NDArray[np.int64]
    least: int = LEAST

    def step(self, number: int) -> Step:
        return self.steps[number] if number >= 0 else self.outside[number]


def rows(steps: Sequence[Step], any_index: bool = False, least: int = LEAST) -> Rows:
    """The rows of a sequence in which arguments stand before their users. With `any_index` steps are alike whose
    indices differ in whole numbers only."""
    of = _kind_but_for_index if any_index else kind
    numbers: dict[int, int] = {}
    outside: dict[int, Step] = {}
    constants: dict[Hashable, int] = {}  # equal ones are one argument, of which every iteration may have its own
    known: dict[Hashable, int] = {}
    colours = np.empty(len(steps), np.int64)
    few = [() if len(s.args) > MANY else s.args for s in steps]
    args = np.full((len(steps), max(map(len, few), default=0)), NONE, np.int64)
    for k, step in enumerate(steps):
        colours[k] = known.setdefault(of(step), len(known))
        for slot, a in enumerate(few[k]):
            number = numbers.get(id(a))
            if number is None:
                number = numbers[id(a)] = constants.setdefault(_bits(a), NONE - 1 - len(outside))
                outside.setdefault(number, a)
            args[k, slot] = number
        numbers[id(step)] = k
    return Rows(list(steps), outside, colours, args, least)


def _bits(step: Step) -> Hashable:
    """What tells a step from others: of a single constant its bits."""
    if step.op != CONSTANT or step.shape:
        return id(step)
    return step.dtype.char, np.asarray(step.settings["value"], step.dtype).tobytes()


def kind(step: Step) -> Hashable:
    """What a step does to its arguments: equal for steps that may be the same step of two iterations."""
    if len(step.args) > MANY:
        return id(step)
    settings = _key(step.settings) if step.settings else None
    return (step.op, step.dtype.char, step.shape, *[(a.shape, a.dtype.char) for a in step.args], settings)


def _kind_but_for_index(step: Step) -> Hashable:
    if step.op not in MOVING or (index := form(step.settings["index"])) is None:
        return kind(step)
    return (step.op, step.dtype.char, step.shape, *[(a.shape, a.dtype.char) for a in step.args], index)


def _key(settings: dict[str, Any]) -> str:
    return repr([(name, id(x) if isinstance(x, np.ndarray) else x) for name, x in sorted(settings.items())])
