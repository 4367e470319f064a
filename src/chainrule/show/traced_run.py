"""A recording that also knows the user's local names, which comparisons the run has met, and where it stopped."""

from __future__ import annotations

import math
import re
import traceback
import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from chainrule import trees
from chainrule.carriers.gate import joined
from chainrule.carriers.lift import lift
from chainrule.errors import file_name, user_frame
from chainrule.numbers import Carrier, Number, new_level, shape
from chainrule.show.argument_paths import places_of
from chainrule.show.held import Split, settled
from chainrule.show.printable import printable
from chainrule.show.traced_comparison import ComparedFloat, Comparison, plain
from chainrule.values.located import Located, source_line
from chainrule.values.value import Value

ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\s*=(?!=)")
RESULT = "y"
MOST_ELEMENTS = 64
"""So many elements of a list are looked at for names, at each operation."""
PASSING = ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
"""Frames whose variables hold each value for a moment only: they name none."""


def variables(frame: FrameType | None) -> Iterable[tuple[str, Any]]:
    """The names of the user's variables, and what they hold while that frame computes."""
    return () if frame is None or frame.f_code.co_name in PASSING else frame.f_locals.items()


def assigned(line: str) -> str:
    """The name that a line of the user's assigns to, "" for none.

    >>> assigned("y = x * x"), assigned("return x * x")
    ('y', '')
    """
    match = ASSIGNMENT.match(line)
    return match[1] if match and "lambda" not in line else ""


class Log:
    """What one run left behind beside its recording.

    recorded      every Value that an operation made, also those the result does not need
    names         of the user's variables, by the id of the Value they held first
    elements      `counts[2]`: of the elements of lists, likewise
    comparisons   whose answers steered the run, in their order
    """

    def __init__(self) -> None:
        self.recorded: list[Any] = []
        self.names: dict[int, str] = {}
        self.elements: dict[int, str] = {}
        self.comparisons: list[Comparison] = []
        self.last_on: dict[tuple[str, int], Any] = {}

    def name(self, node: Value) -> str:
        """The user's name for a Value: of the variable or the element of a list that held it when the run went on,
        or that its line assigns to; "" when there is none."""
        if id(node) not in self.names and id(node) in self.elements:
            return self.elements[id(node)]
        return self.variable(node)

    def variable(self, node: Value) -> str:
        """The name of the variable that held a Value, or that its line assigns to: an identifier, or ""."""
        found = self.names.get(id(node))
        if found is None and self.last_on.get(getattr(node, "where", ("", 0))) is node:
            found = assigned(source_line(node))
        return found or ""


class Stop(NamedTuple):
    """What ended a run early, and on which line of the user's."""

    error: Exception
    where: tuple[str, int]

    def __str__(self) -> str:
        path, line = self.where
        said = str(self.error).strip().splitlines()[:1]
        where = f" at {file_name(path)}:{line}" if path else ""
        return printable(f"stopped{where}: {': '.join([type(self.error).__name__, *said])}")


class Run(NamedTuple):
    """A run of a function on watched Values.

    results     flattened; Values, or plain numbers where they do not depend on the arguments
    structure   how `trees.unflatten` puts them together again
    split       which numbers of the arguments are the inputs
    stop        why it ended early; then there are no results
    """

    results: list[Any]
    inputs: list[Any]
    structure: Any
    log: Log
    split: Split
    stop: Stop | None = None

    @property
    def found(self) -> list[Any]:
        """The results that are recorded."""
        return [y for y in self.results if isinstance(y, Value)]

    def place(self, y: Any) -> str:
        """`y[0]`, `y['loss']`: which of several results this is; "" when it is the only one, or none."""
        if len(self.results) < 2 or not any(y is other for other in self.results):
            return ""
        places = places_of((trees.unflatten(self.structure, self.results),), [RESULT])
        return next(place for place, other in zip(places, self.results, strict=True) if other is y)

    def total(self) -> Any:
        """The result; the sum of all elements when there are several, so that there is one gradient."""
        if len(self.results) == 1:
            return self.found[0]
        total = reduce(add, (y.sum() if shape(y.stored) else y for y in self.found))
        if all(total is not y for y in self.results):
            total.where, total.label = ("", 0), "total"
        return total


