"""The work of a program in groups, each a native function followed by library calls, and the parts of functions that
would be too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.parallel import Shared
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.memory import Memory
from chainrule.jit.plan.parallel import divided
from chainrule.jit.plan.plan import Loop, Plan, Round
from chainrule.jit.plan.tiling import Band
from chainrule.jit.program import Step

WEIGHT = 400  # numbers in one function: LLVM's time grows faster than a function's length


@dataclass
class Item:
    """A piece of work for a function: a number, an array of numbers or of running sums, an array to fill, a loop, or a
    band of them; or, of one that threads share, what `write` writes."""

    round_index: int
    step: Step | None = None
    fill: float | None = None
    loop: Loop | None = None
    band: Band | None = None
    write: Callable[[Function], None] | None = None

    @property
    def loops(self) -> list[Loop]:
        return [loop for _, loop in self.band.loops] if self.band else [self.loop] if self.loop else []


@dataclass
class Part:
    """Items of one function."""

    items: list[Item] = field(default_factory=list)


@dataclass
class Group:
    """Functions, of which the last calls the others, and library calls; or one function for the threads of `shared`."""

    parts: list[Part] = field(default_factory=lambda: [Part()])
    calls: list[Step] = field(default_factory=list)
    shared: Shared | None = None

    def add(self, item: Item) -> None:
        if len(self.parts[-1].items) >= WEIGHT:
            self.parts.append(Part())
        self.parts[-1].items.append(item)


@dataclass
class Groups:
    """The groups of a program, and for each large loop what came of the wish to have threads share it."""

    listed: list[Group]
    shares: list[str]


def grouped(plan: Plan, memory: Memory, threads: int, lanes: int) -> Groups:
    """All work of the plan, in order."""
    groups, shares = [Group()], list[str]()
    starts = {band.first: band for band in memory.bands}
    round_index = 0
    while round_index < len(plan.rounds):
        band = starts.get(round_index)
        rounds = [items_of(plan, plan.rounds[round_index], round_index)] if band is None else _of_band(plan, band)
        for number, items in enumerate(rounds, start=round_index):
            for item in items:
                shared = _shared(plan, item, threads, lanes, shares) if threads > 1 else None
                if shared is None:
                    groups[-1].add(item)
                    continue
                groups[-1].add(Item(item.round_index, write=shared.before))
                groups += [Group([Part([item])], shared=shared), Group()]
                groups[-1].add(Item(item.round_index, loop=item.loop, band=item.band, write=shared.rest))
            if plan.rounds[number].calls:
                groups[-1].calls.extend(plan.rounds[number].calls)
                groups.append(Group())
        round_index += len(rounds)
    return Groups(groups, shares)


def _shared(plan: Plan, item: Item, threads: int, lanes: int, shares: list[str]) -> Shared | None:
    """How threads share an item, if they do. `shares` notes it."""
    work: Band | tuple[int, Loop]
    lengths: tuple[int, ...]
    if item.band is not None:
        work, found, lengths = item.band, item.band.loops, (item.band.rows // item.band.block,)
    elif item.loop is not None:
        work = item.round_index, item.loop
        found, lengths = (work,), item.loop.shape
    else:
        return None
    axis = divided(plan, found, threads, lengths)
    name = ", ".join(f"loop over {list(loop.shape)}" for _, loop in found)
    shares.append(f"in one thread: {name}: {axis}" if isinstance(axis, str) else f"in {threads} threads: {name}")
    return None if isinstance(axis, str) else Shared(work, axis, threads, lanes)


def items_of(plan: Plan, work: Round, round_index: int) -> list[Item]:
    items: list[Item] = []
    items += [Item(round_index, step, 0.0) for step in work.zeroed]
    items += [Item(round_index, step) for step in work.numbers if plan.kinds[step] is not Kind.VIEW]
    items += [Item(round_index, loop=loop) for loop in work.loops]
    items += [Item(round_index, step) for step in work.scans]
    return items


def _of_band(plan: Plan, band: Band) -> list[list[Item]]:
    """The items of a band's rounds: in the first what is ready before it, and the band, and then the rest."""
    inside = {id(loop) for _, loop in band.loops}
    rounds = [items_of(plan, plan.rounds[round_index], round_index) for round_index in range(band.first, band.last + 1)]
    own = [[i for i in items if i.loop is None or id(i.loop) not in inside] for items in rounds]
    zeroed = [i for items in own[1:] for i in items if i.fill is not None]
    after = [[i for i in items if i.fill is None] for items in own[1:]]
    return [[*own[0], *zeroed, Item(band.first, band=band)], *after]


def cells_of(plan: Plan, memory: Memory, groups: list[Group]) -> dict[Step, int]:
    """Memory for numbers that another function than the one that computes them needs, or NumPy."""
    place: dict[Step, tuple[int, int]] = {}
    for k, group in enumerate(groups):
        for j, part in enumerate(group.parts):
            for item in part.items:
                if item.step is not None and not item.step.shape and item.fill is None:
                    place[item.step] = (k, j)
    needed: set[Step] = set()
    for k, group in enumerate(groups):
        for j, part in enumerate(group.parts):
            for step in _numbers_read(plan, part):
                if place.get(step, (k, j)) != (k, j):
                    needed.add(step)
        needed |= {a for a in _read_by_calls(plan, group) if a in place}
    last = (len(groups) - 1, len(groups[-1].parts) - 1)
    ends = [*(s for s in plan.outputs if not s.shape), *(g.step for g in plan.program.guards)]
    needed |= {s for s in _behind(plan, ends) if place.get(s, last) != last}
    cells = {}
    size = max(len(needed), 1) * 8
    at = memory.reserve(size) if needed else 0
    for n, step in enumerate(s for s in plan.steps if s in needed):
        cells[step] = at + 8 * n
    return cells


def _read_by_calls(plan: Plan, group: Group) -> Iterator[Step]:
    """What NumPy's calls read, and what views of it are taken from."""
    pending = [a for c in group.calls for a in c.args]
    while pending:
        step = pending.pop()
        yield step
        if not plan.in_memory(step):
            pending += step.args


def _numbers_read(plan: Plan, part: Part) -> set[Step]:
    """Numbers that a function's items read, directly or inside of what they compute."""
    read = [s for i in part.items if i.step is not None and i.fill is None for s in i.step.args]
    return _behind(plan, [*read, *(r.value for i in part.items for loop in i.loops for r in loop.roots)])


def _behind(plan: Plan, read: list[Step]) -> set[Step]:
    """The numbers among these steps, and those that they are computed from in place."""
    pending, seen = list(read), set[Step]()
    while pending:
        step = pending.pop()
        if step in seen:
            continue
        seen.add(step)
        if step.shape or plan.kinds[step] is Kind.VIEW:
            pending += step.args
    return {s for s in seen if not s.shape}
