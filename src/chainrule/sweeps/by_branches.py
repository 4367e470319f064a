"""The sweep that asks at which operands something arrives: zeros of branches that were not taken are told from zeros
that came out (see `branches`).

It takes the place of the plain one where that leaves nan, and where what it carries may be differentiated again.
"""

from __future__ import annotations

from typing import Any

import chainrule.carriers.node as graph
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.ops.branches as branches
import chainrule.ops.reuse as reuse
from chainrule.carriers.detail import NOTHING
from chainrule.carriers.node import Node
from chainrule.libraries import late
from chainrule.numbers import Number, primal
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.cotangents import as_of, noted, spoiled
from chainrule.sweeps.reverse import pull

by_limits = late("chainrule.sweeps.limits.by_limits")


def told_apart(found: Adjoints, cotangent: Number) -> None:
    """Sweep again where adjoints of inputs came out nan; by limits where they are so still."""
    for k in range(len(found.nodes)):
        found.state[k], found.others[k] = flags.EMPTY, None
    run_by_branches(found, cotangent)
    if spoiled(found):
        by_limits(found, found.nodes, cotangent)


def run_by_branches(found: Adjoints, cotangent: Number) -> None:
    """A sweep with a mask beside each adjoint: nothing is sent to a branch that was not taken. Nothing is forgotten."""
    found.last = False
    found.masks = [False] * len(found.nodes)
    reuse.inside(without_warnings, (found, cotangent), NOTHING)


def pass_all(found: Adjoints, cotangent: Number) -> None:
    found.masks[-1] = branches.arrived(cotangent)
    found.send(len(found.nodes) - 1, cotangent)
    for k in range(len(found.nodes) - 1, -1, -1):
        if found.state[k] and found.masks[k] is not False:
            pass_by_branches(found, k)


without_warnings = noted(pass_all)


def pass_by_branches(found: Adjoints, k: int) -> None:
    """Send the shares of a node's adjoint to those of its operands at which something arrives."""
    node: Node = memory.sure(found.nodes[k])
    data = graph.number_of(node)
    ct = as_of(found.at(k), data)
    found.others[k], found.state[k] = ct, flags.OTHER
    if node.code == opcodes.LEAF:
        return
    op, parents, active = node.op, node.parents, node.active
    if op is None or not branches.known(op):
        for parent, share in pull(node, ct):
            send_by_branches(found, found.place_of(parent), share, True, ct)
        return
    if found.masks[k] is True and (not branches.chooses(op) or (not op.selects and inputs(parents))):
        for i, share in op.pull(ct, data, node.operands, active, node.settings):
            send_by_branches(found, found.place_of(parents[active.index(i)]), share, True, ct)
        return
    for i, share, mask in branches.shares(op, data, node.operands, active, node.settings, ct, found.masks[k]):
        send_by_branches(found, found.place_of(parents[active.index(i)]), share, mask, ct)


def inputs(nodes: tuple[Any, ...]) -> bool:
    """Whether nothing is sent on from these nodes, so that their masks are not asked for."""
    for each in nodes:
        node: Node = memory.sure(each)
        if node.code != opcodes.LEAF:
            return False
    return True


def send_by_branches(found: Adjoints, p: int, share: Number, mask: Any, ct: Number) -> None:
    below, above = primal(share), primal(ct)
    if type(below) is float and type(above) is float:
        libm.seen(below, above)
    found.left = found.left or libm.left_range()
    found.send(p, share)
    found.masks[p] = branches.either(found.masks[p], mask)


memory.start()
