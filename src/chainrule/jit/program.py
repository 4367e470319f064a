"""What a recording says, as a program: steps in single-assignment form.

Each step applies one row of the operator table to earlier steps; the names, settings and meanings are the
table's, so a program can be replayed by the rows themselves, by machine code, or printed as C.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.jit.step import Step, needed
from chainrule.native.collector import hide

__all__ = ["CONSTANT", "INPUT", "LONG", "Guard", "Program", "Step", "alike", "hidden", "parts_of", "times"]

INPUT, CONSTANT = "input", "constant"


def parts_of(index: Any, axes: int) -> list[Any]:
    """The parts of an index, with whole slices in the place of `...`."""
    parts = list(index) if type(index) is tuple else [index]
    at = next((k for k, part in enumerate(parts) if part is Ellipsis), None)  # arrays among them: `in` would compare
    if at is not None:
        parts[at : at + 1] = [slice(None)] * (axes - len(parts) + 1)
    return parts


@dataclass(eq=False, slots=True)
class Guard:
    """A branch of the user's code was taken because `step`, a single boolean, was `holds`."""

    step: Step
    holds: bool
    line: str = ""


@dataclass(eq=False, slots=True)
class Program:
    """Inputs, results and guards, which stay as they are. `inputs` are in the order of the call's dynamic arguments,
    all of them, used or not.

    sample   the inputs and results of the call that was recorded, until the program is compiled
    counts   of the elements that masks took out in that call, where the last results are such numbers
    """

    inputs: list[Step]
    outputs: list[Step]
    guards: list[Guard] = field(default_factory=list)
    sample: tuple[Sequence[Any], Sequence[Any]] | None = field(default=None, repr=False)
    counts: tuple[float, ...] = ()
    _listed: list[Step] | None = field(default=None, init=False, repr=False)

    def steps(self) -> list[Step]:
        """All steps that the results and guards need, arguments first; inputs and constants among them. The list is the
        program's own."""
        if self._listed is None:
            self._listed = needed([*(g.step for g in self.guards), *self.outputs])
        return self._listed

    def replaced(self, made: Callable[[Step], Step]) -> Program:
        """The program of the same inputs with what was made of its results and guards."""
        guards = [Guard(made(g.step), g.holds, g.line) for g in self.guards]
        return Program(self.inputs, [made(s) for s in self.outputs], guards)


LONG = 1000
"""Steps from which on a program is hidden from the garbage collector."""


def hidden(program: Program) -> None:
    """Hide the steps of a long program from the garbage collector, which would look at each of them, again and again:
    they refer to earlier ones only, and are freed with the last reference to them."""
    steps = program.steps()
    if len(steps) >= LONG:
        for step in filter(gc.is_tracked, steps):
            hide(step)
            hide(step.args)
            hide(step.settings)
        hide(steps)


def times(steps: Iterable[Step]) -> dict[Step, int]:
    """When the run that was recorded had come to each step (arguments first); to one that a pass has made, as soon as
    it had its arguments."""
    found: dict[Step, int] = {}
    for step in steps:
        found[step] = max([step.at, *[found.get(a, 0) for a in step.args]])
    return found


def alike(a: Program, b: Program) -> bool:
    """Whether two programs compute the same: step for step, constants to the last bit."""
    mine, theirs = a.steps(), b.steps()
    place = {id(step): k for k, step in enumerate(mine)}
    same = {id(step): k for k, step in enumerate(theirs)}

    def ends(p: Program, at: dict[int, int]) -> list[Any]:
        guards = [(at[id(g.step)], g.holds) for g in p.guards]
        return [[at.get(id(s)) for s in p.inputs], [at.get(id(s)) for s in p.outputs], guards]

    return (
        len(mine) == len(theirs)
        and ends(a, place) == ends(b, same)
        and all(
            x.op == y.op
            and (x.shape, x.dtype) == (y.shape, y.dtype)
            and [place[id(s)] for s in x.args] == [same[id(s)] for s in y.args]
            and _same_setting(x.settings, y.settings)
            for x, y in zip(mine, theirs, strict=True)
        )
    )


def _same_setting(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(_same_setting, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same_setting(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray | np.generic):
        return bool(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes())
    return repr(a) == repr(b) if isinstance(a, float) else bool(a == b)
