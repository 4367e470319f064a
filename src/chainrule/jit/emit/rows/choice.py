"""Comparisons of lanes, and what chooses between them."""

from __future__ import annotations

import math

from chainrule.jit.emit.lanes import Lane, converted, select
from chainrule.jit.emit.rows.table import emitter


@emitter("less")
def less(a: Lane, b: Lane) -> Lane:
    return a < b


@emitter("less_equal")
def less_equal(a: Lane, b: Lane) -> Lane:
    return a <= b


@emitter("greater")
def greater(a: Lane, b: Lane) -> Lane:
    return a > b


@emitter("greater_equal")
def greater_equal(a: Lane, b: Lane) -> Lane:
    return a >= b


@emitter("equal", "nearly_equal", "as_many")  # the latter where it matters little if a number computed twice differs
def equal(a: Lane, b: Lane) -> Lane:
    return ~(a ^ b) if a.kind == "i1" else a.equals(b)


@emitter("not_equal")
def not_equal(a: Lane, b: Lane) -> Lane:
    return (a ^ b) if a.kind == "i1" else a.differs(b)


@emitter("logical_and", "bitwise_and")
def logical_and(a: Lane, b: Lane) -> Lane:
    return converted(a, "i1") & converted(b, "i1")


@emitter("logical_or", "bitwise_or")
def logical_or(a: Lane, b: Lane) -> Lane:
    return converted(a, "i1") | converted(b, "i1")


@emitter("logical_xor", "bitwise_xor")
def logical_xor(a: Lane, b: Lane) -> Lane:
    return converted(a, "i1") ^ converted(b, "i1")


@emitter("logical_not", "invert")
def logical_not(x: Lane) -> Lane:
    return ~converted(x, "i1")


@emitter("isnan")
def isnan(x: Lane) -> Lane:
    return x.differs(x)


@emitter("isinf")
def isinf(x: Lane) -> Lane:
    return abs(x).equals(math.inf)


@emitter("isfinite")
def isfinite(x: Lane) -> Lane:
    return abs(x) < math.inf


@emitter("where")
def where(condition: Lane, a: Lane, b: Lane) -> Lane:
    return select(converted(condition, "i1"), a, b)


@emitter("max_weight")
def max_weight(a: Lane, b: Lane) -> Lane:
    return select(isnan(a) | isnan(b), math.nan, _won(a, b))


def _won(a: Lane, b: Lane) -> Lane:
    return select(a > b, a.code.constant(1.0, a.kind), select(a.equals(b), a.code.constant(0.5, a.kind), 0.0))


@emitter("fmax_weight")
def fmax_weight(a: Lane, b: Lane) -> Lane:
    one = a.code.constant(1.0, a.kind)
    return select(isnan(b), select(isnan(a), math.nan, one), select(isnan(a), 0.0, _won(a, b)))


@emitter("maximum")
def maximum(a: Lane, b: Lane) -> Lane:
    """nan where either is nan."""
    return select(isnan(a), a, select(a > b, a, b))


@emitter("minimum")
def minimum(a: Lane, b: Lane) -> Lane:
    return select(isnan(a), a, select(a < b, a, b))


@emitter("fmax")
def fmax(a: Lane, b: Lane) -> Lane:
    return select(isnan(b), a, select(a > b, a, b))


@emitter("fmin")
def fmin(a: Lane, b: Lane) -> Lane:
    return select(isnan(b), a, select(a < b, a, b))


@emitter("in_interval")
def in_interval(x: Lane, low: Lane, high: Lane) -> Lane:
    free = (low <= x) & (x <= high) & (low < high)
    return select(isnan(x), x, converted(free, x.kind))


@emitter("is_less")
def is_less(a: Lane, b: Lane) -> Lane:
    return converted(a < b, a.kind)


@emitter("heaviside0")
def heaviside0(x: Lane) -> Lane:
    return select(x > 0, 1.0, select(isnan(x), x, 0.0))


@emitter("relu")
def relu(x: Lane) -> Lane:
    zero = x.code.constant(0.0, x.kind)
    return select(zero > x, zero, x)
