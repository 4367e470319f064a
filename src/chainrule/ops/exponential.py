"""Rows of the operator table: exponentials and logarithms."""

from __future__ import annotations

import math
from typing import Any

from chainrule.libraries import constant
from chainrule.ops.arithmetic import divide, not_negative, reciprocal
from chainrule.ops.domain import POSITIVE, Domain
from chainrule.ops.kinds import Elementwise

LN2, LN10 = math.log(2.0), math.log(10.0)

# -- exponentials and logarithms ----------------------------------------------------------------------------

exp = Elementwise("exp", (lambda y, x: y,), fast=True)
exp2 = Elementwise(
    "exp2", (lambda y, x: y * log_of(2, y),), body=lambda x: 2**x, printed="2**{}", names={"scipy": "exp2"}
)
# y + 1 would lose every digit of exp(x) once exp(x) is below the last digit of 1.
expm1 = Elementwise(
    "expm1",
    (lambda y, x: exp(x),),
    kernels={"sympy": lambda x: exp(x) - 1},
    source="DLMF 4.4",
    names={"scipy": "expm1"},
    fast=True,
)
log = Elementwise(
    "log",
    (lambda y, x: reciprocal(not_negative(x)),),
    domain=POSITIVE,
    kinks="-inf at 0, where the slope is inf",
    fast=True,
)
log2 = Elementwise(
    "log2",
    (lambda y, x: divide(1 / log_of(2, x), not_negative(x)),),
    body=lambda x: log(x) / log_of(2, x),
    kernels={"mpmath": lambda x: log(x) / log(type(x)(2))},
    domain=POSITIVE,
    kinks="-inf at 0, where the slope is inf",
)
log10 = Elementwise(
    "log10",
    (lambda y, x: divide(1 / log_of(10, x), not_negative(x)),),
    body=lambda x: log(x) / log_of(10, x),
    domain=POSITIVE,
    kinks="-inf at 0, where the slope is inf",
)
log1p = Elementwise(
    "log1p",
    (lambda y, x: reciprocal(not_negative(1 + x)),),
    kernels={"sympy": lambda x: log(1 + x)},
    domain=Domain(-1, math.inf, closed=(False, True)),
    kinks="-inf at -1, where the slope is inf",
    names={"scipy": "log1p"},
    fast=True,
)


def log_of(n: int, like: Any) -> Any:
    """log(n) as a number of the kind of `like`."""
    return constant(like, LN2 if n == 2 else LN10, lambda m: m.log(n))


__all__ = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10"]
