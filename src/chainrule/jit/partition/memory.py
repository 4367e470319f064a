"""Where the arrays of a program live: among the call's inputs, in arrays made for the call, or in scratch memory that
arrays take turns in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import prod

from chainrule.jit.partition.kinds import Kind
from chainrule.jit.partition.plan import Plan
from chainrule.jit.program import INPUT, Step

WRITING = ("matmul",)
"""Library calls that write their result where they are told to."""
LINE = 64  # bytes of a cache line, and of the widest vectors


@dataclass(frozen=True, slots=True)
class Home:
    """`area` is "input" or "slot" (then `at` counts arrays) or "scratch" (then `at` counts bytes)."""

    area: str
    at: int


class Memory:
    """The home of every step that is kept in memory.

    constants   the arrays that occupy the first slots
    fresh       then the steps whose arrays are made anew for each call: results, and what NumPy returns
    numbers     results of shape (), in the order in which they stand in the last slot
    scratch     bytes of scratch memory
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.homes: dict[Step, Home] = {}
        self.scratch = 0
        self.constants: list[Step] = []
        self.fresh: list[Step] = []
        self.numbers = [s for s in plan.outputs if not s.shape]
        for k, step in enumerate(plan.program.inputs):
            self.homes[step] = Home("input", k)
        for step in plan.steps:
            if step.op != INPUT and plan.kinds[step] is Kind.LEAF and step.shape:
                self.homes[step] = Home("slot", len(self.constants))
                self.constants.append(step)
        self._slots()
        self._turns()

    @property
    def results(self) -> int:
        """The slot of the numbers among the results."""
        return len(self.constants) + len(self.fresh)

    def home(self, step: Step) -> Home:
        while self.plan.kinds[step] is Kind.ALIAS and step not in self.plan.stored:
            step = step.args[0]
        return self.homes[step]

    def reserve(self, size: int) -> int:
        """Scratch memory that nothing else uses: where it begins."""
        at = self.scratch
        self.scratch += -(-size // LINE) * LINE
        return at

    def _slots(self) -> None:
        kept = [s for s in self.plan.outputs if s.shape]
        kept += [
            s for s in self.plan.steps if self.plan.kinds[s] is Kind.LIBRARY and s.op not in WRITING and s not in kept
        ]
        for step in kept:
            self.homes[step] = Home("slot", len(self.constants) + len(self.fresh))
            self.fresh.append(step)

    def _turns(self) -> None:
        """Scratch memory for all other arrays: one that is read no more makes room for those of later rounds."""
        plan = self.plan
        last: dict[Step, int] = defaultdict(int)
        for step in [*plan.outputs, *(g.step for g in plan.program.guards)]:
            last[step] = len(plan.rounds)  # read in the end
        for step in reversed(plan.steps):
            rounds = max(plan.evaluated[step] | {plan.level[step]})
            if plan.kinds[step] is Kind.ALIAS:
                rounds = max(rounds, last[step])
            for a in step.args:
                last[a] = max(last[a], rounds)
        born: dict[int, list[Step]] = defaultdict(list)
        for step in plan.steps:
            if plan.in_memory(step) and plan.kinds[step] in _COMPUTED and step not in self.homes:
                born[plan.stored.get(step, plan.level[step])].append(step)
        idle: list[tuple[int, int]] = []  # (bytes, where)
        busy: list[tuple[int, int, int]] = []  # (last round, bytes, where)
        for now in sorted(born):
            idle += [(size, at) for end, size, at in busy if end < now]
            busy = [block for block in busy if block[0] >= now]
            for step in born[now]:
                size = -(-max(prod(step.shape) * step.dtype.itemsize, 1) // LINE) * LINE
                fits = min((block for block in idle if block[0] >= size), default=None)
                if fits is not None:
                    idle.remove(fits)
                found = fits or (size, self.reserve(size))
                busy.append((last[step], *found))
                self.homes[step] = Home("scratch", found[1])


_COMPUTED = (Kind.REDUCTION, Kind.JOIN, Kind.ELEMENTWISE, Kind.VIEW, Kind.PAD, Kind.LIBRARY)
