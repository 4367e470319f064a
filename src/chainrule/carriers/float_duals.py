"""Only speed: floats with tangents by number of the operator, without asking its row.

Where an operand, the answer or its tangent is no float, or one of them leaves the range of floats, the general way is
taken, which computes the same.
"""

from __future__ import annotations

from typing import Any

import chainrule.carriers.float_rules as float_rules
import chainrule.native.libm as libm
import chainrule.native.opcodes as opcodes
from chainrule.carriers.assignment import in_place
from chainrule.carriers.assignment.viewed import Viewed
from chainrule.carriers.operators import Traced
from chainrule.inputs import refuse_ended
from chainrule.numbers import Number
from chainrule.ops.row import Operands, Operator

EXACT = 2**53
"""Integers below are floats exactly."""
OTHER, STANDS, MOVES = range(3)


class Moving(Viewed):
    """A number with a tangent, and Python's operators of those that are floats."""

    __slots__ = ("mask", "tangent")
    mask: Any
    tangent: Number

    def __add__(self, other: Any) -> Any:
        new = _open(opcodes.ADD, self, other, self)
        return Traced.__add__(self, other) if new is None else new

    def __radd__(self, other: Any) -> Any:
        new = _open(opcodes.ADD, other, self, self)
        return Traced.__radd__(self, other) if new is None else new

    def __sub__(self, other: Any) -> Any:
        new = _open(opcodes.SUBTRACT, self, other, self)
        return Traced.__sub__(self, other) if new is None else new

    def __rsub__(self, other: Any) -> Any:
        new = _open(opcodes.SUBTRACT, other, self, self)
        return Traced.__rsub__(self, other) if new is None else new

    def __mul__(self, other: Any) -> Any:
        new = _open(opcodes.MULTIPLY, self, other, self)
        return Traced.__mul__(self, other) if new is None else new

    def __rmul__(self, other: Any) -> Any:
        new = _open(opcodes.MULTIPLY, other, self, self)
        return Traced.__rmul__(self, other) if new is None else new

    def __truediv__(self, other: Any) -> Any:
        new = _open(opcodes.DIVIDE, self, other, self)
        return Traced.__truediv__(self, other) if new is None else new

    def __rtruediv__(self, other: Any) -> Any:
        new = _open(opcodes.DIVIDE, other, self, self)
        return Traced.__rtruediv__(self, other) if new is None else new

    def __pow__(self, other: Any) -> Any:
        new = _open(opcodes.POWER, self, other, self)
        return Traced.__pow__(self, other) if new is None else new

    def __rpow__(self, other: Any) -> Any:
        new = _open(opcodes.POWER, other, self, self)
        return Traced.__rpow__(self, other) if new is None else new


def moved(operator: Operator, args: Operands, like: Moving) -> Any:
    """The operator of floats, `like` one of them; None where its row has to be asked."""
    if operator.selects and like.mask is not None:
        return None
    if operator.code < opcodes.UNARY:
        return _binary(operator.code, args[0], args[1], like) if len(args) == 2 else None
    return _unary(operator.code, like) if len(args) == 1 else None


def _open(code: int, left: Any, right: Any, like: Moving) -> Any:
    """The operator of two floats, if nothing was assigned to and the level of `like` has not ended."""
    if in_place.ASSIGNED[0]:
        return None
    refuse_ended(like.level)
    if type(like._primal) is float and type(like.tangent) is float:
        new = _binary(code, left, right, like)
        if new is not None:
            return new
    return _nested(code, left, right, like) if code != opcodes.DIVIDE else None


