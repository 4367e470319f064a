"""Flat: values that do not move. Because the function is constant here, or because rounding hides that it moves?"""

from __future__ import annotations

import numpy as np

from chainrule.numeric.ladder import BOTH, LEFT, RIGHT, Ladder
from chainrule.numeric.sampling import Line

QUANTISED = 1e-5  # coarsest hidden rounding, relative to the values, that is believed to be mere rounding
WIDE = 1e-5  # flat over this part of the argument's size, a function is not float32 inside


def hides_a_slope(ladder: Ladder, side: int, slope: float, noise: float, level: float, eps: float) -> bool:
    """Whether the samples stay flat further than rounding of this noise (units of f) can explain for this slope."""
    flat = ladder.flat_radius(side)
    if not flat:
        return False
    coarse = noise > max(QUANTISED, 20 * eps) * level and not _is_half(ladder)
    return abs(slope) * flat > 10 * noise or (coarse and flat > 1e-9 * float(ladder.radii[-1]))


def is_constant(line: Line, element: int, ladder: Ladder, side: int) -> bool:
    """Whether the function is flat up to a kink or a jump: beyond the edge its values then move continuously.

    Rounding instead gives steps, of which twelve samples just beyond the first edge meet only a few.
    """
    flat = ladder.flat_radius(side)
    if not flat:
        return False
    if flat >= min(float(ladder.radii[-1]), WIDE * max(abs(line.x), line.scale)):
        return True
    steps = flat * np.linspace(1.0, 9.5, 12)
    for sign in (s for s in (RIGHT, LEFT) if side in (BOTH, s)):
        values = line.at(line.x + sign * steps, element)
        moved = values[np.isfinite(values) & (values != ladder.centre)].tolist()
        if len(set(moved)) < 0.8 * len(moved):
            return False
    return True


def _is_half(ladder: Ladder) -> bool:
    """Whether all values are half-precision numbers, and not just whole ones."""
    values = np.concatenate([ladder.right, ladder.left])
    values = values[np.isfinite(values)]
    with np.errstate(all="ignore"):
        return bool(np.all(values.astype(np.float16) == values) and np.any(values != np.round(values)))
