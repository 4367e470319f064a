"""What reductions combine with, and how the lanes of their accumulators become numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from math import inf

from chainrule.jit.emit.lanes import Lane, shuffled
from chainrule.jit.emit.rows.choice import maximum, minimum
from chainrule.jit.plan.plan import Root

COMBINE: dict[str, Callable[[Lane, Lane], Lane]] = {"sum": lambda a, b: a + b, "max": maximum, "min": minimum}
START = {"sum": 0.0, "max": -inf, "min": inf}


def groups(roots: list[Root], width: int) -> list[list[Root]]:
    """Reductions of one kind, as many at a time as a vector has lanes."""
    found: list[list[Root]] = []
    for _, same in itertools.groupby(roots, key=lambda r: (r.reduction, r.target.dtype)):
        listed = list(same)
        found += [listed[k : k + width] for k in range(0, len(listed), width)]
    return found


def across(vectors: list[Lane], reduction: str) -> Lane:
    """The lanes of each vector combined: lane k of what is returned belongs to vector k. Each round of the tree puts
    what is left of two vectors into one."""
    level, bit = list(vectors), 1
    while bit < vectors[0].width:
        pairs = [level[k : k + 2] for k in range(0, len(level), 2)]
        level = [_merge(pair[0], pair[-1], bit, COMBINE[reduction]) for pair in pairs]
        bit *= 2
    (last,) = level
    return last


def lane(x: Lane, k: int) -> Lane:
    if x.width == 1:
        return x
    return Lane(x.code, x.code.emit(x.depth, f"extractelement {x.type} {x.name}, i64 {k}"), x.kind, 1, x.depth)


def _merge(x: Lane, y: Lane, bit: int, combine: Callable[[Lane, Lane], Lane]) -> Lane:
    """Lanes whose number has `bit` hold y's sums of neighbours at distance `bit`, the others x's."""
    code, n, depth = x.code, x.width, x.depth
    low = [k if not k & bit else n + k - bit for k in range(n)]
    high = [k + bit if not k & bit else n + k for k in range(n)]
    halves = []
    for picked in (low, high):
        halves.append(Lane(code, shuffled(x, y, picked), x.kind, n, depth))
    return combine(*halves)
