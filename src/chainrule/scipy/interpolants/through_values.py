"""Interpolants of `scipy.interpolate` by the values they go through: polynomials, Hermite's and Akima's cubics, splines
by their coefficients, and interpolants of scattered points. Those that are linear in the values take the coefficients
that SciPy finds for the columns of the identity."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.interpolate as si
import scipy.spatial

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import StandIn, primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.interpolants import interpolate
from chainrule.scipy.interpolants.interpolate import hermite, of_object, places_and_values
from chainrule.scipy.interpolants.piecewise import Fitpack, Piecewise, Turned, along_an_axis, of_spline

Rule = Callable[..., Any]


def _moving(*xs: Any) -> bool:
    return any(isinstance(number(x), StandIn) for x in xs if x is not None)


# -- polynomials --------------------------------------------------------------------------------------------------


class Polynomial:
    """The polynomial through some points, by Lagrange's formula."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y
        self._below = np.prod(np.subtract.outer(x, x) + np.eye(len(x)), axis=1)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise no_rule(f"scipy.interpolate: {name} of a polynomial through recorded values")

    def __call__(self, x: Any) -> Any:
        x = number(x)
        total: Any = 0.0
        further = (1,) * (len(shape(self.y)) - 1)
        for j, below in enumerate(self._below):
            part: Any = 1.0 / below
            for k, place in enumerate(self.x):
                if k != j:
                    part = part * (x - place)
            total = total + ops.reshape(part, (*shape(x), *further)) * self.y[j]
        return total


def _polynomial(name: str) -> Rule:
    original = getattr(si, name)

    @functools.wraps(original, updated=())
    def made(xi: Any, yi: Any = None, *args: Any, **settings: Any) -> Any:
        if not _moving(xi, yi):
            plain = original(xi, yi, *args, **settings)
            simple = yi is not None and not args and not settings and len(set(np.ravel(xi))) == np.size(xi)
            return (
                _Asked(plain, Polynomial(np.asarray(xi, float), np.asarray(yi) * 1.0)) if simple else of_object(plain)
            )
        if args or settings:
            raise no_setting(f"scipy.interpolate.{name}", sorted(settings) or ["axis"])
        return Polynomial(*places_and_values(name, xi, yi))

    return made


class _Asked:
    """An interpolant of SciPy's, and what answers recorded points in its place."""

    def __init__(self, plain: Any, recorded: Rule) -> None:
        self._plain, self._recorded = plain, recorded

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._plain, name)

    def __call__(self, x: Any, *args: Any, **settings: Any) -> Any:
        return self._recorded(x, *args, **settings) if holds([x]) else self._plain(x, *args, **settings)


def _at_once(name: str, make: Rule) -> Rule:
    """A function that interpolates and asks at once."""
    original = getattr(si, name)

    @functools.wraps(original)
    def call(xi: Any, yi: Any, x: Any, *args: Any, **settings: Any) -> Any:
        if not _moving(xi, yi, x):
            return original(xi, yi, x, *args, **settings)
        if args or settings:
            raise no_setting(f"scipy.interpolate.{name}", sorted(settings) or ["der"])
        return make(xi, yi)(x)

    return call


def lagrange(x: Any, w: Any) -> Any:
    plain = si.lagrange(x, w) if not _moving(x, w) else None
    if plain is not None:
        return plain
    return Polynomial(*places_and_values("lagrange", x, w))


# -- cubics -------------------------------------------------------------------------------------------------------


@functools.wraps(si.CubicHermiteSpline, updated=())
def cubic_hermite(x: Any, y: Any, dydx: Any, axis: int = 0, extrapolate: Any = None) -> Any:
    if not _moving(x, y, dydx):
        return of_object(si.CubicHermiteSpline(x, y, dydx, axis, extrapolate))
    if axis:
        values, slopes = (ops.moveaxis(number(v), axis, 0) for v in (y, dydx))
        return Turned(cubic_hermite(x, values, slopes, 0, extrapolate), axis % len(shape(number(y))))
    x, y = places_and_values("CubicHermiteSpline", x, y)
    made = hermite(x, y, number(dydx))
    made.extrapolate = True if extrapolate is None else extrapolate
    return made


