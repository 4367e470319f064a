"""Cheap: a dozen samples, the same tests, more refusals.

Six rungs below a fifth of the power of 2 up to the point's size, or of a part of it. Nothing is known about smaller
scales, so the samples must lie on a polynomial a thousand times more closely than the full method asks.
"""

from __future__ import annotations

import numpy as np

from chainrule.numeric import noise as noise_of
from chainrule.numeric.estimate import Doubt, Estimate, refusal
from chainrule.numeric.fit import Fit, fit
from chainrule.numeric.kink import SMALLEST, find_break
from chainrule.numeric.ladder import BOTH, Ladder, climb
from chainrule.numeric.sampling import Line, power_below

RATIO, RUNGS, TOP = 5.0, 6, 0.183
SMOOTH = 1e-6  # largest residual, relative to the spread, of samples that are taken for a smooth curve
USEFUL = 0.05


@np.errstate(all="ignore")
def cheap(line: Line, element: int = 0, order: int = 1, nearer: int = 0) -> Estimate:
    """The order-th derivative from 13 function values, refused at the slightest doubt. With so many rungs `nearer`,
    of which the line may know some, for a function that bends more."""
    steps, size = range(nearer, nearer + RUNGS), power_below(line.span)
    rungs = np.array([line.snap(size * _rung(k)) for k in steps])[::-1]
    ladder = climb(line, element, rungs)
    name = "adaptive"
    if not np.isfinite(ladder.centre):
        return refusal(line.undefined, name, line.evaluations)
    fits = list(_fits(ladder, order))
    if not fits:
        if line.is_cut_short:
            return refusal(Doubt.TOO_SLOW, name, line.evaluations)
        return refusal(Doubt.OUT_OF_DOMAIN, name, line.evaluations)
    smooth = [f for f in fits if _is_smooth(f, line.eps)]
    break_ = find_break(ladder, 0, SMALLEST, order, noise_of.floor(max(f.level for f in fits)))
    if break_:
        return refusal(break_.doubt, name, line.evaluations, left=break_.left, right=break_.right)
    if not smooth or smooth[-1] is not fits[-1]:  # what is smooth from afar only has a kink, or noise, near the point
        return refusal(Doubt.UNRESOLVED, name, line.evaluations)
    best = min(smooth, key=lambda f: f.bar(order, noise_of.floor(f.level, line.eps)))
    value, error = best.derivative(order), best.bar(order, noise_of.floor(best.level, line.eps))
    error += best.displacement(order, ladder.at)
    error += max((_disagreement(f, value, error, order, line.eps) for f in smooth), default=0.0)
    doubt = Doubt.NOISY if error > USEFUL * max(abs(value), best.slope_scale(order)) > 0 else None
    return Estimate(value, error, name, best.radius, line.evaluations, doubt)


def _rung(k: int) -> float:
    """A step with few bits, which `snap` leaves as it is at every point: all points share the design of their fits."""
    return float(np.float32(TOP * RATIO**-k))


def _fits(ladder: Ladder, order: int) -> list[Fit]:
    found = []
    for stop, degree in ((6, 8), (5, 6), (4, 4)):
        offsets, values = ladder.samples(0, stop, BOTH)
        whole = stop == RUNGS or np.ptp(values) > 0  # flat inside a curve means rounded away
        if degree > order + 1 and whole and np.all(np.isfinite(values)):
            found.append(fit(offsets, values, degree, ladder.at))
    return found


def _is_smooth(found: Fit, eps: float) -> bool:
    if found.spread == 0:
        return True
    return not noise_of.is_blind(found) and found.residual <= max(
        SMOOTH * found.spread, 4 * noise_of.floor(found.level, eps)
    )


def _disagreement(other: Fit, value: float, error: float, order: int, eps: float) -> float:
    """What remains of the gap to another window once both bars are subtracted."""
    bar = other.bar(order, noise_of.floor(other.level, eps))
    return max(abs(other.derivative(order) - value) - error - bar, 0.0)
