"""Numbers and arrays whose computation is recorded: a kind of number of its own, like mpmath's.

Every row of the operator table computes them by computing what they stand for and noting the step. Carriers hold
them like any other number, so a derivative of a recorded function is recorded with it.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.casting import single
from chainrule.carriers.functions.decided import same
from chainrule.carriers.standins.array import (
    INFIX,
    ArrayMethods,
    NumberMethods,
    with_operators,
)
from chainrule.carriers.text import represented, written
from chainrule.errors import CannotRecord, user_expression
from chainrule.jit.record.numpy_protocol import array_function, array_ufunc, called, comparison
from chainrule.jit.record.recorder import recorder
from chainrule.jit.record.trace import Recorded, RecordedArray, Trace, Unexplored, fixed, value_of
from chainrule.libraries import Library, computed_by


def _refused(what: str, instead: str) -> CannotRecord:
    return CannotRecord.here(f"{what} inside a jitted function would freeze the number at what it is now; {instead}")


class Tracer(NumberMethods, Recorded):
    """A Python number that is recorded. Called like a type of number it gives a plain one: `Tracer(0)` is 0.0."""

    __slots__ = ()
    __array_priority__ = 900.0
    __array_ufunc__ = array_ufunc
    __array_function__ = array_function

    def __hash__(self) -> int:
        raise _refused(
            "looking x up in a set or a dict",
            "compare it (`x == 2.0`), look up what is fixed (an int, a string), or key by id(x)",
        )

    def __new__(cls, number: float = 0.0) -> Any:
        return float(number)

    def __repr__(self) -> str:
        return represented(self, f"Tracer({value_of(self)!r})")

    def __str__(self) -> str:
        return written(self, repr(self))

    def __format__(self, spec: str) -> str:
        return written(self, format(value_of(self), spec))

    def __bool__(self) -> bool:
        x = self.now()
        holds = bool(x.value)
        if x.step.shape:
            x = ops.reshape(x, ())
        condition = x if x.step.dtype == bool else comparison("not_equal", x, 0)
        if self.run.way is not None:
            return bool(self.run.way.decided(condition, holds))
        self.run.guard(condition.step, holds)
        return holds

    # Whole numbers steer a program: they are taken as they are, and the program holds where they are the same.
    def _whole(self, row: Callable[[Any], Any]) -> int:
        if self.step.dtype == bool:
            return int(bool(self))
        return int(fixed(row(self) if self.step.dtype.kind == "f" else self))

    def __int__(self) -> int:
        return self._whole(ops.trunc)

    def __floor__(self) -> int:
        return self._whole(ops.floor)

    def __ceil__(self) -> int:
        return self._whole(ops.ceil)

    def __trunc__(self) -> int:
        return self._whole(ops.trunc)

    def __round__(self, digits: int | None = None) -> Any:
        if digits is None:
            return self._whole(ops.rint)
        return self.run.step("round_digits", (self.step,), {"digits": digits}, round(self.value, digits))

    def __index__(self) -> int:
        if self.step.dtype.kind == "f":
            raise TypeError("an index must be an integer, got a float")
        return operator.index(fixed(self))

    def __float__(self) -> float:
        if self.step.dtype.kind != "f":
            return float(int(self))
        expression = user_expression()
        if expression.endswith("]"):
            raise _refused(
                f"`{expression}` of a plain array, given x", "collect its elements in a list and write cr.stack(list)"
            )
        raise _refused("float(x)", "leave float() out, and use cr's or np's functions in place of other libraries'")

    def __complex__(self) -> complex:
        raise _refused("complex(x)", "jit records real numbers")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.step.dtype.kind == "f":
            raise _refused("turning x into a plain array", "use cr.array or cr.stack, or np.array by that name")
        return np.asarray(fixed(self), dtype)

    def chosen(self, answer: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """A step that calls `answer`."""
        return called(answer, args, {}, "places chosen by values")

    def settled(self, answer: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """What `answer` gives this time; from here on the recording holds where it is the same."""
        expected = answer(*map(value_of, args))
        if self.run.way is not None:
            raise Unexplored

        def still(*numbers: Any) -> Any:
            return same(answer(*numbers), expected)

        bool(called(still, args, {}, "a decision by values"))
        return expected

    @property
    def imag(self) -> Any:
        return np.imag(self.value)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise _refused("pickling x", "return it from the function instead")


class TracedArray(RecordedArray, ArrayMethods, Tracer):
    """An array, or a scalar of NumPy's, that is recorded."""

    __slots__ = ()

    def astype(self, dtype: Any, order: str = "K", casting: str = "", subok: bool = True, copy: bool = True) -> Any:
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        x = self.now()
        value = x.value.astype(dtype)
        return self.run.step("astype", (x.step,), {"dtype": np.dtype(dtype)}, value)

    def item(self, *index: Any) -> Any:
        element = single(self.now(), index)
        return self.run.made(element.step, element.value.item())

    def tolist(self) -> Any:
        return [x.tolist() for x in self] if self.shape else self.item()

    def copy(self, order: str = "C") -> Any:
        x = self.now()
        return self.run.made(x.step, x.value.copy())

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()


# -- operators and methods ------------------------------------------------------------------------------------


RAISING = (operator.truediv, operator.pow, operator.mod, operator.floordiv)


def _computing(name: str) -> Callable[..., Any]:
    """What Python's own operator raises for floats is raised while recording."""
    row, plain = INFIX[name], getattr(operator, f"__{name}__")

    def compute(a: Any, b: Any) -> Any:
        y = row(a, b)
        if plain in RAISING and isinstance(y, Tracer):
            y.raise_in_a_try(plain, (a, b))
        elif isinstance(y, Tracer) and type(y.value) is float and not math.isfinite(y.value):
            plain(value_of(a), value_of(b))
        return y

    return compute


with_operators(Tracer, TracedArray, _computing, lambda name: functools.partial(comparison, name))


# -- the library of this kind of number -----------------------------------------------------------------------


class _Namespace:
    """What is asked of an array library: constants, which are plain arrays."""

    eye, reshape = staticmethod(np.eye), staticmethod(np.reshape)

    @staticmethod
    def zeros_like(x: Any) -> Any:
        return _noted(0, x)

    @staticmethod
    def ones_like(x: Any) -> Any:
        return _noted(1, x)


def _noted(number: int, x: Recorded) -> Any:
    """An array of one number as a step beside x. What becomes of a cotangent that begins with it is then recorded, so
    that a zero that is computed can be told from one that says that a branch was not taken."""
    value = np.full(x.step.shape, number, x.step.dtype if x.step.dtype.kind == "f" else float)[()]
    step = x.run.constant(value.dtype.type(number), value.dtype)
    if not x.step.shape:
        return x.run.made(step, value)
    return x.run.step("broadcast_to", (step,), {"shape": x.step.shape}, value)


TRACER = Library("tracer", 5, lambda name: None, _Namespace, recorder)
computed_by(Tracer, TRACER)
computed_by(TracedArray, TRACER)


def new_trace(catches: bool = False, masks: bool = False) -> Trace:
    return Trace((Tracer, TracedArray), catches, masks)
