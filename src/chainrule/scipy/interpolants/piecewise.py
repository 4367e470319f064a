"""Piecewise polynomials whose coefficients, or the points they are asked at, are recorded: SciPy's splines in lifted
functions."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.interpolate as si

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule
from chainrule.errors import UnsupportedFunction
from chainrule.libraries import late
from chainrule.numbers import StandIn, primal, shape
from chainrule.scipy.called import number

_KNOWN = frozenset(
    name for kind in (si.CubicSpline, si.BSpline, si.UnivariateSpline) for name in dir(kind) if name[0] != "_"
) | {"y", "t", "k", "tck", "axis", "fill_value", "bounds_error"}
"""What interpolants of SciPy's can be asked."""
_with_derivatives = late("chainrule.transforms.implicit.with_derivatives")
of_object = late("chainrule.scipy.interpolants.interpolate.of_object")


class Piecewise:
    """A piecewise polynomial whose coefficients or arguments may be carriers; with plain ones it answers as SciPy's.

    breaks        m + 1 places
    coefficients  (k + 1, m, ...), the highest power first
    extrapolate   True, False (nan outside) or "periodic"
    original      SciPy's object, where there is one of plain numbers
    """

    def __init__(self, breaks: Any, coefficients: Any, extrapolate: Any = True, original: Any = None) -> None:
        self.breaks, self.coefficients, self.original = np.asarray(breaks), coefficients, original
        self.extrapolate = True if extrapolate is None else extrapolate

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self.__dict__.get("original") is not None:
            return getattr(self.original, name)
        if name in _KNOWN:
            raise no_rule(f"scipy.interpolate: {name} of an interpolant through values that are differentiated")
        raise AttributeError(name)

    @property
    def c(self) -> Any:
        """The coefficients."""
        return self.coefficients if self.original is None else self.original.c

    @property
    def x(self) -> Any:
        """The breaks."""
        return self.breaks if self.original is None else self.original.x

    def solve(self, y: Any = 0.0, discontinuity: bool = True, extrapolate: Any = None) -> Any:
        """Where the polynomial is y: SciPy's places, which move as p(x) = y says."""
        if not holds([y]) and self.original is not None:
            return self.original.solve(y, discontinuity, extrapolate)
        outside = self.extrapolate if extrapolate is None else extrapolate
        c = np.asarray(primal(self.coefficients))
        if c.ndim > 2:
            raise no_rule("scipy.interpolate: roots of several interpolants")
        found = si.PPoly(c, self.breaks).solve(primal(y), discontinuity, outside)
        return _with_derivatives(found, lambda v: self(v, extrapolate=True) - y) if len(found) else found

    def roots(self, *args: Any, **settings: Any) -> Any:
        """Where it is zero."""
        if self.original is not None:
            return self.original.roots(*args, **settings)
        return self.solve(0.0, *args, **settings)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        if self.original is not None and not isinstance(number(x), StandIn):
            return self.original(x) if nu == 0 and extrapolate is None else self.original(x, nu, extrapolate)
        if nu:
            return self.derivative(nu)(x, extrapolate=extrapolate)
        outside = self.extrapolate if extrapolate is None else extrapolate
        x, breaks = number(x), self.breaks
        if outside == "periodic":
            period = breaks[-1] - breaks[0]
            x = x - np.floor((primal(x) - breaks[0]) / period) * period
        plain = primal(x)
        piece = np.clip(np.searchsorted(breaks, plain, "right") - 1, 0, len(breaks) - 2)
        further = len(shape(self.coefficients)) - 2
        along = ops.reshape(x - breaks[piece], (*shape(x), *(1,) * further))
        total: Any = 0.0
        for k in range(shape(self.coefficients)[0]):
            total = total * along + self.coefficients[k][piece]
        if outside is False:
            inside = (plain >= breaks[0]) & (plain <= breaks[-1])
            total = ops.where(np.reshape(inside, (*shape(x), *(1,) * further)), total, math.nan)
        return total

    def derivative(self, nu: int = 1) -> Piecewise:
        """The piecewise polynomial that is its nu-th derivative."""
        if nu < 0:
            return self.antiderivative(-nu)
        c = self.coefficients
        for _ in range(nu):
            k = shape(c)[0] - 1
            powers = np.reshape(np.arange(k, 0, -1.0), (k,) + (1,) * (len(shape(c)) - 1))
            c = c[:-1] * powers if k else c * 0.0
        original = self.original.derivative(nu) if hasattr(self.original, "derivative") else None
        return Piecewise(self.breaks, c, self.extrapolate, original)

    def antiderivative(self, nu: int = 1) -> Piecewise:
        """The piecewise polynomial that is its nu-fold integral from the first break on."""
        if self.original is not None:
            found: Piecewise = of_object(self.original.antiderivative(nu))
            return found
        if self.extrapolate == "periodic":
            raise UnsupportedFunction.here(
                "the integral of a periodic interpolant through values that are differentiated is not known here"
            )
        c, width = self.coefficients, np.diff(self.breaks)
        for _ in range(nu):
            k, further = shape(c)[0], (1,) * (len(shape(c)) - 2)
            c = c / np.reshape(np.arange(k, 0, -1.0), (k, 1, *further))
            powers = np.reshape(width ** np.arange(k, 0, -1.0)[:, None], (k, len(width), *further))
            whole = ops.cumsum(ops.sum(c * powers, 0), axis=0)
            start = ops.concatenate([0.0 * whole[:1], whole[:-1]])
            c = ops.concatenate([c, ops.expand_dims(start, 0)])
        return Piecewise(self.breaks, c, self.extrapolate)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """The integral from a to b."""
        whole = self.antiderivative()
        return whole(b, extrapolate=extrapolate) - whole(a, extrapolate=extrapolate)


