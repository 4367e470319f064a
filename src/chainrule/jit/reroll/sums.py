"""Sums that grow from one iteration of a loop to the next. They may be added up in another order: several iterations at
once, each in a lane of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from chainrule.jit.loops.loop import Local, Loop, LoopCarried


def growing(loop: Loop, kept: Collection[int]) -> set[int]:
    """The places of a loop's body that do nothing but add to such a sum, whose value in between is not read.

    kept   places whose numbers are stored in each iteration
    """
    readers: dict[int, list[tuple[int, int, LoopCarried | Local]]] = defaultdict(list)
    for place, row in enumerate(loop.operands):
        for slot, operand in enumerate(row):
            if isinstance(operand, (Local, LoopCarried)):
                readers[operand.place].append((place, slot, operand))
    found: set[int] = set()
    for last in list(readers):
        chain, place = list[int](), last
        while len(readers[place]) == 1 and place not in kept:
            reader, slot, operand = readers[place][0]
            carried = isinstance(operand, LoopCarried) and len(operand.first) == 1
            adds = loop.body[reader].op == "add" or (loop.body[reader].op == "subtract" and slot == 0)
            if not adds or carried != (place == last):
                break
            chain.append(place := reader)
            if place == last:
                found.update(chain)
                break
    return found
