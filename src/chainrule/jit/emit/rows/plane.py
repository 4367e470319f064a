"""Distance and angle of the point (a, b), of lanes."""

from __future__ import annotations

from chainrule.jit.emit.lanes import Lane, intrinsic, select
from chainrule.jit.emit.rows.choice import isinf
from chainrule.jit.emit.rows.elementary import sqrt
from chainrule.jit.emit.rows.table import DIVISION, emitter


@emitter("direction_cosine", cost=3 * DIVISION)
def direction_cosine(a: Lane, b: Lane) -> Lane:
    """a / hypot(a, b), both divided by the larger of them first, so that no square overflows."""
    size = select(abs(a) > abs(b), abs(a), abs(b))
    u, v = a / size, b / size
    result = select(a.equals(0.0), a, u / sqrt(u * u + v * v))
    one, zero = a.code.constant(1.0, a.kind), a.code.constant(0.0, a.kind)
    result = select(isinf(a) & ~isinf(b), intrinsic("copysign", one, a), result)
    return select(isinf(b) & ~isinf(a), intrinsic("copysign", zero, a), result)


@emitter("over_squares", cost=4 * DIVISION)
def over_squares(a: Lane, b: Lane) -> Lane:
    """a / (a**2 + b**2), both divided by the larger of them first. Where a is so much the smaller that its quotient
    loses digits, a / b / b, with a larger by a power of two meanwhile."""
    size = select(abs(a) > abs(b), abs(a), abs(b))
    u, v = a / size, b / size
    tiny, far = (2.2250738585072014e-308, 2.0**300) if a.kind == "double" else (1.1754943508222875e-38, 2.0**60)
    result = select(abs(u) < tiny, (a * far) / b / b * (1.0 / far), u / (u * u + v * v) / size)
    zero = a.code.constant(0.0, a.kind)
    return select(isinf(a) ^ isinf(b), intrinsic("copysign", zero, a), result)
