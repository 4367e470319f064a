"""`scipy.ndimage` in lifted functions: neighbours are taken by their places, weighted and added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.signatures import by_name

Rule = Callable[..., Any]


def _places(n: int, offset: int, mode: str) -> tuple[Any, Any]:
    """Where the neighbours of 0 .. n - 1 lie, and whether they lie inside (None: all of them)."""
    at = np.arange(n) + offset
    if mode in ("constant", "grid-constant"):
        return np.clip(at, 0, n - 1), (at >= 0) & (at < n)
    if mode == "nearest":
        return np.clip(at, 0, n - 1), None
    if mode in ("wrap", "grid-wrap"):
        return at % n, None
    if mode in ("reflect", "grid-mirror"):
        at = at % (2 * n)
        return np.where(at < n, at, 2 * n - 1 - at), None
    if mode == "mirror":
        if n == 1:
            return at * 0, None
        at = at % (2 * n - 2)
        return np.where(at < n, at, 2 * n - 2 - at), None
    raise UnsupportedFunction.here(f"scipy.ndimage: mode={mode!r} is not known")


def moved(x: Any, axis: int, offset: int, mode: str, cval: Any) -> Any:
    at, inside = _places(shape(x)[axis], offset, mode)
    taken = ops.take(x, at, axis=axis)
    if inside is None:
        return taken
    size = [1] * len(shape(x))
    size[axis] = -1
    return ops.where(np.reshape(inside, size), taken, cval)


def correlate1d(
    input: Any,
    weights: Any,
    axis: int = -1,
    output: Any = None,
    mode: str = "reflect",
    cval: Any = 0.0,
    origin: int = 0,
) -> Any:
    x, weights = number(input), number(weights)
    size = shape(weights)[0]
    total: Any = 0.0
    for k in range(size):
        total = total + weights[k] * moved(x, axis % len(shape(x)), k - size // 2 - origin, mode, cval)
    return total


def convolve1d(
    input: Any,
    weights: Any,
    axis: int = -1,
    output: Any = None,
    mode: str = "reflect",
    cval: Any = 0.0,
    origin: int = 0,
) -> Any:
    turned = ops.flip(number(weights))
    return correlate1d(input, turned, axis, None, mode, cval, -origin - (1 - shape(turned)[0] % 2))


def correlate(
    input: Any, weights: Any, output: Any = None, mode: str = "reflect", cval: Any = 0.0, origin: Any = 0
) -> Any:
    x, weights = number(input), number(weights)
    origins = each(origin, len(shape(x)))
    total: Any = 0.0
    for k in np.ndindex(*shape(weights)):
        near = x
        for axis, (i, size, at) in enumerate(zip(k, shape(weights), origins, strict=True)):
            near = moved(near, axis, i - size // 2 - at, mode, cval)
        total = total + weights[k] * near
    return total


def convolve(
    input: Any, weights: Any, output: Any = None, mode: str = "reflect", cval: Any = 0.0, origin: Any = 0
) -> Any:
    turned = ops.flip(number(weights))
    origins = [-at - (1 - size % 2) for at, size in zip(each(origin, len(shape(turned))), shape(turned), strict=True)]
    return correlate(input, turned, None, mode, cval, origins)


def each(setting: Any, n: int) -> list[Any]:
    return list(setting) if isinstance(setting, Sequence) and not isinstance(setting, str) else [setting] * n


def gaussian_filter1d(
    input: Any, sigma: Any, axis: int = -1, order: int = 0, output: Any = None, mode: str = "reflect", cval: Any = 0.0,
    truncate: float = 4.0, *, radius: Any = None,
) -> Any:  # fmt: skip
    reach = int(truncate * float(primal(sigma)) + 0.5) if radius is None else radius
    at = np.arange(-reach, reach + 1.0)
    bell = ops.exp(-0.5 * (at / sigma) ** 2)
    bell = bell / ops.sum(bell)
    if order:
        bell = ops.flip(bell * _hermite(at, sigma, order))
    return correlate1d(input, bell, axis, None, mode, cval)


def _hermite(x: Any, sigma: Any, order: int) -> Any:
    """The polynomial q with which the bell's derivative of that order is q times the bell: q' - q x / sigma**2, again
    and again."""
    powers: list[Any] = [1.0]
    for _ in range(order):
        slope = [*[k * c for k, c in enumerate(powers)][1:], 0.0, 0.0]
        moved_up = [0.0, *[-c / sigma**2 for c in powers]]
        powers = [a + b for a, b in zip(slope, moved_up, strict=True)]
    total: Any = 0.0
    for k, c in enumerate(powers):
        total = total + c * x**k
    return total


def gaussian_filter(
    input: Any, sigma: Any, order: Any = 0, output: Any = None, mode: Any = "reflect", cval: Any = 0.0,
    truncate: float = 4.0, *, radius: Any = None, axes: Any = None,
) -> Any:  # fmt: skip
    x = number(input)
    along = range(len(shape(x))) if axes is None else [axes] if isinstance(axes, int) else axes
    n = len(list(along))
    sigmas = (
        list(sigma)
        if isinstance(sigma, (tuple, list))
        else [sigma[k] for k in range(n)]
        if shape(sigma)
        else [sigma] * n
    )
    settings = (each(order, n), each(mode, n), each(radius, n))
    for axis, s, o, m, r in zip(along, sigmas, *settings, strict=True):
        if primal(s) > 1e-15:
            x = gaussian_filter1d(x, s, axis, o, None, m, cval, truncate, radius=r)
    return x


def uniform_filter1d(
    input: Any, size: int, axis: int = -1, output: Any = None, mode: str = "reflect", cval: Any = 0.0, origin: int = 0
) -> Any:
    return correlate1d(input, np.full(size, 1 / size), axis, None, mode, cval, origin)


def uniform_filter(
    input: Any, size: Any = 3, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0
) -> Any:
    x = number(input)
    n = len(shape(x))
    for axis, (s, m, o) in enumerate(zip(each(size, n), each(mode, n), each(origin, n), strict=True)):
        x = uniform_filter1d(x, s, axis, None, m, cval, o)
    return x


RULES: dict[str, Rule] = by_name(
    correlate1d, convolve1d, correlate, convolve, gaussian_filter1d, gaussian_filter, uniform_filter1d,
    uniform_filter,
)  # fmt: skip
