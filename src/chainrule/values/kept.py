"""What a node keeps of its operands: their numbers as they were, in memory that no other code writes to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import chainrule.carriers.node as node
import chainrule.native.flags as flags
import chainrule.native.memory as memory
import chainrule.values.elementwise as elementwise
from chainrule.carriers.frozen import constant, frozen
from chainrule.carriers.node import Node, kept
from chainrule.carriers.operands import in_one_type
from chainrule.inputs import refuse_ended
from chainrule.numbers import Carrier, Number
from chainrule.ops.kinds import Multilinear
from chainrule.ops.row import Operator


def operands_of(operator: Operator, args: tuple[Number, ...], active: tuple[int, ...]) -> Any:
    """The numbers of the operands, of which those at the places `active` are nodes of one level. What the derivative
    needs and other code may write to is copied; None stands for what has no number yet. None where an operand was
    assigned to since, and the operator has to be applied to what stands for it now."""
    gathered: list[Number] = []
    known, count = True, 0
    for i, x in enumerate(args):
        if count < len(active) and active[count] == i:
            count += 1
            parent: Node = x
            parent.flags |= flags.USED
            if parent.scalar_kind:
                x = node.number_of(parent)
            else:
                holder = node.detail(parent)
                if (holder.later is not None or holder.view) and not node.settled(parent):
                    return None
                x = kept(holder, holder.lent and needed(operator, i, active))
                known = known and x is not None
        elif isinstance(x, Carrier):
            refuse_ended(x.level)
            x = x.now()
        elif type(x) is not ndarray and type(x) is not float:
            x = constant(x)
        gathered.append(x)
    operands = tuple(gathered)
    if not elementwise.alike(operands):
        operands = in_one_type(operator, operands)
    if not known:  # computed later, from what the operands are now
        return tuple([frozen(x) if type(x) is ndarray else x for x in operands])
    if operator.remembers and len(active) < len(operands):
        return tuple([frozen(x) if type(x) is ndarray and i not in active else x for i, x in enumerate(operands)])
    return operands


def needed(operator: Operator, i: int, active: tuple[int, ...]) -> bool:
    """Whether the derivatives by the operands `active` need the value of operand i."""
    return any(j != i for j in active) if isinstance(operator, Multilinear) else operator.remembers


def is_lent(data: Number, operands: tuple[Number, ...], parents: tuple[Any, ...]) -> bool:
    """Whether the result may share the memory of an array that the caller of a transform has lent."""
    if type(data) is not ndarray or data.base is None:
        return False
    for each in parents:
        parent: Node = each
        if not parent.scalar_kind and node.detail(parent).lent:
            return any(type(x) is ndarray and np.may_share_memory(x, data) for x in operands)
    return False


memory.start()
