"""What computes some rows for NumPy's arrays: one or two of its functions between sums and products.

The formulas are stated here. For arrays of float64 the compiled engine computes them block by block (`fused`), to the
last bit: a formula of ten passes over memory costs two.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import chainrule.native.fused as native

LN2 = math.log(2.0)
# erf(x) = x + x NEAR(x**2) below 1, and 1 - exp(-x**2) FAR((x - 3) / (x + 3)) up to 6, where it is 1 - 2e-17. Least
# squares at Chebyshev's points; off by 1e-17. The largest power is first.
NEAR = (
    -7.798543850549947e-10, 1.3721520406351094e-08, -1.6208829856810202e-07, 1.6447471190594618e-06,
    -1.4924740785377576e-05, 0.00012055295112667001, -0.0008548325982543225, 0.005223977607269946,
    -0.026866170643256995, 0.1128379167094513, -0.37612638903183543, 0.12837916709551256,
)  # fmt: skip
FAR = (
    1.5442134945616102e-05, 0.00010370874372707324, 7.744569379683956e-05, -0.0005802518684753088,
    0.0007136006785692408, 0.004270495303012577, -0.02439229690707815, 0.07166585444717923, -0.15011593599292522,
    0.24560380167713725, -0.32623356004595544, 0.17900115118134305,
)  # fmt: skip


# sin and cos between -pi/4 and pi/4 by powers of x**2, the largest first: the coefficients of fdlibm (Sun Microsystems,
# k_sin.c and k_cos.c). pi/2 in three parts, of which thousands of times the first two are exact.
ODD = (
    1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06, -1.98412698298579493134e-04,
    8.33333333332248946124e-03,
)  # fmt: skip
EVEN = (
    -1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07, 2.48015872894767294178e-05,
    -1.38888888888741095749e-03, 4.16666666666666019037e-02,
)  # fmt: skip
QUARTER = (1.5707963267941523, 7.443547480480255e-13, 6.36831716351095e-25)
WHOLE = 1.5 * 2.0**52  # a sum with it has no places for fractions
FAR_OUT = 1e4  # from where on NumPy computes them


def floating(x: Any) -> Any:
    """`x`, whole numbers and truth values as float64."""
    return x.astype(np.float64) if x.dtype.kind in "iub" else x


def typed_like(x: Any, y: Any) -> Any:
    """`y` in the floating type of `x`."""
    kind = np.result_type(x)
    return np.asarray(y, kind if kind.kind == "f" else np.float64)[()]


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), by exp(-|x|) on both sides so that nothing overflows."""
    found = native.fused(native.SIGMOID, x, None)
    if found is not None:
        return found
    x = floating(x)
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, t) / (1 + t)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    found = native.fused(native.SOFTPLUS, x, None)
    if found is not None:
        return found
    x = floating(x)
    return _log1p(np.exp(-np.abs(x))) + np.where(x > 0, x, np.zeros_like(x))


def logaddexp(a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)) = max(a, b) + log1p(exp(-|a - b|))."""
    a, b = _broadcast(a, b)
    found = native.fused(native.LOGADDEXP, a, b)
    if found is not None:
        return found
    if np.result_type(a, b).kind != "f":
        return np.logaddexp(a, b)  # in the type that NumPy chooses for whole numbers
    with np.errstate(invalid="ignore"):  # of two infinite operands there is no difference
        d = np.subtract(a, b)
    y = np.where(np.greater(a, b), a, b) + _log1p(np.exp(-np.abs(d)))
    return np.where(np.equal(a, b), a + y.dtype.type(LN2), y).astype(y.dtype)[()]


def share(a: Any, b: Any) -> Any:
    """sigmoid(a - b), with the rounding error of the difference."""
    a, b = _broadcast(a, b)
    found = native.fused(native.SHARE, a, b)
    if found is not None:
        return found
    with np.errstate(invalid="ignore"):
        d = np.subtract(a, b)
        error = two_sum_error(a, b, d)
    y = sigmoid(d)
    return np.where(np.isfinite(error), y + y * (sigmoid(-d) * error), y).astype(y.dtype)[()]


def two_sum_error(a: Any, b: Any, d: Any) -> Any:
    """The rounding error of d = a - b, exactly (Knuth's TwoSum)."""
    bb = a - d
    return (a - (d + bb)) + (bb - b)


def sech2(x: Any) -> Any:
    """4t / (1 + t)**2 with t = exp(-2|x|)."""
    found = native.fused(native.SECH2, x, None)
    if found is not None:
        return found
    t = np.exp(-2 * np.abs(x))
    return 4 * t / ((1 + t) * (1 + t))


def gaussian(x: Any) -> Any:
    """exp(-x**2), the square in two parts: its rounding error would be multiplied by x**2 in exp."""
    found = native.fused(native.GAUSS, x, None)
    if found is not None:
        return found
    far = np.abs(x) > 30
    square, rest = split_square(np.where(far, 0, x))
    return typed_like(x, np.where(far, 0, np.exp(-square) * exp_of_small(-rest)))


def gaussian_slope(x: Any) -> Any:
    """-2 x exp(-x**2), multiplied in two halves: exp(-x**2) itself has lost digits beyond |x| = 26."""
    found = native.fused(native.GAUSS_SLOPE, x, None)
    if found is not None:
        return found
    far = np.abs(x) > 30
    near = np.where(far, 0, x)
    return typed_like(x, np.where(far, np.copysign(0, -x), times_gaussian(-2 * near, near)))


def times_gaussian(factor: Any, x: Any) -> Any:
    """factor * exp(-x**2) for |x| up to 30."""
    square, rest = split_square(x)
    root = np.exp(-square / 2)
    return factor * exp_of_small(-rest) * root * root


def split_square(x: Any) -> tuple[Any, Any]:
    """Two parts of x**2, the first exact."""
    high = np.asarray(x, np.float32).astype(np.float64)[()]
    return high * high, (x - high) * (x + high)


def exp_of_small(x: Any) -> Any:
    """exp(x) for |x| < 1.1e-4 = 30**2 2**-23, the largest second part of a square; the next term is below 1e-17."""
    return 1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0)))


