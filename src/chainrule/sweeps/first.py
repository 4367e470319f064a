"""The first backward pass over a recording of floats: gradients are added up in the nodes themselves.

Where no node has a gradient yet, its gradient is its adjoint, so nothing has to be kept apart. It halves the time of a
sweep of 50,000 nodes, which otherwise looks up the place of each operand in a list.
"""

from __future__ import annotations

from typing import Any

import chainrule.carriers.codes as codes
import chainrule.carriers.memory as memory
import chainrule.carriers.plain as plain

ENTERED, LISTED = 4, 8
"""What a node's `past` says while a pass lists it; nobody else ever sees them."""


def first_pass(last: Any, cotangent: float) -> bool:
    """Give all nodes that led to the last one their gradients; False, and nothing done, where that needs adjoints."""
    if not memory.claim():
        return False
    pending, nodes = memory.pile(), memory.pile()
    try:
        memory.push(pending, memory.loan(last))
        if not _list_fresh(pending, nodes):
            return False
        memory.loan(last).total = cotangent
        _pass_all(nodes)
        return True
    finally:
        _unmark(pending)
        _unmark(nodes)
        memory.scrap(pending)
        memory.scrap(nodes)
        memory.disclaim()


def _list_fresh(pending: Any, nodes: Any) -> bool:
    """List all that an operator computed, operands first, as `recording.order` does. False where one of them or of
    the inputs has a gradient, no float or no code, or where an input was given another number since something was
    computed from it."""
    changed, computed = 0, -1
    while memory.height(pending):
        node = memory.top(pending)
        if node.past & ENTERED:
            memory.pop(pending)
            if not node.past & LISTED:
                node.past |= LISTED
                memory.push(nodes, node)
            continue
        if node.passes or node.plain != 1 or node.code < codes.ADD or node.past & 2:
            return False
        node.past |= ENTERED
        if computed < 0 or node.clock < computed:
            computed = node.clock
        later, first = _enter(pending, node.right), _enter(pending, node.left)
        if later < 0 or first < 0:
            return False
        changed = max(changed, later, first)
    return computed < 0 or changed <= computed


def _enter(pending: Any, operand: Any) -> int:
    """Make an operand the next to be listed, unless it is, or an input. When an input was given its number; 0 for its
    first and all others; -1 for an input that is not fresh."""
    if not memory.refers(operand):
        return 0
    node = memory.borrowed(operand)
    if node.code != codes.LEAF:
        if not node.past & ENTERED:
            memory.push(pending, node)
        return 0
    if node.passes or node.plain != 1:
        return -1
    return node.clock if node.past & 2 else 0


def _unmark(nodes: Any) -> None:
    """Empty a stack of nodes that could not be passed."""
    while memory.height(nodes):
        node = memory.pop(nodes)
        node.past &= 3


def _pass_all(nodes: Any) -> None:
    while memory.height(nodes):
        node = memory.pop(nodes)
        node.past &= 3
        node.passes = 1
        ct, left, right, code = node.total, node.left, node.right, node.code
        if code == codes.ADD:
            if memory.refers(left):
                _add(memory.borrowed(left), ct)
            if memory.refers(right):
                _add(memory.borrowed(right), ct)
            continue
        a, b = memory.number_in(left), memory.number_in(right)
        if memory.refers(left):
            share = 0.0
            if ct != 0.0:  # a branch not taken sends nothing, not even against inf or nan
                share = ct * (b if code == codes.MULTIPLY else plain.slope(code, 0, node.number, a, b))
            _add(memory.borrowed(left), share)
        if memory.refers(right):
            share = 0.0
            if ct != 0.0:
                share = ct * (a if code == codes.MULTIPLY else plain.slope(code, 1, node.number, a, b))
            _add(memory.borrowed(right), share)


def _add(node: Any, share: float) -> None:
    node.total += share
    node.passes = 1
