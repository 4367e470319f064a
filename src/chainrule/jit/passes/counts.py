"""How many elements masks take out, as results of a program in place of guards: where nothing in it depends on them any
more, it serves masks with other numbers of elements too, once a recording for these has led to the same program."""

from __future__ import annotations

import numpy as np

from chainrule.jit.program import CONSTANT, Program, Step

LEAST = 16
"""Elements from which on a constant that is their number, or a multiple of its reciprocal, may be one of a mean."""

FACTORS = (1.0, 2.0, 0.5, -1.0, -2.0, -0.5, 4.0, -4.0)

_SCALED = frozenset({"divide", "multiply", "scale", "where", "broadcast_to"})
F64 = np.dtype(np.float64)


def by_counts(program: Program, means: bool) -> Program:
    """The program with the numbers of elements that masks take out as its last results, and `counts`, what they are in
    the recording; the program itself where it moves elements by masks, or by none.

    means    whether factors are computed from these numbers where constants are what they lead to, bit by bit
    """
    guards = [g for g in program.guards if g.step.op == "as_many"]
    steps = program.steps()
    moved = any(s.op in ("gather", "scatter_at") and any(a.dtype == np.bool_ for a in s.args[1:]) for s in steps)
    if moved or not guards:
        return program
    totals = [g.step.args[0] for g in guards]
    counts = tuple([float(g.step.args[1].settings["value"]) for g in guards])
    others = [g for g in program.guards if g.step.op != "as_many"]
    found = Program(program.inputs, [*program.outputs, *totals], others)
    if means:
        found = _with_means(found, totals, counts)
    found.counts = counts
    return found


def _with_means(program: Program, totals: list[Step], counts: tuple[float, ...]) -> Program:
    """The program with such factors."""
    before = set(Program([], totals).steps())
    made: dict[Step, Step] = {}
    written: dict[tuple[Step, np.dtype[np.generic]], Step] = {}

    def computed(constant: Step) -> Step:
        key = constant, constant.dtype
        if key not in written:
            written[key] = _from_counts(constant, totals, counts)
        return written[key]

    for step in program.steps():
        if step in before or not step.args:
            continue
        args = tuple([made.get(a, a) for a in step.args])
        if step.op in _SCALED:
            args = tuple([computed(a) if a.op == CONSTANT else a for a in args])
        if args != step.args:
            made[step] = Step(step.op, args, step.settings, step.shape, step.dtype, step.line, step.at)
    return program.replaced(lambda s: made.get(s, s))


def _from_counts(constant: Step, totals: list[Step], counts: tuple[float, ...]) -> Step:
    if constant.shape or constant.dtype.kind != "f":
        return constant
    number = constant.settings["value"]
    for total, count in zip(totals, counts, strict=True):
        if count < LEAST:
            continue
        found = total if constant.dtype.type(count) == number else None
        for factor in FACTORS if found is None else ():
            if constant.dtype.type(factor / count) == number:
                found = _quotient(factor, total)
            elif constant.dtype.type(factor * (1.0 / count)) == number:
                found = Step("multiply", (_number(factor), _quotient(1.0, total)), {}, (), F64, total.line)
        if found is not None and found.dtype != constant.dtype:
            found = Step("astype", (found,), {"dtype": constant.dtype}, (), constant.dtype, total.line)
        if found is not None:
            return found
    return constant


def _number(value: float) -> Step:
    return Step(CONSTANT, (), {"value": np.float64(value)}, (), F64)


def _quotient(factor: float, total: Step) -> Step:
    return Step("divide", (_number(factor), total), {}, (), F64, total.line)
