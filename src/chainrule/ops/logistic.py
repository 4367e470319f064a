"""Rows of the operator table: sigmoid and its relatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.native.dense as dense
from chainrule.libraries import ieee, late
from chainrule.ops import kernels
from chainrule.ops.exponential import exp, log, log1p
from chainrule.ops.kinds import Elementwise, PiecewiseConstant

# -- the logistic family --------------------------------------------------------------------------------------


def _sigmoid_float(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    t = math.exp(x)
    return t / (1.0 + t)


def _sigmoid_array(xp: Any) -> Any:
    def compute(x: Any) -> Any:
        t = xp.exp(-xp.abs(x))
        return xp.where(x >= 0, xp.ones_like(t), t) / (1 + t)

    return compute


sigmoid: Elementwise = Elementwise(
    "sigmoid",
    # sigmoid(-x) rather than 1 - y, which has no digits left beyond x = 37.
    (lambda y, x: y * sigmoid(-x),),
    kernels={
        "float": _sigmoid_float,
        "numpy": kernels.sigmoid,
        "array": _sigmoid_array,
        "mpmath": lambda x: 1 / (1 + exp(-x)),
        "sympy": lambda x: 1 / (1 + exp(-x)),
    },
    source="1 / (1 + exp(-x)), by exp(-|x|) on both sides so that nothing overflows",
    names={"scipy": "expit"},
    python={"math": "_sigmoid({})", "numpy": "1 / (1 + np.exp(-{}))"},
    fast=True,
)


softplus = Elementwise(
    "softplus",
    (lambda y, x: sigmoid(x),),
    kernels={
        "float": lambda x: math.log1p(math.exp(-abs(x))) + max(x, 0.0),
        "numpy": kernels.softplus,
        "array": lambda xp: lambda x: xp.log1p(xp.exp(-xp.abs(x))) + xp.where(x > 0, x, xp.zeros_like(x)),
        "mpmath": lambda x: log1p(exp(x)),
        "sympy": lambda x: log(1 + exp(x)),
    },
    kinks="none; written naively, log1p(exp(x)) overflows from x = 710 on: value inf, slope nan",
    source="log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))",
    python={"math": "max({0}, 0.0) + math.log1p(math.exp(-abs({0})))", "numpy": "np.logaddexp(0.0, {})"},
)

heaviside0 = PiecewiseConstant(
    "heaviside0",
    kernels={
        "float": lambda x: 1.0 if x > 0 else 0.0 * x if x != x else 0.0,
        "numpy": lambda x: np.heaviside(x, np.zeros_like(x)),
        "array": lambda xp: lambda x: xp.astype(x > 0, x.dtype),
        "sympy": lambda x: late("sympy.Heaviside")(x, 0),
        "mpmath": lambda x: type(x)(x > 0),
    },
    printed="1 if {} > 0 else 0",
    public=False,
)

relu = Elementwise(
    "relu",
    (lambda y, x: heaviside0(x),),
    kernels={
        "float": lambda x: x if x > 0 or x != x else 0.0,
        "numpy": lambda x: np.maximum(x, 0),
        "array": lambda xp: lambda x: xp.where(x > 0, x, xp.zeros_like(x)),
        "sympy": lambda x: late("sympy.Max")(0, x),
        "mpmath": lambda x: x if x > 0 else x * 0,
    },
    selects=True,
    kinks="slope 0 at 0",
    decides=lambda x: x,
    symbol="ReLU",
    python={"math": "max({}, 0.0)", "numpy": "np.maximum({}, 0.0)"},
    fast=True,
)


_exp: Callable[[float], float] = ieee(math.exp, np.exp)


def _exp_difference_float(a: float, b: float) -> float:
    d = a - b
    if not math.isfinite(d):
        return _exp(d) if a != b else 1.0
    y = _exp(d)
    return y + y * float(kernels.two_sum_error(a, b, d)) if y < math.inf else y


def _exp_difference_numpy(a: Any, b: Any) -> Any:
    d = np.subtract(a, b)
    y = np.exp(d)
    corrected = dense.corrected(y, a, b, d)
    if dense.finite(corrected):
        return corrected
    with np.errstate(invalid="ignore"):  # an infinite operand leaves no error to speak of
        error = kernels.two_sum_error(a, b, d)
    return np.where(np.isfinite(error) & np.isfinite(y), corrected, np.where(np.equal(a, b), 1, y)).astype(y.dtype)[()]


exp_difference = Elementwise(
    "exp_difference",
    (lambda y, a, b: y, lambda y, a, b: -y),
    kernels={"float": _exp_difference_float, "numpy": _exp_difference_numpy},
    body=lambda a, b: exp(a - b),
    printed="exp({} - {})",
    public=False,
    source="the rounding error e of a - b, times 1 + e: without it exp(-700) loses 8 bits",
)


def _share_float(a: float, b: float) -> float:
    d = a - b
    if not math.isfinite(d):
        return _sigmoid_float(d) if d == d else math.nan
    y = _sigmoid_float(d)
    return y + y * (_sigmoid_float(-d) * float(kernels.two_sum_error(a, b, d)))


sigmoid_difference: Elementwise = Elementwise(
    "sigmoid_difference",
    (lambda y, a, b: y * sigmoid_difference(b, a), lambda y, a, b: -y * sigmoid_difference(b, a)),
    kernels={"float": _share_float, "numpy": kernels.share},
    body=lambda a, b: sigmoid(a - b),
    printed="exp({0}) / (exp({0}) + exp({1}))",
    python={"math": "_sigmoid({} - {})", "numpy": "1 / (1 + np.exp({1} - {0}))"},
    public=False,
)


def _logaddexp_float(a: float, b: float) -> float:
    if a == b:
        return a + math.log(2)
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


logaddexp = Elementwise(
    "logaddexp",
    (lambda y, a, b: sigmoid_difference(a, b), lambda y, a, b: sigmoid_difference(b, a)),
    kernels={"float": _logaddexp_float, "numpy": kernels.logaddexp},
    body=lambda a, b: log(exp(a) + exp(b)),
    python={"math": "max({0}, {1}) + math.log1p(math.exp(-abs({0} - {1})))"},
)

dense.start()

__all__ = ["logaddexp", "relu", "sigmoid", "softplus"]
