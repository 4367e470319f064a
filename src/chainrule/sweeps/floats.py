"""The backward pass over a recording of nothing but floats: adjoints are added up in the nodes themselves.

What a node has of earlier passes is set aside and added at the end. The general sweep keeps adjoints apart and looks up
the place of each operand in a list, which takes four times as long.
"""

from __future__ import annotations

from typing import Any

import chainrule.carriers.float_rules as float_rules
import chainrule.carriers.node as graph
import chainrule.native.buffers as buffers
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.native.version as version

NEVER = 2**32
"""Longer ago than any change can be."""
LARGER = 2.0**500


def float_pass(last: Any, cotangent: float) -> bool:
    """Add to the gradients of all nodes that led to the last one; False, and nothing done, where not all are floats
    that hold gradients of floats, an input was given another number since something was computed from it, a share is
    nan (the general sweep tells whether it belongs to a branch that was not taken), or one left the range of floats."""
    if not memory.claim():
        return False
    pending, nodes, earlier = memory.pile(), memory.pile(), memory.pile()
    try:
        memory.push(pending, memory.loan(last))
        if not _list_floats(pending, nodes, earlier):
            return False
        totals, found = buffers.doubles(memory.height(earlier)), False
        _set_aside(earlier, totals)
        try:
            memory.loan(last).total = cotangent
            libm.forget_range()
            found = _pass_all(nodes) and (not libm.left_range() or _by_a_larger(nodes, last, cotangent))
        finally:
            if not found:
                _forget(nodes, earlier)
            _put_back(earlier, totals, found)
            buffers.release(totals)
        return found
    finally:
        _unmark(pending)
        _unmark(nodes)
        _unmark(earlier)
        memory.disclaim()


def _by_a_larger(nodes: Any, last: Any, cotangent: float) -> bool:
    """The pass with 2**500 times the cotangent, which its results are divided by: they are those of the pass without,
    where all shares stay in the range of floats. False where one leaves it."""
    reached = _with_operands(nodes)
    for k in range(memory.height(reached)):
        memory.at(reached, k).total = 0.0
    memory.loan(last).total = cotangent * LARGER
    libm.forget_range()
    found = _pass_all(nodes) and not libm.left_range()
    for k in range(memory.height(reached)):  # each once, with a mark on those that are divided
        node = memory.at(reached, k)
        if not node.flags & flags.HELD:
            node.flags |= flags.HELD
            node.total /= LARGER
    for k in range(memory.height(reached)):
        node = memory.at(reached, k)
        node.flags &= ~flags.HELD
    memory.scrap(reached)
    return found


def _with_operands(nodes: Any) -> Any:
    """A stack of the nodes and their operands, some of them several times."""
    found = memory.pile()
    for k in range(memory.height(nodes)):
        node = memory.at(nodes, k)
        memory.push(found, node)
        if memory.refers(node.left):
            memory.push(found, memory.borrowed(node.left))
        if memory.refers(node.right):
            memory.push(found, memory.borrowed(node.right))
    return found


def _list_floats(pending: Any, nodes: Any, earlier: Any) -> bool:
    """List all that an operator computed, operands first, as `recording.order` does, and those of all nodes that have
    a gradient `earlier`. False where this pass cannot be."""
    now, changed, computed = graph.now, NEVER, 0  # how many changes ago: the last of an input, the first step
    while memory.height(pending):
        node = memory.top(pending)
        if node.flags & flags.ENTERED:
            memory.pop(pending)
            if not node.flags & flags.LISTED:
                node.flags |= flags.LISTED
                memory.push(nodes, node)
            continue
        if node.scalar_kind != flags.PYTHON or node.code < opcodes.ADD or node.flags & flags.CHANGED:
            return False
        node.flags |= flags.ENTERED
        if node.passes:
            memory.push(earlier, node)
        computed = max(computed, version.age(now, node.version))
        later, first = _enter(node.right, now, pending, earlier), _enter(node.left, now, pending, earlier)
        if later < 0 or first < 0:
            return False
        changed = min(changed, later, first)
    return changed >= computed


def _enter(operand: Any, now: int, pending: Any, earlier: Any) -> int:
    """Make an operand the next to be listed, unless it is, or an input. How many changes ago an input was given
    another number; NEVER for all others; -1 for an input that is no float, or whose gradient may be none."""
    if not memory.refers(operand):
        return NEVER
    node = memory.borrowed(operand)
    if node.code != opcodes.LEAF:
        if not node.flags & flags.ENTERED:
            memory.push(pending, node)
        return NEVER
    if node.scalar_kind != flags.PYTHON:
        return -1
    if node.passes and not node.flags & flags.ENTERED:
        if memory.has_detail(node):
            return -1
        node.flags |= flags.ENTERED
        memory.push(earlier, node)
    return version.age(now, node.version) if node.flags & flags.CHANGED else NEVER


def _set_aside(earlier: Any, totals: Any) -> None:
    for k in range(memory.height(earlier)):
        node = memory.at(earlier, k)
        totals[k], node.total = node.total, 0.0


def _put_back(earlier: Any, totals: Any, found: bool) -> None:
    for k in range(memory.height(earlier)):
        node = memory.at(earlier, k)
        node.flags &= ~flags.HELD
        node.total = totals[k] + (node.total if found else 0.0)
        if found and node.passes < 255:
            node.passes += 1


def _forget(nodes: Any, earlier: Any) -> None:
    """Undo a pass: the nodes that it reached first were not reached."""
    for k in range(memory.height(earlier)):
        node = memory.at(earlier, k)
        node.flags |= flags.HELD
    reached = _with_operands(nodes)
    for k in range(memory.height(reached)):
        node = memory.at(reached, k)
        if not node.flags & flags.HELD:
            node.total, node.passes = 0.0, 0
    memory.scrap(reached)


def _unmark(nodes: Any) -> None:
    """Forget the marks of the nodes of a stack, and the stack."""
    while memory.height(nodes):
        node = memory.pop(nodes)
        node.flags &= flags.USED | flags.CHANGED
    memory.scrap(nodes)


def _pass_all(nodes: Any) -> bool:
    """Send all shares; False where one of them is nan."""
    k, found = memory.height(nodes), True
    while k > 0 and found:
        k -= 1
        node = memory.at(nodes, k)
        _reach(node)
        ct, left, right, code = node.total, node.left, node.right, node.code
        if code == opcodes.ADD:
            if memory.refers(left):
                _add(memory.borrowed(left), ct)
            if memory.refers(right):
                _add(memory.borrowed(right), ct)
            continue
        a, b = memory.number_in(left), memory.number_in(right)
        if memory.refers(left):
            sent = share(code, 0, ct, node.number, a, b)
            found = found and sent == sent
            _add(memory.borrowed(left), sent)
        if memory.refers(right):
            sent = share(code, 1, ct, node.number, a, b)
            found = found and sent == sent
            _add(memory.borrowed(right), sent)
    return found


def share(code: int, side: int, ct: float, y: float, a: float, b: float) -> float:
    """What is sent to operand number `side` of y, computed from a and b."""
    if code == opcodes.MULTIPLY:
        return libm.seen(ct * (a if side else b), ct)
    return libm.seen(float_rules.share(code, side, ct, y, a, b), ct)


def _add(node: Any, ct: float) -> None:
    node.total += ct
    _reach(node)


def _reach(node: Any) -> None:
    """A pass reached the node; where it is not the first, `_put_back` counts it."""
    if node.passes == 0:
        node.passes = 1


memory.start()
