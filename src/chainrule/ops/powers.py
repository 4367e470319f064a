"""Rows of the operator table: roots, and x ** b for every combination of sign, zero and integer that has an answer."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from chainrule.libraries import late
from chainrule.numbers import Carrier, Number, StandIn, primal
from chainrule.ops import scaled
from chainrule.ops.arithmetic import not_negative, reciprocal, scale, square
from chainrule.ops.cast import type_of
from chainrule.ops.compare import where
from chainrule.ops.composite import Composite
from chainrule.ops.domain import NONNEGATIVE, REALS, Domain
from chainrule.ops.exponential import log
from chainrule.ops.kinds import Elementwise
from chainrule.ops.slopes import multiplied

# -- roots --------------------------------------------------------------------------------------------------


sqrt = Elementwise(
    "sqrt",
    (lambda y, x: reciprocal(2 * not_negative(y)),),
    domain=NONNEGATIVE,
    kinks="slope inf at 0",
    fast=True,
)
cbrt = Elementwise(
    "cbrt",
    (lambda y, x: reciprocal(3 * square(y)),),
    kernels={
        "sympy": lambda x: late("sympy.real_root")(x, 3),
        "mpmath": lambda x: late("mpmath.cbrt")(x) if x >= 0 else -late("mpmath.cbrt")(-x),
        "array": lambda xp: lambda x: getattr(xp, "cbrt", lambda v: xp.sign(v) * xp.abs(v) ** (1 / 3))(x),
        "float": math.cbrt,
        "numpy": np.cbrt,
    },
    kinks="slope inf at 0",
    names={"scipy": "cbrt"},
)

# -- powers -------------------------------------------------------------------------------------------------


def _pow_float(x: float, b: float) -> float:
    try:
        y = x**b
    except (ZeroDivisionError, OverflowError):
        with np.errstate(all="ignore"):
            return float(np.float64(x) ** np.float64(b))
    return y if type(y) is not complex else math.nan


def _power_dx(y: Any, x: Any, b: Any) -> Any:
    if isinstance(b, (int, float)):
        if b in (0, 1, 2):  # x**(b - 1) may be 0**-1, and the chain of derivatives should end
            return 2 * x if b == 2 else b
        return b * power(x, b - 1)
    if isinstance(b, np.ndarray) and b.dtype != object:
        return b * power(x, np.where(b == 0, 1.0, b - 1))
    recorded_only = isinstance(b, StandIn) and not isinstance(b, Carrier)
    if recorded_only:  # it is not differentiated by
        return b * power(x, where(np.equal(b, 0), 1.0, b - 1))
    return power_slope(x, b) if multiplied(x, b) else scale(b, power(x, b - 1))


def _power_dx_float(y: float, x: float, b: float) -> float:
    if b == 0.0:
        return 0.0
    if x == 0.0 or not math.isfinite(x) or not math.isfinite(b):
        return b * _pow_float(x, b - 1)
    quotient = y / x
    result = b * quotient
    if scaled.is_normal(y) and scaled.is_normal(quotient) and scaled.is_normal(result):
        return result
    if y != y:
        return math.nan  # x < 0 and b no integer: there is no real value, and no slope
    half = _pow_float(abs(x), b / 2)
    if not scaled.is_normal(half):
        return b * _pow_float(x, b - 1) if y == 0.0 else result  # x**2 may underflow where 2 x does not
    return scaled.product([math.copysign(half, y), half, b], [x])


def _power_dx_numpy(y: Any, x: Any, b: Any) -> Any:
    if not isinstance(b, (np.ndarray, np.generic)):
        if b == 2:
            return 2 * x
        if b == 1:
            return np.ones_like(x)
    # b * y / x rather than b * x**(b - 1): b - 1 is rounded, and that error is multiplied by log(x).
    quotient = y / x
    result = b * quotient
    special = (np.equal(x, 0)) | ~np.isfinite(x) | np.equal(b, 0)
    if special.any():
        result = np.where(special, np.where(np.equal(b, 0), 0.0, b * np.power(x, b - 1.0)), result).astype(result.dtype)
    also = np.where(special, 1.0, np.where(np.abs(y) < np.abs(quotient), y, quotient))
    if result.dtype != np.float64 or scaled.all_normal(result, also):
        return result
    half = np.power(np.abs(x), np.divide(b, 2))
    signed_half = np.where(np.isnan(y), np.nan, np.copysign(half, y))
    return scaled.repair(result, [signed_half, half, b], [np.where(special, np.nan, x)], also=also)


power_dx = Composite("power_dx", _power_dx, kernels={"float": _power_dx_float, "numpy": _power_dx_numpy})
"""d(x**b)/dx for y = x**b."""


def _power_db(y: Any, x: Any, b: Any) -> Any:
    return power_log(x, b, n=1) if multiplied(x, b) else scale(y, log(x))


def _power_db_float(y: float, x: float, b: float) -> float:
    if x < 0.0 or x != x or b != b:
        return math.nan
    if x == 0.0:
        return 0.0 if b > 0 else -math.inf
    if math.isinf(x):
        return 0.0 if b < 0 else math.inf
    logarithm = math.log(x)
    if scaled.is_normal(y) or logarithm == 0.0:
        return y * logarithm
    half = _pow_float(x, b / 2)
    return scaled.product([half, half, logarithm]) if scaled.is_normal(half) else y * logarithm


def _power_db_numpy(y: Any, x: Any, b: Any) -> Any:
    logarithm = np.log(np.abs(x))
    result = np.where(np.equal(y, 0), 0.0, y * logarithm)
    half = np.power(np.abs(x), np.divide(b, 2))
    result = scaled.repair(result, [half, half, logarithm], also=y)
    result = np.where(np.equal(x, 0), np.where(np.greater(b, 0), 0.0, -np.inf), result)
    return np.where(np.less(x, 0), np.nan, result).astype(np.result_type(y))


power_db = Composite("power_db", _power_db, kernels={"float": _power_db_float, "numpy": _power_db_numpy})
"""d(x**b)/db for y = x**b."""


power_slope: Elementwise = Elementwise(
    "power_slope",
    (lambda y, x, b: scale(b, power_slope(x, b - 1)), lambda y, x, b: power_log_dx(x, b, 1)),
    kernels={
        "float": lambda x, b: _power_dx_float(_pow_float(float(x), float(b)), float(x), float(b)),
        "numpy": lambda x, b: _power_dx_numpy(np.power(x, b), np.asarray(x)[()], b),
        "mpmath": lambda x, b: b * x ** (b - 1) if b else b,
        "sympy": lambda x, b: b * x ** (b - 1),
    },
    domain=(NONNEGATIVE, REALS),
    kinks="0 where b is 0, also at x = 0",
    public=False,
    table={},
)
"""d(x**b)/dx as a row: its own derivatives at x = 0 are limits that those of b and x**(b - 1) do not give."""


def _power_share_x(ct: Any, y: Any, x: Any, b: Any) -> Any:
    """ct * d(x**b)/dx, also where the slope alone leaves the range of floats."""
    floats = type(ct) is float and type(y) is float and type(x) is float and type(b) in (float, int)
    slope = _power_dx_float(y, x, b) if floats else power_dx(y, x, b)
    if type(slope) is float and type(ct) is float:
        if scaled.is_normal(slope) or x == 0.0 or b == 0.0 or y != y:
            return ct * slope
        half = _pow_float(abs(x), b / 2)
        if not scaled.is_normal(half):
            return ct * slope
        return scaled.share(ct, slope, [math.copysign(half, y), half, b], [x])
    if (not isinstance(b, np.ndarray) and b in (1, 2)) or scaled.all_normal(slope):
        return ct * slope
    half = np.power(np.abs(x), np.divide(b, 2))
    regular = np.where(np.equal(x, 0) | np.equal(b, 0) | np.isnan(y), np.nan, x)
    return scaled.repair(ct * slope, [ct, np.copysign(half, y), half, b], [regular], only=slope)


def _power_log_float(x: float, b: float, n: int) -> float:
    if x < 0.0 or x != x or b != b:
        return math.nan
    if x == 0.0:
        return 0.0 if b > 0 else (-math.inf) ** n if b == 0 else math.copysign(math.inf, (-1) ** n)
    if math.isinf(x):
        return 0.0 if b < 0 else math.inf
    y, logarithm = _pow_float(x, b), math.log(x) ** n
    if scaled.is_normal(y) or logarithm == 0.0:
        return y * logarithm
    half = _pow_float(x, b / 2)
    return scaled.product([half, half, logarithm]) if scaled.is_normal(half) else y * logarithm


power_log: Elementwise = Elementwise(
    "power_log",
    (
        lambda y, x, b, n: power_log_dx(x, b, n),
        lambda y, x, b, n: power_log(x, b, n=n + 1),
    ),
    kernels={
        "float": lambda x, b, n: _power_log_float(float(x), float(b), n),
        "numpy": lambda x, b, n: np.vectorize(_power_log_float, otypes=[float])(x, b, n).astype(np.result_type(x, b))[
            ()
        ],
        "mpmath": lambda x, b, n: (x**b if x else x) * (late("mpmath.log")(x) ** n if x else 1),
        "sympy": lambda x, b, n: x**b * late("sympy.log")(x) ** n,
    },
    domain=(NONNEGATIVE, REALS),
    kinks="0 at x = 0 with b > 0",
    public=False,
    table={},
)
"""x**b log(x)**n: the n-th derivative of x**b by b, right at x = 0 where its factors are 0 and -inf."""


def power_log_dx(x: Any, b: Any, n: int) -> Any:
    """d/dx (x**b log(x)**n). At x = 0 the first term is the larger one, also where both are infinite."""
    lower = power_log(x, b - 1, n=n - 1) if n > 1 else power(x, b - 1)
    at_zero = np.equal(primal(x), 0) & np.not_equal(primal(b), 0)
    return b * power_log(x, b - 1, n=n) + where(at_zero if np.ndim(at_zero) else bool(at_zero), 0.0, n * lower)


def _integers(x: Any, b: Any) -> bool:
    return getattr(x, "dtype", np.dtype(float)).kind in "iu" and not isinstance(b, float)


power: Elementwise = Elementwise(
    "power",
    (lambda y, x, b: power_dx(y, x, b), lambda y, x, b: power_db(y, x, b)),
    shares={0: _power_share_x},
    kernels={
        "float": _pow_float,
        "complex": operator.pow,
        "numpy": lambda x, b: np.float_power(x, b) if _integers(x, b) else np.power(x, b),
        "mpmath": operator.pow,
        "sympy": operator.pow,
    },
    domain=(Domain(holes="x < 0 where b is not an integer, and 0 where b < 0"), REALS),
    kinks="0**b with b > 0 has slope 0 by b; by b it is nan for x < 0 (x**b is real at integers b only)",
    symbol="**",
    printed="{} ** {}",
    source="DLMF 4.2.26 and 4.2.28",
    names={"math": "pow", "numpy": "float_power"},
    fast=True,
)

__all__ = ["cbrt", "power", "sqrt"]


# -- powers of 2 ----------------------------------------------------------------------------------------------


def ldexp(x: Number, n: Any) -> Number:
    """x * 2**n for whole numbers n, in the type of x: by three factors, as 2**n may be no float where the product is.

    >>> ldexp(5e-324, 1074), ldexp(1e300, -2000)
    (1.0, 8.709809816217217e-303)
    """
    kind = type_of(x)
    if isinstance(n, StandIn) or kind.kind != "f":
        return x * 2.0**n
    info = np.finfo(kind)
    reach = info.maxexp - info.minexp + info.nmant + 3  # from the largest number to below the smallest
    power = np.clip(n, -reach, reach)
    third = power // 3
    for part in (third, third, power - 2 * third):
        x = x * (math.ldexp(1.0, int(part)) if np.ndim(part) == 0 else np.ldexp(kind.type(1.0), part))
    return x
