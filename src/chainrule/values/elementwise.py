"""Elementwise operators of nodes that hold arrays of floats: NumPy computes, one Detail says what it computed from.

Where an operand is neither such an array nor a plain number, the general way is taken.
"""

from __future__ import annotations

from typing import Any

from numpy import float64

import chainrule.carriers.float_rules as float_rules
import chainrule.carriers.node as node
import chainrule.native.arrays as arrays
import chainrule.native.flags as flags
import chainrule.native.opcodes as opcodes
import chainrule.ops.reuse as reuse
from chainrule.carriers.detail import NOTHING, Detail, described
from chainrule.carriers.frozen import frozen
from chainrule.carriers.node import BOTH, FIRST, SECOND, Node, kept
from chainrule.errors import located
from chainrule.libraries import FLOAT64, NUMPY

KERNELS: list[Any] = [None if row is None else row.kernel(NUMPY) for row in float_rules.OPERATORS]
"""What computes the operator of each code for arrays."""
REMEMBERS: list[bool] = [row is not None and row.remembers for row in float_rules.OPERATORS]
"""Whether its derivative needs the operands."""


def unary(code: int, x: Node) -> Detail | None:
    """The operator `code` of an array; None for other data."""
    if code < opcodes.UNARY:
        return None
    data = operand(x, x, REMEMBERS[code])
    if data is None:
        return None
    x.flags |= flags.USED
    operands = (data,)
    return recorded(code, reuse.computed(KERNELS[code], operands, NOTHING), operands, (x,), FIRST)


def binary(code: int, a: Any, b: Any, like: Node) -> Detail | None:
    """a (operator) b; nodes among them are of the class and level of `like`. None where one is something else."""
    if code >= opcodes.UNARY:
        return None
    remembers = REMEMBERS[code]
    x = operand(a, like, remembers)
    if x is None:
        return None
    y = operand(b, like, remembers)
    if y is None:
        return None
    operands = (x, y)
    if not alike(operands):
        return None  # they have to be brought to one type first
    try:
        number = reuse.computed(KERNELS[code], operands, NOTHING)
    except ValueError as error:
        raise (error if like.stored_level else located(error)) from None
    if isinstance(a, Node):
        left: Node = a
        left.flags |= flags.USED
        if isinstance(b, Node):
            right: Node = b
            right.flags |= flags.USED
            return recorded(code, number, operands, (a, b), BOTH)
        return recorded(code, number, operands, (a,), FIRST)
    right = b
    right.flags |= flags.USED
    return recorded(code, number, operands, (b,), SECOND)


def alike(operands: tuple[Any, ...]) -> bool:
    """Whether all arrays among some operands are of one floating type, and all other operands Python's numbers, which
    follow them. One operand alone always is."""
    if len(operands) == 1:
        return True
    first: Any = None
    doubles = False
    for x in operands:
        if arrays.floating(x):
            if first is not None and not arrays.akin(first, x):
                return False
            first = x
        elif type(x) is float64:
            doubles = True
        elif type(x) is not float and type(x) is not int:
            return False
    return not doubles or first is None or first.dtype is FLOAT64


def operand(x: Any, like: Node, remembers: bool) -> Any:
    """The data of `x` as a result may keep it; None for what is no float, whole number or array of floats."""
    if type(x) is type(like):
        holder: Node = x
        if holder.stored_level != like.stored_level:
            return None
        if holder.scalar_kind:
            return node.number_of(holder)
        found = node.detail(holder)
        if not arrays.floating(found.data):
            return None
        if (found.later is not None or found.view) and not node.settled(holder):
            return None
        return kept(found, remembers)
    if type(x) is float or type(x) is int:
        return x
    if not arrays.floating(x):
        return None
    return frozen(x) if remembers else x


def recorded(
    code: int, number: Any, operands: tuple[Any, ...], parents: tuple[Any, ...], active: tuple[int, ...]
) -> Detail:
    """What a node for the array that the operator `code` computed remembers."""
    found: Detail = described(float_rules.OPERATORS[code], operands, parents, active, NOTHING, number)
    found.code = code
    return found


arrays.start()
