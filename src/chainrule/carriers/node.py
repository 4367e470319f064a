"""`Node`: a recorded number; in 64 bytes what a Detail says, where that is little.

A node of a float that one of the common operators computed (see `opcodes`) holds its number, its two operands and
nothing else. All others, and all arrays, hold a `Detail` in place of the first operand. That is only memory and speed:
who reads a node asks `op`, `operands`, `parents`, `active`, `settings` and `stored`, and need not know which it is.
"""

from __future__ import annotations

from typing import Any

from numpy import float64, ndarray

import chainrule.carriers.float_rules as float_rules
import chainrule.native.flags as flags
import chainrule.native.opcodes as opcodes
from chainrule.carriers.assignment import in_place
from chainrule.carriers.detail import NOTHING, Detail, described
from chainrule.carriers.frozen import frozen
from chainrule.carriers.operators import Traced
from chainrule.carriers.refusals import no_shape
from chainrule.errors import ArgumentError
from chainrule.libraries import late
from chainrule.numbers import LEVELS, Number, primal, shape
from chainrule.ops.row import Operator

earlier = late("chainrule.carriers.versions.operand")
restored, whole = late("chainrule.values.residuals.restored"), late("chainrule.values.residuals.whole")

UNFINISHED: dict[str, Any] = {"unfinished": True}
"""The settings of a node whose `__init__` has not been called."""
FIRST, SECOND, BOTH = (0,), (1,), (0, 1)
now = 0
"""Counts the times that an operand was given a new number (see `versions`); compiled, modulo 2**32."""


class Outline:
    """The shape and the type of an array: what is left when nothing reads its numbers any more (see `residuals`). Who
    computes with it gets an error, never a number."""

    __slots__ = ("dtype", "shape")

    def __init__(self, data: Any) -> None:
        self.shape, self.dtype = data.shape, data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)


