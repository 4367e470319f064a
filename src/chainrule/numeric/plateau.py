"""Plateau: the scales at which neighbouring windows tell one story.

Windows are read from the narrowest upwards. A run of them that are resolved, not blind, without a break and of one
slope is a plateau. The first one is the local behaviour: a derivative is a limit at small radii, so a wider regime
may refine the value but never overrule it.
"""

from __future__ import annotations

from itertools import pairwise

from chainrule.numeric import noise as noise_of
from chainrule.numeric.kink import find_break
from chainrule.numeric.ladder import BOTH, WIDTH, Ladder, Window

FAINT = 1e-6  # wiggles below this, relative to the values, may be meant as noise
SLOW_STEPS = 4


def bar(window: Window, order: int = 1) -> float:
    """The error bar the window itself gives to the order-th derivative."""
    return window.fit.bar(order, noise_of.floor(window.fit.level))


def plateaus(windows: list[Window], ladder: Ladder, eps: float, side: int) -> list[list[Window]]:
    """All runs of at least two neighbouring windows that belong together, narrowest first."""
    runs: list[list[Window]] = [[]]
    for window in windows:
        usable = not noise_of.is_blind(window.fit) and noise_of.is_resolved(window.fit, eps)
        if usable and side == BOTH:
            usable = find_break(ladder, window.first, window.first + WIDTH[BOTH], 1, 0.0) is None
        if not usable or (runs[-1] and not _agrees(runs[-1], window)):
            runs.append([])
        if usable:
            runs[-1].append(window)
    return [run for run in runs if len(run) >= 2]


def _agrees(run: list[Window], window: Window) -> bool:
    best = min(run, key=bar)
    return abs(best.fit.derivative(1) - window.fit.derivative(1)) <= bar(best) + bar(window)


def is_rough(run: list[Window], best: Window) -> bool:
    """Whether the residuals climb slowly from rung to rung, as those of |x|^1.5 do.

    Noise stays level, and the truncation of a smooth function leaps by the seventh or ninth power of the ratio.
    """
    seen = [w.fit for w in run if w.first <= best.first + SLOW_STEPS]
    residuals = [f.residual for f in seen if f.residual > 10 * noise_of.floor(f.level)]
    slow = [2 < wide / narrow < 500 for narrow, wide in pairwise(residuals)]
    return any(all(slow[i : i + SLOW_STEPS]) for i in range(len(slow) - SLOW_STEPS + 1))


def dispute(runs: list[list[Window]], value: float) -> float:
    """How far a wider regime, smooth but for a faint wiggle, would put the slope from `value`; 0 if none does.

    sin x + 1e-8 sin 1e6 x has two slopes: its own, and the one meant if the second term is noise. Both must lie
    within the bar, since values alone cannot tell which is asked for.
    """
    gaps = [0.0]
    for window in (w for run in runs[1:] for w in run):
        fit = window.fit
        gap = abs(fit.derivative(1) - value)
        settled = fit.truncation(1) < fit.rounding(1, noise_of.floor(fit.level))
        if settled and fit.residual < FAINT * fit.level and bar(window) < 0.1 * gap:
            gaps.append(1.1 * gap)
    return max(gaps)
