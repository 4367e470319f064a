"""Cheap: a dozen samples, the same tests, more refusals.

Six rungs below a fifth of the power of 2 up to the point's size, or of a part of it. Nothing is known about smaller
scales, so the samples must lie on a polynomial a thousand times more closely than the full method asks.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from chainrule.numeric import noise as noise_of
from chainrule.numeric.estimate import Doubt, Estimate, refusal
from chainrule.numeric.fit import Fit, fits
from chainrule.numeric.kink import SMALLEST, find_break
from chainrule.numeric.ladder import BOTH, Ladder, climb
from chainrule.numeric.sampling import Line, power_below

RATIO, RUNGS, TOP = 5.0, 6, 0.183
SMOOTH = 1e-6  # largest residual, relative to the spread, of samples that are taken for a smooth curve
USEFUL = 0.05
TOGETHER = 16  # numbers of a result whose fits share a table, which is kept


def cheap(line: Line, element: int = 0, order: int = 1, nearer: int = 0) -> Estimate:
    """The order-th derivative from 13 function values, refused at the slightest doubt. With so many rungs `nearer`,
    of which the line may know some, for a function that bends more."""
    return _of_elements(line, [element], order, nearer)[0]


def cheap_of_all(line: Line, order: int = 1) -> list[Estimate]:
    """The derivatives of all numbers of the result, of so many in one fit."""
    starts = range(0, line.size, TOGETHER)
    return [e for k in starts for e in _of_elements(line, range(k, min(k + TOGETHER, line.size)), order, 0)]


@np.errstate(all="ignore")
def _of_elements(line: Line, elements: Iterable[int], order: int, nearer: int) -> list[Estimate]:
    steps, size = range(nearer, nearer + RUNGS), power_below(line.span)
    rungs = np.array([line.snap(size * _rung(k)) for k in steps])[::-1]
    ladders = [climb(line, element, rungs) for element in elements]
    return [_estimate(line, ladder, found, order) for ladder, found in zip(ladders, _fits(ladders, order), strict=True)]


def _estimate(line: Line, ladder: Ladder, found: list[Fit], order: int) -> Estimate:
    name = "adaptive"
    if not np.isfinite(ladder.centre):
        return refusal(line.undefined, name, line.evaluations)
    if not found:
        if line.is_cut_short:
            return refusal(Doubt.TOO_SLOW, name, line.evaluations)
        return refusal(Doubt.OUT_OF_DOMAIN, name, line.evaluations)
    smooth = [f for f in found if _is_smooth(f, line.eps)]
    break_ = find_break(ladder, 0, SMALLEST, order, noise_of.floor(max(f.level for f in found)))
    if break_:
        return refusal(break_.doubt, name, line.evaluations, left=break_.left, right=break_.right)
    if not smooth or smooth[-1] is not found[-1]:  # what is smooth from afar only has a kink, or noise, near the point
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


def _fits(ladders: list[Ladder], order: int) -> list[list[Fit]]:
    """For each ladder the fits to six, five and four rungs, as far as there are values that say something."""
    found: list[list[Fit]] = [[] for _ in ladders]
    for stop, degree in ((6, 8), (5, 6), (4, 4)):
        if degree <= order + 1:
            continue
        samples = [ladder.samples(0, stop, BOTH) for ladder in ladders]
        # flat inside a curve means rounded away
        used = [k for k, (_, v) in enumerate(samples) if np.all(np.isfinite(v)) and (stop == RUNGS or np.ptp(v) > 0)]
        if not used:
            continue
        offsets, values = (np.array([samples[k][i] for k in used]) for i in (0, 1))
        for k, one in zip(used, fits(offsets, values, degree, ladders[0].at), strict=True):
            found[k].append(one)
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
