"""Elementary functions that SciPy has besides NumPy's, and products with logarithms, 0 where their first factor is."""

from __future__ import annotations

import math

from chainrule import ops
from chainrule.numbers import Number
from chainrule.ops.domain import NONNEGATIVE, POSITIVE, REALS, Domain
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

# -- logarithms -------------------------------------------------------------------------------------------------------

log, where = ops.log, ops.where

xlogy: SpecialRow = row(
    "xlogy", "x y", lambda v, x, y: log(y), lambda v, x, y: x / y,
    exact=lambda m, x, y: x * m.log(y) if x else x * 0, domain=(REALS, POSITIVE), source="x log(y), 0 for x = 0",
)  # fmt: skip
xlog1py: SpecialRow = row(
    "xlog1py", "x y", lambda v, x, y: ops.log1p(y), lambda v, x, y: x / (1.0 + y),
    exact=lambda m, x, y: x * m.log1p(y) if x else x * 0, domain=(REALS, Domain(-1, closed=(False, True))),
    source="x log(1 + y), 0 for x = 0",
)  # fmt: skip
entr: SpecialRow = row(
    "entr", "x", lambda y, x: -log(x) - 1.0,
    exact=lambda m, x: -x * m.log(x), domain=NONNEGATIVE, source="-x log(x)", kinks="slope inf at 0",
)  # fmt: skip


def _log_ratio(x: Number, y: Number) -> Number:
    return log(x / y)


rel_entr: SpecialRow = row(
    "rel_entr", "x y", lambda v, x, y: _log_ratio(x, y) + 1.0, lambda v, x, y: -x / y,
    exact=lambda m, x, y: x * m.log(x / y), domain=(NONNEGATIVE, POSITIVE), source="x log(x / y)",
)  # fmt: skip
kl_div: SpecialRow = row(
    "kl_div", "x y", lambda v, x, y: _log_ratio(x, y), lambda v, x, y: (y - x) / y,
    exact=lambda m, x, y: x * m.log(x / y) - x + y, domain=(NONNEGATIVE, POSITIVE), source="x log(x / y) - x + y",
)  # fmt: skip
huber: SpecialRow = row(
    "huber", "delta r", lambda y, delta, r: ops.maximum(ops.absolute(r) - delta, 0.0),
    lambda y, delta, r: ops.clip(r, -delta, delta),
    exact=lambda m, d, r: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2), domain=(POSITIVE, REALS),
    source="r**2 / 2 up to |r| = delta, straight beyond",
)  # fmt: skip


def _pseudo_by_delta(y: Number, delta: Number, r: Number) -> Number:
    t = r / delta
    s = ops.hypot(t, 1.0)
    return delta * t**4 / (s * (1.0 + s) ** 2)


pseudo_huber: SpecialRow = row(
    "pseudo_huber", "delta r", _pseudo_by_delta, lambda y, delta, r: r / ops.hypot(r / delta, 1.0),
    exact=lambda m, d, r: d * d * (m.sqrt(1 + (r / d) ** 2) - 1), domain=(POSITIVE, REALS),
    source="delta**2 (sqrt(1 + (r / delta)**2) - 1)",
)  # fmt: skip
logit: SpecialRow = row(
    "logit", "x", lambda y, x: 1.0 / (x * (1.0 - x)),
    exact=lambda m, x: m.log(x) - m.log1p(-x), domain=Domain(0, 1, closed=(False, False)), source="log(x / (1 - x))",
)  # fmt: skip
log_expit: SpecialRow = row(
    "log_expit", "x", lambda y, x: ops.sigmoid(-x), exact=lambda m, x: -m.log1p(m.exp(-x)), source="log(sigmoid(x))"
)  # fmt: skip
