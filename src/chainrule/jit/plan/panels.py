"""Panels: rows of a program's matrices, a block at a time, kept by columns. A column of a block is a run of lanes,
however few columns there are; products with small matrices are computed for several columns at once, in registers; and
all that is computed from a block of rows is computed before the next, without leaving the processor's caches."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.jit.plan.affine import identity
from chainrule.jit.plan.kinds import INLINE, Kind, covers
from chainrule.jit.plan.plan import Loop, Plan, Root
from chainrule.jit.plan.tiling import PAYS, ROW, Band, Visits, continues, fits, loops_over, visited
from chainrule.jit.program import Step

NEAR = 28_000  # bytes of a block: they stay in the cache nearest to the processor
ROWS = 128  # of a block at most, and of one that is not divided
LEAST = 32
FREE = 64  # of a block where there may be any number of rows
LONGEST = 96  # rounds of a panel
SPARE = 16  # of so many rows one may be missing in the last vector


class NoPanel(Exception):
    """A product of rows has to be computed where there is no panel."""


@dataclass(frozen=True, eq=False)
class Panel(Band):
    """`columns` are the arrays that exist for one block at a time, by columns; `padded` is how far their columns are
    apart. What is after a block's rows in them is 0. Rows of matrices in `staged`, which others read, are computed as
    such an array first."""

    columns: frozenset[Step]
    staged: dict[Step, Step]
    padded: int


def panels(plan: Plan, lanes: int) -> list[Panel]:
    """The panels of a plan, for all its products of rows. Raises NoPanel where one has no place in any."""
    found: list[Panel] = []
    visits: Visits = {}
    missing = dict.fromkeys(plan.row_products)
    if missing and lanes == 1:
        raise NoPanel
    start = 0
    while start < len(plan.rounds) and missing:
        for n in sorted({plan.row_products[step].shape[0] for step in missing}):
            last = start - 1
            while last - start < LONGEST and fits(plan, visits, start, last + 1, n):
                last += 1
                if not continues(plan, last, n):
                    break
            loops = loops_over(plan, start, last, n)
            products = [r.target for _, loop in loops for r in loop.roots if r.target in missing]
            if products:
                found.append(_panel(plan, start, last, n, loops, lanes))
                for step in products:
                    del missing[step]
                start = last
                break
        start += 1
    if missing:
        raise NoPanel
    return found


def _panel(plan: Plan, first: int, last: int, n: int, loops: list[tuple[int, Loop]], lanes: int) -> Panel:
    columns = _columns(plan, loops)
    for _, loop in loops:
        for root in loop.roots:
            if root.target in plan.row_products and not _apart(plan, root, columns):
                raise NoPanel
    free = plan.free is not None
    rows = [r.target for _, loop in loops for r in loop.roots if r.target not in columns and of_whole_rows(r)]
    parts = {} if free else {s: Step("positive", (s,), {}, s.shape, s.dtype) for s in rows}
    size = sum(step.nbytes for step in (*columns, *parts)) // n
    moved = sum(step.nbytes for step in (*parts, *(s for s in columns if s.op == "positive" and s.shape[1:] > (1,))))
    if moved >= PAYS and len(plan.row_products) == 1:  # the matrices would only be read, and written
        raise NoPanel
    block = FREE if free else n if n <= ROWS else _block(n, max(NEAR // size, 1), lanes)
    return Panel(first, last, n, block, tuple(loops), frozenset(columns), parts, -(-block // lanes) * lanes)


def _apart(plan: Plan, root: Root, columns: set[Step]) -> bool:
    """Whether a product has all columns that it needs: of its factors with rows, and of its result."""
    rows = root.shape[0]
    needed = [plan.base(a) for a in root.value.args if a.shape[0] == rows]
    return columns.issuperset([*needed, root.target] if root.place[:1] == (ROW,) else needed)


def of_whole_rows(root: Root) -> bool:
    """Whether it stores rows of a matrix of floats, each whole."""
    step = root.target
    whole = len(step.shape) == 2 and step.shape[1] > 1 and root.shape[1:] == step.shape[1:]
    return whole and not root.reduction and step.dtype.kind == "f" and root.place == identity(step.shape)


def staged(root: Root, step: Step) -> Root:
    """What stores in `step` instead."""
    return Root(root.value, root.source, step, root.place, root.shape)


def _block(n: int, rows: int, lanes: int) -> int:
    """About so many rows, in whole vectors; of several numbers one that divides n, for the sake of short code."""
    most = max(min(rows, ROWS) // lanes * lanes, LEAST)
    fitting = [k for k in range(most, most // 2, -1) if n % k == 0 and -k % lanes <= k // SPARE]
    return next((k for k in fitting if k % lanes == 0), max(fitting, default=most))


def _columns(plan: Plan, loops: list[tuple[int, Loop]]) -> set[Step]:
    """What the loops store row by row, and only they read."""
    inside = {id(loop) for _, loop in loops}
    found = {r.target for _, loop in loops for r in loop.roots if r.place[:1] == (ROW,)}
    found = {s for s in found if s.shape and (plan.kinds[s] is not Kind.JOIN or covers(s))}
    read: list[Step] = [*plan.outputs, *(g.step for g in plan.program.guards)]
    for round_index, work in enumerate(plan.rounds):
        for step in (*work.numbers, *work.scans, *work.calls):
            read += step.args
        for loop in work.loops:
            if id(loop) not in inside:
                read += [r.target for r in loop.roots]
                read += visited(plan, loop, round_index)
    known: set[Step] = set()
    while read:
        step = read.pop()
        if step not in known:
            known.add(step)
            if plan.kinds[step] in (*INLINE, Kind.ALIAS) and step not in plan.stored:
                read += step.args
    return found - known
