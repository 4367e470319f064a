"""A loop: the same steps many times over, and where each of them finds its arguments."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.jit.program import Step


@dataclass(frozen=True, eq=False, slots=True)
class Same:
    """The argument is the same in every turn: a step from before the loop."""

    step: Step


@dataclass(frozen=True, eq=False, slots=True)
class Here:
    """The argument is computed at `place` of the same turn."""

    place: int


@dataclass(frozen=True, eq=False, slots=True)
class Carried:
    """The argument is computed at `place`, `len(first)` turns ago; in the first turns it is `first`, from before."""

    place: int
    first: tuple[Step, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Each:
    """The argument is another step from before the loop in each turn."""

    steps: tuple[Step, ...]


Operand = Same | Here | Carried | Each


@dataclass(eq=False, slots=True)
class Loop:
    """`count` turns of `period` steps. Step k of turn b is `steps[b * period + k]`, its arguments are found as
    `operands[k]` say, which is the same rule in every turn."""

    period: int
    steps: list[Step]
    operands: list[tuple[Operand, ...]] = field(repr=False)

    @property
    def count(self) -> int:
        return len(self.steps) // self.period

    @property
    def body(self) -> list[Step]:
        """The steps of the first turn, which stand for those of all."""
        return self.steps[: self.period]

    def argument(self, turn: int, place: int, slot: int) -> Step:
        """The step that is argument `slot` of step `place` in that turn, by the rule of this loop."""
        operand = self.operands[place][slot]
        if isinstance(operand, Same):
            return operand.step
        if isinstance(operand, Each):
            return operand.steps[turn]
        if isinstance(operand, Here):
            return self.steps[turn * self.period + operand.place]
        back = turn - len(operand.first)
        return operand.first[turn] if back < 0 else self.steps[back * self.period + operand.place]
