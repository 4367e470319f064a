"""Arguments whose elements do not lie side by side: parts of arrays that do, so that loops read them where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from chainrule.jit.plan.kinds import Kind, kind_of
from chainrule.jit.plan.lower import rebuilt
from chainrule.jit.program import INPUT, Program, Step

Strides = tuple[int, ...]
"""Bytes from an element to the next along each axis."""

Layout = tuple[Strides | None, ...]
"""The strides of a program's arguments; None for numbers, for arrays whose elements lie in order, and for those that
have to be copied so that they do. () if all are None."""


NEAR = 1 << 17  # bytes that are in the cache when they are read across their order


def layout_of(inputs: Sequence[Any]) -> Layout:
    """How the arguments of a call lie in memory.

    >>> x = np.ones((4, 3))
    >>> layout_of([x, 1.0]), layout_of([x[:, 0], 1.0]), layout_of([x.T, x[::-1]])
    ((), ((24,), None), ((8, 24), None))
    """
    found = []
    some = False
    for x in inputs:
        strides = None
        if isinstance(x, np.ndarray) and not x.flags.c_contiguous and x.flags.aligned:
            strides = x.strides if _around(x.shape, x.strides, x.itemsize) is not None else None
            some = some or strides is not None
        found.append(strides)
    return tuple(found) if some else ()


def _order(shape: tuple[int, ...], strides: Strides) -> list[int]:
    """The axes along which elements differ, the one of the largest steps first."""
    moving = [k for k, (n, stride) in enumerate(zip(shape, strides, strict=True)) if n > 1 and stride]
    return sorted(moving, key=lambda k: -strides[k])


def _around(shape: tuple[int, ...], strides: Strides, itemsize: int) -> tuple[int, ...] | None:
    """The shape of an array in order that these elements are part of; None if there is none that begins with the first
    of them, or if they are many and taken across their order."""
    order = _order(shape, strides)
    if order != sorted(order) and prod(shape) * itemsize > NEAR:
        return None
    around: list[int] = []
    for k, axis in enumerate(order):
        following = strides[order[k + 1]] if k + 1 < len(order) else itemsize
        if strides[axis] < itemsize or strides[axis] % following:
            return None
        around.append(strides[axis] // following)
        if k + 1 < len(order) and around[-1] < shape[order[k + 1]]:
            return None
    first = [shape[order[0]]] if order else []
    return (*first, *around[:-1], *(n for n in around[-1:] if n > 1)) or (1,)


def in_place(program: Program, layout: Layout, strict: bool) -> Program:
    """The program for arguments of this layout. Those that NumPy's functions read are copied, and so are arguments
    whose elements are taken in an order that no loop has."""
    copied = _read_whole(program, strict)
    made: dict[Step, Step] = {}
    inputs = []
    for x, strides in zip(program.inputs, layout, strict=True):
        if strides is None or x in copied:
            inputs.append(x)
            continue
        shape = _around(x.shape, strides, x.dtype.itemsize)
        assert shape is not None
        whole = Step(INPUT, (), {"shape": x.shape, "strides": strides}, shape, x.dtype, x.line)
        inputs.append(whole)
        made[x] = _part(whole, x, strides)
    changed = rebuilt(program, lambda step, args: made.get(step))
    return Program(inputs, changed.outputs, changed.guards)


def _part(whole: Step, x: Step, strides: Strides) -> Step:
    """The elements of `x` as a part of `whole`."""
    order = _order(x.shape, strides)

    def view(op: str, of: Step, shape: tuple[int, ...], /, **settings: Any) -> Step:
        return Step(op, (of,), settings, shape, x.dtype, x.line)

    shape = tuple(x.shape[axis] for axis in order)
    index = [slice(0, n) for n in shape] + [0] * (len(whole.shape) - len(shape))
    part = view("getitem", whole, shape, index=tuple(index))
    if order != sorted(order):
        axes = tuple(order.index(axis) for axis in sorted(order))
        part = view("transpose", part, tuple(shape[k] for k in axes), axes=axes)
    if len(order) < len(x.shape):
        shape = tuple(n if axis in order else 1 for axis, n in enumerate(x.shape))
        places = tuple(slice(None) if axis in order else None for axis in range(len(x.shape)))
        part = view("getitem", part, shape, index=places)
    return part if part.shape == x.shape else view("broadcast_to", part, x.shape, shape=x.shape)


def _read_whole(program: Program, strict: bool) -> set[Step]:
    """The arguments that something else than a loop reads."""
    found: set[Step] = set()
    for step in reversed(program.steps()):
        kind = kind_of(step, strict)
        if kind in (Kind.LIBRARY, Kind.SCAN, Kind.ALIAS) or (kind is Kind.VIEW and step in found):
            found.update(step.args)
    return found
