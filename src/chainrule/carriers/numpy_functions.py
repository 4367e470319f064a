"""NumPy's functions for carriers, where the name alone does not say it: other signatures, small compositions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import UnsupportedFunction, at_user_line
from chainrule.numbers import Number, StandIn, primal, shape

UNSET = np._NoValue


def _where(condition: Any, *branches: Any) -> Any:
    return ops.where(condition, *branches) if branches else np.nonzero(primal(condition))


def _full_like(a: Any, fill_value: Any, **settings: Any) -> Any:
    if isinstance(fill_value, StandIn):
        return ops.broadcast_to(fill_value, settings.get("shape") or shape(a))
    return np.full_like(primal(a), fill_value, **settings)


def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    value = primal(x)
    return ops.where(np.isfinite(value), x, np.nan_to_num(value, nan=nan, posinf=posinf, neginf=neginf))


def _clip(a: Any, a_min: Any = UNSET, a_max: Any = UNSET, *, min: Any = UNSET, max: Any = UNSET) -> Any:
    low, high = (given if given is not UNSET else other for given, other in ((a_min, min), (a_max, max)))
    return ops.clip(a, None if low is UNSET else low, None if high is UNSET else high)


# -- reductions -----------------------------------------------------------------------------------------------


def _reduction(function: Callable[..., Number], neutral: float | None = None, **more: Any) -> Callable[..., Number]:
    """`function` under NumPy's signature. `neutral` is what elements masked by where= count as."""

    def reduce(
        a: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = UNSET, initial: Any = UNSET, where: Any = UNSET,
        **settings: Any,
    ) -> Any:  # fmt: skip
        if initial is where is UNSET and not settings:
            return function(a, axis, keepdims=keepdims is True)
        chosen = {k: v for k, v in settings.items() if v is not UNSET and v != more.get(k, UNSET)}
        refused = [*(set(chosen) - set(more)), *(["initial"] if initial is not UNSET else [])]
        if where is not UNSET and where is not True:
            if neutral is None:
                refused.append("where")
            else:
                a = ops.where(where, a, neutral)
        if refused:
            raise UnsupportedFunction(
                at_user_line(
                    f"np.{function.__name__}: no derivative rule for the setting {', '.join(sorted(refused))}="
                )
            )
        return function(a, axis=axis, keepdims=keepdims is True, **chosen)

    return reduce


def _extreme(function: Callable[..., Number]) -> Callable[..., Number]:
    reduction = _reduction(function)

    def reduce(a: Any, axis: Any = None, **settings: Any) -> Any:
        return reduction(a, axis, **settings) if settings else function(a, axis)

    return reduce


