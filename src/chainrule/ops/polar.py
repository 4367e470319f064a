"""Rows of the operator table: distance and angle of the point (a, b), and what their derivatives are made of.

The squares of representable numbers may overflow or vanish, so everything is computed on a common scale.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.ops import scaled
from chainrule.ops.arithmetic import absolute, divide, sign
from chainrule.ops.composite import Composite
from chainrule.ops.kinds import Elementwise, PiecewiseConstant
from chainrule.ops.powers import sqrt

# -- distance -----------------------------------------------------------------------------------------------


def _direction_float(a: float, b: float) -> float:
    if a == 0.0:
        return a
    if math.isinf(a):
        return math.nan if math.isinf(b) else math.copysign(1.0, a)
    if abs(a) >= abs(b) or b == 0.0:  # nan and 0: only the quotient of this kind exists
        q = b / a
        return math.copysign(1.0, a) / math.sqrt(1.0 + q * q)
    if math.isinf(b):
        return math.copysign(0.0, a)
    q = a / b
    return math.copysign(q, a) / math.sqrt(1.0 + q * q)


def _direction_numpy(a: Any, b: Any) -> Any:
    size = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(all="ignore"):
        u, v = a / size, b / size
        result = u / np.sqrt(u * u + v * v)
    result = np.where(np.equal(a, 0), a, result)
    result = np.where(np.isinf(a) & ~np.isinf(b), np.sign(a), result)
    return np.where(np.isinf(b) & ~np.isinf(a), np.copysign(0, a), result)[()]


direction_cosine: Elementwise = Elementwise(
    "direction_cosine",
    (
        # b**2 / r**3 as b/r * (b/r / r): the square of b/r may underflow
        lambda y, a, b: direction_cosine(b, a) * divide(direction_cosine(b, a), hypot(a, b)),
        lambda y, a, b: -(y * divide(direction_cosine(b, a), hypot(a, b))),
    ),
    kernels={"float": _direction_float, "numpy": _direction_numpy},
    body=lambda a, b: a / hypot(a, b),
    kinks="0 at the origin (the middle of all slopes of the distance)",
    printed="{0} / hypot({0}, {1})",
    public=False,
)
"""a / hypot(a, b): the slope of the distance, without overflow, and 0 at the origin."""

hypot: Elementwise = Elementwise(
    "hypot",
    (lambda y, a, b: direction_cosine(a, b), lambda y, a, b: direction_cosine(b, a)),
    body=lambda a, b: sqrt(a * a + b * b),
    kinks="slope 0 at the origin (the middle of all slopes)",
    decides=np.hypot,
)

# -- angle --------------------------------------------------------------------------------------------------


def _over_squares_float(a: float, b: float) -> float:
    if a == 0.0 and b == 0.0:
        return math.nan
    if math.isinf(a) or math.isinf(b):
        return math.nan if math.isinf(a) and math.isinf(b) else math.copysign(0.0, a)
    # Scaling by the power of two next to the larger operand is exact, and makes the sum safe.
    e = math.frexp(max(abs(a), abs(b)))[1]
    u, v = math.ldexp(a, -e), math.ldexp(b, -e)
    if abs(u) < scaled.TINY:  # the digits lost by scaling would come back at the end
        return scaled.product([a], [b, b])
    try:
        return math.ldexp(u / (u * u + v * v), -e)
    except OverflowError:
        return math.copysign(math.inf, a)


def _over_squares_numpy(a: Any, b: Any) -> Any:
    e = np.frexp(np.maximum(np.abs(a), np.abs(b)))[1]
    u, v = np.ldexp(a, -e), np.ldexp(b, -e)
    result = np.ldexp(u / (u * u + v * v), -e)
    one_infinite = np.isinf(a) ^ np.isinf(b)
    result = np.where(one_infinite, np.copysign(0, a), result).astype(result.dtype)
    vanishing = (np.abs(u) < scaled.TINY) & np.not_equal(a, 0) & ~one_infinite
    if vanishing.any():  # the digits u has lost would come back at the end
        result = np.where(vanishing, scaled.product_array([a], [b, b]), result).astype(result.dtype)
    return result[()]


def _saddle_float(a: float, b: float) -> float:
    """(b - a) (b + a) / r**4."""
    r = math.hypot(a, b)
    if r == 0.0 or not math.isfinite(r):
        return math.nan if r == 0.0 or r != r else 0.0
    # halves: a + b may overflow; where the halves lose digits the result overflows anyway
    return scaled.product([4.0, b / 2 - a / 2, b / 2 + a / 2], [r, r, r, r])


def _saddle_numpy(a: Any, b: Any) -> Any:
    r = np.hypot(a, b)
    factors = [4.0 * np.ones_like(r), b / 2 - a / 2, b / 2 + a / 2]
    plain = factors[0] * (factors[1] / r) * (factors[2] / r) / r / r
    return np.where(np.isinf(r), 0.0, scaled.repair(plain, factors, [r, r, r, r])).astype(r.dtype)[()]


over_squares_da = Composite(
    "over_squares_da",
    lambda a, b: over_squares(b, a) * over_squares(b, a) - over_squares(a, b) * over_squares(a, b),
    kernels={"float": _saddle_float, "numpy": _saddle_numpy},
)
"""(b**2 - a**2) / (a**2 + b**2)**2."""


def _twist_float(a: float, b: float) -> float:
    r = math.hypot(a, b)
    if r == 0.0 or not math.isfinite(r):
        return math.nan if r == 0.0 or r != r else -math.copysign(0.0, a) * math.copysign(1.0, b)
    return scaled.product([-2.0, a, b], [r, r, r, r])


def _twist_numpy(a: Any, b: Any) -> Any:
    r = np.hypot(a, b)
    factors = [np.full_like(r, -2.0), a, b]
    plain = -2 * (a / r) * (b / r) / r / r
    far = -np.copysign(0, a) * np.copysign(1, b)
    smaller = np.minimum(np.abs(a), np.abs(b)) / r / r
    repaired = scaled.repair(plain, factors, [r, r, r, r], also=np.where(smaller == 0, 1.0, smaller))
    return np.where(np.isinf(r), far, repaired).astype(r.dtype)[()]


over_squares_db = Composite(
    "over_squares_db",
    lambda a, b: -2 * over_squares(a, b) * over_squares(b, a),
    kernels={"float": _twist_float, "numpy": _twist_numpy},
)
"""-2 a b / (a**2 + b**2)**2."""

over_squares: Elementwise = Elementwise(
    "over_squares",
    (lambda y, a, b: over_squares_da(a, b), lambda y, a, b: over_squares_db(a, b)),
    kernels={"float": _over_squares_float, "numpy": _over_squares_numpy},
    body=lambda a, b: a / (a * a + b * b),
    kinks="a pole at the origin",
    printed="{0} / ({0}**2 + {1}**2)",
    public=False,
)
"""a / (a**2 + b**2): the slope of the angle."""


def _angle_share(ct: Any, slope: Any, a: Any, r: Any) -> Any:
    """ct * slope, where slope is a / r**2."""
    return scaled.share(ct, slope, [a], [r, r])


arctan2 = Elementwise(
    "arctan2",
    (lambda y, a, b: over_squares(b, a), lambda y, a, b: -over_squares(a, b)),
    shares={
        0: lambda ct, y, a, b: _angle_share(ct, over_squares(b, a), b, hypot(a, b)),
        1: lambda ct, y, a, b: _angle_share(ct, -over_squares(a, b), -a, hypot(a, b)),
    },
    kinks="jumps by 2 pi across b < 0, a = 0; nan at the origin, where no slope exists",
    source="DLMF 4.23.26",
)

# -- sign ---------------------------------------------------------------------------------------------------

nonzero_sign = PiecewiseConstant(
    "nonzero_sign",
    kernels={
        "float": lambda x: math.copysign(1.0, x),
        "numpy": lambda x: np.copysign(np.ones_like(x), x),
        "mpmath": lambda x: sign(x) or type(x)(1),
    },
    body=sign,
    kinks="jumps at 0: 1 at 0.0, -1 at -0.0",
    printed="sign({})",
    python={"math": "math.copysign(1.0, {})", "numpy": "np.copysign(1.0, {})"},
    public=False,
)

copysign = Elementwise(
    "copysign",
    (lambda y, a, b: nonzero_sign(a) * nonzero_sign(b), 0),
    body=lambda a, b: absolute(a) * nonzero_sign(b),
    kinks="at a = 0 the slope on the side of a's sign bit; jumps at b = 0",
)

__all__ = ["arctan2", "copysign", "hypot"]
