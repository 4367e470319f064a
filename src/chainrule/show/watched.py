"""A recording that also knows the user's local names, and which comparisons the run has met."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.carriers.located import Located, source_line
from chainrule.carriers.numpy import joined
from chainrule.carriers.value import Value
from chainrule.errors import user_frame
from chainrule.numbers import Carrier, Number, new_level
from chainrule.show.compared import ComparedArray, ComparedFloat, Comparison, Mask, bare, plain

ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\s*=(?!=)")


class Log:
    """What one run left behind beside its recording.

    names         of the user's variables, by the id of the Value they held first
    comparisons   whose answers steered the run, in their order
    """

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.comparisons: list[Comparison] = []
        self.last_on: dict[tuple[str, int], Any] = {}

    def name(self, node: Value) -> str:
        """The user's name for a Value: of the variable that held it when the run went on, or that its line
        assigns to; "" when there is none."""
        found = self.names.get(id(node))
        if found is None and self.last_on.get(getattr(node, "where", ("", 0))) is node:
            match = ASSIGNMENT.match(source_line(node))
            found = match[1] if match else None
        return found or ""


class Watched(Located):
    """A located Value that writes names and comparisons to the log of its run."""

    __slots__ = ("log",)
    log: Log

    def apply(self, operator: Any, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        self._note_names()
        new = super().apply(operator, tuple(map(bare, args)), settings)
        if any(isinstance(x, Mask) for x in args):
            new.operands = tuple(x if isinstance(x, Mask) else y for x, y in zip(args, new.operands, strict=True))
        new.log = self.log
        self.log.last_on[new.where] = new
        return new

    @property
    def primal(self) -> Number:
        data = self._number
        if isinstance(data, np.ndarray) and data.shape:
            view = data.view(ComparedArray)
            view.node = self
            return view
        if isinstance(data, float) or (isinstance(data, np.ndarray) and data.dtype.kind == "f"):
            return ComparedFloat(float(data), self)
        return data

    def _note_names(self) -> None:
        """Read the names of the user's variables off the frame that is computing."""
        frame = user_frame()
        if frame is None:
            return
        for name, x in frame.f_locals.items():
            while isinstance(x, Value) and x.level > self.level:
                x = x._number
            if isinstance(x, Watched) and x.level == self.level:
                self.log.names.setdefault(id(x), name)


def watch(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[list[Any], list[Any], Any, Log]:
    """Run `f` on watched Values: (the flattened results, the inputs, the structure of the results, the log).

    >>> (y,), (x,), _, log = watch(lambda x: x * x if x > 0 else -x, (3.0,))
    >>> y.data, log.comparisons[0].sign, log.comparisons[0].answer
    (9.0, '>', True)
    """
    leaves, structure = trees.numbers(args)
    level, log = new_level(), Log()
    inputs: list[Any] = [Watched.leaf(x, level) for x in leaves]
    for v in inputs:
        v.where, v.log = ("", 0), log
    results, out = trees.flatten(lift(f)(*trees.unflatten(structure, inputs)))
    return [_settled(y, level) for y in results], inputs, out, log


def _settled(y: Any, level: float) -> Any:
    if isinstance(y, np.ndarray):
        y = joined(y)
    while isinstance(y, Carrier) and y.level > level:
        y = y.primal
    return plain(y)
