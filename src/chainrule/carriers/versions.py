"""Numbers that change: an input that is given another keeps the ones before, for what was computed from them.

They lie beside their times in one row, used in turn: in a training loop of thousands of inputs a list of pairs took
longer than the rest of giving them new numbers.
"""

from __future__ import annotations

from typing import Any

from numpy import float64

import chainrule.carriers.node as graph
import chainrule.native.buffers as buffers
import chainrule.native.flags as flags
import chainrule.native.opcodes as opcodes
import chainrule.native.version as version
from chainrule.carriers.detail import Detail
from chainrule.carriers.node import Node
from chainrule.errors import NoValue
from chainrule.numbers import Number

KEPT = 16
"""So many earlier numbers are kept."""


class Versions:
    """Which numbers an input had, and until when."""

    __slots__ = ("count", "room", "row")

    def __init__(self) -> None:
        self.count, self.room = 0, KEPT
        self.row = buffers.doubles(2 * KEPT)

    def __dealloc__(self) -> None:
        buffers.release(self.row)

    def add(self, number: float, until: int) -> None:
        """The input had this number before that time, and has another since."""
        k = 2 * (self.count % self.room)
        self.row[k], self.row[k + 1] = number, until
        self.count += 1

    def place(self, when: int, now: int) -> int:
        """Where the number is that the input had at a time; -1 where it is forgotten or may be."""
        first = max(0, self.count - self.room)
        for k in range(first, self.count):
            if version.age(now, when) > version.age(now, int(self.row[2 * (k % self.room) + 1])):
                return -1 if k == first and self.count >= self.room else k % self.room
        return -1

    def at(self, when: int, now: int, label: str) -> float:
        """The number that the input of that label had at a time. Raises NoValue where it is forgotten."""
        k = self.place(when, now)
        if k >= 0:
            return self.row[2 * k]
        raise NoValue.here(
            f"an input{f' ({label})' if label else ''} was given new data {KEPT} times and more since this was "
            "computed from it; compute it again, or call .forward()"
        )


def count_from(to: int) -> None:
    """Begin to count elsewhere, so that tests see the count start over."""
    graph.now = to


def renumber(node: Node, new: Number) -> None:
    """Give the node other data. What was computed from the data so far goes on with that."""
    if node.scalar_kind and node.flags & flags.USED:
        if node.code != opcodes.LEAF:
            graph.widened(node)
        if node.right is None:
            node.right = Versions()
        graph.now += 1
        before: Versions = node.right
        before.add(node.number, graph.now)
        node.flags = flags.CHANGED
    node.version = graph.now
    if graph.hold(node, new):
        if isinstance(node.left, Detail):
            graph.detail(node).data = None
    else:
        graph.widened(node).data = new
        node.number, node.scalar_kind = 0.0, 0


def changed_since(node: Node, when: int) -> bool:
    """Whether the node was given another number after that time."""
    return node.flags & flags.CHANGED != 0 and version.age(graph.now, when) > version.age(graph.now, node.version)


def operand(x: Any, when: int) -> Number:
    """The data of an operand `x`, a node or a plain number, as it was at that time."""
    if not isinstance(x, Node):
        return x
    node: Node = x
    if node.scalar_kind and changed_since(node, when):
        before: Versions = node.right
        earlier = before.at(when, graph.now, node.label)
        return earlier if node.scalar_kind == flags.PYTHON else float64(earlier)
    return graph.number_of(node)
