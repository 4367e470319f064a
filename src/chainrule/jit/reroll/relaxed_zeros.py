"""Plain products in place of strong zeros, in programs of single numbers."""

from __future__ import annotations

from chainrule.jit.plan.relaxed_zeros import guarded, relaxed
from chainrule.jit.program import Program, Step

ARRAYS = ("elements", "stack")  # results that are arrays made of numbers


def loose(program: Program, strict: bool, finite: bool) -> Program | None:
    """The program as `relaxed` makes it, with one more guard: that no number among the results is nan, or that all are
    finite. None where there is nothing to gain."""
    numbers = [list(y.args) if _made(y) else [y] for y in program.outputs]
    flat = Program(program.inputs, [y for several in numbers for y in several], list(program.guards))
    found = (guarded(flat) if finite else flat) if strict else relaxed(flat, finite=finite)
    if found is flat:
        return None
    rest = iter(found.outputs)
    outputs = []
    for y, several in zip(program.outputs, numbers, strict=True):
        new = [next(rest) for _ in several]
        outputs.append(Step(y.op, tuple(new), y.settings, y.shape, y.dtype, y.line) if _made(y) else new[0])
    return Program(found.inputs, outputs, found.guards)


def _made(y: Step) -> bool:
    return bool(y.shape) and y.op in ARRAYS
