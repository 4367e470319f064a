"""NumPy's functions that write into an array: `np.put`, `np.fill_diagonal`, `np.add.at`, `out=` and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment import in_place
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_writing
from chainrule.numbers import StandIn, primal, shape
from chainrule.ops.shape import as_array


def opened(x: Any) -> Any:
    """An argument, or several, with what they stand for now."""
    kind = type(x)
    if kind is tuple or kind is list:
        return kind([opened(part) for part in x])
    if kind is dict:
        return {name: opened(part) for name, part in x.items()}
    if kind is slice:
        return slice(*[in_place.now(part) for part in (x.start, x.stop, x.step)])
    if kind is np.ndarray and x.dtype.char == "O":
        return operand(x, "") if holds(x) else x
    return in_place.now(x)


def _target(x: Any, name: str) -> Any:
    """What stands for the memory of an array that is written into. Raises DroppedDerivative for a plain one."""
    if not isinstance(x, StandIn):
        raise no_writing(name)
    return in_place.written_to(x)


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    _target(a, "np.fill_diagonal").write(lambda x, v: np.fill_diagonal(x, v, wrap), val)


def _put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    ind = np.asarray(opened(ind))
    _target(a, "np.put").write(lambda x, values: np.put(x, ind, values, mode), v)


def _place(arr: Any, mask: Any, vals: Any) -> None:
    mask = _condition(mask)
    _target(arr, "np.place").write(lambda x, v: np.place(x, mask, np.atleast_1d(v)), vals)


def _putmask(a: Any, mask: Any, values: Any) -> None:
    if _put_where(a, mask, values, "np.putmask"):
        return
    mask = _condition(mask)
    _target(a, "np.putmask").write(lambda x, v: np.putmask(x, mask, v), values)


def _put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    indices = np.asarray(opened(indices))
    _target(arr, "np.put_along_axis").write(lambda x, v: np.put_along_axis(x, indices, v, axis), values)


def _copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    if _put_where(dst, where, src, "np.copyto"):
        return
    where = _condition(where).astype(bool) if isinstance(where, (list, tuple)) else _condition(where)
    _target(dst, "np.copyto").write(lambda x, v: np.copyto(x, v, where=where), src)


def _put_where(x: Any, mask: Any, values: Any, name: str) -> bool:
    """Whether values for all elements, or one, were written where a recorded mask of all of them holds."""
    mask, values = primal(opened(mask)), opened(values)
    conditions = isinstance(mask, StandIn) and getattr(mask, "dtype", None) == np.dtype(bool)
    if not conditions or shape(mask) != shape(x):
        return False
    if isinstance(values, (list, tuple)) or shape(values) not in ((), shape(x)):
        return False
    target = _target(x, name)
    target[...] = ops.where(mask, values, target.now())
    return True


def _condition(x: Any) -> Any:
    return np.asarray(primal(opened(x)))


WRITERS: dict[Any, Callable[..., None]] = {
    np.fill_diagonal: _fill_diagonal, np.put: _put, np.place: _place, np.putmask: _putmask,
    np.put_along_axis: _put_along_axis, np.copyto: _copyto,
}  # fmt: skip
"""NumPy's functions that write into their first argument."""


def at(ufunc: Any, x: Any, index: Any, *values: Any) -> None:
    """ufunc.at(x, index, values): each element is computed as often as the index names it."""
    target, index = _target(x, f"np.{ufunc.__name__}.at"), opened(index)
    size = shape(target)
    places = np.arange(int(np.prod(size, dtype=int))).reshape(size)[index]
    flat = places.reshape(-1)
    spread = [ops.ravel(ops.broadcast_to(as_array(opened(v)), places.shape)) for v in values]
    order = np.argsort(flat, kind="stable")
    turns = np.empty(len(flat), int)  # how often an element was named before
    turns[order] = np.arange(len(flat)) - np.searchsorted(flat[order], flat[order])
    for turn in range(int(turns.max(initial=-1)) + 1):
        chosen = np.flatnonzero(turns == turn)
        where = np.unravel_index(flat[chosen], size)
        target[where] = ufunc(target.now()[where], *[v[chosen] for v in spread])


def put_out(name: str, out: Any, y: Any) -> Any:
    """What a function gives for `out=`: that array, which holds the result from now on."""
    results = y if isinstance(y, tuple) else (y,)
    for x, part in zip(out, results, strict=True):
        if x is not None:
            _target(x, name)[...] = part
    found = tuple([part if x is None else x for x, part in zip(out, results, strict=True)])
    return found if isinstance(y, tuple) else found[0]


_INSIDE = {np.arccosh: 1.5}


def put_where(name: str, out: Any, ufunc: Any, inputs: Any, settings: dict[str, Any]) -> Any:
    """What ufunc(*inputs, out=out, where=condition) gives: `out`, which holds the result where the condition is true.
    Elsewhere the function is asked about a number of its domain, as it may have no value there."""
    settings = dict(settings)
    condition = opened(settings.pop("where"))
    condition = condition if isinstance(condition, StandIn) else np.asarray(condition, bool)
    target, inside = _target(out, name), _INSIDE.get(ufunc, 0.5)
    spread = [ops.where(condition, operand(opened(x), name), inside) for x in inputs]
    target[...] = ops.where(condition, ufunc(*spread, **settings), target.now())
    return out
