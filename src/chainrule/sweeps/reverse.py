"""Reverse mode: carry a cotangent from a result back through its recording.

Of every node, last first, the row of its operator is asked for the shares of its operands (`pull`), and each is added
to what that operand was sent before. `float_nodes` and `array_nodes` do the same without asking, which is quicker.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.ops.reuse as reuse
import chainrule.sweeps.array_nodes as array_nodes
import chainrule.sweeps.float_nodes as float_nodes
import chainrule.sweeps.repeated as repeated
from chainrule.carriers.assignment import in_place
from chainrule.carriers.detail import NOTHING
from chainrule.carriers.node import Node, residue
from chainrule.libraries import zeros_like
from chainrule.numbers import Carrier, Number, new_level
from chainrule.ops.kinds import Tangent
from chainrule.recording import order
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.by_hand import HandMade, pull_by_hand
from chainrule.sweeps.cotangents import noted


class Sweep(Adjoints):
    """The adjoints of a recording, given as its ordered nodes."""

    __slots__ = ()

    def run(self, cotangent: Number) -> None:
        """Carry `cotangent` from the last node to all others, with numbers that are what they were when recorded."""
        if in_place.ASSIGNED[0]:
            in_place.swept(self.carry, cotangent)
        else:
            self.carry(cotangent)

    def carry(self, cotangent: Number) -> None:
        """One sweep, or another way where that would leave nan or the range of floats (see `repeated`)."""
        if repeated.begun(self, cotangent):
            self.once(cotangent)
            repeated.look_again(self, cotangent)

    def once(self, cotangent: Number) -> None:
        """One sweep, whatever comes out."""
        last = len(self.nodes) - 1
        self.send(last, cotangent)
        k = float_nodes.pass_floats(self, last)
        if k >= 0:
            reuse.inside(without_warnings, (self, k), NOTHING)

    def pass_all(self, k: int) -> None:
        """Pass on the adjoints of node number k, which is none of floats, and of those before it."""
        while k >= 0:
            self.pass_on(k)
            if repeated.went_on(self, k):
                return
            self.passed(k)
            k = float_nodes.pass_floats(self, k - 1)

    def pass_on(self, k: int) -> None:
        """Send the shares of any node's adjoint to its operands."""
        node: Node = memory.sure(self.nodes[k])
        if not array_nodes.pass_array(self, k, node) and node.code != opcodes.LEAF:
            for parent, share in pull(node, self.at(k)):
                self.send(self.place_of(parent), share)


without_warnings = noted(Sweep.pass_all)


def adjoints(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> Sweep:
    """The adjoints of all nodes that led to `root` when its own is `cotangent`.

    nodes   order(root), when it is known already
    """
    found = Sweep(order(root) if nodes is None else nodes)
    found.run(cotangent)
    return found


def sweep(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> list[tuple[Any, Number]]:
    """Every node that led to `root` with its adjoint, the sum of the cotangents sent to it; root first."""
    found = adjoints(root, cotangent, nodes)
    pairs = [(node, found.of(node)) for node in reversed(found.nodes)]
    return [pair for pair in pairs if pair[1] is not None]


def pull(node: Any, ct: Number) -> Iterable[tuple[Any, Number]]:
    """The operands of `node`, each with the cotangent that `ct` on the node sends to it."""
    op, active, parents, (y, operands) = node.op, node.active, node.parents, residue(node)
    if isinstance(op, (Tangent, HandMade)):
        return _transpose(node, ct) if isinstance(op, Tangent) else pull_by_hand(node, ct)
    shares = op.pull(ct, y, operands, active, node.settings)
    return [(parents[active.index(i)], share) for i, share in shares]


def _transpose(node: Any, ct: Number) -> list[tuple[Any, Number]]:
    """The shares of a node whose row states a tangent: record that expression for unknown tangents, sweep it."""
    op, y, args, active, settings = node.op, node.stored, node.operands, node.active, node.settings
    if all(i in op.adjoints for i in active):
        shares = [op.adjoints[i](ct, *args, **settings) for i in active]
        return list(zip(node.parents, shares, strict=True))
    level = new_level()
    tangents: list[Number] = [zeros_like(x) for x in args]
    for i in active:
        tangents[i] = type(node).leaf(tangents[i], level)
    moved = op.rule(y, args, tangents, **settings)
    found = None
    if isinstance(moved, Carrier) and moved.level == level:
        found = adjoints(moved, ct)
    sent = [None if found is None else found.of(tangents[i]) for i in active]
    shares = [zeros_like(args[i]) if share is None else share for i, share in zip(active, sent, strict=True)]
    return list(zip(node.parents, shares, strict=True))


memory.start()
