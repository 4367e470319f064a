"""`Value`: a number or array that records how it came about, and can be differentiated backward.

micrograd's class, grown up: the same names, for numbers and arrays, for every operator of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import numpy as np

import chainrule.carriers.node as node
import chainrule.carriers.versions as versions
import chainrule.native.flags as flags
import chainrule.native.opcodes as opcodes
import chainrule.sweeps.gradients as gradients
import chainrule.values.arithmetic as arithmetic
import chainrule.values.recorder as recorder
from chainrule.carriers.detail import Detail, described
from chainrule.carriers.frozen import read_only
from chainrule.carriers.text import represented
from chainrule.errors import ArgumentError, NoValue, ShapeError
from chainrule.inputs import as_number
from chainrule.libraries import late, zeros_like
from chainrule.numbers import Carrier, Number, primal, shape
from chainrule.ops.arithmetic import positive
from chainrule.ops.reuse import copied
from chainrule.ops.row import Operator
from chainrule.recording import order
from chainrule.sweeps.by_hand import HandMade
from chainrule.sweeps.floats import float_pass
from chainrule.sweeps.reverse import adjoints, pull
from chainrule.values.arithmetic import Arithmetic

# Few programs copy Values, or give expressions their numbers later.
deep_copy, reduced = late("chainrule.values.copies.deep_copy"), late("chainrule.values.copies.reduced")
evaluate = late("chainrule.values.placeholder.evaluate")

# fmt: off
INTERNAL = frozenset([
    "active", "apply", "code", "ieee", "leaf", "left", "lent", "mark", "number", "open", "passes", "raise_as",
    "raise_in_a_try", "right", "scalar_kind", "settings", "stored", "stored_level", "total", "version",
])
# fmt: on
"""Attributes that only transforms and sweeps use: completion leaves them out."""
OPEN: dict[str, Any] = {"input": True}
"""The settings of an input that was built without a number."""


class Value(Arithmetic):
    """Value(data=None, label='')\n--\n\n    A number or array, what it was computed from, and, after `backward`, its
    gradient.

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

    __slots__ = ()

    def __init__(self, data: Any = None, _children: Any = (), _op: str = "", label: str = "") -> None:
        if isinstance(_children, str):
            label, _children = _children, ()
        level = data.level + 0.5 if isinstance(data, Carrier) else 0.0
        if type(data) is not float:
            data = None if data is None else _owned(data)
        node.start(self, data, level)
        if data is None:
            node.widened(self).settings = OPEN
        if label:
            node.widened(self).label = label
        if _children:
            _made_by_hand(self, tuple(_children), _op)

    @classmethod
    def leaf(cls, data: Number, level: float, label: str = "") -> Value:
        """An input of a transform: `data` as it is, on the transform's level."""
        new: Value = node.input_node(cls, data, level)
        if label:
            new.label = label
        return new

    @classmethod
    def lent(cls, data: Number, level: float) -> Value:
        """A leaf whose array belongs to the caller of the transform, who has it back when that is done."""
        new = cls.leaf(data, level)
        if type(data) is np.ndarray:
            node.widened(new).lent = True
        return new

    # -- recording ----------------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether this is an input that was built without a number."""
        return self.op is None and self.settings == OPEN

    @property
    def _operand(self) -> Number:
        """The data as a result may keep it: what its owner can write to is copied."""
        if self.scalar_kind:
            return node.number_of(self)
        return node.kept(node.detail(self))

    def alias(self, changing: bool = False) -> Any:
        """This number as another object: that of a result has no part in what is done to this one. An input stays
        the input, `changing` or not; None for one of the user's that is to be assigned to."""
        if self.op is None:
            return positive(self) if self.stored_level or not changing else None
        found = node.detail(self)
        new = described(found.op, found.operands, found.parents, found.active, found.settings, found.data)
        new.code, new.lent = found.code, found.lent
        kind = type(self)
        if kind is Value:
            return arithmetic.held(new, self)
        other = node.general(kind.__new__(kind), new, self.stored_level, found.data)
        for name in [n for k in kind.__mro__[: kind.__mro__.index(Value)] for n in getattr(k, "__slots__", ())]:
            if hasattr(self, name):
                setattr(other, name, getattr(self, name))
        return other

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        """The result of `operator`, recorded: a node of this level that knows its operands."""
        return recorder.recorded(self, operator, args, settings)

    # -- data and grad ------------------------------------------------------------------------------------

    @property
    def data(self) -> Number:
        """The number or array. Assignable on inputs; the array of a result is read-only."""
        if self.scalar_kind == flags.PYTHON:
            return self.number
        if not node.settled(self):
            return self.now().data
        data = self.stored
        if isinstance(data, np.ndarray):
            if self.op is not None:
                return read_only(data)
            found = node.widened(self)
            if not found.exposed:
                # From here on the user may write to it; what was computed so far keeps the array it was computed from.
                data = data.copy()
                versions.renumber(self, data)
                found.exposed, found.lent = True, False
        return data

    @data.setter
    def data(self, new: Any) -> None:
        if type(new) is float and self.code == opcodes.LEAF and self.scalar_kind:
            versions.renumber(self, new)
            return
        if self.op is not None:
            raise ArgumentError.here(
                "only inputs can be given new data; this Value is the result of "
                f"{self.op.symbol!r}. Assign to its inputs and compute it again, or call .forward(...)"
            )
        if new is not self.stored:  # `v.data -= step` changed the array in place and assigns it to itself
            versions.renumber(self, _owned(new))
            if isinstance(self.left, Detail):
                node.detail(self).exposed = False

    @property
    def grad(self) -> Number:
        """d(result)/d(self), added up over all `backward()` calls; 0.0 before the first."""
        if self.scalar_kind == flags.PYTHON and not gradients.has_other(self):
            return self.total
        found = gradients.own_gradient(self)
        if found is not None:
            return found
        return 0.0 if self.stored is None else zeros_like(self.stored)

    @grad.setter
    def grad(self, new: Number | None) -> None:
        if type(new) is not float and new is not None:
            new = as_number(new)  # p.grad = 0 makes no gradient of integers
        if type(new) is float and self.scalar_kind == flags.PYTHON and not gradients.has_other(self):
            self.total, self.passes = new, 1 if new else 0
        elif new is None or self.stored is None or shape(new) == shape(self.stored):
            gradients.put(self, new)
        elif shape(new) == ():  # p.grad = 0 of an array
            gradients.put(self, zeros_like(self.stored) + new)
        else:
            said = f"a gradient has the shape of its Value, {shape(self.stored)}; got one of shape {shape(new)}"
            raise ShapeError.here(said)

    @property
    def has_grad(self) -> bool:
        """Whether a backward pass has reached this value."""
        return self.passes > 0

    def zero_grad(self) -> None:
        """Forget the gradients of this value and of everything that led to it."""
        for each in order(self):
            gradients.put(each, None)

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
        if not node.settled(self):
            self.now().backward(cotangent)
            return
        if self.stored is None:
            raise NoValue.here("backward() of an expression without a value; call .forward(x) first")
        weight = self._weight(cotangent)
        if type(weight) is not float or not float_pass(self, weight):
            gradients.deposit_all(adjoints(self, weight))

    def _weight(self, cotangent: Number) -> Number:
        """The cotangent to begin a sweep with."""
        if cotangent is None and self.scalar_kind:
            return 1.0
        size = shape(self.stored)
        if cotangent is None:
            if size != (1,) * len(size):
                raise ShapeError.here(
                    f"backward() of an array of shape {size} needs a weight for each element: write "
                    "y.sum().backward(), or y.backward(cotangent) with an array of that shape"
                )
            return zeros_like(self.stored) + 1
        cotangent = as_number(cotangent)
        if shape(cotangent) != size:
            raise ShapeError.here(f"backward(): expected a cotangent of shape {size}, got {shape(cotangent)}")
        return copied(cotangent) if isinstance(cotangent, np.ndarray) else cotangent

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
                        gradients.add(parent, share)

        op = self.op
        if isinstance(op, HandMade) and op.closure is not None:
            return op.bound(self)
        return step

    @_backward.setter
    def _backward(self, closure: Callable[[], None]) -> None:
        if self.op is None:
            return  # an input has nothing to send on: micrograd sets `lambda: None` there
        by_hand = self.op
        if not isinstance(by_hand, HandMade):
            by_hand = HandMade(self._op)
            node.describe(self, by_hand, self.operands, self.parents, self.active, self.settings)
        by_hand.keep(closure, self)

    # -- printing, copying, pickling ----------------------------------------------------------------------

    def __dir__(self) -> list[str]:
        """What a user may ask for; not what only transforms use."""
        lacks = INTERNAL | {"is_integer"} if self.shape else INTERNAL  # an array of NumPy's has none either
        return [name for name in object.__dir__(self) if name not in lacks]

    def __repr__(self) -> str:
        shown = f"data={_shown(self.stored)}"
        if self.has_grad:
            shown += f", grad={_shown(self.grad)}"
        return represented(self.stored, f"Value({shown}, label={self.label!r})" if self.label else f"Value({shown})")

    # Inside of a transform a copy is the same number, computed again; a Value of the user's is an object of its own.
    def __copy__(self) -> Any:
        if self.stored_level:
            return Arithmetic.__copy__(self)
        make, parts = reduced(self)
        return make(*parts)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return Arithmetic.__deepcopy__(self, memo) if self.stored_level else deep_copy(self, memo)

    def __reduce__(self) -> Any:
        return Arithmetic.__reduce__(self) if self.stored_level else reduced(self)


