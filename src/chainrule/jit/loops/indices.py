"""The whole numbers of indices, which differ from one iteration of a loop to the next while the rest stays.

What stores into an array asks which elements two indices share. So a program with fewer iterations must not say
otherwise than the one with all: it is written as if the axis that a loop goes along were shorter as well. Places near
its lower end keep their numbers, those near the upper end move down with the loop; between them nothing else may look.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.jit.program import Step, parts_of

MOVING = ("getitem", "scatter")
"""Rows whose index may move along with the iterations."""

ENDS = 8
"""Iterations at either end of a loop, and places at either end of an axis, that others may read in their own way."""

_RENUMBERED = ("reshape", "flip", "roll", "concatenate", "ravel", "tile", "repeat")
"""Rows that give elements other places along an axis."""


class Irregular(Exception):
    """Something is read by no rule that holds for any number of iterations."""


def form(index: Any) -> Hashable:
    """A basic index without its whole numbers; None for any other."""
    kind = type(index)
    if kind is int:
        return "n"
    if kind is slice:
        ends = (index.start, index.stop, index.step)
        return ("slice", *map(type, ends)) if all(p is None or type(p) is int for p in ends) else None
    if kind is tuple:
        parts = tuple([form(part) for part in index])
        return None if None in parts else parts
    return "..." if index is Ellipsis else None


def numbers(index: Any) -> list[int]:
    """The whole numbers of a basic index, but for the steps of slices."""
    if type(index) is int:
        return [index]
    if type(index) is slice:
        return [part for part in (index.start, index.stop) if part is not None]
    return [n for part in index for n in numbers(part)] if type(index) is tuple else []


def filled(index: Any, given: Iterator[int]) -> Any:
    """The index of the same form with these numbers."""
    if type(index) is int:
        return next(given)
    if type(index) is slice:
        start, stop = [part if part is None else next(given) for part in (index.start, index.stop)]
        return slice(start, stop, index.step)
    return tuple([filled(part, given) for part in index]) if type(index) is tuple else index


def lengths(step: Step) -> list[int]:
    """For each number of the index of a step the length of the axis that it counts along."""
    shape = step.args[0].shape if step.op == "getitem" else step.shape
    parts = parts_of(step.settings["index"], len(shape))
    return [n for part, n in zip(parts, shape, strict=False) for _ in numbers(part)]


@dataclass(slots=True)
class Axis:
    """What is known of the axes of one length along which loops go: by how much in each iteration, up or down, and
    from where to where."""

    stride: int
    low: int
    high: int

    def shift(self, place: int) -> int:
        """By how much a place that does not move is nearer for each iteration less."""
        if place <= self.low + ENDS:
            return 0
        if place >= self.high - ENDS:
            return self.stride
        raise Irregular


@dataclass(frozen=True, slots=True)
class Affine:
    """The numbers of an index in iteration b of a loop with d iterations less: `first + stride * b - down * d`."""

    first: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    down: tuple[int, ...] = ()

    def at(self, settings: dict[str, Any], iteration: int, fewer: int) -> dict[str, Any]:
        """The settings of a step in that iteration."""
        if not any(self.stride) and not any(self.down):
            return settings
        rules = zip(self.first, self.stride, self.down, strict=True)
        given = [n + s * iteration - down * fewer for n, s, down in rules]
        return {**settings, "index": filled(settings["index"], iter(given))}


def _basic(step: Step) -> bool:
    return step.op in MOVING and form(step.settings["index"]) is not None


def _moves(steps: Sequence[Step]) -> tuple[list[int], list[int]]:
    """The numbers of the first index of steps that stand for one in each iteration, and by how much they move."""
    given = [step.settings["index"] for step in steps]
    first, second = numbers(given[0]), numbers(given[1])
    stride = [b - a for a, b in zip(first, second, strict=True)]
    if len(first) == 1 and set(map(type, given)) == {int}:
        by_rule: list[Any] = [first[0] + stride[0] * b for b in range(len(steps))]
    else:
        by_rule = [[n + s * b for n, s in zip(first, stride, strict=True)] for b in range(len(steps))]
        given = [*map(numbers, given)]
    if given != by_rule:
        raise Irregular
    return first, stride


class Indices:
    """The indices of a program: `bodies` hold for each step of each loop its steps in all iterations, `plain` is
    computed once. Raises Irregular where places would meet that do not, or the other way round."""

    def __init__(self, bodies: Iterable[Sequence[Step]], plain: Iterable[Step]) -> None:
        moving = [steps for steps in bodies if _basic(steps[0])]
        self._moves = {id(steps[0]): _moves(steps) for steps in moving}
        self._axes: dict[int, Axis] = {}
        for steps in moving:
            first, stride = self._moves[id(steps[0])]
            for n, s, length in zip(first, stride, lengths(steps[0]), strict=True):
                if s:
                    self._moved(n % length if n != length else n, s, len(steps), length)
        for step in [*(steps[0] for steps in bodies), *plain]:
            self._look(step)

    def _moved(self, first: int, stride: int, turns: int, length: int) -> None:
        ends = first, first + stride * (turns - 1)
        low, high = min(ends), max(ends)
        known = self._axes.setdefault(length, Axis(abs(stride), low, high))
        apart = max(abs(low - known.low), abs(high - known.high))
        if known.stride != abs(stride) or apart > ENDS // 2 or low < 0 or high > length:
            raise Irregular
        known.low, known.high = min(low, known.low), max(high, known.high)

    def _look(self, step: Step) -> None:
        """Whether a step leaves the places alone that loops go along."""
        shapes = {n for x in (step, *step.args) for n in x.shape}
        if not self._axes or self._axes.keys().isdisjoint(shapes):
            return
        if step.op in _RENUMBERED or (step.op in MOVING and not _basic(step)):
            raise Irregular
        if step.op in MOVING:
            whole, part = step.args[0].shape, step.shape
            if step.op == "scatter":
                whole, part = part, whole
            sliced = _sliced(step.settings["index"], whole)
            if any(n != m and {n, m} & self._axes.keys() for n, m in sliced) and id(step) not in self._moves:
                raise Irregular

    def plain(self, step: Step) -> Affine:
        """The index of a step that is computed once."""
        if not self._axes or not _basic(step):
            return Affine()
        first = numbers(step.settings["index"])
        return self._rule(step, first, [0] * len(first))

    def moving(self, step: Step) -> Affine:
        """The index of a step of a loop, the first one of its iterations."""
        found = self._moves.get(id(step))
        return Affine() if found is None else self._rule(step, *found)

    def _rule(self, step: Step, first: list[int], stride: list[int]) -> Affine:
        down: list[int] = []
        for n, s, length in zip(first, stride, lengths(step), strict=True):
            axis = self._axes.get(length)
            if s:
                down.append(-min(s, 0))
            else:
                down.append(0 if axis is None or n == length else axis.shift(n % length))
        rules, index = zip(stride, down, strict=True), step.settings["index"]
        for part in index if type(index) is tuple else (index,):
            moves = {next(rules) for _ in numbers(part)}
            if len(moves) > 1:  # the two ends of a slice
                raise Irregular
        return Affine(tuple(first), tuple(stride), tuple(down))


def _sliced(index: Any, whole: tuple[int, ...]) -> list[tuple[int, int]]:
    """The lengths of axes before and behind the slices of an index."""
    pairs = zip(parts_of(index, len(whole)), whole, strict=False)
    return [(n, len(range(n)[part])) for part, n in pairs if isinstance(part, slice)]
