"""Which loops are worth the work of several threads, and along which axis they are divided among them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from chainrule.jit.emit.rows import cost
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.plan import Loop, Plan
from chainrule.jit.plan.tiling import visited
from chainrule.jit.program import Step

WORTH = 3_000_000
"""Additions, loads and stores. A processor does them in about 0.3 ms; to hand a share to another thread and to wait for
it takes 0.02 to 0.05 ms."""
EVEN = 8  # at least so many points along the axis for each thread: one more or less makes little difference
SMALL = 8  # how many times fewer numbers all threads' sums may be than points

Found = Sequence[tuple[int, Loop]]
"""Loops, each with its round, that are divided together, as they go over the same rows."""


def divided(plan: Plan, found: Found, threads: int, lengths: Sequence[int]) -> int | str:
    """The axis along which the loops are divided among threads; or why they are not. `lengths` are those of the axes,
    in points, or in blocks where they stay together."""
    if _work(plan, found) < WORTH:
        return "too little work to share"
    points = max(prod(loop.shape) for _, loop in found)
    even = [axis for axis, length in enumerate(lengths) if length >= threads * EVEN]
    for axis in even:
        if sum(prod(step.shape) for step in apart(found, axis)) * threads * SMALL <= points:
            return axis
    return "as many sums as points" if even else f"no axis long enough for {threads} threads"


def apart(found: Found, axis: int) -> list[Step]:
    """What the loops reduce to along the axis: each thread has a share of its own, and they are combined afterwards."""
    return [
        root.target
        for _, loop in found
        for root in loop.roots
        if root.reduction and not any(a == axis for index in root.place for a, _ in index.terms)
    ]


def _work(plan: Plan, found: Found) -> int:
    """How many additions, loads and stores the loops are."""
    total = 0
    for round_index, loop in found:
        body = sum(not root.reduction for root in loop.roots)
        for step in visited(plan, loop, round_index):
            if step.shape and plan.loaded(step, round_index):
                body += 1
            elif step.shape and plan.kinds[step] is Kind.ELEMENTWISE:
                body += cost(step.op)
        total += body * prod(loop.shape)
    return total
