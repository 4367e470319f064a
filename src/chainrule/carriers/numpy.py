"""NumPy's protocols: `np.sin(x)`, `np.add.reduce(x)` and `np.linalg.solve(a, b)` reach the operator table.

What has no rule is refused by name: no object arrays, no silent conversion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import DroppedDerivative, UnsupportedFunction, at_user_line
from chainrule.numbers import Carrier, Number, primal, shape

# -- ufuncs -------------------------------------------------------------------------------------------------

_SAME_NAME = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "negative",
    "positive",
    "power",
    "reciprocal",
    "square",
    "absolute",
    "sign",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "cbrt",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "hypot",
    "deg2rad",
    "rad2deg",
    "logaddexp",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "floor_divide",
    "remainder",
    "fmod",
    "copysign",
    "matmul",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
]
_UFUNCS: dict[np.ufunc, Callable[..., Number]] = {
    **{getattr(np, name): getattr(ops, name) for name in _SAME_NAME},
    np.float_power: ops.power,
    np.fabs: ops.absolute,
    np.degrees: ops.rad2deg,
    np.radians: ops.deg2rad,
    np.conjugate: ops.positive,
}
_REDUCE = {np.add: ops.sum, np.multiply: ops.prod, np.maximum: ops.max, np.minimum: ops.min}
_ACCUMULATE = {np.add: ops.cumsum, np.multiply: ops.cumprod}
# The answer of these is boolean or integer, so it carries no derivative.
_PLAIN_UFUNCS = {np.isfinite, np.isnan, np.isinf, np.signbit, np.logical_not, np.logical_and, np.logical_or}


def array_ufunc(self: Carrier, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
    if settings.pop("out", None) is not None:
        raise DroppedDerivative(
            at_user_line(
                f"np.{ufunc.__name__} cannot write into an existing array (out= or an in-place operator such as +=): "
                "the array holds plain numbers and would lose the derivative. Write y = y + x in place of y += x"
            )
        )
    where = settings.pop("where", True)
    if where is not True or settings.get("casting") is not None:
        raise UnsupportedFunction(at_user_line(f"np.{ufunc.__name__}: use cr.where in place of the where= setting"))
    if ufunc in _PLAIN_UFUNCS:
        return getattr(ufunc, method)(*(primal(x) for x in inputs), **settings)
    settings.pop("dtype", None)
    if method == "__call__" and ufunc in _UFUNCS:
        return _UFUNCS[ufunc](*inputs)
    if method == "reduce" and ufunc in _REDUCE:
        axis = inputs[1] if len(inputs) > 1 else settings.get("axis", 0)
        return _REDUCE[ufunc](inputs[0], axis=axis, keepdims=settings.get("keepdims", False))
    if method == "accumulate" and ufunc in _ACCUMULATE:
        return _ACCUMULATE[ufunc](inputs[0], inputs[1] if len(inputs) > 1 else settings.get("axis", 0))
    if method == "outer" and ufunc in _UFUNCS:
        a, b = inputs
        return _UFUNCS[ufunc](ops.reshape(a, shape(a) + (1,) * len(shape(b))), b)
    suffix = "" if method == "__call__" else f".{method}"
    raise _no_rule(f"np.{ufunc.__name__}{suffix}")


def _no_rule(name: str) -> UnsupportedFunction:
    return UnsupportedFunction(
        at_user_line(
            f"{name} has no derivative rule in Chainrule.\n"
            "  Write it with functions of the table (chainrule.ops.PUBLIC), give it a rule with @cr.custom_vjp,\n"
            "  or hold its argument constant with cr.stop_gradient(x)"
        )
    )


# -- functions ----------------------------------------------------------------------------------------------


def _where(condition: Any, *branches: Any) -> Any:
    return ops.where(condition, *branches) if branches else np.nonzero(primal(condition))


def _full_like(a: Any, fill_value: Any, **settings: Any) -> Any:
    if isinstance(fill_value, Carrier):
        return ops.broadcast_to(fill_value, shape(a))
    return np.full_like(primal(a), fill_value, **settings)


def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    value = primal(x)
    replaced = np.nan_to_num(value, nan=nan, posinf=posinf, neginf=neginf)
    return ops.where(np.isfinite(value), x, replaced)


def _reduction(function: Callable[..., Number]) -> Callable[..., Number]:
    """`function` under NumPy's signature, refusing what it cannot do."""

    def reduce(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, *args: Any, **settings: Any) -> Any:
        settings = {k: v for k, v in settings.items() if v is not np._NoValue}
        if out is not None or args:
            raise UnsupportedFunction(at_user_line(f"np.{function.__name__}: out= would lose the derivative"))
        unknown = set(settings) - {"keepdims", "ddof", "correction"}
        if unknown:
            raise UnsupportedFunction(
                at_user_line(f"np.{function.__name__}: no rule for {', '.join(sorted(unknown))}=")
            )
        return function(a, axis=axis, **settings)

    return reduce


