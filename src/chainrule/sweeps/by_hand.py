"""Steps written by hand, micrograd style: `Value(t, (x,), 'tanh')` whose `_backward` closure adds into `.grad`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.errors import ArgumentError, at_user_line
from chainrule.numbers import Number
from chainrule.ops.row import Operator


class HandMade(Operator):
    """The operator of a Value built by hand. `closure` is its `_backward`; it does not survive pickling."""

    def __init__(self, symbol: str) -> None:
        self.name = self.symbol = self.__name__ = symbol or "hand-made"
        self.kernels, self.kinks, self.printed = {}, "", ""
        self.closure: Callable[[], None] | None = None

    def __reduce__(self) -> Any:
        return (HandMade, (self.symbol,))


def pull_by_hand(node: Any, ct: Number) -> list[tuple[Any, Number]]:
    """The operands of a hand-made `node` with their shares of `ct`: what its closure adds to gradients that are
    set aside for it."""
    closure = node.op.closure
    if closure is None:
        raise ArgumentError(
            at_user_line(
                f"the Value made by hand for {node.op.symbol!r} has no _backward: its derivative would be lost"
            )
        )
    distinct = list({id(p): p for p in node.parents}.values())
    kept = [(v, v._grad) for v in (node, *distinct)]
    try:
        node._grad = ct
        for parent in distinct:
            parent._grad = None
        closure()
        return [(p, p._grad) for p in distinct if p._grad is not None]
    finally:
        for v, grad in kept:
            v._grad = grad
