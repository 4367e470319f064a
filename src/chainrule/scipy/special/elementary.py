"""Elementary functions that SciPy has besides NumPy's."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.ops.domain import POSITIVE, REALS
from chainrule.scipy.rows import SpecialRow, row

DEGREE = math.pi / 180

cosm1: SpecialRow = row(
    "cosm1", "x", lambda y, x: -ops.sin(x), exact=lambda m, x: -2 * m.sin(x / 2) ** 2, source="cos(x) - 1"
)
exp10: SpecialRow = row("exp10", "x", lambda y, x: math.log(10) * y, exact=lambda m, x: m.mpf(10) ** x, source="10**x")
sindg: SpecialRow = row(
    "sindg", "x", lambda y, x: DEGREE * cosdg(x), exact=lambda m, x: m.sinpi(x / 180), source="of degrees"
)
cosdg: SpecialRow = row(
    "cosdg", "x", lambda y, x: -DEGREE * sindg(x), exact=lambda m, x: m.cospi(x / 180), source="of degrees"
)
tandg: SpecialRow = row(
    "tandg", "x", lambda y, x: DEGREE * (1.0 + y * y), exact=lambda m, x: m.sinpi(x / 180) / m.cospi(x / 180),
    source="of degrees",
)  # fmt: skip
cotdg: SpecialRow = row(
    "cotdg", "x", lambda y, x: -DEGREE * (1.0 + y * y), exact=lambda m, x: m.cospi(x / 180) / m.sinpi(x / 180),
    source="of degrees",
)  # fmt: skip
radian: SpecialRow = row(
    "radian", "d m s", DEGREE, DEGREE / 60, DEGREE / 3600,
    exact=lambda mp, d, m, s: (d + m / 60 + s / 3600) * mp.pi / 180, source="degrees, minutes and seconds",
)  # fmt: skip
powm1: SpecialRow = row(
    "powm1", "x y", lambda v, x, y: y * ops.power(x, y - 1.0), lambda v, x, y: ops.power(x, y) * ops.log(x),
    exact=lambda m, x, y: m.expm1(y * m.log(x)), domain=(POSITIVE, REALS), source="x**y - 1",
)  # fmt: skip
