"""Stencil: the textbook differences, with an error that is measured instead of hoped for.

The value is the textbook's, at the step asked for. The same stencil at two shorter steps measures the truncation
(it must shrink by the stencil's own order), a difference table measures the rounding, and the two one-sided slopes
are compared, because a symmetric stencil is blind to a kink at its centre.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.numeric import noise as noise_of
from chainrule.numeric.estimate import Doubt, Estimate, refusal
from chainrule.numeric.kink import Break
from chainrule.numeric.sampling import Array, Line
from chainrule.records import record

SHRINK = 0.6  # each control step is this much shorter
SAFETY = 4.0
SCATTER = 0.05  # noise relative to how much the samples move, above which they show no curve


@record(frozen=True)
class Stencil:
    """Sample positions in steps, as a rule for any derivative order, and the order of the truncation error."""

    name: str
    shift: Callable[[int], float]
    accuracy: int

    def step(self, line: Line, order: int) -> float:
        """Where truncation h^accuracy and rounding eps/h^order balance, relative to the size of x."""
        size = abs(line.x) if line.x else line.scale
        return float(line.eps ** (1.0 / (order + self.accuracy))) * size

    def apply(self, line: Line, element: int, order: int, h: float) -> float:
        """The n-th difference over h^n, with the steps that were really taken."""
        points: Array = line.x + (np.arange(order + 1.0) + self.shift(order)) * h
        values = line.at(points, element)
        taken = (points[-1] - points[0]) / order
        signs = np.array([(-1) ** (order - k) * comb(order, k) for k in range(order + 1)], float)
        return float(signs @ values / taken**order)


FORWARD = Stencil("forward", lambda n: 0.0, 1)
BACKWARD = Stencil("backward", lambda n: -float(n), 1)
CENTRAL = Stencil("central", lambda n: -n / 2 if n > 1 else -0.5, 2)


def forward(f: Callable[[Any], Any], x: float, h: float | None = None) -> Estimate:
    """(f(x + h) - f(x)) / h, with its measured error.

    `h` is in units of x; None takes sqrt(eps) of the size of x. The error is absolute, in units of the slope.

    >>> from chainrule import numeric
    >>> numeric.forward(lambda x: x * x, 3.0, 1e-3).agrees_with(6.0)
    True
    """
    return difference(Line(f, x), FORWARD, 1, h)


def backward(f: Callable[[Any], Any], x: float, h: float | None = None) -> Estimate:
    """(f(x) - f(x - h)) / h, with its measured error; as `forward`.

    >>> from chainrule import numeric
    >>> numeric.backward(lambda x: x * x, 3.0, 1e-3).agrees_with(6.0)
    True
    """
    return difference(Line(f, x), BACKWARD, 1, h)


def central(f: Callable[[Any], Any], x: float, h: float | None = None) -> Estimate:
    """(f(x + h) - f(x - h)) / 2h, with its measured error; None takes the cube root of eps times the size of x.

    >>> from chainrule import numeric
    >>> numeric.central(abs, 0.0).reason.name
    'KINK'
    """
    return difference(Line(f, x), CENTRAL, 1, h)


@np.errstate(all="ignore")
def difference(line: Line, stencil: Stencil, order: int, h: float | None = None, element: int = 0) -> Estimate:
    """The order-th difference along a line; refused at kinks, jumps and where the truncation does not shrink."""
    h = stencil.step(line, order) if h is None else checked_step(h)
    # A central first difference reaches h to both sides; its sample distance is therefore 2 h.
    width = 2 * h if stencil is CENTRAL and order == 1 else h
    if not np.isfinite(line.centre[element]):
        return refusal(line.undefined, stencil.name, line.evaluations)
    values = [stencil.apply(line, element, order, width * SHRINK**k) for k in range(3)]
    if not np.all(np.isfinite(values)):
        return refusal(Doubt.OUT_OF_DOMAIN, stencil.name, line.evaluations, step=h)
    sigma, blind = measured_noise(line, element, h)
    if blind:
        return refusal(Doubt.NOISY, stencil.name, line.evaluations, value=values[0], step=h)
    rounding = SAFETY * sigma * 2.0**order / (SHRINK**2 * width) ** order
    error, shrinks = truncation(values, stencil.accuracy, rounding)
    error += SAFETY * sigma * 2.0**order / width**order
    found = sides_differ(line, element, h, sigma)
    if found:
        gap = abs(found.right - found.left)
        return refusal(
            found.doubt,
            stencil.name,
            line.evaluations,
            value=values[0],
            error=max(error, gap),
            step=h,
            left=found.left,
            right=found.right,
        )
    doubt = None if shrinks else Doubt.UNRESOLVED
    return Estimate(values[0], error if shrinks else np.inf, stencil.name, h, line.evaluations, doubt)


def checked_step(h: float) -> float:
    """The step as a positive finite float."""
    if isinstance(h, bool) or not isinstance(h, (int, float, np.number)) or not np.isfinite(h) or h <= 0:
        raise ArgumentError(
            f"a step should be a positive finite number in units of x; {h!r} arrived; leave it out to have it chosen"
        )
    return float(h)


def truncation(values: list[float], accuracy: int, rounding: float) -> tuple[float, bool]:
    """Truncation error of the first of three values at steps shrinking by SHRINK, and whether it shrinks as it should.

    For an error c·h^p the first change is c·h^p (1 - SHRINK^p), the second SHRINK^p times that.
    """
    first, second = abs(values[0] - values[1]), abs(values[1] - values[2])
    expected = SHRINK**accuracy
    shrinks = second <= (expected + 0.25 * (1 - expected)) * first + 2 * rounding
    return 3 * max(first, second) / (1 - expected), shrinks


def measured_noise(line: Line, element: int, h: float) -> tuple[float, bool]:
    """Noise (units of f) from nine samples within the step, and whether they are blind to the slope.

    They are if they scatter, by noise or by an oscillation faster than the step. Samples that never move are honest
    only if the function is flat far beyond the step as well.
    """
    unit = line.snap(h / 8)
    points: Array = line.x + unit * np.arange(-8.0, 9.0)
    values = line.at(points, element)
    values = values[np.isfinite(values)]
    if len(values) < 9:
        return 0.0, True
    level = float(np.max(np.abs(values)))
    sigma = max(_noise_of_halves(values), noise_of.floor(level, line.eps))
    if sigma > max(SCATTER * float(np.ptp(values)), 4 * noise_of.floor(level, line.eps)):
        return sigma, True
    if len(set(values.tolist())) > 0.3 * len(values):
        return sigma, False
    size = max(abs(line.x), line.scale)
    wide: Array = np.geomspace(4 * h, max(1e-2 * size, 40 * h), 6)
    far = line.at(np.concatenate([line.x + wide, line.x - wide]), element)
    centre = float(line.centre[element])
    return sigma, bool(np.any(np.abs(far[np.isfinite(far)] - centre) > 8 * noise_of.floor(level)))


def _noise_of_halves(values: Array) -> float:
    """The noise both sides of the centre show; a jump at the centre disturbs only one of them."""
    half = max(len(values) // 2 + 1, 9)
    levels = [noise_of.from_differences(values[:half]), noise_of.from_differences(values[-half:])]
    return min(max(levels), 10 * min(levels))


def sides_differ(line: Line, element: int, h: float, sigma: float) -> Break | None:
    """Compare the one-sided slopes at h and at SHRINK² h: at a smooth point they stay, and their gap shrinks like h."""
    right, left = (_slopes(line, element, s, h) for s in (1.0, -1.0))
    if not np.all(np.isfinite([*right, *left])):
        return None
    slack = 2 * SAFETY * 4 * sigma / (SHRINK**2 * h)
    gaps, steepness = np.abs(right - left), np.minimum(np.abs(right), np.abs(left))
    differs = gaps[1] > slack and gaps[1] >= 0.7 * gaps[0]
    grows = steepness[1] > slack and steepness[1] > 1.4 * steepness[0]
    if not (differs or grows):
        return None
    jumps = gaps[1] > 2 * gaps[0] if differs else steepness[1] > 2 * steepness[0]
    return Break(Doubt.JUMP if jumps else Doubt.KINK, float(left[1]), float(right[1]))


def _slopes(line: Line, element: int, sign: float, h: float) -> Array:
    points = line.x + sign * np.array([h, SHRINK**2 * h])
    slopes: Array = (line.at(points, element) - line.centre[element]) / (points - line.x)
    return slopes
