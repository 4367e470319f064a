"""Ladder: pairs of points x ± r at radii falling by a constant ratio, and the windows one can fit on it.

A derivative is a limit at small radii while rounding asks for large ones, and nothing tells beforehand at which scale a
function lives. So every scale gets one rung, from where x + r hardly differs from x upwards. The function is asked no
further away than it has to be: a first ladder ends at a quarter of the size of x, and where that does not settle the
derivative, a second one goes on to max(1, |x|). Geometric spacing is the choice of Richardson extrapolation: a handful
of neighbouring rungs determines a polynomial at the centre to the full order, at every scale at once.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chainrule.numeric.fit import Fit, fits
from chainrule.numeric.sampling import EPS, Array, Line, power_below
from chainrule.records import record

RUNGS = 27
# The numbers are no powers of a small integer, so that periodic functions do not repeat on the rungs.
NEAR, TOP = 0.2237, 0.9731
SMALL = 1e-3
SMALLEST = 1e-250  # nearer to 0, radii relative to x would underflow
STEEPEST = 6.5  # largest ratio of neighbouring radii
BOTH, RIGHT, LEFT = 0, 1, -1
WIDTH = {BOTH: 6, RIGHT: 9, LEFT: 9}  # rungs in a window
DEGREE = {BOTH: 8, RIGHT: 6, LEFT: 6}


@record(frozen=True)
class Window:
    """The polynomial through the rungs first .. first + WIDTH - 1, counted from the smallest radius."""

    first: int
    radius: float
    fit: Fit


@record(frozen=True)
class Ladder:
    """Radii (increasing) with the function's values on both sides; NaN where undefined."""

    radii: Array
    right: Array
    left: Array
    centre: float
    at: float = 0.0  # the size of the argument
    _sides: dict[int, list[tuple[Fit, Fit] | None]] = field(default_factory=dict)

    def side(self) -> int | None:
        """BOTH, or the only side on which the function is defined near the point, or None."""
        right, left = (int(np.argmin(np.append(np.isfinite(v), False))) for v in (self.right, self.left))
        if min(right, left) >= WIDTH[BOTH]:
            return BOTH
        if max(right, left) < WIDTH[RIGHT]:
            return None
        return RIGHT if right > left else LEFT

    def samples(self, first: int, stop: int, side: int) -> tuple[Array, Array]:
        """Offsets from the centre and values on the rungs first .. stop - 1, and at the centre."""
        offsets, values = [np.zeros(1)], [np.array([self.centre])]
        if side != LEFT:
            offsets.append(self.radii[first:stop])
            values.append(self.right[first:stop])
        if side != RIGHT:
            offsets.append(-self.radii[first:stop])
            values.append(self.left[first:stop])
        return np.concatenate(offsets), np.concatenate(values)

    def windows(self, side: int) -> list[Window]:
        """A fit at every scale at which all samples are defined, from the narrowest to the widest."""
        width = WIDTH[side]
        starts, rows = [], []
        for first in range(len(self.radii) - width + 1):
            offsets, values = self.samples(first, first + width, side)
            if np.all(np.isfinite(values)):
                starts.append(first)
                rows.append((offsets, values))
        if not rows:
            return []
        offsets, values = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
        found = fits(offsets, values, DEGREE[side], self.at)
        return [Window(first, f.radius, f) for first, f in zip(starts, found, strict=True)]

    def sides(self, width: int, degree: int) -> list[tuple[Fit, Fit] | None]:
        """For every first rung, the fits to `width` rungs of the right and of the left, without the centre."""
        if width not in self._sides:
            self._sides[width] = self._fit_sides(width, degree)
        return self._sides[width]

    def _fit_sides(self, width: int, degree: int) -> list[tuple[Fit, Fit] | None]:
        if len(self.radii) < width:
            return []
        radii, right, left = (_windows(v, width) for v in (self.radii, self.right, self.left))
        whole = np.all(np.isfinite(right) & np.isfinite(left), axis=1)
        places, count = radii[whole], int(np.count_nonzero(whole))
        both = np.concatenate([right[whole], left[whole]])
        found = fits(np.concatenate([places, places]), both, degree, self.at, mirrored=count)
        pairs = zip(found[:count], found[count:], strict=True)
        return [next(pairs) if ok else None for ok in whole]

    def flat_radius(self, side: int) -> float:
        """The largest radius up to which the function keeps its centre value, but for the last bits; else 0."""
        slack = 2 * EPS * abs(self.centre)
        same = np.ones(len(self.radii), bool)
        if side != LEFT:
            same &= np.abs(self.right - self.centre) <= slack
        if side != RIGHT:
            same &= np.abs(self.left - self.centre) <= slack
        steps = int(np.argmin(np.append(same, False)))
        return float(self.radii[steps - 1]) if steps else 0.0


def _windows(samples: Array, width: int) -> Array:
    """All runs of so many neighbouring samples, as rows."""
    return samples[None] if len(samples) == width else sliding_window_view(samples, width)


def radii(line: Line) -> Array:
    """The rungs for this line, increasing; two runs of rungs where x is far smaller than 1."""
    size = line.span if line.span > SMALLEST else 0.0
    top = TOP * line.scale
    grain = power_below(line.grain)  # lines whose sizes are powers of 2 then share what their fits need
    bottom = max(512 * grain, min(1e-14 * line.scale, 1e-7 * size) if size else 1e-16 * line.scale)
    if (top / bottom) ** (1 / (RUNGS - 1)) <= STEEPEST:
        plain = _geometric(bottom, top, RUNGS)
    else:
        half = RUNGS // 2 + 1
        plain = [*_geometric(1e-7 * size, TOP * size, half), *_geometric(1e-7 * line.scale, top, half)]
    return np.array(sorted({line.snap(float(r)) for r in plain}))


def _geometric(low: float, high: float, count: int) -> list[float]:
    ratio = (high / low) ** (1 / (count - 1))
    return [low * ratio**k for k in range(count)]


def stages(line: Line) -> list[Array]:
    """The rungs within a quarter of the argument's size, and all of them.

    A term 1 + x shows nothing of an x below the rounding of 1, so near 0 a thousandth counts as the argument's size.
    """
    steps = radii(line)
    near = steps[steps <= NEAR * max(line.span, SMALL * line.scale)]
    return [steps[steps <= line.reach]] if len(near) < 2 * WIDTH[BOTH] else [near, steps[steps <= line.reach]]


def climb(line: Line, element: int = 0, rungs: Array | None = None) -> Ladder:
    """Evaluate the function on its ladder."""
    steps = stages(line)[-1] if rungs is None else rungs
    values = line.at(np.concatenate([line.x + steps, line.x - steps]), element)
    return Ladder(steps, values[: len(steps)], values[len(steps) :], float(line.centre[element]), line.grain / EPS)
