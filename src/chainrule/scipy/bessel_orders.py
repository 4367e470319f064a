"""J_v(x) and Y_v(x) by their order v, for x > 0, as integrals and sums that keep their digits.

Of J three formulas: the power series where its terms hardly cancel (DLMF 10.15.1), an integral of a positive function
along the path of steepest descent for x < v (Watson, Theory of Bessel Functions, 8.31), where J is far below the terms
of the others, and Schlafli's integrals (DLMF 10.9.6) elsewhere; of Y those of DLMF 10.9.7. Orders below 0 are reflected
(DLMF 10.4). To some thirteen digits of what J and Y are together, for |v| + x below 300.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, StandIn, primal
from chainrule.scipy.quadrature import over, over_steps
from chainrule.scipy.rows import derivative

sin, cos, exp, where = ops.sin, ops.cos, ops.exp, ops.where
LIMIT = 300.0
"""The largest |v| + x."""
TERMS, STEPS = 60, 160


def _gauss(count: int, length: float) -> tuple[Any, Any]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return 0.5 * length * (nodes + 1.0), 0.5 * length * weights


ANGLES, UNIT = _gauss(400, math.pi), _gauss(120, 1.0)


def _series(v: Number, x: Number) -> Number:
    """J by its power series."""

    def term(k: Any, v: Number, x: Number) -> Number:
        size = (2.0 * k + v) * ops.log(0.5 * x) - ops.gammaln(k + 1.0) - ops.gammaln(k + v + 1.0)
        return (1.0 - 2.0 * (k % 2)) * exp(size)

    return over_steps(TERMS, term, v, x)


def _descent(v: Number, x: Number) -> Number:
    """J for x < v: the mean over (0, pi) of exp(-v u + x sinh(u) cos(a)), where x cosh(u) sin(a) = v a."""
    v0, x0 = primal(v), primal(x)
    width = 9.0 / ops.sqrt(v0 * ops.sqrt(1.0 - (x0 / v0) ** 2))  # the exponent is as -v tanh(alpha) a**2 / 2 near 0
    step = ops.minimum(math.pi, width) / np.float64(STEPS)

    def integrand(k: Any, v: Number, x: Number, step: Number) -> Number:
        a = (k + 0.5) * step
        across = x * sin(a)
        root = ops.sqrt((v * a - across) * (v * a + across))
        return step * exp(-v * ops.arcsinh(root / across) + root * cos(a) / sin(a))

    return over_steps(STEPS, integrand, v, x, step) / math.pi


def _angles(of: Any, v: Number, x: Number) -> Number:
    return over(ANGLES, lambda a, v, x: of(x * sin(a) - v * a), v, x) / math.pi


def _decay(x: Number, sign: float, v: Number, reach: Number) -> Number:
    """The integral over (0, inf) of exp(sign v t - x sinh(t)), up to `reach`."""

    def integrand(t: Any, v: Number, x: Number, reach: Number) -> Number:
        return reach * exp(sign * v * t * reach - x * ops.sinh(t * reach))

    return over(UNIT, integrand, v, x, reach)


def _reach(v0: Any, x0: Any) -> Any:
    peak = ops.arcsinh(v0 / x0) + ops.arccosh(1.0 + 45.0 / ops.hypot(v0, x0))
    return ops.maximum(peak, ops.arcsinh(40.0 / x0))


def _schlafli(v: Number, x: Number) -> Number:
    rest = _decay(x, -1.0, v, ops.arcsinh(40.0 / primal(x)))
    return _angles(cos, v, x) - sin(math.pi * v) / math.pi * rest


def _y(v: Number, x: Number) -> Number:
    reach = _reach(primal(v), primal(x))
    rest = _decay(x, 1.0, v, reach) + cos(math.pi * v) * _decay(x, -1.0, v, reach)
    return _angles(sin, v, x) - rest / math.pi


def _j(v: Number, x: Number) -> Number:
    """J for orders from 0."""
    v0, x0 = primal(v), primal(x)
    near = x0 * x0 <= 4.0 * (v0 + 1.0)
    far = x0 * x0 > 4.0 * (v0 + 1.0)
    below, other = far & (x0 < 0.9 * v0), far & (x0 >= 0.9 * v0)
    found = where(near, _series(where(near, v, 1.0), where(near, x, 1.0)), 0.0)
    found = where(below, _descent(where(below, v, 20.0), where(below, x, 10.0)), found)
    return where(other, _schlafli(where(other, v, 1.0), where(other, x, 4.0)), found)


def _all_from_0(v: Number) -> bool:
    v0 = primal(v)
    return not isinstance(v0, StandIn) and not np.any(v0 < 0)


def _whole_j(v: Number, x: Number) -> Number:
    if _all_from_0(v):
        return _j(v, x)
    below = primal(v) < 0
    m = where(below, -v, v)
    j = _j(m, x)
    return where(below, cos(math.pi * m) * j - sin(math.pi * m) * _y(m, x), j)


def _whole_y(v: Number, x: Number) -> Number:
    if _all_from_0(v):
        return _y(v, x)
    below = primal(v) < 0
    m = where(below, -v, v)
    y = _y(m, x)
    return where(below, sin(math.pi * m) * _j(m, x) + cos(math.pi * m) * y, y)


def _by_order(f: Any) -> Any:
    slope = derivative(f, 0)

    def rule(y: Number, v: Number, x: Number) -> Number:
        v0, x0 = primal(v), primal(x)
        known = (x0 > 0) & (ops.absolute(v0) + x0 <= LIMIT)
        with np.errstate(all="ignore"):  # Y beyond all floats
            found = slope(y, where(known, v, 1.0), where(known, x, 1.0))
        return where(known, found, math.nan)

    return rule


j_by_order, y_by_order = _by_order(_whole_j), _by_order(_whole_y)
