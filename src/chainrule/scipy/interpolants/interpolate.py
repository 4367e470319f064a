"""Interpolants of `scipy.interpolate` in lifted functions: by where they are asked, and by the values they go through.

Each is a piecewise polynomial. Its derivative by the point is that of the piece the point lies in. Splines are linear
in their values: SciPy's own, made for the columns of the identity, says how the coefficients move.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.interpolate as si

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.errors import ArgumentError, UnsupportedFunction
from chainrule.libraries import late
from chainrule.numbers import StandIn, primal, shape
from chainrule.scipy.called import Behind, number
from chainrule.scipy.interpolants.piecewise import Fitpack, Piecewise, Turned, along_an_axis, of_spline

_radial = late("chainrule.scipy.interpolants.radial.Radial")
_spline_grid, _surface = (
    late("chainrule.scipy.interpolants.grids.SplineGrid"),
    late("chainrule.scipy.interpolants.grids.of_object"),
)


def of_object(value: Any) -> Any:
    """What an interpolant of SciPy's becomes; itself where it is of another kind."""
    if isinstance(value, si.PPoly):
        made = Piecewise(value.x, value.c, value.extrapolate, value)
        return Turned(made, value.axis, value) if value.axis else made
    if isinstance(value, si.BSpline):
        return of_spline(value, value)
    if isinstance(value, si.UnivariateSpline):
        found = of_spline(si.BSpline(*value._eval_args), None)
        return Fitpack(found.breaks, found.coefficients, True, value)
    if isinstance(value, si.interp1d):
        return _of_interp1d(value)
    if isinstance(value, si.RegularGridInterpolator):
        return _over_a_grid(value, value.values)
    if isinstance(value, si.RBFInterpolator):
        return _radial(value)
    if isinstance(value, si.BivariateSpline):
        return _surface(value)
    return _Unknown(value) if callable(value) else value


class _Unknown(Behind):
    """An interpolant of another kind: it answers plain points only."""

    def __init__(self, original: Any) -> None:
        self.original = original

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if holds(args):
            raise no_rule(f"scipy.interpolate.{type(self.original).__name__}")
        return self.original(*args, **settings)


def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
    """A spline of FITPACK's: knots, coefficients and degree."""
    if not isinstance(number(x), StandIn):
        return si.splev(x, tck, der, ext)
    if isinstance(tck, si.BSpline):
        tck = (tck.t, tck.c, tck.k)
    if ext or np.ndim(tck[1]) != 1:
        raise UnsupportedFunction.here("scipy.interpolate.splev: its derivative is known for ext=0, one curve")
    t, c, k = tck
    return of_spline(si.BSpline(t, np.asarray(c)[: len(t) - k - 1], k), None)(x, der)


def _of_interp1d(value: Any) -> Any:
    kind, x = value._kind, value.x
    if kind in ("nearest", "nearest-up", "previous", "next", "zero"):
        return _Steps(value)
    y = np.moveaxis(value.y, value.axis, 0) if value.axis not in (0, -value.y.ndim) else value.y
    if value.axis % value.y.ndim or (kind not in ("linear", "slinear") and not hasattr(value, "_spline")):
        return value
    if kind in ("linear", "slinear"):
        return _Bounded(x, _linear(x, y), value)
    pieces = of_spline(value._spline, None)
    coefficients = np.reshape(pieces.coefficients, (*pieces.coefficients.shape[:2], *y.shape[1:]))
    return _Bounded(pieces.breaks, coefficients, value)


class _Bounded(Piecewise):
    """An `interp1d`: outside its points it raises, or gives what it was told to."""

    def __init__(self, breaks: Any, coefficients: Any, original: Any, settings: Any = None) -> None:
        super().__init__(breaks, coefficients, True, original)
        self.settings = original if settings is None else settings

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        plain = np.asarray(primal(number(x)))
        self.settings(plain)  # raises where a point lies outside
        inside = (plain >= self.breaks[0]) & (plain <= self.breaks[-1])
        found = super().__call__(x)
        whole = isinstance(self.settings.fill_value, str)
        if whole or inside.all() or not isinstance(found, StandIn):
            return found
        return ops.where(
            np.reshape(inside, (*inside.shape, *(1,) * (len(shape(found)) - inside.ndim))), found, self.settings(plain)
        )