class Watched(Located):
    """A located Value that writes itself, names and comparisons to the log of its run."""

    __slots__ = ("_log",)
    _log: weakref.ref[Log]
    only_read = True

    @property
    def trail(self) -> Log:
        """The log of its run, which the Run holds; once that is gone, one that is not read. Values are hidden from the
        garbage collector: if they held a log that holds them, neither would ever go. Values that a rule made for
        itself have none."""
        log = getattr(self, "_log", None)
        return (log and log()) or Log()

    @trail.setter
    def trail(self, log: Log) -> None:
        self._log = weakref.ref(log)

    def apply(self, operator: Any, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        self._note_names()
        new = super().apply(operator, tuple(map(plain, args)), settings)
        log = new.trail = self.trail
        log.last_on[new.where] = new
        log.recorded.append(new)
        return new

    @property
    def primal(self) -> Number:
        data = self.stored
        if isinstance(data, float) or (isinstance(data, np.ndarray) and data.dtype.kind == "f" and not data.shape):
            # math is asked again, and may raise, where a plain float is not finite
            return ComparedFloat(float(data), self) if math.isfinite(data) else float(data)
        return data

    def _note_names(self) -> None:
        """Read the names of the user's variables off the frame that is computing."""
        for name, x in variables(user_frame()):
            if type(x) is list or type(x) is tuple:
                for k, element in enumerate(x[:MOST_ELEMENTS]):
                    self._note(self.trail.elements, f"{name}[{k}]", element)
            else:
                self._note(self.trail.names, name, x)

    def _note(self, names: dict[int, str], name: str, x: Any) -> None:
        """Write down what a Value of this run is called, if it has no name yet."""
        while isinstance(x, Value) and x.level > self.level:
            x = x.stored
        if isinstance(x, Watched) and x.level == self.level:
            names.setdefault(id(x), name)


def watch(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    partly: bool = False,
    argnums: int | Sequence[int] | None = None,
) -> Run:
    """Run `f` on watched Values. What is no number is held as it was given, and so are whole numbers where `f` needs
    them to be: where it raises when they are Values, and does not when they are held.

    partly    whether what was recorded before `f` raised is a run too; when nothing was, the exception passes on
    argnums   the arguments whose numbers become Values; all others are held

    >>> run = watch(lambda x: x * x if x > 0 else -x, (3.0,))
    >>> run.results[0].data, run.log.comparisons[0].sign, run.log.comparisons[0].answer
    (9.0, '>', True)
    >>> print(watch(lambda x: (x * x)[0], (3.0,), partly=True).stop)
    stopped...: ShapeError: a Watched holding one number cannot be indexed
    """
    split = Split(args, argnums)
    run = _run(f, split)
    if run.stop is not None:
        found = settled(split, lambda other: _run(f, other).stop is None)
        run = run if found is None else _run(f, found)
    if run.stop is not None and not (partly and run.log.recorded):
        raise run.stop.error
    return run


def _run(f: Callable[..., Any], split: Split) -> Run:
    level, log = new_level(), Log()
    inputs: list[Any] = [Watched.leaf(x, level) for x in split.numbers()]
    for v in inputs:
        v.where, v.trail = ("", 0), log
    try:
        results, out = trees.flatten(lift(f)(*split.filled(inputs)))
    except Exception as error:
        return Run([], inputs, None, log, split, Stop(error, _where(error, f, log)))
    return Run([_settled(y, level) for y in results], inputs, out, log, split)


def _where(error: Exception, f: Any, log: Log) -> tuple[str, int]:
    """The innermost line that an exception passed through in a file of the user's."""
    files = {node.where[0] for node in log.recorded} | {getattr(getattr(f, "__code__", None), "co_filename", "")}
    passed = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return next((place for place in reversed(passed) if place[0] in files), ("", 0))


def _settled(y: Any, level: float) -> Any:
    if isinstance(y, np.ndarray):
        y = joined(y)
    while isinstance(y, Carrier) and y.level > level:
        y = y.primal
    return plain(y)
