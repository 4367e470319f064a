"""Kink: does the function have two different slopes, or two different limits, on the two sides of the point?

Symmetric stencils agree perfectly with one another at |x|, so agreement says nothing here. Each side is therefore
fitted alone, without the centre; where the two polynomials disagree at the centre by more than both their bars, in
value or in a derivative, the point is a jump or a kink. At a smooth point the disagreement is all truncation and
rounding, which is what the bars measure.
"""

from __future__ import annotations

import numpy as np

from chainrule.numeric.estimate import Doubt
from chainrule.numeric.fit import Fit
from chainrule.numeric.ladder import LEFT, RIGHT, Ladder
from chainrule.numeric.sampling import EPS, Array
from chainrule.records import record

WIDTH, SMALLEST = 8, 6  # rungs of a one-sided fit, where there is room and where there is not
DEGREE = {WIDTH: 4, SMALLEST: 3}
CONFIRM = 3  # rungs between the two windows that must show the same break
MARGIN = 1.5  # bars by which the sides must differ


@record(frozen=True)
class Break:
    """Two sides that do not fit together, with their slopes.

    `gap` is the difference of the limits (power 0), slopes (1) or second derivatives (2) that gave it away.
    """

    doubt: Doubt
    left: float
    right: float
    power: int = 1
    gap: float = np.nan


def find_break(ladder: Ladder, first: int, width: int, order: int, noise: float) -> Break | None:
    """The jump or kink that `width` rungs from `first` on show, for a function of at least this noise (units of f)."""
    sides = _sides(ladder, first, width)
    if sides is None:
        return None
    right, left = sides
    for power in range(min(order, 2) + 1):
        gap, bars = _gap(ladder, right, left, power, noise)
        if MARGIN * bars < abs(gap) < np.inf:
            doubt = Doubt.JUMP if power == 0 else Doubt.KINK
            return Break(doubt, left.derivative(1), right.derivative(1), power, gap)
    return None


def confirmed_break(ladder: Ladder, order: int, coarse: float = 0.0) -> Break | None:
    """The narrowest break that shows at two scales more than a decade apart, with one size, and at the point itself.

    Scatter may look like a break in one window, hardly in two. Sides of few distinct values look like a jump when
    rounding to steps of about `coarse` (units of f) happens to fall between them. A break beside the point looks
    like one at it from afar, but then narrower windows rule it out.
    """
    for first in range(len(ladder.radii) - WIDTH - CONFIRM + 1):
        blind = not all(_is_varied(v[first : first + WIDTH]) for v in (ladder.right, ladder.left))
        noise = coarse if blind else 0.0
        near = find_break(ladder, first, WIDTH, order, noise)
        if near is None:
            continue
        far = find_break(ladder, first + CONFIRM, WIDTH, order, noise)
        if far and far.power == near.power and abs(far.gap - near.gap) < 0.5 * abs(near.gap):
            return None if _is_ruled_out(ladder, near, first) else near
    return None


def _is_ruled_out(ladder: Ladder, found: Break, first: int) -> bool:
    """Whether some narrower window would have shown this gap and did not."""
    for low in range(first):
        sides = _sides(ladder, low, SMALLEST)
        if sides is None or not all(_is_varied(v[low : low + SMALLEST]) for v in (ladder.right, ladder.left)):
            continue
        gap, bars = _gap(ladder, *sides, found.power, 0.0)
        if abs(gap) + 2 * bars < 0.5 * abs(found.gap):
            return True
    return False


def _sides(ladder: Ladder, first: int, width: int) -> tuple[Fit, Fit] | None:
    """Right and left fit of the rungs from `first` on, None if they are too few or undefined."""
    table = ladder.sides(width, DEGREE[width])
    return table[first] if first < len(table) else None


def _gap(ladder: Ladder, right: Fit, left: Fit, power: int, noise: float) -> tuple[float, float]:
    """How far the sides differ in their power-th derivative, and the sum of their bars."""
    noise = max(noise, EPS * max(right.level, left.level))
    gap = right.derivative(power) - left.derivative(power)
    if power == 0:
        # The value at the point itself belongs to both sides.
        gap = max(gap, right.derivative(0) - ladder.centre, ladder.centre - left.derivative(0), key=abs)
    return gap, right.bar(power, noise) + left.bar(power, noise)


def _is_varied(values: Array) -> bool:
    return len(set(values.tolist())) > len(values) // 2


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