def _extreme(function: Callable[..., Number]) -> Callable[..., Number]:
    def reduce(a: Any, axis: Any = None, out: Any = None, **settings: Any) -> Any:
        return _reduction(function)(a, axis, None, out, **settings)

    return reduce


def _median(a: Any, axis: Any = None, **_: Any) -> Any:
    a = ops.ravel(a) if axis is None else a
    ordered = ops.sort(a, -1 if axis is None else axis)
    position = -1 if axis is None else axis
    n = shape(ordered)[position]
    return ops.mean(ops.take(ordered, np.arange((n - 1) // 2, n // 2 + 1), position), axis=position)


def _join(lift: Callable[[Any], Any], axis: int) -> Callable[..., Any]:
    return lambda arrays, **_: ops.concatenate([lift(a) for a in arrays], axis)


def _at_least(n: int) -> Callable[[Any], Any]:
    return lambda x: ops.reshape(x, (1,) * (n - len(shape(x))) + shape(x)) if len(shape(x)) < n else x


def _column(x: Any) -> Any:
    return ops.reshape(x, (-1, 1)) if len(shape(x)) < 2 else x


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        return ops.concatenate([ops.ravel(arr), ops.ravel(values)])
    return ops.concatenate([arr, values], axis)


def _nansum(a: Any, axis: Any = None, **settings: Any) -> Any:
    return ops.sum(ops.where(np.isnan(primal(a)), 0.0, a), axis, **settings)


def _polyval(p: Any, x: Any) -> Any:
    y: Any = 0.0
    for c in p:
        y = y * x + c
    return y


def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    return ops.rint(a) if decimals == 0 else ops.rint(a * 10.0**decimals) / 10.0**decimals


_PLAIN = [
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.argmax, np.argmin, np.argsort, np.nonzero,
    np.isclose, np.allclose, np.array_equal, np.any, np.all, np.count_nonzero, np.searchsorted, np.iscomplexobj,
    np.isrealobj, np.result_type, np.array_repr, np.array_str, np.array2string, np.isin, np.flatnonzero, np.argwhere,
    np.may_share_memory, np.shares_memory, np.digitize, np.histogram, np.nanargmax, np.nanargmin,
]  # fmt: skip

_FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.where: _where,
    np.clip: lambda a, a_min=None, a_max=None, out=None, *, min=None, max=None: ops.clip(
        a, min if a_min in (None, np._NoValue) else a_min, max if a_max in (None, np._NoValue) else a_max
    ),
    np.sum: _reduction(ops.sum),
    np.mean: _reduction(ops.mean),
    np.prod: _reduction(ops.prod),
    np.var: _reduction(ops.var),
    np.std: _reduction(ops.std),
    np.max: _extreme(ops.max),
    np.min: _extreme(ops.min),
    np.ptp: _extreme(ops.ptp),
    np.median: _median,
    np.average: ops.average,
    np.nansum: _nansum,
    np.cumsum: lambda a, axis=None, dtype=None, out=None: ops.cumsum(a, axis),
    np.cumprod: lambda a, axis=None, dtype=None, out=None: ops.cumprod(a, axis),
    np.reshape: lambda a, shape=None, order="C", **rest: ops.reshape(a, rest.get("newshape", shape), order=order),
    np.ravel: lambda a, order="C": ops.ravel(a),
    np.transpose: lambda a, axes=None: ops.transpose(a, *([] if axes is None else [axes])),
    np.broadcast_to: lambda array, shape, subok=False: ops.broadcast_to(array, shape),
    np.concatenate: lambda arrays, axis=0, **_: ops.concatenate(arrays, axis),
    np.stack: lambda arrays, axis=0, **_: ops.stack(arrays, axis),
    np.vstack: _join(_at_least(2), 0),
    np.hstack: lambda tup, **_: ops.concatenate(
        [_at_least(1)(a) for a in tup], 0 if all(len(shape(a)) <= 1 for a in tup) else 1
    ),
    np.column_stack: lambda tup: ops.concatenate([_column(a) for a in tup], 1),
    np.atleast_1d: lambda *xs: _at_least(1)(xs[0]) if len(xs) == 1 else tuple(_at_least(1)(x) for x in xs),
    np.atleast_2d: lambda *xs: _at_least(2)(xs[0]) if len(xs) == 1 else tuple(_at_least(2)(x) for x in xs),
    np.append: _append,
    np.round: _round,
    np.full_like: _full_like,
    np.copy: lambda a, **_: ops.positive(a),
    np.nan_to_num: _nan_to_num,
    np.real: ops.positive,
    np.sinc: ops.sinc,
    np.rot90: lambda m, k=1: {
        0: lambda: m,
        1: lambda: ops.flip(ops.swapaxes(m, 0, 1), 0),
        2: lambda: ops.flip(m, (0, 1)),
        3: lambda: ops.swapaxes(ops.flip(m, 0), 0, 1),
    }[k % 4](),
    np.fliplr: lambda m: ops.flip(m, 1),
    np.flipud: lambda m: ops.flip(m, 0),
    np.polyval: _polyval,
    np.einsum: lambda subscripts, *xs, **_: ops.einsum(subscripts, *xs),
    np.linalg.norm: lambda x, ord=None, axis=None, keepdims=False: ops.norm(x, ord, axis, keepdims),
    np.linalg.slogdet: ops.slogdet,
    np.linalg.multi_dot: lambda arrays, **_: __import__("functools").reduce(ops.matmul, arrays),
    np.trace: lambda a, offset=0, axis1=0, axis2=1, **_: ops.trace(a, offset, axis1, axis2),
    **{getattr(np, n): getattr(ops, n) for n in ["swapaxes", "moveaxis", "expand_dims", "squeeze", "split", "flip", "roll", "take", "take_along_axis", "repeat", "tile", "pad", "sort", "diag", "diagonal", "triu", "tril", "dot", "vdot", "inner", "outer", "tensordot", "kron", "cross", "diff", "trapezoid"] if hasattr(np, n)},
    **{getattr(np.linalg, n): getattr(ops, n) for n in ("solve", "inv", "det", "matrix_power")},
    **{f: (lambda plain: lambda *a, **k: plain(*_strip(a), **_strip(k)))(f) for f in _PLAIN},
}  # fmt: skip


def _strip(x: Any) -> Any:
    """Arguments with every carrier replaced by its plain number."""
    if isinstance(x, tuple):
        return tuple(_strip(v) for v in x)
    if isinstance(x, list):
        return [_strip(v) for v in x]
    if isinstance(x, dict):
        return {k: _strip(v) for k, v in x.items()}
    return primal(x)


def array_function(self: Carrier, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if kwargs.get("out") is not None:
        raise DroppedDerivative(at_user_line(f"np.{function.__name__}: out= would lose the derivative"))
    known = _FUNCTIONS.get(function)
    if known is None:
        module = function.__module__ if function.__module__.startswith("numpy") else "numpy"
        raise _no_rule(f"{module.replace('numpy', 'np')}.{function.__name__}")
    return known(*args, **kwargs)