# The first line of a docstring is how a class of C's states its signature: Python takes it off. Uncompiled, it stays.
_, _STATED, _SAID = (Value.__doc__ or "").partition("\n--\n\n")
if _STATED:
    Value.__doc__ = _SAID
    Value.__signature__ = Signature([  # type: ignore[attr-defined]
        Parameter("data", Parameter.POSITIONAL_OR_KEYWORD, default=None),
        Parameter("label", Parameter.POSITIONAL_OR_KEYWORD, default=""),
    ])  # fmt: skip


def _owned(data: Any) -> Number:
    """`data` as a number or array of this Value's own."""
    try:
        number = as_number(data)
    except ValueError as error:  # of NumPy's
        if not isinstance(data, (list, tuple)):
            raise
        raise ArgumentError.here(
            "Value expects a number or an array, got nested lists whose rows differ in length"
        ) from error
    if isinstance(number, np.ndarray) and number.dtype == object and any(isinstance(x, Carrier) for x in number.flat):
        raise ArgumentError.here(
            "Value expects numbers, got a list of Values; write cr.stack([...]) to join them into one"
        )
    if isinstance(number, complex) or getattr(getattr(number, "dtype", None), "kind", "") == "c":
        raise ArgumentError.here(f"Value expects a real number, got the complex {data!r}")
    return copied(number) if isinstance(number, np.ndarray) else number


def _made_by_hand(self: Value, children: tuple[Any, ...], symbol: str) -> None:
    found = node.widened(self)
    found.op, found.parents, found.active = HandMade(symbol), children, tuple(range(len(children)))
    found.operands = tuple(child._operand for child in children)
    first: Value = children[0]
    self.code, self.stored_level = opcodes.GENERAL, first.stored_level


arithmetic.make(Value)


def _shown(x: Number) -> str:
    """A number, or an array in brief."""
    x = primal(x)
    if isinstance(x, np.ndarray):
        return np.array2string(x, precision=6, threshold=8, separator=", ")
    return repr(float(x) if isinstance(x, np.float64) else x)
