"""A step of a program computed from lanes, and whether it can be."""

from __future__ import annotations

import numpy as np

from chainrule.jit.emit.lanes import KIND, Code, Lane, NoInstruction, converted
from chainrule.jit.emit.rows.table import EMITTERS
from chainrule.jit.program import Step

FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
_written: dict[tuple[object, ...], bool] = {}


def computed(step: Step, args: list[Lane]) -> Lane:
    """The row of an elementwise step applied to lanes. Raises NoInstruction where it has none for their types."""
    kind = KIND[step.dtype]
    if step.op == "where":
        args = [args[0], *(converted(a, kind) for a in args[1:])]
    elif step.dtype in FLOATS:
        args = [converted(a, kind) for a in args]
    elif any(a.kind != args[0].kind for a in args):
        widest = "double" if any(a.kind == "double" for a in args) else "float"
        args = [converted(a, widest) for a in args]
    found = EMITTERS.get(step.op, EMITTERS["positive"])(*args, **step.settings)
    return converted(found, kind)


def writable(step: Step) -> bool:
    """Whether machine code can compute a step: there are instructions for its row, settings and types. Found by writing
    it once for each row and types."""
    if step.op not in EMITTERS:
        return False
    key = (step.op, step.dtype, *[a.dtype for a in step.args], *step.settings.items())
    known = _written.get(key)
    if known is None:
        known = _written[key] = _can_be_written(step)
    return known


def _can_be_written(step: Step) -> bool:
    if any(s.dtype not in KIND for s in (step, *step.args)):
        return False
    code = Code(contract=False)
    try:
        computed(step, [Lane(code, f"%a{k}", KIND[a.dtype], 1, 0) for k, a in enumerate(step.args)])
    except NoInstruction:
        return False
    return True
