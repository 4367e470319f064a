"""Rows of the operator table: rounding to integers, and division with remainder."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.libraries import ieee, late
from chainrule.numbers import Number
from chainrule.ops.arithmetic import NONZERO, divide, sign
from chainrule.ops.compare import not_equal, where
from chainrule.ops.composite import Composite
from chainrule.ops.domain import REALS
from chainrule.ops.kinds import Elementwise, PiecewiseConstant

# -- rounding -----------------------------------------------------------------------------------------------


def _as_float(function: Callable[[float], int]) -> Callable[[float], float]:
    def rounded(x: float) -> float:
        # copysign keeps the sign of -0.0 and of what rounds to it, as NumPy does
        return math.copysign(float(function(x)), x) if math.isfinite(x) else x

    return rounded


def _from_integer(x: Any) -> Any:
    """How far a number is from the nearest integer."""
    return x - np.round(x)


def _quotient_from_integer(a: Any, b: Any) -> Any:
    """How far a is from the nearest multiple of b."""
    with np.errstate(all="ignore"):
        return a - b * np.round(np.divide(a, b))


floor: PiecewiseConstant = PiecewiseConstant(
    "floor", kernels={"float": _as_float(math.floor)}, kinks="jumps at every integer", decides=_from_integer
)
ceil = PiecewiseConstant(
    "ceil",
    kernels={"float": _as_float(math.ceil)},
    kinks="jumps at every integer",
    decides=_from_integer,
    names={"sympy": "ceiling"},
)


def _toward_zero(x: Number) -> Number:
    return sign(x) * floor(abs(x))


trunc = PiecewiseConstant(
    "trunc",
    kernels={"float": _as_float(math.trunc), "mpmath": _toward_zero, "sympy": _toward_zero},
    kinks="jumps at every integer but 0",
    decides=_from_integer,
)
rint = PiecewiseConstant(
    "rint",
    kernels={
        "float": _as_float(round),
        "mpmath": late("mpmath.nint"),
        "sympy": lambda x: late("sympy.floor")(x + late("sympy.Rational")(1, 2)),
        "array": lambda xp: xp.round,
    },
    kinks="jumps halfway between integers, to the even one there",
    decides=lambda x: x - np.floor(x) - 0.5,
    symbol="round",
    names={"scipy": "round"},
    python={"math": "round({})"},
)

# -- quotient with remainder --------------------------------------------------------------------------------

one_where_defined = Composite(
    "one_where_defined",
    lambda y: where(not_equal(y, y), math.nan, 1.0),
    kernels={
        "float": lambda y: 1.0 if y == y else math.nan,
        "numpy": lambda y: np.where(np.isnan(y), np.nan, 1.0).astype(np.result_type(y))[()],
        "mpmath": lambda y: 1.0 if y == y else math.nan,
        "sympy": lambda y: 1,
    },
)
"""The slope of a remainder by its dividend: nan where there is none, by 0 and of an infinity."""

floor_divide = PiecewiseConstant(
    "floor_divide",
    arity=2,
    kernels={"float": ieee(operator.floordiv, np.floor_divide)},
    body=lambda a, b: floor(a / b),
    domain=(REALS, NONZERO),
    kinks="jumps where a / b is an integer",
    decides=_quotient_from_integer,
    symbol="//",
    printed="{} // {}",
)


remainder = Elementwise(
    "remainder",
    (lambda y, a, b: one_where_defined(y), lambda y, a, b: -floor_divide(a, b)),
    kernels={"float": ieee(operator.mod, np.remainder)},
    body=lambda a, b: a - b * floor(a / b),
    domain=(REALS, NONZERO),
    kinks="jumps where a / b is an integer; the slopes there are those inside the next period",
    decides=_quotient_from_integer,
    symbol="%",
    printed="{} % {}",
    names={"math": "", "array": "remainder"},  # math's rounds the quotient to the nearest
)


def _fmod(a: Number, b: Number) -> Number:
    return a - b * trunc(a / b)


fmod = Elementwise(
    "fmod",
    (lambda y, a, b: one_where_defined(y), lambda y, a, b: -rint(divide(a - y, b))),
    kernels={"mpmath": _fmod, "sympy": _fmod},  # their functions of that name are others
    domain=(REALS, NONZERO),
    kinks="jumps where a / b is a nonzero integer; the slopes there are those inside the next period",
    decides=_quotient_from_integer,
)

__all__ = ["ceil", "floor", "floor_divide", "fmod", "remainder", "rint", "trunc"]
