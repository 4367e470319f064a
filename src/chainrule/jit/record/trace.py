"""A recording of what a function does to numbers, made while it runs on the real ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

import chainrule.native.call as call
import chainrule.native.collector as collector
from chainrule.carriers.assignment import in_place
from chainrule.carriers.assignment.in_place import ASSIGNED
from chainrule.carriers.refusals import no_shape
from chainrule.errors import ArgumentError, CannotRecord, DomainError, has_labels
from chainrule.jit.program import CONSTANT, INPUT, LONG, Guard
from chainrule.jit.record.lines import Lines
from chainrule.jit.step import Step, noted
from chainrule.libraries import array_of
from chainrule.numbers import StandIn

F64 = np.dtype(np.float64)
NOTHING: dict[str, Any] = {}

SMALL = 4096
"""Bytes of a constant array up to which equal ones are one: a loop that makes it anew does the same each time."""


class Recorded(StandIn):
    """A number while it is recorded: the step that computes it, and what it is this time."""

    __slots__ = ("_origin", "later", "run", "step", "value", "viewed")
    run: Trace
    step: Step
    value: Any
    later: Any
    viewed: tuple[Any, Any, dict[str, Any]] | None
    _origin: Any

    def now(self) -> Any:
        return in_place.current(self)

    def origin(self) -> Any:
        """What it is a view of, and how. Few are asked: until then `viewed` is the row and what it was made from."""
        if self.viewed is not None:
            self._origin, self.viewed = in_place.view_of(*self.viewed), None
        return self._origin

    def alias(self, changing: bool = False) -> Any:
        """This number as another object."""
        return self.run.made(self.step, self.value)

    def raise_as(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if self.step.shape:
            return
        if self.run.way is not None:
            self.run.way.finite(self)
            return
        if np.isfinite(self.value):
            self.run.finite(self.step)
            return
        self._raise(function, args)

    def raise_in_a_try(self, operator: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not all(_is_pythons(x) for x in (self, *args)):
            return
        if self.run.way is not None:
            self.run.way.raising(self, operator, args)
            return
        if not np.isfinite(self.value):
            if self.run.catches:
                self._raise(operator, args)
            else:
                _real(operator, tuple(map(value_of, args)))
        elif self.run.catches:
            self.run.finite(self.step)

    def _raise(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        # Which error it is, if any, depends on what is nan, infinite, and on which side of 0.
        for x in (self, *args):
            if isinstance(x, Recorded):
                _classified(x)
        _real(function, tuple(map(value_of, args)))


class RecordedArray(Recorded):
    """An array, or a scalar of NumPy's, while it is recorded."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.step.shape

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.step.dtype


