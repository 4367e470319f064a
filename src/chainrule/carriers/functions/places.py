"""NumPy's functions that put elements elsewhere: NumPy itself says where, asked about arrays of positions.

`np.delete` of [0, 1, 2, 3] says which element of x stands where in `np.delete(x, ...)`, whatever x holds. So one
mechanism serves every function that moves elements and computes nothing: number the elements of all operands through,
call NumPy's function on these numbers, and take the elements from the operands laid end to end.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import below, chosen, kind_of, settled
from chainrule.carriers.functions.elsewhere import foreign_among
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_rule, no_setting
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.errors import ShapeError
from chainrule.libraries import is_foreign, library
from chainrule.numbers import StandIn, ndim, primal, shape
from chainrule.ops.assign import assigned
from chainrule.ops.cast import cast
from chainrule.ops.shape import normal_axes, normal_axis
from chainrule.signatures import in_module


def placed(move: Callable[..., Any], *operands: Any) -> Any:
    """`move(*operands)`, for a function that moves elements only. It may give an array, or several."""
    moving = _types([x for x in operands if isinstance(x, StandIn)])
    kind = np.result_type(*moving) if moving else None
    operands = tuple([x if hasattr(x, "shape") else as_array(x, kind) for x in operands])
    numbered, start = [], 0
    for x in operands:
        size = int(np.prod(shape(x), dtype=int))
        numbered.append(np.arange(start, start + size).reshape(shape(x)))
        start += size
    places = move(*numbered)
    flat = [ops.reshape(x, (-1,)) for x in operands]
    whole = flat[0] if len(flat) == 1 else ops.concatenate(of_one_type(flat), 0)
    return _taken(whole, places)


def _taken(whole: Any, places: Any) -> Any:
    if isinstance(places, (list, tuple)):
        return type(places)([_taken(whole, p) for p in places])
    if isinstance(places, StandIn):
        return ops.getitem(whole, places)
    return ops.getitem(whole, int(places) if np.ndim(places) == 0 else np.asarray(places))


def as_array(x: Any, kind: Any = None) -> Any:
    """An operand as an array; a number of Python's in the type of what it stands beside, where that holds it."""
    if holds(x):
        return operand(x, "")
    return np.asarray(x, np.result_type(kind, x) if kind is not None and type(x) in (int, float, bool) else None)


def _types(xs: Sequence[Any]) -> list[np.dtype[Any]]:
    """NumPy's types among those of operands; rows bring those of other libraries together."""
    return [x.dtype for x in xs if isinstance(getattr(x, "dtype", None), np.dtype)]


def of_one_type(xs: Sequence[Any]) -> Sequence[Any]:
    """Plain operands in the type of the moving ones, where that loses nothing."""
    moving = _types([x for x in xs if holds(x)])
    kind = np.result_type(*moving) if moving else None
    return [
        x if holds(x) or kind is None or not np.can_cast(x.dtype, kind, "same_kind") else _typed(x, kind) for x in xs
    ]


def _typed(x: Any, kind: Any) -> Any:
    return x.astype(np.result_type(x, kind))


def _of_type(x: Any, kind: Any) -> Any:
    """`x` in the floating type of an array that it is put into."""
    if type(x) is COMPLEX_NUMBERS.kind or kind.kind != "f":
        return x
    return cast(x, kind) if isinstance(x, StandIn) else np.asarray(x).astype(np.result_type(kind, np.asarray(x).dtype)
        if np.iscomplexobj(x) else kind)  # fmt: skip


def _flag(condition: Any) -> Any:
    plain = primal(operand(condition, ""))
    if is_foreign(plain):
        raise TypeError(
            f"conditions of {library(plain).name} are not copied to the host; write cr.where(condition, a, b)"
        )
    return np.asarray(plain)


# -- taking elements out and in ---------------------------------------------------------------------------------


def _plain(obj: Any) -> Any:
    return settled(lambda places: places, obj) if isinstance(obj, StandIn) else primal(obj) if holds(obj) else obj


def _ix_(*args: Any) -> tuple[Any, ...]:
    """Each row of places along an axis of its own; of conditions where they hold."""
    rows = [np.flatnonzero(x) if kind_of(x).kind == "b" else x for x in map(as_array, args)]
    return tuple([ops.reshape(x, (1,) * k + (-1,) + (1,) * (len(rows) - k - 1)) for k, x in enumerate(rows)])


def _extract(condition: Any, arr: Any) -> Any:
    mask: Any = below(condition)
    if isinstance(mask, StandIn) and shape(mask) == shape(arr) and kind_of(mask) == np.dtype(bool):
        return ops.getitem(arr, mask)
    return placed(lambda n: np.extract(_flag(condition), n), arr)


def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    values = _same_type("np.insert", arr, values)
    return placed(lambda n, v: np.insert(n, _plain(obj), v, axis), arr, values)


