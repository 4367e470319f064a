"""Where nodes come from and how they go. Compiled, `memory.pxd` takes this file's place: blocks of 64 bytes from
slabs, not searched by the garbage collector, and released without recursion.
"""

from __future__ import annotations

import threading
from typing import Any

import chainrule.native.flags as flags

_kind: Any = None
state: Any = None
"""Compiled, the capsule of what exists once for all modules: see `state.h`."""


def start() -> None:
    """Called by each module before it asks anything else here."""


def manage(kind: Any) -> None:
    """From now on nodes are of exactly this class, and their memory is kept for new ones."""
    global _kind
    _kind = kind


def managed(x: Any) -> bool:
    """Whether `x` is of exactly that class."""
    return type(x) is _kind


def node(left: Any, right: Any) -> Any:
    """A node that holds `left` and `right` and nothing else yet."""
    new = _kind.__new__(_kind)
    new.left, new.right = left, right
    return new


def hide(x: Any) -> None:
    """Hide from the garbage collector what a node of that class refers to alone: it goes with the node."""


def paired(a: Any, b: Any) -> bool:
    """Whether both are nodes of floats of one kind on the same level, from now on operands of something."""
    if type(a) is not _kind or type(b) is not _kind or not a.scalar_kind:
        return False
    if a.scalar_kind != b.scalar_kind or a.stored_level != b.stored_level:
        return False
    a.flags |= flags.USED
    b.flags |= flags.USED
    return True


def number(x: Any) -> float:
    """The float of a node."""
    found: float = x.number
    return found


def recorded(code: int, left: Any, right: Any, level: int, kind: int, version: int, number: float) -> Any:
    """A node for a float that the operator `code` computed from `left` and `right`."""
    new = node(left, right)
    new.number, new.total = number, 0.0
    new.mark, new.version, new.stored_level = 0, version, level
    new.code, new.scalar_kind, new.passes, new.flags = code, kind, 0, 0
    return new


def sure(x: Any) -> Any:
    """`x`, which is known to be a node: compiled, without another check (a tenth of the time of an addition)."""
    return x


def is_node(operand: Any) -> bool:
    """Whether the operand of a node with a code is a node, not a plain number or None."""
    return operand is not None and type(operand) is not float and type(operand) is not int


_turn, _marks, _claimed = threading.Lock(), threading.RLock(), False


def enter() -> None:
    """Wait until no other thread marks nodes. Compiled, the interpreter's own lock sees to that."""
    _turn.acquire()


def leave() -> None:
    """Let the next one in."""
    _turn.release()


def claim() -> bool:
    """Wait until no other thread needs the marks in `flags`; False where this one does already."""
    global _claimed
    _marks.acquire()
    if _claimed:
        _marks.release()
        return False
    _claimed = True
    return True


def disclaim() -> None:
    """Leave them to others."""
    global _claimed
    _claimed = False
    _marks.release()


# -- nodes that something else keeps alive: compiled, the references to them are not counted ------------------------


def loan(node: Any) -> Any:
    """A node without a reference to it."""
    return node


def refers(operand: Any) -> bool:
    """Whether an operand, read without a reference, is a node."""
    return is_node(operand)


def borrowed(operand: Any) -> Any:
    """The node that it is."""
    return operand


def has_detail(node: Any) -> bool:
    """Whether an input has more to say than its number."""
    return node.left is not None


def number_in(operand: Any) -> float:
    """The float that an operand is; 0 for None."""
    if is_node(operand):
        return number(operand)
    return 0.0 if operand is None else float(operand)


def pile() -> list[Any]:
    """A stack of them."""
    return []


def push(pile: list[Any], node: Any) -> None:
    """Put a node on top."""
    pile.append(node)


def top(pile: list[Any]) -> Any:
    """The node on top."""
    return pile[-1]


def at(pile: list[Any], k: int) -> Any:
    """Number k from below."""
    return pile[k]


def pop(pile: list[Any]) -> Any:
    """The node on top, which is taken off."""
    return pile.pop()


def height(pile: list[Any]) -> int:
    """How many there are."""
    return len(pile)


def scrap(_: Any) -> None:
    """Give back a stack's memory."""
