"""The ordered view of a recording: what led to a value, operands before results, without recursion."""

from __future__ import annotations

from typing import Any


def order(*outputs: Any) -> list[Any]:
    """All values of the outputs' level that led to them, each after its operands.

    >>> from chainrule import Value
    >>> a = Value(2.0, label="a"); b = a * a
    >>> [v.data for v in order(b)]
    [2.0, 4.0]
    """
    done: set[int] = set()
    listed: list[Any] = []
    pending: list[Any] = list(outputs)
    while pending:
        node = pending[-1]
        if id(node) in done:
            pending.pop()
            continue
        waiting = [p for p in node.parents if id(p) not in done]
        if waiting:
            pending.extend(waiting)
            continue
        done.add(id(node))
        listed.append(node)
        pending.pop()
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
        seen.add(id(node))