class Node(Traced):
    """A recorded number.

    What it remembers is said in `Detail`; `stored` is the data that it was recorded with. How it is kept:

    code    the operator of a node of floats; LEAF for an input; GENERAL where `left` is a Detail that says all
    scalar_kind  PYTHON where `number` is the data, a float; NUMPY where it is one of NumPy's; 0: it is in the Detail
    number  the data of such a node
    total   the gradient of such a node, once `passes` backward passes have reached it (see sweeps/gradients.py)
    left    the first operand: a Node or a plain number; of other nodes a Detail, or None
    right   the second operand, or None; of an input that was given new numbers its Versions
    level   the level, twice, modulo 2**32
    version when it was given its number: what was computed earlier from another number finds that in its Versions
    flags   USED: operand of something; CHANGED: was given a new number (see `flags`)
    mark    where it was found in the last ordering
    """

    __slots__ = (
        "code",
        "flags",
        "left",
        "mark",
        "number",
        "passes",
        "right",
        "scalar_kind",
        "stored_level",
        "total",
        "version",
    )

    def __init__(self) -> None:
        self.number = self.total = 0.0
        self.left: Any = None
        self.right: Any = None
        self.mark = self.version = self.stored_level = 0
        self.code = self.scalar_kind = self.passes = self.flags = 0

    def __cinit__(self, *_: Any, **__: Any) -> None:
        """Compiled, called when memory is taken: what is no node of anything yet must not look like one."""
        self.left = described(None, (), (), (), UNFINISHED, None)

    @property
    def level(self) -> float:
        """Which transform it belongs to; 0.0 outside of all."""
        return self.stored_level * 0.5

    @property
    def primal(self) -> Number:
        """The number below it."""
        return number_of(self) if settled(self) else primal(self.now())

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes; () for a number."""
        if self.scalar_kind:
            return ()
        data = remains(self)
        return data.shape if type(data) is ndarray else shape(data)

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    @property
    def later(self) -> Any:
        """What stands for it since it was assigned to."""
        return None if self.scalar_kind or not isinstance(self.left, Detail) else detail(self).later

    @later.setter
    def later(self, new: Any) -> None:
        widened(self).later = new

    def origin(self) -> Any:
        """What it is a view of, and how."""
        if self.scalar_kind or not isinstance(self.left, Detail) or not detail(self).view:
            return None
        found = detail(self)
        return in_place.view_of(found.op, found.parents[0], found.settings) if found.view is True else found.view

    @property
    def _origin(self) -> Any:
        return self.origin()

    @_origin.setter
    def _origin(self, new: Any) -> None:
        widened(self).view = new

    @property
    def stored(self) -> Number:
        """The data that it was recorded with, whatever was assigned to it since."""
        return number_of(self)

    @property
    def op(self) -> Operator | None:
        """The operator it is the result of; None for an input."""
        if self.code == opcodes.GENERAL:
            return detail(self).op
        return float_rules.OPERATORS[self.code]

    @property
    def operands(self) -> tuple[Number, ...]:
        """The data of the operands, as it was."""
        if self.code == opcodes.GENERAL:
            found = detail(self)
            return whole(found) if Outline in map(type, found.operands) else found.operands
        if self.code == opcodes.LEAF:
            return ()
        if self.right is None or self.code == opcodes.ELEMENT:
            return (earlier(self.left, self.version),)
        return earlier(self.left, self.version), earlier(self.right, self.version)

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands that are nodes of this level."""
        if self.code == opcodes.GENERAL:
            return detail(self).parents
        if self.code == opcodes.LEAF:
            return ()
        if not isinstance(self.right, Node):
            return (self.left,)
        return (self.left, self.right) if isinstance(self.left, Node) else (self.right,)

    @property
    def active(self) -> tuple[int, ...]:
        """The positions of the parents among the operands."""
        if self.code == opcodes.GENERAL:
            return detail(self).active
        if self.code == opcodes.LEAF:
            return ()
        if not isinstance(self.right, Node):
            return FIRST
        return BOTH if isinstance(self.left, Node) else SECOND

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of that operator, such as the axes of a sum."""
        if self.code == opcodes.ELEMENT:
            return {"index": self.right}
        return detail(self).settings if isinstance(self.left, Detail) else NOTHING

    @property
    def label(self) -> str:
        """Its name in drawings and in `repr`; assignable."""
        return detail(self).label if isinstance(self.left, Detail) else ""

    @label.setter
    def label(self, new: str) -> None:
        if new or isinstance(self.left, Detail):
            widened(self).label = new


def input_node(kind: Any, data: Number, level: float) -> Any:
    """A node that nothing led to."""
    return start(kind.__new__(kind), data, level)


def start(new: Node, data: Number, level: float) -> Any:
    """Fill in a node that nothing led to."""
    return general(new, None, int(level * 2) % (2 * LEVELS), data)


def general(new: Node, found: Detail | None, level: int, data: Number) -> Any:
    """Fill in a node that its Detail describes; one that nothing led to has none, if it is a float."""
    new.left, new.right = found, None
    new.number = new.total = 0.0
    new.stored_level, new.version, new.mark = level, now, 0
    new.code, new.scalar_kind, new.passes, new.flags = opcodes.GENERAL if found is not None else opcodes.LEAF, 0, 0, 0
    held = hold(new, data)
    if found is not None:
        found.data = None if held else data
    elif not held:
        new.left = described(None, (), (), (), NOTHING, data)
    return new


def describe(
    node: Node,
    op: Operator | None,
    operands: tuple[Number, ...],
    parents: tuple[Any, ...],
    active: tuple[int, ...],
    settings: dict[str, Any],
) -> None:
    """Say anew which operator of which operands a node is the result of: of copies, and of what was built by hand."""
    found = widened(node)
    if op is not found.op:
        found.code = 0
    if op is not None:
        node.code = opcodes.GENERAL
    found.op, found.operands, found.parents, found.active, found.settings = op, operands, parents, active, settings


def settled(node: Node) -> bool:
    """Whether the node has not been assigned to, nor what it is a view of."""
    if node.scalar_kind or not in_place.ASSIGNED[0] or not isinstance(node.left, Detail):
        return True
    found = detail(node)
    return (found.later is None and not found.view) or in_place.current(node) is node


def hold(node: Node, data: Number) -> bool:
    """Keep the data in the node itself, if it is a float."""
    if type(data) is float:
        node.number, node.scalar_kind = data, flags.PYTHON
        return True
    if type(data) is float64:
        node.number, node.scalar_kind = float(data), flags.NUMPY
        return True
    return False


def detail(node: Node) -> Detail:
    """The Detail of a node that has one."""
    found: Detail = node.left
    return found


def widened(node: Node) -> Detail:
    """The Detail of a node, which gets one if it had none."""
    if isinstance(node.left, Detail):
        return detail(node)
    if node.code != opcodes.LEAF:
        found = described(node.op, node.operands, node.parents, node.active, node.settings, None)
        node.code, node.right = opcodes.GENERAL, None
    else:
        found = described(None, (), (), (), NOTHING, None)
    node.left = found
    return found


def number_of(node: Node) -> Number:
    """The data."""
    if node.scalar_kind == flags.PYTHON:
        return node.number
    if node.scalar_kind:
        return float64(node.number)
    found = detail(node)
    return found.data if found.data is not None and type(found.data) is not Outline else _missing(found)


def remains(node: Node) -> Any:
    """The data, or the Outline that is left of it."""
    return detail(node).data if node.scalar_kind == 0 and detail(node).data is not None else number_of(node)


def residue(node: Any) -> tuple[Any, Any]:
    """The data of a node and of its operands, as its own rule reads them."""
    return (node.stored, node.operands) if node.code != opcodes.GENERAL else (remains(node), detail(node).operands)


def kept(found: Detail, remembered: bool = True) -> Number:
    """The data of a Detail as a result may keep it, to use it in the sweep if `remembered`: what its owner can write
    to is copied."""
    if (found.exposed or (found.lent and remembered)) and type(found.data) is ndarray:
        return frozen(found.data)
    return found.data if found.data is not None and type(found.data) is not Outline else _missing(found)


def _missing(found: Detail) -> Number:
    """What was given up, computed again. None, for what has no number yet. Raises ArgumentError where it never will."""
    if type(found.data) is Outline:
        return restored(found)
    if found.settings is UNFINISHED:
        raise ArgumentError.here("a Value has no number: the __init__ of its class has to call super().__init__")
    return None
