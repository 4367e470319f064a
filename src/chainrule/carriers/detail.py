"""`Detail`: all that a recorded number remembers. Nodes of floats do without one: see `node`."""

from __future__ import annotations

from typing import Any

from chainrule.numbers import Number
from chainrule.ops.row import Operator

NOTHING: dict[str, Any] = {}


class Detail:
    """What a number was computed from, and what became of it."""

    __slots__ = (
        "active", "code", "data", "exposed", "grad", "label", "later", "lent", "op", "operands", "parents", "settings",
        "shared", "uses", "view",
    )  # fmt: skip

    data: Number  # the number or array; None before there is one, and where the node holds it
    op: Operator | None  # what it is the result of; None for an input
    operands: tuple[Number, ...]  # the data of its operands, as they were
    settings: dict[str, Any]  # what the operator was told besides
    parents: tuple[Any, ...]  # those of the operands that are nodes of this level
    active: tuple[int, ...]  # the places of these among the operands
    grad: Number  # the gradient that backward passes left, where the node does not hold it
    label: str  # its name in drawings
    code: int  # the number of an elementwise operator of arrays; 0 for all others
    exposed: bool  # whether the user may have the array `data` of an input and write to it
    shared: bool  # whether other nodes may hold the array `grad`, too
    later: Any  # what stands for the node since it, or an array that it is a view of, was assigned to
    uses: int  # of a node whose array may be given up: how often others have it as an operand
    view: Any  # whether it may be a view of its operand; or what it is a view of, and how
    lent: bool  # whether the array belongs to the caller of a transform, who does not write to it before that is done


def described(
    op: Operator | None,
    operands: tuple[Number, ...],
    parents: tuple[Any, ...],
    active: tuple[int, ...],
    settings: dict[str, Any],
    data: Number,
) -> Detail:
    """The Detail of a node for `data`: an input's, or what an operator computed."""
    found = Detail.__new__(Detail)  # compiled, `__init__` would be a third of the time
    found.op, found.operands, found.parents, found.active = op, operands, parents, active
    found.settings, found.data, found.label = settings, data, ""
    found.grad = found.later = None
    found.exposed = found.lent = found.shared = found.view = False
    found.code = found.uses = 0
    return found
