"""Flat: values that do not move. Because the function is constant here, or because rounding hides that it moves?"""

from __future__ import annotations

import numpy as np

from chainrule.numeric.ladder import BOTH, LEFT, RIGHT, Ladder
from chainrule.numeric.sampling import Line

QUANTISED = 1e-5  # coarsest hidden rounding, relative to the values, that is believed to be mere rounding
WIDE = 1e-2  # flat over this part of the argument's size, a function is not even float16 inside


def hides_a_slope(ladder: Ladder, side: int, slope: float, noise: float, level: float, eps: float) -> bool:
    """Whether the samples stay flat further than rounding of this noise (units of f) can explain for this slope."""
    flat = ladder.flat_radius(side)
    if not flat:
        return False
    coarse = noise > max(QUANTISED, 20 * eps) * level and not _is_half(ladder)
    return abs(slope) * flat > 10 * noise or (coarse and flat > 1e-9 * float(ladder.radii[-1]))


def is_constant(line: Line, element: int, ladder: Ladder, side: int, contradicted: bool = False) -> bool:
    """Whether the function is flat up to a kink or a jump, and not because rounding turned a slope into steps.

    Beyond a kink its values move continuously, beyond a jump they stay again; of the steps of rounding, twelve
    samples just beyond the first edge meet a few. `contradicted` by a slope at wider scales, only a kink counts.
    """
    flat = ladder.flat_radius(side)
    if not flat:
        return False
    if not contradicted and flat >= min(float(ladder.radii[-1]), WIDE * max(abs(line.x), line.scale)):
        return True
    edges = 0
    for sign in (s for s in (RIGHT, LEFT) if side in (BOTH, s)):
        values = line.at(line.x + sign * flat * np.linspace(1.0, 9.5, 12), element)
        moved = values[np.isfinite(values) & (values != ladder.centre)].tolist()
        continuous = len(set(moved)) >= 0.8 * len(moved)
        if not continuous and (contradicted or not _stays(ladder, sign, flat, moved)):
            return False
        edges += len(moved) > 2
    return edges > 0 or not contradicted


def _stays(ladder: Ladder, sign: int, flat: float, moved: list[float]) -> bool:
    """Whether one jump is all that happens on this side over three decades."""
    seen = (ladder.right if sign == RIGHT else ladder.left)[(ladder.radii > flat) & (ladder.radii < 1000 * flat)]
    return len({*moved, *seen.tolist()} - {ladder.centre}) == 1


def _is_half(ladder: Ladder) -> bool:
    """Whether all values are half-precision numbers, and not just whole ones."""
    values = np.concatenate([ladder.right, ladder.left])
    values = values[np.isfinite(values)]
    with np.errstate(all="ignore"):
        return bool(np.all(values.astype(np.float16) == values) and np.any(values != np.round(values)))