class Fitpack(Piecewise):
    """A spline of FITPACK's: zero outside of the points where it is integrated, and without roots there."""

    def integral(self, a: Any, b: Any) -> Any:
        """The integral from a to b."""
        if self.original is not None and not holds([a, b]):
            return self.original.integral(a, b)
        low, high = self.breaks[0], self.breaks[-1]
        return self.integrate(ops.clip(number(a), low, high), ops.clip(number(b), low, high), True)

    def derivatives(self, x: Any) -> Any:
        """The value and all derivatives at a point."""
        if self.original is not None and not holds([x]):
            return self.original.derivatives(x)
        return ops.stack([self(x), *(self.derivative(m)(x) for m in range(1, shape(self.coefficients)[0]))])

    def roots(self) -> Any:
        """Where it is zero."""
        return self.original.roots() if self.original is not None else self.solve(0.0, extrapolate=False)


def of_spline(spline: Any, original: Any) -> Piecewise:
    """The pieces of a B-spline: its derivatives where each of them begins."""
    breaks = np.unique(spline.t[spline.k : len(spline.t) - spline.k])
    powers = [spline(breaks[:-1], nu=m) / math.factorial(m) for m in range(spline.k, -1, -1)]
    return Piecewise(breaks, np.stack(powers), spline.extrapolate, original)


class Turned:
    """A piecewise polynomial with axes of values in front of that of its places."""

    def __init__(self, made: Piecewise, axis: int, original: Any = None) -> None:
        self._made, self.axis, self.original = made, axis, original

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._made if self.original is None else self.original, name)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        x = number(x)
        if self.original is not None and not isinstance(x, StandIn):
            return self.original(x, nu, extrapolate)
        return self._turned((self._made.derivative(nu) if nu else self._made)(x, extrapolate=extrapolate), shape(x))

    def _turned(self, found: Any, asked: tuple[int, ...]) -> Any:
        count = len(asked)
        return ops.moveaxis(found, tuple(range(count)), tuple(range(self.axis, self.axis + count)))

    def derivative(self, nu: int = 1) -> Turned:
        """Its nu-th derivative."""
        return Turned(self._made.derivative(nu), self.axis)

    def antiderivative(self, nu: int = 1) -> Turned:
        """Its nu-fold integral."""
        return Turned(self._made.antiderivative(nu), self.axis)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """The integral from a to b."""
        found = self._made.integrate(a, b, extrapolate)
        return self._turned(ops.expand_dims(found, 0), (1,))[(slice(None),) * self.axis + (0,)]


def along_an_axis(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule through values whose first axis is that of their places, for values that have it elsewhere."""

    @functools.wraps(rule, updated=())
    def made(x: Any, y: Any, *args: Any, axis: int = 0, **settings: Any) -> Any:
        values = number(y)
        if not isinstance(values, StandIn) or not axis % len(shape(values)):
            return rule(x, y, *args, **({"axis": axis} if axis else {}), **settings)
        at = axis % len(shape(values))
        return Turned(rule(x, ops.moveaxis(values, at, 0), *args, **settings), at)

    return made