def _linear(x: Any, y: Any) -> Any:
    """The coefficients of the broken line through y."""
    width = np.reshape(np.diff(x), (-1,) + (1,) * (len(shape(y)) - 1))
    return ops.stack([(y[1:] - y[:-1]) / width, y[:-1]])


# -- through values that are carriers -----------------------------------------------------------------------------


def places_and_values(name: str, x: Any, y: Any) -> tuple[Any, Any]:
    if isinstance(number(x), StandIn):
        raise UnsupportedFunction.here(
            f"scipy.interpolate.{name}: its derivative by x, the places of the values, is not known here"
        )
    x, y = np.asarray(x, dtype=float), number(y)
    if shape(y)[:1] != x.shape:
        raise ArgumentError.here(f"scipy.interpolate.{name}: expected {x.size} values, got shape {shape(y)}")
    return x, y


def _linear_inplaces_and_values(name: str) -> Callable[..., Any]:
    """A class or function of SciPy's whose coefficients are linear in the values."""
    original = getattr(si, name)

    @functools.wraps(original, updated=())
    def made(x: Any, y: Any, *args: Any, **settings: Any) -> Any:
        if not any(isinstance(number(v), StandIn) for v in (x, y)):
            return of_object(original(x, y, *args, **settings))
        x, y = places_and_values(name, x, y)
        ends = settings.get("bc_type")
        if ends == "periodic" and not args:
            original(x, primal(y), **settings)  # raises where the ends differ
            unit = original(x, np.eye(len(x))[np.arange(len(x)) % (len(x) - 1), :-1], **settings)
            return Piecewise(*_pieces_of(unit, y[:-1]), unit.extrapolate)
        if any(isinstance(a, (tuple, list)) for a in args) or settings.get("axis") or (args and name == "CubicSpline"):
            raise no_setting(f"scipy.interpolate.{name}", ["axis" if settings.get("axis") else "bc_type, by place,"])
        if not isinstance(ends, (tuple, list)):
            unit = original(x, np.eye(len(x)), *args, **settings)
            return Piecewise(*_pieces_of(unit, y), unit.extrapolate)
        return _with_ends(name, original, x, y, settings)

    return along_an_axis(made)


def _pieces_of(unit: Any, y: Any) -> tuple[Any, Any]:
    """Breaks and coefficients through y of a spline through the columns of the identity."""
    pieces = unit if isinstance(unit, si.PPoly) else of_spline(unit, None)
    breaks, c = (pieces.x, pieces.c) if isinstance(pieces, si.PPoly) else (pieces.breaks, pieces.coefficients)
    return breaks, ops.tensordot(c, y, 1)


def _with_ends(name: str, original: Any, x: Any, y: Any, settings: dict[str, Any]) -> Piecewise:
    """A spline with plain derivatives at its ends: linear in the values, and something more."""

    def held(side: Any, zero: bool, like: Any) -> Any:
        if not (isinstance(side, tuple) and len(side) == 2):
            return side
        if holds([side[1]]) or np.ndim(side[1]):
            raise UnsupportedFunction.here(
                f"scipy.interpolate.{name}: its derivative by the values in bc_type is not known here"
            )
        return side[0], np.zeros(like) if zero else np.full(like, float(side[1]))

    refuse_where(f"scipy.interpolate.{name}", bc_type=len(shape(y)) > 1 or name != "CubicSpline")
    n, ends = len(x), settings["bc_type"]
    linear = original(x, np.eye(n), **{**settings, "bc_type": tuple(held(e, True, (n,)) for e in ends)})
    rest = original(x, np.zeros(n), **{**settings, "bc_type": tuple(held(e, False, ()) for e in ends)})
    return Piecewise(linear.x, ops.tensordot(linear.c, y, 1) + rest.c, linear.extrapolate)


