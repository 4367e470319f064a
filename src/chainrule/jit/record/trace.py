"""A recording of what a function does to numbers, made while it runs on the real ones."""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.assignment import in_place
from chainrule.errors import ArgumentError, CannotRecord, DomainError, at_user_line, has_labels
from chainrule.jit.program import CONSTANT, INPUT, Guard, Step
from chainrule.jit.record.holes import emptied, filled
from chainrule.jit.record.lines import Lines
from chainrule.libraries import array_of, library
from chainrule.numbers import COMPLEX_NUMBERS, StandIn, is_complex
from chainrule.ops.composite import Composite
from chainrule.ops.kinds import Linear
from chainrule.ops.row import VIEWS, Operator

F64 = np.dtype(np.float64)
NOTHING: dict[str, Any] = {}
_NUMBERS = frozenset({float, int, bool, np.ndarray, np.float64, np.float32, np.int64, np.bool_})


class Recorded(StandIn):
    """A number while it is recorded: the step that computes it, and what it is this time."""

    __slots__ = ("_origin", "later", "run", "step", "value")
    run: Trace
    step: Step
    value: Any
    later: Any
    _origin: Any

    def now(self) -> Any:
        return in_place.current(self)

    def origin(self) -> Any:
        """What it is a view of, and how."""
        return self._origin

    def alias(self, changing: bool = False) -> Any:
        """This number as another object."""
        return self.run.made(self.step, self.value)

    def raise_as(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if self.step.shape:
            return
        if np.isfinite(self.value):
            self.run.finite(self.step)
            return
        self._raise(function, args)

    def raise_in_a_try(self, operator: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not all(_is_pythons(x) for x in (self, *args)):
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


def _real(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Raise what Python's operator raises, and DomainError where it gives a complex number."""
    if isinstance(function(*args), complex) and not any(isinstance(x, complex) for x in args):
        raise DomainError(at_user_line(f"({args[0]}) ** {args[-1]} has no real value"))


class Trace:
    """Steps and guards of one run. `captured` are the arrays that the function found outside its arguments.

    kinds    the class of Recorded for numbers, and the one for arrays
    catches  whether the function catches what Python's operators raise (1 / 0.0): the program is to leave where they do
    """

    def __init__(self, kinds: tuple[type[Recorded], type[Recorded]], catches: bool = False) -> None:
        self.catches = catches
        self.number, self.array = kinds
        self.inputs: list[Step] = []
        self.guards: list[Guard] = []
        self.captured: list[tuple[Any, Step]] = []
        self.reads: list[tuple[Step, list[Any]]] = []  # at computed places: the computed parts of their index
        self.over = False
        self._constants: dict[Any, Step] = {}
        self._guarded: set[int] = set()
        self._finite: Step | None = None
        self.lines = Lines()
        self.now = itertools.count(1).__next__

    # -- numbers in and out -------------------------------------------------------------------------------

    def input(self, value: Any) -> Recorded:
        """A number of the function's arguments."""
        step = Step(INPUT, (), NOTHING, np.shape(value), F64 if type(value) is float else np.result_type(value))
        self.inputs.append(step)
        return self.made(step, value)

    def made(self, step: Step, value: Any) -> Recorded:
        kind = self.number if isinstance(value, (float, int)) and not isinstance(value, np.generic) else self.array
        new = StandIn.__new__(kind)
        new.run, new.step, new.value = self, step, value
        new.later = new._origin = None
        return new

    def constant(self, value: Any, dtype: np.dtype[Any]) -> Step:
        """A number or array that is no input and computed from none."""
        value = value.data if has_labels(value) else value
        if isinstance(value, np.ndarray) and value.ndim:
            known = self._constants.get((id(value), dtype))
            if known is None:
                kept = np.array(array_of(value), dtype)  # nobody else's
                known = Step(CONSTANT, (), {"value": kept}, kept.shape, dtype)
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
        """The arrays that the run met and that somebody else holds, so that they may change."""
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
        if type(value) is float:
            new = StandIn.__new__(self.number)
            new.run, new.step, new.value = self, Step(op, args, settings, (), F64, "", self.now()), value
            new.later = new._origin = None
            return new
        if type(value) is np.ndarray and value.dtype is F64:  # what most are, with less ado
            return self.made(Step(op, args, settings, value.shape, F64, self.lines.now(), self.now()), value)
        dtype = np.result_type(value)
        if dtype.kind not in "fbiu":
            raise CannotRecord(f"jit records real numbers; {op} gave {value!r}")
        line = self.lines.now() if isinstance(value, np.ndarray) else ""
        return self.made(Step(op, args, settings, np.shape(value), dtype, line, self.now()), value)

    def cast(self, step: Step, dtype: np.dtype[Any]) -> Step:
        """`step` as a number of another type."""
        if step.dtype == dtype:
            return step
        return Step("astype", (step,), {"dtype": dtype}, step.shape, dtype, step.line)

    def operands(self, args: tuple[Any, ...], dtype: np.dtype[Any], whole: int = 0) -> tuple[Step, ...]:
        """The steps of `args` as numbers of one type; the first `whole` keep theirs."""
        steps = []
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
        if step.op != CONSTANT and id(step) not in self._guarded:
            self._guarded.add(id(step))
            self.guards.append(Guard(step, holds, self.lines.now()))

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
    same = x.run.step("array_equal", (x.step, x.run.constant(x.value, x.step.dtype)), {}, True)
    x.run.guard(same.step, True)
    return x.value


def _mask(x: Any) -> Any:
    return fixed(x) if isinstance(x, Recorded) and x.step.dtype == bool else x


def of_numpy(x: Any) -> Any:
    """What a function of NumPy's gives for Python's numbers: NumPy's, whose type decides that of what they meet."""
    if isinstance(x, Recorded):
        value = x.value
        return x if isinstance(value, (np.generic, np.ndarray)) else x.run.made(x.step, np.asarray(value)[()])
    return type(x)(map(of_numpy, x)) if type(x) in (tuple, list) else x


def value_of(x: Any) -> Any:
    x = x.now() if isinstance(x, Recorded) else x
    return x.value if isinstance(x, Recorded) else x  # an array that was filled is plain


def trace_of(args: Any) -> Trace:
    for x in args:
        if isinstance(x, Recorded):
            if x.run.over:
                raise over()
            return x.run
    raise AssertionError("no recorded number among the arguments")


def recorder(operator: Operator | Composite) -> Callable[..., Any]:
    """What computes `operator` for recorded numbers: the operator itself, on what they are, and a new step."""
    if operator.name in ("getitem", "scatter"):
        return functools.partial(_move, operator)
    if operator.name in VIEWS:
        return functools.partial(_view, operator)
    name = operator.name
    whole = operator.constants if isinstance(operator, Linear) else 0

    def record(*args: Any, **settings: Any) -> Any:
        if in_place.ASSIGNED[0]:
            found = in_place.again(operator, args, settings)
            if found is not NotImplemented:
                return found
        trace = trace_of(args)
        values = [x.value if isinstance(x, Recorded) else x for x in args]
        if not _NUMBERS.issuperset(map(type, values)):
            _refuse_other_libraries(values)
        value = operator(*values, **settings)
        of, shape, line = type(value), (), ""
        if of is np.ndarray and value.dtype is F64 and not whole:
            kind, shape, line = trace.array, value.shape, trace.lines.now()
        elif (of is float or of is np.float64) and not whole:
            kind = trace.number if of is float else trace.array
        elif is_complex(value):
            return COMPLEX_NUMBERS.computed(operator, args, settings)
        else:
            value = _of_floats(value, args[whole:])
            return trace.step(name, trace.operands(args, np.result_type(value), whole), settings, value)
        steps = []  # of float64, the same with less ado: programs have many thousands of these
        for x in args:
            if isinstance(x, Recorded):
                step = x.step
                steps.append(step if step.dtype is F64 else trace.cast(step, F64))
            else:
                steps.append(trace.constant(x, F64))
        new = StandIn.__new__(kind)
        new.run, new.value = trace, value
        new.step = Step(name, tuple(steps), settings, shape, F64, line, trace.now())
        new.later = new._origin = None
        return new

    return record


def _refuse_other_libraries(values: list[Any]) -> None:
    """Raise CannotRecord for arrays that are not NumPy's."""
    for x in values:
        if not isinstance(x, np.ndarray) and library(x).spelling == "array":
            root = type(x).__module__.partition(".")[0].removesuffix("lib")
            raise CannotRecord(
                at_user_line(
                    f"a jitted function reads an array of {root} besides its arguments, and programs hold NumPy's; "
                    'pass it as an argument of jit(f, backend="jax" or "torch"), or make it one of NumPy\'s'
                )
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


def _view(operator: Operator | Composite, x: Any, **settings: Any) -> Any:
    """A row whose result may be a view of its operand."""
    if in_place.ASSIGNED[0] and x.now() is not x:
        return operator(x.later, **settings)
    value = operator(x.value, **settings)
    new = x.run.step(operator.name, x.run.operands((x,), np.result_type(value)), settings, value)
    new._origin = in_place.view_of(operator, x, settings) if np.shape(value) else None
    return new


_PLAIN = frozenset({int, type(None), type(Ellipsis)})


def _written_out(index: Any) -> bool:
    """Whether an index holds Python's whole numbers and slices only."""
    kind = type(index)
    if kind is slice:
        return type(index.start) in _PLAIN and type(index.stop) in _PLAIN and type(index.step) in _PLAIN
    return kind in _PLAIN or (kind is tuple and all(map(_written_out, index)))


def _move(operator: Operator | Composite, *args: Any, index: Any, **settings: Any) -> Any:
    """getitem and scatter, whose index may be computed. A computed mask is taken as it is: shapes depend on it."""
    if in_place.ASSIGNED[0]:
        found = in_place.again(operator, args, {"index": index, **settings})
        if found is not NotImplemented:
            return found
    if _written_out(index):
        template, computed = index, list[Recorded]()
    else:
        index = tuple(map(_mask, index)) if type(index) is tuple else _mask(index)
        template, computed = emptied(index, Recorded)
    if not computed and not any(isinstance(x, Recorded) for x in args):
        return operator(*args, index=index, **settings)
    trace = trace_of((*args, *computed))
    places = filled(template, [x.value for x in computed]) if computed else template
    value = operator(*[value_of(x) for x in args], index=places, **settings)
    steps = trace.operands(args, np.result_type(value))
    if not computed:
        new = trace.step(operator.name, steps, {"index": index, **settings}, value)
        if operator.name == "getitem" and np.shape(value):
            new._origin = in_place.view_of(operator, args[0], {"index": index})
        return new
    steps += tuple(x.step for x in computed)
    moved = {"getitem": "gather", "scatter": "scatter_at"}[operator.name]
    new = trace.step(moved, steps, {"index": template, **settings}, value)
    trace.reads.append((new.step, computed))
    return new
