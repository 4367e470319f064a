"""Which element of an array a loop reads: along each axis an affine function of the loop's counters.

Slices, transposes, broadcasts and most reshapes only change these functions; no element moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from chainrule.jit.program import Step


class Index(NamedTuple):
    """start + the sum of stride * counter over `terms`, pairs of (loop axis, stride)."""

    terms: tuple[tuple[int, int], ...]
    start: int = 0

    def moved(self, start: int, stride: int = 1) -> Index:
        """start + stride * self."""
        return Index(tuple((axis, k * stride) for axis, k in self.terms), start + stride * self.start)

    def bounds(self, box: Box) -> tuple[int, int]:
        """The smallest and the largest value while the counters run through a box."""
        ends = [(k * box[axis][0], k * (box[axis][1] - 1)) for axis, k in self.terms]
        return self.start + sum(map(min, ends)), self.start + sum(map(max, ends))


Place = tuple[Index, ...]
"""One Index for each axis of an array."""

Box = tuple[tuple[int, int], ...]
"""The interval [low, high) of each loop counter."""

FIXED = Index(())
COUNTED: Place = (Index(((0, 1),)),)
"""A single Index for an array of several axes counts its elements in row-major order."""


def combined(parts: Iterable[tuple[int, Index]]) -> Index:
    """The sum of factor * index."""
    strides: dict[int, int] = {}
    start = 0
    for factor, index in parts:
        start += factor * index.start
        for axis, k in index.terms:
            strides[axis] = strides.get(axis, 0) + factor * k
    return Index(tuple((axis, k) for axis, k in strides.items() if k), start)


def identity(shape: tuple[int, ...]) -> Place:
    """Every loop counter along its own axis."""
    return tuple(Index(((k, 1),)) if n > 1 else FIXED for k, n in enumerate(shape))


def broadcast(place: Place, target: tuple[int, ...], shape: tuple[int, ...]) -> Place:
    """Where an operand of `shape` is read for the element at `place` of a result of shape `target`."""
    if len(place) != len(target):
        return place if shape else ()
    lead = len(target) - len(shape)
    return tuple(FIXED if shape[k] == 1 else place[lead + k] for k in range(len(shape)))


def basic(index: Any) -> bool:
    """Whether an index is made of integers, slices, None and Ellipsis only."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        p is None or p is Ellipsis or (isinstance(p, (int, slice, np.integer)) and not isinstance(p, bool))
        for p in parts
    )


def selection(index: Any, shape: tuple[int, ...]) -> list[tuple[int | None, int, int, int]]:
    """A basic index as a list of (axis or None for a new one, start, stride, count); count 0 for an axis that an
    integer takes away, -1 for one of length 0."""
    parts = list(index) if isinstance(index, tuple) else [index]
    named = sum(p is not None and p is not Ellipsis for p in parts)
    if not any(p is Ellipsis for p in parts):
        parts.append(Ellipsis)
    found: list[tuple[int | None, int, int, int]] = []
    axis = 0
    for p in parts:
        if p is None:
            found.append((None, 0, 0, 1))
            continue
        if p is Ellipsis:
            for _ in range(len(shape) - named):
                found.append((axis, 0, 1, shape[axis] or -1))
                axis += 1
            continue
        if isinstance(p, slice):
            start, stop, step = p.indices(shape[axis])
            found.append((axis, start, step, len(range(start, stop, step)) or -1))
        else:
            found.append((axis, int(p) % shape[axis], 0, 0))
        axis += 1
    return found


def through(step: Step, place: Place) -> Place | None:
    """Where a view reads its operand for its own element at `place`; None if that is not affine."""
    source = step.args[0].shape
    if step.op == "getitem":
        return _sliced(step.settings["index"], source, place) if basic(step.settings["index"]) else None
    if step.op == "transpose":
        axes = step.settings["axes"]
        return tuple(place[axes.index(k)] for k in range(len(axes)))
    if step.op == "broadcast_to":
        return broadcast(place, step.shape, source)
    if step.op == "flip":
        turned = {a % len(source) for a in step.settings["axis"]}
        return tuple(i.moved(source[k] - 1, -1) if k in turned else i for k, i in enumerate(place))
    if step.op == "reshape":
        return _reshaped(source, step.shape, place)
    return None


def _sliced(index: Any, source: tuple[int, ...], place: Place) -> Place:
    result: list[Index] = [FIXED] * len(source)
    at = 0
    for axis, start, stride, count in selection(index, source):
        if axis is not None:
            result[axis] = place[at].moved(start, stride) if count else Index((), start)
        at += count != 0
    return tuple(result)


def _reshaped(source: tuple[int, ...], target: tuple[int, ...], place: Place) -> Place | None:
    """Axes of the source that are kept or split by the reshape; None where axes are merged."""
    result: list[Index] = []
    at = 0
    for n in source:
        if n == 1:
            result.append(FIXED)
            continue
        size, group = 1, []
        while at < len(target) and size < n:
            if target[at] != 1:
                size *= target[at]
                group.append(at)
            at += 1
        if size != n:
            return None
        factors = [math.prod(target[k] for k in group[j + 1 :]) for j in range(len(group))]
        result.append(combined((f, place[k]) for f, k in zip(factors, group, strict=True)))
    return tuple(result)


def inside(index: Any, shape: tuple[int, ...]) -> list[tuple[int | None, int, int, int]] | None:
    """The selection of a `scatter` whose elements lie next to each other along every axis; None otherwise."""
    if not basic(index):
        return None
    found = selection(index, shape)
    return found if all(count in (0, 1) or stride == 1 for _, _, stride, count in found) else None


def padded(step: Step, place: Place) -> Place:
    """Where a `scatter` of elements next to each other reads its operand for its own elements at `place`, if these are
    among them."""
    selected = inside(step.settings["index"], step.shape)
    assert selected is not None
    result = [FIXED if axis is None else place[axis].moved(-start) for axis, start, _, count in selected if count]
    shape = tuple(count for _, _, _, count in selected if count)
    return broadcast(tuple(result), shape, step.args[0].shape)
