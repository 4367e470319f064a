"""What a sweep computes: for each node the sum of the cotangents sent to it."""

from __future__ import annotations

from typing import Any

from chainrule.carriers.detail import NOTHING
from chainrule.numbers import Number
from chainrule.ops.arithmetic import add
from chainrule.ops.row import applied
from chainrule.sweeps.storage import Storage


class Adjoints(Storage):
    """The nodes that led to a result, operands first, each with the sum of the cotangents sent to it.

    Adjoints live here only, not in the nodes, so sweeps may repeat and run in several threads."""

    __slots__ = ()

    def send(self, k: int, share: Number) -> None:
        """Add `share` to the adjoint of node number k."""
        if not self.added(k, share):
            self.put(k, applied(add, (self.at(k), share), NOTHING))

    def of(self, node: Any) -> Number:
        """The adjoint of a node; None where nothing was sent."""
        return self.at(self.place_of(node))
