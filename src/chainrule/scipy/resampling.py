"""`scipy.ndimage` between the points of a grid: splines of orders 0 to 5, by places and by images.

The coefficients of the spline are linear in the image: those that SciPy's own filter finds for the columns of the
identity, axis by axis. At a place they are weighted by B-splines (Unser, IEEE Signal Processing Magazine 16, 1999).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.ndimage

from chainrule import ops
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.signatures import by_name

Rule = Callable[..., Any]
PADDED = 12
"""How many points SciPy adds beyond each end before it filters, where the ends go on as they are."""


def _coefficients(x: Any, order: int, mode: str) -> Any:
    """The coefficients of the spline through an image."""
    for axis, n in enumerate(shape(x)):
        if n > 1:
            matrix = scipy.ndimage.spline_filter1d(np.eye(n), order, 0, mode=mode)
            x = ops.moveaxis(ops.tensordot(matrix, ops.moveaxis(x, axis, 0), 1), 0, axis)
    return x


def spline_filter(input: Any, order: int = 3, output: Any = None, mode: str = "mirror") -> Any:
    return _coefficients(number(input), order, mode) if order > 1 else number(input)


def spline_filter1d(input: Any, order: int = 3, axis: int = -1, output: Any = None, mode: str = "mirror") -> Any:
    x = number(input)
    if order < 2:
        return x
    matrix = scipy.ndimage.spline_filter1d(np.eye(shape(x)[axis]), order, 0, mode=mode)
    return ops.moveaxis(ops.tensordot(matrix, ops.moveaxis(x, axis, 0), 1), 0, axis)


def _bell(order: int, x: Any) -> Any:
    """The B-spline of that order around 0, by truncated powers, at places within its support."""
    total: Any = 0.0
    for k in range(order + 2):
        t = x + (order + 1) / 2 - k
        above = primal(t) > 0
        total = total + (-1) ** k * math.comb(order + 1, k) * ops.where(above, ops.where(above, t, 1.0) ** order, 0.0)
    return total / math.factorial(order)


def _folded(place: Any, n: int, mode: str) -> Any:
    """A place brought back between the ends."""
    plain = primal(place)
    if mode == "nearest":
        return ops.clip(place, 0.0, n - 1.0)
    if mode == "mirror" and n == 1:
        return 0.0 * place
    period = {"mirror": 2 * n - 2, "reflect": 2 * n, "wrap": n - 1, "grid-wrap": n}[mode]
    start = -0.5 if mode == "reflect" else 0.0
    turns = np.floor((plain - start) / period)
    place = place - turns * period
    if mode in ("wrap", "grid-wrap"):
        return place
    end = n - 0.5 if mode == "reflect" else n - 1.0
    return ops.where(primal(place) > end, 2.0 * end - place, place)


_INDICES = {"reflect": "reflect", "grid-wrap": "grid-wrap"}


def _index(at: Any, n: int, mode: str) -> Any:
    """Where the coefficients beyond the ends are found."""
    if mode == "nearest":
        return np.clip(at, 0, n - 1)
    kind = _INDICES.get(mode, "mirror")
    if n == 1:
        return at * 0
    if kind == "grid-wrap":
        return at % n
    if kind == "reflect":
        at = at % (2 * n)
        return np.where(at < n, at, 2 * n - 1 - at)
    at = at % (2 * n - 2)
    return np.where(at < n, at, 2 * n - 2 - at)


def map_coordinates(
    input: Any, coordinates: Any, output: Any = None, order: int = 3, mode: str = "constant", cval: Any = 0.0,
    prefilter: bool = True,
) -> Any:  # fmt: skip
    mode = {"grid-mirror": "reflect"}.get(mode, mode)
    if mode not in ("constant", "nearest", "mirror", "reflect", "grid-wrap") and not (
        mode == "grid-constant" and order < 2
    ):
        raise no_setting("scipy.ndimage.map_coordinates", ["mode"], f" ({mode!r})")
    refuse_where("scipy.ndimage.map_coordinates", prefilter=mode == "nearest" and order > 1 and not prefilter)
    x = number(input)
    places = number(ops.array(coordinates) if isinstance(coordinates, (list, tuple)) else coordinates)
    room = PADDED if prefilter and order > 1 and mode == "nearest" else 0
    if room:
        for axis, n in enumerate(shape(x)):
            x = ops.take(x, np.clip(np.arange(-room, n + room), 0, n - 1), axis=axis)
    if prefilter and order > 1:
        x = _coefficients(x, order, mode if mode in ("reflect", "grid-wrap", "nearest") else "mirror")
    indices: list[Any] = []
    weights: list[Any] = []
    inside: Any = True
    for k, n in enumerate(shape(x)):
        place = places[k]
        if mode == "constant":
            plain = primal(place)
            inside = inside & (plain >= 0) & (plain <= n - 1)
        elif mode == "nearest":
            place = ops.clip(place + room, 0.0, n - 1.0)
        elif mode != "grid-constant":
            place = _folded(place, n, mode)
        plain = primal(place)
        first = np.floor(plain + (0.5 if order % 2 == 0 else 0.0)).astype(int) - order // 2
        at = [first + j for j in range(order + 1)]
        weights.append([_bell(order, place - a) if order else np.ones(shape(place)) for a in at])
        indices.append(at)
    return _weighted(x, indices, weights, order, mode, cval, inside)


def _weighted(x: Any, indices: Any, weights: Any, order: int, mode: str, cval: Any, inside: Any) -> Any:
    """The sum over the neighbours along all axes."""
    total: Any = 0.0
    for corner in np.ndindex(*(order + 1,) * len(shape(x))):
        weight: Any = 1.0
        held: Any = True
        places = []
        for k, j in enumerate(corner):
            at, n = indices[k][j], shape(x)[k]
            weight = weight * weights[k][j]
            held = held & (at >= 0) & (at < n)
            places.append(np.clip(at, 0, n - 1) if mode == "grid-constant" else _index(at, n, mode))
        value = x[tuple(places)]
        total = total + weight * (ops.where(held, value, cval) if mode == "grid-constant" else value)
    return total if inside is True or np.all(inside) else ops.where(inside, total, cval)


def affine_transform(
    input: Any, matrix: Any, offset: Any = 0.0, output_shape: Any = None, output: Any = None, order: int = 3,
    mode: str = "constant", cval: Any = 0.0, prefilter: bool = True,
) -> Any:  # fmt: skip
    x, matrix = number(input), number(matrix)
    n = len(shape(x))
    size = shape(x) if output_shape is None else tuple(output_shape)
    if len(shape(matrix)) == 1:
        matrix = matrix[:, None] * np.eye(n)
    elif shape(matrix)[1] == n + 1:
        matrix, offset = matrix[:n, :n], matrix[:n, n]
    grid = np.reshape(np.indices(size), (n, -1)).astype(float)
    move = number(offset)
    places = matrix @ grid + (move if shape(move) == () else move[:, None])
    return map_coordinates(x, ops.reshape(places, (n, *size)), None, order, mode, cval, prefilter)


def shift(
    input: Any, shift: Any, output: Any = None, order: int = 3, mode: str = "constant", cval: Any = 0.0,
    prefilter: bool = True,
) -> Any:  # fmt: skip
    n = len(shape(number(input)))
    by = number(shift)
    return affine_transform(
        input, np.eye(n), -(by if shape(by) else by * np.ones(n)), None, None, order, mode, cval, prefilter
    )


def zoom(
    input: Any, zoom: Any, output: Any = None, order: int = 3, mode: str = "constant", cval: Any = 0.0,
    prefilter: bool = True, *, grid_mode: bool = False,
) -> Any:  # fmt: skip
    x = number(input)
    factors = [zoom] * len(shape(x)) if np.ndim(zoom) == 0 else list(zoom)
    refuse_where("scipy.ndimage.zoom", grid_mode=grid_mode)
    size = [round(n * f) for n, f in zip(shape(x), factors, strict=True)]
    lines = [np.linspace(0.0, n - 1.0, m) if m > 1 else np.zeros(m) for n, m in zip(shape(x), size, strict=True)]
    return map_coordinates(x, np.stack(np.meshgrid(*lines, indexing="ij")), None, order, mode, cval, prefilter)


def rotate(
    input: Any, angle: Any, axes: Any = (1, 0), reshape: bool = True, output: Any = None, order: int = 3,
    mode: str = "constant", cval: Any = 0.0, prefilter: bool = True,
) -> Any:  # fmt: skip
    x = number(input)
    if len(shape(x)) != 2 or sorted(axes) != [0, 1]:
        raise no_rule("scipy.ndimage.rotate of more than two axes")
    turn = number(angle) * (math.pi / 180) * (1.0 if tuple(axes) == (1, 0) else -1.0)
    c, s = ops.cos(turn), ops.sin(turn)
    matrix = ops.stack([ops.stack([c, s]), ops.stack([-s, c])])
    n = np.array(shape(x), float)
    size = tuple(shape(x))
    if reshape:
        corners = np.asarray(primal(matrix)) @ np.array([[0, 0, n[0], n[0]], [0, n[1], 0, n[1]]])
        size = tuple(int(k) for k in np.ptp(corners, axis=1) + 0.5)
    offset = (n - 1) / 2 - matrix @ ((np.array(size, float) - 1) / 2)
    return affine_transform(x, matrix, offset, size, None, order, mode, cval, prefilter)


RULES: dict[str, Rule] = by_name(
    map_coordinates, affine_transform, shift, zoom, rotate, spline_filter, spline_filter1d,
)  # fmt: skip