def erf(x: Any) -> Any:
    """The error function, right to one unit of the last place."""
    if x.dtype.char not in "dg":
        return typed_like(x, erf(x.astype(np.float64)))
    found = native.fused(native.ERF, x, None)
    if found is not None:
        return found
    size = np.where(np.abs(x) > 6, 6, np.abs(x))
    inside = 1.0 - np.exp(-(size * size)) * _polynomial(FAR, (size - 3.0) / (size + 3.0))
    with np.errstate(all="ignore"):  # beyond 1 the powers may overflow
        near = x + x * _polynomial(NEAR, x * x)
    return np.where(np.abs(x) < 1, near, np.copysign(inside, x))[()]


def sin(x: Any) -> Any:
    """The sine. NumPy takes the system's library's, element by element, which is three times slower."""
    found = native.fused(native.SIN, x, None)
    return _turned(np.sin, x, 0) if found is None else found


def cos(x: Any) -> Any:
    """The cosine."""
    found = native.fused(native.COS, x, None)
    return _turned(np.cos, x, 1) if found is None else found


def _turned(function: Any, x: Any, shift: int) -> Any:
    """sin, or with a shift of 1 cos, by what is left over of quarter turns: a number and its rounding error."""
    if x.dtype.char != "d":
        return function(x)
    size = np.abs(x)
    far = np.logical_not(size <= FAR_OUT)
    size = np.where(far, 0.0, size)
    turns = (size * (2.0 / math.pi) + WHOLE) - WHOLE
    first, second = size - turns * QUARTER[0], turns * QUARTER[1]
    with np.errstate(under="ignore"):
        total = first - second
        change = total - first
        rest = turns * QUARTER[2] - ((first - (total - change)) - (second + change))
        y = total - rest
        found = _quarter(turns.astype(np.int64) + shift, y, (total - y) - rest)
    found = found if shift else found * np.copysign(1.0, x)
    return np.where(far, function(np.where(far, x, 0.0)), found)[()] if far.any() else found


def _quarter(quarter: Any, y: Any, tail: Any) -> Any:
    """The sine of y + tail, turned by some quarters of a circle."""
    u = y * y
    cube, half = u * y, 0.5 * u
    one = 1.0 - half
    odd = y - ((u * (0.5 * tail - cube * _polynomial(ODD, u)) - tail) - cube * -1.66666666666666324348e-01)
    even = one + (((1.0 - one) - half) + (u * (u * _polynomial(EVEN, u)) - y * tail))
    found = np.where(quarter & 1, even, odd)
    return np.where(quarter & 2, -found, found)[()]


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    y = coefficients[0]
    for c in coefficients[1:]:
        y = y * x + c
    return y


def _log1p(t: Any) -> Any:
    """log(1 + t) for t of 0 to 1: the logarithm of the rounded sum, and what rounding took away. NumPy computes log at
    several times the pace of log1p."""
    one = 1 + t
    return np.log(one) + (t - (one - 1)) / one


def _broadcast(a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands, arrays of one shape."""
    if type(a) is np.ndarray and type(b) is np.ndarray and a.shape != b.shape:
        a, b = np.broadcast_arrays(a, b)
    return a, b


native.start()
