"""Reads at computed places of which nothing uses what was read: a program leaves them out, and with them the error that
an index out of bounds raises. It holds where these indices are within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from chainrule.jit.program import Step
from chainrule.jit.record.holes import Hole

MOVES = ("gather", "scatter_at")


def keep_bounds(reads: list[tuple[Step, list[Any]]], needed: Iterable[Step]) -> None:
    """Record of each of the `reads` that is not `needed`, and whose place no needed one has, that its index is within
    bounds.

    reads   a step that was recorded, and the computed parts of its index
    """
    places = {_place(step, count) for step in needed if step.op in MOVES for count in range(1, len(step.args) + 1)}
    for step, computed in reads:
        place = _place(step, len(computed))
        if place in places:
            continue
        places.add(place)
        for k, length in _lengths(step.settings["index"], _target(step)):
            at = computed[k]
            if at.step.dtype.kind in "iu":
                at = at.astype(np.int64) if at.step.dtype != np.int64 else at  # -length is no uint8
                bool(np.all((at >= -length) & (at < length)))


def _target(step: Step) -> tuple[int, ...]:
    """The shape of the array whose places are meant."""
    return step.args[0].shape if step.op == "gather" else tuple(step.settings["shape"])


def _place(step: Step, count: int) -> tuple[Any, ...]:
    return _target(step), repr(step.settings["index"]), tuple(id(part) for part in step.args[-count:])


def _lengths(index: Any, size: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The number of each computed part of an index into an array of that shape, and the length of its axis."""
    parts = index if type(index) is tuple else (index,)
    taken = sum(_axes(part) for part in parts)
    axis = 0
    for part in parts:
        if part is Ellipsis:
            axis += len(size) - taken
            continue
        for k in _holes(part):
            yield k, size[axis]
        axis += _axes(part)


def _axes(part: Any) -> int:
    """How many axes a part of an index takes up."""
    if part is None or part is Ellipsis or isinstance(part, (bool, np.bool_)):
        return 0
    return part.ndim if isinstance(part, np.ndarray) and part.dtype == bool else 1


def _holes(part: Any) -> Iterator[int]:
    if type(part) is Hole:
        yield part.k
    elif type(part) in (tuple, list):
        for inner in part:
            yield from _holes(inner)
