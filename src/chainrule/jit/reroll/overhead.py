"""What it costs that a loop over short arrays is a loop: its iterations are calls, and hand arrays to each other in
memory, where one kernel keeps them in registers. Counted in operations on single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from chainrule.jit.emit.rows.table import TRANSCENDENTAL, cost
from chainrule.jit.loops.find import Part
from chainrule.jit.loops.loop import Loop, LoopCarried

CALL = 100
"""What the call of an iteration costs: some 20 ns."""


SLOWER = 0.16
"""By how much loops may be slower for being loops. What they hand on costs them time, and what one kernel computes
again in place of storing it costs more: loops up to this share were faster."""

SHORT = 12
"""Operations for each product with a matrix, up to which a recurrence of products and of functions like tanh is better
as loops: one kernel computes these functions again where the products of the backward pass read them."""

_JOINS = ("concatenate", "join", "roll", "flip", "scatter")


def apart(parts: Sequence[Part]) -> bool:
    """Whether one kernel, too, would have to store what an iteration hands on: each puts together moved pieces."""
    loops = [part for part in parts if isinstance(part, Loop)]
    return overhead(parts) <= SLOWER and all(any(step.op in _JOINS for step in loop.body) for loop in loops)


def layers(parts: Sequence[Part]) -> bool:
    """Whether the iterations that hand something on are layers of a network: products with matrices, functions like
    tanh, and little else."""
    handing = [part for part in parts if isinstance(part, Loop) and _carried(part)]
    products = [sum(step.op == "sum" and len(step.args[0].shape) > 1 for step in loop.body) for loop in handing]
    return (
        all(products)
        and sum(loop.period for loop in handing) <= SHORT * sum(products)
        and any(step.shape and cost(step.op) >= TRANSCENDENTAL for loop in handing for step in loop.body)
    )


def overhead(parts: Sequence[Part]) -> float:
    """The share of it in the work of all loops."""
    work, more = 1.0, 0.0
    for loop in (part for part in parts if isinstance(part, Loop)):
        work += loop.count * _work(loop)
        stored = sum(prod(loop.steps[place].shape) for place in _carried(loop))
        more += loop.count * (CALL + 2 * stored)
    return more / work


def _carried(loop: Loop) -> set[int]:
    """The places of what an iteration hands on."""
    return {operand.place for row in loop.operands for operand in row if isinstance(operand, LoopCarried)}


def _work(loop: Loop) -> float:
    """Of one iteration."""
    sizes = [max(prod(x.shape) for x in (step, *step.args)) for step in loop.body]
    return sum(size * (cost(step.op) if step.shape else 1) for size, step in zip(sizes, loop.body, strict=True))