def _binary(code: int, left: Any, right: Any, like: Moving) -> Any:
    a = b = by_a = by_b = t = 0.0
    first = type(left) is type(like)
    if first:
        if not _alike(left, like):
            return None
        x: Moving = left
        a, by_a = x._primal, x.tangent
    elif not _plain(left):
        return None
    else:
        a = float(left)
    if type(right) is type(like):
        if not _alike(right, like):
            return None
        z: Moving = right
        b, by_b = z._primal, z.tangent
    elif not _plain(right):
        return None
    else:
        b = float(right)
    if b == 0.0 if code == opcodes.DIVIDE else code == opcodes.POWER and not float_rules.regular_power(a, b):
        return None  # Python raises, or another kind of number comes out
    y = float_rules.binary(code, a, b)
    if first:
        t = float_rules.share(code, 0, by_a, y, a, b)
    if type(right) is type(like):
        share = float_rules.share(code, 1, by_b, y, a, b)
        t = t + share if first else share
    return _pair(code, like, y, t, by_a == 0.0 and by_b == 0.0)


def _nested(code: int, left: Any, right: Any, like: Moving) -> Any:
    """A sum, difference, product or square where the parts of operands are floats, or floats with tangents again."""
    first, second = _place(left, like), _place(right, like)
    if first == OTHER or second == OTHER:
        return None
    if code == opcodes.POWER and (not _plain(right) or right != 2 or not isinstance(like._primal, Moving)):
        return None
    a: Any = float(left) if type(left) is int else left
    b: Any = float(right) if type(right) is int else right
    t: Any = None
    s: Any = None
    if first == MOVES:
        x: Moving = left
        a, t = x._primal, x.tangent
    if second == MOVES:
        z: Moving = right
        b, s = z._primal, z.tangent
    if code == opcodes.MULTIPLY:
        y = a * b
        t, s = None if t is None else t * b, None if s is None else s * a
    elif code == opcodes.ADD:
        y = a + b
    elif code == opcodes.POWER:
        y, t = a**b, t * (2.0 * a)
    else:
        y, s = a - b, None if s is None else -s
    total = s if t is None else t if s is None else t + s
    if type(total) is float and not float_rules.normal(total):
        return None
    return _made(like, y, total)


def _place(x: Any, like: Moving) -> int:
    """Whether x moves with `like`, stands still for it, or has to be asked for by rows."""
    if _plain(x):
        return STANDS
    if type(x) is not type(like) or not _single(x):
        return OTHER
    operand: Moving = x
    if operand.level == like.level:
        alike = operand.mask is like.mask and (operand.mask is None or operand.mask is True)
        return MOVES if alike and _single(operand.tangent) else OTHER
    refuse_ended(operand.level)
    return STANDS if operand.level < like.level else OTHER


def _single(x: Any) -> bool:
    """Whether below all tangents there is a float."""
    while isinstance(x, Moving):
        below: Moving = x
        x = below._primal
    return type(x) is float


def _unary(code: int, x: Moving) -> Any:
    if not _alike(x, x):
        return None
    a, by = float(x._primal), float(x.tangent)
    y = float_rules.unary(code, a)
    return _pair(code, x, y, float_rules.share(code, 0, by, y, a, 0.0), by == 0.0)


def _alike(x: Moving, like: Moving) -> bool:
    """Whether x is a float with a float, of the level of `like`, and both arrive wherever they may."""
    if type(x._primal) is not float or type(x.tangent) is not float:
        return False
    return x.level == like.level and x.mask is like.mask and (x.mask is None or x.mask is True)


def _plain(x: Any) -> bool:
    """Whether x is a Python float, or an integer that is one exactly."""
    return type(x) is float or (type(x) is int and -EXACT < x < EXACT)


def _pair(code: int, like: Moving, y: float, t: float, still: bool) -> Any:
    """y with the tangent t; None where one has left the range of floats, which a tangent of 0 has not where the
    operands stand `still`, or the other one is chosen."""
    chooses = code in (opcodes.MAXIMUM, opcodes.MINIMUM, opcodes.RELU, opcodes.ABSOLUTE)
    if not libm.isfinite(y) or not (float_rules.normal(t) or (t == 0.0 and (still or chooses))):
        return None
    return _made(like, y, t)


def _made(like: Moving, y: Any, t: Any) -> Any:
    """y with the tangent t, on the level of `like`."""
    kind = type(like)
    new: Moving = kind.__new__(kind)
    new._primal, new.tangent, new.level, new.mask = y, t, like.level, like.mask
    new.later = new._origin = None
    return new
