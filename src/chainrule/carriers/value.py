"""`Value`: a number or array that records how it came about, and can be differentiated backward.

micrograd's class, grown up: the same names, for numbers and arrays, for every operator of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.copies import deep_copy, reduced
from chainrule.carriers.frozen import constant, frozen, read_only
from chainrule.carriers.operators import Traced
from chainrule.carriers.placeholder import evaluate
from chainrule.errors import ArgumentError, NoValue, ShapeError, at_user_line
from chainrule.numbers import Carrier, Number, as_number, primal, shape
from chainrule.ops.row import Operator, zeros_like
from chainrule.recording import order
from chainrule.sweeps.by_hand import HandMade
from chainrule.sweeps.reverse import pull, sweep

NOTHING: dict[str, Any] = {}
OPEN: dict[str, Any] = {"input": True}
"""The settings of an input that was built without a number."""


class Value(Traced):
    """A number or array, what it was computed from, and (after `backward`) its gradient.

    data      a number, a list or an array; integers become floats, float32 stays float32, arrays are copied.
              Left out, the Value is an input without a number: build an expression from it and call `.forward(x)`
    label     a name for drawings and for `repr`

    Raises ArgumentError for what is not a real number or an array of them.

    >>> a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    >>> L = (a * b + c) * f; L.label = "L"
    >>> L
    Value(data=-8.0, label='L')
    >>> L.backward()
    >>> a.grad, b.grad, c.grad, f.grad
    (6.0, -4.0, -2.0, 4.0)
    """

    __slots__ = (
        "__weakref__",
        "_exposed",
        "_grad",
        "_number",
        "active",
        "label",
        "level",
        "op",
        "operands",
        "parents",
        "settings",
    )  # fmt: skip

    def __init__(self, data: Any = None, _children: Any = (), _op: str = "", label: str = "") -> None:
        if isinstance(_children, str):
            label, _children = _children, ()
        children = tuple(_children)
        self.label = label
        self.level: float = data.level + 0.5 if isinstance(data, Carrier) else 0
        self._number = None if data is None else _owned(data)
        self._grad: Number = None
        self._exposed = False
        self.op: Operator | None = None
        self.operands: tuple[Number, ...] = ()
        self.parents: tuple[Value, ...] = ()
        self.active: tuple[int, ...] = ()
        self.settings: dict[str, Any] = OPEN if data is None else NOTHING
        if children:
            self.op, self.level = HandMade(_op), children[0].level
            self.parents, self.active = children, tuple(range(len(children)))
            self.operands = tuple(child._operand for child in children)

    @classmethod
    def leaf(cls, data: Number, level: float, label: str = "") -> Value:
        """An input of a transform: `data` as it is, on the transform's level."""
        self = cls.__new__(cls)
        self.label, self.level, self._number, self._grad, self._exposed = label, level, data, None, False
        self.op, self.operands, self.parents, self.active, self.settings = None, (), (), (), NOTHING
        return self

    # -- recording ----------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> Any:
        """Two Values made by the user are equal when they are the same one, as in micrograd, so that lists of
        them can be searched; everything else is compared by its numbers."""
        if isinstance(other, Value) and self.level == other.level == 0:
            return self is other
        return super().__eq__(other)

    def __ne__(self, other: object) -> Any:
        if isinstance(other, Value) and self.level == other.level == 0:
            return self is not other
        return super().__ne__(other)

    __hash__ = object.__hash__

    @property
    def primal(self) -> Number:
        return self._number

    @property
    def open(self) -> bool:
        """Whether this is an input that was built without a number."""
        return self.op is None and self.settings == OPEN

    @property
    def _operand(self) -> Number:
        """The data as a result may keep it: what its owner can write to is copied."""
        return frozen(self._number) if self._exposed and type(self._number) is np.ndarray else self._number

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        """The result of `operator`, recorded: a node of this level that knows its operands."""
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
                x = x._operand if x._exposed else x._number
                if x is None:
                    known = False
            elif type(x) is not float and not isinstance(x, Carrier):
                x = constant(x)
                if operator.remembers and type(x) is np.ndarray:
                    x = frozen(x)
            operands.append(x)
        if not known:  # computed later, from what the operands are now
            operands = [frozen(x) if type(x) is np.ndarray else x for x in operands]
        new = self.__class__.__new__(self.__class__)
        new.operands = tuple(operands)
        new._number = operator(*operands, **settings) if known else None
        new.op, new.parents, new.active, new.settings = operator, tuple(parents), tuple(active), settings or NOTHING
        new.label, new.level, new._grad, new._exposed = "", level, None, False
        return new

    # -- data and grad ------------------------------------------------------------------------------------

    @property
    def data(self) -> Number:
        """The number or array. Assignable on inputs; the array of a result is read-only."""
        data = self._number
        if isinstance(data, np.ndarray):
            if self.op is not None:
                return read_only(data)
            if not self._exposed:
                # From here on the user may write to it; what was computed so far keeps the array it was computed from.
                self._number = data = data.copy()
                self._exposed = True
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
        if new is not self._number:  # `v.data -= step` changed the array in place and assigns it to itself
            self._number, self._exposed = _owned(new), False

    @property
    def grad(self) -> Number:
        """d(result)/d(self), added up over all `backward()` calls; 0.0 before the first."""
        if self._grad is not None:
            return self._grad
        return 0.0 if self._number is None else zeros_like(self._number)

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

        Raises ShapeError for an array without a cotangent, or with one of another shape; NoValue for an
        expression that was not given its numbers yet.

        >>> x = Value([1.0, 2.0])
        >>> (x * x).backward([1.0, 10.0])
        >>> x.grad
        array([ 2., 40.])
        """
        if self._number is None:
            raise NoValue(at_user_line("backward() of an expression without a value; call .forward(x) first"))
        for node, adjoint in sweep(self, self._weight(cotangent)):
            if isinstance(adjoint, np.ndarray):
                adjoint = np.array(adjoint)  # nobody else's: users change gradients in place
            node._grad = adjoint if node._grad is None else node._grad + adjoint

    def _weight(self, cotangent: Number) -> Number:
        """The cotangent to begin a sweep with."""
        size = shape(self._number)
        if cotangent is None:
            if size != (1,) * len(size):
                raise ShapeError(
                    at_user_line(
                        f"backward() of an array of shape {size} needs a weight for each element: write "
                        "y.sum().backward(), or y.backward(cotangent) with an array of that shape"
                    )
                )
            return zeros_like(self._number) + 1
        cotangent = as_number(cotangent)
        if shape(cotangent) != size:
            raise ShapeError(at_user_line(f"backward(): expected a cotangent of shape {size}, got {shape(cotangent)}"))
        return cotangent

    def forward(self, *values: Number, **by_label: Number) -> Number:
        """Give the inputs numbers and compute everything again; returns the new value. Gradients start over.

        values      for the inputs built without a number, in the order in which the expression uses them
        by_label    for inputs by their labels

        Raises ArgumentError for another number of values or an unknown label, NoValue when an input is left
        without a number.

        >>> x = Value(label="x"); f = x * x + 1
        >>> f.forward(3), f.forward(x=0.5)
        (10.0, 1.25)
        """
        evaluate(self, values, by_label)
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

        def step() -> None:
            if self.op is not None:
                with np.errstate(all="ignore"):
                    for parent, share in pull(self, self.grad):
                        parent._grad = share if parent._grad is None else parent._grad + share

        if isinstance(self.op, HandMade) and self.op.closure is not None:
            return self.op.closure
        return step

    @_backward.setter
    def _backward(self, closure: Callable[[], None]) -> None:
        if self.op is None:
            return  # an input has nothing to send on: micrograd sets `lambda: None` there
        if not isinstance(self.op, HandMade):
            self.op = HandMade(self._op)
        self.op.closure = closure

    # -- printing, copying, pickling ----------------------------------------------------------------------

    def __repr__(self) -> str:
        data = primal(self._number)
        shown = (
            np.array2string(data, precision=6, threshold=8, separator=", ")
            if isinstance(data, np.ndarray)
            else repr(float(data) if isinstance(data, np.float64) else data)
        )
        return f"Value(data={shown}, label={self.label!r})" if self.label else f"Value(data={shown})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        copy: Value = deep_copy(self, memo)
        return copy

    def __reduce__(self) -> Any:
        return reduced(self)


def _owned(data: Any) -> Number:
    """`data` as a number or array of this Value's own."""
    number = as_number(data)
    if isinstance(number, np.ndarray) and number.dtype == object and any(isinstance(x, Carrier) for x in number.flat):
        raise ArgumentError(
            at_user_line("Value expects numbers, got a list of Values; write cr.stack([...]) to join them into one")
        )
    if isinstance(number, complex) or getattr(getattr(number, "dtype", None), "kind", "") == "c":
        raise ArgumentError(at_user_line(f"Value expects a real number, got the complex {data!r}"))
    return np.array(number) if isinstance(number, np.ndarray) else number


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