def hermite(x: Any, y: Any, slopes: Any) -> Piecewise:
    """The cubics through values with slopes."""
    width = np.reshape(np.diff(x), (-1,) + (1,) * (len(shape(y)) - 1))
    secant = (y[1:] - y[:-1]) / width
    bend = (slopes[:-1] + slopes[1:] - 2 * secant) / width
    return Piecewise(x, ops.stack([bend / width, (secant - slopes[:-1]) / width - bend, slopes[:-1], y[:-1]]))


@functools.wraps(si.PchipInterpolator, updated=())
def pchip(x: Any, y: Any, axis: int = 0, extrapolate: Any = None) -> Any:
    """Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5 (1984); the ends as in Moler, Numerical Computing (2004)."""
    if axis or not isinstance(number(y), StandIn):
        return of_object(si.PchipInterpolator(x, y, axis, extrapolate))
    x, y = places_and_values("PchipInterpolator", x, y)
    h = np.reshape(np.diff(x), (-1,) + (1,) * (len(shape(y)) - 1))
    m = (y[1:] - y[:-1]) / h
    if len(x) == 2:
        slopes = ops.concatenate([m, m])
    else:
        plain = primal(m)
        flat = np.sign(plain[1:]) * np.sign(plain[:-1]) <= 0
        first, second = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
        left, right = ops.where(flat, 1.0, m[:-1]), ops.where(flat, 1.0, m[1:])
        inner = ops.where(flat, 0.0, (first + second) / (first / left + second / right))
        slopes = ops.concatenate([_end(h[0], h[1], m[0], m[1])[None], inner, _end(h[-1], h[-2], m[-1], m[-2])[None]])
    made = hermite(x, y, slopes)
    made.extrapolate = True if extrapolate is None else extrapolate
    return made


