"""Where the members of a pack find an argument: places in the flat array of another one, as a view of it where they
are regular."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.program import Step

Shape = tuple[int, ...]
DEEPEST = 4  # nested loops that are looked for


@dataclass(frozen=True, slots=True)
class Affine:
    """Places `first + strides[0] * i + strides[1] * j ...` for all i < shape[0], j < shape[1] ..., the last one moving
    fastest."""

    first: int
    shape: Shape
    strides: tuple[int, ...]


def affine(places: NDArray[np.int64]) -> Affine | None:
    """The rule by which places go on; None for irregular ones."""
    shape: list[int] = []
    strides: list[int] = []
    while len(places) > 1:
        moves = np.diff(places)
        other = np.flatnonzero(moves != moves[0])
        n = int(other[0]) + 1 if len(other) else len(places)
        if len(places) % n or len(shape) == DEEPEST:
            return None
        rows = places.reshape(-1, n)
        if (rows - rows[:, :1] != moves[0] * np.arange(n)).any():
            return None
        shape.insert(0, n)
        strides.insert(0, int(moves[0]))
        places = rows[:, 0]
    return Affine(int(places[0]), tuple(shape), tuple(strides))


def common(shapes: Sequence[Shape], size: int) -> Shape:
    """The shape into which all of these, of `size` elements each, can be divided; (size,) where there is none."""
    inner = {size}
    for shape in shapes:
        inner.update(prod(shape[k:]) for k in range(1, len(shape)))
    ends = sorted(inner, reverse=True)
    if any(a % b for a, b in itertools.pairwise(ends)):
        return (size,)
    return tuple(a // b for a, b in itertools.pairwise([*ends, 1]))


def divided(found: Affine, shape: Shape) -> Affine | None:
    """The same places in loops of another shape; None where that does not divide theirs."""
    strides: list[int] = []
    left, k = 1, len(found.shape)
    for n in reversed(shape):
        if left == 1:
            k -= 1
            if k < 0:
                return None
            left, stride = found.shape[k], found.strides[k]
        if left % n:
            return None
        strides.insert(0, stride)
        left, stride = left // n, stride * n
    return Affine(found.first, shape, tuple(strides))


# -- steps ----------------------------------------------------------------------------------------------------


def _view(op: str, x: Step, shape: Shape, /, **settings: Any) -> Step:
    return Step(op, (x,), settings, shape, x.dtype, x.line)


def reshaped(x: Step, shape: Shape) -> Step:
    return x if x.shape == shape else _view("reshape", x, shape, shape=shape)


def number(x: Step, place: int) -> Step:
    """One element of `x`."""
    if not x.shape:
        return x
    return _view("getitem", x, (), index=tuple(int(k) for k in np.unravel_index(place, x.shape)))


def gathered(x: Step, places: NDArray[np.int64], shape: Shape) -> Step:
    """The elements of `x` at any places."""
    return _view("getitem", reshaped(x, (prod(x.shape),)), shape, index=places.reshape(shape))


def seen(x: Step, found: Affine) -> Step | None:
    """The elements of `x` at regular places, as a view of it; None where they lie in no grid."""
    size = prod(x.shape)
    axes = [k for k, (n, s) in enumerate(zip(found.shape, found.strides, strict=True)) if n > 1 and s]
    order = sorted(axes, key=lambda k: -abs(found.strides[k]))
    first = found.first + sum(min(found.strides[k], 0) * (found.shape[k] - 1) for k in axes)
    units = [abs(found.strides[k]) for k in order]
    if len(order) == 1:
        k, unit = order[0], units[0]
        part = _cut(reshaped(x, (size,)), [_span(first, found.shape[k], found.strides[k])], (found.shape[k],))
    elif order:
        if size % units[0] or any(a % b or a == b for a, b in itertools.pairwise(units)):
            return None
        grid = [a // b for a, b in itertools.pairwise([size, *units, 1])]
        starts, rest = [], first
        for unit in (*units, 1):
            starts.append(rest // unit)
            rest %= unit
        if any(start + found.shape[k] > n for start, k, n in zip(starts, order, grid, strict=False)):
            return None
        spans: list[Any] = [
            _span(start, found.shape[k], 1 if found.strides[k] > 0 else -1)
            for start, k in zip(starts, order, strict=False)
        ]
        if units[-1] == 1:
            grid = grid[:-1]
        else:
            spans.append(starts[-1])
        part = _cut(reshaped(x, tuple(grid)), spans, tuple(found.shape[k] for k in order))
        if order != axes:
            turned = tuple(order.index(k) for k in axes)
            part = _view("transpose", part, tuple(found.shape[k] for k in axes), axes=turned)
    else:
        return _view("broadcast_to", number(x, first), found.shape, shape=found.shape)
    if len(axes) < len(found.shape):
        lone = tuple(n if k in axes else 1 for k, n in enumerate(found.shape))
        index = tuple(slice(None) if k in axes else None for k in range(len(found.shape)))
        part = _view("getitem", part, lone, index=index)
        part = part if lone == found.shape else _view("broadcast_to", part, found.shape, shape=found.shape)
    return part


def _span(first: int, count: int, stride: int) -> slice:
    """The slice of so many places, of which `first` is the lowest."""
    if stride > 0:
        return slice(first, first + stride * (count - 1) + 1, stride)
    return slice(first - stride * (count - 1), first - 1 if first else None, stride)


def _cut(x: Step, spans: list[Any], shape: Shape) -> Step:
    whole = all(
        isinstance(s, slice) and s.step == 1 and s.start == 0 and s.stop == n
        for s, n in zip(spans, x.shape, strict=True)
    )
    return x if whole else _view("getitem", x, shape, index=tuple(spans))
