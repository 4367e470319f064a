"""Rows of the operator table: hyperbolic functions and their inverses."""

from __future__ import annotations

import math

from chainrule.ops import kernels
from chainrule.ops.arithmetic import not_negative, reciprocal, square
from chainrule.ops.domain import Domain
from chainrule.ops.kinds import Elementwise
from chainrule.ops.polar import hypot
from chainrule.ops.powers import sqrt

sinh = Elementwise("sinh", (lambda y, x: cosh(x),), fast=True)
cosh: Elementwise = Elementwise("cosh", (lambda y, x: sinh(x),), fast=True)
tanh = Elementwise("tanh", (lambda y, x: sech2(x),), fast=True)


def _sech2_float(x: float) -> float:
    t = math.exp(-2.0 * abs(x))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


sech2: Elementwise = Elementwise(
    "sech2",
    (lambda y, x: -2 * tanh(x) * y,),
    kernels={"float": _sech2_float, "numpy": kernels.sech2},
    body=lambda x: 1 / square(cosh(x)),
    printed="1 / cosh({})**2",
    python={"math": "_sech2({})", "numpy": "(1 / np.cosh({}))**2"},
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
    (lambda y, x: reciprocal(not_negative((1 - x) * (1 + x))),),
    domain=Domain(-1, 1, closed=(False, False)),
    kinks="infinite at -1 and 1",
)

__all__ = ["arccosh", "arcsinh", "arctanh", "cosh", "sinh", "tanh"]
