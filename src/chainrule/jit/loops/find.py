"""Loops in a sequence of steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.loops.loop import Invariant, Local, Loop, LoopCarried, Operand, Streamed
from chainrule.jit.loops.order import repeating
from chainrule.jit.loops.periods import FARTHEST, Stretch, stretches
from chainrule.jit.loops.places import NONE
from chainrule.jit.loops.rows import LEAST, Rows, rows
from chainrule.jit.program import Step

Part = Step | Loop


def roll(
    steps: Sequence[Step],
    after: Mapping[int, Step] | None = None,
    still: Collection[int] = (),
    least: int = LEAST,
) -> list[Part]:
    """The steps in an order in which they can be computed, with repetition written as loops.

    `steps` hold arguments before their users; arguments that are not among them are computed elsewhere, before; or
    `after` a step that is, as it says by their identities. Steps in `still` come no sooner than they were recorded.
    A loop saves at least `least` steps.
    The time is proportional to the number of steps, but for a logarithm.
    """
    return parted(rows(repeating(steps, after, still), least=least))


def parted(table: Rows) -> list[Part]:
    """A sequence with repetition written as loops."""
    parts: list[Part] = []
    pending: list[Loop | tuple[int, int]] = [(0, len(table.steps))]
    while pending:
        piece = pending.pop()
        if isinstance(piece, Loop):
            parts.append(piece)
            continue
        pieces = _divided(table, *piece)
        if pieces:
            pending += reversed(pieces)
        else:
            parts += table.steps[slice(*piece)]
    return parts


def _divided(table: Rows, start: int, stop: int) -> list[Loop | tuple[int, int]]:
    """The loops of one period between `start` and `stop`, and the bounds of what lies between them and around; empty
    where there is no loop."""
    pieces: list[Loop | tuple[int, int]] = []
    begun = start
    for stretch in stretches(table, start, stop) if stop - start > table.least else []:
        for loop, first in _loops(table, stretch, begun):
            pieces += [(begun, first), loop]
            begun = first + len(loop.steps)
    return [*pieces, (begun, stop)] if pieces else []


def _loops(table: Rows, stretch: Stretch, begun: int) -> list[tuple[Loop, int]]:
    """The loop that a stretch is, and where it starts. One iteration more where the iteration before differs only in
    where it gets what later iterations carry."""
    before = Stretch(stretch.start - stretch.period, stretch.period, stretch.iterations + 1)
    if before.start >= begun:
        loop = loop_at(table, before)
        if loop is not None:
            return [(loop, before.start)]
    while stretch.pays(table.least):
        operands, rest = _operands(table, stretch)
        if operands is not None:
            return [_loop(table, stretch, operands)]
        stretch = rest
    return []


def loop_at(table: Rows, stretch: Stretch) -> Loop | None:
    """The loop that a stretch is; None where it is none, or runs out of the sequence."""
    if stretch.start < 0 or stretch.stop > len(table.steps):
        return None
    colours = table.colours[stretch.start : stretch.stop].reshape(stretch.iterations, -1)
    operands = None
    if (colours == colours[0]).all():
        operands, _ = _operands(table, stretch)
    return None if operands is None else _loop(table, stretch, operands)[0]


def _loop(table: Rows, stretch: Stretch, operands: list[tuple[Operand, ...]]) -> tuple[Loop, int]:
    return Loop(stretch.period, table.steps[stretch.start : stretch.stop], operands), stretch.start


def _operands(table: Rows, stretch: Stretch) -> tuple[list[tuple[Operand, ...]] | None, Stretch]:
    """For each step of the body where it finds its arguments; None, and a shorter stretch to try, where some iteration
    finds them by another rule."""
    args = table.args[stretch.start : stretch.stop].reshape(stretch.iterations, stretch.period, -1)
    operands = []
    for place in range(stretch.period):
        row: list[Operand] = []
        for slot in range(args.shape[2]):
            numbers = args[:, place, slot]
            if numbers[0] == NONE:
                break
            operand = _operand(table, stretch, numbers)
            if operand is None:
                return None, _shorter(stretch, numbers)
            row.append(operand)
        operands.append(tuple(row))
    return operands, stretch


def _operand(table: Rows, stretch: Stretch, numbers: NDArray[np.int64]) -> Operand | None:
    """The rule by which an argument with these numbers, one for each iteration, is found."""
    start, period, iterations = stretch.start, stretch.period, stretch.iterations
    if (numbers == numbers[0]).all():
        return Invariant(table.step(int(numbers[0]))) if numbers[0] < start else None
    if (numbers < start).all():
        return Streamed(table.several(numbers.tolist()))
    moved = numbers - period * np.arange(iterations)
    place = int(moved[-1]) - start
    behind = 0 if place >= 0 else -(place // period)
    if behind > FARTHEST or (moved[behind:] != moved[-1]).any() or (numbers[:behind] >= start).any():
        return None
    if behind == 0:
        return Local(place)
    return LoopCarried(place % period, table.several(numbers[:behind].tolist()))


def _shorter(stretch: Stretch, numbers: NDArray[np.int64]) -> Stretch:
    """The longest part of a stretch in which an argument moves along with the iterations."""
    moves = np.diff(numbers) == stretch.period
    edges = np.flatnonzero(np.diff(np.concatenate([[0], moves.view(np.int8), [0]]))).reshape(-1, 2)
    if len(edges) == 0:
        return Stretch(stretch.start, stretch.period, 0)
    first, last = max(edges.tolist(), key=lambda edge: edge[1] - edge[0])
    iterations = last - first + 1
    if iterations == stretch.iterations:  # it moves all along, and yet by no rule: less is needed
        first, iterations = 1, iterations - 1
    return Stretch(stretch.start + first * stretch.period, stretch.period, iterations)


def size(parts: list[Part]) -> int:
    """The operations that are left: those of a loop count once."""
    return sum(part.period if isinstance(part, Loop) else 1 for part in parts)
