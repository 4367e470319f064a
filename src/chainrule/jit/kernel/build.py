"""From a program to an Executable: plan, write, compile."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from chainrule.jit import machine, mathlib
from chainrule.jit.kernel import entry
from chainrule.jit.kernel.executable import Executable
from chainrule.jit.kernel.function import Function
from chainrule.jit.kernel.loops import emit, emit_band
from chainrule.jit.kernel.nest import Uncut
from chainrule.jit.kernel.pieces import TooManyPieces
from chainrule.jit.kernel.stage import Stage
from chainrule.jit.partition.bands import Band
from chainrule.jit.partition.kinds import Kind
from chainrule.jit.partition.memory import Memory
from chainrule.jit.partition.plan import Loop, Plan, Round
from chainrule.jit.program import Guard, Program, Step

WEIGHT = 400  # numbers in one function: LLVM's time grows faster than a function's length


def build(program: Program, *, strict: bool = False, threads: int = 1) -> Executable:
    """Compile a program for this machine.

    strict    products and sums round as NumPy's do, in NumPy's order: results of programs without transcendental
              functions are the same to the last bit
    threads   reserved for loops over large arrays

    Raises MissingExtra without llvmlite.
    """
    return _built(program, strict, careful=False)


def _built(program: Program, strict: bool, careful: bool) -> Executable:
    """`careful` keeps the strong zeros of every product where a quick program would have met nan."""
    start = time.perf_counter()
    memory, cells, stages = written(program, strict, careful)
    plan = memory.plan
    text = "\n\n".join(t for s in stages for t in s.texts)
    declared: dict[str, str] = {}
    for s in stages:
        declared |= s.declared
    code, names = "\n".join([*declared.values(), "", text, ""]), [s.name for s in stages]
    promised = len(program.guards)
    if entry.possible(memory, stages):
        code, names = code + entry.text(memory, names[0], promised), [*names, entry.NAME]
    loaded = machine.load(code, names, vectorise=False)
    again = functools.partial(_built, program, strict, careful=True) if len(plan.program.guards) > promised else None
    return Executable(plan, memory, cells, stages, loaded, start, again)


@dataclass
class Item:
    """A piece of work for a function: a number, an array of numbers, an array to fill, a loop, or a band of them."""

    turn: int
    step: Step | None = None
    fill: float | None = None
    loop: Loop | None = None
    band: Band | None = None

    @property
    def loops(self) -> list[Loop]:
        return [loop for _, loop in self.band.loops] if self.band else [self.loop] if self.loop else []


@dataclass
class Part:
    """Items of one function."""

    items: list[Item] = field(default_factory=list)


def written(
    program: Program, strict: bool, careful: bool, function: Callable[..., Function] = Function
) -> tuple[Memory, dict[Step, int], list[Stage]]:
    """A program's memory, where in it numbers wait for other functions, and its stages: native functions, each made by
    `function`, with the library calls that follow."""
    try:
        memory = Memory(Plan(program, strict, careful))
        return memory, *_written(memory.plan, memory, not strict, function)
    except (Uncut, TooManyPieces):  # zeros that begin in many places, or not along an axis of the loop
        memory = Memory(Plan(program, strict, careful, pads=False))
        return memory, *_written(memory.plan, memory, not strict, function)


def _written(
    plan: Plan, memory: Memory, contract: bool, make: Callable[..., Function]
) -> tuple[dict[Step, int], list[Stage]]:
    groups: list[tuple[list[Part], list[Step]]] = [([Part()], [])]
    starts = {band.first: band for band in memory.bands}
    turn = 0
    while turn < len(plan.rounds):
        band = starts.get(turn)
        items = _items(plan, plan.rounds[turn], turn) if band is None else _of_band(plan, band)
        turn = turn if band is None else band.last
        parts, calls = groups[-1]
        for item in items:
            if len(parts[-1].items) >= WEIGHT:
                parts.append(Part())
            parts[-1].items.append(item)
        if plan.rounds[turn].calls:
            calls.extend(plan.rounds[turn].calls)
            groups.append(([Part()], []))
        turn += 1
    cells = _cells(plan, memory, groups)
    lanes = _lanes(plan)
    computed: set[Step] = set()
    checked: set[int] = set()
    stages = []
    for k, (parts, calls) in enumerate(groups):
        functions = []
        for j, part in enumerate(parts):
            function = make(f"stage{k}_{j}" if j < len(parts) - 1 else f"stage{k}", memory, cells, contract)
            for item in part.items:
                _write(function, item, lanes)
            functions.append(function)
        last = functions[-1]
        computed |= {i.step for p in parts for i in p.items if i.step is not None}
        if k == len(groups) - 1:
            last.results()
        guards = []
        for number, guard in enumerate(plan.program.guards):
            known = (
                guard.step in computed
                or not guard.step.args
                or plan.kinds[guard.step] is Kind.LEAF
                or k == len(groups) - 1
            )
            if known and number not in checked:
                checked.add(number)
                guards.append((number, guard))
        contiguous = [s for s in plan.program.inputs if s.shape] if k == 0 else []
        stages.append(_finished(functions, guards, contiguous, calls))
    return cells, stages


def _finished(
    functions: list[Function], guards: list[tuple[int, Guard]], contiguous: list[Step], calls: list[Step]
) -> Stage:
    *before, last = functions
    texts = [f.text([], [], []) for f in before]
    texts.append(last.text(guards, contiguous, [f.name for f in before]))
    declared: dict[str, str] = {}
    for f in functions:
        declared |= f.code.declared
    return Stage(last.name, texts, declared, calls)


def _items(plan: Plan, work: Round, turn: int) -> list[Item]:
    items: list[Item] = []
    items += [Item(turn, step, 0.0) for step in work.zeroed]
    items += [Item(turn, step) for step in work.numbers if plan.kinds[step] is not Kind.VIEW]
    items += [Item(turn, loop=loop) for loop in work.loops]
    return items


def _of_band(plan: Plan, band: Band) -> list[Item]:
    """The items of a band's rounds: what is ready before it, the band, and then the rest."""
    inside = {id(loop) for _, loop in band.loops}
    rounds = [_items(plan, plan.rounds[turn], turn) for turn in range(band.first, band.last + 1)]
    own = [[i for i in items if i.loop is None or id(i.loop) not in inside] for items in rounds]
    zeroed = [i for items in own[1:] for i in items if i.fill is not None]
    after = [i for items in own[1:] for i in items if i.fill is None]
    return [*own[0], *zeroed, Item(band.first, band=band), *after]


