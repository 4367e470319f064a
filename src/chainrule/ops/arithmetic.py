"""Rows of the operator table: the arithmetic operators and powers.

Rules are written with named operators (`divide`, `reciprocal`, `power`) rather than `/` and `**`: those
answer as IEEE 754 does, where Python's own operators raise.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from chainrule.numbers import Number, is_array
from chainrule.ops import scaled
from chainrule.ops.row import Composite, Domain, Elementwise, PiecewiseConstant

NONZERO = Domain(holes="0")


def _ieee_divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or a != a:
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)


add = Elementwise(
    "add",
    (1, 1),
    kernels={"float": operator.add, "complex": operator.add, "mpmath": operator.add, "sympy": operator.add},
    symbol="+",
    printed="{} + {}",
)

subtract = Elementwise(
    "subtract",
    (1, -1),
    kernels={"float": operator.sub, "complex": operator.sub, "mpmath": operator.sub, "sympy": operator.sub},
    symbol="-",
    printed="{} - {}",
)

multiply = Elementwise(
    "multiply",
    (lambda y, a, b: b, lambda y, a, b: a),
    kernels={"float": operator.mul, "complex": operator.mul, "mpmath": operator.mul, "sympy": operator.mul},
    symbol="*",
    printed="{} * {}",
)


def _scale_float(ct: float, partial: float) -> float:
    return ct * partial if ct != 0.0 else 0.0


def _scale_numpy(ct: Any, partial: Any) -> Any:
    product = ct * partial
    # A sum costs a tenth of the product and is NaN whenever an element is: look closer only then.
    if np.isnan(np.add.reduce(product, axis=None)):
        return np.where(np.equal(ct, 0), np.zeros_like(product), product)
    return product


def _scale_array(xp: Any) -> Any:
    def compute(ct: Any, partial: Any) -> Any:
        product = ct * partial
        return xp.where(ct == 0, xp.zeros_like(product), product) if is_array(ct) else product

    return compute


scale = Elementwise(
    "scale",
    (lambda y, ct, partial: partial, lambda y, ct, partial: ct),
    kernels={
        "float": _scale_float,
        "numpy": _scale_numpy,
        "complex": operator.mul,
        "mpmath": lambda ct, p: ct * p if ct != 0 else ct * 0,
        "sympy": operator.mul,
        "array": _scale_array,
    },
    symbol="*",
    printed="{} * {}",
    public=False,
)
"""cotangent * partial with a strong zero: 0 * inf and 0 * nan are 0, because a cotangent that is exactly 0
belongs to a branch that was not taken."""


def _divide_db(y: Any, a: Any, b: Any) -> Any:
    return -divide(y, b)


def _divide_db_float(y: float, a: float, b: float) -> float:
    if y == 0.0 or scaled.is_normal(y) or a == 0.0 or not math.isfinite(y + b):
        return -_ieee_divide(y, b)
    return -scaled.product([a], [b, b])


divide_db = Composite(
    "divide_db",
    _divide_db,
    kernels={
        "float": _divide_db_float,
        "numpy": lambda y, a, b: scaled.repair(-(y / b), [np.negative(a)], [b, b], also=y),
    },
)

divide = Elementwise(
    "divide",
    (lambda y, a, b: reciprocal(b), lambda y, a, b: divide_db(y, a, b)),
    kernels={
        "float": _ieee_divide,
        "complex": operator.truediv,
        "mpmath": lambda a, b: a / b,
        "sympy": operator.truediv,
    },
    domain=(Domain(), NONZERO),
    kinks="a pole at b = 0",
    symbol="/",
    printed="{} / {}",
)

reciprocal = Elementwise(
    "reciprocal",
    (lambda y, x: -(y * y),),
    kernels={"float": lambda x: _ieee_divide(1.0, x), "complex": lambda x: 1 / x},
    body=lambda x: 1 / x,
    domain=NONZERO,
    kinks="a pole at 0",
    printed="1 / {}",
)

negative = Elementwise(
    "negative",
    (-1,),
    kernels={"float": operator.neg, "complex": operator.neg},
    body=operator.neg,
    symbol="-",
    printed="-{}",
)

positive = Elementwise(
    "positive",
    (1,),
    kernels={"float": operator.pos, "complex": operator.pos},
    body=operator.pos,
    symbol="+",
    printed="+{}",
)

square = Elementwise(
    "square",
    (lambda y, x: 2 * x,),
    body=lambda x: x * x,
    kernels={"float": lambda x: x * x, "complex": lambda x: x * x},
    symbol="**2",
    printed="{}**2",
)

absolute = Elementwise(
    "absolute",
    (lambda y, x: sign(x),),
    kernels={"float": operator.abs, "sympy": operator.abs, "mpmath": operator.abs},
    kinks="0 at x = 0 (the middle of the slopes -1 and 1)",
    symbol="abs",
)

sign = PiecewiseConstant(
    "sign",
    kernels={"float": lambda x: float((x > 0) - (x < 0)) if x == x else math.nan},
    kinks="jumps at 0, where sign is 0",
)


# -- powers -----------------------------------------------------------------------------------------------


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
    return b * power(x, b - 1)


def _power_dx_float(y: float, x: float, b: float) -> float:
    if b == 0.0:
        return 0.0
    if x == 0.0 or not math.isfinite(x) or not math.isfinite(b):
        return b * _pow_float(x, b - 1)
    quotient = y / x
    result = b * quotient
    if scaled.is_normal(y) and scaled.is_normal(quotient) and scaled.is_normal(result):
        return result
    half = _pow_float(abs(x), b / 2)
    if not scaled.is_normal(half):
        return result
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
    if result.dtype != np.float64:
        return result
    half = np.power(np.abs(x), np.divide(b, 2))
    signed_half = np.copysign(half, y)
    also = np.where(special, 1.0, np.where(np.abs(y) < np.abs(quotient), y, quotient))
    return scaled.repair(result, [signed_half, half, b], [np.where(special, np.nan, x)], also=also)


power_dx = Composite("power_dx", _power_dx, kernels={"float": _power_dx_float, "numpy": _power_dx_numpy})
"""d(x**b)/dx for y = x**b."""


def _power_db(y: Any, x: Any, b: Any) -> Any:
    from chainrule.ops.elementary import log

    return scale(y, log(x))


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

power = Elementwise(
    "power",
    (lambda y, x, b: power_dx(y, x, b), lambda y, x, b: power_db(y, x, b)),
    kernels={
        "float": _pow_float,
        "complex": operator.pow,
        "numpy": lambda x, b: np.float_power(x, b) if _integers(x, b) else np.power(x, b),
        "mpmath": operator.pow,
        "sympy": operator.pow,
    },
    domain=(Domain(holes="x < 0 where b is not an integer, and 0 where b < 0"), Domain()),
    kinks="0**b with b > 0 has slope 0 by b; by b it is nan for x < 0 (x**b is real at integers b only)",
    symbol="**",
    printed="{} ** {}",
    source="DLMF 4.2.26 and 4.2.28",
)


def _integers(x: Any, b: Any) -> bool:
    return getattr(x, "dtype", np.dtype(float)).kind in "iu" and not isinstance(b, float)


# -- quotient with remainder ------------------------------------------------------------------------------


def _ieee(function: Any, limit: Any) -> Any:
    from chainrule.numbers import ieee

    return ieee(function, limit)


floor_divide = PiecewiseConstant(
    "floor_divide",
    kernels={"float": _ieee(operator.floordiv, np.floor_divide)},
    body=lambda a, b: floor(a / b),
    domain=(Domain(), NONZERO),
    kinks="jumps where a / b is an integer",
    symbol="//",
    printed="{} // {}",
)
floor_divide.arity = 2

remainder = Elementwise(
    "remainder",
    (1, lambda y, a, b: -floor_divide(a, b)),
    kernels={"float": _ieee(operator.mod, np.remainder)},
    body=lambda a, b: a - b * floor(a / b),
    domain=(Domain(), NONZERO),
    kinks="jumps where a / b is an integer; the slopes there are those inside the next period",
    symbol="%",
    printed="{} % {}",
)

fmod = Elementwise(
    "fmod",
    (1, lambda y, a, b: -rint(divide(a - y, b))),
    body=lambda a, b: a - b * trunc(a / b),
    domain=(Domain(), NONZERO),
    kinks="jumps where a / b is a nonzero integer",
)


# -- rounding ---------------------------------------------------------------------------------------------


def _float_result(function: Any) -> Any:
    def rounded(x: float) -> float:
        return float(function(x)) if math.isfinite(x) else x

    return rounded


def _trunc(x: Number) -> Number:
    return sign(x) * floor(abs(x))


floor = PiecewiseConstant("floor", kernels={"float": _float_result(math.floor)}, kinks="jumps at every integer")
ceil = PiecewiseConstant("ceil", kernels={"float": _float_result(math.ceil)}, kinks="jumps at every integer")
trunc = PiecewiseConstant(
    "trunc", kernels={"float": _float_result(math.trunc)}, body=_trunc, kinks="jumps at every integer but 0"
)
rint = PiecewiseConstant(
    "rint",
    kernels={
        "float": _float_result(round),
        "mpmath": lambda x: type(x)(round(x)),
        "array": lambda xp: xp.round,
    },
    kinks="jumps halfway between integers",
    symbol="round",
)