@functools.wraps(si.Akima1DInterpolator, updated=())
def akima(x: Any, y: Any, axis: int = 0, *, method: str = "akima", extrapolate: Any = None) -> Any:
    """Akima, J. ACM 17 (1970): slopes weighted by how the neighbouring secants differ."""
    if not _moving(x, y):
        return of_object(si.Akima1DInterpolator(x, y, axis, method=method, extrapolate=extrapolate))
    refuse_where("scipy.interpolate.Akima1DInterpolator", axis=axis, method=method != "akima")
    x, y = places_and_values("Akima1DInterpolator", x, y)
    m = (y[1:] - y[:-1]) / np.reshape(np.diff(x), (-1,) + (1,) * (len(shape(y)) - 1))
    left, right = 2.0 * m[0] - m[1], 2.0 * m[-1] - m[-2]
    first, last = 2.0 * left - m[0], 2.0 * right - m[-1]
    m = ops.concatenate([ops.stack([first, left]), m, ops.stack([right, last])])
    apart = ops.absolute(m[1:] - m[:-1])
    f1, f2 = apart[2:], apart[:-2]
    both = f1 + f2
    known = primal(both) > 1e-9 * np.max(primal(both), initial=-np.inf)
    weighted = (f1 * m[1:-2] + f2 * m[2:-1]) / ops.where(known, both, 1.0)
    made = hermite(x, y, ops.where(known, weighted, 0.5 * (m[3:] + m[:-3])))
    made.extrapolate = False if extrapolate is None else extrapolate
    return made


# -- splines by their coefficients --------------------------------------------------------------------------------


@functools.wraps(si.PPoly, updated=())
def ppoly(c: Any, x: Any, extrapolate: Any = None, axis: int = 0) -> Any:
    if not _moving(c, x):
        return of_object(si.PPoly(c, x, extrapolate, axis))
    if _moving(x) or axis:
        raise UnsupportedFunction.here("scipy.interpolate.PPoly: its derivative is known by the coefficients")
    return Piecewise(np.asarray(x, float), number(c), extrapolate)


@functools.wraps(si.BSpline, updated=())
def b_spline(t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0) -> Any:
    if not _moving(t, c):
        return of_object(si.BSpline(t, c, k, extrapolate, axis))
    if _moving(t) or axis:
        raise UnsupportedFunction.here("scipy.interpolate.BSpline: its derivative is known by the coefficients")
    return _of_coefficients(np.asarray(t, float), number(c), k, extrapolate)


def _of_coefficients(t: Any, c: Any, k: int, extrapolate: Any) -> Piecewise:
    count = len(t) - k - 1
    unit = of_spline(si.BSpline(t, np.eye(count), k, extrapolate), None)
    return Piecewise(unit.breaks, ops.tensordot(unit.coefficients, c[:count], 1), extrapolate)


def _by_columns(name: str, fitted: Callable[..., tuple[Any, Any, int]], takes: tuple[str, ...]) -> Rule:
    """A spline whose knots do not move with the values: `fitted` gives knots, coefficients and degree."""
    original = getattr(si, name)

    @functools.wraps(original, updated=())
    def made(x: Any, y: Any, *args: Any, **settings: Any) -> Any:
        if not _moving(x, y):
            return of_object(original(x, y, *args, **settings))
        unknown = [key for key in settings if key not in takes]
        if unknown or (len(args) > 1) or any(map(_moving, args)):
            raise no_setting(f"scipy.interpolate.{name}", unknown or ["w"])
        x, y = places_and_values(name, x, y)
        columns = [fitted(original, x, e, *args, **settings) for e in np.eye(len(x))]
        t, k = columns[0][0], columns[0][2]
        matrix = np.stack([c[: len(t) - k - 1] for _, c, _ in columns], axis=1)
        found = _of_coefficients(t, ops.tensordot(matrix, y, 1), k, True)
        return Fitpack(found.breaks, found.coefficients) if fitted is _of_fitpack else found

    return made


def _of_fitpack(original: Any, x: Any, e: Any, *args: Any, **settings: Any) -> tuple[Any, Any, int]:
    t, c, k = original(x, e, *args, **settings)._eval_args
    return t, c, k


def _of_b_spline(original: Any, x: Any, e: Any, *args: Any, **settings: Any) -> tuple[Any, Any, int]:
    made = original(x, e, *args, **settings)
    return made.t, made.c, made.k


def _smoothing(original: Any, x: Any, e: Any, *args: Any, **settings: Any) -> tuple[Any, Any, int]:
    if settings.get("lam") is None:
        raise UnsupportedFunction.here(
            "scipy.interpolate.make_smoothing_spline: its derivative is known where lam= is given"
        )
    return _of_b_spline(original, x, e, *args, **settings)


