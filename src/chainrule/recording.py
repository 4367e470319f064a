"""The ordered view of a recording: what led to a value, operands before results, without recursion."""

from __future__ import annotations

from typing import Any

import chainrule.carriers.node as graph
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
from chainrule.carriers.node import Node


def order(*outputs: Any) -> list[Any]:
    """All values of the outputs' level that led to them: operands before results, the first operand first.

    >>> from chainrule import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> [v.data for v in order(a * b + a)]
    [2.0, 3.0, 6.0, 8.0]
    """
    memory.enter()  # a node's mark says where it is in the list that is being made
    try:
        return _ordered(list(reversed(outputs)))
    finally:
        memory.leave()


def _ordered(pending: list[Any]) -> list[Any]:
    """`pending` is a stack: a node to enter, or None above a node whose operands are all listed."""
    listed: list[Any] = []
    count = 0
    while pending:
        top = pending.pop()
        finished = top is None
        node: Node = memory.sure(pending.pop() if finished else top)
        if node.mark < count and listed[node.mark] is node:
            continue
        if finished or node.code == opcodes.LEAF:
            node.mark = count
            listed.append(node)
            count += 1
            continue
        pending.append(node)
        pending.append(None)
        if node.code == opcodes.GENERAL:
            parents = graph.detail(node).parents
            for k in range(len(parents) - 1, -1, -1):
                pending.append(parents[k])
        else:
            if memory.is_node(node.right):
                pending.append(node.right)
            if memory.is_node(node.left):
                pending.append(node.left)
    return listed


memory.start()
