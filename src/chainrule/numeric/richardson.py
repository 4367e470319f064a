"""Richardson: central differences at steps halved again and again, extrapolated to step zero.

The error of a central difference is a series in h²; each column of the table removes one of its terms (Richardson
1911; Romberg 1955; the choice of the best entry follows Ridders 1982). Neighbouring entries agreeing is not enough
to trust it: the raw differences must also converge at their own rate, and the two sides must have one slope.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.numeric.estimate import Doubt, Estimate, refusal
from chainrule.numeric.sampling import Line
from chainrule.numeric.stencil import CENTRAL, SAFETY, checked_step, measured_noise, sides_differ

ROWS = 8
FIRST = 0.0913  # first step relative to the size of x; no round number, so that periods do not fall on it


def richardson(f: Callable[[Any], Any], x: float, h: float | None = None) -> Estimate:
    """The slope by Richardson extrapolation from step `h` (units of x) down to h / 128, with its measured error.

    >>> from chainrule import numeric
    >>> import math
    >>> numeric.richardson(math.exp, 0.0).agrees_with(1.0)
    True
    """
    return extrapolate(Line(f, x), 1, h)


@np.errstate(all="ignore")
def extrapolate(line: Line, order: int, h: float | None = None, element: int = 0) -> Estimate:
    """The order-th derivative by extrapolated central differences along a line."""
    name = "richardson"
    h = FIRST * (abs(line.x) if line.x else line.scale) if h is None else checked_step(h)
    if not np.isfinite(line.centre[element]):
        return refusal(line.undefined, name, line.evaluations)
    steps = [h * 0.5**k for k in range(ROWS)]
    width = 2.0 if order == 1 else 1.0
    column = [CENTRAL.apply(line, element, order, width * step) for step in steps]
    if not np.all(np.isfinite(column)):
        return refusal(Doubt.OUT_OF_DOMAIN, name, line.evaluations, step=h)
    sigma, blind = measured_noise(line, element, steps[-1])
    if blind:
        return refusal(Doubt.NOISY, name, line.evaluations, value=column[-1], step=h)
    noise = [SAFETY * sigma * 2.0**order / (width * step) ** order for step in steps]
    found = sides_differ(line, element, steps[-1], sigma)
    if found:
        return refusal(
            found.doubt,
            name,
            line.evaluations,
            value=column[-1],
            step=h,
            error=max(abs(found.right - found.left), noise[-1]),
            left=found.left,
            right=found.right,
        )
    value, error = _best_entry(column, noise)
    doubt = None if _converges(column, noise, value) else Doubt.UNRESOLVED
    return Estimate(value, np.inf if doubt else error, name, h, line.evaluations, doubt)


def _best_entry(column: list[float], noise: list[float]) -> tuple[float, float]:
    """The entry whose distance to its neighbours, plus the rounding it has gathered, is smallest."""
    best, error = column[-1], np.inf
    previous, power = column, 1
    while len(previous) > 1:
        power *= 4
        current = [(power * b - a) / (power - 1) for a, b in pairwise(previous)]
        for k, entry in enumerate(current):
            finest = noise[k + len(column) - len(current)]
            distance = 3 * max(abs(entry - previous[k]), abs(entry - previous[k + 1]))
            # The weights of every column sum, in absolute value, to less than 2.
            if distance + 2 * finest < error:
                best, error = entry, distance + 2 * finest
        previous = current
    return best, error


def _converges(column: list[float], noise: list[float], value: float) -> bool:
    """Whether the last changes of the raw differences fall about fourfold, as far as noise lets one see, to the value.

    An error falling fourfold leaves a third of the last change to go.
    """
    changes = np.abs(np.diff(column))
    slack = np.array(noise[1:]) + np.array(noise[:-1])
    falls = bool(np.all(changes[-3:] <= 0.5 * changes[-4:-1] + slack[-3:]))
    return falls and abs(value - column[-1]) <= changes[-1] + 2 * noise[-1]
