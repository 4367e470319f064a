"""What it costs that a loop over short arrays is a loop: its iterations are calls, and hand arrays to each other in
memory, where one kernel keeps them in registers. Counted in operations on single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from chainrule.jit.emit.rows.table import cost
from chainrule.jit.loops.find import Part
from chainrule.jit.loops.loop import Loop, LoopCarried

CALL = 100
"""What the call of an iteration costs: some 20 ns."""


SLOWER = 0.16
"""By how much loops may be slower for being loops. What they hand on costs them time, and what one kernel computes
again in place of storing it costs more: loops up to this share were faster."""

_JOINS = ("concatenate", "join", "roll", "flip", "scatter")


def apart(parts: Sequence[Part]) -> bool:
    """Whether one kernel, too, would have to store what an iteration hands on: each puts together moved pieces."""
    loops = [part for part in parts if isinstance(part, Loop)]
    return overhead(parts) <= SLOWER and all(any(step.op in _JOINS for step in loop.body) for loop in loops)


def overhead(parts: Sequence[Part]) -> float:
    """The share of it in the work of all loops."""
    work, more = 1.0, 0.0
    for loop in (part for part in parts if isinstance(part, Loop)):
        work += loop.count * _work(loop)
        carried = {operand.place for row in loop.operands for operand in row if isinstance(operand, LoopCarried)}
        stored = sum(prod(loop.steps[place].shape) for place in carried)
        more += loop.count * (CALL + 2 * stored)
    return more / work


def _work(loop: Loop) -> float:
    """Of one iteration."""
    sizes = [max(prod(x.shape) for x in (step, *step.args)) for step in loop.body]
    return sum(size * (cost(step.op) if step.shape else 1) for size, step in zip(sizes, loop.body, strict=True))
