"""What computes the rows of the operator table for recorded numbers: the row itself, on what they are this time, and a
new step."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import float64, ndarray

import chainrule.native.call as call
from chainrule.carriers.assignment import in_place
from chainrule.carriers.assignment.in_place import ASSIGNED
from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.errors import CannotRecord
from chainrule.jit.record.holes import emptied, filled
from chainrule.jit.record.trace import F64, NOTHING, Recorded, Trace, Unexplored, fixed, trace_of, type_of, value_of
from chainrule.jit.step import noted
from chainrule.libraries import library
from chainrule.ops.composite import Composite
from chainrule.ops.index import is_basic
from chainrule.ops.kinds import Linear
from chainrule.ops.row import VIEWS, Operator, applied

_NUMBERS = frozenset({float, int, bool, np.ndarray, np.float64, np.float32, np.int64, np.bool_})


def recorder(operator: Operator | Composite) -> Recorder:
    """What computes `operator` for recorded numbers."""
    if operator.name in ("getitem", "scatter"):
        return Mover(operator)
    return Viewer(operator) if operator.name in VIEWS else Recorder(operator)


class Recorder:
    """Computes a row. The first `whole` operands keep their type."""

    __slots__ = ("name", "operator", "whole")

    def __init__(self, operator: Operator | Composite) -> None:
        self.operator, self.name = operator, operator.name
        self.whole = operator.constants if isinstance(operator, Linear) else 0

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return self.record(args, settings or NOTHING)

    def record(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The number that the row gives."""
        if ASSIGNED[0]:
            found = in_place.again(self.operator, args, settings)
            if found is not NotImplemented:
                return found
        trace: Trace = trace_of(args)
        value = self.computed(args, settings)
        of = type(value)
        if self.whole:
            kind = None
        elif of is ndarray:
            kind = trace.array if value.dtype is F64 else None
        else:
            kind = trace.number if of is float else trace.array if of is float64 else None
        if kind is None:
            if is_complex(value):
                return COMPLEX_NUMBERS.computed(self.operator, args, settings)
            value = _of_floats(value, args[self.whole :])
            return trace.step(self.name, trace.operands(args, np.result_type(value), self.whole), settings, value)
        steps = trace.doubles(args)
        shape, line = (trace.shape(value), trace.lines.now()) if of is ndarray else ((), "")
        step = trace.hidden(noted(self.name, steps, settings, shape, F64, line, trace.now()), steps, settings)
        return trace.kept(kind, step, value)

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """What the row gives for what the operands are this time."""
        values: list[Any] = []
        known = True
        for x in args:
            if isinstance(x, Recorded):
                recorded: Recorded = x
                x = recorded.value
            known = known and type(x) in _NUMBERS
            values.append(x)
        if not known:
            _refuse_other_libraries(values)
        return self.called(tuple(values), settings)

    def called(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The row itself of these operands."""
        if isinstance(self.operator, Operator):
            return applied(self.operator, args, settings)
        return call.with_settings(self.operator, args, settings)


def _refuse_other_libraries(values: list[Any]) -> None:
    """Raise CannotRecord for arrays that are not NumPy's."""
    for x in values:
        if not isinstance(x, np.ndarray) and library(x).spelling == "array":
            root = type(x).__module__.partition(".")[0].removesuffix("lib")
            raise CannotRecord.here(
                f"a jitted function reads an array of {root} besides its arguments, and programs hold NumPy's; "
                'pass it as an argument of jit(f, backend="jax" or "torch"), or make it one of NumPy\'s'
            )


def _of_floats(value: Any, args: tuple[Any, ...]) -> Any:
    """The result of a row, a float where an operand is one: `maximum(x, 0)` is x or the whole number 0, by the number
    that x happens to be, and the program computes in one type."""
    if type(value) is not int and getattr(getattr(value, "dtype", None), "kind", "f") not in "iu":
        return value
    types = [x.step.dtype for x in args if isinstance(x, Recorded) and x.step.dtype.kind == "f"]
    if not types:
        return value
    return float(value) if type(value) is int else np.asarray(value, np.result_type(*types))[()]


class Viewer(Recorder):
    """Computes a row whose result may be a view of its operand."""

    __slots__ = ()

    def record(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        x: Recorded = args[0]
        if ASSIGNED[0] and x.now() is not x:
            return self.operator(x.later, **settings)
        value = self.called((x.value,), settings)
        trace: Trace = x.run
        new: Recorded = trace.step(self.name, trace.operands(args, type_of(value)), settings, value)
        if np.shape(value):
            new.viewed = self.operator, x, settings
        return new


class Mover(Recorder):
    """Computes getitem and scatter, whose index may be computed. The recording holds where as many elements of a
    computed mask are true: shapes depend on it."""

    __slots__ = ()

    def record(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        if ASSIGNED[0]:
            found = in_place.again(self.operator, args, settings)
            if found is not NotImplemented:
                return found
        index = settings["index"]
        if not _written_out(index):
            index = tuple([_mask(part, 1) for part in index]) if type(index) is tuple else _mask(index, np.ndim(index))
            template, computed = emptied(index, Recorded)
            settings = {**settings, "index": index}
            if computed:
                return self.at_computed(args, settings, template, computed)
        values: list[Any] = []
        recorded = False
        for x in args:
            recorded = recorded or isinstance(x, Recorded)
            values.append(value_of(x))
        if not recorded:
            return self.operator(*args, **settings)
        trace: Trace = trace_of(args)
        value = self.called(tuple(values), settings)
        new: Recorded = trace.step(self.name, trace.operands(args, type_of(value)), settings, value)
        if type(value) is ndarray and self.name == "getitem" and value.ndim and is_basic(index):
            new.viewed = self.operator, args[0], settings
        return new

    def at_computed(
        self, args: tuple[Any, ...], settings: dict[str, Any], template: Any, computed: list[Recorded]
    ) -> Any:
        """A step whose arguments are the computed parts of the index, too."""
        trace: Trace = trace_of((*args, *computed))
        if trace.way is not None:
            raise Unexplored
        places = filled(template, [x.value for x in computed])
        value = self.operator(*[value_of(x) for x in args], **{**settings, "index": places})
        steps = trace.operands(args, np.result_type(value)) + tuple([x.step for x in computed])
        moved = {"getitem": "gather", "scatter": "scatter_at"}[self.name]
        new: Recorded = trace.step(moved, steps, {**settings, "index": template}, value)
        trace.reads.append((new.step, computed))
        return new


_PLAIN = frozenset({int, type(None), type(Ellipsis)})


def _written_out(index: Any) -> bool:
    """Whether an index holds Python's whole numbers and slices only."""
    kind = type(index)
    if kind is slice:
        return type(index.start) in _PLAIN and type(index.stop) in _PLAIN and type(index.step) in _PLAIN
    if kind is tuple:
        return all(_written_out(part) for part in index)
    return kind in _PLAIN


def _mask(x: Any, axes: int) -> Any:
    """A part of an index: a mask of so many axes as it is computed, another one as it is this time."""
    if not isinstance(x, Recorded) or x.step.dtype != bool:
        return x
    if not (x.run.masks and len(x.step.shape) == axes and axes):
        return fixed(x)
    x.run.counted(x)
    return x