def _real(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Raise what Python's operator raises, and DomainError where it gives a complex number."""
    if isinstance(function(*args), complex) and not any(isinstance(x, complex) for x in args):
        raise DomainError.here(f"({args[0]}) ** {args[-1]} has no real value")


class Trace:
    """Steps and guards of one run. `captured` are the arrays that the function found outside its arguments.

    kinds    the class of Recorded for numbers, and the one for arrays
    catches  whether the function catches what Python's operators raise (1 / 0.0): the program is to leave where they do
    masks    whether elements may be moved by computed masks; without, a mask is taken as it is
    """

    def __init__(
        self, kinds: tuple[type[Recorded], type[Recorded]], catches: bool = False, masks: bool = False
    ) -> None:
        self.catches, self.masks = catches, masks
        self.number, self.array = kinds
        self.inputs: list[Step] = []
        self.guards: list[Guard] = []
        self.captured: list[tuple[Any, Step]] = []
        self.reads: list[tuple[Step, list[Any]]] = []  # at computed places: the computed parts of their index
        self.over = False
        self._constants: dict[Any, Step] = {}
        self._floats: dict[float, Step] = {}
        self._shapes: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._guarded: set[int] = set()
        self._counted: dict[int, Step] = {}
        self._finite: Step | None = None
        self.way: Any = None  # through branches that are computed by each way (`branches`)
        self.lines = Lines()
        self.time = 0

    def now(self) -> int:
        """When the next step is recorded."""
        self.time += 1
        return self.time

    # -- numbers in and out -------------------------------------------------------------------------------

    def input(self, value: Any) -> Recorded:
        """A number of the function's arguments."""
        step = Step(INPUT, (), NOTHING, np.shape(value), F64 if type(value) is float else np.result_type(value))
        self.inputs.append(step)
        return self.made(step, value)

    def made(self, step: Step, value: Any) -> Recorded:
        numbers = isinstance(value, (float, int)) and not isinstance(value, np.generic)
        return self.kept(self.number if numbers else self.array, step, value)

    def kept(self, kind: type[Recorded], step: Step, value: Any) -> Recorded:
        new: Recorded = call.blank(Recorded, kind)
        new.run, new.step, new.value = self, step, value
        new.later = new.viewed = new._origin = None
        return new

    def constant(self, value: Any, dtype: np.dtype[Any]) -> Step:
        """A number or array that is no input and computed from none."""
        if dtype is not F64 or type(value) is not float or value == 0.0 or value != value:
            return self._constant(value, dtype)
        known = self._floats.get(value)
        if known is None:
            known = self._floats[value] = self._constant(value, dtype)
        return known

    def _constant(self, value: Any, dtype: np.dtype[Any]) -> Step:
        value = value.data if has_labels(value) else value
        if isinstance(value, np.ndarray) and value.ndim:
            known = self._constants.get((id(value), dtype))
            if known is None:
                kept = np.array(array_of(value), dtype)  # a copy of its own
                same = (kept.shape, dtype, kept.tobytes()) if kept.nbytes <= SMALL else (id(value), dtype)
                known = self._constants.setdefault(same, Step(CONSTANT, (), {"value": kept}, kept.shape, dtype))
                self._constants[id(value), dtype] = known
                self.captured.append((value, known))  # and keeps the id in use
            return known
        if isinstance(value, np.ndarray):
            value = value[()]
        key = (value if value == value and value != 0 else repr(value), dtype)
        known = self._constants.get(key)
        if known is None:
            number = value if dtype is F64 and type(value) is float else np.asarray(value, dtype)[()]
            known = self._constants[key] = Step(CONSTANT, (), {"value": number}, (), dtype)
        return known

    def met(self) -> list[Any]:
        """The arrays that the run met and that have other references, so that they may change."""
        views: dict[int, int] = {}
        for x, _ in self.captured:
            views[id(_owner(x))] = views.get(id(_owner(x)), 0) + 1
        found = []
        while self.captured:
            x, _ = self.captured.pop()
            root = _owner(x)
            # Held by: every view of it noted here, `root`, the question itself; `x` too if it is the root.
            ours = views[id(root)] + 2 + (root is x)
            if isinstance(root, np.ndarray) and root.flags.writeable and sys.getrefcount(root) > ours:
                found.append(x)
            views[id(root)] -= 1
        return found

    # -- steps --------------------------------------------------------------------------------------------

    def step(self, op: str, args: tuple[Step, ...], settings: dict[str, Any], value: Any) -> Recorded:
        """A new number: `op` of `args`, which is `value` this time."""
        if type(value) is float:  # what most are, with less ado
            step = self.hidden(noted(op, args, settings, (), F64, "", self.now()), args, settings)
            return self.kept(self.number, step, value)
        if type(value) is ndarray and value.dtype is F64:
            shape = self.shape(value)
            step = self.hidden(noted(op, args, settings, shape, F64, self.lines.now(), self.now()), args, settings)
            return self.kept(self.array, step, value)
        dtype = np.result_type(value)
        if dtype.kind not in "fbiu":
            raise CannotRecord(f"jit records real numbers; {op} gave {value!r}")
        line = self.lines.now() if isinstance(value, np.ndarray) else ""
        return self.made(Step(op, args, settings, np.shape(value), dtype, line, self.now()), value)

    def shape(self, value: Any) -> tuple[int, ...]:
        """The shape of an array, as the one object that stands for it in this run."""
        if self.way is not None:
            self.way.counted(value.size)
        shape: tuple[int, ...] = value.shape
        return self._shapes.setdefault(shape, shape)

    def hidden(self, step: Step, args: tuple[Step, ...], settings: dict[str, Any]) -> Step:
        """A new step, hidden from the garbage collector in a long program."""
        if self.time > LONG:
            collector.hide(step)
            collector.hide(args)
            collector.hide(settings)
        return step

    def cast(self, step: Step, dtype: np.dtype[Any]) -> Step:
        """`step` as a number of another type."""
        if step.dtype == dtype:
            return step
        return Step("astype", (step,), {"dtype": dtype}, step.shape, dtype, step.line, self.now())

    def doubles(self, args: tuple[Any, ...]) -> tuple[Step, ...]:
        """The steps of `args`, which have not been assigned to, as float64."""
        steps: list[Step] = []
        for x in args:
            if isinstance(x, Recorded):
                recorded: Recorded = x
                step = recorded.step
                steps.append(step if step.dtype is F64 else self.cast(step, F64))
            else:
                steps.append(self.constant(x, F64))
        return tuple(steps)

    def operands(self, args: tuple[Any, ...], dtype: np.dtype[Any], whole: int = 0) -> tuple[Step, ...]:
        """The steps of `args` as numbers of one type; the first `whole` keep theirs."""
        if dtype is F64 and not whole and not ASSIGNED[0]:
            return self.doubles(args)
        steps: list[Step] = []
        for k, x in enumerate(args):
            x = x.now() if isinstance(x, Recorded) else x
            if isinstance(x, Recorded):
                steps.append(x.step if k < whole else self.cast(x.step, dtype))
            else:
                steps.append(self.constant(x, np.result_type(x) if k < whole else dtype))
        return tuple(steps)

    def guard(self, step: Step, holds: bool) -> None:
        """The run went on as it did because `step` was `holds`."""
        if self.over:
            raise over()
        if self.way is not None:
            raise Unexplored
        if step.op != CONSTANT and id(step) not in self._guarded:
            self._guarded.add(id(step))
            self.guards.append(Guard(step, holds, self.lines.now()))

    def counted(self, mask: Recorded) -> None:
        """The run went on as it did because so many elements of a mask were true: shapes depend on it."""
        if id(mask.step) in self._counted:
            return
        self._counted[id(mask.step)] = mask.step
        number = float(np.count_nonzero(mask.value))
        total = self.step("sum", (self.cast(mask.step, F64),), {"axis": None, "keepdims": False}, number).step
        as_many = (total, self.constant(number, F64))
        self.guard(Step("as_many", as_many, NOTHING, (), np.dtype(bool), "", self.now()), True)

    # -- what math would refuse ---------------------------------------------------------------------------

    def finite(self, step: Step) -> None:
        """The run went on as it did because a number was finite. One guard looks at all of these together: 0 times a
        number is 0 or nan, and added up they tell whether one was not finite."""
        zero = self.constant(0.0, step.dtype)
        nothing = Step("multiply", (step, zero), NOTHING, (), step.dtype, "", self.now())
        if self._finite is not None:
            nothing = Step("add", (self._finite, self.cast(nothing, F64)), NOTHING, (), F64, "", self.now())
        self._finite = self.cast(nothing, F64)

    def ended(self) -> None:
        """Nothing is recorded any more."""
        if self._finite is not None:
            zero = self.constant(0.0, F64)
            self.guard(Step("equal", (self._finite, zero), NOTHING, (), np.dtype(bool), "", self.now()), True)
        self.stopped()

    def stopped(self) -> None:
        """What was recorded may be looked at, and not be computed with."""
        self.over = True
        self.lines.forget()


class Unexplored(BaseException):
    """Branches cannot be computed by each way: what they compute decides something else, too."""


def _is_pythons(x: Any) -> bool:
    """Whether it is a number of Python's, whose operators raise; NumPy's give inf or nan."""
    x = value_of(x)
    return isinstance(x, (float, int)) and not isinstance(x, np.generic)


def _classified(x: Recorded) -> None:
    """The recording holds where x is as it is now: nan, infinite, positive or negative."""
    run, value = x.run, x.value
    zero = run.constant(0.0, x.step.dtype)
    for op, others, holds in (
        ("isnan", (), np.isnan(value)), ("isinf", (), np.isinf(value)),
        ("greater", (zero,), value > 0), ("less", (zero,), value < 0),
    ):  # fmt: skip
        run.guard(run.step(op, (x.step, *others), {}, bool(holds)).step, bool(holds))


def _owner(x: Any) -> Any:
    """What holds the memory of an array."""
    while isinstance(x, np.ndarray) and x.base is not None:
        x = x.base
    return x


def over() -> ArgumentError:
    return ArgumentError(
        "a number from inside a jitted function was used after the function had returned; return it instead of "
        "storing it elsewhere"
    )


def fixed(x: Any) -> Any:
    """What `x` is this time; from here on the recording holds where it is the same."""
    if not isinstance(x, Recorded):
        return x
    x = x.now()
    same = x.run.step("array_equal", (x.step, x.run.constant(x.value, x.step.dtype)), {}, True)
    x.run.guard(same.step, True)
    return x.value


def of_numpy(x: Any) -> Any:
    """What a function of NumPy's gives for Python's numbers: NumPy's, whose type decides that of what they meet."""
    if isinstance(x, Recorded):
        value = value_of(x)
        return x if isinstance(value, (np.generic, np.ndarray)) else x.run.made(x.step, np.asarray(value)[()])
    return type(x)(map(of_numpy, x)) if type(x) in (tuple, list) else x


def value_of(x: Any) -> Any:
    x = x.now() if ASSIGNED[0] and isinstance(x, Recorded) else x
    return x.value if isinstance(x, Recorded) else x  # an array that was filled is plain


def trace_of(args: Any) -> Trace:
    for x in args:
        if isinstance(x, Recorded):
            recorded: Recorded = x
            trace: Trace = recorded.run
            if trace.over:
                raise over()
            return trace
    raise AssertionError("no recorded number among the arguments")


def type_of(value: Any) -> np.dtype[Any]:
    """The type of a number or array."""
    if type(value) is float or (type(value) is ndarray and value.dtype is F64):
        return F64
    return np.result_type(value)
