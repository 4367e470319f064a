"""Only speed: where a sweep keeps adjoints. Floats lie in a buffer of C's, arrays are added to in place where they
have no other references, and what a sweep has passed for the last time gives its memory back."""

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
from chainrule.carriers.node import Node
from chainrule.numbers import Number


class Storage:
    """A number for each of some nodes, or none.

    state   of each node: EMPTY: it has none; FLOAT: its number is in `floats`; OTHER: it is in `others`
    last    whether this is the last sweep of the recording: what it has passed is forgotten, to free its memory
    masks   of a sweep by branches: where something was sent to each node (see ops/branches.py)
    left    whether a share left the range of floats: became subnormal, 0 or infinite
    noted   how often NumPy had noticed that before
    watched whether the sweep may go on with larger numbers where it happens (see sweeps/enlarged.py)
    enlarged  those of nodes before this number are larger
    """

    __slots__ = (
        "enlarged", "floats", "last", "left", "masks", "nodes", "noted", "others", "places", "state", "watched",
    )  # fmt: skip

    def __init__(self, nodes: list[Any], last: bool = False) -> None:
        self.nodes, self.last = nodes, last
        self.floats = buffers.doubles(len(nodes))
        self.state = buffers.marks(len(nodes))
        self.others: list[Number] = [None] * len(nodes)
        self.places: dict[int, int] | None = None
        self.masks: list[Any] = []
        self.left = self.watched = False
        self.noted = self.enlarged = 0

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
        """The number of node number k; None where it has none."""
        if k < 0 or self.state[k] == flags.EMPTY:
            return None
        if self.state[k] == flags.OTHER:
            return self.others[k]
        node: Node = memory.sure(self.nodes[k])
        return self.floats[k] if node.scalar_kind != flags.NUMPY else float64(self.floats[k])

    def put(self, k: int, x: Number) -> None:
        """Put another number in the place of that of node number k."""
        node: Node = memory.sure(self.nodes[k])
        if type(x) is float or (type(x) is float64 and node.scalar_kind):
            self.floats[k], self.state[k], self.others[k] = float(x), flags.FLOAT, None
        else:
            self.others[k], self.state[k] = x, flags.OTHER

    def added(self, k: int, x: Number) -> bool:
        """Add `x` to the number of node number k, if that takes no operator; False where it takes one."""
        if self.state[k] == flags.EMPTY:
            self.put(k, x)
            return True
        if self.state[k] == flags.FLOAT:
            node: Node = memory.sure(self.nodes[k])
            if type(x) is float or (type(x) is float64 and node.scalar_kind):
                self.floats[k] += float(x)
                return True
        elif arrays.alone(self.others, k, x):
            dense.add_to(self.others[k], x)
            return True
        return False

    def take(self, node: Any) -> Number:
        """The number of a node, which is then forgotten here; an array has no other references."""
        k = self.place_of(node)
        if k < 0 or self.state[k] != flags.OTHER:
            return self.at(k)
        shared = isinstance(self.others[k], np.ndarray) and not arrays.sole(self.others, k)
        found = reuse.copied(self.others[k]) if shared else self.others[k]
        self.others[k], self.state[k] = None, flags.EMPTY
        return found

    def passed(self, k: int) -> None:
        """In the last sweep: give up node number k and its number, unless it is an input."""
        node: Node = memory.sure(self.nodes[k])
        if self.last and node.code != opcodes.LEAF:
            self.others[k], self.state[k], self.nodes[k] = None, flags.EMPTY, None


arrays.start()
memory.start()
