"""Fit: a polynomial through noisy samples, with the uncertainty of each derivative at the centre.

Two fits of degrees D and D - 2 go through the same samples. Their difference bounds what the degree leaves out
(truncation); the residual of the higher one, carried through the least-squares weights, bounds what rounding and
noise do. Their sum is the error bar. A bar from an embedded lower order is Fehlberg's idea (1969), here applied to
fits instead of time steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import factorial, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.numeric.sampling import EPS, Array
from chainrule.records import record, replace

Row = list[float]  # one number per power of the offset
TINY = 1e-280
BENT = 1000  # units of rounding by which values leave a straight line, from which on their scatter shows
SLOWEST = 0.85  # rate of convergence that a bar still allows for
SAFETY = 4.0  # noise standard deviations inside a bar


@record(frozen=True)
class Fit:
    """A polynomial in (point - centre) / radius, and how well its samples determine it.

    `unit` turns a coefficient into a derivative; `change` is the difference of each coefficient to the fit of lower
    degree, `earlier` that of the one before, `leverage` its standard deviation for samples of unit noise, `secant` the
    median of |f - middle| / |offset|^n. `residual` is the standard deviation the samples show around the polynomial,
    `spread` their largest distance from the middle one, `level` the size of the terms that were rounded, all in units
    of f.
    """

    radius: float
    unit: Row
    coefficients: Row
    change: Row
    earlier: Row
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
        """What the missing higher degrees may contribute, in units of the derivative.

        If changes go on falling at a rate q, what is left is the last one times 1 / (1 - q). For a smooth function that
        adds nothing. Where the second derivative jumps it is most of the error: the fit of degree n is off by c / n, so
        that changes fall ever more slowly, and n / 2 times the last one is left. With q the root of their last rate,
        1 - 2 / n there, (1 + q) / (1 - q) is n, which is enough.
        """
        last, before = abs(self.change[order]), abs(self.earlier[order])
        rate = min(sqrt(last / before), SLOWEST) if before else 0.0
        return last * (1 + rate) / (1 - rate) * self.unit[order]

    def rounding(self, order: int, noise: float) -> float:
        """What noise of standard deviation at least `noise` (units of f) may contribute."""
        return SAFETY * self.leverage[order] * max(noise, self.residual) * self.unit[order]

    def bar(self, order: int, noise: float) -> float:
        """The error bar of the order-th derivative; infinite where the powers of the radius leave float64."""
        total = self.truncation(order) + self.rounding(order, noise)
        return total if total == total else np.inf

    def displacement(self, order: int, at: float) -> float:
        """What rounding the argument, of size `at`, to the next float does to the order-th derivative.

        sin(x + 0.1) for a large x is the sine of another number, the same amount away for all x around: no scatter
        shows that. Where the function adds nothing to its argument this is too careful, by |f^(n+1)| units of x.
        """
        if order + 1 >= len(self.coefficients):
            return 0.0
        moved = EPS * at / self.radius * (order + 1) * abs(self.coefficients[order + 1]) * self.unit[order]
        return moved if moved == moved else np.inf

    def slope_scale(self, order: int) -> float:
        """How large an order-th derivative would move the function as much as its samples typically move."""
        return self.secant[order] * factorial(order)


def fit(offsets: Array, values: Array, degree: int, at: float = 0.0) -> Fit:
    """Least squares through one set of samples around `at`, with monomials scaled to the largest offset."""
    return fits(offsets[None], values[None], degree, at)[0]


def fits(offsets: Array, values: Array, degree: int, at: float = 0.0, mirrored: int = 0) -> list[Fit]:
    """Least squares for many sets of samples at once; both arrays have one row per set. The samples of the last
    `mirrored` sets lie at minus the offsets."""
    if not len(offsets):
        return []
    design = _designed(offsets.tobytes(), len(offsets), degree)
    middle = values[design.rows, design.nearest]
    # Without their middle and scaled to 1, samples lose nothing to the solve and their squares stay within range.
    moves = values - middle[:, None]
    spread = np.abs(moves).max(axis=1)
    size = np.where(spread > 0, spread, 1.0)
    moves = moves / size[:, None]
    projected = design.across @ moves[..., None]
    found = (design.inverse @ projected)[..., 0] / design.norms
    # The leading block of a triangular inverse inverts the leading block: those are the fits of lower degrees.
    lower, lowest = np.zeros_like(found), np.zeros_like(found)
    for fewer, keep in ((lower, degree - 1), (lowest, degree - 3)):
        fewer[:, :keep] = (design.inverse[:, :keep, :keep] @ projected[:, :keep])[..., 0] / design.norms[:, :keep]
    misfit = moves - (design.basis @ found[..., None])[..., 0]
    freedom = max(offsets.shape[1] - degree - 1, 1)
    residual = np.sqrt((misfit**2).sum(axis=1) / freedom) * size
    change, earlier = (found - lower) * size[:, None], (lower - lowest) * size[:, None]
    found = found * size[:, None]
    found[:, 0] += middle
    level = _levels(values, found, design.basis, design.radius, abs(at)).tolist()
    if mirrored:  # odd powers of the offsets have the other sign
        for table in (found, change, earlier):
            table[-mirrored:, 1::2] *= -1.0
    secants = _secants(moves * size[:, None], design.powered).tolist()
    distinct, count = [len(set(row)) for row in values.tolist()], [offsets.shape[1]] * len(offsets)
    rows: Iterable[tuple[Any, ...]] = zip(
        design.radii, design.units, found.tolist(), change.tolist(), earlier.tolist(), design.leverage, secants,
        residual.tolist(), spread.tolist(), level, distinct, count, strict=True,
    )  # fmt: skip
    return [Fit(*row) for row in rows]


@record(frozen=True)
class _Design:
    """What least squares needs of the places of its samples, one row (and table) per set: shared by all fits to values
    at the same places."""

    rows: NDArray[np.intp]
    nearest: NDArray[np.intp]
    radius: Array
    basis: Array
    norms: Array
    across: Array
    inverse: Array
    powered: Array
    radii: list[float]
    units: list[Row]
    leverage: list[Row]


MODERATE = 20  # exponents of offsets up to which what is made of their powers stays well inside float64


@lru_cache(maxsize=128)  # by lines: bases and inverses are those of `_of_unit_size`
def _designed(places: bytes, sets: int, degree: int) -> _Design:
    """The design for offsets given as the bytes of a table with so many rows, made from that of offsets between 1/2 and
    1: a power of 2 takes no digits, and lines in other directions have the same."""
    offsets = np.frombuffer(places).reshape(sets, -1)
    exponent = int(np.frexp(np.max(np.abs(offsets)))[1])
    if not 0 < abs(exponent) <= MODERATE:
        return _of_unit_size(places, sets, degree)
    found = _of_unit_size(np.ldexp(offsets, -exponent).tobytes(), sets, degree)
    radius: Array = np.ldexp(found.radius, exponent)
    powers = np.arange(degree + 1)
    return replace(
        found, radius=radius, powered=np.ldexp(found.powered, exponent * powers), radii=radius.tolist(),
        units=np.ldexp(np.array(found.units), -exponent * powers).tolist(),
    )  # fmt: skip


@lru_cache(maxsize=64)  # both sides, both widths and all outputs of a few lines; some 50 kB each
def _of_unit_size(places: bytes, sets: int, degree: int) -> _Design:
    """The design for offsets as they are."""
    offsets = np.frombuffer(places).reshape(sets, -1)
    powers: Array = np.arange(degree + 1.0)
    distance: Array = np.abs(offsets)
    radius = np.max(distance, axis=1)
    with np.errstate(all="ignore"):
        basis = (offsets / radius[:, None])[..., None] ** powers
        norms = np.sqrt(np.sum(basis**2, axis=1))
        q, r = np.linalg.qr(basis / norms[:, None])
        inverse = np.linalg.inv(r)
        unit = np.array([factorial(k) for k in range(degree + 1)], float) / radius[:, None] ** powers
        # Where a power leaves float64, zero times infinity must not pass for an exact zero.
        unit = np.where((unit > TINY) & (unit < 1 / TINY), unit, np.nan)
        powered: Array = np.asarray(distance[..., None] ** powers, dtype=float)
        leverage = np.sqrt(np.sum(inverse**2, axis=2)) / norms
    return _Design(
        np.arange(sets), np.argmin(distance, axis=1), radius, basis, norms, np.swapaxes(q, 1, 2), inverse, powered,
        radius.tolist(), unit.tolist(), leverage.tolist(),
    )  # fmt: skip


def _levels(values: Array, found: Array, basis: Array, radius: Array, at: float) -> Array:
    """The size of the terms whose rounding the samples may carry: |f|, or |x f'| where f is what they leave.

    x * x - 1 vanishes at 1, and its terms do not. Their rounding shows as scatter, but for arguments so close that
    the values do not bend by more than it: there every x * x is 1 plus a whole number of units, and the samples
    lie on a straight line to the last bit.
    """
    level: Array = np.max(np.abs(values), axis=1)
    slope = found[:, 1] / radius
    straight = found[:, :1] + found[:, 1:2] * basis[:, :, 1]
    bend = np.max(np.abs(values - straight), axis=1)
    terms = at * np.abs(slope)
    return np.where(bend < BENT * EPS * terms, np.maximum(level, terms), level)


def _secants(moves: Array, powered: Array) -> Array:
    """Median over the samples of |move| / |offset|^power."""
    ratios = np.abs(moves)[..., None] / powered
    ratios[np.isnan(ratios)] = 0.0
    return medians(ratios)


def medians(x: Array) -> Array:
    """The medians of an array without nan along axis 1, to the bit as NumPy gives them.

    `np.median` imports numpy.ma, an eighth of importing NumPy, and is three times slower on arrays as small as these.

    >>> medians(np.array([[3.0, 1.0, 2.0], [4.0, 9.0, 4.5]])).tolist()
    [2.0, 4.5]
    """
    ordered, half = np.sort(x, axis=1), x.shape[1] // 2
    upper: Array = ordered[:, half]
    return upper if x.shape[1] % 2 else (ordered[:, half - 1] + upper) / 2
