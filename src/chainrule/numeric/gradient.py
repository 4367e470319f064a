"""Gradient: derivatives of a function of an array, coordinate by coordinate or along a direction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ShapeError
from chainrule.numeric.derivative import Budget, Method, gather_line
from chainrule.numeric.estimate import Estimate, gather
from chainrule.numeric.sampling import Array, Line, checked_limit, refuse_no_function, refuse_own_rules

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
    For functions of several arguments see `partial`. Raises ShapeError if f is not scalar-valued.

    >>> import numpy as np
    >>> from chainrule import numeric
    >>> numeric.gradient(lambda w: np.sum(w**2), np.array([1, 2])).agrees_with([2.0, 4.0])
    True
    """
    point = as_array(x)
    left = remaining(limit)
    parts, count = [], 0
    for k in range(point.size):
        line = coordinate(f, point, k, bounds, left())
        if line.size != 1:
            raise ShapeError(
                f"`gradient` needs a function with one result; it returned an array of shape {line.shape}; "
                "sum it, or use numeric.jacobian"
            )
        parts.append(gather_line(line, method, budget=budget))
        count += line.evaluations
    parts = [p if np.ndim(p.value) == 0 else _flat(p) for p in parts]
    return gather(parts, point.shape, count)


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
    |x|). Raises ShapeError if the shapes differ.

    >>> import numpy as np
    >>> from chainrule import numeric
    >>> numeric.directional(lambda w: np.sum(w**2), [1.0, 2.0], [1.0, 1.0]).agrees_with(6.0)
    True
    """
    return gather_line(ray(f, as_array(x), as_array(v), limit), method, order, budget=budget)


def as_array(x: Any) -> Array:
    """A float64 copy of x."""
    refuse_own_rules(x, "`x`")
    array = np.asarray(x)
    if array.dtype.kind not in "fiu":
        raise ArgumentError(
            f"`x` should hold real numbers; {type(x).__name__} of dtype {array.dtype} arrived; pass floats"
        )
    return array.astype(np.float64)


def remaining(limit: float | None) -> Callable[[], float | None]:
    """A function that says how many seconds are left of the limit, at least a thousandth."""
    if limit is None:
        return lambda: None
    end = time.monotonic() + checked_limit(limit)
    return lambda: max(end - time.monotonic(), 1e-3)


def coordinate(
    f: Callable[[Any], Any], point: Array, k: int, bounds: Bounds = None, limit: float | None = None
) -> Line:
    """The line through the point along its k-th coordinate (in C order)."""
    refuse_no_function(f)
    if point.shape == ():
        return Line(f, float(point), bounds=bounds, limit=limit)

    def along(t: Any) -> Any:
        moved = point.astype(complex) if isinstance(t, complex) else point.copy()
        moved.flat[k] = t
        return f(moved)

    return Line(along, float(point.flat[k]), bounds=bounds, limit=limit)


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
    scale, span = _power_below(scale), _power_below(min(span, scale))

    def along(t: Any) -> Any:
        moved = point + t * v
        return f(moved if moved.shape else moved[()])

    return Line(along, 0.0, scale=scale, grain=grain, span=span, limit=limit)


def _power_below(size: float) -> float:
    """The power of 2 up to a size: lines in many directions then share their steps but for such a factor, and what
    their fits need (`fit._designed`)."""
    return float(2.0 ** np.floor(np.log2(size))) if 2.0**-1000 < size < np.inf else size


def _flat(part: Estimate) -> Estimate:
    """An estimate of one element as a scalar one."""
    reason = part.reason
    return Estimate(
        float(part.value.flat[0]), float(part.error.flat[0]), part.method, part.step, part.evaluations, reason
    )
