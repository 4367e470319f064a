"""Where a sweep keeps adjoints: for each node the sum of the cotangents sent to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import float64

import chainrule.native.arrays as arrays
import chainrule.native.buffers as buffers
import chainrule.native.dense as dense
import chainrule.native.flags as flags
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.ops.reuse as reuse
from chainrule.carriers.detail import NOTHING
from chainrule.carriers.node import Node
from chainrule.numbers import Number
from chainrule.ops.arithmetic import add
from chainrule.ops.row import applied


class Adjoints:
    """The nodes that led to a result, operands first, each with the sum of the cotangents sent to it.

    Adjoints live here only, not in the nodes, so sweeps may repeat and run in several threads. Those that are
    floats are kept apart from those that are arrays, carriers or other numbers.

    state   of each node: EMPTY: nothing was sent to it; FLOAT: its adjoint is in `floats`; OTHER: it is in `others`
    last    whether this is the last sweep of the recording: what it has passed is forgotten, to free its memory
    masks   of a sweep by branches: where something was sent to each node (see ops/branches.py)
    left    whether a share left the range of floats: became subnormal, 0 or infinite
    """

    __slots__ = ("floats", "last", "left", "masks", "nodes", "others", "places", "state")

    def __init__(self, nodes: list[Any], last: bool = False) -> None:
        self.nodes, self.last = nodes, last
        self.floats = buffers.doubles(len(nodes))
        self.state = buffers.marks(len(nodes))
        self.others: list[Number] = [None] * len(nodes)
        self.places: dict[int, int] | None = None
        self.masks: list[Any] = []
        self.left = False

    def __dealloc__(self) -> None:
        buffers.release(self.floats)
        buffers.release(self.state)

    def place_of(self, node: Node) -> int:
        """Where the node is in the list; -1 where it is not. Its mark says so, unless another ordering came between."""
        k = node.mark
        if k < len(self.nodes) and self.nodes[k] is node:
            return k
        if self.places is None:
            self.places = {id(n): i for i, n in enumerate(self.nodes)}
        place: int = self.places.get(id(node), -1)
        return place

    def at(self, k: int) -> Number:
        """The adjoint of node number k; None where nothing was sent."""
        if k < 0 or self.state[k] == flags.EMPTY:
            return None
        if self.state[k] == flags.OTHER:
            return self.others[k]
        node: Node = memory.sure(self.nodes[k])
        return self.floats[k] if node.scalar_kind != flags.NUMPY else float64(self.floats[k])

    def send(self, k: int, share: Number) -> None:
        """Add `share` to the adjoint of node number k."""
        node: Node = memory.sure(self.nodes[k])
        if type(share) is float64 and node.scalar_kind:
            share = float(share)
        if type(share) is float:
            if self.state[k] == flags.EMPTY:
                self.floats[k], self.state[k] = share, flags.FLOAT
                return
            if self.state[k] == flags.FLOAT:
                self.floats[k] += share
                return
        if self.state[k] == flags.EMPTY:
            self.others[k] = share
        elif self.state[k] == flags.OTHER and arrays.alone(self.others, k, share):
            dense.add_to(self.others[k], share)
        else:
            self.others[k] = applied(add, (self.at(k), share), NOTHING)
        self.state[k] = flags.OTHER

    def of(self, node: Any) -> Number:
        """The adjoint of a node; None where nothing was sent."""
        return self.at(self.place_of(node))

    def take(self, node: Any) -> Number:
        """The adjoint of a node, which is then forgotten here; an array is nobody else's."""
        k = self.place_of(node)
        if k < 0 or self.state[k] != 2:
            return self.at(k)
        shared = isinstance(self.others[k], np.ndarray) and not arrays.sole(self.others, k)
        found = reuse.copied(self.others[k]) if shared else self.others[k]
        self.others[k], self.state[k] = None, flags.EMPTY
        return found

    def put(self, k: int, adjoint: Number) -> None:
        """Put another adjoint in the place of that of node number k."""
        self.state[k], self.others[k] = flags.EMPTY, None
        self.send(k, adjoint)

    def forget(self, k: int) -> None:
        """Give up node number k and its adjoint, unless it is an input: all that needs it was passed before."""
        node: Node = memory.sure(self.nodes[k])
        if node.code != opcodes.LEAF:
            self.others[k], self.state[k], self.nodes[k] = None, flags.EMPTY, None

    def reached(self) -> list[tuple[Any, Number]]:
        """Every node with something sent to it, and its adjoint; the result first."""
        pairs = [(self.nodes[k], self.at(k)) for k in range(len(self.nodes) - 1, -1, -1)]
        return [pair for pair in pairs if pair[1] is not None]


arrays.start()
memory.start()
