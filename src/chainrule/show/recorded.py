"""One run of a function as a program, with the user's names of its steps: what `source` and `derive` write down.

It is recorded as `jit` records, but for what a reader does not want: rows that exist for accuracy alone are written as
what they stand for, and a number that leaves the recording is taken as it is, and said to be.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ShapeError, user_frame
from chainrule.jit.program import CONSTANT, Program, Step
from chainrule.jit.record.recorder import recorder
from chainrule.jit.record.trace import Recorded, Trace, value_of
from chainrule.jit.record.tracer import TRACER, TracedArray, Tracer
from chainrule.libraries import Library, computed_by
from chainrule.ops.composite import Composite
from chainrule.show.held import Split, settled
from chainrule.show.traced_run import assigned, variables
from chainrule.transforms.calling import settled as opened
from chainrule.transforms.operator import UserOperator
from chainrule.values.value import Value


class Named(Tracer):
    """A number of a run that is written down."""

    __slots__ = ()
    run: NamedTrace
    __hash__ = object.__hash__

    def __float__(self) -> float:
        return float(self.run.taken(self)) if self.step.dtype.kind == "f" else super().__float__()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.run.taken(self), dtype) if self.step.dtype.kind == "f" else super().__array__(dtype)

    def chosen(self, answer: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        self.run.decided = True
        return answer(*map(value_of, args))

    settled = chosen


class NamedArray(TracedArray, Named):
    """An array of such a run."""

    __slots__ = ()


class NamedTrace(Trace):
    """Steps and guards of one run, and what the user calls the steps.

    frozen    whether a number was taken as it is, and computed with outside of the recording
    decided   whether a rule decided by numbers: which is the middle one, in what order they are
    """

    def __init__(self) -> None:
        super().__init__((Named, NamedArray))
        self.frozen = self.decided = False
        self._names: dict[int, str] = {}
        self._lines: dict[int, tuple[str, int]] = {}
        self._last_on: dict[tuple[str, int], int] = {}

    def now(self) -> int:
        """The number of the next step, for which the user's variables are looked at."""
        at, frame = super().now(), user_frame()
        if frame is not None:
            self._lines[at] = place = frame.f_code.co_filename, frame.f_lineno
            self._last_on[place] = at
        for name, x in variables(frame):
            while isinstance(x, Value):
                x = x.stored
            if isinstance(x, Recorded) and x.run is self:
                self._names.setdefault(x.step.at, name)
        return at

    def name(self, step: Step) -> str:
        """The user's name for a step: of the variable that held it when the run went on, or that its line assigns to;
        "" when there is none."""
        place = self._lines.get(step.at)
        if step.at not in self._names and place is not None and self._last_on[place] == step.at:
            self._names[step.at] = assigned(linecache.getline(*place).strip())
        return self._names.get(step.at, "")

    def finite(self, step: Step) -> None:
        """The text raises where the function does."""

    def taken(self, x: Any) -> Any:
        """What `x` is this time."""
        self.frozen = self.frozen or isinstance(x, Recorded)
        return value_of(x)


def _record(operator: Any) -> Callable[..., Any]:
    """What computes an operator: it becomes a step, but what is made of others becomes steps of these."""
    if isinstance(operator, Composite):
        return operator.body
    return operator.computed if isinstance(operator, UserOperator) else recorder(operator)


_WRITTEN = Library("written", 5, lambda name: None, TRACER.xp, _record)
for _kind in (Named, NamedArray):
    computed_by(_kind, _WRITTEN)


class Run:
    """A function's run at `split`: the `program`, the `structure` into which `trees.unflatten` puts its results, and
    the `trace` that knows the names."""

    def __init__(self, f: Callable[..., Any], split: Split) -> None:
        self.split, self.trace = split, NamedTrace()
        try:
            leaves, self.structure = trees.flatten(lift(f)(*split.filled([*map(self.trace.input, split.numbers())])))
        finally:
            self.trace.stopped()
        self.program = Program(self.trace.inputs, [self._result(y) for y in leaves], self.trace.guards)

    def _result(self, y: Any) -> Step:
        y = opened(y, -1)
        if isinstance(y, Recorded):
            return y.step
        value = np.asarray(y)
        return Step(CONSTANT, (), {"value": value}, value.shape, value.dtype)


def recorded(f: Callable[..., Any], at: tuple[Any, ...]) -> Run:
    """The run of `f` at these arguments. Whole numbers are held as they are given where `f` raises otherwise."""
    split = Split(at)
    try:
        return Run(f, split)
    except Exception as error:
        found = settled(split, lambda other: _runs(f, other))
        if found is not None:
            return Run(f, found)
        said = re.sub(r"(object of type )?'Named'( object)?", "an argument that is one number", str(error))
        if isinstance(error, TypeError) and said != str(error):
            raise ShapeError.here(f"{said}; give a list or an array where the function takes one") from None
        raise


def _runs(f: Callable[..., Any], split: Split) -> bool:
    try:
        Run(f, split)
    except Exception:
        return False
    return True
