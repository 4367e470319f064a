"""Adaptive: the derivative measured at the scale where the function shows it best, or refused.

1. A ladder of radii gives a polynomial at every scale (ladder.py, fit.py): first near the point, then as far as its
   size, or as 1.
2. The narrowest plateau of windows that agree is the local behaviour (plateau.py).
3. What lies below it may speak against it: a kink or jump (kink.py), flat steps (flat.py), roughness.
4. In its best window Chebyshev nodes are added. They spread the noise evenly and test the resolution once more.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from chainrule.numeric import kink
from chainrule.numeric import noise as noise_of
from chainrule.numeric.estimate import Doubt, Estimate, refusal
from chainrule.numeric.fit import Fit, fit, medians
from chainrule.numeric.flat import hides_a_slope, is_constant
from chainrule.numeric.kink import confirmed_break, find_break, grows_without_bound
from chainrule.numeric.ladder import BOTH, WIDTH, Ladder, Window, climb, stages
from chainrule.numeric.plateau import bar, dispute, is_rough, plateaus
from chainrule.numeric.sampling import Array, Line

NODES = 16  # Chebyshev nodes in the final window
DEGREE = 10  # of the final fit, for first and second derivatives
HIGHEST_FITTED = 4  # derivative a single window of the ladder still says something about
MOVE = 2.2  # factor by which the final window is moved once
REST = 2.3  # factor by which the final window may leave the rungs of the first ladder
ENOUGH = 13  # digits, less two for each order, that a derivative from near the point must have to be final
FLAT_AT = 0.1  # a function flat over ten times its argument's size does not live on that scale
USEFUL = 0.2  # largest bar, relative to the slopes seen nearby, that still says something


@np.errstate(all="ignore")
def adaptive(line: Line, element: int = 0, order: int = 1) -> Estimate:
    """The order-th derivative of one output element along the line."""
    if not np.isfinite(line.centre[element]):
        return refusal(line.undefined, "adaptive", line.evaluations)
    rungs = stages(line)
    found: list[Estimate] = []
    for k, steps in enumerate(rungs):
        line.reach = min(line.scale, REST * float(steps[-1]))
        found.append(_measure(line, element, order, steps, last=k == len(rungs) - 1))
        if found[-1].trusted and _is_enough(found[-1], order):
            break
    best = min((e for e in found if e.trusted), key=lambda e: float(e.error), default=found[-1])
    if best.reason in (Doubt.UNRESOLVED, Doubt.OUT_OF_DOMAIN, Doubt.NOISY) and line.is_cut_short:
        return refusal(Doubt.TOO_SLOW, "adaptive", line.evaluations)
    return best


def _is_enough(found: Estimate, order: int) -> bool:
    """Whether looking further away from the point is not worth it."""
    return float(found.error) <= 10.0 ** (2 * order - ENOUGH) * abs(float(found.value))


def _measure(line: Line, element: int, order: int, steps: Array, last: bool) -> Estimate:
    """The derivative as far as these steps (units of the argument) show it. That f does not move at all is believed
    of the last ones only."""
    ladder = climb(line, element, steps)
    side = ladder.side()
    if side is None:
        return refusal(Doubt.OUT_OF_DOMAIN, "adaptive", line.evaluations)
    runs = plateaus(ladder.windows(side), ladder, line.eps, side, min(order, HIGHEST_FITTED))
    if not runs:
        if last and is_constant(line, element, ladder, side):
            return _flat(line, ladder, order, side)
        return _refuse(line, ladder, Doubt.UNRESOLVED)
    best = min(runs[0], key=bar)
    doubt = _objection(ladder, runs[0], best, order, side, line.eps)
    if doubt is Doubt.NOISY and is_constant(line, element, ladder, side, contradicted=True):
        return _flat(line, ladder, order, side)
    if doubt:
        return _refuse(line, ladder, doubt)
    start = min(runs[0], key=lambda w: bar(w, min(order, HIGHEST_FITTED)))
    found = _refine(line, element, ladder, start, order, side)
    if found is None:
        return _refuse(line, ladder, Doubt.UNRESOLVED)
    return _judge(line, ladder, found, best, runs, order)


def _objection(ladder: Ladder, run: list[Window], best: Window, order: int, side: int, eps: float) -> Doubt | None:
    """What the samples below the best window say against it."""
    level = best.fit.level
    noise = max(best.fit.residual, noise_of.floor(level))
    if hides_a_slope(ladder, side, best.fit.derivative(1), noise, level, eps):
        return Doubt.NOISY
    if side == BOTH:
        found = confirmed_break(ladder, order, coarse=noise)
        if found:
            return found.doubt
    return Doubt.UNRESOLVED if is_rough(run, best) else None


def _refine(line: Line, element: int, ladder: Ladder, start: Window, order: int, side: int) -> Fit | None:
    """The best of two or three fits with Chebyshev nodes, moved to where truncation and noise balance."""
    radius, direction = start.radius, 0
    found: list[Fit] = []
    for _ in range(3):
        fresh = _chebyshev(line, element, ladder, radius, order, side)
        if fresh:
            found.append(fresh)
        turn = -1 if fresh is None or _is_wide(fresh, order, start.fit.residual) else 1
        if direction and (turn != direction or turn > 0):
            break
        direction = turn
        radius *= MOVE**turn
    return min(found, key=lambda f: f.bar(order, noise_of.floor(f.level)), default=None)


def _is_wide(fit: Fit, order: int, expected: float) -> bool:
    """Whether the missing degrees show more than noise does."""
    noise = max(expected, noise_of.floor(fit.level))
    return fit.residual > 4 * noise or fit.truncation(order) > fit.rounding(order, noise)


def _chebyshev(line: Line, element: int, ladder: Ladder, radius: float, order: int, side: int) -> Fit | None:
    """The fit to Chebyshev nodes and the rungs within the radius; None where it is undefined or unresolved."""
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    points = line.x + (nodes * radius if side == BOTH else side * radius * (nodes + 1) / 2)
    offsets = points - line.x
    values = line.at(points, element)
    count = int(np.searchsorted(ladder.radii, radius * (1 + 1e-9)))
    inner_offsets, inner_values = ladder.samples(max(count - WIDTH[side], 0), count, side)
    offsets, values = np.concatenate([offsets, inner_offsets]), np.concatenate([values, inner_values])
    if not np.all(np.isfinite(values)):
        return None
    found = fit(offsets, values, min(DEGREE + max(order - 2, 0), NODES - 2), ladder.at)
    return found if not found.spread or noise_of.is_resolved(found, line.eps) else None


def _judge(line: Line, ladder: Ladder, found: Fit, best: Window, runs: list[list[Window]], order: int) -> Estimate:
    """The value with its bar, widened by every disagreement with the ladder."""
    noise = noise_of.floor(found.level)
    value, error = found.derivative(order), found.bar(order, noise)
    if order == 1:
        gap = abs(value - best.fit.derivative(1))
        if gap > error + bar(best):
            error = gap + bar(best)
    if order <= HIGHEST_FITTED:
        error = max(error, dispute(runs, value, order))
    error += found.displacement(order, ladder.at)
    scale = max(abs(value), found.slope_scale(order))
    doubt = None
    if not np.isfinite(error) or error > USEFUL * scale > 0:
        rounding = found.rounding(order, noise)
        doubt = Doubt.NOISY if found.truncation(order) < rounding < np.inf else Doubt.UNRESOLVED
    return Estimate(value, error, "adaptive", found.radius, line.evaluations, doubt)


def _flat(line: Line, ladder: Ladder, order: int, side: int) -> Estimate:
    # Cauchy's bound for a function that stays within the noise in a circle: n! noise / radius^n. Beyond its argument's
    # own size nothing is known of it but on the line. Terms as large as 1 may have left nothing but this value.
    noise = noise_of.floor(max(abs(ladder.centre), 1.0))
    radius = np.float64(ladder.flat_radius(side))
    within = np.float64(min(radius, 0.5 * ladder.at)) if ladder.at > FLAT_AT * radius else radius
    error = float(8 * factorial(order) * noise / within**order)
    return Estimate(0.0, error, "adaptive", float(radius), line.evaluations)


def _refuse(line: Line, ladder: Ladder, fallback: Doubt) -> Estimate:
    """Refuse with the most telling reason: a break, unbounded growth, scatter, or else the fallback."""
    found = confirmed_break(ladder, 1) or grows_without_bound(ladder)
    if found is None and _scatters(ladder):
        return refusal(Doubt.NOISY, "adaptive", line.evaluations)
    if found is None:
        starts = range(len(ladder.radii) - kink.WIDTH)
        found = next(filter(None, (find_break(ladder, first, kink.WIDTH, 1, 0.0) for first in starts)), None)
    if found is None:
        return refusal(fallback, "adaptive", line.evaluations)
    middle, half = 0.5 * (found.left + found.right), 0.5 * abs(found.right - found.left)
    bent = found.doubt is Doubt.KINK and bool(np.isfinite(half))
    return refusal(
        found.doubt,
        "adaptive",
        line.evaluations,
        value=middle if bent else np.nan,
        error=half if bent else np.inf,
        left=found.left,
        right=found.right,
    )


def _scatters(ladder: Ladder) -> bool:
    """Whether the function moves about as much on the lowest rungs as three decades higher."""
    moves = np.maximum(np.abs(ladder.right - ladder.centre), np.abs(ladder.left - ladder.centre))
    moves = moves[np.isfinite(moves) & (moves > 0)]
    if len(moves) < 12:
        return False
    low, high = medians(np.array([moves[:4], moves[6:10]])).tolist()
    return bool(low > 0.05 * high)
