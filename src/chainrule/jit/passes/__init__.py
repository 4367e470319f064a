"""Programs made smaller and faster without changing what they compute. Dead code needs no pass of its own: only what
results and guards need is ever listed."""

from __future__ import annotations

from chainrule.jit.passes.calls import written
from chainrule.jit.passes.constant_folding import folded
from chainrule.jit.passes.cse import Seen
from chainrule.jit.passes.predication import predicated
from chainrule.jit.passes.rewrite import rewritten
from chainrule.jit.passes.scalar_replacement import by_elements, read
from chainrule.jit.passes.strength_reduction import reduced
from chainrule.jit.program import Program, Step


def optimised(program: Program, strict: bool = False) -> Program:
    """The program after all passes.

    strict    only what keeps every result as it is, bit by bit
    """
    seen = Seen()

    def simpler(step: Step) -> Step:
        return seen.written(step, folded(reduced(written(read(step), strict), strict)))

    simple = rewritten(program, simpler)
    by_masks = simple if strict else predicated(simple)
    if by_masks is not simple:
        simple = rewritten(by_masks, simpler)
    stored = by_elements(simple, strict)
    if stored is simple:
        return simple
    known = set(simple.steps())
    return rewritten(stored, lambda step: step if step in known else simpler(step))
