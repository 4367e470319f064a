"""Python's operators and the commonest functions of nodes that hold floats: one small node each, nothing else.

Where an operand is no float, or the answer would be none (1 / 0.0 raises), the general way is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule.carriers.float_rules as float_rules
import chainrule.carriers.node as node
import chainrule.native.arrays as arrays
import chainrule.native.flags as flags
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.values.elementwise as elementwise
import chainrule.values.residuals as residuals
from chainrule.carriers.detail import Detail
from chainrule.carriers.node import Node
from chainrule.carriers.operators import Traced
from chainrule.ops.index import getitem


class Arithmetic(Node):
    """A node with Python's operators. The three commonest spare themselves the questions of the general way."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        if memory.paired(self, other):
            return _recorded(opcodes.ADD, self, other, self, self.scalar_kind, self.number + memory.number(other))
        new = _binary(opcodes.ADD, self, other)
        return Traced.__add__(self, other) if new is None else new

    def __radd__(self, other: Any) -> Any:
        new = _reflected(opcodes.ADD, other, self)
        return Traced.__radd__(self, other) if new is None else new

    def __sub__(self, other: Any) -> Any:
        if memory.paired(self, other):
            return _recorded(opcodes.SUBTRACT, self, other, self, self.scalar_kind, self.number - memory.number(other))
        new = _binary(opcodes.SUBTRACT, self, other)
        return Traced.__sub__(self, other) if new is None else new

    def __rsub__(self, other: Any) -> Any:
        new = _reflected(opcodes.SUBTRACT, other, self)
        return Traced.__rsub__(self, other) if new is None else new

    def __mul__(self, other: Any) -> Any:
        if memory.paired(self, other):
            return _recorded(opcodes.MULTIPLY, self, other, self, self.scalar_kind, self.number * memory.number(other))
        new = _binary(opcodes.MULTIPLY, self, other)
        return Traced.__mul__(self, other) if new is None else new

    def __rmul__(self, other: Any) -> Any:
        new = _reflected(opcodes.MULTIPLY, other, self)
        return Traced.__rmul__(self, other) if new is None else new

    def __truediv__(self, other: Any) -> Any:
        new = _binary(opcodes.DIVIDE, self, other)
        return Traced.__truediv__(self, other) if new is None else new

    def __rtruediv__(self, other: Any) -> Any:
        new = _reflected(opcodes.DIVIDE, other, self)
        return Traced.__rtruediv__(self, other) if new is None else new

    def __pow__(self, other: Any) -> Any:
        new = _binary(opcodes.POWER, self, other)
        return Traced.__pow__(self, other) if new is None else new

    def __rpow__(self, other: Any) -> Any:
        new = _reflected(opcodes.POWER, other, self)
        return Traced.__rpow__(self, other) if new is None else new

    def __iadd__(self, other: Any) -> Any:
        return NotImplemented if self.scalar_kind else Traced.__iadd__(self, other)

    def __isub__(self, other: Any) -> Any:
        return NotImplemented if self.scalar_kind else Traced.__isub__(self, other)

    def __imul__(self, other: Any) -> Any:
        return NotImplemented if self.scalar_kind else Traced.__imul__(self, other)

    def __itruediv__(self, other: Any) -> Any:
        return NotImplemented if self.scalar_kind else Traced.__itruediv__(self, other)

    def __ipow__(self, other: Any) -> Any:
        return NotImplemented if self.scalar_kind else Traced.__ipow__(self, other)

    def __neg__(self) -> Any:
        return _unary(opcodes.NEGATIVE, self)

    def exp(self) -> Any:
        """chainrule.exp of it, element by element; derivative exp(x)."""
        return _unary(opcodes.EXP, self)

    def log(self) -> Any:
        """chainrule.log of it, element by element; derivative 1/x; domain (0, inf), -inf at 0."""
        return _unary(opcodes.LOG, self)

    def sqrt(self) -> Any:
        """chainrule.sqrt of it, element by element; derivative 1/(2*sqrt(x)); domain [0, inf), slope inf at 0."""
        return _unary(opcodes.SQRT, self)

    def sin(self) -> Any:
        """chainrule.sin of it, element by element; derivative cos(x)."""
        return _unary(opcodes.SIN, self)

    def cos(self) -> Any:
        """chainrule.cos of it, element by element; derivative -sin(x)."""
        return _unary(opcodes.COS, self)

    def tanh(self) -> Any:
        """chainrule.tanh of it, element by element; derivative cosh(x)**(-2)."""
        return _unary(opcodes.TANH, self)

    def relu(self) -> Any:
        """chainrule.relu of it, element by element; derivative [x > 0]; slope 0 at 0."""
        return _unary(opcodes.RELU, self)

    def sigmoid(self) -> Any:
        """chainrule.sigmoid of it, element by element; derivative 1/(4*cosh(x/2)**2)."""
        return _unary(opcodes.SIGMOID, self)

    def __getitem__(self, index: Any) -> Any:
        if self.scalar_kind or not _has_axes(node.number_of(self)):
            return Traced.__getitem__(self, index)
        if not node.settled(self):
            return self.later[index]
        new = _element(self, index) if type(index) is int else None
        return getitem(self, index) if new is None else new

    def __eq__(self, other: object) -> Any:
        """Two Values made by the user are equal when they are the same one, as in micrograd, so that lists of
        them can be searched; everything else is compared by its numbers."""
        if isinstance(other, Node) and self.level == other.level == 0:
            return self is other
        return Traced.__eq__(self, other)

    def __ne__(self, other: object) -> Any:
        if isinstance(other, Node) and self.level == other.level == 0:
            return self is not other
        return Traced.__ne__(self, other)

    def __lt__(self, other: Any) -> Any:
        return Traced.__lt__(self, other)

    def __le__(self, other: Any) -> Any:
        return Traced.__le__(self, other)

    def __gt__(self, other: Any) -> Any:
        return Traced.__gt__(self, other)

    def __ge__(self, other: Any) -> Any:
        return Traced.__ge__(self, other)

    def __hash__(self) -> int:
        return Traced.__hash__(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        new = None
        if method == "__call__" and not settings and ufunc in CODES:
            new = applied(CODES[ufunc], inputs)
        return Traced.__array_ufunc__(self, ufunc, method, *inputs, **settings) if new is None else new


def _recorded(code: int, left: Any, right: Any, like: Node, kind: int, number: float) -> Any:
    """A node for a float that the operator `code` computed from `left` and `right`, on the level of `like`."""
    return memory.recorded(code, left, right, like.stored_level, kind, node.now, number)


def held(found: Detail | None, like: Node) -> Node | None:
    """A node for the array in a Detail, on the level of `like`."""
    if found is None:
        return None
    data, found.data = found.data, None
    new: Node = memory.sure(memory.node(found, None))
    node.general(new, found, like.stored_level, data)
    if residuals.LEAN:
        residuals.follow(new, found)
    memory.hide(found)
    memory.hide(found.operands)
    memory.hide(found.parents)
    return new


def _unary(code: int, x: Node) -> Any:
    """The operator `code` of a Value, however it is made."""
    new = _unary_node(code, x) if memory.managed(x) else None
    if new is None:
        operator = float_rules.OPERATORS[code]
        assert operator is not None
        return operator(x)
    return new


def _unary_node(code: int, x: Node) -> Any:
    """The operator `code` of a float or an array of them; None for other data."""
    if not x.scalar_kind:
        return held(elementwise.unary(code, x), x)
    if code < opcodes.UNARY:
        return None
    x.flags |= flags.USED
    if x.scalar_kind == flags.PYTHON:
        number = float_rules.unary(code, x.number)
    else:
        number = float_rules.of_numpy(code, x.number)
    return _recorded(code, x, None, x, x.scalar_kind, number)


def _binary(code: int, a: Node, other: Any) -> Any:
    """a (operator) other where both are floats and the answer is one, or arrays of floats; otherwise None."""
    if not memory.managed(a):
        return None
    if not a.scalar_kind:
        return held(elementwise.binary(code, a, other, a), a)
    if memory.managed(other):
        b: Node = memory.sure(other)
        if not b.scalar_kind:
            return held(elementwise.binary(code, a, b, a), a)
        if a.stored_level != b.stored_level or not _regular(code, a.number, b.number):
            return None
        a.flags |= flags.USED
        b.flags |= flags.USED
        return _computed(code, a, b, a, a.scalar_kind | b.scalar_kind, a.number, b.number)
    kind = _float_kind(other)
    if kind == 0:
        return held(elementwise.binary(code, a, other, a), a)
    number = float(other)
    if not _regular(code, a.number, number):
        return None
    a.flags |= flags.USED
    return _computed(code, a, other if kind == 1 else number, a, a.scalar_kind | kind, a.number, number)


def _reflected(code: int, other: Any, b: Node) -> Any:
    """other (operator) b where other is a plain number or array; otherwise None."""
    if not memory.managed(b):
        return None
    kind = _float_kind(other)
    if kind == 0 or not b.scalar_kind:
        return held(elementwise.binary(code, other, b, b), b)
    number = float(other)
    if not _regular(code, number, b.number):
        return None
    b.flags |= flags.USED
    return _computed(code, other if kind == 1 else number, b, b, b.scalar_kind | kind, number, b.number)


def _computed(code: int, left: Any, right: Any, like: Node, kinds: int, a: float, b: float) -> Any:
    """A node for the operator `code` of the floats a and b; `kinds` are 1 for Python's, 2 for NumPy's, 3 for both."""
    if kinds == 1:
        return _recorded(code, left, right, like, flags.PYTHON, float_rules.binary(code, a, b))
    return _recorded(code, left, right, like, 2, float_rules.of_two_numpy(code, a, b))


def _float_kind(x: Any) -> int:
    """1 for a Python float or an integer that is one exactly, 2 for an np.float64, 0 for anything else."""
    if type(x) is float or (type(x) is int and -EXACT < x < EXACT):
        return 1
    return 2 if type(x) is FLOAT64 else 0


def applied(code: int, args: tuple[Any, ...]) -> Any:
    """The operator `code` of its operands, one of them a Value, if they are floats."""
    if code >= opcodes.UNARY:
        return _unary_node(code, args[0]) if len(args) == 1 and memory.managed(args[0]) else None
    if len(args) != 2:
        return None
    a, b = args
    if memory.managed(a):
        return _binary(code, a, b)
    return _reflected(code, a, b) if memory.managed(b) else None


def _has_axes(x: Any) -> bool:
    """Whether `x` is an array of floats, not one of a single number."""
    return arrays.floating(x) and x.ndim > 0


def _element(x: Node, index: int) -> Any:
    """x[index] of a vector of float64; None for anything else."""
    if not memory.managed(x) or not node.settled(x):
        return None
    data = node.number_of(x)
    if data.ndim != 1 or data.dtype != FLOAT64:
        return None
    if not -len(data) <= index < len(data):
        return None
    x.flags |= flags.USED
    return _recorded(opcodes.ELEMENT, x, index if index >= 0 else index + len(data), x, flags.NUMPY, float(data[index]))


FLOAT64 = np.float64
CODES: dict[Any, int] = {
    getattr(np, name): code for code, name in enumerate(opcodes.NAMES) if isinstance(getattr(np, name, None), np.ufunc)
}
"""The number of each of NumPy's functions that has one."""
EXACT = 2**53
"""Integers below are floats exactly."""


def _regular(code: int, a: float, b: float) -> bool:
    """Whether Python's own operator would give a float here, neither an error nor a complex number."""
    if code == opcodes.DIVIDE:
        return b != 0.0
    return code != opcodes.POWER or float_rules.regular_power(a, b)


def float_inputs(numbers: list[float], level: float) -> list[Any]:
    """An input of a transform for each float."""
    made = []
    for number in numbers:
        new: Node = memory.node(None, None)
        node.start(new, float(number), level)
        made.append(new)
    return made


def make(kind: Any) -> None:
    """From now on nodes of floats are of this class."""
    memory.manage(kind)


arrays.start()
memory.start()
