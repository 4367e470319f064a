"""Plateau: the scales at which neighbouring windows tell one story.

Windows are read from the narrowest upwards. A run of them that are resolved, not blind, without a break and of one
slope is a plateau. The first one is the local behaviour: a derivative is a limit at small radii, so a wider regime
may refine the value but never overrule it.
"""

from __future__ import annotations

from itertools import pairwise

from chainrule.numeric import noise as noise_of
from chainrule.numeric.fit import Fit
from chainrule.numeric.kink import SMALLEST, find_break
from chainrule.numeric.ladder import BOTH, Ladder, Window

FAINT = 1e-6  # wiggles below this, relative to the values, may be meant as noise
SLOW_STEPS = 4


def bar(window: Window, order: int = 1) -> float:
    """The error bar the window itself gives to the order-th derivative."""
    return window.fit.bar(order, noise_of.floor(window.fit.level))


def plateaus(windows: list[Window], ladder: Ladder, eps: float, side: int, order: int = 1) -> list[list[Window]]:
    """All runs of at least two neighbouring windows that belong together, narrowest first."""
    runs: list[list[Window]] = [[]]
    best: dict[int, Window] = {}  # by order, of the last run
    for window in windows:
        usable = not noise_of.is_blind(window.fit) and noise_of.is_resolved(window.fit, eps)
        if usable and side == BOTH:
            usable = find_break(ladder, window.first, SMALLEST, 1, 0.0) is None
        if not usable or not all(_agree(w, window, k) for k, w in best.items()):
            runs.append([])
            best = {}
        if usable:
            runs[-1].append(window)
            best = {k: _better(best.get(k, window), window, k) for k in {1, order}}
    return [run for run in runs if len(run) >= 2 and _says_something(min(run, key=bar).fit)]


def _says_something(fit: Fit) -> bool:
    """Whether the bar is smaller than the slopes around; among the last bits of f, windows agree on anything."""
    return fit.bar(1, noise_of.floor(fit.level)) < 0.5 * max(abs(fit.derivative(1)), fit.slope_scale(1))


def _better(best: Window, window: Window, order: int) -> Window:
    return window if bar(window, order) < bar(best, order) else best


def _agree(best: Window, window: Window, order: int) -> bool:
    gap = abs(best.fit.derivative(order) - window.fit.derivative(order))
    return not gap > bar(best, order) + bar(window, order)


def is_rough(run: list[Window], best: Window) -> bool:
    """Whether the residuals climb slowly from rung to rung, as those of |x|^1.5 do.

    Noise stays level, and the truncation of a smooth function leaps by the seventh or ninth power of the ratio.
    """
    seen = [w.fit for w in run if w.first <= best.first + SLOW_STEPS]
    residuals = [f.residual for f in seen if f.residual > 10 * noise_of.floor(f.level)]
    last = list(pairwise(residuals))[-SLOW_STEPS:]
    return len(last) == SLOW_STEPS and all(2 < wide / narrow < 500 for narrow, wide in last)


def dispute(runs: list[list[Window]], value: float, order: int) -> float:
    """How far a wider regime, smooth but for a faint wiggle, would put the derivative from `value`; 0 if none does.

    sin x + 1e-8 sin 1e6 x has two slopes: its own, and the one meant if the second term is noise. Both must lie within
    the bar, since values alone cannot tell which is asked for. Likewise log(1 + x) - 2 x near 0, where x is below the
    rounding of 1 and the logarithm does not move.
    """
    gaps = [0.0]
    for window in (w for run in runs[1:] for w in run):
        fit = window.fit
        gap = abs(fit.derivative(order) - value)
        settled = fit.truncation(order) < 4 * fit.rounding(order, noise_of.floor(fit.level))
        if settled and fit.residual < FAINT * fit.level and bar(window, order) < 0.1 * gap:
            gaps.append(1.1 * gap)
    return max(gaps)
