"""What the functions of `math` become inside a lifted function.

For floats they are what they were, errors included. For carriers and other numbers they are rows of the
operator table; where the result is not finite, math itself is asked, and raises what it always raises.
"""

from __future__ import annotations

import functools
import math
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ArgumentError
from chainrule.libraries import OBJECT, library
from chainrule.numbers import Carrier, Number, StandIn, primal
from chainrule.ops import names, powers
from chainrule.ops.compare import FOLLOWED


def _as_math(function: Callable[..., Any], row: Callable[..., Number]) -> Callable[..., Any]:
    """`row` for carriers and for numbers math cannot compute, `function` for all others."""

    @functools.wraps(function)
    def lifted(*args: Any) -> Any:
        for x in args:
            if isinstance(x, StandIn):
                if not isinstance(x, Carrier):
                    args = tuple(_python_float(x) for x in args)
                try:
                    y = row(*args)
                except ArgumentError:
                    function(*(primal(x) for x in args))  # which says in its own words what it was given
                    raise
                if isinstance(y, StandIn) and y.ieee:
                    return y
                value = primal(y)
                if isinstance(value, float):
                    if not math.isfinite(value):
                        function(*(primal(x) for x in args))
                elif isinstance(value, StandIn):
                    value.raise_as(function, tuple(primal(x) for x in args))
                return y
        if all(isinstance(x, (int, float)) or _array(x) or library(x) is OBJECT for x in args):
            return function(*args)
        return row(*args)

    return lifted


def _python_float(x: Any) -> Any:
    """A recorded number of NumPy's as math takes it: as a Python float, whatever its type."""
    return x.item() if getattr(x, "shape", None) == () and not isinstance(x, Carrier) else x


def _array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.ndim > 0  # math refuses arrays, and says so


_one_log = _as_math(math.log, ops.log)


def _log(x: Number, base: Any = None) -> Number:
    return _one_log(x) if base is None else ops.divide(_one_log(x), _one_log(base))


def _hypot(*xs: Number) -> Number:
    return ops.hypot(*xs) if len(xs) == 2 else functools.reduce(ops.hypot, xs, 0.0)


# The answers of these are booleans and whole numbers: the derivative is 0.
_PLAIN = ("isfinite", "isinf", "isnan", "isclose", "floor", "ceil", "trunc")
_ROWS: dict[str, Callable[..., Number]] = {
    **names.of_math(ops.TABLE.values()),
    "log": _log,
    "hypot": _hypot,
    "remainder": lambda x, y: x - y * ops.rint(ops.divide(x, y)),
    "ldexp": powers.ldexp,
    "fma": lambda x, y, z: x * y + z,
}
ROW_OF = {name: row.name for name, row in _ROWS.items() if isinstance(row, ops.Operator) and name not in _PLAIN}
"""The name in the operator table of math's functions: {"asin": "arcsin", ...}."""


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def lifted(*args: Any, **settings: Any) -> Any:
        if FOLLOWED[0] and rounds:
            return function(*args)  # asks the number, which may note it
        args = tuple([primal(x) for x in args])
        if isinstance(args[0], StandIn) and not rounds:
            return getattr(np, function.__name__)(*args, **settings)  # which a recorded number answers
        return function(*args, **settings)

    rounds = function in (math.floor, math.ceil, math.trunc)
    return lifted


# -- functions of several numbers in a container --------------------------------------------------------------


def _fsum(values: Any) -> Number:
    return functools.reduce(operator.add, values, 0.0)


def _dist(p: Any, q: Any) -> Number:
    return _hypot(*(a - b for a, b in zip(p, q, strict=True)))


def _prod(values: Any, *, start: Any = 1) -> Number:
    return functools.reduce(operator.mul, values, start)


def _modf(x: Number) -> tuple[Number, Number]:
    whole = float(math.trunc(primal(x)))
    return x - whole, whole


def _for_carriers(function: Callable[..., Any], row: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def lifted(*args: Any, **settings: Any) -> Any:
        args = tuple(list(a) if isinstance(a, types.GeneratorType) else a for a in args)
        return (row if _holds_carriers(args) else function)(*args, **settings)

    return lifted


def _holds_carriers(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(_holds_carriers(v) for v in x)
    return isinstance(x, StandIn)


# -- the module --------------------------------------------------------------------------------


def _lifted_math() -> types.ModuleType:
    lifted = types.ModuleType("math", math.__doc__)
    for name, value in vars(math).items():
        new = value
        if name in _PLAIN:
            new = _plain(value)
        elif name in _ROWS:
            new = _as_math(value, _ROWS[name])
        elif name in _CONTAINERS:
            new = _for_carriers(value, _CONTAINERS[name])
        setattr(lifted, name, new)
    return lifted


_CONTAINERS: dict[str, Callable[..., Any]] = {
    "fsum": _fsum,
    "dist": _dist,
    "prod": _prod,
    "sumprod": lambda p, q: _fsum(a * b for a, b in zip(p, q, strict=True)),
    "modf": _modf,
}
LIFTED_MATH = _lifted_math()
