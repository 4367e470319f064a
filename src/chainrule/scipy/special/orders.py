"""Derivatives of Bessel functions by their order, from integrals."""

from __future__ import annotations

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.quadrature import over_steps

STEPS = 80
TERMS = 120


def ive_by_series(v: Number, z: Number) -> Number:
    """exp(-z) I_v(z) for z > 0 by its power series, DLMF 10.25.2, whose terms are positive. The largest of them has the
    number (sqrt(v**2 + z**2) - v) / 2, and they are sqrt(z) / 2 wide around it; where that is many, the sum over some
    of them at equal distances is the same to rounding, as it is for every smooth hump."""
    v0, z0 = ops.absolute(primal(v)), primal(z)
    stride = ops.maximum(1.0, ops.sqrt(ops.hypot(v0, z0)) / 14.0)
    middle = 0.5 * z0 * z0 / (ops.hypot(v0, z0) + v0)
    first = ops.maximum(0.0, ops.floor(middle - 0.5 * TERMS * stride))

    def term(j: Number, v: Number, z: Number, first: Number, stride: Number) -> Number:
        k = first + j * stride
        size = (2.0 * k + v) * ops.log(0.5 * z) - ops.gammaln(k + 1.0) - ops.gammaln(k + v + 1.0) - z
        return stride * ops.exp(size)

    return over_steps(TERMS, term, v, z, first, stride)


def kv_by_order(v: Number, z: Number) -> Number:
    """exp(z) times the derivative of K_v(z) by v: the integral over (0, inf) of t sinh(v t) exp(z - z cosh t), DLMF
    10.32.9, by the trapezoidal rule. Its integrand has its top near asinh(|v| / z) and width 1 / sqrt(|(v, z)|)."""
    v0, z0 = ops.absolute(primal(v)), primal(z)
    size = ops.hypot(v0, z0)
    reach = ops.arcsinh(v0 / z0) + ops.arccosh(1.0 + 40.0 / size)

    def integrand(k: Number, v: Number, z: Number, step: Number) -> Number:
        t = (k + 0.5) * step
        grows = z * (-2.0 * ops.sinh(0.5 * t) ** 2)
        return t * (ops.exp(v * t + grows) - ops.exp(-v * t + grows)) * (0.5 * step)

    return over_steps(STEPS, integrand, v, z, reach / np.float64(STEPS))
