"""Recorded numbers that change in steps only: what is rounded has derivative 0, its whole numbers can be plain."""

from __future__ import annotations

from typing import Any

from chainrule.numbers import Carrier
from chainrule.ops.row import Operator, PiecewiseConstant


def is_step(x: Any) -> bool:
    """Whether a recorded number depends on the inputs through roundings only, so that its derivative is 0."""
    waiting, seen = [x], set()
    while waiting:
        node: Any = waiting.pop()
        if not isinstance(node, Carrier) or id(node) in seen:
            continue
        seen.add(id(node))
        row = getattr(node, "op", None)
        if not isinstance(row, Operator):
            return False
        if not isinstance(row, PiecewiseConstant):
            recorded: Any = node
            waiting.extend(recorded.parents)
    return True
