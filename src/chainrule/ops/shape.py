"""Rows of the operator table: functions that only move elements. All are linear; each states its adjoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.errors import ShapeError
from chainrule.inputs import as_number
from chainrule.numbers import Number, StandIn, ndim, shape
from chainrule.ops.broadcasting import axes_behind, unbroadcast
from chainrule.ops.kinds import Linear
from chainrule.ops.row import TABLE, applied

Axes = int | Sequence[int] | None


def normal_axis(axis: int, dimensions: int) -> int:
    """`axis` counted from the front; a ShapeError when there is no such axis."""
    try:
        position = axis if type(axis) is int else axis.__index__()
    except AttributeError:
        raise ShapeError.here(f"expected an integer for axis, got {axis!r}") from None
    if not -dimensions <= position < dimensions:
        raise ShapeError.here(f"axis {axis} does not exist: the array has {dimensions} dimensions")
    return position % dimensions


def normal_axes(axis: Axes, dimensions: int) -> tuple[int, ...] | None:
    """Axes counted from the front as a tuple; None (all of them) stays None."""
    if axis is None:
        return None
    axes: Sequence[int] = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple([normal_axis(a, dimensions) for a in axes])


def _array_kernel(call: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    return {"array": lambda xp: lambda *args, **settings: call(xp, *args, **settings)}


def aligned(args: Sequence[Number], held: Sequence[bool]) -> tuple[Number, ...]:
    """Operands, those `held` with one more axis in front, that broadcast against each other as without it."""
    most = max([ndim(x) - h for x, h in zip(args, held, strict=True)])
    return tuple([behind_axis(x, most) if h else x for x, h in zip(args, held, strict=True)])


def behind_axis(x: Number, dimensions: int) -> Number:
    """`x` with axes of length 1 behind the first, so that there are so many behind it."""
    size = shape(x)
    missing = dimensions + 1 - len(size)
    if missing <= 0:
        return x
    return applied(TABLE["reshape"], (x,), {"shape": (size[0], *(1,) * missing, *size[1:])})


_reshape: Linear = Linear(
    "reshape",
    lambda i, ct, x, shape: applied(_reshape, (ct,), {"shape": _shape_of(x)}),
    accumulate=lambda total, i, ct, x, shape: dense.add_to(total, ct.reshape(total.shape)),
    wider=lambda xs, shape: {"shape": (len(xs[0]), *shape)},
    kernels={"numpy": lambda x, shape: x.reshape(shape), **_array_kernel(lambda xp, x, shape: xp.reshape(x, shape))},
)


def _shape_of(x: Number) -> tuple[int, ...]:
    return shape(x)


def reshape(x: Number, *new: Any, order: str = "C", shape: Any = None) -> Number:
    """`x` with the same elements in another shape; one entry may be -1.

    >>> reshape(np.arange(4.0), (2, 2))
    array([[0., 1.],
           [2., 3.]])
    """
    target = shape if shape is not None else new[0] if len(new) == 1 else new
    target = (target,) if not isinstance(target, (tuple, list)) else tuple(target)
    if order == "F":
        return transpose(reshape(transpose(x), target[::-1]))
    size = prod(_shape_of(x))
    if -1 in target:
        rest = -prod(target)
        target = tuple([size // rest if n == -1 and rest else n for n in target])
    if prod(target) != size:
        raise ShapeError.here(f"cannot reshape {size} elements {_shape_of(x)} into {target}")
    return applied(_reshape, (x,), {"shape": target})


def ravel(x: Number) -> Number:
    """All elements in one row."""
    x = as_array(x)
    return applied(_reshape, (x,), {"shape": (prod(shape(x)),)})


def raveled(x: Any, axis: int | None) -> tuple[Number, int]:
    """An array and an axis of it; where none is given the raveled array and its only one."""
    x = as_array(x)
    return (ravel(x), 0) if axis is None else (x, normal_axis(axis, ndim(x)))


def _transpose_adjoint(i: int, ct: Number, x: Number, axes: tuple[int, ...]) -> Number:
    back = [0] * len(axes)
    for to, origin in enumerate(axes):
        back[origin] = to
    return applied(_transpose, (ct,), {"axes": tuple(back)})


_transpose: Linear = Linear(
    "transpose",
    _transpose_adjoint,
    accumulate=lambda total, i, ct, x, axes: dense.add_to(total.transpose(axes), ct),
    wider=lambda xs, axes: {"axes": (0, *axes_behind(xs[0], axes))},
    kernels={"numpy": lambda x, axes: x.transpose(axes), **_array_kernel(lambda xp, x, axes: xp.permute_dims(x, axes))},
)


def transpose(x: Number, *axes: Any) -> Number:
    """Axes in another order; reversed when none is given."""
    x = as_array(x)
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
    n = ndim(x)
    order = tuple([normal_axis(a, n) for a in order]) if order else (1, 0) if n == 2 else tuple(range(n))[::-1]
    return applied(_transpose, (x,), {"axes": order})


def swapaxes(x: Number, axis1: int, axis2: int) -> Number:
    """Two axes exchanged."""
    x = as_array(x)
    order = list(range(ndim(x)))
    i, j = normal_axis(axis1, len(order)), normal_axis(axis2, len(order))
    order[i], order[j] = order[j], order[i]
    return applied(_transpose, (x,), {"axes": tuple(order)})


def moveaxis(x: Number, source: Axes, destination: Axes) -> Number:
    """Some axes moved to other places, the rest in their order."""
    x = as_array(x)
    n = ndim(x)
    sources, destinations = normal_axes(source, n) or (), normal_axes(destination, n) or ()
    order = [k for k in range(n) if k not in sources]
    for to, origin in sorted(zip(destinations, sources, strict=True)):
        order.insert(to, origin)
    return applied(_transpose, (x,), {"axes": tuple(order)})


def matrix_transpose(x: Number) -> Number:
    """The last two axes exchanged."""
    x = as_array(x)
    return swapaxes(x, -1, -2)


def expand_dims(x: Number, axis: Axes) -> Number:
    """New axes of length 1 at the given places of the result."""
    x = as_array(x)
    axes = (axis,) if isinstance(axis, int) else tuple(axis or ())
    n = ndim(x) + len(axes)
    new = {normal_axis(a, n) for a in axes}
    if len(new) != len(axes):
        raise ShapeError.here(f"expand_dims: an axis is named twice in {axes}")
    rest = iter(shape(x))
    return applied(_reshape, (x,), {"shape": tuple(1 if k in new else next(rest) for k in range(n))})


def squeeze(x: Number, axis: Axes = None) -> Number:
    """Axes of length 1 removed."""
    x = as_array(x)
    axes = normal_axes(axis, ndim(x))
    size = shape(x)
    if axes is not None and any(size[a] != 1 for a in axes):
        raise ShapeError.here(f"squeeze: axis {axis} of {size} is not of length 1")
    drop = axes if axes is not None else tuple(k for k, n in enumerate(size) if n == 1)
    return applied(_reshape, (x,), {"shape": tuple(n for k, n in enumerate(size) if k not in drop)})


_broadcast_to = Linear(
    "broadcast_to",
    lambda i, ct, x, shape: unbroadcast(ct, _shape_of(x)),
    wider=lambda xs, shape: {"shape": (len(xs[0]), *shape)} if ndim(xs[0]) == len(shape) + 1 else None,
    batched=lambda args, held, shape: broadcast_to(behind_axis(args[0], len(shape)), (_shape_of(args[0])[0], *shape)),
    kernels={
        "numpy": lambda x, shape: dense.broadcast(x, shape),
        **_array_kernel(lambda xp, x, shape: xp.broadcast_to(x, shape)),
    },
)


def broadcast_to(x: Number, shape: Any) -> Number:
    """`x` repeated along new and length-1 axes until it has `shape`."""
    return applied(_broadcast_to, (x,), {"shape": (shape,) if isinstance(shape, int) else tuple(shape)})


# -- joining and splitting ----------------------------------------------------------------------------------


def _part(i: int, xs: tuple[Number, ...], axis: int) -> tuple[slice, ...]:
    """Where operand number i lies among those that were joined."""
    start = 0
    for x in xs[:i]:
        start += shape(x)[axis]
    return (slice(None),) * axis + (slice(start, start + shape(xs[i])[axis]),)


_concatenate = Linear(
    "concatenate",
    lambda i, ct, *xs, axis: applied(TABLE["getitem"], (ct,), {"index": _part(i, xs, axis)}),
    accumulate=lambda total, i, ct, *xs, axis: dense.add_to(total, ct[_part(i, xs, axis)]),
    wider=lambda xs, axis: {"axis": axis + 1},
    kernels={
        "numpy": lambda *xs, axis: dense.concatenate(xs, axis),
        **_array_kernel(lambda xp, *xs, axis: xp.concat(xs, axis=axis)),
    },
)


def concatenate(arrays: Sequence[Number], axis: int | None = 0) -> Number:
    """Arrays joined along an existing axis.

    >>> concatenate([np.ones(1), np.zeros(2)])
    array([1., 0., 0.])
    """
    parts = [x if isinstance(x, StandIn) else as_number(x) for x in arrays]
    if axis is None:
        return applied(_concatenate, tuple([ravel(x) for x in parts]), {"axis": 0})
    axes = [ndim(x) for x in parts]
    if 0 in axes:
        raise ShapeError.here("concatenate: numbers have no axis to join along; use stack")
    if not axes:
        raise ShapeError.here("concatenate: nothing to join, the list is empty")
    return applied(_concatenate, tuple(parts), {"axis": normal_axis(axis, axes[0])})


def _stack_numpy(*xs: Any, axis: int) -> Any:
    place = (slice(None),) * axis + (None,)
    return np.concatenate([np.asarray(x)[place] for x in xs], axis=axis)


_stack = Linear(
    "stack",
    lambda i, ct, *xs, axis: applied(TABLE["getitem"], (ct,), {"index": (slice(None),) * axis + (i,)}),
    accumulate=lambda total, i, ct, *xs, axis: dense.add_to(total, ct[(slice(None),) * axis + (i,)]),
    wider=lambda xs, axis: {"axis": axis + 1},
    kernels={
        **_array_kernel(lambda xp, *xs, axis: xp.stack([array_of(xp, x) for x in xs], axis=axis)),
        "numpy": _stack_numpy,
        "mpmath": lambda *xs, axis: np.stack([np.asarray(x, object) for x in xs], axis=axis),
        "sympy": lambda *xs, axis: np.stack([np.asarray(x, object) for x in xs], axis=axis),
        "object": lambda *xs, axis: np.stack([np.asarray(x, object) for x in xs], axis=axis),
    },
)


def array_of(xp: Any, x: Number) -> Number:
    """`x` as an array of a namespace; one of its own stays as it is."""
    return xp.asarray(x) if xp is np or not hasattr(x, "dtype") else x


def stack(arrays: Sequence[Number], axis: int = 0) -> Number:
    """Numbers or arrays of one shape joined along a new axis."""
    parts = [x if isinstance(x, StandIn) else as_number(x) for x in arrays]
    shapes = {shape(x) for x in parts}
    if len(shapes) != 1:
        raise ShapeError.here(f"stack: expected numbers of one shape, got {sorted(shapes)}")
    return applied(_stack, tuple(parts), {"axis": normal_axis(axis, ndim(parts[0]) + 1)})


def array(values: Any, dtype: Any = None) -> Number:
    """Nested lists of numbers and carriers as one array; `numpy.array` for values that carry a derivative.

    >>> array([1, 2.0])
    array([1., 2.])
    """
    if isinstance(values, StandIn):
        return values
    if isinstance(values, (list, tuple)) and _holds_carriers(values):
        return stack([array(v) for v in values])
    if dtype is None and isinstance(values, np.ndarray) and values.dtype.char == "O" and _holds_carriers(values.flat):
        return array(values.tolist())
    return np.asarray(values, dtype=dtype)


def as_array(x: Number) -> Number:
    """A list or tuple as an array; anything else as it is."""
    return array(x) if isinstance(x, (list, tuple)) else x


def _holds_carriers(values: Any) -> bool:
    if isinstance(values, (list, tuple, np.flatiter)):
        return any(_holds_carriers(v) for v in values)
    if isinstance(values, np.ndarray) and values.dtype.char == "O":
        return _holds_carriers(values.flat)
    return isinstance(values, StandIn)


_flip: Linear = Linear(
    "flip",
    lambda i, ct, x, axis: applied(_flip, (ct,), {"axis": axis}),
    wider=lambda xs, axis: {"axis": axes_behind(xs[0], axis)},
    kernels=_array_kernel(lambda xp, x, axis: xp.flip(x, axis=axis)),
)


def flip(x: Number, axis: Axes = None) -> Number:
    """Elements in reverse order along some axes (None: all)."""
    x = as_array(x)
    axes = normal_axes(axis, ndim(x))
    return applied(_flip, (x,), {"axis": tuple(range(ndim(x))) if axes is None else axes})


_roll: Linear = Linear(
    "roll",
    lambda i, ct, x, shift, axis: applied(_roll, (ct,), {"shift": tuple(-s for s in shift), "axis": axis}),
    wider=lambda xs, shift, axis: {"shift": shift, "axis": axes_behind(xs[0], axis)},
    kernels=_array_kernel(lambda xp, x, shift, axis: xp.roll(x, shift, axis=axis)),
)


def roll(x: Number, shift: Any, axis: Axes = None) -> Number:
    """Elements moved along axes, those pushed out returning at the other end."""
    x = as_array(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), shape(x))
    axes = normal_axes(axis, ndim(x)) or ()
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(int(s) for s in shift)
    return applied(_roll, (x,), {"shift": shifts, "axis": axes})


dense.start()

__all__ = [
    "array", "broadcast_to", "concatenate", "expand_dims", "flip", "matrix_transpose", "moveaxis", "ravel",
    "reshape", "roll", "squeeze", "stack", "swapaxes", "transpose",
]  # fmt: skip