def _median(a: Any, axis: Any = None) -> Any:
    if axis is None:
        a, axis = ops.ravel(a), 0
    ordered = ops.sort(a, axis)
    n = shape(ordered)[axis]
    return ops.mean(ops.take(ordered, np.arange((n - 1) // 2, n // 2 + 1), axis), axis=axis)


def _nansum(a: Any, axis: Any = None, **settings: Any) -> Any:
    return ops.sum(ops.where(np.isnan(primal(a)), 0.0, a), axis, **settings)


def _nanmean(a: Any, axis: Any = None, **settings: Any) -> Any:
    count = np.sum(~np.isnan(primal(a)), axis=axis, **settings)
    return _nansum(a, axis, **settings) / count


# -- joining and splitting ------------------------------------------------------------------------------------


def _at_least(n: int) -> Callable[..., Any]:
    def raised(*arrays: Any) -> Any:
        made = tuple(ops.reshape(x, (1,) * (n - len(shape(x))) + shape(x)) if len(shape(x)) < n else x for x in arrays)
        return made[0] if len(made) == 1 else made

    return raised


_at_least_1, _at_least_2 = _at_least(1), _at_least(2)


def _at_least_3(x: Any) -> Any:
    n = len(shape(x))
    return x if n > 2 else ops.reshape(x, (*shape(x), 1) if n == 2 else (1, *shape(x), 1) if n == 1 else (1, 1, 1))


def _hstack(tup: Sequence[Any]) -> Any:
    tup = [x if hasattr(x, "shape") else np.asarray(x) for x in tup]
    return ops.concatenate([_at_least_1(a) for a in tup], 0 if all(len(shape(a)) <= 1 for a in tup) else 1)


def _column_stack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([ops.reshape(x, (-1, 1)) if len(shape(x)) < 2 else x for x in tup], 1)


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        return ops.concatenate([ops.ravel(arr), ops.ravel(values)])
    return ops.concatenate([arr, values], axis)


def _meshgrid(*xi: Any, indexing: str = "xy", sparse: bool = False, copy: bool = True) -> Any:
    n = len(xi)
    columns = [ops.reshape(ops.ravel(x), (1,) * k + (-1,) + (1,) * (n - 1 - k)) for k, x in enumerate(xi)]
    if indexing == "xy" and n > 1:
        columns = [ops.swapaxes(c, 0, 1) for c in columns]
    size = np.broadcast_shapes(*(shape(c) for c in columns))
    return tuple(columns if sparse else [ops.broadcast_to(c, size) for c in columns])


def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    steps = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    steps = steps.reshape(-1, *(1,) * len(np.broadcast_shapes(shape(start), shape(stop))))
    return start * (1 - steps) + stop * steps


def _rot90(m: Any, k: int = 1) -> Any:
    for _ in range(k % 4):
        m = ops.flip(ops.swapaxes(m, 0, 1), 0)
    return m


# -- products and polynomials ---------------------------------------------------------------------------------


def _polyval(p: Any, x: Any) -> Any:
    y: Any = 0.0
    for c in p:
        y = y * x + c
    return y


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Every pair of elements once, added up where their positions agree."""
    n, m = shape(a)[0], shape(v)[0]
    shifted = [ops.pad(a * v[j], (j, m - 1 - j)) for j in range(m)]
    whole = functools.reduce(ops.add, shifted)
    if mode == "full":
        return whole
    length = max(n, m) if mode == "same" else max(n, m) - min(n, m) + 1
    start = (n + m - 1 - length) // 2
    return whole[start : start + length]


def _interp(*_: Any, **__: Any) -> Any:
    raise UnsupportedFunction(
        at_user_line(
            "np.interp has no derivative rule in Chainrule.\n"
            "  Find the interval with i = np.searchsorted(xp, x.data) - 1 and write the straight line through its ends"
        )
    )


def _round(a: Any, decimals: int = 0) -> Any:
    return ops.rint(a) if decimals == 0 else ops.rint(a * 10.0**decimals) / 10.0**decimals


# -- functions whose answer carries no derivative -------------------------------------------------------------


def _strip(x: Any) -> Any:
    """Arguments with every carrier replaced by its plain number."""
    if isinstance(x, tuple):
        return tuple(_strip(v) for v in x)
    if isinstance(x, list):
        return [_strip(v) for v in x]
    if isinstance(x, dict):
        return {k: _strip(v) for k, v in x.items()}
    return primal(x)


def _on_plain(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def plain(*args: Any, **settings: Any) -> Any:
        return function(*_strip(args), **_strip(settings))

    return plain


PLAIN = (
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.argmax, np.argmin, np.argsort,
    np.nonzero, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.any, np.all, np.count_nonzero,
    np.searchsorted, np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.result_type, np.array_repr,
    np.array_str, np.array2string, np.isin, np.flatnonzero, np.argwhere, np.may_share_memory, np.shares_memory,
    np.digitize, np.histogram, np.nanargmax, np.nanargmin, np.isneginf, np.isposinf, np.lexsort,
    np.argpartition, np.can_cast, np.common_type, np.min_scalar_type, np.unravel_index, np.diag_indices_from,
    np.triu_indices_from, np.tril_indices_from,
)  # fmt: skip

_SAME_SIGNATURE = (
    "swapaxes", "moveaxis", "expand_dims", "squeeze", "split", "flip", "roll", "take", "take_along_axis", "repeat",
    "tile", "pad", "sort", "diag", "diagonal", "triu", "tril", "dot", "vdot", "inner", "outer", "tensordot", "kron",
    "cross", "diff", "trapezoid", "average", "sinc",
)  # fmt: skip

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.where: _where,
    np.clip: _clip,
    np.sum: _reduction(ops.sum, 0.0),
    np.prod: _reduction(ops.prod, 1.0),
    np.mean: _reduction(ops.mean),
    np.var: _reduction(ops.var, ddof=0, correction=0, mean=UNSET),
    np.std: _reduction(ops.std, ddof=0, correction=0, mean=UNSET),
    np.max: _extreme(ops.max),
    np.min: _extreme(ops.min),
    np.ptp: _extreme(ops.ptp),
    np.median: _median,
    np.nansum: _nansum,
    np.nanmean: _nanmean,
    np.cumsum: lambda a, axis=None, dtype=None: ops.cumsum(a, axis),
    np.cumprod: lambda a, axis=None, dtype=None: ops.cumprod(a, axis),
    np.reshape: lambda a, shape=None, order="C", **rest: ops.reshape(a, rest.get("newshape", shape), order=order),
    np.ravel: lambda a, order="C": ops.reshape(a, (-1,), order=order),
    np.transpose: lambda a, axes=None: ops.transpose(a, *([] if axes is None else [axes])),
    np.matrix_transpose: ops.matrix_transpose,
    np.broadcast_to: lambda array, shape, subok=False: ops.broadcast_to(array, shape),
    np.concatenate: lambda arrays, axis=0: ops.concatenate(arrays, axis),
    np.stack: lambda arrays, axis=0: ops.stack(arrays, axis),
    np.vstack: lambda tup: ops.concatenate([_at_least_2(a) for a in tup], 0),
    np.hstack: _hstack,
    np.dstack: lambda tup: ops.concatenate([_at_least_3(a) for a in tup], 2),
    np.column_stack: _column_stack,
    np.hsplit: lambda ary, parts: ops.split(ary, parts, 0 if len(shape(ary)) == 1 else 1),
    np.vsplit: lambda ary, parts: ops.split(ary, parts, 0),
    np.atleast_1d: _at_least_1,
    np.atleast_2d: _at_least_2,
    np.atleast_3d: _at_least_3,
    np.append: _append,
    np.meshgrid: _meshgrid,
    np.linspace: _linspace,
    np.round: _round,
    np.around: _round,
    np.amax: _extreme(ops.max),
    np.amin: _extreme(ops.min),
    np.linalg.outer: ops.outer,
    np.linalg.trace: lambda x, offset=0, dtype=None: ops.trace(x, offset, -2, -1),
    np.linalg.diagonal: lambda x, offset=0: ops.diagonal(x, offset, -2, -1),
    np.linalg.matrix_transpose: ops.matrix_transpose,
    np.linalg.vector_norm: lambda x, axis=None, keepdims=False, ord=2: ops.norm(
        ops.ravel(x) if axis is None else x, ord, axis, keepdims
    ),
    np.full_like: _full_like,
    np.copy: lambda a, **_: ops.positive(a),
    np.nan_to_num: _nan_to_num,
    np.real: ops.positive,
    np.imag: lambda val: np.zeros(shape(val)),
    np.rot90: _rot90,
    np.fliplr: lambda m: ops.flip(m, 1),
    np.flipud: lambda m: ops.flip(m, 0),
    np.polyval: _polyval,
    np.convolve: _convolve,
    np.interp: _interp,
    np.einsum: lambda subscripts, *xs, **_: ops.einsum(subscripts, *xs),
    np.trace: lambda a, offset=0, axis1=0, axis2=1: ops.trace(a, offset, axis1, axis2),
    np.linalg.norm: lambda x, ord=None, axis=None, keepdims=False: ops.norm(x, ord, axis, keepdims),
    np.linalg.slogdet: ops.slogdet,
    np.linalg.multi_dot: lambda arrays: functools.reduce(ops.matmul, arrays),
    **{getattr(np, name): getattr(ops, name) for name in _SAME_SIGNATURE},
    **{getattr(np.linalg, name): getattr(ops, name) for name in ("solve", "inv", "det", "matrix_power")},
    **{function: _on_plain(function) for function in PLAIN},
}


@functools.cache
def accepted(function: Callable[..., Any]) -> frozenset[str] | None:
    """The settings that the rule of one of NumPy's functions takes; None when it takes any."""
    parameters = inspect.signature(FUNCTIONS[function]).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters if p.kind is not p.POSITIONAL_ONLY)
