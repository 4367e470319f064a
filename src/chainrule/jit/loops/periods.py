"""Stretches of a sequence that repeat with some period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.loops.places import NONE
from chainrule.jit.loops.rows import LEAST, Rows

LONGEST = 4096  # steps of a period; machine code of such a size is a program of its own
TURNS = 4  # fewer are not worth a loop
FARTHEST = 8  # iterations that a value may be carried over
_WINDOWS = (6, 48)  # lengths of the pieces whose next appearance tells the period
_FACTOR = 0x9E3779B97F4A7C15  # odd: a piece is marked by a polynomial in it, modulo 2**64
_INVERSE = pow(_FACTOR, -1, 1 << 64)
_TRIED = 6  # periods, for each window


@dataclass(frozen=True)
class Stretch:
    """`iterations` times `period` steps from `start` on."""

    start: int
    period: int
    iterations: int

    @property
    def stop(self) -> int:
        return self.start + self.period * self.iterations

    def pays(self, least: int) -> bool:
        """Whether it is worth a loop, which must save so many steps."""
        return self.iterations >= TURNS and self.period * (self.iterations - 1) >= least


def stretches(rows: Rows, start: int, stop: int) -> list[Stretch]:
    """The stretches between `start` and `stop` of the period that covers most, in order; none where no period covers
    enough."""
    best: list[Stretch] = []
    gain = 0
    periods = _candidates(rows.colours[start:stop])
    if rows.regular:  # and those after which the same is read from outside
        periods = list(dict.fromkeys([*periods, *_candidates(rows.marked[start:stop])]))
    for m in (1, 2, 3, 4):  # steps may look alike more often than they repeat
        if best and (rows.least == LEAST or all(_steady(rows, s) for s in best)):
            break
        for period in periods:
            found = _repeating(rows, start, stop, m * period)
            if rows.regular:  # which multiple of a shorter period is found depends on the number of iterations
                found = [s for s in found if not _shorter(rows, s) and not _steadier(rows, s, periods)]
            saved = sum(s.period * (s.iterations - 1) for s in found)
            if saved > gain:
                best, gain = found, saved
    return best if rows.regular else [_shorter(rows, s) or s for s in best]


def _shorter(rows: Rows, stretch: Stretch) -> Stretch | None:
    """A stretch as one that repeats by a part of its period, where it reads as steadily by that."""
    colours = rows.colours[stretch.start : stretch.start + stretch.period]
    for period in range(1, stretch.period // 2 + 1):
        if stretch.period % period == 0 and (colours[period:] == colours[:-period]).all():
            found = _repeating(rows, stretch.start, stretch.stop, period)
            whole = len(found) == 1 and found[0].stop == stretch.stop and found[0].start == stretch.start
            if whole and (_steady(rows, found[0]) or not _steady(rows, stretch)):
                return found[0]
    return None


def _steadier(rows: Rows, stretch: Stretch, periods: list[int]) -> bool:
    """Whether a stretch reads steadily by a multiple of its period only: a sum of terms that two loops compute by
    turns, or one that goes round a list, as one of `periods` does."""
    rounds = [period // stretch.period for period in periods if period % stretch.period == 0]
    return not _steady(rows, stretch) and any(
        stretch.iterations >= TURNS * m
        and _steady(rows, Stretch(stretch.start, stretch.period * m, stretch.iterations // m))
        for m in dict.fromkeys((2, 3, 4, *rounds))
    )


def _steady(rows: Rows, stretch: Stretch) -> bool:
    """Whether all that is read moves by the same from one iteration to the next, but for the first and last ones."""
    read = rows.read[stretch.start : stretch.stop].reshape(stretch.iterations, -1)
    ends = stretch.iterations // 4
    moves = np.diff(read[ends : stretch.iterations - ends], axis=0)
    return bool((moves == moves[:1]).all())


def _candidates(colours: NDArray[np.int64]) -> list[int]:
    """Periods that may be there: the most frequent distances from a piece to its next appearance."""
    periods: dict[int, None] = {}
    powers, inverse = (np.multiply.accumulate(np.full(len(colours), f, np.uint64)) for f in (_FACTOR, _INVERSE))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum((colours.astype(np.uint64) + np.uint64(1)) * powers)])
    for width in _WINDOWS:
        if len(colours) < 2 * width:
            continue
        marks = (sums[width:] - sums[:-width]) * inverse[: len(sums) - width]
        order = np.argsort(marks, kind="stable")
        again = np.diff(order)[np.diff(marks[order]) == 0]
        distances, counts = np.unique(again[again <= LONGEST], return_counts=True)
        periods.update(dict.fromkeys(distances[np.argsort(-counts, kind="stable")][:_TRIED].tolist()))
    return list(periods)


def _repeating(rows: Rows, start: int, stop: int, period: int) -> list[Stretch]:
    """Where step i + period does what step i does, with arguments that moved along, back, stayed, or lie far back."""
    if stop - start < TURNS * period:
        return []
    args = rows.args[start:stop]
    back = np.arange(start, stop)[:, None] - args
    near = period if rows.regular else FARTHEST * period  # in a short program the loop before is not far
    far = (args < NONE) | (back > near)
    now, then = args[period:], args[:-period]
    behind = (now < then) & (now > NONE)  # farther back in every iteration, as a sweep reads what it goes back along
    follows = (now == then + period) & (then >= 0) | (now == then) | behind | far[period:] & far[:-period]
    alike = (rows.colours[start + period : stop] == rows.colours[start : stop - period]) & follows.all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alike.view(np.int8), [0]])))
    first_and_last = edges.reshape(-1, 2)
    long = first_and_last[:, 1] - first_and_last[:, 0] >= (TURNS - 1) * period
    found = []
    for first, last in first_and_last[long].tolist():
        stretch = Stretch(start + first, period, (last - first) // period + 1)
        if stretch.pays(rows.least):
            found.append(stretch)
    return found
