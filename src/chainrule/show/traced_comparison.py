"""Numbers that remember which Value they belong to, so that a comparison of them leaves a trace.

A recording holds no comparisons: `x > 0` asks the plain numbers. When one of these is a `ComparedFloat`, the question
is kept in the log of the run, whose way the answer steers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from chainrule.numbers import Carrier


class Comparison(NamedTuple):
    """`left sign right` turned out `answer`. Sides are Values or numbers."""

    left: Any
    sign: str
    right: Any
    answer: bool


class ComparedFloat(float):
    """A float that remembers the Value it belongs to."""

    node: Any

    def __new__(cls, x: float, node: Any = None) -> ComparedFloat:
        self = super().__new__(cls, x)
        self.node = node
        return self


def _compared(sign: str, compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def decide(self: Any, other: Any) -> Any:
        answer = compare(plain(self), plain(other))
        sides = [x if getattr(x, "node", None) is None else x.node for x in (self, other)]
        node: Any = next((x for x in sides if isinstance(x, Carrier)), None)
        if node is None or answer is NotImplemented:
            return answer
        node.trail.comparisons.append(Comparison(sides[0], sign, sides[1], answer))
        return answer

    return decide


for _name, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")):
    setattr(ComparedFloat, f"__{_name}__", _compared(_sign, getattr(operator, _name)))
ComparedFloat.__hash__ = float.__hash__  # type: ignore[method-assign]


def plain(x: Any) -> Any:
    """`x` without its memory of a Value."""
    return float(x) if isinstance(x, ComparedFloat) else x
