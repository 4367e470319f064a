"""Integrals that QUADPACK computes with a weight, as integrals without one: these have derivatives by all they hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chainrule import ops
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import primal
from chainrule.transforms.implicit import as_one_number

Function = Callable[..., Any]


def unweighted(f: Function, a: Any, b: Any, weight: str, wvar: Any) -> tuple[Function, Any, Any, Any, Any]:
    """(integrand, its limits, what its integral is multiplied by, what is added) for f times a weight.

    cos, sin  cos(w x), sin(w x)
    alg       (x - a)**alpha (b - x)**beta, wvar = (alpha, beta): over the unit interval, so that limits move smoothly
    cauchy    1 / (x - c) as a principal value: that of (f(x) - f(c)) / (x - c), and f(c) log((b - c) / (c - a))
    """
    finite = math.isfinite(primal(a)) and math.isfinite(primal(b))
    if weight not in ("cos", "sin", "alg", "cauchy") or not finite:
        what = f"weight={weight!r}" + ("" if finite else " and infinite limits")
        raise UnsupportedFunction.here(f"scipy.integrate.quad: the derivative of its answer is not known with {what}")
    if weight == "alg":
        alpha, beta = (as_one_number(x) for x in wvar)
        width = b - a
        size = ops.power(width * 1.0, 1.0 + alpha + beta)
        return lambda u: f(a + width * u) * ops.power(u, alpha) * ops.power(1.0 - u, beta), 0.0, 1.0, size, 0.0
    w = as_one_number(wvar)
    if weight == "cauchy":
        at_c = f(w)
        return lambda x: (f(x) - at_c) / (x - w), a, b, 1.0, at_c * ops.log((b - w) / (w - a))
    wave = ops.cos if weight == "cos" else ops.sin
    return lambda x: f(x) * wave(w * x), a, b, 1.0, 0.0
