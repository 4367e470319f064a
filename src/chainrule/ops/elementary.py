"""Rows of the operator table: exponentials, logarithms, roots, trigonometric and hyperbolic functions.

Every partial is written so that it stays right to a few ulp where the function saturates, overflows or
vanishes. Where the textbook form does not, a row of its own takes its place (`sech2`, `lorentz`, ...), and
that row's partial is again expressed by such rows: higher derivatives inherit the care.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.ops.arithmetic import divide, reciprocal, sign, square
from chainrule.ops.row import NONNEGATIVE, POSITIVE, UNIT, Composite, Domain, Elementwise, PiecewiseConstant

LN2, LN10 = math.log(2.0), math.log(10.0)

# -- exponentials and logarithms ----------------------------------------------------------------------------

exp = Elementwise("exp", (lambda y, x: y,))
exp2 = Elementwise("exp2", (lambda y, x: y * log_of(2, y),), body=lambda x: 2**x, printed="2**{}")
# y + 1 would lose every digit of exp(x) once exp(x) is below the last digit of 1.
expm1 = Elementwise("expm1", (lambda y, x: exp(x),), kernels={"sympy": lambda x: exp(x) - 1}, source="DLMF 4.4")
log = Elementwise("log", (lambda y, x: reciprocal(x),), domain=POSITIVE, kinks="-inf at 0, where the slope is inf")
log2 = Elementwise(
    "log2",
    (lambda y, x: divide(1 / log_of(2, x), x),),
    body=lambda x: log(x) / log_of(2, x),
    kernels={"mpmath": lambda x: log(x) / log(type(x)(2))},
    domain=POSITIVE,
    kinks="-inf at 0, where the slope is inf",
)
log10 = Elementwise(
    "log10",
    (lambda y, x: divide(1 / log_of(10, x), x),),
    body=lambda x: log(x) / log_of(10, x),
    domain=POSITIVE,
    kinks="-inf at 0, where the slope is inf",
)
log1p = Elementwise(
    "log1p",
    (lambda y, x: reciprocal(1 + x),),
    kernels={"sympy": lambda x: log(1 + x)},
    domain=Domain(-1, math.inf, closed=(False, True)),
    kinks="-inf at -1, where the slope is inf",
)


def log_of(n: int, like: Any) -> Any:
    """log(n) as a number of the kind of `like`: exact in a formula, to all digits for mpmath."""
    from chainrule.numbers import MPMATH, SYMPY, library, primal

    lib = library(primal(like))
    if lib is MPMATH:
        import mpmath

        return mpmath.log(n)
    if lib is SYMPY:
        import sympy

        return sympy.log(n)
    return LN2 if n == 2 else LN10


# -- roots --------------------------------------------------------------------------------------------------

unsigned_zero = Composite(
    "unsigned_zero", lambda y: y, kernels={"float": lambda y: y + 0.0, "numpy": lambda y: y + 0.0}
)
"""y with -0.0 as 0.0: sqrt(-0.0) is -0.0, and the slope there is +inf."""

sqrt = Elementwise(
    "sqrt",
    (lambda y, x: reciprocal(2 * unsigned_zero(y)),),
    kernels={"sympy": lambda x: _sympy("sqrt")(x)},
    domain=NONNEGATIVE,
    kinks="slope inf at 0",
)
cbrt = Elementwise(
    "cbrt",
    (lambda y, x: reciprocal(3 * square(y)),),
    kernels={
        "sympy": lambda x: _sympy("real_root")(x, 3),
        "mpmath": lambda x: _mpmath("cbrt")(x) if x >= 0 else -_mpmath("cbrt")(-x),
        "array": lambda xp: lambda x: getattr(xp, "cbrt", lambda v: xp.sign(v) * xp.abs(v) ** (1 / 3))(x),
        "float": math.cbrt,
        "numpy": np.cbrt,
    },
    kinks="slope inf at 0",
)


def _sympy(name: str) -> Any:
    import sympy

    return getattr(sympy, name)


def _mpmath(name: str) -> Any:
    import mpmath

    return getattr(mpmath, name)


# -- trigonometric ------------------------------------------------------------------------------------------

_TURNS = "odd multiples of pi/2"

sin = Elementwise("sin", (lambda y, x: cos(x),))
cos = Elementwise("cos", (lambda y, x: -sin(x),))
tan = Elementwise("tan", (lambda y, x: 1 + square(y),), domain=Domain(holes=_TURNS), kinks="poles")
# (1 - x) * (1 + x) keeps the digits that 1 - x**2 loses near 1.
arcsin = Elementwise(
    "arcsin",
    (lambda y, x: reciprocal(sqrt((1 - x) * (1 + x))),),
    domain=UNIT,
    kinks="slope inf at -1 and 1",
)
arccos = Elementwise(
    "arccos",
    (lambda y, x: -reciprocal(sqrt((1 - x) * (1 + x))),),
    domain=UNIT,
    kinks="slope -inf at -1 and 1",
)
arctan = Elementwise("arctan", (lambda y, x: lorentz(x),))


def _lorentz_float(x: float) -> float:
    return 1.0 / (1.0 + x * x) if abs(x) < 1e8 else 1.0 / x / x


def _lorentz_numpy(x: Any) -> Any:
    far = np.abs(x) >= (1e8 if x.dtype.itemsize >= 8 else 1e3)
    near = np.where(far, 0, x)
    plain = 1 / (1 + near * near)
    return np.where(far, 1 / x / x, plain).astype(plain.dtype)[()] if far.any() else plain


lorentz = Elementwise(
    "lorentz",
    (lambda y, x: -2 * x * square(y),),
    kernels={"float": _lorentz_float, "numpy": _lorentz_numpy},
    body=lambda x: 1 / (1 + x * x),
    printed="1 / (1 + {}**2)",
    public=False,
)
"""1 / (1 + x**2) without the overflow of x**2."""


def _over_squares_float(a: float, b: float) -> float:
    if a == 0.0 and b == 0.0:
        return math.nan
    if math.isinf(a) or math.isinf(b):
        return math.nan if math.isinf(a) and math.isinf(b) else math.copysign(0.0, a)
    # Scaling by the power of two next to the larger operand is exact, and makes the sum safe.
    e = math.frexp(max(abs(a), abs(b)))[1]
    u, v = math.ldexp(a, -e), math.ldexp(b, -e)
    try:
        return math.ldexp(u / (u * u + v * v), -e)
    except OverflowError:
        return math.copysign(math.inf, a)


def _over_squares_numpy(a: Any, b: Any) -> Any:
    e = np.frexp(np.maximum(np.abs(a), np.abs(b)))[1]
    u, v = np.ldexp(a, -e), np.ldexp(b, -e)
    result = np.ldexp(u / (u * u + v * v), -e)
    one_infinite = np.isinf(a) ^ np.isinf(b)
    return np.where(one_infinite, np.copysign(0, a), result).astype(result.dtype)[()]


over_squares = Elementwise(
    "over_squares",
    (
        lambda y, a, b: square(over_squares(b, a)) - square(y),
        lambda y, a, b: -2 * y * over_squares(b, a),
    ),
    kernels={"float": _over_squares_float, "numpy": _over_squares_numpy},
    body=lambda a, b: a / (a * a + b * b),
    printed="{0} / ({0}**2 + {1}**2)",
    public=False,
)
"""a / (a**2 + b**2), scaled."""

arctan2 = Elementwise(
    "arctan2",
    (lambda y, a, b: over_squares(b, a), lambda y, a, b: -over_squares(a, b)),
    kinks="jumps by 2 pi across the negative x axis; nan at the origin, where no slope exists",
)
deg2rad = Elementwise("deg2rad", (math.pi / 180,))
rad2deg = Elementwise("rad2deg", (180 / math.pi,))

# -- hyperbolic ---------------------------------------------------------------------------------------------

sinh = Elementwise("sinh", (lambda y, x: cosh(x),))
cosh = Elementwise("cosh", (lambda y, x: sinh(x),))
tanh = Elementwise("tanh", (lambda y, x: sech2(x),))


def _sech2_float(x: float) -> float:
    t = math.exp(-2.0 * abs(x))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


def _sech2_numpy(x: Any) -> Any:
    t = np.exp(-2 * np.abs(x))
    return 4 * t / ((1 + t) * (1 + t))


sech2 = Elementwise(
    "sech2",
    (lambda y, x: -2 * tanh(x) * y,),
    kernels={"float": _sech2_float, "numpy": _sech2_numpy},
    body=lambda x: 1 / square(cosh(x)),
    printed="1 / cosh({})**2",
    public=False,
    source="1 - tanh(x)**2 loses all digits beyond |x| = 18; 4t / (1 + t)**2 with t = exp(-2|x|) none",
)

arcsinh = Elementwise("arcsinh", (lambda y, x: reciprocal(hypot(1, x)),))
arccosh = Elementwise(
    "arccosh",
    (lambda y, x: reciprocal(sqrt(x - 1) * sqrt(x + 1)),),
    domain=Domain(1, math.inf),
    kinks="slope inf at 1",
)
arctanh = Elementwise(
    "arctanh",
    (lambda y, x: reciprocal((1 - x) * (1 + x)),),
    domain=Domain(-1, 1, closed=(False, False)),
    kinks="infinite at -1 and 1",
)

# -- of two numbers -----------------------------------------------------------------------------------------


def _direction_float(a: float, b: float) -> float:
    if a == 0.0:
        return a
    if math.isinf(a):
        return math.nan if math.isinf(b) else math.copysign(1.0, a)
    if abs(a) >= abs(b):
        q = b / a
        return math.copysign(1.0, a) / math.sqrt(1.0 + q * q)
    if scaled_subnormal(a, b):
        e = 1000
        return math.ldexp(math.ldexp(a, e) / abs(b), -e)
    q = a / b
    return math.copysign(q, a) / math.sqrt(1.0 + q * q)


def scaled_subnormal(a: float, b: float) -> bool:
    return abs(a / b) < 2.3e-308 and abs(b) < 1e300


def _direction_numpy(a: Any, b: Any) -> Any:
    size = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(all="ignore"):
        u, v = a / size, b / size
        result = u / np.sqrt(u * u + v * v)
    result = np.where(np.equal(a, 0), a, result)
    result = np.where(np.isinf(a) & ~np.isinf(b), np.sign(a), result)
    return np.where(np.isinf(b) & ~np.isinf(a), np.copysign(0, a), result)[()]


direction = Elementwise(
    "direction",
    (
        lambda y, a, b: divide(square(direction(b, a)), hypot(a, b)),
        lambda y, a, b: -divide(y * direction(b, a), hypot(a, b)),
    ),
    kernels={"float": _direction_float, "numpy": _direction_numpy},
    body=lambda a, b: a / hypot(a, b),
    kinks="0 at the origin",
    printed="{0} / hypot({0}, {1})",
    public=False,
)
"""a / hypot(a, b), without overflow, and 0 at the origin."""

hypot = Elementwise(
    "hypot",
    (lambda y, a, b: direction(a, b), lambda y, a, b: direction(b, a)),
    kernels={"sympy": lambda a, b: sqrt(a * a + b * b)},
    kinks="0 at the origin (the middle of all slopes)",
)

copysign = Elementwise(
    "copysign",
    (lambda y, a, b: unit_sign(a) * unit_sign(b), 0),
    body=lambda a, b: abs(a) * unit_sign(b),
    kinks="kink at a = 0, jump at b = 0",
)
unit_sign = PiecewiseConstant(
    "unit_sign",
    kernels={"float": lambda x: math.copysign(1.0, x), "numpy": lambda x: np.copysign(np.ones_like(x), x)},
    body=lambda x: sign(x),
    public=False,
)

# -- cardinal sine ------------------------------------------------------------------------------------------


def _sinpi(x: Any, shift: int) -> Any:
    """sin(pi x + shift pi/2) with the period taken off exactly, before pi rounds."""
    r = np.fmod(x, 2.0)
    q = np.rint(2 * r)  # nearest multiple of a quarter turn
    t = np.pi * (r - q / 2)
    phase = (q.astype(int) + shift) % 4
    return np.choose(phase, [np.sin(t), np.cos(t), -np.sin(t), -np.cos(t)])


def _sinc_numpy(x: Any, *, order: int = 0) -> Any:
    """d^n/dz^n of sin(z)/z at z = pi x, times pi^n.

    Near 0 by its series sum_k (-1)^k z^(2k-n) (2k)!/(2k-n)!/(2k+1)!, elsewhere by differentiating
    z s = sin z:  s_n = (sin^(n) z - n s_(n-1)) / z, stable once |z| exceeds n.
    """
    x = np.asarray(x)
    z = np.pi * x.astype(np.float64)
    near = np.abs(z) < max(2.0, 1.5 * order)
    zn, far = np.where(near, z, 0.0), np.where(near, 1.0, z)
    series = np.zeros_like(z)
    for k in range((order + 1) // 2, order + 24):
        c = (-1.0) ** k * math.perm(2 * k, order) / math.factorial(2 * k + 1)
        series = series + c * zn ** (2 * k - order)
    xf = np.where(near, 1.0, np.where(np.isfinite(x), x, 0.0).astype(np.float64))
    outer = _sinpi(xf, 0) / far
    for n in range(1, order + 1):
        outer = (_sinpi(xf, n) - n * outer) / far
    result = np.where(np.isinf(z), 0.0, np.where(near, series, outer)) * np.pi**order
    return np.where(np.isnan(z), np.nan, result).astype(x.dtype if x.dtype.kind == "f" else np.float64)[()]


sinc = Elementwise(
    "sinc",
    (lambda y, x, order=0: sinc(x, order=order + 1),),
    kernels={
        "numpy": _sinc_numpy,
        "float": lambda x, order=0: float(_sinc_numpy(x, order=order)),
        "mpmath": lambda x, order=0: _mpmath("diff")(_mpmath("sincpi"), x, order) if order else _mpmath("sincpi")(x),
        "sympy": lambda x, order=0: _sympy("diff")(_sympy("sin")(_sympy("pi") * x) / (_sympy("pi") * x), x, order),
    },
    source="sin(pi x) / (pi x) and its derivatives, DLMF 10.49.3",
)
