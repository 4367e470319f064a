"""Powers of lanes."""

from __future__ import annotations

import math

from chainrule.jit.emit.lanes import Lane, intrinsic, library, select
from chainrule.jit.emit.rows.arithmetic import masked_product
from chainrule.jit.emit.rows.choice import isfinite, isnan
from chainrule.jit.emit.rows.elementary import log
from chainrule.jit.emit.rows.table import TRANSCENDENTAL, emitter

TINY = 2.2250738585072014e-308  # the smallest normal float64


@emitter("power", cost=2 * TRANSCENDENTAL)
def power(x: Lane, b: Lane) -> Lane:
    """x ** b; the square is the product, which is what a correctly rounded power gives too."""
    if b.value == 2:
        return x * x
    if b.value == 1:
        return x
    return library("pow", x, b)


@emitter("power_dx", cost=2 * TRANSCENDENTAL)
def power_dx(y: Lane, x: Lane, b: Lane) -> Lane:
    """b x**(b - 1) as b y / x: b - 1 is rounded, and that error would be multiplied by log(x). Where y or y / x left
    the normal range, by y as the square of x**(b/2); where x is 0 or infinite, by the power itself."""
    if b.value == 2:
        return 2.0 * x
    if b.value in (0, 1):
        return x.code.constant(b.value, x.kind)
    quotient = y / x
    slope = b * quotient
    if x.kind == "double":
        half = library("pow", abs(x), b * 0.5)
        again = (b * intrinsic("copysign", half, y)) / x * half
        normal = _is_normal(y) & _is_normal(quotient)
        slope = select(normal | isnan(y), slope, again)
    special = x.equals(0.0) | ~isfinite(x)
    slope = select(special, b * library("pow", x, b - 1.0), slope)
    return select(b.equals(0.0), 0.0, slope)


def _is_normal(x: Lane) -> Lane:
    return (abs(x) >= TINY) & isfinite(x)


@emitter("power_db", cost=TRANSCENDENTAL)
def power_db(y: Lane, x: Lane, b: Lane) -> Lane:
    result = masked_product(y.differs(0.0), y, log(abs(x)))
    at_zero = select(b > 0, x.code.constant(0.0, x.kind), -math.inf)
    return select(x < 0, math.nan, select(x.equals(0.0), at_zero, result))