def _same_type(name: str, arr: Any, values: Any) -> Any:
    """The values in the type of the array, as NumPy puts them there; refused where that loses their derivative."""
    values = operand(values, name)
    kind, other = kind_of(arr), kind_of(values)
    if not holds(values) or kind == other:
        return values
    if kind.kind != other.kind:
        raise no_setting(name, ["values"], f" ({other} put into an array of {kind})")
    return cast(values, kind)


def _resize(a: Any, new_shape: Any) -> Any:
    if 0 in shape(a):
        raise ShapeError.here("np.resize: there are no elements to repeat")
    return placed(lambda n: np.resize(n, new_shape), a)


def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Along each axis from the first to the last place where something is not 0."""
    if not isinstance(trim, str) or set(trim.lower()) - set("fb"):
        raise ValueError(f"np.trim_zeros: expected trim to be made of 'f' and 'b', got {trim!r}")
    places = settled(np.argwhere, filt)
    front, back = "f" in trim.lower(), "b" in trim.lower()
    index: list[Any] = [slice(None)] * ndim(filt)
    for k in normal_axes(axis, ndim(filt)) or range(ndim(filt)):
        if not len(places):  # all are 0: nothing is left, whichever ends are trimmed
            index[k] = slice(0, 0)
            continue
        index[k] = slice(places[:, k].min() if front else None, places[:, k].max() + 1 if back else None)
    return filt[tuple(index)]


def _partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect") -> Any:
    a, axis = (ops.reshape(a, (-1,)), -1) if axis is None else (as_array(a), axis)
    return ops.take_along_axis(a, chosen(lambda value: np.argpartition(value, kth, axis, kind), a), axis)


# -- choosing ----------------------------------------------------------------------------------------------------


def _choose(a: Any, choices: Any, *, mode: Any = "raise") -> Any:
    return placed(lambda *ns: chosen(lambda a: np.choose(a, ns, mode=mode), a), *list(choices))


def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    conditions = [primal(operand(c, "")) for c in condlist]
    foreign = foreign_among((*conditions, *(primal(c) for c in choicelist))) is not None
    if foreign or any(isinstance(c, StandIn) for c in conditions):
        for condition, choice in zip(reversed(conditions), reversed(choicelist), strict=True):
            default = ops.where(condition, choice, default)
        return default
    conditions = [_flag(c) for c in condlist]
    return placed(lambda *ns: np.select(conditions, list(ns[:-1]), ns[-1]), *choicelist, default)


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Each function is called with the elements it is for, as NumPy calls it."""
    if not ndim(x):
        whole = ops.reshape(x, (1,))
        return ops.reshape(_piecewise(whole, [np.ravel(_flag(c)) for c in condlist], funclist, *args, **kw), ())
    if np.isscalar(condlist) or (
        not isinstance(condlist[0], (list, np.ndarray)) and ndim(condlist[0]) == 0 and ndim(x)
    ):
        condlist = [condlist]
    asked = [below(c) for c in condlist]
    if any(isinstance(c, StandIn) for c in asked) and all(shape(c) == shape(x) for c in asked):
        return _by_masks(x, asked, funclist, *args, **kw)
    conditions = [np.broadcast_to(_flag(c).astype(bool), shape(x)) for c in condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    elif len(funclist) != len(conditions):
        raise ValueError(f"expected {len(conditions)} or {len(conditions) + 1} functions are")
    owner = np.full(shape(x), -1)
    for k, condition in enumerate(conditions):
        owner[condition] = k
    parts: list[Any] = [np.zeros(1, kind_of(x))]
    places, start = np.zeros(shape(x), int), 1
    for k, function in enumerate(funclist):
        if not np.any(owner == k):
            continue
        count = int(np.sum(owner == k))
        value = function(x[owner == k], *args, **kw) if callable(function) else function
        parts.append(ops.broadcast_to(_of_type(value, parts[0].dtype), (count,)))
        places[owner == k] = np.arange(start, start + count)
        start += count
    return _taken(ops.concatenate(of_one_type(parts), 0), places)


def _by_masks(x: Any, conditions: list[Any], funclist: Any, *args: Any, **kw: Any) -> Any:
    """np.piecewise by conditions that are recorded: parts are assigned one after the other, by masks."""
    if len(funclist) == len(conditions) + 1:
        conditions = [*conditions, ~functools.reduce(operator.or_, conditions)]
    elif len(funclist) != len(conditions):
        raise ValueError(f"expected {len(conditions)} or {len(conditions) + 1} functions are")
    kind = kind_of(x)
    found: Any = np.zeros(shape(x), kind)
    for condition, function in zip(conditions, funclist, strict=True):
        part = ops.getitem(x, condition)
        if 0 not in shape(part):
            value = function(part, *args, **kw) if callable(function) else function
            found = assigned(found, condition, _of_type(value, kind))
    return found


# -- joining and splitting --------------------------------------------------------------------------------------


def _block(nested: Any) -> Any:
    leaves: list[Any] = []

    def walk(tree: Any) -> Any:
        if isinstance(tree, tuple):
            raise TypeError("np.block takes lists, not tuples, of arrays")
        if isinstance(tree, list):
            return [walk(t) for t in tree]
        leaves.append(tree)
        return len(leaves) - 1

    tree = walk(nested)

    def fill(t: Any, ns: Any) -> Any:
        return [fill(v, ns) for v in t] if isinstance(t, list) else ns[t]

    return placed(lambda *ns: np.block(fill(tree, ns)), *leaves)


def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    size = np.broadcast_shapes(*(shape(x) for x in args))
    return tuple([ops.broadcast_to(x, size) for x in args])


def _dsplit(ary: Any, indices_or_sections: Any) -> Any:
    if len(shape(ary)) < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return _slices(np.split, ary, indices_or_sections, 2)


def _slices(split: Callable[..., Any], x: Any, sections: Any, axis: int) -> list[Any]:
    """The parts along an axis, which share memory with the whole."""
    axis = normal_axis(axis, len(shape(x)))
    before = (slice(None),) * axis
    parts = split(np.arange(shape(x)[axis]), sections)
    return [ops.getitem(x, (*before, slice(p[0], p[-1] + 1) if len(p) else slice(0, 0))) for p in parts]


def _unstack(x: Any, *, axis: int = 0) -> Any:
    axis = normal_axis(axis, len(shape(x)))
    return tuple([ops.getitem(x, (*(slice(None),) * axis, k)) for k in range(shape(x)[axis])])


def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    size = shape(a)
    order = np.rollaxis(np.empty(range(1, len(size) + 1), np.int8), axis, start).shape
    return ops.transpose(a, tuple([n - 1 for n in order]))


def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    steps = ops.diff(ops.reshape(ary, (-1,)), 1, -1)
    ends = [x if x is None else ops.reshape(_of_type(as_array(x), ary.dtype), (-1,)) for x in (to_begin, to_end)]
    parts = [x for x in (ends[0], steps, ends[1]) if x is not None]
    for x in (to_begin, to_end):
        if x is not None:
            _same_type("np.ediff1d", ary, x)
    return ops.concatenate(of_one_type(parts), 0) if len(parts) > 1 else steps


def _windows(x: Any, window_shape: Any, axis: Any = None) -> Any:
    return placed(lambda n: np.lib.stride_tricks.sliding_window_view(n, window_shape, axis), x)


def _strided(x: Any, shape: Any = None, strides: Any = None, subok: bool = False, writeable: bool = True) -> Any:
    numbers = np.arange(math.prod(np.shape(primal(x)))).reshape(np.shape(primal(x)))
    if not settled(lambda value: numbers.strides == value.strides, x):
        raise no_rule("np.lib.stride_tricks.as_strided of what does not lie in order")
    sizes: Any = numbers.shape if shape is None else np.atleast_1d(shape)
    steps = numbers.__array_interface__["strides"] if strides is None else np.atleast_1d(strides)
    if steps is None:  # NumPy's own are those of an array in one piece
        steps = numbers.itemsize * np.append(np.cumprod(np.asarray(sizes[:0:-1], int))[::-1], 1)[: len(sizes)]
    reach = [(int(n) - 1) * int(step) for n, step in zip(sizes, steps, strict=False)]
    below, above = sum(min(r, 0) for r in reach), sum(max(r, 0) for r in reach)
    if np.prod(sizes, dtype=int) and (below < 0 or above > numbers.nbytes - numbers.itemsize):
        raise no_rule("np.lib.stride_tricks.as_strided of memory that is not the array's")
    places = np.lib.stride_tricks.as_strided(numbers, shape, strides)
    return placed(lambda n: places, x)


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _insert, _ix_, _resize, _trim_zeros, _partition, _choose),
    np.diagflat: lambda v, k=0: ops.diag(ops.reshape(v, (-1,)), int(k)),
    np.extract: _extract,
    np.compress: lambda condition, a, axis=None: placed(lambda n: np.compress(_flag(condition), n, axis), a),
    np.delete: lambda arr, obj, axis=None: placed(lambda n: np.delete(n, _plain(obj), axis), arr),
    **in_module(np, _select, _piecewise, _block, _broadcast_arrays, _dsplit, _unstack, _rollaxis),
    np.array_split: lambda ary, indices_or_sections, axis=0: _slices(np.array_split, ary, indices_or_sections, axis),
    **in_module(np, _ediff1d),
    np.lib.stride_tricks.as_strided: _strided,
    np.lib.stride_tricks.sliding_window_view: _windows,
}
