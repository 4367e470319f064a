"""Arithmetic of lanes."""

from __future__ import annotations

import math

import numpy as np

from chainrule.jit.emit.lanes import Lane, arithmetic, intrinsic, select
from chainrule.jit.emit.rows.table import DIVISION, emitter


@emitter("add")
def add(a: Lane, b: Lane) -> Lane:
    return (a | b) if a.kind == "i1" else a + b


@emitter("subtract")
def subtract(a: Lane, b: Lane) -> Lane:
    return a - b


@emitter("multiply")
def multiply(a: Lane, b: Lane) -> Lane:
    return (a & b) if a.kind == "i1" else a * b


@emitter("divide", cost=DIVISION)
def divide(a: Lane, b: Lane) -> Lane:
    return a / b


@emitter("divide_db", cost=DIVISION)
def divide_db(y: Lane, a: Lane, b: Lane) -> Lane:
    """-a / b**2 for y = a / b. Unlike the row, it has no more digits than y where y left the normal range."""
    return -(y / b)


@emitter("positive", "identity")
def positive(x: Lane) -> Lane:
    return x


@emitter("absolute")
def absolute(x: Lane) -> Lane:
    return abs(x)


@emitter("sign")
def sign(x: Lane) -> Lane:
    return select(x > 0, 1.0, select(x < 0, -1.0, select(x.equals(x), 0.0, x)))


@emitter("not_negative")
def not_negative(x: Lane) -> Lane:
    return select(x < 0, math.nan, x + 0.0)


@emitter("scale")
def scale(ct: Lane, partial: Lane) -> Lane:
    """ct * partial with a zero of ct winning over what it meets."""
    if ct.value is not None:
        return ct * partial if ct.value else ct.code.constant(0.0, ct.kind)
    return masked_product(ct.differs(0.0), ct, partial)


@emitter("strong_zero_product")
def strong_zero_product(a: Lane, b: Lane) -> Lane:
    return masked_product(a.differs(0.0) & b.differs(0.0), a, b)


def masked_product(mask: Lane, a: Lane, b: Lane) -> Lane:
    """a * b, and 0 where the mask does not hold. A sum of it and something else remembers that (see `accumulated`)."""
    result = select(mask, arithmetic("fmul", a, b), 0.0)
    result.product = (mask, a, b)
    return result


@emitter("over_or_zero", cost=DIVISION)
def over_or_zero(a: Lane, b: Lane) -> Lane:
    return select(a.equals(0.0) & b.equals(0.0), 0.0, a / b)


# -- rounding -----------------------------------------------------------------------------------------------


@emitter("floor")
def floor(x: Lane) -> Lane:
    return intrinsic("floor", x)


@emitter("ceil")
def ceil(x: Lane) -> Lane:
    return intrinsic("ceil", x)


@emitter("trunc")
def trunc(x: Lane) -> Lane:
    return intrinsic("trunc", x)


@emitter("rint")
def rint(x: Lane) -> Lane:
    return intrinsic("rint", x)


@emitter("nonzero_sign")
def nonzero_sign(x: Lane) -> Lane:
    return intrinsic("copysign", x.code.constant(1.0, x.kind), x)


@emitter("copysign")
def copysign(a: Lane, b: Lane) -> Lane:
    return intrinsic("copysign", a, b)


@emitter("astype")
def astype(x: Lane, dtype: object = None) -> Lane:
    return x


@emitter("deg2rad")
def deg2rad(x: Lane) -> Lane:
    return x * _ratio(x, math.pi, 180.0)


@emitter("rad2deg")
def rad2deg(x: Lane) -> Lane:
    return x * _ratio(x, 180.0, math.pi)


def _ratio(x: Lane, a: float, b: float) -> float:
    """a / b, rounded as in the type of x."""
    return float(np.float32(a) / np.float32(b)) if x.kind == "float" else a / b
