"""`Value`: a number or array that records how it came about, and can be differentiated backward.

micrograd's class, grown up: the same names, for numbers and arrays, for every operator of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.carriers.frozen import frozen
from chainrule.carriers.operators import Traced
from chainrule.errors import ArgumentError, NoValue, ShapeError, at_user_line
from chainrule.numbers import Carrier, Number, as_number, primal, shape
from chainrule.ops.row import Operator, zeros_like
from chainrule.recording import order

NOTHING: dict[str, Any] = {}


class HandMade(Operator):
    """The operator of a Value built by hand, micrograd style: `Value(t, (x,), 'tanh')` and its `_backward`."""

    def __init__(self, symbol: str) -> None:
        self.name = self.symbol = self.__name__ = symbol or "hand-made"
        self.kernels, self.kinks, self.printed = {}, "", ""
        self.closure: Callable[[], None] | None = None

    def __reduce__(self) -> Any:
        return (HandMade, (self.symbol,))


class Value(Traced):
    """A number or array, what it was computed from, and (after `backward`) its gradient.

    data      a number, a list or an array; integers become floats, float32 stays float32, arrays are copied.
              Left out, the Value is an input without a number: build an expression from it and call `.forward(x)`
    label     a name for drawings and for `repr`

    >>> a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    >>> L = (a * b + c) * f; L.label = "L"
    >>> L
    Value(data=-8.0, label='L')
    >>> L.backward()
    >>> a.grad, b.grad, c.grad, f.grad
    (6.0, -4.0, -2.0, 4.0)
    """

    __slots__ = (
        "__weakref__", "_data", "_exposed", "_grad", "active", "label", "level", "op", "operands", "parents", "settings",
    )  # fmt: skip

    def __init__(self, data: Any = None, _children: Any = (), _op: str = "", label: str = "") -> None:
        if isinstance(_children, str):
            label, _children = _children, ()
        self.label = label
        self.level: float = data.level + 0.5 if isinstance(data, Carrier) else 0
        data = None if data is None else as_number(data)
        self._data = np.array(data) if isinstance(data, np.ndarray) else data
        self._grad: Number = None
        self._exposed = False
        self.op: Operator | None = None
        self.operands: tuple[Number, ...] = ()
        self.parents: tuple[Value, ...] = ()
        self.active: tuple[int, ...] = ()
        self.settings: dict[str, Any] = NOTHING
        children = tuple(_children)
        if children:
            self.op = HandMade(_op)
            self.parents, self.active = children, tuple(range(len(children)))
            self.operands = tuple(child._data for child in children)

    @classmethod
    def leaf(cls, data: Number, level: float, label: str = "") -> Value:
        """An input of a transform: `data` as it is, on the transform's level."""
        self = cls.__new__(cls)
        self.label, self.level, self._data, self._grad, self._exposed = label, level, data, None, False
        self.op, self.operands, self.parents, self.active, self.settings = None, (), (), (), NOTHING
        return self

    # -- recording ----------------------------------------------------------------------------------------

    @property
    def primal(self) -> Number:
        return self._data

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        level = self.level
        if level % 1:
            _refuse_mixed(level, args)
        operands: list[Number] = []
        parents: list[Value] = []
        active: list[int] = []
        known = True
        for i, x in enumerate(args):
            if isinstance(x, Value) and x.level == level:
                parents.append(x)
                active.append(i)
                x = x._data if not x._exposed else frozen(x._data)
                known = known and x is not None
            elif type(x) is np.ndarray and operator.remembers:
                x = frozen(x)
            operands.append(x)
        new = type(self).__new__(type(self))
        new.operands = tuple(operands)
        new._data = operator(*operands, **settings) if known else None
        new.op, new.parents, new.active, new.settings = (
            operator,
            tuple(parents),
            tuple(active),
            settings or NOTHING,
        )
        new.label, new.level, new._grad, new._exposed = "", level, None, False
        return new

    # -- data and grad ------------------------------------------------------------------------------------

    @property
    def data(self) -> Number:
        """The number or array. Assignable on inputs; the array of a result is read-only."""
        data = self._data
        if isinstance(data, np.ndarray):
            if self.op is None:
                self._exposed = True
            else:
                data = data.view()
                data.flags.writeable = False
        return data

    @data.setter
    def data(self, new: Any) -> None:
        if self.op is not None:
            raise ArgumentError(
                at_user_line(
                    "only inputs can be given new data; this Value is the result of "
                    f"{self.op.symbol!r}. Assign to its inputs and compute it again, or call .forward(...)"
                )
            )
        new = as_number(new)
        if new is not self._data and isinstance(new, np.ndarray):
            new = np.array(new)
        self._data = new

    @property
    def grad(self) -> Number:
        """d(result)/d(self), added up over all `backward()` calls; 0.0 before the first."""
        if self._grad is not None:
            return self._grad
        return 0.0 if self._data is None else zeros_like(self._data)

    @grad.setter
    def grad(self, new: Number) -> None:
        self._grad = new

    @property
    def has_grad(self) -> bool:
        """Whether a backward pass has reached this value."""
        return self._grad is not None

    def zero_grad(self) -> None:
        """Forget the gradients of this value and of everything that led to it."""
        for node in order(self):
            node._grad = None

    def backward(self, cotangent: Number = None) -> None:
        """Add to `.grad` of every value that led here the derivative of this one by it.

        cotangent   the weight of each element of this value; may be left out for a single number (weight 1)

        Raises ShapeError for an array without a cotangent, or with one of another shape.
        """
        from chainrule.sweeps.reverse import sweep

        if self._data is None:
            raise NoValue(at_user_line("backward() of an expression without a value; call .forward(x) first"))
        size = shape(self._data)
        if cotangent is None:
            if size != () and size != (1,) * len(size):
                raise ShapeError(
                    at_user_line(
                        f"backward() of an array of shape {size} needs a weight for each element: write "
                        "y.sum().backward(), or y.backward(cotangent) with an array of that shape"
                    )
                )
            cotangent = zeros_like(self._data) + 1
        else:
            cotangent = as_number(cotangent)
            if shape(cotangent) != size:
                raise ShapeError(
                    at_user_line(f"backward(): expected a cotangent of shape {size}, got {shape(cotangent)}")
                )
        for node, adjoint in sweep(self, cotangent):
            if isinstance(adjoint, np.ndarray):
                adjoint = np.array(adjoint)  # nobody else's: users change gradients in place
            node._grad = adjoint if node._grad is None else node._grad + adjoint

    def forward(self, *values: Number, **by_label: Number) -> Number:
        """Give the inputs numbers and compute everything again; returns the new value. Gradients start over.

        values      for the inputs built without a number, in the order in which the expression uses them
        by_label    for inputs by their labels

        >>> x = Value(label="x"); f = x * x + 1
        >>> f.forward(3), f.forward(x=0.5)
        (10.0, 1.25)
        """
        nodes = order(self)
        inputs = [n for n in nodes if (n.op is None and n.settings is OPEN) or (n.op is None and n._data is None)]
        if len(values) not in (0, len(inputs)):
            names = ", ".join(n.label or "?" for n in inputs)
            raise ArgumentError(at_user_line(f"forward(): expected {len(inputs)} numbers ({names}), got {len(values)}"))
        labelled = {n.label: n for n in nodes if n.op is None and n.label}
        unknown = set(by_label) - set(labelled)
        if unknown:
            raise ArgumentError(at_user_line(f"forward(): no input is labelled {', '.join(sorted(unknown))}"))
        for node, value in [
            *zip(inputs, values, strict=False),
            *((labelled[k], v) for k, v in by_label.items()),
        ]:
            node.settings, node._data = OPEN, as_number(value)
        missing = [n.label or "?" for n in inputs if n._data is None]
        if missing:
            raise NoValue(at_user_line(f"forward(): no number given for input {', '.join(missing)}"))
        for node in nodes:
            node._grad = None
            if node.op is None:
                continue
            if isinstance(node.op, HandMade):
                raise ArgumentError(at_user_line(f"forward() cannot compute the hand-made {node.op.symbol!r} again"))
            operands = list(node.operands)
            for i, parent in zip(node.active, node.parents, strict=True):
                operands[i] = frozen(parent._data) if parent._exposed else parent._data
            node.operands = tuple(operands)
            node._data = node.op(*operands, **node.settings)
        return self.data

    # -- micrograd's names --------------------------------------------------------------------------------

    @property
    def _prev(self) -> set[Value]:
        """The operands, constants among them as Values of their own."""
        if self.op is None:
            return set()
        found = set(self.parents)
        if not self._constant_exponent:
            constants = [x for i, x in enumerate(self.operands) if i not in self.active]
            found |= {Value(x) for x in constants if not isinstance(x, Carrier)}
        return found

    @property
    def _constant_exponent(self) -> bool:
        return self.op is not None and self.op.name == "power" and self.active == (0,)

    @property
    def _op(self) -> str:
        if self.op is None:
            return ""
        return f"**{self.operands[1]}" if self._constant_exponent else self.op.symbol

    @property
    def _backward(self) -> Callable[[], None]:
        """A function that adds this node's share to the gradients of its operands: one step of the sweep."""
        from chainrule.sweeps.reverse import pull

        def step() -> None:
            if self.op is not None:
                for parent, share in pull(self, self.grad):
                    parent._grad = share if parent._grad is None else parent._grad + share

        if isinstance(self.op, HandMade) and self.op.closure is not None:
            return self.op.closure
        return step

    @_backward.setter
    def _backward(self, closure: Callable[[], None]) -> None:
        if not isinstance(self.op, HandMade):
            self.op, previous = HandMade(self._op), self.op
            if previous is None:
                self.op = None  # a leaf has nothing to send on: micrograd sets `lambda: None` there
                return
        self.op.closure = closure

    # -- printing, copying, pickling ----------------------------------------------------------------------

    def __repr__(self) -> str:
        data = primal(self._data)
        shown = (
            np.array2string(data, precision=6, threshold=8, separator=", ")
            if isinstance(data, np.ndarray)
            else repr(float(data) if isinstance(data, np.float64) else data)
        )
        return f"Value(data={shown}, label={self.label!r})" if self.label else f"Value(data={shown})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in order(self):
            if id(node) not in memo:
                memo[id(node)] = _copied(node, [memo[id(p)] for p in node.parents])
                memo.setdefault(id(memo), []).append(node)  # keep it alive as long as its id is in use
        found: Value = memo[id(self)]
        return found

    def __reduce__(self) -> Any:
        nodes = order(self)
        if len(nodes) == 1:
            return (_unpickled_leaf, (self._data, self._grad, self.label, self.level, self.settings is OPEN))
        inputs = [n for n in nodes if not n.parents]
        position = {id(n): k for k, n in enumerate([*inputs, *(n for n in nodes if n.parents)])}
        rows = [
            (
                n.op,
                [position[id(p)] for p in n.parents],
                n.active,
                n.operands,
                n.settings,
                n._data,
                n._grad,
                n.label,
            )
            for n in nodes
            if n.parents
        ]
        return (_unpickled, (inputs, rows, self.level))


