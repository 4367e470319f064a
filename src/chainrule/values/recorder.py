"""Recording: a node for the result of an operator, which knows its operands.

Operators of floats and arrays of floats that have a code are recorded by `arithmetic` and `elementwise` without asking
their row; the rest of this file is what recording is.
"""

from __future__ import annotations

from typing import Any

import chainrule.carriers.node as node
import chainrule.native.memory as memory
import chainrule.values.arithmetic as arithmetic
import chainrule.values.kept as kept
from chainrule.carriers.assignment import in_place
from chainrule.carriers.detail import NOTHING, described
from chainrule.carriers.node import BOTH, FIRST, SECOND, Node
from chainrule.carriers.refusals import refuse_mixed
from chainrule.errors import located
from chainrule.inputs import refuse_ended
from chainrule.numbers import Number, shape
from chainrule.ops.row import Operator


def recorded(self: Node, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
    """A node for the result of `operator`."""
    if operator.code and not settings and memory.managed(self):
        new = arithmetic.applied(operator.code, args)
        if new is not None:
            return new
    return _general(self, operator, args, settings)


def _general(self: Node, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
    """A node for anything: its Detail says which operator of which operands."""
    level = self.stored_level
    if level:
        refuse_ended(self.level)
        if level % 2:
            refuse_mixed(self.level, args)
    parents, active = _parents(args, level)
    operands = kept.operands_of(operator, args, active)
    if operands is None:
        return in_place.again(operator, args, settings)
    known = True
    for x in operands:
        known = known and x is not None
    try:
        data = operator.of(operands, settings) if known else None
    except (IndexError, ValueError) as error:
        raise (error if level else located(error)) from None
    found = described(operator, operands, parents, active, settings or NOTHING, data)
    found.view = operator.view and shape(data) != ()  # an element is no view
    found.lent = kept.is_lent(data, operands, parents)
    if memory.managed(self):
        return arithmetic.held(found, self)
    kind = type(self)
    return node.general(kind.__new__(kind), found, level, data)


def _parents(args: tuple[Number, ...], level: int) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The Values of that level among the operands, and their positions."""
    if len(args) == 1:
        return args, FIRST  # it is the one that was asked to record
    if len(args) == 2:  # quicker than lists
        left, right = _on_level(args[0], level), _on_level(args[1], level)
        return (args, BOTH) if left and right else ((args[0],), FIRST) if left else ((args[1],), SECOND)
    parents, active = [], []
    for i, x in enumerate(args):
        if _on_level(x, level):
            parents.append(x)
            active.append(i)
    return tuple(parents), tuple(active)


def _on_level(x: Any, level: int) -> bool:
    """Whether `x` is a Value of that level."""
    if isinstance(x, Node):
        node_: Node = x
        return node_.stored_level == level
    return False


memory.start()
