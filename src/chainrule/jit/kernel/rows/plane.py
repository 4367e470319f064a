"""Distance and angle of the point (a, b), of lanes."""

from __future__ import annotations

from chainrule.jit.kernel.lanes import Lane, intrinsic, select
from chainrule.jit.kernel.rows.choice import isinf
from chainrule.jit.kernel.rows.elementary import sqrt
from chainrule.jit.kernel.rows.table import DIVISION, emitter


@emitter("direction", cost=3 * DIVISION)
def direction(a: Lane, b: Lane) -> Lane:
    """a / hypot(a, b), both divided by the larger of them first, so that no square overflows."""
    size = select(abs(a) > abs(b), abs(a), abs(b))
    u, v = a / size, b / size
    result = select(a.equals(0.0), a, u / sqrt(u * u + v * v))
    one, zero = a.code.constant(1.0, a.kind), a.code.constant(0.0, a.kind)
    result = select(isinf(a) & ~isinf(b), intrinsic("copysign", one, a), result)
    return select(isinf(b) & ~isinf(a), intrinsic("copysign", zero, a), result)