@functools.wraps(si.splrep)
def splrep(x: Any, y: Any, w: Any = None, xb: Any = None, xe: Any = None, k: int = 3, task: int = 0, s: Any = None,
           *args: Any, **settings: Any) -> Any:  # fmt: skip
    if not _moving(x, y):
        return si.splrep(x, y, w, xb, xe, k, task, s, *args, **settings)
    if s not in (None, 0) or w is not None or args or settings or task:
        raise no_setting("scipy.interpolate.splrep", ["w" if w is not None else "s"])
    x, y = places_and_values("splrep", x, y)
    columns = [si.splrep(x, e, None, xb, xe, k) for e in np.eye(len(x))]
    return columns[0][0], np.stack([c for _, c, _ in columns], axis=1) @ y, k


@functools.wraps(si.splev)
def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
    t, c, k = (tck.t, tck.c, tck.k) if isinstance(tck, si.BSpline) else tck
    if isinstance(c, (list, tuple)):
        return [splev(x, (t, one, k), der, ext) for one in c]
    if not _moving(c):
        return interpolate.splev(x, tck, der, ext)
    refuse_where("scipy.interpolate.splev", ext=ext)
    return _of_coefficients(np.asarray(t, float), number(c), k, True)(x, der)


@functools.wraps(si.splint)
def splint(a: Any, b: Any, tck: Any, full_output: int = 0) -> Any:
    t, c, k = (tck.t, tck.c, tck.k) if isinstance(tck, si.BSpline) else tck
    if not _moving(a, b, c):
        return si.splint(a, b, tck, full_output)
    refuse_where("scipy.interpolate.splint", full_output=full_output)
    count, low, high = len(t) - k - 1, t[k], t[-k - 1]
    whole = of_object(si.BSpline(t, np.eye(count), k).antiderivative())
    return (whole(ops.clip(number(b), low, high)) - whole(ops.clip(number(a), low, high))) @ number(c)[:count]


# -- scattered points ---------------------------------------------------------------------------------------------


class Triangles:
    """Linear on the triangles between scattered points."""

    def __init__(self, points: Any, values: Any, fill_value: Any = np.nan) -> None:
        self.mesh = scipy.spatial.Delaunay(points)
        self.values, self.fill_value = number(values), fill_value

    def __call__(self, *xi: Any) -> Any:
        x = number(xi[0]) if len(xi) == 1 and not isinstance(xi[0], tuple) else None
        if x is None:
            x = ops.stack([number(v) for v in (xi[0] if len(xi) == 1 else xi)], axis=-1)
        elif len(shape(x)) == 1:
            x = ops.reshape(x, (-1, self.mesh.ndim))
        plain = np.asarray(primal(x))
        d = plain.shape[-1]
        which = self.mesh.find_simplex(plain)
        turn = self.mesh.transform[which]
        off = x - turn[..., d, :]
        shares = ops.sum(turn[..., :d, :] * ops.reshape(off, (*plain.shape[:-1], 1, d)), -1)
        shares = ops.concatenate([shares, 1.0 - ops.sum(shares, -1, True)], -1)
        met = self.values[self.mesh.simplices[which]]
        further = (1,) * (len(shape(self.values)) - 1)
        found = ops.sum(met * ops.reshape(shares, (*shape(shares), *further)), plain.ndim - 1)
        outside = np.reshape(which < 0, (*which.shape, *further))
        return ops.where(outside, self.fill_value, found) if outside.any() else found


class Nearest:
    """The value of the nearest of scattered points."""

    def __init__(self, points: Any, values: Any) -> None:
        self._tree, self._values = scipy.spatial.cKDTree(points), number(values)

    def __call__(self, *xi: Any) -> Any:
        parts = xi[0] if len(xi) == 1 and isinstance(xi[0], tuple) else xi
        plain = np.stack([np.asarray(primal(number(v))) for v in parts], -1) if len(parts) > 1 else parts[0]
        plain = np.asarray(primal(number(plain)))
        plain = np.reshape(plain, (-1, self._tree.m)) if len(parts) == 1 and plain.ndim == 1 else plain
        return self._values[self._tree.query(plain)[1]]


def _points(name: str, points: Any) -> Any:
    if holds([points]) or (isinstance(points, tuple) and holds(points)):
        raise UnsupportedFunction.here(
            f"scipy.interpolate.{name}: its derivative by the places of the values is not known here"
        )
    return np.stack(np.broadcast_arrays(*points), -1) if isinstance(points, tuple) else np.asarray(points, float)


