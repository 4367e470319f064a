"""Results of distributions that are no numbers: a moment that diverges, a parameter that is not allowed.

They are constants, and a constant's slope is 0: an optimiser would take an infinite variance for a minimum. So they are
given a slope that is no number either. The logarithm of a density outside of its support, which is -inf on all of a
region, keeps its 0, as the branch that it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Carrier, StandIn, known, primal, shape

MOMENTS = ("mean", "var", "std", "entropy")


def without_slope(y: Any, method: str, args: tuple[Any, ...]) -> Any:
    """The result `y` of a method; where it is nan, and for a moment also where it is infinite, with slopes that are
    nan by all numbers among the arguments."""
    moving = [x for x in args if isinstance(x, Carrier)]
    if not moving or not isinstance(y, (float, np.floating, np.ndarray, StandIn)):
        return y
    plain = known(y)
    if plain is None:
        if method not in MOMENTS:
            return y
        bad = np.logical_not(np.isfinite(primal(y)))
    else:
        bad = ~np.isfinite(plain) if method in MOMENTS else np.isnan(plain)
        if not np.any(bad):
            return y
        bad = np.logical_not(np.isfinite(primal(y))) if isinstance(primal(y), StandIn) else bad
    steep = sum(_steep(x, bad, shape(y)) for x in moving)
    return ops.where(bad, primal(y) + steep, y)


def _steep(x: Any, bad: Any, size: tuple[int, ...]) -> Any:
    """0 where it is `bad`, with the slope inf - inf by x."""
    moved = x - primal(x)
    if len(shape(moved)) > len(size):
        moved = ops.sum(moved)
    moved = ops.where(bad, moved, 1.0)
    return ops.sqrt(moved) - ops.cbrt(moved)
