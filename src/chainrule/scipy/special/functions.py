"""SciPy's functions that are written in Python over others, as rules with its own parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.carriers.refusals import no_complex, no_setting
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import StandIn, ndim, primal, shape
from chainrule.ops.special import polygamma as polygamma_row
from chainrule.scipy.special import bessel, gamma, spherical
from chainrule.scipy.special.analytic import ANALYTIC
from chainrule.scipy.special.zeta import LAMBERT, hurwitz, riemann


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b exp(a))), and its sign where that is asked for."""
    if b is None:
        y = ops.logsumexp(a, axis, keepdims)
        return (y, np.ones(shape(y))[()]) if return_sign else y
    size = np.broadcast_shapes(shape(a), shape(b))
    a, b = (x if shape(x) == size else ops.broadcast_to(x, size) for x in (a, b))
    used = primal(b) != 0
    top = ops.max(ops.where(used, primal(a), -math.inf), axis, True)
    top = ops.where(ops.absolute(top) < math.inf, top, 0.0)
    total = ops.sum(b * ops.where(used, ops.exp(ops.where(used, a, 0.0) - top), 0.0), axis, keepdims)
    sign = ops.sign(primal(total))
    top = top if keepdims else ops.sum(top, axis, False) / (ops.sum(ops.exp(0.0 * top), axis, False))
    y = ops.log(ops.absolute(total) if return_sign else total) + top
    return (y, sign) if return_sign else y


