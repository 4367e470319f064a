"""Loop fission: what is neither part of a recurrence nor between its parts is computed by loops of its own, before and
behind, for several iterations side by side. Where all is one loop a running sum keeps the sines of it waiting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from chainrule.jit.emit.rows.table import TRANSCENDENTAL, cost
from chainrule.jit.loops.loop import Local, Loop, LoopCarried, Operand, Streamed
from chainrule.jit.reroll.sums import growing

LONGEST = 256
"""Steps of a body that is looked at: the time grows faster than their number."""


def divided(loop: Loop, least: int) -> list[Loop]:
    """The loops that `loop` becomes, in order: itself where functions that are worth it belong to its recurrence, and
    where it has less than `least` iterations."""
    costly = {place for place, step in enumerate(loop.body) if cost(step.op) >= TRANSCENDENTAL}
    if not costly or loop.period > LONGEST or loop.count < least:
        return [loop]
    sums = growing(loop, ())
    readers = _readers(loop, sums)
    chain = sum(1 << place for place, found in enumerate(readers) if found >> place & 1)
    behind = reduce(or_, (found for place, found in enumerate(readers) if chain >> place & 1), 0)
    groups: list[list[int]] = [[], [], []]
    for place, found in enumerate(readers):
        late = place in sums or (behind >> place & 1 and not found & chain)
        groups[2 if late else 1 if behind >> place & 1 else 0].append(place)
    if not chain or costly.issubset(groups[1]):
        return [loop]
    first, middle, last = groups
    if costly.isdisjoint(first):
        first, middle = [], sorted(first + middle)
    if costly.isdisjoint(last):
        last, middle = [], sorted(last + middle)
    return [_part(loop, places) for places in (first, middle, last) if places]


def recurrent(loop: Loop) -> bool:
    """Whether an iteration waits for the one before it, but for sums; taken to be so where the body is long."""
    long = loop.period > LONGEST
    return long or any(found >> place & 1 for place, found in enumerate(_readers(loop, growing(loop, ()))))


def _readers(loop: Loop, sums: set[int]) -> list[int]:
    """For each place of the body the places that what is computed there gets to, as bits; but for what sums and
    conjunctions carry, which LLVM computes in any order."""
    readers = [0] * loop.period
    for place, (step, row) in enumerate(zip(loop.body, loop.operands, strict=True)):
        for operand in row:
            own = step.op == "logical_and" and isinstance(operand, LoopCarried) and operand.place == place
            if own or (place in sums and isinstance(operand, LoopCarried)):
                continue
            if isinstance(operand, (Local, LoopCarried)):
                readers[operand.place] |= 1 << place
    changed = True
    while changed:
        changed = False
        for place in reversed(range(loop.period)):
            found = readers[place]
            for other in range(loop.period):
                if readers[place] >> other & 1:
                    found |= readers[other]
            if found != readers[place]:
                readers[place], changed = found, True
    return readers


def _part(loop: Loop, places: Sequence[int]) -> Loop:
    """The loop of some places; what it reads of the others was computed before."""
    own = {place: k for k, place in enumerate(places)}

    def of(operand: Operand) -> Operand:
        if isinstance(operand, (Local, LoopCarried)):
            before = operand.first if isinstance(operand, LoopCarried) else ()
            if operand.place not in own:
                steps = loop.steps[operand.place :: loop.period]
                return Streamed((*before, *steps)[: loop.count])
            at = own[operand.place]
            return LoopCarried(at, before) if isinstance(operand, LoopCarried) else Local(at)
        return operand

    steps = [loop.steps[b * loop.period + place] for b in range(loop.count) for place in places]
    return Loop(len(places), steps, [tuple(map(of, loop.operands[place])) for place in places])
