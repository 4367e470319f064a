"""Rows of the operator table: trigonometric functions and their inverses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.libraries import constant, late
from chainrule.ops import kernels, scaled
from chainrule.ops.arithmetic import reciprocal, square
from chainrule.ops.domain import UNIT, Domain
from chainrule.ops.kinds import Elementwise
from chainrule.ops.powers import sqrt

_TURNS = "odd multiples of pi/2"

sin = Elementwise("sin", (lambda y, x: cos(x),), kernels={"numpy": kernels.sin}, fast=True)
cos: Elementwise = Elementwise("cos", (lambda y, x: -sin(x),), kernels={"numpy": kernels.cos}, fast=True)
tan = Elementwise("tan", (lambda y, x: 1 + square(y),), domain=Domain(holes=_TURNS), kinks="poles", fast=True)
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
arctan = Elementwise(
    "arctan",
    (lambda y, x: lorentzian(x),),
    shares={0: lambda ct, y, x: scaled.share(ct, lorentzian(x), [1.0], [x, x])},
    fast=True,
)


def _lorentzian_float(x: float) -> float:
    return 1.0 / (1.0 + x * x) if abs(x) < 1e8 else 1.0 / x / x


def _lorentzian_numpy(x: Any) -> Any:
    far = np.abs(x) >= (1e8 if x.dtype.itemsize >= 8 else 1e3)
    near = np.where(far, 0, x)
    plain = 1 / (1 + near * near)
    return np.where(far, 1 / x / x, plain).astype(plain.dtype)[()] if far.any() else plain


lorentzian: Elementwise = Elementwise(
    "lorentzian",
    # x y y rather than x y**2: y**2 vanishes long before the product does
    (lambda y, x: -2 * (x * y) * y,),
    kernels={"float": _lorentzian_float, "numpy": _lorentzian_numpy},
    body=lambda x: 1 / (1 + x * x),
    printed="1 / (1 + {}**2)",
    public=False,
)
"""1 / (1 + x**2) without the overflow of x**2."""


def _pi(like: Any) -> Any:
    return constant(like, math.pi, lambda m: +m.pi)


deg2rad = Elementwise(
    "deg2rad",
    (lambda y, x: _pi(x) / 180,),
    kernels={"mpmath": lambda x: x * _pi(x) / 180, "sympy": lambda x: x * _pi(x) / 180},
    body=lambda x: x * (math.pi / 180),
    printed="{} * pi / 180",
    names={"math": "radians", "numpy": "radians"},
)
rad2deg = Elementwise(
    "rad2deg",
    (lambda y, x: 180 / _pi(x),),
    kernels={"mpmath": lambda x: x * 180 / _pi(x), "sympy": lambda x: x * 180 / _pi(x)},
    body=lambda x: x * (180 / math.pi),
    printed="{} * 180 / pi",
    names={"math": "degrees", "numpy": "degrees"},
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
    z = np.pi * np.clip(x.astype(np.float64), -1e300, 1e300)  # beyond, sin(pi x) = 0
    near = np.abs(z) < max(2.0, 1.5 * order)
    zn, far = np.where(near, z, 0.0), np.where(near, 1.0, x.astype(np.float64))
    series = np.zeros_like(z)
    for k in range((order + 1) // 2, order + 24):
        c = (-1.0) ** k * math.perm(2 * k, order) / math.factorial(2 * k + 1)
        series = series + c * zn ** (2 * k - order)
    xf = np.where(near, 1.0, np.where(np.isfinite(x), x, 0.0).astype(np.float64))
    outer = _sinpi(xf, 0) / np.pi / far  # pi x may overflow
    for n in range(1, order + 1):
        outer = (_sinpi(xf, n) - n * outer) / np.pi / far
    result = np.where(np.isinf(x), 0.0, np.where(near, series, outer)) * np.pi**order
    return np.where(np.isnan(z), np.nan, result).astype(x.dtype if x.dtype.kind == "f" else np.float64)[()]


def _sinc_array(xp: Any) -> Any:
    """As `_sinc_numpy`, with the functions of the array API."""

    def turned(x: Any, shift: int) -> Any:
        r = x - 2 * xp.floor(x / 2)
        q = xp.round(2 * r)
        t, phase = math.pi * (r - q / 2), q + shift - 4 * xp.floor((q + shift) / 4)
        odd = xp.where(phase == 1, xp.cos(t), -xp.cos(t))
        return xp.where(phase == 0, xp.sin(t), xp.where(phase == 2, -xp.sin(t), odd))

    def compute(x: Any, order: int = 0) -> Any:
        one, nothing = xp.ones_like(x), xp.zeros_like(x)
        finite = xp.where(xp.abs(x) < math.inf, x, nothing)
        near = xp.abs(math.pi * finite) < max(2.0, 1.5 * order)
        zn, far = xp.where(near, math.pi * finite, nothing), xp.where(near, one, finite)
        series = nothing
        for k in range((order + 1) // 2, order + 24):
            c = (-1.0) ** k * math.perm(2 * k, order) / math.factorial(2 * k + 1)
            series = series + c * zn ** (2 * k - order)
        outer = turned(far, 0) / math.pi / far
        for n in range(1, order + 1):
            outer = (turned(far, n) - n * outer) / math.pi / far
        result = xp.where(near, series, outer) * math.pi**order
        return xp.where(xp.abs(x) == math.inf, nothing, xp.where(x != x, x, result))

    return compute


def _sinc_mpmath(x: Any, order: int = 0) -> Any:
    sincpi = late("mpmath.sincpi")
    return late("mpmath.diff")(sincpi, x, order) if order else sincpi(x)


def _sinc_sympy(x: Any, order: int = 0) -> Any:
    z = late("sympy.Symbol")("z")
    return late("sympy.diff")(late("sympy.sympify")("sin(pi*z) / (pi*z)"), z, order).subs(z, x)


sinc: Elementwise = Elementwise(
    "sinc",
    (lambda y, x, order=0: sinc(x, order=order + 1),),
    kernels={
        "numpy": _sinc_numpy,
        "array": _sinc_array,
        "float": lambda x, order=0: float(_sinc_numpy(x, order=order)),
        "mpmath": _sinc_mpmath,
        "sympy": _sinc_sympy,
    },
    source="sin(pi x) / (pi x) and its derivatives, DLMF 10.49.3",
)

__all__ = ["arccos", "arcsin", "arctan", "cos", "deg2rad", "rad2deg", "sin", "sinc", "tan"]
