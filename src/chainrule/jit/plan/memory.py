"""Where the arrays of a program live: among the call's inputs, in arrays made for the call, or in scratch memory that
arrays take turns in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import prod

from chainrule.jit.plan.kinds import TYPES, Kind, covers, parts
from chainrule.jit.plan.panels import panels
from chainrule.jit.plan.plan import Plan
from chainrule.jit.plan.tiling import bands
from chainrule.jit.program import INPUT, Step

WRITING = ("matmul",)
"""Library calls that write their result where they are told to."""
LINE = 64  # bytes of a cache line, and of the widest vectors


@dataclass(frozen=True, slots=True)
class Home:
    """`area` is "input" or "slot" (then `at` counts arrays, and `offset` bytes in one of them) or "scratch" (then `at`
    counts bytes), or "own", scratch memory of one thread."""

    area: str
    at: int
    offset: int = 0

    def moved(self, bytes_: int) -> Home:
        """The home of something inside of what lives here."""
        if self.area in ("scratch", "own"):
            return Home(self.area, self.at + bytes_)
        return Home(self.area, self.at, self.offset + bytes_)


def as_float(step: Step) -> bool:
    """Whether a result is a number that a float64 holds; whole numbers it may not."""
    return not step.shape and step.dtype in TYPES


class Memory:
    """The home of every step that is kept in memory.

    constants   the arrays that occupy the first slots
    fresh       then the steps whose arrays are made anew for each call: results, and what NumPy returns
    numbers     results of shape () that a float64 holds, in the order in which they stand in the last slot
    scratch     bytes of scratch memory
    panels      rounds whose rows are kept by columns; `padded`: how far these are apart, by the array
    bands       rounds that are done a block of rows at a time: none of their arrays makes room for another
    """

    def __init__(self, plan: Plan, lanes: int = 1) -> None:
        self.plan = plan
        self.homes: dict[Step, Home] = {}
        self.scratch = 0
        self.constants: list[Step] = []
        self.fresh: list[Step] = []
        self.numbers = [s for s in plan.outputs if as_float(s)]
        for k, step in enumerate(plan.program.inputs):
            self.homes[step] = Home("input", k)
        for step in plan.steps:
            if step.op != INPUT and plan.kinds[step] is Kind.LEAF and step.shape:
                self.homes[step] = Home("slot", len(self.constants))
                self.constants.append(step)
        self.panels = panels(plan, lanes)
        self.padded = {step: panel.padded for panel in self.panels for step in panel.columns | {*panel.staged.values()}}
        plan.flatten({loop for panel in self.panels for _, loop in panel.loops})
        self.bands = self.panels or bands(plan)
        for panel in self.panels:
            for step in panel.staged.values():
                plan.kinds[step] = Kind.ELEMENTWISE
                self.homes[step] = Home("scratch", self.reserve(panel.padded * step.nbytes // panel.rows))
        self._collected = self._collections()
        self._slots()
        self._turns()
        for array, numbers in self._collected.items():
            for step, at in numbers.items():
                self.homes[step] = self.homes[array].moved(at * array.dtype.itemsize)

    def stands(self, array: Step, number: Step, at: int) -> bool:
        """Whether the number is computed where it belongs: as element `at` of the array."""
        return self._collected.get(array, {}).get(number) == at

    def _collections(self) -> dict[Step, dict[Step, int]]:
        """For arrays made of the numbers that reductions leave: those that are stored there from the beginning, and at
        which element."""
        plan = self.plan
        users: dict[Step, set[Kind]] = defaultdict(set)
        for step in plan.steps:
            for a in step.args:
                users[a].add(plan.kinds[step])
        found: dict[Step, dict[Step, int]] = {}
        known: set[Step] = set()
        for array in plan.steps:
            if array.op not in ("elements", "stack") or not plan.of_numbers(array) or not covers(array):
                continue
            strides = [prod(array.shape[k + 1 :]) for k in range(len(array.shape))]
            for a, _, place in parts(array):
                fits = plan.kinds[a] is Kind.REDUCTION and a.dtype == array.dtype and a not in known
                if fits and not users[a] & {Kind.LIBRARY, Kind.ALIAS}:
                    at = sum(k * index.start for k, index in zip(strides, place, strict=True))
                    found.setdefault(array, {})[a] = at
                    known.add(a)
        return found

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
        kept = [s for s in self.plan.outputs if not as_float(s)]
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
        inside = {number for numbers in self._collected.values() for number in numbers}
        for array, numbers in self._collected.items():
            last[array] = max(last[array], *(last[number] for number in numbers))
        for step in plan.steps:
            if plan.in_memory(step) and plan.kinds[step] in _COMPUTED and step not in self.homes and step not in inside:
                begin = plan.stored.get(step, plan.level[step])
                begin = min([begin, *(plan.level[number] for number in self._collected.get(step, ()))])
                born[begin].append(step)
        for band in self.bands:
            for round_index in range(band.first + 1, band.last + 1):
                born[band.first] += born.pop(round_index, [])
            for step, end in last.items():
                if band.first <= end < band.last:
                    last[step] = band.last
        idle: list[tuple[int, int]] = []  # (bytes, where)
        busy: list[tuple[int, int, int]] = []  # (last round, bytes, where)
        for now in sorted(born):
            idle += [(size, at) for end, size, at in busy if end < now]
            busy = [block for block in busy if block[0] >= now]
            for step in born[now]:
                rows = self.padded.get(step)
                count = prod(step.shape) if rows is None else rows * prod(step.shape[1:])
                size = -(-max(count * step.dtype.itemsize, 1) // LINE) * LINE
                fits = min((block for block in idle if block[0] >= size), default=None)
                if fits is not None:
                    idle.remove(fits)
                found = fits or (size, self.reserve(size))
                busy.append((last[step], *found))
                self.homes[step] = Home("scratch", found[1])


_COMPUTED = (Kind.REDUCTION, Kind.JOIN, Kind.ELEMENTWISE, Kind.VIEW, Kind.PAD, Kind.SCAN, Kind.LIBRARY)
