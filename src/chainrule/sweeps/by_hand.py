"""Steps written by hand, micrograd style: `Value(t, (x,), 'tanh')` whose `_backward` closure adds into `.grad`."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.numbers import Number
from chainrule.ops.row import Operator
from chainrule.sweeps.gradients import gradient, own_gradient, put


class HandMade(Operator):
    """The operator of a Value built by hand. `closure` is its `_backward`; it does not survive pickling."""

    def __init__(self, symbol: str) -> None:
        self.name = self.symbol = self.__name__ = symbol or "hand-made"
        self.kernels, self.kinks, self.printed = {}, "", ""
        self.code, self.remembers = 0, True
        self.closure: Callable[[], None] | None = None
        self.own: list[types.CellType] = []

    def keep(self, closure: Callable[[], None], node: Any) -> None:
        """Take `closure` as the backward step of `node`. Closures usually read `out.grad`, so they hold the node
        that holds them; its place in the closure is kept empty but for the time it runs."""
        self.closure, self.own = closure, []
        if isinstance(closure, types.FunctionType) and closure.__closure__:
            cells = [_private(cell, node) for cell in closure.__closure__]
            self.own = [new for new, old in zip(cells, closure.__closure__, strict=True) if new is not old]
            if self.own:
                self.closure = types.FunctionType(
                    closure.__code__, closure.__globals__, closure.__name__, closure.__defaults__, tuple(cells)
                )
                self.closure.__kwdefaults__ = closure.__kwdefaults__

    def bound(self, node: Any) -> Callable[[], None]:
        """The closure, ready to be called."""

        def step() -> None:
            assert self.closure is not None
            for cell in self.own:
                cell.cell_contents = node
            try:
                self.closure()
            finally:
                for cell in self.own:
                    cell.cell_contents = None

        return step

    def __reduce__(self) -> Any:
        return (HandMade, (self.symbol,))


def _private(cell: types.CellType, node: Any) -> types.CellType:
    """The cell itself, or an empty one where it holds the node."""
    try:
        return types.CellType(None) if cell.cell_contents is node else cell
    except ValueError:  # a name that is assigned later
        return cell


def pull_by_hand(node: Any, ct: Number) -> list[tuple[Any, Number]]:
    """The operands of a hand-made `node` with their shares of `ct`: what its closure adds to gradients that are
    set aside for it."""
    if node.op.closure is None:
        raise ArgumentError.here(
            f"the Value made by hand for {node.op.symbol!r} has no _backward: its derivative would be lost"
        )
    distinct = list({id(p): p for p in node.parents}.values())
    kept = [(v, own_gradient(v)) for v in (node, *distinct)]
    try:
        put(node, ct)
        for parent in distinct:
            put(parent, None)
        node.op.bound(node)()
        shares = [(p, share) for p in distinct if (share := gradient(p)) is not None]
        return [(p, share.copy() if isinstance(share, np.ndarray) else share) for p, share in shares]
    finally:
        for v, grad in kept:
            put(v, grad)