def _end(h0: Any, h1: Any, m0: Any, m1: Any) -> Any:
    d = ((2 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    plain, p0, p1 = primal(d), primal(m0), primal(m1)
    steep = (np.sign(p0) != np.sign(p1)) & (np.abs(plain) > 3 * np.abs(p0))
    return ops.where(np.sign(plain) != np.sign(p0), 0.0, ops.where(steep, 3 * m0, d))


@functools.wraps(si.interp1d, updated=())
def interp1d(x: Any, y: Any, kind: Any = "linear", axis: int = -1, *args: Any, **settings: Any) -> Any:
    if not isinstance(number(y), StandIn):
        return of_object(si.interp1d(x, y, kind, axis, *args, **settings))
    y = number(y)
    along = axis % len(shape(y))
    if len(shape(y)) > 1:  # evaluated along the first axis, which goes back to its place
        rows = interp1d(x, ops.moveaxis(y, along, 0) if along else y, kind, 0, *args, **settings) if along else None
        if rows is not None:
            return lambda at: ops.moveaxis(rows(at), 0, along) if len(shape(number(at))) == 1 else _at_once(rows, at)
    x, y = places_and_values("interp1d", x, y)
    refuse_where("scipy.interpolate.interp1d", fill_value=isinstance(settings.get("fill_value"), (StandIn, tuple)))
    plain = si.interp1d(x, primal(y), kind, axis, *args, **settings)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    if kind in ("linear", "slinear"):
        return _Bounded(x, _linear(x, y), None, plain)
    if kind in ("quadratic", "cubic") or isinstance(kind, int):
        unit = of_object(si.interp1d(x, np.eye(len(x)), kind, 0, *args, **settings))
        return _Bounded(unit.breaks, ops.tensordot(unit.coefficients, y, 1), None, plain)
    return _Steps(plain, si.interp1d(x, np.arange(float(len(x))), kind), y)


def _at_once(rows: Any, at: Any) -> Any:
    if shape(number(at)):
        raise no_setting("scipy.interpolate.interp1d", ["axis"], " at points of more than one axis")
    return rows(at)


class _Steps:
    """An interpolant that jumps: it has no slope by the points, and is one of the values."""

    def __init__(self, original: Any, choose: Any = None, values: Any = None) -> None:
        self.original, self.choose, self.values = original, choose, values

    def __call__(self, x: Any) -> Any:
        plain = np.asarray(primal(number(x)))
        found = self.original(plain)  # raises where a point lies outside
        if self.choose is None:
            return found
        return self.values[self.choose(np.clip(plain, self.choose.x[0], self.choose.x[-1])).astype(int)]


class Grid(Behind):
    """A `RegularGridInterpolator` on a grid of one axis or more, of the one `method` by which it has a derivative."""

    def __init__(self, grid: Any, values: Any, method: str, original: Any) -> None:
        self.grid, self.values = [np.asarray(g) for g in grid], values
        self.known, self.original = method, original

    def __call__(self, xi: Any, method: Any = None, **settings: Any) -> Any:
        if isinstance(xi, tuple) and len(xi) > 1:  # one array for each axis
            lengths = np.broadcast_shapes(*(shape(number(x)) for x in xi))
            points = ops.stack([ops.broadcast_to(number(x), lengths) for x in xi], axis=-1)
        else:
            points = number(ops.array(xi[0] if isinstance(xi, tuple) else xi))
        if not (isinstance(points, StandIn) or isinstance(self.values, StandIn)):
            return self.original(points, method, **settings)
        if (method or self.original.method) != self.known or settings:
            raise UnsupportedFunction.here(
                f"scipy.interpolate.RegularGridInterpolator: its derivative is known for method={self.known!r}"
            )
        plain = np.asarray(primal(points))
        answer = np.asarray(self.original(plain))  # raises where a point lies outside
        if len(self.grid) == 1 and shape(points)[-1:] != (1,):
            points, plain = ops.reshape(points, (*shape(points), 1)), plain[..., None]
        return self.at(points, plain, answer)

    def at(self, points: Any, plain: Any, answer: Any) -> Any:
        """The values at points, which are `plain` without derivatives, where SciPy's are `answer`."""
        raise NotImplementedError


class _LinearGrid(Grid):
    """By weights of the corners around a point."""

    def at(self, points: Any, plain: Any, answer: Any) -> Any:
        places, shares, inside = [], [], True
        for k, line in enumerate(self.grid):
            x, p = points[..., k], plain[..., k]
            at = np.clip(np.searchsorted(line, p, "right") - 1, 0, len(line) - 2)
            places.append(at)
            shares.append((x - line[at]) / (line[at + 1] - line[at]))
            inside = inside & (p >= line[0]) & (p <= line[-1])
        total: Any = 0.0
        for corner in np.ndindex(*(2,) * len(self.grid)):
            weight: Any = 1.0
            for k, up in enumerate(corner):
                weight = weight * (shares[k] if up else 1 - shares[k])
            total = total + self.values[tuple(at + up for at, up in zip(places, corner, strict=True))] * weight
        if self.original.fill_value is None or np.all(inside):
            return total
        return ops.where(np.reshape(inside, shape(total)), total, np.reshape(answer, shape(total)))


@functools.wraps(si.RegularGridInterpolator, updated=())
def regular_grid(points: Any, values: Any, *args: Any, **settings: Any) -> Any:
    if "solver" in settings:  # which SciPy compares with its own functions
        settings["solver"] = inspect.unwrap(settings["solver"])
    below = primal(number(values))
    if isinstance(below, StandIn):  # recorded: what lies outside does not depend on it
        below = np.zeros(shape(below))
    plain = si.RegularGridInterpolator(points, below, *args, **settings)
    held = number(values) if isinstance(number(values), StandIn) else plain.values
    return _over_a_grid(plain, held)


def _over_a_grid(plain: Any, values: Any) -> Any:
    """What a `RegularGridInterpolator` of SciPy's becomes, with these values."""
    if plain.method in ("slinear", "cubic", "quintic"):
        return _spline_grid(plain.grid, values, plain.method, plain)
    return _LinearGrid(plain.grid, values, "linear", plain)


RULES: dict[str, Callable[..., Any]] = {
    **{name: _linear_inplaces_and_values(name) for name in ("CubicSpline", "make_interp_spline")},
    "PchipInterpolator": along_an_axis(pchip),
    "interp1d": interp1d,
    "splev": splev,
    "RegularGridInterpolator": regular_grid,
}
