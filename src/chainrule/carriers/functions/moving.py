"""NumPy's functions that move elements: other shapes and orders, parts, borders."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.places import placed
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_setting
from chainrule.errors import ShapeError
from chainrule.libraries import late
from chainrule.numbers import ndim, primal, shape
from chainrule.ops.shape import normal_axis
from chainrule.signatures import in_module


def _order(name: str, a: Any, order: str) -> str:
    """ "C" or "F". How elements lie in memory is no part of what is recorded: results need not lie as NumPy's would."""
    if order in ("A", "K") and builtins.sum(n != 1 for n in shape(a)) < 2:
        return "C"
    if order not in ("C", "F"):
        raise no_setting(name, ["order"], f" ({order!r}); write 'C' or 'F'")
    return order


def _reshape(a: Any, shape: Any, order: str = "C", *, copy: Any = None) -> Any:
    order = _order("np.reshape", a, order)
    if copy is False:
        raise no_setting("np.reshape", ["copy"], " (False)")
    return ops.reshape(a, tuple(shape) if isinstance(shape, (list, np.ndarray)) else shape, order=order)


def _ravel(a: Any, order: str = "C") -> Any:
    order = _order("np.ravel", a, order)
    return ops.reshape(a, (-1,), order=order) if order == "F" else ops.ravel(a)


def _transpose(a: Any, axes: Any = None) -> Any:
    if axes is None:
        return ops.transpose(a)
    axes = (axes,) if np.ndim(axes) == 0 else tuple(axes)
    if sorted(normal_axis(k, ndim(a)) for k in axes) != list(range(ndim(a))):
        raise ShapeError.here(f"transpose: axes {axes} are not those of an array of shape {shape(a)}")
    return ops.transpose(a, axes) if axes else ops.positive(a)


def _expand_dims(a: Any, axis: Any) -> Any:
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    n = ndim(a) + len(axes)
    places = [normal_axis(k, n) for k in axes]
    if len(set(places)) < len(places):
        raise ShapeError.here(f"expand_dims: axis {axis} names a place twice")
    return ops.expand_dims(a, tuple(places))


def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    shifts = tuple(int(s) for s in np.ravel(shift))
    if axis is None:
        return ops.roll(a, sum(shifts))
    axes = tuple(int(k) for k in np.ravel(axis))
    pairs = np.broadcast_arrays(np.array(shifts, int), np.array(axes, int))
    return ops.roll(a, tuple(pairs[0].tolist()), tuple(pairs[1].tolist()))


def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    first, second = (normal_axis(axis, ndim(m)) for axis in axes)
    if first == second:
        raise ValueError("Axes must be different.")
    for _ in range(k % 4):
        m = ops.flip(ops.swapaxes(m, first, second), first)
    return m


def _flip_along(axis: int) -> Callable[..., Any]:
    def flipped(m: Any) -> Any:
        if ndim(m) <= axis:
            raise ShapeError.here(f"an array of shape {shape(m)} has no axis {axis} to flip")
        return ops.flip(m, axis)

    return flipped


def _take(a: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
    if mode == "raise":
        return ops.take(a, indices, axis)
    places = primal(operand(indices, "np.take")) if holds(indices) else indices
    take: Any = np.take
    return placed(lambda n: take(n, places, axis, mode=mode), a)


def _pad(array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0, end_values: Any = 0,
         stat_length: Any = None, reflect_type: str = "even", **more: Any) -> Any:  # fmt: skip
    settings = {"constant_values": constant_values, "end_values": end_values, "stat_length": stat_length}
    return _padded(array, pad_width, mode, **settings, reflect_type=reflect_type, **more)


_padded = late("chainrule.carriers.functions.padding.padded")


def _diag(v: Any, k: int = 0) -> Any:
    if ndim(v) not in (1, 2):
        raise ShapeError.here(f"diag: expected a vector or a matrix, got shape {shape(v)}")
    return ops.diag(v, operator.index(k))


def _triangle(part: Callable[..., Any]) -> Callable[..., Any]:
    def triangle(m: Any, k: int = 0) -> Any:
        """Of a vector NumPy makes a matrix with as many equal rows."""
        return part(ops.broadcast_to(m, shape(m) * 2) if ndim(m) == 1 else m, k)

    return triangle


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, ops.matrix_transpose, ops.swapaxes, ops.moveaxis, ops.squeeze, ops.flip, ops.repeat),
    **in_module(np, ops.take_along_axis, ops.diagonal),
    **in_module(np, _reshape, _ravel, _transpose, _expand_dims, _roll, _rot90, _take, _pad, _diag),
    np.tile: lambda A, reps: ops.tile(A, tuple(int(n) for n in np.ravel(reps))),
    np.sort: lambda a, axis=-1, kind=None, *, stable=None: ops.sort(a, axis),
    np.linalg.matrix_transpose: ops.matrix_transpose,
    np.broadcast_to: lambda array, shape, subok=False: ops.broadcast_to(array, shape),
    np.fliplr: _flip_along(1),
    np.flipud: _flip_along(0),
    np.linalg.diagonal: lambda x, *, offset=0: ops.diagonal(x, offset, -2, -1),
    np.triu: _triangle(ops.triu),
    np.tril: _triangle(ops.tril),
    np.astype: lambda x, dtype, copy=True: x.astype(dtype, copy=copy),
    np.copy: lambda a, order="K", subok=False: ops.positive(a),
}
