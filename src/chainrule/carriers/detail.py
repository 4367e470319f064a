"""`Detail`: all that a recorded number remembers. Nodes of floats do without one: see `node`."""

from __future__ import annotations

from typing import Any

from numpy import ndarray

from chainrule.carriers.frozen import frozen
from chainrule.errors import ArgumentError
from chainrule.numbers import Number
from chainrule.ops.row import Operator

NOTHING: dict[str, Any] = {}
UNFINISHED: dict[str, Any] = {"unfinished": True}
"""The settings of a node whose `__init__` has not been called."""


class Detail:
    """What a number was computed from, and what became of it.

    data      the number or array; None before there is one, and where the node holds it
    op        the operator that it is the result of; None for an input
    operands  the data of its operands, as they were; `settings`: what the operator was told besides
    parents   those of the operands that are nodes of this level; `active`: their places among the operands
    grad      the gradient that backward passes left, where the node does not hold it
    label     its name in drawings
    code      the number of an elementwise operator of arrays; 0 for all others
    exposed   whether the user may have the array `data` of an input and write to it
    shared    whether other nodes may hold the array `grad`, too
    later     what stands for the node since it, or an array that it is a view of, was assigned to
    view      whether it may be a view of its operand; or what it is a view of, and how
    lent      whether the array belongs to the caller of a transform, who does not write to it before that is done
    """

    __slots__ = (
        "active", "code", "data", "exposed", "grad", "label", "later", "lent", "op", "operands", "parents", "settings",
        "shared", "view",
    )  # fmt: skip

    data: Number
    grad: Number
    op: Operator | None
    operands: tuple[Number, ...]
    parents: tuple[Any, ...]
    active: tuple[int, ...]
    settings: dict[str, Any]
    label: str
    code: int
    exposed: bool
    shared: bool
    later: Any
    view: Any
    lent: bool


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
    found.grad = None
    found.exposed = found.lent = found.shared = False
    found.view = False
    found.later = None
    found.code = 0
    return found


def kept(found: Detail, remembered: bool = True) -> Number:
    """The data of a Detail as a result may keep it, to use it in the sweep if `remembered`: what its owner can write
    to is copied."""
    if (found.exposed or (found.lent and remembered)) and type(found.data) is ndarray:
        return frozen(found.data)
    return found.data if found.data is not None else missing(found)


def missing(found: Detail) -> Number:
    """None, for what has no number yet. Raises ArgumentError where it never will."""
    if found.settings is UNFINISHED:
        raise ArgumentError.here("a Value has no number: the __init__ of its class has to call super().__init__")
    return None
