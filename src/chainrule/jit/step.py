"""One step of a program, and the order of steps that lead to others."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np


class Step:
    """One number or array of a program, and how it is computed.

    op         a name in the operator table; or "input", or "constant" (then `settings["value"]` holds it)
    args       the steps it is computed from
    settings   the row's settings (axis, shape, key, ...)
    shape      () for a single number
    dtype      float64, float32, bool, or an integer type for what is only used to index
    line       "file.py:12" of the user's code, where known
    at         when it was recorded; 0 for a step that a pass has made from others
    """

    __slots__ = ("args", "at", "dtype", "line", "op", "settings", "shape")

    def __init__(
        self,
        op: str,
        args: tuple[Step, ...],
        settings: dict[str, Any],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        line: str = "",
        at: int = 0,
    ) -> None:
        self.op, self.args, self.settings = op, args, settings
        self.shape, self.dtype, self.line, self.at = shape, dtype, line, at

    @property
    def kind(self) -> str:
        """Type and shape, as they are shown."""
        return f"{self.dtype}{list(self.shape)}" if self.shape else str(self.dtype)

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * self.dtype.itemsize

    def __repr__(self) -> str:
        return f"<{self.op} {self.kind}>"


def noted(
    op: str,
    args: tuple[Step, ...],
    settings: dict[str, Any],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    line: str,
    at: int,
) -> Step:
    """A step, as a recording makes them by the hundred thousand: compiled, without a call of its class."""
    new: Step = Step.__new__(Step)
    new.op, new.args, new.settings = op, args, settings
    new.shape, new.dtype, new.line, new.at = shape, dtype, line, at
    return new


def substituted(step: Step, made: dict[Step, Step]) -> tuple[Step, ...]:
    """The arguments of a step, with what was made of those in `made` in their place; where none is, `step.args`."""
    found: list[Step] | None = None
    args = step.args
    for k in range(len(args)):
        new = made.get(args[k])
        if new is not None:
            if found is None:
                found = [*args]
            found[k] = new
    return args if found is None else tuple(found)


class Marked:
    """A set of steps. Those that were recorded are known by when that was, which takes half the time of a set."""

    __slots__ = ("_at", "_others")

    def __init__(self) -> None:
        self._at: list[Step | None] = []
        self._others: set[Step] = set()

    def holds(self, step: Step) -> bool:
        at = step.at
        return (at < len(self._at) and self._at[at] is step) or (len(self._others) > 0 and step in self._others)

    def add(self, step: Step) -> None:
        at = step.at
        if at >= len(self._at):
            self._at.extend([None] * (at + 1 + at // 4 - len(self._at)))
        if self._at[at] is None:
            self._at[at] = step
        else:
            self._others.add(step)


def needed(wanted: Iterable[Step]) -> list[Step]:
    """The steps that these need and they themselves, each once, arguments first."""
    listed: list[Step] = []
    known = Marked()
    pending = [*wanted]
    pending.reverse()
    while pending:
        step: Step = pending[-1]
        if not known.holds(step):
            length, args = len(pending), step.args
            for k in range(len(args) - 1, -1, -1):
                if not known.holds(args[k]):
                    pending.append(args[k])
            if len(pending) > length:
                continue
            known.add(step)
            listed.append(step)
        pending.pop()
    return listed


def in_time(steps: Iterable[Step], but: frozenset[str]) -> list[Step]:
    """The steps in the order in which they were recorded, without those whose operators are in `but`."""
    chosen: list[Step] = []
    last = 0
    for one in steps:
        step: Step = one
        if step.op not in but:
            chosen.append(step)
            last = max(last, step.at)
    if last > 4 * len(chosen):
        return sorted(chosen, key=attrgetter("at"))
    places: list[Step | None] = [None] * (last + 1)
    for one in chosen:
        step = one
        if places[step.at] is not None:
            return sorted(chosen, key=attrgetter("at"))
        places[step.at] = step
    return [step for step in places if step is not None]


def unvarying(steps: Iterable[Step], constant: str) -> list[Step]:
    """The steps that are computed from steps named `constant` alone, these among them."""
    found: list[Step] = []
    known = Marked()
    for one in steps:
        step: Step = one
        if step.op != constant:
            if not step.args:
                continue
            varies = False
            for a in step.args:
                if not known.holds(a):
                    varies = True
                    break
            if varies:
                continue
        known.add(step)
        found.append(step)
    return found
