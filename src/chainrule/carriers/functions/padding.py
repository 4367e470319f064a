"""np.pad in all modes: axis by axis, as NumPy does, so that corners are made of what was put beside them before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.places import of_one_type
from chainrule.carriers.functions.reductions import RULES as REDUCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_setting
from chainrule.numbers import Number, ndim, shape
from chainrule.ops.shape import normal_axis

Widths = list[tuple[int, int]]
_STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": REDUCTIONS[np.max],
    "minimum": REDUCTIONS[np.min],
    "mean": REDUCTIONS[np.mean],
    "median": REDUCTIONS[np.median],
}


def _widths(pad_width: Any, dimensions: int) -> Widths:
    """How much is put before and behind each axis."""
    if isinstance(pad_width, dict):
        found = [(0, 0)] * dimensions
        for axis, width in pad_width.items():
            before, behind = width if np.ndim(width) else (width, width)
            found[normal_axis(axis, dimensions)] = (int(before), int(behind))
        return found
    return [(int(before), int(behind)) for before, behind in np.broadcast_to(pad_width, (dimensions, 2))]


def _each(setting: Any, dimensions: int) -> list[tuple[Any, Any]]:
    """A setting for both ends of each axis."""
    if setting is None:
        return [(None, None)] * dimensions
    spread: Any = setting if isinstance(setting, (list, tuple)) else [setting]
    places = np.broadcast_to(np.arange(np.size(spread)).reshape(np.shape(spread)), (dimensions, 2))
    flat = [x for part in spread for x in part] if np.ndim(spread) == 2 else list(spread)
    return [(flat[before], flat[behind]) for before, behind in places]


def padded(array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0, end_values: Any = 0,
         stat_length: Any = None, reflect_type: str = "even", **more: Any) -> Any:  # fmt: skip
    if not ndim(array):
        return ops.positive(array)
    widths = _widths(pad_width, ndim(array))
    if callable(mode):
        return _by_function(array, widths, mode, more)
    if more:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {set(more)}")
    if mode in _STATISTICS:
        lengths = _each(stat_length, ndim(array))
        return _axis_by_axis(array, widths, lambda x, axis, w: _statistic(x, axis, w, mode, lengths[axis]))
    if mode == "linear_ramp":
        ends = _each(end_values, ndim(array))
        return _axis_by_axis(array, widths, lambda x, axis, w: _ramps(x, axis, w, ends[axis]))
    if mode == "reflect" and reflect_type == "odd":
        return _axis_by_axis(array, widths, _odd("reflect"))
    if mode == "symmetric" and reflect_type == "odd":
        return _axis_by_axis(array, widths, _odd("symmetric"))
    if mode == "empty":
        raise no_setting("np.pad", ["mode"], " ('empty'), which leaves anything in the border; write 'constant'")
    if mode == "constant" and holds(_flat(constant_values)):
        ends = _each(constant_values, ndim(array))
        return _axis_by_axis(array, widths, lambda x, axis, w: _constants(x, axis, w, ends[axis]))
    return ops.pad(array, widths, mode, constant_values)


def _flat(setting: Any) -> list[Any]:
    """The numbers of a setting."""
    return [v for x in setting for v in _flat(x)] if isinstance(setting, (list, tuple)) else [setting]


def _constants(x: Any, axis: int, width: tuple[int, int], ends: tuple[Any, Any]) -> tuple[Any, Any]:
    sizes = (tuple([count if k == axis else n for k, n in enumerate(shape(x))]) for count in width)
    before, behind = (ops.broadcast_to(end, size) for end, size in zip(ends, sizes, strict=True))
    return before, behind


def _axis_by_axis(x: Any, widths: Widths, sides: Callable[..., tuple[Any, Any]]) -> Any:
    for axis, width in enumerate(widths):
        if any(width):
            before, behind = sides(x, axis, width)
            x = ops.concatenate(of_one_type([part for part in (before, x, behind) if shape(part)[axis]]), axis)
    return x


def _part(x: Any, axis: int, start: Any, stop: Any) -> Any:
    return x[(slice(None),) * axis + (slice(start, stop),)]


def _repeated(x: Any, axis: int, count: int) -> Any:
    return ops.broadcast_to(x, tuple([count if k == axis else n for k, n in enumerate(shape(x))]))


def _statistic(x: Any, axis: int, width: tuple[int, int], mode: str, lengths: tuple[Any, Any]) -> tuple[Any, Any]:
    n = shape(x)[axis]
    first, last = (n if length is None else min(int(length), n) for length in lengths)
    if 0 in (first, last) and mode in ("maximum", "minimum"):
        raise ValueError("stat_length of 0 yields no value for padding")
    reduce = _STATISTICS[mode]
    before = reduce(_part(x, axis, 0, first), axis, keepdims=True)
    behind = before if first == last == n else reduce(_part(x, axis, n - last, n), axis, keepdims=True)
    return _repeated(before, axis, width[0]), _repeated(behind, axis, width[1])


def _ramps(x: Any, axis: int, width: tuple[int, int], ends: tuple[Any, Any]) -> tuple[Any, Any]:
    """From the end value, which is the outermost number, towards the edge."""
    n, found = shape(x)[axis], []
    for edge, count, end in ((_part(x, axis, 0, 1), width[0], ends[0]), (_part(x, axis, n - 1, n), width[1], ends[1])):
        share = (np.arange(count) / max(count, 1)).reshape([count if k == axis else 1 for k in range(ndim(x))])
        found.append(end + (edge - end) * share.astype(x.dtype))
    return found[0], ops.flip(found[1], axis)


def _odd(mode: str) -> Callable[..., tuple[Any, Any]]:
    """Twice the edge less what is mirrored is linear in the elements: NumPy says how, asked about the unit vectors."""

    def sides(x: Any, axis: int, width: tuple[int, int]) -> tuple[Any, Any]:
        n = shape(x)[axis]
        weights: Any = np.pad(np.eye(n), ((0, 0), width), mode=mode, reflect_type="odd").astype(x.dtype)  # type: ignore[call-overload]
        parts: list[Number] = []
        for part in (weights[:, : width[0]], weights[:, width[0] + n :]):
            parts.append(ops.moveaxis(ops.matmul(ops.moveaxis(x, axis, -1), part), -1, axis))
        return parts[0], parts[1]

    return sides


def _by_function(x: Any, widths: Widths, function: Any, settings: dict[str, Any]) -> Any:
    """A function that writes into each padded vector: it is given one that can be assigned to."""
    x = ops.pad(x, widths, "constant", 0)
    for axis in range(ndim(x)):
        rows = ops.moveaxis(x, axis, -1)
        found = []
        for row in ops.reshape(rows, (-1, shape(x)[axis])):
            row = ops.positive(row)
            function(row, widths[axis], axis, settings)
            found.append(row.now())
        x = ops.moveaxis(ops.reshape(ops.stack(found), shape(rows)), -1, axis)
    return x
