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
    numbers: dict[Step, int] = {}
    outside: dict[int, Step] = {}
    constants: dict[Hashable, int] = {}  # equal ones are one argument, of which every iteration may have its own
    known: dict[Hashable, int] = {}
    few = [() if len(s.args) > MANY else s.args for s in steps]
    most = max(map(len, few), default=0)
    padding = [[NONE] * (most - n) for n in range(most + 1)]
    colours: list[int] = []
    args: list[int] = []
    for k, (step, read) in enumerate(zip(steps, few, strict=True)):
        colours.append(known.setdefault(of(step), len(known)))
        for a in read:
            number = numbers.get(a)
            if number is None:
                number = numbers[a] = constants.setdefault(_bits(a), NONE - 1 - len(outside))
                outside.setdefault(number, a)
            args.append(number)
        args += padding[len(read)]
        numbers[step] = k
    table = np.array(args, np.int64).reshape(len(colours), most)
    return Rows(list(steps), outside, np.array(colours, np.int64), table, least)


def _bits(step: Step) -> Hashable:
    """What tells a step from others: of a single constant its bits."""
    if step.op != CONSTANT or step.shape:
        return id(step)
    return step.dtype.char, np.asarray(step.settings["value"], step.dtype).tobytes()


def kind(step: Step) -> Hashable:
    """What a step does to its arguments: equal for steps that may be the same step of two iterations."""
    if len(step.args) > MANY:
        return id(step)
    return _alike(step, _key(step.settings) if step.settings else None)


def _alike(step: Step, settings: Hashable) -> Hashable:
    args = step.args
    if len(args) == 2:  # as most have, in two thirds of the time
        a, b = args
        return step.op, step.dtype.num, step.shape, a.shape, a.dtype.num, b.shape, b.dtype.num, settings
    return step.op, step.dtype.num, step.shape, settings, *[(a.shape, a.dtype.num) for a in args]


def _kind_but_for_index(step: Step) -> Hashable:
    if step.op not in MOVING or (index := form(step.settings["index"])) is None:
        return kind(step)
    return _alike(step, index)


def _key(settings: dict[str, Any]) -> str:
    return repr([(name, id(x) if isinstance(x, np.ndarray) else x) for name, x in sorted(settings.items())])
