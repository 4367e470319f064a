"""Gradient: derivatives of a function of an array, coordinate by coordinate or along a direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ShapeError
from chainrule.numeric import complexes
from chainrule.numeric.derivative import Budget, Method, elements_along, gather_line
from chainrule.numeric.estimate import Estimate, gather
from chainrule.numeric.sampling import Array, Line, power_below, refuse_no_function, refuse_own_rules, remaining

Bounds = tuple[float, float] | None


def gradient(
    f: Callable[[Any], Any],
    x: Any,
    *,
    method: Method = "adaptive",
    budget: Budget = "default",
    bounds: Bounds = None,
    limit: float | None = None,
) -> Estimate:
    """The gradient of a scalar function of one float or array; value and error have the shape of x.

    f is called with fresh float64 arrays of that shape (integers are promoted), so x is never changed. `bounds` hold
    for every coordinate. `limit` seconds is the time for all of them. Cost: that of `derivative` for each coordinate.
    For functions of several arguments see `partial`. By complex numbers z = x + iy it is df/dx + i df/dy. Raises
    ShapeError if f does not give one real number.

    >>> import numpy as np
    >>> from chainrule import numeric
    >>> numeric.gradient(lambda w: np.sum(w**2), np.array([1, 2])).agrees_with([2.0, 4.0])
    True
    """
    point = as_array(x)
    left = remaining(limit)
    if point.dtype.kind == "c":
        complexes.refuse_real_settings(method, bounds)
        return complexes.joined(*(_along_axis(f, point, axis, method, budget, None, left) for axis in (0, 1)))
    return _along_axis(f, point, 0, method, budget, bounds, left)


def _along_axis(
    f: Any, point: Array, axis: int, method: Method, budget: Budget, bounds: Bounds, left: Callable[[], float | None]
) -> Estimate:
    """The gradient by the real numbers, or by those on one axis of the complex plane."""
    lines = (coordinate(f, point, k, bounds, left(), axis) for k in range(point.size))
    parts = [_single(line, method, budget) for line in lines]
    return gather(parts, point.shape, sum(p.evaluations for p in parts))


def _single(line: Line, method: Method, budget: Budget) -> Estimate:
    """The derivative along a line of a function with one real result."""
    if line.folded:
        raise ShapeError(
            "`gradient` needs a function with one real result; it returned a complex one; return its real part, "
            "imaginary part or abs, or use numeric.jacobian"
        )
    if line.size != 1:
        raise ShapeError(
            f"`gradient` needs a function with one result; it returned an array of shape {line.shape}; "
            "sum it, or use numeric.jacobian"
        )
    (found,) = elements_along(line, method, budget=budget)
    return replace(found, evaluations=line.evaluations)


def partial(
    f: Callable[..., Any],
    args: Sequence[Any],
    argnum: int = 0,
    *,
    method: Method = "adaptive",
    budget: Budget = "default",
    bounds: Bounds = None,
) -> Estimate:
    """The gradient of f(*args) by args[argnum], the other arguments held.

    >>> from chainrule import numeric
    >>> numeric.partial(lambda a, b: a * b, (2.0, 5.0), 1).agrees_with(2.0)
    True
    """
    refuse_no_function(f)
    if not isinstance(args, (tuple, list)):
        raise ArgumentError(f"`args` should be a tuple of all arguments, partial(f, (x, y), 1); {args!r} arrived")
    held = list(args)
    if not -len(held) <= argnum < len(held):
        raise ArgumentError(f"`argnum` should pick one of {len(held)} arguments; {argnum!r} arrived")

    def moving(x: Any) -> Any:
        return f(*held[: argnum % len(held)], x, *held[argnum % len(held) + 1 :])

    return gradient(moving, held[argnum], method=method, budget=budget, bounds=bounds)


def directional(
    f: Callable[[Any], Any],
    x: Any,
    v: Any,
    *,
    method: Method = "adaptive",
    order: int = 1,
    budget: Budget = "default",
    limit: float | None = None,
) -> Estimate:
    """The order-th derivative of t -> f(x + t v) at t = 0; v has the shape of x and is not normalised.

    The result has the shape of f's result; its `step` is in units of t. No number of x is moved by more than max(1,
    |x|). x, v and the result may be complex; t is real. Raises ShapeError if the shapes differ.

    >>> import numpy as np
    >>> from chainrule import numeric
    >>> numeric.directional(lambda w: np.sum(w**2), [1.0, 2.0], [1.0, 1.0]).agrees_with(6.0)
    True
    """
    return gather_line(ray(f, as_array(x), as_array(v), limit), method, order, budget=budget)


def as_array(x: Any) -> Array:
    """A float64 copy of x, or a complex128 one."""
    refuse_own_rules(x, "`x`")
    array = np.asarray(x)
    if array.dtype.kind not in "fiuc":
        said = f"`x` should hold numbers; {type(x).__name__} of dtype {array.dtype} arrived; pass floats"
        raise ArgumentError.here(said)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def coordinate(
    f: Callable[[Any], Any], point: Array, k: int, bounds: Bounds = None, limit: float | None = None, axis: int = 0
) -> Line:
    """The line through the point along its k-th coordinate (in C order); of a complex point along the real axis, 0,
    or the imaginary one, 1."""
    refuse_no_function(f)
    if point.dtype.kind == "c":

        def moved_to(z: complex) -> Any:
            if point.shape == ():
                return f(z)
            moved = point.copy()
            moved.flat[k] = z
            return f(moved)

        return complexes.along_axis(moved_to, point.flat[k], axis, limit)
    if point.shape == ():
        return Line(f, float(point), bounds=bounds, limit=limit, parts=True)

    def along(t: Any) -> Any:
        moved = point.astype(complex) if isinstance(t, complex) else point.copy()
        moved.flat[k] = t
        return f(moved)

    return Line(along, float(point.flat[k]), bounds=bounds, limit=limit, parts=True)


def ray(f: Callable[[Any], Any], point: Array, v: Array, limit: float | None = None) -> Line:
    """The line t -> point + t v around t = 0."""
    refuse_no_function(f)
    if v.shape != point.shape:
        raise ShapeError(f"the direction should have the shape of x, {point.shape}; it has {v.shape}")
    moving = v != 0
    if not np.any(moving):
        scale, grain, span = 1.0, 0.0, 1.0
    else:
        size, speed = np.abs(point[moving]), np.abs(v[moving])
        scale = float(np.min(np.maximum(1.0, size) / speed))
        grain = float(np.max(np.spacing(size) / speed))
        span = float(np.min(np.where(size > 0, size, 1.0) / speed))
    scale, span = power_below(scale), power_below(min(span, scale))

    def along(t: Any) -> Any:
        moved = point + t * v
        return f(moved if moved.shape else moved[()])

    return Line(along, 0.0, scale=scale, grain=grain, span=span, limit=limit, parts=True)
