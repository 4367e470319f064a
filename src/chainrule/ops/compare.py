"""Rows of the operator table: comparisons, and the operators that choose between their operands."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.libraries import late
from chainrule.numbers import Carrier, Number, ndim, primal, shape
from chainrule.ops.broadcasting import unbroadcast
from chainrule.ops.described import signature
from chainrule.ops.kinds import Elementwise, Linear, PiecewiseConstant
from chainrule.ops.names import operands, refuse_operands
from chainrule.ops.row import applied
from chainrule.ops.shape import aligned

FOLLOWED = [0, 0]
"""How many functions are running whose decisions are noted, and how often a carrier was compared on the way that is
not followed: see `scipy/decisions.py`."""


def followed(compare: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """The answer of what notes decisions by one of these numbers; NotImplemented where nothing does."""
    for x in (a, b):
        while isinstance(x, Carrier):
            if x._decisions is not None:
                return x._decisions.compared(compare, a, b)
            x = x.primal
    FOLLOWED[1] += isinstance(a, Carrier) or isinstance(b, Carrier)
    return NotImplemented


def _comparison(name: str, compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def decide(*operands: Number, **settings: Any) -> Any:
        if settings or len(operands) != 2:
            refuse_operands(name, 2, operands, settings)
        a, b = operands
        if FOLLOWED[0]:
            answer = followed(compare, a, b)
            if answer is not NotImplemented:
                return answer
        return compare(primal(a), primal(b))

    decide.__signature__ = signature(operands(2))  # type: ignore[attr-defined]
    decide.__name__ = decide.__qualname__ = name
    decide.__doc__ = f"{name} of the plain numbers; the answer carries no derivative."
    return decide


less = _comparison("less", operator.lt)
less_equal = _comparison("less_equal", operator.le)
greater = _comparison("greater", operator.gt)
greater_equal = _comparison("greater_equal", operator.ge)
equal = _comparison("equal", operator.eq)
not_equal = _comparison("not_equal", operator.ne)

# -- maximum and minimum ------------------------------------------------------------------------------------


def _weight_float(a: float, b: float) -> float:
    return 1.0 if a > b else 0.0 if a < b else 0.5 if a == b else math.nan


def _weight_numpy(a: Any, b: Any) -> Any:
    kind = np.result_type(a, b)
    result = np.greater(a, b) + np.equal(a, b) * 0.5
    unordered = np.isnan(a) | np.isnan(b)
    return np.where(unordered, np.nan, result).astype(kind if kind.kind == "f" else float)[()]


def _floating(xp: Any, a: Any, b: Any) -> Any:
    """The type of what is computed from both, of which one at least is an array."""
    return xp.result_type(a, b) if hasattr(a, "dtype") and hasattr(b, "dtype") else getattr(a, "dtype", None) or b.dtype


def _weight_array(xp: Any) -> Any:
    def compute(a: Any, b: Any) -> Any:
        over = a > b
        found = xp.full_like(xp.astype(over, _floating(xp, a, b)), math.nan)
        for where, share in ((a == b, 0.5), (a < b, 0.0), (over, 1.0)):  # a compiler makes selections of it, no sums
            found = xp.where(where, share, found)
        return found

    return compute


max_weight = PiecewiseConstant(
    "max_weight",
    arity=2,
    kernels={
        "float": _weight_float,
        "numpy": _weight_numpy,
        "sympy": lambda a, b: late("sympy.Heaviside")(a - b, late("sympy.Rational")(1, 2)),
        "mpmath": lambda a, b: ((a > b) + (a >= b)) / 2,
        "array": _weight_array,
    },
    printed="1 if {0} > {1} else 0",
    python={"math": "(({0} > {1}) + ({0} >= {1})) / 2", "numpy": "np.heaviside({} - {}, 0.5)"},
    public=False,
)
"""1 where a > b, 0 where a < b, a half each at a tie, nan where either is nan."""


def _numbers_only(a: Any, b: Any) -> Any:
    """1 where fmax and fmin take a although b is nan, 0 where they take b, nan where both are nan."""
    kind = np.result_type(a, b)
    return np.where(np.isnan(b), np.where(np.isnan(a), np.nan, 1.0), 0.0).astype(kind)[()]


def _present_numpy(a: Any, b: Any) -> Any:
    one_missing = np.isnan(a) | np.isnan(b)
    return np.where(one_missing, _numbers_only(a, b), _weight_numpy(a, b))[()]


def _present_float(a: float, b: float) -> float:
    if a == a and b == b:
        return _weight_float(a, b)
    return 1.0 if a == a else 0.0 if b == b else math.nan


def _present_array(xp: Any) -> Any:
    max_weight = _weight_array(xp)

    def compute(a: Any, b: Any) -> Any:
        found = max_weight(a, b)
        only = xp.astype((b != b) & (a == a), found.dtype)
        return xp.where((a != a) ^ (b != b), only, found)

    return compute


fmax_weight = PiecewiseConstant(
    "fmax_weight",
    arity=2,
    kernels={
        "float": _present_float,
        "numpy": _present_numpy,
        "array": _present_array,
        "mpmath": lambda a, b: max_weight(a, b),
        "sympy": lambda a, b: max_weight(a, b),
    },
    body=max_weight,
    printed="1 if {0} > {1} else 0",
    python={"math": "(({0} > {1}) + ({0} >= {1})) / 2", "numpy": "np.heaviside({} - {}, 0.5)"},
    public=False,
)
"""`max_weight`, except that a number wins against nan."""

_TIE = "at a tie each operand gets half of the slope"


def _nan_max(a: float, b: float) -> float:
    return max(a, b) if a == a and b == b else math.nan


def _nan_min(a: float, b: float) -> float:
    return min(a, b) if a == a and b == b else math.nan


maximum = Elementwise(
    "maximum",
    (lambda y, a, b: max_weight(a, b), lambda y, a, b: max_weight(b, a)),
    kernels={"float": _nan_max, "mpmath": max},
    selects=True,
    kinks=_TIE,
    decides=operator.sub,
    names={"sympy": "Max"},
    python={"math": "max({}, {})"},
    fast=True,
)
minimum = Elementwise(
    "minimum",
    (lambda y, a, b: max_weight(b, a), lambda y, a, b: max_weight(a, b)),
    kernels={"float": _nan_min, "mpmath": min},
    selects=True,
    kinks=_TIE,
    decides=operator.sub,
    names={"sympy": "Min"},
    python={"math": "min({}, {})"},
    fast=True,
)
fmax = Elementwise(
    "fmax",
    (lambda y, a, b: fmax_weight(a, b), lambda y, a, b: fmax_weight(b, a)),
    kernels={"float": lambda a, b: _nan_max(a, b) if a == a and b == b else a if a == a else b},
    body=maximum,
    selects=True,
    kinks=_TIE + "; a number wins against nan",
    decides=operator.sub,
    python={"math": "max({}, {})"},
)
fmin = Elementwise(
    "fmin",
    (
        lambda y, a, b: fmax_weight(-a, -b),
        lambda y, a, b: fmax_weight(-b, -a),
    ),
    kernels={"float": lambda a, b: _nan_min(a, b) if a == a and b == b else a if a == a else b},
    body=minimum,
    selects=True,
    kinks=_TIE + "; a number wins against nan",
    decides=operator.sub,
    python={"math": "min({}, {})"},
)


# -- where and clip -----------------------------------------------------------------------------------------


def _where_adjoint(i: int, ct: Number, condition: Any, a: Number, b: Number) -> Number:
    chosen = where(condition, ct, 0.0) if i == 1 else where(condition, 0.0, ct)
    return unbroadcast(chosen, shape((a, b)[i - 1]))


def _where_numpy(condition: Any, a: Any, b: Any) -> Any:
    return dense.where(condition, a, b)


_where: Linear = Linear(
    "where",
    _where_adjoint,
    constants=1,
    wider=lambda xs: {} if len({ndim(x) for x in xs}) == 1 else None,
    batched=lambda args, held: applied(_where, aligned(args, held), {}),
    kernels={
        "float": lambda c, a, b: a if c else b,
        "mpmath": lambda c, a, b: a if c else b,
        "sympy": lambda c, a, b: late("sympy.Piecewise")((a, c), (b, True)),
        "numpy": _where_numpy,
        "object": _where_numpy,
    },
    kinks="the branch not taken contributes exactly nothing, also where it is nan or infinite",
    printed="{1} if {0} else {2}",
)


def where(condition: Any, a: Number, b: Number) -> Number:
    """`a` where `condition` holds, else `b`; the other branch cannot poison the derivative.

    >>> where(True, 1.0, 2.0)
    1.0
    """
    return applied(_where, (primal(condition), a, b), {})


def _inside_numpy(x: Any, low: Any, high: Any) -> Any:
    free = np.less_equal(low, x) & np.less_equal(x, high) & np.less(low, high)
    return np.where(np.isnan(x), np.nan, free).astype(np.result_type(x, low, high))[()]


def _inside_any(x: Any, low: Any, high: Any) -> Any:
    return 1 if low <= x <= high and low < high else 0


in_interval = PiecewiseConstant(
    "in_interval",
    arity=3,
    kernels={
        "float": lambda x, low, high: float(_inside_any(x, low, high)) if x == x else math.nan,
        "numpy": _inside_numpy,
        "mpmath": _inside_any,
        "array": lambda xp: lambda x, low, high: xp.astype((x >= low) & (x <= high), x.dtype),
        "sympy": lambda x, low, high: late("sympy.Piecewise")((1, (x >= low) & (x <= high)), (0, True)),
    },
    printed="1 if {1} <= {0} <= {2} else 0",
    public=False,
)
"""1 where x is free to move between low and high, 0 where a bound holds it."""

is_less = PiecewiseConstant(
    "is_less",
    arity=2,
    kernels={
        "float": lambda a, b: float(a < b),
        "mpmath": lambda a, b: type(a + b)(a < b),
        "numpy": lambda a, b: np.less(a, b).astype(np.result_type(a, b)),
        "sympy": lambda a, b: late("sympy.Heaviside")(b - a, 0),
        "array": lambda xp: lambda a, b: xp.astype(a < b, _floating(xp, a, b)),
    },
    body=lambda a, b: 1 if a < b else 0,
    printed="1 if {0} < {1} else 0",
    public=False,
)
"""1 where a < b, else 0."""

_clip = Elementwise(
    "clip",
    (
        lambda y, x, low, high: in_interval(x, low, high),
        lambda y, x, low, high: is_less(x, low) * (1 - is_less(high, low)),
        lambda y, x, low, high: is_less(high, maximum(x, low)),
    ),
    kernels={"numpy": np.clip},
    body=lambda x, low, high: minimum(maximum(x, low), high),
    selects=True,
    kinks="slope 1 by x at the bounds themselves (0 where they coincide); with low > high it is high",
    decides=lambda x, low, high: np.minimum(np.abs(x - low), np.abs(x - high)),
    printed="min(max({}, {}), {})",
    python={"math": "min(max({}, {}), {})"},
)


def clip(x: Number, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Number:
    """`x` held between `a_min` and `a_max` (None: no bound on that side).

    >>> clip(3.0, 0.0, 1.0)
    1.0
    """
    low = a_min if a_min is not None else min
    high = a_max if a_max is not None else max
    return _clip(x, -math.inf if low is None else low, math.inf if high is None else high)


dense.start()

__all__ = [
    "clip", "equal", "fmax", "fmin", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum",
    "not_equal", "where",
]  # fmt: skip
