"""Splines over grids: `RectBivariateSpline`, and `RegularGridInterpolator` by splines, by points and by values.

A spline over a grid is one along each axis: at a point, the values are weighted along an axis by what its splines
through the columns of the identity are there (de Boor, A Practical Guide to Splines, 1978, chapter 17).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.interpolate as si

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, no_setting
from chainrule.numbers import StandIn, primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.interpolants.interpolate import Grid
from chainrule.scipy.interpolants.piecewise import Piecewise, of_spline

DEGREES = {"slinear": 1, "cubic": 3, "quintic": 5}


class Lines:
    """What the values, or the coefficients, along one axis weigh at a place of it; outside of `ends`, at these."""

    def __init__(self, spline: Any, ends: Any = None) -> None:
        self.pieces: Piecewise = of_spline(spline, None)
        self.ends = ends

    def __call__(self, x: Any, nu: int = 0) -> Any:
        x = number(x)
        if self.ends is not None:
            x = ops.clip(x, *self.ends)
        found = self.pieces(x, nu)
        return found if shape(found) else ops.reshape(found, (-1,))


def through(line: Any, degree: int, clamped: bool = False) -> Lines:
    """The splines through the columns of the identity."""
    line = np.asarray(line, float)
    ends = (line[0], line[-1]) if clamped else None
    return Lines(si.make_interp_spline(line, np.eye(len(line)), degree), ends)


def of_knots(t: Any, k: int) -> Lines:
    """The B-splines of degree k."""
    t = np.asarray(t, float)
    return Lines(si.BSpline(t, np.eye(len(t) - k - 1), k), (t[k], t[-k - 1]))


class Surface:
    """A spline of two variables: `z` are its values on a grid, or its coefficients."""

    def __init__(self, lines: tuple[Lines, Lines], z: Any, original: Any) -> None:
        self.lines, self.z, self.original = lines, z, original

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or isinstance(self.z, StandIn):
            raise no_rule(f"scipy.interpolate: {name} of a spline through recorded values")
        return getattr(self.original, name)

    def __call__(self, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        if not (isinstance(self.z, StandIn) or holds([x, y])):
            return self.original(x, y, dx, dy, grid)
        if not grid:
            return self.ev(x, y, dx, dy)
        first, second = (ops.reshape(number(v), (-1,)) for v in (x, y))
        return self.lines[0](first, dx) @ self.z @ ops.transpose(self.lines[1](second, dy))

    def ev(self, xi: Any, yi: Any, dx: int = 0, dy: int = 0) -> Any:
        """The spline at points."""
        if not (isinstance(self.z, StandIn) or holds([xi, yi])):
            return self.original.ev(xi, yi, dx, dy)
        xi, yi = number(xi), number(yi)
        size = np.broadcast_shapes(shape(xi), shape(yi))
        first, second = (ops.reshape(ops.broadcast_to(v, size) if shape(v) != size else v, (-1,)) for v in (xi, yi))
        across = self.lines[0](first, dx) @ self.z
        return ops.reshape(ops.sum(across * self.lines[1](second, dy), -1), size)


@functools.wraps(si.RectBivariateSpline, updated=())
def rect_bivariate(x: Any, y: Any, z: Any, bbox: Any = (None,) * 4, kx: int = 3, ky: int = 3, s: float = 0,
                   **settings: Any) -> Any:  # fmt: skip
    z = number(z)
    plain = si.RectBivariateSpline(x, y, primal(z), list(bbox), kx, ky, s, **settings)
    if holds([x, y]) or s or any(b is not None for b in bbox):
        if isinstance(z, StandIn) or holds([x, y]):
            raise no_setting("scipy.interpolate.RectBivariateSpline", ["s" if s else "bbox"])
        return of_object(plain)
    if not (kx % 2 and ky % 2):  # of even degree FITPACK has its knots elsewhere
        return of_object(plain) if not isinstance(z, StandIn) else _refuse()
    return Surface((through(x, kx, True), through(y, ky, True)), z, plain)


def _refuse() -> Any:
    raise no_setting("scipy.interpolate.RectBivariateSpline", ["kx"], " of an even degree")


def of_object(value: Any) -> Surface:
    """A spline of two variables of SciPy's."""
    return _of_coefficients((*value.tck[:3], *value.degrees), value)


def _of_coefficients(tck: Any, original: Any) -> Surface:
    tx, ty, c, kx, ky = tck
    size = len(tx) - kx - 1, len(ty) - ky - 1
    return Surface((of_knots(tx, kx), of_knots(ty, ky)), np.reshape(c, size), original)


@functools.wraps(si.bisplev)
def bisplev(x: Any, y: Any, tck: Any, dx: int = 0, dy: int = 0) -> Any:
    if holds(list(tck)):
        raise no_rule("scipy.interpolate.bisplev by the coefficients")
    if not holds([x, y]):
        return si.bisplev(x, y, tck, dx, dy)
    found = _of_coefficients(tck, None)(x, y, dx, dy)
    rows, columns = shape(found)
    return found if rows > 1 else found[0] if columns > 1 else found[0, 0]


class SplineGrid(Grid):
    """A `RegularGridInterpolator` by splines."""

    def __init__(self, grid: Any, values: Any, method: str, original: Any) -> None:
        super().__init__(grid, values, method, original)
        self.lines = [through(g, DEGREES[method]) for g in grid]

    def at(self, points: Any, plain: Any, answer: Any) -> Any:
        rows = ops.reshape(points, (-1, len(self.grid)))
        total: Any = number(self.values)
        for k, line in enumerate(self.lines):
            w = line(rows[:, k])
            total = ops.einsum("pn,n...->p..." if k == 0 else "pn,pn...->p...", w, total)
        total = ops.reshape(total, answer.shape)
        if not isinstance(primal(total), StandIn):
            total = total - primal(total) + answer  # SciPy solves for coefficients iteratively, to five digits
        inside = np.all([(plain[..., k] >= g[0]) & (plain[..., k] <= g[-1]) for k, g in enumerate(self.grid)], axis=0)
        further = (1,) * (answer.ndim - np.ndim(inside))
        outside = self.original.fill_value is not None and not np.all(inside)
        return ops.where(np.reshape(inside, (*np.shape(inside), *further)), total, answer) if outside else total


RULES: dict[str, Callable[..., Any]] = {"RectBivariateSpline": rect_bivariate, "bisplev": bisplev}