@functools.wraps(si.LinearNDInterpolator, updated=())
def linear_nd(points: Any, values: Any, fill_value: Any = np.nan, rescale: bool = False) -> Any:
    where = _points("LinearNDInterpolator", points)
    if rescale:
        return of_object(si.LinearNDInterpolator(points, values, fill_value, rescale))
    ours = Triangles(where, values, fill_value)
    return ours if _moving(values) else _Asked(si.LinearNDInterpolator(points, values, fill_value), ours)


@functools.wraps(si.NearestNDInterpolator, updated=())
def nearest_nd(x: Any, y: Any, rescale: bool = False, tree_options: Any = None) -> Any:
    if not _moving(y):
        return of_object(si.NearestNDInterpolator(x, y, rescale, tree_options))
    refuse_where("scipy.interpolate.NearestNDInterpolator", rescale=rescale, tree_options=tree_options)
    return Nearest(_points("NearestNDInterpolator", x), y)


@functools.wraps(si.griddata)
def griddata(points: Any, values: Any, xi: Any, method: str = "linear", fill_value: Any = np.nan,
             rescale: bool = False) -> Any:  # fmt: skip
    if not (_moving(values) or holds([xi]) or (isinstance(xi, tuple) and holds(xi))):
        return si.griddata(points, values, xi, method, fill_value, rescale)
    where = _points("griddata", points)
    on_a_line = where.ndim == 1 or where.shape[-1] == 1
    refuse_where("scipy.interpolate.griddata", rescale=rescale, method=on_a_line or method not in ("linear", "nearest"))
    made = Triangles(where, values, fill_value) if method == "linear" else Nearest(where, values)
    return made(*xi) if isinstance(xi, tuple) else made(xi)


@functools.wraps(si.interpn)
def interpn(points: Any, values: Any, xi: Any, method: str = "linear", bounds_error: bool = True,
            fill_value: Any = np.nan) -> Any:  # fmt: skip
    settings = {"method": method, "bounds_error": bounds_error, "fill_value": fill_value}
    return interpolate.regular_grid(points, values, **settings)(xi)


_INTERPOLATED = _by_columns("InterpolatedUnivariateSpline", _of_fitpack, ("k",))


@functools.wraps(si.UnivariateSpline, updated=())
def univariate(
    x: Any, y: Any, w: Any = None, bbox: Any = (None, None), k: int = 3, s: Any = None, **settings: Any
) -> Any:
    if not _moving(x, y, w):
        return of_object(si.UnivariateSpline(x, y, w, list(bbox), k, s, **settings))
    if s != 0 or any(b is not None for b in bbox) or settings:
        raise no_setting("scipy.interpolate.UnivariateSpline", ["s" if s != 0 else "bbox"])
    return _INTERPOLATED(x, y, k=k)


RULES: dict[str, Rule] = {
    "UnivariateSpline": univariate,
    "BarycentricInterpolator": _polynomial("BarycentricInterpolator"),
    "KroghInterpolator": _polynomial("KroghInterpolator"),
    "barycentric_interpolate": _at_once("barycentric_interpolate", lambda x, y: Polynomial(
        *places_and_values("barycentric_interpolate", x, y))),
    "krogh_interpolate": _at_once("krogh_interpolate", lambda x, y: Polynomial(
        *places_and_values("krogh_interpolate", x, y))),
    "pchip_interpolate": _at_once("pchip_interpolate", interpolate.pchip),
    "lagrange": lagrange, "CubicHermiteSpline": cubic_hermite,
    "Akima1DInterpolator": along_an_axis(akima), "PPoly": ppoly,
    "BSpline": b_spline,
    "InterpolatedUnivariateSpline": _INTERPOLATED,
    "LSQUnivariateSpline": _by_columns("LSQUnivariateSpline", _of_fitpack, ("t", "k")),
    "make_lsq_spline": _by_columns("make_lsq_spline", _of_b_spline, ("t", "k")),
    "make_smoothing_spline": _by_columns("make_smoothing_spline", _smoothing, ("lam",)),
    "make_splrep": _by_columns("make_splrep", _of_b_spline, ("k",)),
    "splrep": splrep, "splev": splev, "splint": splint, "LinearNDInterpolator": linear_nd,
    "NearestNDInterpolator": nearest_nd, "griddata": griddata, "interpn": interpn,
}  # fmt: skip
RULES = {name: rule for name, rule in RULES.items() if hasattr(si, name)}
