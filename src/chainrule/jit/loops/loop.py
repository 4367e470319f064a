"""A loop: the same steps many times over, and where each of them finds its arguments."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from chainrule.jit.program import Step


@dataclass(frozen=True, eq=False, slots=True)
class Invariant:
    """The argument is the same in every iteration: a step from before the loop."""

    step: Step


@dataclass(frozen=True, eq=False, slots=True)
class Local:
    """The argument is computed at `place` of the same iteration."""

    place: int


@dataclass(frozen=True, eq=False, slots=True)
class LoopCarried:
    """The argument is computed at `place`, `len(first)` iterations ago; in the first iterations it is `first`, from
    before."""

    place: int
    first: tuple[Step, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Streamed:
    """The argument is another step from before the loop in each iteration."""

    steps: tuple[Step, ...]


Operand = Invariant | Local | LoopCarried | Streamed

_SUMS = frozenset(("add", "subtract", "logical_and"))


@dataclass(eq=False, slots=True)
class Loop:
    """`count` iterations of `period` steps. Step k of iteration b is `steps[b * period + k]`, its arguments are found
    as `operands[k]` say, which is the same rule in every iteration. `unlisted` iterations more have no steps of their
    own."""

    period: int
    steps: list[Step]
    operands: list[tuple[Operand, ...]] = field(repr=False)
    unlisted: int = 0

    @property
    def count(self) -> int:
        return len(self.steps) // self.period + self.unlisted

    @property
    def body(self) -> list[Step]:
        """The steps of the first iteration, which stand for those of all."""
        return self.steps[: self.period]

    @property
    def recurs(self) -> bool:
        """Whether an iteration waits for what an earlier one computed, other than a sum so far for its next term."""
        body, users, waits = self.body, defaultdict[int, list[int]](list), [0] * self.period
        for k, operands in enumerate(self.operands):
            for a in operands:
                if isinstance(a, (Local, LoopCarried)) and not {body[k].op, body[a.place].op} <= _SUMS:
                    users[a.place].append(k)
                    waits[k] += 1
        ready = [k for k in range(self.period) if not waits[k]]
        for k in ready:  # which grows; what waits for itself never gets there
            for user in users[k]:
                waits[user] -= 1
                if not waits[user]:
                    ready.append(user)
        return len(ready) < self.period

    def argument(self, iteration: int, place: int, slot: int) -> Step:
        """The step that is argument `slot` of step `place` in that iteration, by the rule of this loop."""
        operand = self.operands[place][slot]
        if isinstance(operand, Invariant):
            return operand.step
        if isinstance(operand, Streamed):
            return operand.steps[iteration]
        if isinstance(operand, Local):
            return self.steps[iteration * self.period + operand.place]
        back = iteration - len(operand.first)
        return operand.first[iteration] if back < 0 else self.steps[back * self.period + operand.place]