def _write(function: Function, item: Item, lanes: int) -> None:
    function.turn = item.turn
    if item.band is not None:
        emit_band(function, item.band, lanes)
    elif item.loop is not None:
        emit(function, item.loop, item.turn, lanes)
    elif item.fill is not None and item.step is not None:
        function.fill(item.step, item.fill)
    elif item.step is not None:
        function.write(item.step)


def _lanes(plan: Plan) -> int:
    """Numbers in a vector: as many of the widest type in the program as fit."""
    dtypes = {s.dtype for s in plan.steps if s.dtype.kind == "f" and s.shape}
    return mathlib.widest(np.float64 if not dtypes or np.dtype(np.float64) in dtypes else np.float32)


def _cells(plan: Plan, memory: Memory, groups: list[tuple[list[Part], list[Step]]]) -> dict[Step, int]:
    """Memory for numbers that another function than the one that computes them needs, or NumPy."""
    place: dict[Step, tuple[int, int]] = {}
    for k, (parts, _) in enumerate(groups):
        for j, part in enumerate(parts):
            for item in part.items:
                if item.step is not None and not item.step.shape and item.fill is None:
                    place[item.step] = (k, j)
    needed: set[Step] = set()
    for k, (parts, calls) in enumerate(groups):
        for j, part in enumerate(parts):
            for step in _numbers_read(plan, part):
                if place.get(step, (k, j)) != (k, j):
                    needed.add(step)
        needed |= {a for c in calls for a in c.args if a in place}
    last = (len(groups) - 1, len(groups[-1][0]) - 1)
    ends = [*(s for s in plan.outputs if not s.shape), *(g.step for g in plan.program.guards)]
    needed |= {s for s in ends if place.get(s, last) != last}
    cells = {}
    size = max(len(needed), 1) * 8
    at = memory.reserve(size) if needed else 0
    for n, step in enumerate(s for s in plan.steps if s in needed):
        cells[step] = at + 8 * n
    return cells


def _numbers_read(plan: Plan, part: Part) -> set[Step]:
    """Numbers that a function's items read, directly or inside of what they compute."""
    pending = [s for i in part.items if i.step is not None and i.fill is None for s in i.step.args]
    pending += [r.value for i in part.items for loop in i.loops for r in loop.roots]
    seen: set[Step] = set()
    while pending:
        step = pending.pop()
        if step in seen:
            continue
        seen.add(step)
        if step.shape:
            pending += step.args
    return {s for s in seen if not s.shape}
