"""NumPy's functions of sampled curves: gradients, interpolation, windows of sums, spacings, phases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import below, chosen
from chainrule.carriers.functions.elsewhere import as_theirs, foreign_among
from chainrule.carriers.functions.products import _convolve, _linspace
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_setting
from chainrule.errors import DomainError, ShapeError
from chainrule.inputs import as_number
from chainrule.libraries import isnan, late, library
from chainrule.numbers import ndim, primal, shape
from chainrule.ops.shape import normal_axes, normal_axis
from chainrule.signatures import in_module


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    axes = normal_axes(axis, ndim(f)) or tuple(range(ndim(f)))
    spacings = varargs or (1.0,)
    if len(spacings) == 1 and ndim(operand(spacings[0], "")) == 0:
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("np.gradient: invalid number of arguments")
    if edge_order not in (1, 2):
        raise ValueError("np.gradient: expected edge_order 1 or 2")
    slopes = []
    for k, h in zip(axes, spacings, strict=True):
        rows, h = ops.moveaxis(f, k, -1), operand(h, "")
        n = shape(rows)[-1]
        if n < edge_order + 1 or (ndim(h) and shape(h) != (n,)):
            raise ShapeError.here(f"np.gradient: {n} elements along axis {k}, with spacing of shape {shape(h)}")
        slopes.append(ops.moveaxis(_slope(rows, ops.diff(h, 1, -1) if ndim(h) else h, edge_order), -1, k))
    return slopes[0] if len(slopes) == 1 else tuple(slopes)


def _slope(f: Any, h: Any, order: int) -> Any:
    """Second-order differences along the last axis; `h` is the step, or all of them. The parabola through three
    points (x - a, x, x + b) has the slope (a/b (f+ - f) + b/a (f - f-)) / (a + b) at x."""
    steps = ops.diff(f, 1, -1)
    one = ndim(h) == 0
    parts = []
    if shape(f)[-1] > 2:
        if one:
            parts.append((f[..., 2:] - f[..., :-2]) / (2.0 * h))
        else:
            a, b = h[:-1], h[1:]
            parts.append((a / b * steps[..., 1:] + b / a * steps[..., :-1]) / (a + b))
    sides = (h, h, h, h) if one else (h[0], h[-1], h[min(1, shape(h)[0] - 1)], h[max(-2, -shape(h)[0])])
    first, last = steps[..., :1] / sides[0], steps[..., -1:] / sides[1]
    if order == 2:
        first = first + (first - steps[..., 1:2] / sides[2]) * (sides[0] / (sides[0] + sides[2]))
        last = last + (last - steps[..., -2:-1] / sides[3]) * (sides[1] / (sides[1] + sides[3]))
    return ops.concatenate([first, *parts, last], -1)


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Straight lines between the points. Where two points coincide the later one begins the next line, as NumPy's
    do; at a point the derivative is that of the line to the right."""
    if ndim(xp) != 1 or shape(xp) != shape(fp) or not shape(xp)[0]:
        raise ShapeError.here(f"np.interp: expected as many xp as fp, got shapes {shape(xp)} and {shape(fp)}")
    xp, fp = as_number(xp), as_number(fp)  # whole numbers without a sign wrap where they are subtracted
    if period is not None:
        if holds(period):
            raise no_setting("np.interp", ["period"], " with a derivative")
        x, xp, fp = _wound(x, xp, fp, abs(period))
        left = right = None
    like = foreign_among((below(x), below(xp), below(fp)))
    if like is not None:
        x, xp, fp = (as_theirs(v, like) for v in (x, xp, fp))
    decided = chosen if like is None else lambda answer, *numbers: answer(*[below(v) for v in numbers])
    n, of = shape(xp)[0], np if like is None else library(like).xp
    at = decided(lambda place, points: _line(of, place, points, n), x, xp)
    after = decided(lambda place, points: of.clip(_line(of, place, points, n) + 1, 0, n - 1), x, xp)
    low = decided(lambda place, points: place < points[0], x, xp)
    high = decided(lambda place, points: ~(place < points[n - 1]), x, xp)  # nan too
    out = low | high
    begin, y0 = ops.getitem(xp, at), ops.getitem(fp, at)
    span = ops.where(out, 1.0, ops.getitem(xp, after) - begin)
    y = y0 + (ops.getitem(fp, after) - y0) * (ops.where(out, 0.0, x - begin) / span)
    y = ops.where(low, fp[0] if left is None else left, y)
    y = ops.where(high, fp[n - 1], y)
    if right is not None:
        y = ops.where(decided(lambda place, points: place > points[n - 1], x, xp), right, y)
    place = below(x)
    y = ops.where(isnan(place), place, y)
    return y * np.float64(1.0) if like is None else y


