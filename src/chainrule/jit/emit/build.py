"""From a program to an Executable: plan, write, compile."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import numpy as np

from chainrule.jit.emit import entry, instructions, range_flags
from chainrule.jit.emit.executable import Executable
from chainrule.jit.emit.function import Function
from chainrule.jit.emit.groups import Group, Item, cells_of, grouped
from chainrule.jit.emit.loops import emit, emit_band
from chainrule.jit.emit.nest import Uncut
from chainrule.jit.emit.panels.blocks import emit_panel
from chainrule.jit.emit.scans import places, running_sums
from chainrule.jit.emit.stage import Stage, Written
from chainrule.jit.emit.subdomains import TooManyPieces
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.memory import Memory
from chainrule.jit.plan.panels import NoPanel, Panel
from chainrule.jit.plan.places import OPS
from chainrule.jit.plan.plan import Plan
from chainrule.jit.plan.strided import Layout
from chainrule.jit.program import Guard, Program, Step
from chainrule.jit.run import machine, mathlib
from chainrule.jit.run.alike import Alike


def build(
    program: Program,
    *,
    strict: bool = False,
    threads: int = 1,
    layout: Layout = (),
    careful: Callable[[], Program] | None = None,
    finite: bool = False,
    alike: Alike | None = None,
) -> Executable:
    """Compile a program for this machine.

    strict    products and sums round as NumPy's do, in NumPy's order: results of programs without transcendental
              functions are the same to the last bit
    threads   that share the work of large loops
    layout    how the arguments lie in memory, from `layout_of`; all in order by default
    careful   makes the program for calls with nan among the results; by default it is `program`, whose zeros win
    finite    it runs where a result is infinite, too; its results are `Doubtful`
    alike     the programs of the function for other lengths, with which it shares machine code

    Raises MissingExtra without llvmlite.
    """
    return _built(program, strict, threads, layout, careful, finite=finite, alike=alike)


def build_careful(
    program: Program,
    strict: bool = False,
    threads: int = 1,
    layout: Layout = (),
    careful: Callable[[], Program] | None = None,
) -> Executable:
    """What runs where the quick program has met nan: `careful()` or the program as it stands."""
    return _built(program if careful is None else careful(), strict, threads, layout, None, quick=False)


def _built(
    program: Program,
    strict: bool,
    threads: int,
    layout: Layout,
    careful: Callable[[], Program] | None,
    quick: bool = True,
    finite: bool = False,
    alike: Alike | None = None,
) -> Executable:
    start = time.perf_counter()
    memory, made = written(
        program, strict, not quick, threads, layout, finite=finite, free=None if alike is None else alike.lengths
    )
    plan = memory.plan
    text = "\n\n".join(t for s in made.stages for t in s.texts)
    declared: dict[str, str] = {}
    for s in made.stages:
        declared |= s.declared
    code, names = "\n".join([*declared.values(), "", text, ""]), [s.name for s in made.stages]
    promised = len(program.guards)
    if entry.possible(memory, made.stages):
        code, names = code + entry.text(memory, names[0], promised), [*names, instructions.NAME]
    if range_flags.PATIENCE in declared:
        names = [*names, range_flags.PATIENCE]
    loaded = machine.load(code, names, vectorise="", alike=alike)
    more = len(plan.program.guards) > promised
    again = functools.partial(build_careful, program, strict, threads, layout, careful) if more else None
    return Executable(plan, memory, made, loaded, start, again)


def written(
    program: Program,
    strict: bool,
    careful: bool,
    threads: int = 1,
    layout: Layout = (),
    function: Callable[..., Function] = Function,
    finite: bool = False,
    free: frozenset[int] | None = None,
) -> tuple[Memory, Written]:
    """A program's memory, and the program in native functions, each made by `function`; with loops for any length
    where some are `free`."""
    panels, pads = not (strict or threads > 1), True
    while True:
        try:
            plan = Plan(program, strict, careful, pads, layout, finite, panels)
            plan.free = free
            memory = Memory(plan, _lanes(plan))
            return memory, _written(memory, threads, not strict, function, finite and not careful)
        except NoPanel:
            panels = False
        except (Uncut, TooManyPieces):  # zeros that begin in many places, or not along an axis of the loop
            if not pads:
                raise
            pads = False


def _written(
    memory: Memory, threads: int, contract: bool, make: Callable[..., Function], in_range: bool = False
) -> Written:
    """The stages of the program: native functions with the library calls that follow each. `in_range`: they say where a
    number has left the range of floats."""
    plan = memory.plan
    lanes = _lanes(plan)
    groups = grouped(plan, memory, threads, lanes)
    cells = cells_of(plan, memory, groups.listed)
    made = functools.partial(make, memory=memory, cells=cells, contract=contract)
    computed: set[Step] = set()
    checked: set[int] = set()
    stages = []
    for k, group in enumerate(groups.listed):
        last = k == len(groups.listed) - 1
        functions = _functions(group, k, lanes, made)
        computed |= {i.step for p in group.parts for i in p.items if i.step is not None}
        if last:
            functions[-1].round_index = len(plan.rounds)  # all that is stored is in memory
            functions[-1].results()
        guards = []
        for number, guard in enumerate(plan.program.guards):
            given = not guard.step.args or plan.kinds[guard.step] is Kind.LEAF
            if number not in checked and (guard.step in computed or given or last):
                checked.add(number)
                guards.append((number, guard))
        contiguous = [s for s in plan.program.inputs if s.shape and not s.settings] if k == 0 else []
        if in_range and range_flags.KNOWN and type(functions[-1]) is Function:
            functions[-1].outside = outside_code(plan)
        stages.append(_finished(functions, guards, contiguous, group.calls))
    return Written(cells, stages, groups.shares)


def outside_code(plan: Plan) -> int:
    """What a stage returns where a number has left the range of floats: one more than for any guard."""
    return len(plan.program.guards) + 1


def _functions(group: Group, k: int, lanes: int, made: Callable[[str], Function]) -> list[Function]:
    """The functions of a group, the one that calls the others last."""
    functions = []
    for j, part in enumerate(group.parts):
        function = made(f"stage{k}_{j}" if j < len(group.parts) - 1 else f"stage{k}")
        if group.shared is not None:
            function = group.shared.share(function)
        else:
            for item in part.items:
                write(function, item, lanes)
        functions.append(function)
    return functions


def _finished(
    functions: list[Function], guards: list[tuple[int, Guard]], contiguous: list[Step], calls: list[Step]
) -> Stage:
    *before, last = functions
    texts = [f.text([], [], []) for f in before]
    texts.append(last.text(guards, contiguous, [f.name for f in before]))
    declared: dict[str, str] = {}
    for f in functions:
        declared |= f.code.declared
    return Stage(last.name, texts, declared, calls, last.threads)


def write(function: Function, item: Item, lanes: int) -> None:
    function.round_index = item.round_index
    if item.write is not None:
        item.write(function)
    elif isinstance(item.band, Panel):
        emit_panel(function, item.band, lanes)
    elif item.band is not None:
        emit_band(function, item.band, lanes)
    elif item.loop is not None:
        emit(function, item.loop, item.round_index, lanes)
    elif item.fill is not None and item.step is not None:
        function.fill(item.step, item.fill)
    elif item.step is not None and function.plan.kinds[item.step] is Kind.SCAN:
        (places if item.step.op in OPS else running_sums).emit(function, item.step, lanes)
    elif item.step is not None:
        function.write(item.step)


def _lanes(plan: Plan) -> int:
    """Numbers in a vector: as many of the widest type in the program as fit."""
    dtypes = {s.dtype for s in plan.steps if s.dtype.kind == "f" and s.shape}
    return mathlib.widest(np.float64 if not dtypes or np.dtype(np.float64) in dtypes else np.float32)