OPEN: dict[str, Any] = {"input": True}
"""The settings of an input that was built without a number."""


def _copied(node: Value, parents: Iterable[Value]) -> Value:
    new = Value.leaf(node._data, node.level, node.label)
    if isinstance(node._data, np.ndarray):
        new._data = node._data.copy()
    new._grad = node._grad.copy() if isinstance(node._grad, np.ndarray) else node._grad
    new.op, new.operands, new.parents, new.active = node.op, node.operands, tuple(parents), node.active
    new.settings = node.settings
    return new


def _unpickled_leaf(data: Number, grad: Number, label: str, level: float, is_open: bool) -> Value:
    new = Value.leaf(data, level, label)
    new._grad = grad
    new.settings = OPEN if is_open else NOTHING
    return new


def _unpickled(inputs: list[Value], rows: list[Any], level: float) -> Value:
    nodes = list(inputs)
    for op, parents, active, operands, settings, data, grad, label in rows:
        new = Value.leaf(data, level, label)
        new.op, new.operands, new.settings, new._grad, new.active = (
            op,
            operands,
            settings or NOTHING,
            grad,
            active,
        )
        new.parents = tuple(nodes[k] for k in parents)
        nodes.append(new)
    return nodes[-1]


def _refuse_mixed(level: float, args: tuple[Number, ...]) -> None:
    """Values a user makes from a traced number live half a level above it; meeting one made from a plain
    number, the sweep from here would miss the latter."""
    for x in args:
        if isinstance(x, Value) and x.level != level and (x.level == 0 or x.level % 1):
            raise ArgumentError(
                at_user_line(
                    "a Value made from a number that is being differentiated meets one made from a plain number; "
                    "inside a differentiated function use the traced numbers themselves, without Value(...)"
                )
            )
