"""Noise: how much of what the samples show is rounding, and whether rounding explains it.

Noise is measured, never assumed: the residual of a fit is the noise of the window it covers. What float64 itself
must contribute, half a unit in the last place of the largest value met, is the floor under every measurement.
Windows where noise has hidden everything (few distinct values) are blind and vote on nothing. The difference table
(Hamming; Moré & Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33, 2011) serves the fixed stencils,
which have no fit to take a residual from.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from chainrule.numeric.fit import Fit
from chainrule.numeric.sampling import EPS, Array

RESOLVED = 1e-3  # residual against spread, below which a window shows a curve rather than scatter


def floor(level: float, eps: float = EPS) -> float:
    """Standard deviation that rounding to relative spacing `eps` gives to values of this level (units of f)."""
    return 0.5 * eps * level + (5e-324 if level else 0.0)


def is_blind(fit: Fit) -> bool:
    """Whether the samples take so few distinct values that a slope through them means nothing."""
    return fit.distinct < 0.45 * fit.count


def is_resolved(fit: Fit, eps: float) -> bool:
    """Whether the samples follow the fitted curve instead of scattering around it."""
    return fit.residual <= max(RESOLVED, 20 * eps) * fit.spread


def from_differences(values: Array) -> float:
    """Noise (units of f) of equally spaced samples: the k-th differences of a smooth function vanish, noise stays.

    Var(Δ^k f) = (2k)! / (k!)² · noise². The largest of the last three rows is taken, since few samples rather show
    too little noise than too much.
    """
    levels = []
    row = values
    for k in range(1, len(values)):
        row = np.diff(row)
        levels.append(float(np.sqrt(np.mean(row**2) * factorial(k) ** 2 / factorial(2 * k))))
    return max(levels[-3:])
