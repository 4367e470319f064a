"""Loops over the rows of the same arrays, done a block of rows at a time: what one loop has read from memory or stored,
the next one finds in the cache. Logistic regression with 100,000 rows of 50 takes two thirds of the time, 3.0 ms in
place of 4.4, as 40 MB come from memory once, not twice."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from chainrule.jit.plan.affine import Index, Place, broadcast, inside, padded, through
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.plan import Loop, Plan, Root
from chainrule.jit.program import Step

ROW = Index(((0, 1),))
PAYS = 1 << 20  # bytes that a second loop would have to fetch from farther away than a core's own cache
CACHED = 1 << 15  # bytes of a block
ALIGNED = 16  # rows of a block: a multiple of this
LONGEST = 24  # rounds of a band: each that is added is compared with those before

Visits = dict[int, dict[Step, set[Place]]]
"""What each loop visits, by the id of the loop, once it was asked for."""


@dataclass(frozen=True, eq=False)
class Band:
    """Rounds `first` to `last` of a plan. Its loops, each with its round, go over `rows` rows, `block` at a time; all
    other work of these rounds comes before, in the first, or after."""

    first: int
    last: int
    rows: int
    block: int
    loops: tuple[tuple[int, Loop], ...]


def bands(plan: Plan) -> list[Band]:
    """The bands of a plan, in order; no two share a round."""
    found: list[Band] = []
    visits: Visits = {}
    large = sum(step.nbytes for step in plan.program.steps() if plan.in_memory(step)) >= PAYS
    start = 0 if large else len(plan.rounds)
    while start < len(plan.rounds):
        best = None
        for n in {loop.shape[0] for loop in plan.rounds[start].loops if len(loop.shape)}:
            last = start
            while last - start < LONGEST and continues(plan, last, n) and fits(plan, visits, start, last + 1, n):
                last += 1
                band = _band(plan, visits, start, last, n)
                best = band or best
        if best is not None:
            found.append(best)
            start = best.last
        start += 1
    return found


def continues(plan: Plan, last: int, n: int) -> bool:
    """Whether there are loops over n rows in a later round."""
    rest = itertools.islice(plan.rounds, last + 1, None)
    return any(loop.shape[:1] == (n,) for work in rest for loop in work.loops)


def loops_over(plan: Plan, first: int, last: int, n: int) -> list[tuple[int, Loop]]:
    return [
        (round_index, loop)
        for round_index in range(first, last + 1)
        for loop in plan.rounds[round_index].loops
        if loop.shape and loop.shape[0] == n and all(r.shape[0] == n for r in loop.roots)
    ]


def _band(plan: Plan, visits: Visits, first: int, last: int, n: int) -> Band | None:
    """The band, if several of its loops meet the same large arrays."""
    loops = loops_over(plan, first, last, n)
    met: dict[Step, int] = {}
    for round_index, loop in loops:
        read = {step for step in _visited(plan, visits, loop, round_index) if plan.loaded(step, round_index)}
        for step in read | {root.target for root in loop.roots}:
            if n in step.shape:
                met[step] = met.get(step, 0) + 1
    size = {step: step.nbytes for step in met}
    if sum(size[step] for step, times in met.items() if times > 1) < PAYS:
        return None
    block = CACHED * n // sum(size.values()) // ALIGNED * ALIGNED
    return Band(first, last, n, max(block, ALIGNED), tuple(loops)) if n > 2 * max(block, ALIGNED) else None


def fits(plan: Plan, visits: Visits, first: int, last: int, n: int) -> bool:
    """Whether each loop over the rows reads only rows of its own block of what the band computes."""
    loops = loops_over(plan, first, last, n)
    chosen = {id(loop) for _, loop in loops}
    whole: set[Step] = set()  # what is complete, or in place, only after the band
    rowwise: set[Step] = set()
    for round_index in range(first, last + 1):
        work = plan.rounds[round_index]
        later = round_index > first
        whole.update(work.numbers if later else [], work.scans, work.calls)
        for loop in work.loops:
            for root in loop.roots:
                own = id(loop) in chosen and root.place[:1] == (ROW,) and len(root.place) == len(root.target.shape)
                if own:
                    rowwise.add(root.target)
                elif later or id(loop) in chosen:
                    whole.add(root.target)
    return bool(loops) and all(
        _local(plan, visits, loop, round_index, whole, rowwise - whole) for round_index, loop in loops
    )


def _local(plan: Plan, visits: Visits, loop: Loop, round_index: int, whole: set[Step], rowwise: set[Step]) -> bool:
    if any(len(root.source) != len(root.value.shape) for root in loop.roots):
        return False
    for step, places in _visited(plan, visits, loop, round_index).items():
        while plan.kinds[step] is Kind.ALIAS and step not in plan.stored:
            (step,) = step.args
            if step in rowwise:
                return False
        if step in whole or (plan.kinds[step] is Kind.PAD and not (plan.loaded(step, round_index) or _all_rows(step))):
            return False
        if step in rowwise and plan.loaded(step, round_index) and any(place[:1] != (ROW,) for place in places):
            return False
    return True


def _visited(plan: Plan, visits: Visits, loop: Loop, round_index: int) -> dict[Step, set[Place]]:
    found = visits.get(id(loop))
    if found is None:
        found = visits[id(loop)] = visited(plan, loop, round_index)
    return found


def visited(plan: Plan, loop: Loop, round_index: int) -> dict[Step, set[Place]]:
    """Every step that the loop's values are computed from, down to what is in memory, and where it is read."""
    found: dict[Step, set[Place]] = {}
    pending = [(root.value, root.source) for root in loop.roots]
    while pending:
        step, place = pending.pop()
        places = found.setdefault(step, set())
        if place in places:
            continue
        places.add(place)
        kind = plan.kinds[step]
        if plan.loaded(step, round_index) or (not step.shape and kind is not Kind.VIEW):
            continue
        if kind is Kind.PAD:
            if _all_rows(step):
                pending.append((step.args[0], padded(step, place)))
        elif kind is Kind.VIEW:
            inner = through(step, place)
            assert inner is not None
            pending.append((step.args[0], inner))
        else:
            pending += [(a, broadcast(place, step.shape, a.shape)) for a in step.args]
    return found


def _all_rows(step: Step) -> bool:
    """Whether a PAD has zeros along other axes only."""
    selected = inside(step.settings["index"], step.shape)
    return selected is not None and bool(selected) and selected[0] == (0, 0, 1, step.shape[0])


def in_block(loop: Loop, rows: int) -> Loop:
    """`loop` over some rows only."""
    roots = [Root(r.value, r.source, r.target, r.place, (rows, *r.shape[1:]), r.reduction) for r in loop.roots]
    return Loop((rows, *loop.shape[1:]), roots)
