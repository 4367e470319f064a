"""The gradients that backward passes leave in the nodes: each pass adds to what the ones before have left.

A node of a float holds its gradient itself (`total`, once `passes` is not 0), all others in their Detail.
"""

from __future__ import annotations

from typing import Any

from numpy import float64, ndarray

import chainrule.carriers.node as graph
import chainrule.native.arrays as arrays
import chainrule.native.dense as dense
import chainrule.native.flags as flags
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
from chainrule.carriers.detail import Detail
from chainrule.carriers.node import Node
from chainrule.numbers import Number
from chainrule.ops.reuse import copied
from chainrule.sweeps.adjoints import Adjoints

MOST = 255
"""Passes are counted as far as a byte reaches."""


def gradient(node: Node) -> Number:
    """The gradient, None before the first backward pass."""
    if isinstance(node.left, Detail) and graph.detail(node).grad is not None:
        return graph.detail(node).grad
    if node.passes == 0:
        return None
    return node.total if node.scalar_kind != flags.NUMPY else float64(node.total)


def own_gradient(node: Node) -> Number:
    """The gradient. Users change gradients in place: an array is the node's alone from now on."""
    found = gradient(node)
    if type(found) is ndarray and graph.detail(node).shared:
        graph.detail(node).grad = found = copied(found)
        graph.detail(node).shared = False
    return found


def has_other(node: Node) -> bool:
    """Whether the gradient is no float, and so in the node's Detail."""
    return node.code <= opcodes.LEAF and node.left is not None and graph.detail(node).grad is not None


def put(node: Node, new: Number) -> None:
    """Give the node another gradient; None: no backward pass has reached it."""
    if isinstance(node.left, Detail):
        graph.detail(node).grad = None
    node.passes, node.total = 0, 0.0
    if new is None:
        return
    if node.scalar_kind and (type(new) is float or type(new) is float64):
        node.total, node.passes = float(new), 1 if new else 0
    else:
        what = graph.widened(node)
        what.grad, what.shared, node.passes = new, False, 1


def add(node: Node, share: Number) -> None:
    """Add to the gradient of a node."""
    before = gradient(node)
    put(node, share if before is None else before + share)


def deposit_all(found: Adjoints) -> None:
    """Add the adjoints of a sweep to the nodes' gradients."""
    for k in range(len(found.nodes) - 1, -1, -1):
        if found.state[k] == flags.EMPTY:
            continue
        node: Node = memory.sure(found.nodes[k])
        passes = node.passes
        if found.state[k] == flags.FLOAT and node.scalar_kind and (passes == 0 or not has_other(node)):
            node.total = node.total + found.floats[k] if passes else found.floats[k]
        elif found.state[k] == flags.OTHER and type(found.others[k]) is ndarray and node.scalar_kind == 0:
            _deposit_array(found, k, graph.detail(node))
        else:
            add(node, found.at(k))
        node.passes = passes + 1 if passes < MOST else passes


def _deposit_array(found: Adjoints, k: int, what: Detail) -> None:
    """Add the adjoint of node number k, an array that may be that of other nodes, too, to its gradient."""
    before: list[Any] = [what.grad]
    what.grad = None  # the list alone holds it, or it is not ours to write to
    if before[0] is not None:
        if arrays.alone(before, 0, found.others[k]):
            dense.add_to(before[0], found.others[k])
        else:
            before[0] = before[0] + found.others[k]
            what.shared = False
        what.grad = before[0]
    else:
        what.shared = not arrays.sole(found.others, k)
        what.grad = found.others[k]
    found.others[k], found.state[k] = None, flags.EMPTY


arrays.start()
memory.start()
