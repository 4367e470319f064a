"""Sums of products that are a product of matrices, written number by number: sum(a * b) for each of some arrays a and
each of some arrays b, as a network has that was written on single numbers. A hundred sums do not fit into registers;
those of a matrix product come in tiles that do."""

from __future__ import annotations

from chainrule.jit.plan.lower import Maker, rebuilt
from chainrule.jit.plan.matvec import ROWS, SKINNY
from chainrule.jit.program import Program, Step

LEAST = 16  # sums; fewer are kept in registers


def as_products(program: Program) -> Program:
    """The program with such sums as elements of products of stacked arrays."""
    pairs = _pairs(program.steps())
    if len(pairs) < LEAST:
        return program
    made: dict[Step, Step] = {}
    later = _after(program.steps(), pairs)
    for left, right in _grids(pairs):
        if later.isdisjoint([*left, *right]):
            for rows in _some(left):
                for columns in _some(right):
                    _product(pairs, rows, columns, made)
    return rebuilt(program, lambda step, args: made.get(step)) if made else program


Pairs = dict[tuple[Step, Step], list[Step]]
"""The sums of the products of two arrays, by these."""


def _pairs(steps: list[Step]) -> Pairs:
    found: Pairs = {}
    for step in steps:
        if step.op == "sum" and not step.shape and step.dtype.kind == "f" and step.args[0].op == "multiply":
            (product,) = step.args
            a, b = product.args
            alike = a.shape == b.shape == product.shape and a.dtype == b.dtype == step.dtype
            if alike and len(a.shape) == 1 and a.shape[0] >= ROWS and a is not b:
                found.setdefault((a, b), []).append(step)
    return found


def _after(steps: list[Step], pairs: Pairs) -> set[Step]:
    """What is computed from such sums: an array that is would be computed before and after they are replaced."""
    found = {step for sums in pairs.values() for step in sums}
    for step in steps:
        if not found.isdisjoint(step.args):
            found.add(step)
    return found


def _grids(pairs: Pairs) -> list[tuple[list[Step], list[Step]]]:
    """Arrays of which each of the first is multiplied with each of the second; every pair in one grid at most."""
    others: dict[Step, dict[Step, None]] = {}
    for a, b in pairs:
        others.setdefault(a, {})[b] = None
        others.setdefault(b, {})[a] = None
    grids = []
    while others:
        a = max(others, key=lambda s: len(others[s]))
        right = list(others[a])
        left = [s for s in others[right[0]] if all(b in others[s] for b in right)]
        left = [s for s in left if s not in right]
        if len(left) * len(right) >= LEAST and len(left) > 1 and len(right) > 1:
            grids.append((left, right))
            gone = [(s, b) for s in left for b in right]
        else:
            gone = [(a, b) for b in right]
        for s, b in gone:
            others[s].pop(b, None)
            others[b].pop(s, None)
        others = {s: some for s, some in others.items() if some}
    return grids


def _some(arrays: list[Step]) -> list[list[Step]]:
    """As many at a time as a product has columns."""
    return [arrays[k : k + SKINNY] for k in range(0, len(arrays), SKINNY)]


def _product(pairs: Pairs, rows: list[Step], columns: list[Step], made: dict[Step, Step]) -> None:
    """One product; `made` gets what is in place of each sum."""
    if len(rows) == 1 or len(columns) == 1:
        return
    make, n, dtype = Maker(rows[0].line), rows[0].shape[0], rows[0].dtype
    x, y = (Step("stack", tuple(some), {"axis": 1}, (n, len(some)), dtype, make.line) for some in (rows, columns))
    factors = make.shaped(x, (n, len(rows), 1)), make.shaped(y, (n, 1, len(columns)))
    product = make("multiply", *factors)
    settings = {"axis": (0,), "keepdims": False}
    total = Step("sum", (product,), settings, (len(rows), len(columns)), dtype, make.line)
    for k, a in enumerate(rows):
        for j, b in enumerate(columns):
            for step in [*pairs.get((a, b), ()), *pairs.get((b, a), ())]:
                made[step] = Step("getitem", (total,), {"index": (k, j)}, (), dtype, step.line)
