"""Fit: a polynomial through noisy samples, with the uncertainty of each derivative at the centre.

Two fits of degrees D and D - 2 go through the same samples. Their difference bounds what the degree leaves out
(truncation); the residual of the higher one, spread through the least-squares weights, bounds what rounding and
noise do. Their sum is the error bar. The idea of a bar from an embedded lower order is Fehlberg's (1969), here
applied to fits instead of steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SAFETY = 4.0  # noise standard deviations inside a bar


@dataclass(frozen=True)
class Fit:
    """Polynomial in (point - centre) / radius; `residual` is the standard deviation the samples show around it."""

    radius: float
    coefficients: Array
    change: Array  # per coefficient: the difference to the fit of lower degree
    leverage: Array  # per coefficient: standard deviation for samples of unit noise
    secant: Array  # per power n: median of |f - middle| / |offset|^n
    residual: float
    spread: float  # largest |f - middle| among the samples
    level: float  # largest |f|
    distinct: int
    count: int

    def derivative(self, order: int) -> float:
        """The order-th derivative at the centre."""
        return float(self.coefficients[order] * self._unit(order))

    def truncation(self, order: int) -> float:
        """What the missing higher degrees may contribute, in units of the derivative."""
        return float(abs(self.change[order]) * self._unit(order))

    def rounding(self, order: int, noise: float) -> float:
        """What noise of standard deviation at least `noise` (units of f) may contribute."""
        return float(SAFETY * self.leverage[order] * max(noise, self.residual) * self._unit(order))

    def bar(self, order: int, noise: float) -> float:
        """The error bar of the order-th derivative."""
        return self.truncation(order) + self.rounding(order, noise)

    def slope_scale(self, order: int) -> float:
        """How large an order-th derivative typically makes the function move as much as its samples do."""
        return float(self.secant[order] * factorial(order))

    @np.errstate(all="ignore")
    def _unit(self, order: int) -> np.float64:
        # NumPy's powers overflow to infinity, which refuses the estimate; Python's would raise.
        return np.float64(factorial(order)) / np.float64(self.radius) ** order


@np.errstate(all="ignore")
def fit(offsets: Array, values: Array, degree: int) -> Fit:
    """Least squares through (offsets, values) with monomials scaled to the largest offset."""
    radius = float(np.max(np.abs(offsets)))
    middle = float(values[np.argmin(np.abs(offsets))])
    powers = np.vander(offsets / radius, degree + 1, increasing=True)
    norms = np.sqrt(np.sum(powers**2, axis=0))
    q, r = np.linalg.qr(powers / norms)
    # Subtracting the middle value first keeps the rounding of the solve far below that of f itself.
    moves = values - middle
    spread = float(np.max(np.abs(moves)))
    unit = spread or 1.0  # keeps squares within range
    moves = moves / unit
    projected = q.T @ moves
    inverse = np.linalg.inv(r)
    coefficients = inverse @ projected / norms
    lower = np.zeros(degree + 1)
    keep = degree - 1
    lower[:keep] = np.linalg.solve(r[:keep, :keep], projected[:keep]) / norms[:keep]
    misfit = moves - powers @ coefficients
    freedom = max(len(values) - degree - 1, 1)
    change = (coefficients - lower) * unit
    coefficients *= unit
    coefficients[0] += middle
    away = offsets != 0
    ratios = np.abs(moves[away, None] * unit) / np.abs(offsets[away, None]) ** np.arange(degree + 1)
    return Fit(
        radius=radius,
        coefficients=coefficients,
        change=change,
        leverage=np.sqrt(np.sum(inverse**2, axis=1)) / norms,
        secant=np.median(ratios, axis=0),
        residual=float(np.sqrt(misfit @ misfit / freedom)) * unit,
        spread=spread,
        level=float(np.max(np.abs(values))),
        distinct=len(set(values.tolist())),
        count=len(values),
    )
