"""Hypergeometric functions, and elementary ones whose quotients need them where digits cancel."""

from __future__ import annotations

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.ops.domain import POSITIVE, REALS, Domain
from chainrule.scipy import power_series
from chainrule.scipy.rows import UNKNOWN, SpecialRow, row

exp, log, where = ops.exp, ops.log, ops.where

hyp0f1: SpecialRow = row(
    "hyp0f1", "v z", *power_series.BY_0F1, lambda y, v, z: hyp0f1(v + 1.0, z) / v,
    exact=lambda m, v, z: m.hyp0f1(v, z), domain=(POSITIVE, REALS), source="DLMF 16.3.1; by v 16.2.1",
    kinks="by v: nan outside of -30 <= z <= 900",
)  # fmt: skip
hyp1f1: SpecialRow = row(
    "hyp1f1", "a b x", *power_series.BY_1F1, lambda y, a, b, x: a / b * hyp1f1(a + 1.0, b + 1.0, x),
    exact=lambda m, a, b, x: m.hyp1f1(a, b, x), domain=(REALS, POSITIVE, REALS),
    source="DLMF 13.3.15; by a and b 13.2.2", kinks="by a and b: nan for |x| > 80",
)  # fmt: skip
hyperu: SpecialRow = row(
    "hyperu", "a b x", UNKNOWN, UNKNOWN, lambda y, a, b, x: -a * hyperu(a + 1.0, b + 1.0, x),
    exact=lambda m, a, b, x: m.hyperu(a, b, x), domain=(POSITIVE, REALS, POSITIVE), source="DLMF 13.3.22",
)  # fmt: skip
hyp2f1: SpecialRow = row(
    "hyp2f1", "a b c z", *power_series.BY_2F1,
    lambda y, a, b, c, z: a * b / c * hyp2f1(a + 1.0, b + 1.0, c + 1.0, z),
    exact=lambda m, a, b, c, z: m.hyp2f1(a, b, c, z), domain=(REALS, REALS, POSITIVE, Domain(high=1)),
    source="DLMF 15.5.1; by a, b and c 15.2.1", kinks="by a, b and c: nan outside of -9 <= z <= 0.9",
)  # fmt: skip
wright_bessel: SpecialRow = row(
    "wright_bessel", "a b x", UNKNOWN, UNKNOWN, lambda y, a, b, x: wright_bessel(a, a + b, x),
    domain=POSITIVE, source="DLMF 10.46.1, differentiated",
)  # fmt: skip
log_wright_bessel: SpecialRow = row(
    "log_wright_bessel", "a b x", UNKNOWN, UNKNOWN, lambda y, a, b, x: exp(log_wright_bessel(a, a + b, x) - y),
    domain=POSITIVE, source="DLMF 10.46.1, differentiated",
)  # fmt: skip
exprel: SpecialRow = row(
    "exprel", "x", lambda y, x: 0.5 * hyp1f1(2.0, 3.0, x),
    exact=lambda m, x: m.expm1(x) / x if x else m.mpf(1), source="(exp(x) - 1) / x = M(1, 2, x), DLMF 13.6.2",
)  # fmt: skip


def exprel_slope(x: Number) -> Number:
    """The derivative of (exp(x) - 1) / x."""
    return 0.5 * hyp1f1(2.0, 3.0, x)


def log1p_ratio(x: Number) -> Number:
    """log(1 + x) / x, 1 at 0."""
    near = ops.absolute(primal(x)) < 0.5
    return where(
        near, hyp2f1(1.0, 1.0, 2.0, -where(near, x, 0.0)), ops.log1p(where(near, 1.0, x)) / where(near, 1.0, x)
    )


def log1p_ratio_slope(x: Number) -> Number:
    """The derivative of log(1 + x) / x, -1/2 at 0."""
    near = ops.absolute(primal(x)) < 0.5
    far = where(near, 1.0, x)
    closed = (far / (1.0 + far) - ops.log1p(far)) / (far * far)
    return where(near, -0.5 * hyp2f1(2.0, 2.0, 3.0, -where(near, x, 0.0)), closed)


# -- powers that are logarithms in the limit ----------------------------------------------------------------------


def _boxcox_by_power(x_log: Number, lmbda: Number) -> Number:
    return x_log * x_log * exprel_slope(lmbda * x_log)


boxcox: SpecialRow = row(
    "boxcox", "x lmbda", lambda y, x, lmbda: ops.power(x, lmbda - 1.0),
    lambda y, x, lmbda: _boxcox_by_power(log(x), lmbda),
    exact=lambda m, x, k: (x**k - 1) / k if k else m.log(x), domain=(POSITIVE, REALS),
    source="log(x) exprel(lmbda log(x))",
)  # fmt: skip
boxcox1p: SpecialRow = row(
    "boxcox1p", "x lmbda", lambda y, x, lmbda: exp((lmbda - 1.0) * ops.log1p(x)),
    lambda y, x, lmbda: _boxcox_by_power(ops.log1p(x), lmbda),
    exact=lambda m, x, k: m.expm1(k * m.log1p(x)) / k if k else m.log1p(x), domain=(Domain(-1), REALS),
    source="log1p(x) exprel(lmbda log1p(x))",
)  # fmt: skip


def _inverse_by_y(y: Number, lmbda: Number, value: Number) -> Number:
    return value / (1.0 + lmbda * y)


def _inverse_by_power(y: Number, lmbda: Number, value: Number) -> Number:
    return value * y * y * log1p_ratio_slope(lmbda * y)


inv_boxcox: SpecialRow = row(
    "inv_boxcox", "y lmbda", lambda x, y, lmbda: _inverse_by_y(y, lmbda, x),
    lambda x, y, lmbda: _inverse_by_power(y, lmbda, x),
    exact=lambda m, y, k: m.exp(m.log1p(k * y) / k) if k else m.exp(y), source="exp(log1p(lmbda y) / lmbda)",
)  # fmt: skip
inv_boxcox1p: SpecialRow = row(
    "inv_boxcox1p", "y lmbda", lambda x, y, lmbda: _inverse_by_y(y, lmbda, x + 1.0),
    lambda x, y, lmbda: _inverse_by_power(y, lmbda, x + 1.0),
    exact=lambda m, y, k: m.expm1(m.log1p(k * y) / k) if k else m.expm1(y), source="expm1(log1p(lmbda y) / lmbda)",
)  # fmt: skip