def softmax(x: Any, axis: Any = None) -> Any:
    return ops.softmax(x, axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    return ops.log_softmax(x, axis)


def polygamma(n: Any, x: Any) -> Any:
    order = np.asarray(n)
    if np.any(order != np.rint(order)) or np.any(order < 0):
        raise ValueError("polygamma: n should be a whole number of at least 0")
    orders = np.unique(order).astype(int)
    x = x * 1.0
    parts = [polygamma_row(x, order=int(k)) for k in orders]
    y = parts[-1] if order.ndim == 0 else ops.broadcast_to(parts[-1], np.broadcast_shapes(order.shape, shape(x)))
    for k, part in zip(orders[:-1], parts[:-1], strict=True):
        y = ops.where(order == k, part, y)
    return y


def multigammaln(a: Any, d: Any) -> Any:
    if np.any(np.asarray(primal(a)) <= 0.5 * (d - 1)):
        raise ValueError(f"condition a ({primal(a)}) > 0.5 * (d-1) ({0.5 * (d - 1)}) not met")
    return gamma.multigammaln(a, d)


def zeta(x: Any, q: Any = None) -> Any:
    return riemann(x * 1.0) if q is None else hurwitz(x, q)


def lambertw(z: Any, k: Any = 0, tol: Any = 1e-8) -> Any:
    """The real value on the branches 0 and -1. Refused where SciPy's is complex."""
    branch = k
    row = LAMBERT.get(int(branch)) if np.ndim(branch) == 0 else None
    if row is None:
        raise no_setting("scipy.special.lambertw", ["k"], f" ({branch}; the real branches are 0 and -1)")
    plain = primal(z)
    if not isinstance(plain, StandIn) and np.any(scipy.special.lambertw(plain, branch).imag):
        raise no_complex(f"scipy.special.lambertw(z, {branch}), complex here,")
    return row(z * 1.0)


def _repeated(row: Any, sign: float, v: Any, z: Any, n: Any) -> Any:
    """The derivative of order n by DLMF 10.6.7 and 10.29.5: differences or sums of neighbours."""
    n = int(n)
    if n < 0:
        raise ValueError("n must be a non-negative integer")
    total: Any = 0.0
    for k in range(n + 1):
        total = total + sign**k * math.comb(n, k) * row(v - n + 2.0 * k, z * 1.0)
    return total / 2.0**n


def jvp(v: Any, z: Any, n: Any = 1) -> Any:
    return _repeated(bessel.jv, -1.0, v, z, n)


def yvp(v: Any, z: Any, n: Any = 1) -> Any:
    return _repeated(bessel.yv, -1.0, v, z, n)


def ivp(v: Any, z: Any, n: Any = 1) -> Any:
    return _repeated(bessel.iv, 1.0, v, z, n)


def kvp(v: Any, z: Any, n: Any = 1) -> Any:
    return (-1.0) ** int(n) * _repeated(bessel.kv, 1.0, v, z, n)


def h1vp(v: Any, z: Any, n: Any = 1) -> Any:
    return _repeated(ANALYTIC["hankel1"], -1.0, v, z, n)


def h2vp(v: Any, z: Any, n: Any = 1) -> Any:
    return _repeated(ANALYTIC["hankel2"], -1.0, v, z, n)


def _spherical(row: Any) -> Callable[..., Any]:
    slope = row.partials[1]

    def rule(n: Any, z: Any, derivative: bool = False) -> Any:
        z = z * 1.0
        return slope(None, np.asarray(n, float)[()], z) if derivative else row(np.asarray(n, float)[()], z)

    return rule


spherical_jn, spherical_yn = _spherical(spherical.spherical_jn), _spherical(spherical.spherical_yn)
spherical_in, spherical_kn = _spherical(spherical.spherical_in), _spherical(spherical.spherical_kn)


def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    _inexact("comb", exact)
    inside = (primal(k) >= 0) & (primal(N) >= 0) & ((primal(k) <= primal(N)) | bool(repetition))
    y = gamma.binom(N + k - 1.0, k) if repetition else gamma.binom(N, k)
    return ops.where(inside, y, 0.0)


def perm(N: Any, k: Any, exact: bool = False) -> Any:
    _inexact("perm", exact)
    inside = (primal(k) >= 0) & (primal(N) >= 0) & (primal(k) <= primal(N))
    return ops.where(inside, gamma.poch(N - k + 1.0, k), 0.0)


def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    _inexact("factorial", exact)
    if extend != "zero":
        raise no_setting("scipy.special.factorial", ["extend"], f" ({extend!r})")
    below = primal(n) < 0
    return ops.where(below, 0.0, ops.gamma(ops.where(below, 0.0, n) + 1.0))


def _inexact(name: str, exact: bool) -> None:
    if exact:
        raise UnsupportedFunction.here(
            f"scipy.special.{name} with exact=True counts whole numbers, which have no derivative; use exact=False"
        )


def diric(x: Any, n: Any) -> Any:
    """sin(n x / 2) / (n sin(x / 2)) for a whole n, as the mean of n cosines, without its quotient 0 / 0."""
    n = int(n)
    if n <= 0:
        return x * math.nan
    x = x * 1.0
    halves = np.arange(-(n - 1), n, 2) / 2.0
    spread = ops.expand_dims(x, -1) if ndim(x) else x
    return ops.sum(ops.cos(spread * halves), -1) / float(n)


def softplus(x: Any) -> Any:
    return ops.softplus(x * 1.0)


HELD = {
    "polygamma": ("n",), "multigammaln": ("d",), "lambertw": ("k", "tol"), "jvp": ("v", "n"), "yvp": ("v", "n"),
    "ivp": ("v", "n"), "kvp": ("n",), "h1vp": ("v", "n"), "h2vp": ("v", "n"),
    "spherical_jn": ("n",), "spherical_yn": ("n",), "spherical_in": ("n",),
    "spherical_kn": ("n",), "diric": ("n",),
}  # fmt: skip
"""The arguments by which there is no derivative."""
NAMES = (
    "logsumexp", "softmax", "log_softmax", "polygamma", "multigammaln", "zeta", "lambertw", "jvp", "yvp", "ivp", "kvp",
    "h1vp", "h2vp",
    "spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "comb", "perm", "factorial", "diric", "softplus",
)  # fmt: skip
RULES: dict[str, Callable[..., Any]] = {name: globals()[name] for name in NAMES if hasattr(scipy.special, name)}
"""SciPy's name -> the rule, with SciPy's names of the parameters."""
