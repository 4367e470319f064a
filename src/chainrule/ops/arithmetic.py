"""Rows of the operator table: the arithmetic operators.

Rules are written with named operators (`divide`, `reciprocal`) rather than `/`: those
answer as IEEE 754 does, where Python's own operators raise.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.numbers import is_array
from chainrule.ops import scaled
from chainrule.ops.composite import Composite
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.kinds import Elementwise, PiecewiseConstant
from chainrule.ops.slopes import multiplied

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
    fast=True,
)

subtract = Elementwise(
    "subtract",
    (1, -1),
    kernels={"float": operator.sub, "complex": operator.sub, "mpmath": operator.sub, "sympy": operator.sub},
    symbol="-",
    printed="{} - {}",
    fast=True,
)

multiply = Elementwise(
    "multiply",
    (lambda y, a, b: b, lambda y, a, b: a),
    kernels={"float": operator.mul, "complex": operator.mul, "mpmath": operator.mul, "sympy": operator.mul},
    symbol="*",
    printed="{} * {}",
    fast=True,
)


# -- products with a strong zero ----------------------------------------------------------------------------


def _scale_float(ct: float, partial: float) -> float:
    return ct * partial if ct != 0.0 else 0.0


def _scale_numpy(ct: Any, partial: Any) -> Any:
    found = dense.scaled(ct, partial)
    if found is not None:
        return found
    product = ct * partial
    if type(product) is np.float64:
        return product if ct != 0.0 else np.float64(0.0)
    if dense.has_nan(product):  # a sum costs a tenth of the product: look closer only then
        return np.where(np.equal(ct, 0) & np.isnan(product), np.zeros_like(product), product)
    return product


def _scale_array(xp: Any) -> Any:
    def compute(ct: Any, partial: Any) -> Any:
        product = ct * partial
        return xp.where(ct == 0, xp.zeros_like(product), product) if is_array(ct) else product

    return compute


class _StrongZero(Elementwise):
    """A product whose derivatives keep its strong zero: the zero wins against what multiplies it there, too."""

    def scaled(self, t: Any, i: int, y: Any, args: tuple[Any, ...], settings: Any) -> Any:
        return scale(t, args[1]) if self is scale and i == 0 else strong_zero_product(t, args[1 - i])


scale: Elementwise = _StrongZero(
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
    python={"math": "{0} * {1} if {0} != 0 else 0.0", "numpy": "np.where({0} != 0, {0} * {1}, 0.0)"},
    public=False,
)
"""a * b, 0 where a is exactly 0: 0 * inf and 0 * nan are 0. So are cotangents multiplied that are only recorded."""


def _strong_zero_product_numpy(a: Any, b: Any) -> Any:
    product = a * b
    if type(product) is np.float64:
        return product if a != 0.0 and b != 0.0 else np.float64(0.0)
    if dense.has_nan(product):
        zero = np.equal(a, 0) | np.equal(b, 0)
        return np.where(zero & np.isnan(product), np.zeros_like(product), product)
    return product


strong_zero_product: Elementwise = _StrongZero(
    "strong_zero_product",
    (lambda y, a, b: b, lambda y, a, b: a),
    kernels={
        "float": lambda a, b: a * b if a != 0.0 and b != 0.0 else 0.0,
        "numpy": _strong_zero_product_numpy,
        "complex": operator.mul,
        "mpmath": operator.mul,
        "sympy": operator.mul,
    },
    body=operator.mul,
    symbol="*",
    printed="{} * {}",
    python={
        "math": "{0} * {1} if ({0} != 0) & ({1} != 0) else 0.0",
        "numpy": "np.where(({0} != 0) & ({1} != 0), {0} * {1}, 0.0)",
    },
    public=False,
)
"""a * b, 0 where either is 0: the derivative of `scale`."""

# -- quotients ----------------------------------------------------------------------------------------------


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


divide: Elementwise = Elementwise(
    "divide",
    (lambda y, a, b: reciprocal(b), lambda y, a, b: divide_db(y, a, b)),
    shares={
        0: lambda ct, y, a, b: scaled.share(ct, reciprocal(b), [], [b]),
        1: lambda ct, y, a, b: scaled.share(ct, -divide(y, b), [-a], [b, b]),
    },
    kernels={
        "float": _ieee_divide,
        "complex": operator.truediv,
        "mpmath": lambda a, b: a / b,
        "sympy": operator.truediv,
    },
    domain=(REALS, NONZERO),
    kinks="a pole at b = 0",
    symbol="/",
    printed="{} / {}",
    fast=True,
)

reciprocal: Elementwise = Elementwise(
    "reciprocal",
    (lambda y, x: -(y * y),),
    shares={0: lambda ct, y, x: scaled.share(ct, -(y * y), [-1.0], [x, x])},
    kernels={"float": lambda x: _ieee_divide(1.0, x), "complex": lambda x: 1 / x},
    body=lambda x: 1 / x,
    domain=NONZERO,
    kinks="a pole at 0",
    printed="1 / {}",
    fast=True,
)


def _not_negative_numpy(x: Any) -> Any:
    below = np.less(x, 0)
    if not below.any():
        return x + 0.0
    return np.where(below, np.nan, x + 0.0).astype(np.result_type(x))[()]


not_negative = Composite(
    "not_negative",
    lambda x: add(x, 0.0) if multiplied(x, 0.0) else x,
    kernels={
        "float": lambda x: x + 0.0 if x >= 0 else math.nan,
        "numpy": _not_negative_numpy,
    },
)
"""x with -0.0 as 0.0 and nan below: the slope of log and sqrt is +inf at both zeros, and none where they are nan."""

negative = Elementwise(
    "negative",
    (-1,),
    kernels={"float": operator.neg, "complex": operator.neg},
    body=operator.neg,
    symbol="-",
    printed="-{}",
    fast=True,
)

positive = Elementwise(
    "positive",
    (1,),
    kernels={"float": operator.pos, "complex": operator.pos},
    body=operator.pos,
    symbol="+",
    printed="+{}",
    names={"numpy": "conjugate"},
)

square = Elementwise(
    "square",
    (lambda y, x: 2 * x,),
    body=lambda x: x * x,
    kernels={"float": lambda x: x * x, "complex": lambda x: x * x},
    symbol="**2",
    printed="{}**2",
    fast=True,
)

absolute = Elementwise(
    "absolute",
    (lambda y, x: sign(x),),
    kernels={"float": operator.abs, "sympy": operator.abs, "mpmath": operator.abs},
    kinks="0 at x = 0 (the middle of the slopes -1 and 1)",
    decides=lambda x: x,
    symbol="abs",
    names={"math": "fabs", "array": "abs", "numpy": "fabs"},
    python={"math": "abs({})", "numpy": "np.abs({})"},
    fast=True,
)

sign: PiecewiseConstant = PiecewiseConstant(
    "sign",
    kernels={"float": lambda x: float((x > 0) - (x < 0)) if x == x else math.nan},
    kinks="jumps at 0, where sign is 0",
    decides=lambda x: x,
    python={"math": "math.copysign({0} != 0, {0})"},
)

dense.start()

__all__ = ["absolute", "add", "divide", "multiply", "negative", "positive", "reciprocal", "sign", "square", "subtract"]
