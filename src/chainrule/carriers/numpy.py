"""NumPy's protocols: `np.sin(x)`, `np.add.reduce(x)` and `np.linalg.solve(a, b)` reach the operator table.

What has no rule is refused by name: no object arrays, no silent conversion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.ops.call as call
from chainrule import ops
from chainrule.carriers.numpy_functions import FUNCTIONS, UNSET, accepted
from chainrule.errors import DroppedDerivative, UnsupportedFunction, at_user_line
from chainrule.numbers import Carrier, Number, StandIn, primal, shape

_SAME_NAME = (
    "add", "subtract", "multiply", "divide", "negative", "positive", "power", "reciprocal", "square",
    "absolute", "sign", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
    "hypot", "deg2rad", "rad2deg", "logaddexp", "maximum", "minimum", "fmax", "fmin", "floor", "ceil", "trunc",
    "rint", "floor_divide", "remainder", "fmod", "copysign", "matmul", "less", "less_equal", "greater",
    "greater_equal", "equal", "not_equal",
)  # fmt: skip
UFUNCS: dict[np.ufunc, Callable[..., Number]] = {
    **{getattr(np, name): getattr(ops, name) for name in _SAME_NAME},
    np.float_power: ops.power,
    np.fabs: ops.absolute,
    np.degrees: ops.rad2deg,
    np.radians: ops.deg2rad,
    np.conjugate: ops.positive,
    np.divmod: lambda a, b: (ops.floor_divide(a, b), ops.remainder(a, b)),
    np.modf: lambda x: (x - ops.trunc(x), ops.trunc(x)),
    np.heaviside: lambda x, at_0: ops.where(primal(x) == 0, at_0, ops.where(primal(x) > 0, 1.0, 0.0)),
    np.ldexp: lambda x, n: x * 2.0 ** np.asarray(n),
}
# scipy.special's, known by name: SciPy itself is not imported here.
_SCIPY = {
    "erf": ops.erf, "erfc": ops.erfc, "gammaln": ops.gammaln, "gamma": ops.gamma, "psi": ops.digamma,
    "digamma": ops.digamma, "expit": ops.sigmoid, "log1p": ops.log1p,
}  # fmt: skip
_REDUCE = {np.add: ops.sum, np.multiply: ops.prod, np.maximum: ops.max, np.minimum: ops.min}
_ACCUMULATE = {np.add: ops.cumsum, np.multiply: ops.cumprod}
# The answer of these is boolean or integer, so it carries no derivative.
PLAIN_UFUNCS = {
    np.isfinite, np.isnan, np.isinf, np.signbit, np.logical_not, np.logical_and, np.logical_or, np.logical_xor,
    np.spacing,
}  # fmt: skip

USUAL = {"out": None, "dtype": None, "casting": "same_kind"}
"""Settings that may as well be left out."""


def array_ufunc(self: Carrier, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
    """`ufunc` called on at least one carrier, or one of its methods."""
    if settings.pop("out", None) is not None or method == "at":
        raise _no_writing(f"np.{ufunc.__name__}{'' if method != 'at' else '.at'}")
    if settings.pop("where", True) is not True:
        raise UnsupportedFunction(at_user_line(f"np.{ufunc.__name__}: use cr.where in place of the where= setting"))
    if ufunc in PLAIN_UFUNCS:
        return getattr(ufunc, method)(*(primal(x) for x in inputs), **settings)
    inputs = tuple(joined(x) if isinstance(x, np.ndarray) else x for x in inputs)
    if method == "__call__" and ufunc in UFUNCS:
        return UFUNCS[ufunc](*inputs)
    if method == "__call__" and ufunc.__name__ in _SCIPY and not hasattr(np, ufunc.__name__):
        return _SCIPY[ufunc.__name__](*inputs)
    if method == "reduce" and ufunc in _REDUCE and settings.get("initial", np._NoValue) is np._NoValue:
        axis = inputs[1] if len(inputs) > 1 else settings.get("axis", 0)
        return _REDUCE[ufunc](inputs[0], axis=axis, keepdims=settings.get("keepdims", False))
    if method == "accumulate" and ufunc in _ACCUMULATE:
        return _ACCUMULATE[ufunc](inputs[0], inputs[1] if len(inputs) > 1 else settings.get("axis", 0))
    if method == "outer" and ufunc in UFUNCS:
        a, b = inputs
        return UFUNCS[ufunc](ops.reshape(a, shape(a) + (1,) * len(shape(b))), b)
    raise _no_rule(f"np.{ufunc.__name__}{'' if method == '__call__' else f'.{method}'}")


def array_function(self: Carrier, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy called on at least one carrier."""
    known = FUNCTIONS.get(function)
    if known is not None and not kwargs:
        return known(*args)
    if kwargs.get("out") is not None:
        raise _no_writing(_full_name(function))
    if known is None:
        raise _no_rule(_full_name(function))
    names = accepted(function)
    refused = [k for k, v in kwargs.items() if v is UNSET or k == "out" or (names is not None and k not in names)]
    if refused:
        kwargs = {k: v for k, v in kwargs.items() if v is not UNSET and not (k in USUAL and v == USUAL[k])}
        refused = [k for k in refused if k in kwargs]
    if refused:
        raise UnsupportedFunction(
            at_user_line(f"{_full_name(function)}: no derivative rule for the setting {', '.join(sorted(refused))}=")
        )
    return call.with_settings(known, args, kwargs)


def _full_name(function: Any) -> str:
    module = function.__module__ if function.__module__.startswith("numpy") else "numpy"
    return f"{module.replace('numpy', 'np')}.{function.__name__}"


def joined(x: Any) -> Any:
    """An array of carriers (`np.array([u, v])` makes one) as one carrier of an array; any other array as it is."""
    if x.dtype.char == "O" and any(isinstance(v, StandIn) for v in x.flat):
        return ops.array(x.tolist())
    return x


def _no_writing(name: str) -> DroppedDerivative:
    return DroppedDerivative(
        at_user_line(
            f"{name} cannot write into an existing array (out= or an in-place operator such as +=): the array holds "
            "plain\n  numbers and would lose the derivative. Write y = y + x in place of y += x"
        )
    )


def _no_rule(name: str) -> UnsupportedFunction:
    return UnsupportedFunction(
        at_user_line(
            f"{name} has no derivative rule in Chainrule.\n"
            "  Write it with functions of the table (chainrule.ops.PUBLIC), give it a rule with @cr.custom_vjp,\n"
            "  or hold its argument constant with cr.stop_gradient(x)"
        )
    )
