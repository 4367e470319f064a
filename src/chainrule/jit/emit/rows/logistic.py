"""Sigmoid and its relatives, of lanes."""

from __future__ import annotations

import math

import chainrule.ops.kernels as kernels
from chainrule.jit.emit.lanes import Lane, select
from chainrule.jit.emit.rows.choice import isfinite
from chainrule.jit.emit.rows.elementary import exp, log1p
from chainrule.jit.emit.rows.table import TRANSCENDENTAL, emitter


def _decay(x: Lane) -> Lane:
    """exp(-|x|), which the sigmoids of x and of -x share: its slope is their product."""
    return x.code.once("exp(-|x|)", x.code.negated.get(x.name, x), lambda x: exp(-abs(x)))


@emitter("sigmoid", cost=TRANSCENDENTAL)
def sigmoid(x: Lane) -> Lane:
    t = _decay(x)
    return select(x >= 0, 1.0, t) / (1.0 + t)


@emitter("softplus", cost=2 * TRANSCENDENTAL)
def softplus(x: Lane) -> Lane:
    return log1p(_decay(x)) + select(x < 0, 0.0, x)


@emitter("exp_difference", cost=TRANSCENDENTAL)
def exp_difference(a: Lane, b: Lane) -> Lane:
    d = a - b
    y = exp(d)
    error = kernels.two_sum_error(a, b, d)
    return select(isfinite(error) & isfinite(y), y + y * error, select(a.equals(b), 1.0, y))


@emitter("sigmoid_difference", cost=2 * TRANSCENDENTAL)
def sigmoid_difference(a: Lane, b: Lane) -> Lane:
    d = a - b
    t = exp(-abs(d))
    up, down = 1.0 / (1.0 + t), t / (1.0 + t)
    y, other = select(d >= 0, up, down), select(d >= 0, down, up)
    error = kernels.two_sum_error(a, b, d)
    return select(isfinite(error), y + y * (other * error), y)


@emitter("logaddexp", cost=2 * TRANSCENDENTAL)
def logaddexp(a: Lane, b: Lane) -> Lane:
    d = a - b
    larger = select(a > b, a, b)
    apart = larger + log1p(exp(-abs(d)))
    return select(a.equals(b), a + math.log(2), select(d.equals(d), apart, a + b))
