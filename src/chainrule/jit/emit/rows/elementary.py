"""Exponentials, logarithms, trigonometric and hyperbolic functions of lanes."""

from __future__ import annotations

from chainrule.jit.emit.lanes import Lane, converted, intrinsic, library, select
from chainrule.jit.emit.rows.table import DIVISION, TRANSCENDENTAL, emitter, of_c

exp, log, log1p = map(of_c, ("exp", "log", "log1p"))


@emitter("sqrt", cost=DIVISION)
def sqrt(x: Lane) -> Lane:
    return intrinsic("sqrt", x)


def _decay(x: Lane) -> Lane:
    """exp(-2 |x|), which tanh and its slope share."""
    return x.code.once("exp(-2 |x|)", x, lambda x: exp(abs(x) * -2.0))


@emitter("sech2", cost=TRANSCENDENTAL)
def sech2(x: Lane) -> Lane:
    t = _decay(x)
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


@emitter("tanh", cost=TRANSCENDENTAL)
def tanh(x: Lane) -> Lane:
    """(1 - t) / (1 + t) with t = exp(-2 |x|). Near 0, where 1 - t loses digits, |x| minus a small quotient of
    polynomials in x**2: that of Lambert's continued fraction x / (1 + x**2 / (3 + x**2 / (5 + ...))) up to 15, which
    is within 0.03 units of the last place below 0.6."""
    size, t = abs(x), _decay(x)
    near, u = size < 0.6, size * size
    above = size * u * (((u + 594.0) * u + 45045.0) * u + 675675.0)
    below = (((u + 630.0) * u + 51975.0) * u + 945945.0) * u + 2027025.0
    quotient = select(near, above, 1.0 - t) / select(near, below, 1.0 + t)
    return intrinsic("copysign", select(near, size - quotient, quotient), x)


@emitter("lorentzian", cost=DIVISION)
def lorentzian(x: Lane) -> Lane:
    """1 / (1 + x**2); far out 1 / x / x, as x**2 may overflow."""
    far = abs(x) >= (1e8 if x.kind == "double" else 1e3)
    return select(far, 1.0 / x / x, 1.0 / (1.0 + x * x))


@emitter("gaussian", cost=2 * TRANSCENDENTAL)
def gaussian(x: Lane) -> Lane:
    """exp(-x**2), and what the square was rounded by: exp would multiply it by x**2."""
    near, square = _near_and_square(x)
    return select(abs(x) > 30.0, 0.0, converted(_with_rest(exp(-square), near, square), x.kind))


@emitter("gaussian_slope", cost=2 * TRANSCENDENTAL)
def gaussian_slope(x: Lane) -> Lane:
    """-2 x exp(-x**2), multiplied in halves: exp(-x**2) itself has lost digits beyond |x| = 26."""
    near, square = _near_and_square(x)
    root = exp(square * -0.5)
    y = converted(_with_rest(-2.0 * near * root * root, near, square), x.kind)
    return select(abs(x) > 30.0, intrinsic("copysign", x.code.constant(0.0, x.kind), -x), y)


def _near_and_square(x: Lane) -> tuple[Lane, Lane]:
    """x as float64, 0 far out, and its square."""
    near = converted(select(abs(x) > 30.0, 0.0, x), "double")
    return near, near * near


def _with_rest(y: Lane, x: Lane, square: Lane) -> Lane:
    """y times exp of what `square` is more than x**2, 1e-13 at most."""
    rest = intrinsic("fma", -x, x, square)
    return intrinsic("fma", rest, y, y)


@emitter("remainder", cost=TRANSCENDENTAL)
def remainder(a: Lane, b: Lane) -> Lane:
    """fmod's, moved to the side of b; a 0 has the sign of b."""
    rest = library("fmod", a, b)
    zero = a.code.constant(0.0, a.kind)
    moved = select((b < 0) ^ (rest < 0), rest + b, rest)
    return select(rest.equals(0.0), intrinsic("copysign", zero, b), moved)


@emitter("floor_divide", cost=TRANSCENDENTAL)
def floor_divide(a: Lane, b: Lane) -> Lane:
    """(a - remainder) / b, a whole number but for rounding."""
    rest = library("fmod", a, b)
    quotient = (a - rest) / b
    moved = ((b < 0) ^ (rest < 0)) & rest.differs(0.0)
    quotient = select(moved, quotient - 1.0, quotient)
    floor = intrinsic("floor", quotient)
    nearest = select(quotient - floor > 0.5, floor + 1.0, floor)
    zero = a.code.constant(0.0, a.kind)
    nearest = select(quotient.equals(0.0), intrinsic("copysign", zero, a / b), nearest)
    return select(b.equals(0.0), a / b, nearest)
