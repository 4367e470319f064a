"""Only speed: nodes of floats in a sweep. No row is asked, no object made for a share.

A pass over nothing but floats has a quicker way still, see sweeps/floats.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule.carriers.node as graph
import chainrule.carriers.versions as versions
import chainrule.native.arrays as arrays
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.sweeps.floats as floats
from chainrule.carriers.node import Node
from chainrule.ops.arithmetic import add
from chainrule.sweeps.adjoints import Adjoints


def pass_floats(found: Adjoints, k: int) -> int:
    """Pass on the adjoints of node number k and those before it while they are floats of operators with a code;
    the number of the first node that is not so, or -1. NumPy forgets what the processor has noticed of the range of
    floats: before and after them it is looked at."""
    found.left = found.left or libm.left_range()
    k = _passed(found, k)
    if not found.left and libm.left_range():
        found.left, found.watched = True, False  # it is not known at which of them
    return k


def _passed(found: Adjoints, k: int) -> int:
    while k >= 0:
        node: Node = memory.sure(found.nodes[k])
        if found.state[k] == flags.FLOAT and node.code >= opcodes.ADD:
            pass_float(found, node, found.floats[k])
            if found.last:
                found.nodes[k] = None
        elif found.state[k] and not (node.code == opcodes.LEAF and found.state[k] == flags.FLOAT and node.scalar_kind):
            return k
        k -= 1
    return -1


def pass_float(found: Adjoints, node: Node, ct: float) -> None:
    """Send the shares of `ct` to the operands of a node of floats."""
    left, right, code = node.left, node.right, node.code
    if code == opcodes.ADD:
        if memory.is_node(left):
            send_float(found, memory.sure(left), ct)
        if memory.is_node(right):
            send_float(found, memory.sure(right), ct)
        return
    if code == opcodes.ELEMENT:
        send_element(found, memory.sure(left), right, ct)
        return
    a = value_of(left, node.version)
    b = 0.0 if right is None else value_of(right, node.version)
    if memory.is_node(left):
        send_float(found, memory.sure(left), floats.share(code, 0, ct, node.number, a, b))
    if memory.is_node(right):
        send_float(found, memory.sure(right), floats.share(code, 1, ct, node.number, a, b))


def value_of(x: Any, when: int) -> float:
    """The float that an operand was."""
    if memory.is_node(x):
        node: Node = memory.sure(x)
        return float(versions.operand(x, when)) if versions.changed_since(node, when) else node.number
    return float(x)


def send_float(found: Adjoints, node: Node, share: float) -> None:
    """`send` for a float."""
    k = found.place_of(node)
    if found.state[k] == flags.FLOAT:
        found.floats[k] += share
    elif found.state[k] == flags.EMPTY:
        found.floats[k], found.state[k] = share, flags.FLOAT
    else:
        found.send(k, share)


def send_element(found: Adjoints, node: Node, index: int, share: float) -> None:
    """Send a share to one element of a vector."""
    k = found.place_of(node)
    data = graph.number_of(node)
    if found.state[k] == flags.EMPTY:
        found.others[k], found.state[k] = np.zeros_like(data), flags.OTHER
    if arrays.alone(found.others, k, data):
        found.others[k][index] += share
    else:  # held elsewhere as well, a carrier of a lower level, or of another type
        one = np.zeros_like(data)
        one[index] = share
        found.others[k], found.state[k] = add(found.at(k), one), flags.OTHER


arrays.start()
memory.start()
