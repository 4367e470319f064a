"""Strong zeros at the price of plain products: `scale(ct, p)` is 0 where ct is, whatever p is; `ct * p` is nan there if
p is infinite or nan, and the same otherwise. So compute products, and see in the end whether a result is nan."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from chainrule.jit.plan.lower import BOOL, Maker, rebuilt
from chainrule.jit.program import CONSTANT, Guard, Program, Step, times
from chainrule.ops.kinds import Linear, Reduction
from chainrule.ops.row import TABLE

_STEPS = frozenset({"scale", "astype", "divide_db", "not_negative", "elements", "join"})
"""What is no row of its own, and keeps a nan; `scale` does where its first operand is not 0."""
_OTHERS = (0.0, 1.0, -1.0, 0.5, 3.0, -2.5, np.inf, -np.inf)


@functools.lru_cache(maxsize=1024)
def keeps_nan(op: str) -> bool:
    """Whether a nan among the operands makes the result nan, whatever the others are: power(1, nan) is 1."""
    row = TABLE.get(op)
    if op in _STEPS or row is None:
        return op in _STEPS
    if isinstance(row, (Linear, Reduction)):  # they move elements, add them up or multiply them
        return not (isinstance(row, Linear) and row.constants)
    if not row.elementwise:
        return False
    grid = np.array(list(itertools.product(_OTHERS, repeat=row.arity))).T
    with np.errstate(all="ignore"):
        for k in range(row.arity):
            try:
                y = row(*[np.full_like(x, np.nan) if i == k else x for i, x in enumerate(grid)])
            except (TypeError, ValueError):  # it takes settings
                return False
            if not np.all(np.isnan(y)):
                return False
    return True


_UNCERTAIN = frozenset({"getitem", "einsum", "scale", "heaviside0"})
"""Rows that may leave a nan behind: elements that are not taken, or products with a strong zero."""


def relaxed(program: Program, others: Sequence[Step] = (), finite: bool = False) -> Program:
    """The program with products in place of `scale` wherever a nan would show in a result, and one more guard, the
    last one: that no result is nan, and none of `others` holds, steps of truth values. The program itself if there is
    nothing to gain.

    finite   the guard says that all results are finite, and is there in any case
    """
    steps = program.steps()
    shows = _shows(program, steps)
    loose = {s for s in steps if s.op == "scale" and s.args[0].op != CONSTANT and shows[s]}
    steps_up = {s for s in steps if s.op == "heaviside0" and s.dtype == s.args[0].dtype}
    if steps_up:
        carries = _carries(program, steps, loose)
        steps_up = {s for s in steps_up if s.args[0] in carries}
    divisions = _divisions(steps)
    if not (loose or steps_up or divisions or others):
        return guarded(program) if finite else program
    inverses: dict[Step, Step] = {}

    def replace(step: Step, args: tuple[Step, ...]) -> Step | None:
        if step in divisions:
            make, y = Maker(step.line), args[-1]
            inverse = inverses.setdefault(y, make("reciprocal", y))
            return make("multiply", args[0], inverse) if step.op == "divide" else inverse
        if step in loose:
            return Step("multiply", args, {}, step.shape, step.dtype, step.line)
        if step in steps_up:
            make = Maker(step.line)
            return make("astype", make("greater", args[0], make.number(0.0, step), dtype=BOOL), dtype=step.dtype)
        return None

    found = rebuilt(program, replace)
    make = Maker("")
    lost = [make("greater", make("multiply", r, y), make.number(2.0, y), dtype=BOOL) for y, r in inverses.items()]
    lost += others
    return guarded(found, lost, finite)


def guarded(program: Program, lost: Sequence[Step] = (), finite: bool = True) -> Program:
    """The program with one more guard: that all results are finite, or none is nan, and nothing in `lost` holds."""
    if not (lost or any(s.dtype.kind == "f" and s.args for s in program.outputs)):
        return program
    return Program(program.inputs, program.outputs, [*program.guards, Guard(_in_order(program, lost, finite), True)])


def hides(program: Program) -> bool:
    """Whether it has strong zeros that `loosened` would keep."""
    scaled = [s for s in program.steps() if s.op == "scale"]
    if not scaled:
        return False
    shows = _shows(program, program.steps())
    return not all(shows[s] and s.args[0].op != CONSTANT for s in scaled)


def _shows(program: Program, steps: list[Step]) -> dict[Step, bool]:
    """For each step whether a nan in it makes a result nan, or no difference at all."""
    shows = dict.fromkeys(steps, True)
    for guard in program.guards:
        shows[guard.step] = False
    for step in reversed(steps):
        for k, a in enumerate(step.args):
            keeps = keeps_nan(step.op) or (step.op == "where" and k > 0)
            shows[a] = shows[a] and keeps and shows[step]
    return shows


def _carries(program: Program, steps: list[Step], loose: set[Step]) -> set[Step]:
    """The steps of which a nan makes a result nan for certain."""
    found = {s for s in program.outputs if s.dtype.kind == "f"}
    for step in reversed(steps):
        certain = keeps_nan(step.op) and step.op not in _UNCERTAIN
        if step in found and (certain or step in loose):
            found.update(step.args)
    return found


def _divisions(steps: list[Step]) -> set[Step]:
    """The divisions of arrays by something that others are divided by too, or by one number."""
    found: dict[Step, list[Step]] = {}
    for step in steps:
        if step.op in ("divide", "reciprocal") and step.shape and step.dtype.kind == "f":
            y = step.args[-1]
            alike = all(a.dtype == step.dtype for a in step.args) and y.shape in (step.shape, ())
            if alike and y.op != CONSTANT:
                found.setdefault(y, []).append(step)
    return {s for y, several in found.items() if len(several) > 1 or not y.shape for s in several}


def _in_order(program: Program, lost: Sequence[Step], finite: bool) -> Step:
    """The step that tells it; parts of arrays are looked at where they are computed, before they are stored."""
    make = Maker("")
    parts, when = _parts([s for s in program.outputs if s.dtype.kind == "f" and s.args]), times(program.steps())
    parts.sort(key=lambda step: when[step])  # each iteration of a long program then looks at its own
    if finite:
        numbers = _together("logical_and", [(y, make("isfinite", y, dtype=BOOL)) for y in parts if not y.shape])
        zeros = _together("add", [(y, make("multiply", y, make.number(0.0, y))) for y in parts if y.shape])
        wrong = [make("logical_not", x, dtype=BOOL) for x in numbers]
        wrong += [make("isnan", _total(x), dtype=BOOL) for x in zeros]  # as 0 * inf is
    else:
        wrong, lost = [], [*(make("isnan", y, dtype=BOOL) for y in parts), *lost]
    for x in _together("logical_or", [(w.args[0], w) for w in lost]):
        if x.shape:
            count = make("astype", x, dtype=_looked_at(x).dtype)
            x = make("greater", _total(count), make.number(0.0, count), dtype=BOOL)
        wrong.append(x)
    return make("logical_not", functools.reduce(lambda a, b: make("logical_or", a, b, dtype=BOOL), wrong), dtype=BOOL)


def _together(op: str, pairs: Sequence[tuple[Step, Step]]) -> list[Step]:
    """What belongs to steps of one shape and type, as one step."""
    make = Maker("")
    found: dict[tuple[tuple[int, ...], object], Step] = {}
    for y, step in pairs:
        key = (y.shape, y.dtype)
        found[key] = make(op, found[key], step, dtype=step.dtype) if key in found else step
    return list(found.values())


def _looked_at(holds: Step) -> Step:
    """The numbers that a step of truth values, perhaps several together, is about."""
    while holds.dtype == BOOL:
        holds = holds.args[0]
    return holds


def _total(x: Step) -> Step:
    return Step("sum", (x,), {"axis": None, "keepdims": False}, (), x.dtype)


def _parts(arrays: list[Step]) -> list[Step]:
    """The arrays, and in place of one that is put together from arrays these."""
    found: dict[Step, None] = {}
    pending = list(reversed(arrays))
    while pending:
        step = pending.pop()
        if step.op in ("join", "stack", "concatenate") and any(a.shape for a in step.args):
            pending += reversed([a for a in step.args if a.op != CONSTANT])
        else:
            found[step] = None
    return list(found)