def _line(xp: Any, place: Any, points: Any, n: int) -> Any:
    """The number of the line that each place is on, the first or the last of them outside."""
    k = xp.clip(xp.searchsorted(points, place, side="right") - 1, 0, max(n - 2, 0))
    return int(k) if np.ndim(k) == 0 else k


def _wound(x: Any, xp: Any, fp: Any, period: float) -> tuple[Any, Any, Any]:
    """The points in order within one period, and one more on either side."""
    x, xp = ops.remainder(x, period), ops.remainder(xp, period)
    order = np.argsort(primal(xp))
    xp, fp = xp[order], fp[order]
    return (
        x,
        ops.concatenate([xp[-1:] - period, xp, xp[:1] + period], 0),
        ops.concatenate([fp[-1:], fp, fp[:1]], 0),
    )


def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    if ndim(a) != 1 or ndim(v) != 1 or 0 in (*shape(a), *shape(v)):
        raise ShapeError.here(f"np.correlate: expected two vectors, got shapes {shape(a)} and {shape(v)}")
    if shape(v)[0] > shape(a)[0]:
        return ops.flip(_correlate(v, a, mode), 0)
    return _convolve(a, ops.flip(v, 0), mode)


def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """Whole periods are added, which are constants."""
    return p + chosen(lambda value: np.unwrap(value, discont, axis, period=period) - value, p)


def _cumulative(running: Callable[..., Any], begin: float) -> Callable[..., Any]:
    def cumulative(x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
        x = ops.reshape(x, (1,)) if ndim(x) == 0 else x
        if axis is None and ndim(x) != 1:
            raise ValueError("for arrays of several dimensions axis= must be given")
        axis = normal_axis(0 if axis is None else axis, ndim(x))
        y = running(x, axis)
        if not include_initial:
            return y
        size = tuple(1 if k == axis else n for k, n in enumerate(shape(x)))
        return ops.concatenate([np.full(size, begin, y.dtype), y], axis)

    return cumulative


def _logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, *, axis: int = 0) -> Any:
    base = operand(base, "")
    if ndim(base):  # each base has an exponent of its own
        start, stop = operand(start, ""), operand(stop, "")
        n = max(map(ndim, (start, stop, base)))
        start, stop, base = (ops.reshape(x, (1,) * (n - ndim(x)) + shape(x)) for x in (start, stop, base))
        base = ops.expand_dims(base, axis)
    return base ** _linspace(start, stop, num, endpoint, axis=axis)


def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0) -> Any:
    ends = np.sign(primal(start)) * np.sign(primal(stop))
    if np.any(ends <= 0):
        raise DomainError.here("np.geomspace: expected start and stop of one sign, and neither 0")
    sign = np.sign(primal(start))
    y = sign * ops.exp(_linspace(ops.log(start * sign), ops.log(stop * sign), num, endpoint))
    return y if axis == 0 else ops.moveaxis(y, 0, axis)


def _along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """The function is called once for each line along the axis."""
    axis = normal_axis(axis, ndim(arr))
    lines = ops.moveaxis(arr, axis, -1)
    size = shape(lines)[:-1]
    if 0 in size:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    results = [func1d(lines[place], *args, **kwargs) for place in np.ndindex(*size)]
    results = [operand(r, "") for r in results]
    y = ops.reshape(ops.stack(results, 0), size + shape(results[0]))
    extra = len(shape(results[0]))
    return ops.moveaxis(y, tuple(range(-extra, 0)), tuple(range(axis, axis + extra))) if extra else y


def _over_axes(func: Any, a: Any, axes: Any) -> Any:
    n = ndim(a)
    for axis in (axes,) if np.ndim(axes) == 0 else tuple(axes):
        axis = axis + n if axis < 0 else axis
        y = func(a, axis)
        a = y if ndim(y) == n else ops.expand_dims(y, axis)
        if ndim(a) != n:
            raise ValueError("function is not returning an array of the correct shape")
    return a


_i0 = late("chainrule.scipy.special.bessel.i0")


def kaiser(M: Any, beta: Any) -> Any:
    """The window of M points; it moves with beta."""
    points = np.arange(0, M)
    if len(points) == 1:
        return np.ones(1) + 0.0 * beta
    middle = (M - 1) / 2.0
    return _i0(beta * np.sqrt(1 - ((points - middle) / middle) ** 2.0)) / _i0(beta)


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _gradient, _interp, _correlate, _unwrap, _logspace, _geomspace),
    np.i0: lambda x: _i0(ops.absolute(x)),
    np.cumulative_sum: _cumulative(ops.cumsum, 0.0),
    np.cumulative_prod: _cumulative(ops.cumprod, 1.0),
    np.apply_along_axis: _along_axis,
    np.apply_over_axes: _over_axes,
    np.fix: ops.trunc,
    np.real_if_close: lambda a, tol=100: a,
    np.angle: lambda z, deg=False: np.angle(primal(z), deg),
}
