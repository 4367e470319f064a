"""Reverse mode: carry a cotangent from a result back through its recording.

Of every node, last first, the row of its operator is asked for the shares of its operands (`pull`), and each is added
to what that operand was sent before. `float_nodes` and `array_nodes` do the same without asking, which is quicker.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import chainrule.carriers.node as graph
import chainrule.native.arrays as arrays
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.ops.reuse as reuse
import chainrule.sweeps.array_nodes as array_nodes
import chainrule.sweeps.float_nodes as float_nodes
from chainrule.carriers.assignment import in_place
from chainrule.carriers.detail import NOTHING
from chainrule.carriers.node import Node
from chainrule.libraries import late, zeros_like
from chainrule.numbers import Carrier, Number, new_level
from chainrule.ops.kinds import Linear, Tangent
from chainrule.recording import order
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.by_hand import HandMade, pull_by_hand
from chainrule.sweeps.cotangents import NOTED, as_of, nested, noting, spoiled

run_by_branches = late("chainrule.sweeps.by_branches.run_by_branches")
told_apart = late("chainrule.sweeps.by_branches.told_apart")
back_in_range = late("chainrule.sweeps.rescaled.back_in_range")


def carry(found: Adjoints, cotangent: Number) -> None:
    """Carry `cotangent` from the last node to all others. Where that leaves nan, and for carriers, which may hold
    one that is seen later only, again by branches; where a share leaves the range of floats, again in another
    way. For both the recording is needed: of one that is forgotten on the way, `left` is all that is known."""
    before = NOTED[0]
    libm.forget_range()
    if nested(found, cotangent):
        run_by_branches(found, cotangent)
    else:
        run_plainly(found, cotangent)
        if not found.last and spoiled(found):
            told_apart(found, cotangent)
    found.left = found.left or NOTED[0] != before
    if found.left and not found.last:
        back_in_range(found, found.nodes, cotangent, not found.masks)


def run_plainly(found: Adjoints, cotangent: Number) -> None:
    """One sweep without masks, whatever comes out."""
    last = len(found.nodes) - 1
    found.send(last, cotangent)
    stopped = float_nodes.pass_floats(found, last)
    found.left = libm.left_range()
    if stopped >= 0:
        reuse.inside(without_warnings, (found, stopped), NOTHING)


def pass_all(found: Adjoints, k: int) -> None:
    """Pass on the adjoints of node number k, which is none of floats, and of those before it."""
    while k >= 0:
        pass_on(found, k)
        if found.last:
            found.forget(k)
        found.left = found.left or libm.left_range()  # NumPy forgets what the processor has noticed
        k = float_nodes.pass_floats(found, k - 1)
        found.left = found.left or libm.left_range()


without_warnings = noting()(pass_all)  # quicker than a block of its own


def pass_on(found: Adjoints, k: int) -> None:
    """Send the shares of any node's adjoint to its operands."""
    node: Node = memory.sure(found.nodes[k])
    if node.code == opcodes.GENERAL and node.scalar_kind == 0 and array_nodes.pass_elementwise(found, k, node):
        return
    ct, data = found.at(k), graph.number_of(node)
    if (type(ct) is not float or node.scalar_kind != flags.PYTHON) and not arrays.akin(ct, data):
        ct = as_of(ct, data)
        found.others[k], found.state[k] = ct, flags.OTHER
    if node.code == opcodes.LEAF:
        return
    what = graph.detail(node) if node.code == opcodes.GENERAL else None
    if what is not None and isinstance(what.op, Linear):
        array_nodes.pass_linear(found, what, ct)
    else:
        for parent, share in pull(node, ct):
            found.send(found.place_of(parent), share)


def run(found: Adjoints, cotangent: Number) -> None:
    """The sweep, in which numbers are what they were when they were recorded."""
    if in_place.ASSIGNED[0]:
        in_place.swept(carry, found, cotangent)
    else:
        carry(found, cotangent)


def adjoints(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> Adjoints:
    """The adjoints of all nodes that led to `root` when its own is `cotangent`.

    nodes   order(root), when it is known already
    """
    found = Adjoints(order(root) if nodes is None else nodes)
    run(found, cotangent)
    return found


def last_adjoints(nodes: list[Any], cotangent: Number) -> Adjoints:
    """The adjoints of the inputs in a recording that nobody needs any more, given as its ordered nodes. Those of
    all other nodes, and the nodes themselves, are forgotten on the way."""
    found = Adjoints(nodes, True)
    run(found, cotangent)
    return found


def sweep(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> list[tuple[Any, Number]]:
    """Every node that led to `root` with its adjoint, the sum of the cotangents sent to it; root first."""
    return adjoints(root, cotangent, nodes).reached()


def pull(node: Any, ct: Number) -> Iterable[tuple[Any, Number]]:
    """The operands of `node`, each with the cotangent that `ct` on the node sends to it."""
    op, active, parents = node.op, node.active, node.parents
    if isinstance(op, (Tangent, HandMade)):
        return _transpose(node, ct) if isinstance(op, Tangent) else pull_by_hand(node, ct)
    shares = op.pull(ct, node.stored, node.operands, active, node.settings)
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


arrays.start()
memory.start()
