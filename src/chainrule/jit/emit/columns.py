"""Arrays whose columns are stored by one loop: vectors of them are put in the order of memory first, and stored side by
side. A processor scatters one number at a time: three columns of 10,000 numbers take three times as long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.jit.emit.lanes import KIND, Lane, interleaved
from chainrule.jit.emit.nest import MOST, Values
from chainrule.jit.plan.plan import Root

Columns = list[Root]
"""All columns of an array, in order."""


def whole_columns(values: Values, roots: Sequence[Root]) -> list[Columns]:
    """The roots that are all columns of an array, along the axis of vectors."""
    if values.points.width == 1:
        return []
    found: dict[Any, dict[int, Root]] = {}
    for root in roots:
        if root.reduction or KIND[root.target.dtype] not in ("double", "float"):
            continue
        place = values.flat(root.target, root.place)
        if 1 < dict(place.terms).get(values.points.axis, 0) <= MOST:
            found.setdefault((root.target, place.terms), {})[place.start] = root
    whole = []
    for (_, terms), some in found.items():
        first, count = min(some), dict(terms)[values.points.axis]
        if set(some) == set(range(first, first + count)):
            whole.append([some[k] for k in sorted(some)])
    return whole


def store(values: Values, some: Columns, lanes: Sequence[Lane]) -> None:
    """The numbers of all columns at one vector of points."""
    values.store_all(interleaved([values.widened(x, some[0].target) for x in lanes]), some[0].target, some[0].place)
