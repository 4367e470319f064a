"""Derivatives of Bessel functions by their order, from integrals."""

from __future__ import annotations

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.quadrature import over_steps

STEPS = 80


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
