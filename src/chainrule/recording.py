"""The ordered view of a recording: what led to a value, operands before results, without recursion."""

from __future__ import annotations

from typing import Any


def order(*outputs: Any) -> list[Any]:
    """All values of the outputs' level that led to them: operands before results, the first operand first.

    >>> from chainrule import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> [v.data for v in order(a * b + a)]
    [2.0, 3.0, 6.0, 8.0]
    """
    done: set[int] = set()
    listed: list[Any] = []
    pending: list[Any] = list(reversed(outputs))
    while pending:
        node = pending[-1]
        if id(node) in done:
            pending.pop()
            continue
        waiting = len(pending)
        for parent in reversed(node.parents):
            if id(parent) not in done:
                pending.append(parent)
        if len(pending) == waiting:
            done.add(id(node))
            listed.append(pending.pop())
    return listed


def leaves(*outputs: Any) -> list[Any]:
    """The values without operands that led to the outputs, in the order of their first use."""
    return [node for node in order(*outputs) if not node.parents]


def check(*outputs: Any) -> None:
    """Whether the recording is legal: operands come first, levels agree, values are there.

    Raises AssertionError naming the first offending node; called after building one in the tests.
    """
    seen: set[int] = set()
    for node in order(*outputs):
        for parent in node.parents:
            assert id(parent) in seen, f"{node!r} comes before its operand {parent!r}"
            assert parent.level == node.level, f"{node!r} mixes levels {node.level} and {parent.level}"
        assert (node.op is None) == (not node.parents), f"{node!r} has an operator without operands"
        assert len(node.parents) == len(node.active), f"{node!r} does not say which operands its parents are"
        assert all(0 <= i < len(node.operands) for i in node.active), f"{node!r} has too few operands"
        seen.add(id(node))
