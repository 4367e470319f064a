"""Fit: a polynomial through noisy samples, with the uncertainty of each derivative at the centre.

Two fits of degrees D and D - 2 go through the same samples. Their difference bounds what the degree leaves out
(truncation); the residual of the higher one, carried through the least-squares weights, bounds what rounding and
noise do. Their sum is the error bar. A bar from an embedded lower order is Fehlberg's idea (1969), here applied to
fits instead of time steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Row = list[float]  # one number per power of the offset
TINY = 1e-280
SAFETY = 4.0  # noise standard deviations inside a bar


@dataclass(frozen=True)
class Fit:
    """A polynomial in (point - centre) / radius, and how well its samples determine it.

    `unit` turns a coefficient into a derivative; `change` is the difference of each coefficient to the fit of lower
    degree, `leverage` its standard deviation for samples of unit noise, `secant` the median of |f - middle| /
    |offset|^n. `residual` is the standard deviation the samples show around the polynomial, `spread` their largest
    distance from the middle one, `level` the largest |f|, all in units of f.
    """

    radius: float
    unit: Row
    coefficients: Row
    change: Row
    leverage: Row
    secant: Row
    residual: float
    spread: float
    level: float
    distinct: int
    count: int

    def derivative(self, order: int) -> float:
        """The order-th derivative at the centre."""
        return self.coefficients[order] * self.unit[order]

    def truncation(self, order: int) -> float:
        """What the missing higher degrees may contribute, in units of the derivative."""
        return abs(self.change[order]) * self.unit[order]

    def rounding(self, order: int, noise: float) -> float:
        """What noise of standard deviation at least `noise` (units of f) may contribute."""
        return SAFETY * self.leverage[order] * max(noise, self.residual) * self.unit[order]

    def bar(self, order: int, noise: float) -> float:
        """The error bar of the order-th derivative; infinite where the powers of the radius leave float64."""
        total = self.truncation(order) + self.rounding(order, noise)
        return total if total == total else np.inf

    def slope_scale(self, order: int) -> float:
        """How large an order-th derivative would move the function as much as its samples typically move."""
        return self.secant[order] * factorial(order)


def fit(offsets: Array, values: Array, degree: int) -> Fit:
    """Least squares through one set of samples, with monomials scaled to the largest offset."""
    return fits(offsets[None], values[None], degree)[0]


def fits(offsets: Array, values: Array, degree: int) -> list[Fit]:
    """Least squares for many sets of samples at once; both arrays have one row per set."""
    if not len(offsets):
        return []
    rows, powers = np.arange(len(offsets)), np.arange(degree + 1)
    radius = np.max(np.abs(offsets), axis=1)
    middle = values[rows, np.argmin(np.abs(offsets), axis=1)]
    basis = (offsets / radius[:, None])[..., None] ** powers
    norms = np.sqrt(np.sum(basis**2, axis=1))
    q, r = np.linalg.qr(basis / norms[:, None])
    inverse = np.linalg.inv(r)
    # Without their middle and scaled to 1, samples lose nothing to the solve and their squares stay within range.
    moves = values - middle[:, None]
    spread = np.max(np.abs(moves), axis=1)
    size = np.where(spread > 0, spread, 1.0)
    moves = moves / size[:, None]
    projected = np.swapaxes(q, 1, 2) @ moves[..., None]
    found = (inverse @ projected)[..., 0] / norms
    # The leading block of a triangular inverse inverts the leading block: that is the fit of lower degree.
    keep = degree - 1
    lower = np.zeros_like(found)
    lower[:, :keep] = (inverse[:, :keep, :keep] @ projected[:, :keep])[..., 0] / norms[:, :keep]
    misfit = moves - (basis @ found[..., None])[..., 0]
    freedom = max(offsets.shape[1] - degree - 1, 1)
    residual = np.sqrt(np.sum(misfit**2, axis=1) / freedom) * size
    change = (found - lower) * size[:, None]
    found = found * size[:, None]
    found[:, 0] += middle
    unit = np.array([factorial(k) for k in powers], float) / radius[:, None] ** powers
    # Where a power leaves float64, zero times infinity must not pass for an exact zero.
    unit = np.where((unit > TINY) & (unit < 1 / TINY), unit, np.nan)
    columns: dict[str, list[Any]] = {
        "radius": radius.tolist(),
        "unit": unit.tolist(),
        "coefficients": found.tolist(),
        "change": change.tolist(),
        "leverage": (np.sqrt(np.sum(inverse**2, axis=2)) / norms).tolist(),
        "secant": _secants(moves * size[:, None], offsets, powers).tolist(),
        "residual": residual.tolist(),
        "spread": spread.tolist(),
        "level": np.max(np.abs(values), axis=1).tolist(),
        "distinct": [len(set(row)) for row in values.tolist()],
    }
    count = offsets.shape[1]
    return [Fit(**{name: column[i] for name, column in columns.items()}, count=count) for i in rows]


def _secants(moves: Array, offsets: Array, powers: NDArray[np.int_]) -> Array:
    """Median over the samples of |move| / |offset|^power."""
    ratios = np.abs(moves)[..., None] / np.abs(offsets)[..., None] ** powers
    medians: Array = np.median(np.where(np.isnan(ratios), 0.0, ratios), axis=1)
    return medians
