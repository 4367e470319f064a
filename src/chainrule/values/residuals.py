"""Only speed: what a recording keeps for its sweep.

While the function of `grad` runs, the large array of a node is given up as soon as no rule reads it, neither the node's
own nor those of what was computed from it, and only the recording refers to the node. Its memory, still in the
processor's cache, serves the next result. An Outline stays; who asks for the numbers all the same has them computed
again.
"""

from __future__ import annotations

from typing import Any

import chainrule.carriers.node as node
import chainrule.native.arrays as arrays
import chainrule.native.flags as flags
import chainrule.native.memory as memory
from chainrule.carriers.detail import Detail
from chainrule.carriers.node import Node, Outline
from chainrule.numbers import LEVELS, Number
from chainrule.ops.kinds import Elementwise, Linear, Multilinear
from chainrule.ops.row import applied

# reads: made by `python -m chainrule.made`
READS = (
    0, 0, 0, 0, 0, 0, 0, 0, 4, 2, 7, 7, 6, 6, 6, 6, 7, 7, 7, 0, 0, 0, 2, 0, 2, 0, 1, 0, 2, 0, 2, 0, 2, 0, 1, 0, 2,
    0, 2, 0, 2, 0, 3, 0, 2, 0, 2, 0, 2, 0, 1, 0, 7, 0,
)  # fmt: skip
# reads: end
RESULT, ALL = 1, -1
"""Of what a rule reads: the result, and everything. Operand number i is 2 << i."""
MOST = 64
"""Nodes that are watched at once."""
LEAN: list[Any] = []
"""The levels of the recordings that are watched, as nodes store them."""
WATCHED: list[Any] = []
"""Their nodes whose arrays no rule is known to read yet, and which others may still refer to."""


def begin(level: float) -> None:
    """From now on large arrays of that level that nothing reads are given up."""
    LEAN.append(int(level * 2) % (2 * LEVELS))


def end(level: float) -> None:
    """The recording of that level is done: what it holds stays."""
    stored = int(level * 2) % (2 * LEVELS)
    LEAN.remove(stored)
    for k in range(len(WATCHED) - 1, -1, -1):
        if memory.sure(WATCHED[k]).stored_level == stored:
            _unwatched(k)


def follow(new: Node, found: Detail) -> None:
    """After a node was recorded: it keeps of its operands what its rule reads, and is watched if its array is large and
    its rule does not read that."""
    watched = False
    for each in found.parents:
        parent: Node = memory.sure(each)
        if parent.flags & flags.WATCHED:
            holder = node.detail(parent)
            holder.uses += 1
            watched = True
    large = arrays.large(found.data)
    if not large and not watched:
        return
    read = reads(found)
    if watched:
        found.operands = _outlined(found, read)
    if large and not read & RESULT and new.stored_level in LEAN:
        new.flags |= flags.WATCHED
        WATCHED.append(new)
        _look()


def reads(found: Detail) -> int:
    """What the rule of an operator reads for the operands that move: bits as RESULT says."""
    code, read, op = found.code, 0, found.op
    if code:
        for i in found.active:
            read |= READS[2 * code + i]
        return read
    if isinstance(op, Multilinear):
        for i in range(len(found.operands)):
            if len(found.active) > 1 or found.active[0] != i:
                read |= 2 << i
        return read
    if isinstance(op, (Linear, Elementwise)) and not op.remembers:
        return 0
    return ALL


def _outlined(found: Detail, read: int) -> tuple[Number, ...]:
    """The operands, with Outlines for those that the rule does not read and that watched nodes hold."""
    kept = list(found.operands)
    for j in range(len(found.active)):
        i, parent = found.active[j], memory.sure(found.parents[j])
        if not read & (2 << i) and parent.flags & flags.WATCHED and kept[i] is node.detail(parent).data:
            kept[i] = Outline(kept[i])
    return tuple(kept)


def _look() -> None:
    """Give up the arrays of the watched nodes to which only the recording refers."""
    k = 0
    while k < len(WATCHED):
        found = node.detail(memory.sure(WATCHED[k]))
        if arrays.references(WATCHED, k) == found.uses + 1:
            found.data = Outline(found.data)
            _unwatched(k)
        else:
            k += 1
    if k > MOST:
        _unwatched(0)


def _unwatched(k: int) -> None:
    """Watch a node no longer."""
    gone: Node = memory.sure(WATCHED.pop(k))
    gone.flags &= ~flags.WATCHED


def restored(found: Detail) -> Number:
    """The array of a Detail that gave it up, computed again as it was."""
    waiting = [found]
    while waiting:
        last: Detail = waiting[len(waiting) - 1]
        above = [node.detail(memory.sure(p)) for p in last.parents if type(node.remains(memory.sure(p))) is Outline]
        if type(last.data) is not Outline:
            waiting.pop()
        elif above:
            waiting += above
        else:
            assert last.op is not None
            last.data = applied(last.op, whole(last), last.settings)
    return found.data


def whole(found: Detail) -> tuple[Number, ...]:
    """The operands of a Detail, as they were."""
    kept = list(found.operands)
    for i, parent in zip(found.active, found.parents, strict=True):
        if type(kept[i]) is Outline:
            kept[i] = node.number_of(memory.sure(parent))
    return tuple(kept)


memory.start()
arrays.start()
