"""Kink: does the function have two different slopes, or two different limits, on the two sides of the point?

Symmetric stencils agree perfectly with one another at |x|, so agreement says nothing here. Each side is therefore
fitted alone, without the centre; where the two polynomials disagree at the centre by more than both their bars, in
value or in a derivative, the point is a jump or a kink. At a smooth point the disagreement is all truncation and
rounding, which is what the bars measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.numeric.estimate import Doubt
from chainrule.numeric.fit import Fit, fit
from chainrule.numeric.ladder import LEFT, RIGHT, Ladder
from chainrule.numeric.sampling import EPS, Array

WIDTH, DEGREE = 8, 4  # rungs and degree of a one-sided fit
SMALLEST = 6
CONFIRM = 3  # rungs between the two windows that must show the same break
MARGIN = 1.5  # bars by which the sides must differ


@dataclass(frozen=True)
class Break:
    """Two sides that do not fit together, with their slopes."""

    doubt: Doubt
    left: float
    right: float
    gap: float = np.nan  # between the two limits of a jump, or between the two slopes of a kink


def find_break(ladder: Ladder, first: int, stop: int, order: int, noise: float) -> Break | None:
    """The jump or kink that rungs first .. stop - 1 show, for a function of at least this noise (units of f)."""
    if stop - first < SMALLEST:
        return None
    degree = DEGREE if stop - first >= WIDTH else DEGREE - 1
    samples = [ladder.samples(first, stop, side, with_centre=False) for side in (RIGHT, LEFT)]
    if not all(np.all(np.isfinite(values)) for _, values in samples):
        return None
    right, left = (fit(offsets, values, degree) for offsets, values in samples)
    level = max(right.level, left.level)
    noise = max(noise, EPS * level)
    for power in range(min(order, 2) + 1):
        gap = right.derivative(power) - left.derivative(power)
        bars = right.bar(power, noise) + left.bar(power, noise)
        if power == 0:
            gap = max(gap, _off_centre(right, ladder.centre), _off_centre(left, ladder.centre), key=abs)
        if MARGIN * bars < abs(gap) < np.inf:
            doubt = Doubt.JUMP if power == 0 else Doubt.KINK
            return Break(doubt, left.derivative(1), right.derivative(1), gap)
    return None


def confirmed_break(ladder: Ladder, stop: int, order: int, coarse: float = 0.0) -> Break | None:
    """The narrowest break below rung `stop` that shows at two scales more than a decade apart, with one size.

    Scatter may look like a break in one window, hardly in two. Sides of few distinct values look like a jump when
    rounding to steps of about `coarse` (units of f) happens to fall between them.
    """
    for first in range(stop - WIDTH - CONFIRM + 1):
        blind = not all(_is_varied(v[first : first + WIDTH]) for v in (ladder.right, ladder.left))
        noise = coarse if blind else 0.0
        near = find_break(ladder, first, first + WIDTH, order, noise)
        if near is None:
            continue
        far = find_break(ladder, first + CONFIRM, first + CONFIRM + WIDTH, order, noise)
        if far and far.doubt is near.doubt and abs(far.gap - near.gap) < 0.5 * abs(near.gap):
            return near
    return None


def _is_varied(values: Array) -> bool:
    return len(set(values.tolist())) > WIDTH // 2


def _off_centre(side: Fit, centre: float) -> float:
    return side.derivative(0) - centre


def grows_without_bound(ladder: Ladder) -> Break | None:
    """A cusp or vertical tangent: the steepness of a side keeps growing, rung by rung, as the radius falls.

    A slope that follows a power of r steeper than r^-0.05 over four decades and ends above the noise counts.
    """
    noise = EPS * abs(ladder.centre)
    quotients = {
        RIGHT: (ladder.right - ladder.centre) / ladder.radii,
        LEFT: (ladder.centre - ladder.left) / ladder.radii,
    }
    growing = {}
    for side, slopes in quotients.items():
        clear = np.isfinite(slopes) & (np.abs(slopes) * ladder.radii > 1e3 * noise)
        steps = np.flatnonzero(clear)[:10]
        if len(steps) < 8:
            continue
        heights = np.log(np.abs(slopes[steps]))
        lengths = np.log(ladder.radii[steps])
        falls = np.diff(heights) / np.diff(lengths)
        if np.all(falls < -0.05) and np.all(falls > -0.98):
            growing[side] = float(np.sign(slopes[steps[0]])) * np.inf
    if not growing:
        return None
    flat = {
        side: float(slopes[np.isfinite(slopes)][0]) if np.any(np.isfinite(slopes)) else np.nan
        for side, slopes in quotients.items()
    }
    return Break(Doubt.KINK, growing.get(LEFT, flat[LEFT]), growing.get(RIGHT, flat[RIGHT]))
