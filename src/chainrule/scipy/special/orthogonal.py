"""Orthogonal polynomials: their derivatives are polynomials of one degree less, so nothing is divided at their ends."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import Number, StandIn, primal
from chainrule.scipy.called import number
from chainrule.scipy.digammas import digamma_gap
from chainrule.scipy.rows import UNKNOWN, SpecialRow, row, whole
from chainrule.scipy.special.gamma import binom, poch


def _lower(n: Number) -> Number:
    """n - 1, and 0 where n is 0: nothing is below a constant. A degree that is not whole, or below 0, is that of a
    hypergeometric function, for which the same formulas hold."""
    return ops.where(primal(n) == 0, 0.0, n - 1.0)


def _counted(n: Number) -> Number:
    """n, as a factor that vanishes with it."""
    return n * 1.0


def _reflected(slope: Callable[..., Number], shift: float, sign: float) -> Callable[..., Number]:
    """`slope`, where SciPy's polynomial of a whole degree n below 0 is that of -n - shift, times `sign`."""

    def computed(y: Number, n: Number, x: Number) -> Number:
        n0 = primal(n)
        below = (n0 < 0) & ops.equal(n0, ops.floor(n0))
        if not isinstance(n0, StandIn) and not np.any(below):
            return slope(y, n, x)
        return ops.where(below, sign, 1.0) * slope(y, ops.where(below, -n0 - shift, n0), x)

    return computed


_REFLECTED = {
    **dict.fromkeys(("chebyt", "chebyc", "sh_chebyt"), (0.0, 1.0)),
    **dict.fromkeys(("chebyu", "chebys", "sh_chebyu"), (2.0, -1.0)),
    **dict.fromkeys(("legendre", "sh_legendre"), (1.0, 1.0)),
}


def _polynomial(
    name: str, arguments: str, slope: Callable[..., Number], exact: Any, source: str, *rest: Any
) -> SpecialRow:
    if name in _REFLECTED:
        slope = _reflected(slope, *_REFLECTED[name])
    return row(
        f"eval_{name}", arguments, UNKNOWN, *rest, slope, exact=exact, source=source,
        compute=whole(getattr(scipy.special, f"eval_{name}"), 0),
    )  # fmt: skip


def _any(n: Number) -> Number:
    """0 where the degree is 0, else 1."""
    return ops.where(primal(n) == 0, 0.0, 1.0)


# -- by the parameters, for whole degrees: sums over the polynomials of lower degrees ---------------------------


def _sum_below(name: str, n: Number, term: Callable[[int, Number], Number]) -> Number:
    """The sum of term(k, n - k) over k = 0, ..., n - 1."""
    degree = primal(n)
    if isinstance(degree, StandIn):
        raise UnsupportedFunction.here(f"{name}: by its parameters it has a derivative for degrees known to jit")
    if np.any(np.rint(degree) != degree):
        raise UnsupportedFunction.here(
            f"{name}: by its parameters it has a derivative for whole degrees only, got n = {degree}; hold them "
            "constant\n  (plain numbers, or cr.stop_gradient), or give the function a rule with @cr.custom_vjp"
        )
    total: Number = 0.0
    for k in range(int(np.max(degree, initial=0))):
        inside = degree > k
        total = total + ops.where(inside, term(k, ops.where(inside, degree - float(k), 1.0)), 0.0)
    return total


def _genlaguerre_by_alpha(y: Number, n: Number, a: Number, x: Number) -> Number:
    return _sum_below("scipy.special.eval_genlaguerre", n, lambda k, left: genlaguerre(float(k), a, x) / left)


def _gegenbauer_by_alpha(y: Number, n: Number, a: Number, x: Number) -> Number:
    """Szmytkowski 2011, equation 3.16."""

    def term(k: int, left: Number) -> Number:
        even = 1.0 - primal(left) % 2.0
        lower = 4.0 * even * (k + a) / ((k + n + 2.0 * a) * left) * gegenbauer(float(k), a, x)
        return lower + y * (2.0 * (k + 1) / ((2.0 * a + k) * (2.0 * a + 2 * k + 1.0)) + 2.0 / (k + n + 2.0 * a))

    return _sum_below("scipy.special.eval_gegenbauer", n, term)


def _jacobi_by_alpha(
    y: Number, n: Number, a: Number, b: Number, x: Number, name: str = "scipy.special.eval_jacobi"
) -> Number:
    """Froehlich 1994; where k is 0 the factor a + b + 1 is taken out of both parts of its quotient."""
    s = a + b + 1.0

    def term(k: int, left: Number) -> Number:
        rising = poch(b + (k + 1.0), left)
        ratio = (2.0 * k + s) * rising / poch(k + s, left) if k else rising / poch(s + 1.0, left - 1.0)
        return (y + ratio / left * jacobi(float(k), a, b, x)) / (k + n + s)

    return _sum_below(name, n, term)


def _jacobi_by_beta(
    y: Number, n: Number, a: Number, b: Number, x: Number, name: str = "scipy.special.eval_jacobi"
) -> Number:
    """By P(n, a, b, x) = (-1)**n P(n, b, a, -x), DLMF 18.6.1."""
    sign = 1.0 - 2.0 * (primal(n) % 2.0)
    return sign * _jacobi_by_alpha(sign * y, n, b, a, -x, name)


def _sh_jacobi_parts(n: Number, p: Number, q: Number, x: Number) -> tuple[Number, Number, Number]:
    """The derivatives of P(n, a, b, 2 x - 1), a = p - q and b = q - 1, by a and by b, and what it is divided by."""
    a, b, t = p - q, q - 1.0, 2.0 * x - 1.0
    y = jacobi(n, a, b, t)
    size = binom(2.0 * n + p - 1.0, n)
    name = "scipy.special.eval_sh_jacobi"
    return _jacobi_by_alpha(y, n, a, b, t, name), _jacobi_by_beta(y, n, a, b, t, name), size


def _sh_jacobi_by_p(y: Number, n: Number, p: Number, q: Number, x: Number) -> Number:
    by_a, _, size = _sh_jacobi_parts(n, p, q, x)
    return by_a / size - y * digamma_gap(n + p, n)


def _sh_jacobi_by_q(y: Number, n: Number, p: Number, q: Number, x: Number) -> Number:
    by_a, by_b, size = _sh_jacobi_parts(n, p, q, x)
    return (by_b - by_a) / size


jacobi: SpecialRow = _polynomial(
    "jacobi", "n alpha beta x",
    lambda y, n, a, b, x: 0.5 * _any(n) * (n + a + b + 1.0) * jacobi(_lower(n), a + 1.0, b + 1.0, x),
    lambda m, n, a, b, x: m.jacobi(n, a, b, x), "DLMF 18.9.15; by alpha Froehlich 1994",
    _jacobi_by_alpha, _jacobi_by_beta,
)  # fmt: skip
gegenbauer: SpecialRow = _polynomial(
    "gegenbauer", "n alpha x", lambda y, n, a, x: 2.0 * _any(n) * a * gegenbauer(_lower(n), a + 1.0, x),
    lambda m, n, a, x: m.gegenbauer(n, a, x), "DLMF 18.9.19; by alpha Szmytkowski 2011",
    _gegenbauer_by_alpha,
)  # fmt: skip
genlaguerre: SpecialRow = _polynomial(
    "genlaguerre", "n alpha x", lambda y, n, a, x: -_any(n) * genlaguerre(_lower(n), a + 1.0, x),
    lambda m, n, a, x: m.laguerre(n, a, x), "DLMF 18.9.23; by alpha Koepf 1997",
    _genlaguerre_by_alpha,
)  # fmt: skip
legendre: SpecialRow = _polynomial(
    "legendre", "n x", lambda y, n, x: 0.5 * _any(n) * (n + 1.0) * jacobi(_lower(n), 1.0, 1.0, x),
    lambda m, n, x: m.legendre(n, x), "DLMF 18.9.15",
)  # fmt: skip
chebyt: SpecialRow = _polynomial(
    "chebyt", "n x", lambda y, n, x: _counted(n) * chebyu(_lower(n), x), lambda m, n, x: m.chebyt(n, x), "DLMF 18.9.21"
)
chebyu: SpecialRow = _polynomial(
    "chebyu", "n x", lambda y, n, x: 2.0 * _any(n) * gegenbauer(_lower(n), 2.0, x),
    lambda m, n, x: m.chebyu(n, x), "DLMF 18.9.19",
)  # fmt: skip
chebyc: SpecialRow = _polynomial(
    "chebyc", "n x", lambda y, n, x: _counted(n) * chebyu(_lower(n), 0.5 * x), lambda m, n, x: 2 * m.chebyt(n, x / 2),
    "2 T_n(x / 2)",
)  # fmt: skip
chebys: SpecialRow = _polynomial(
    "chebys", "n x", lambda y, n, x: _any(n) * gegenbauer(_lower(n), 2.0, 0.5 * x), lambda m, n, x: m.chebyu(n, x / 2),
    "U_n(x / 2)",
)  # fmt: skip
laguerre: SpecialRow = _polynomial(
    "laguerre", "n x", lambda y, n, x: -_any(n) * genlaguerre(_lower(n), 1.0, x),
    lambda m, n, x: m.laguerre(n, 0, x), "DLMF 18.9.23",
)  # fmt: skip
hermite: SpecialRow = _polynomial(
    "hermite", "n x", lambda y, n, x: 2.0 * _counted(n) * hermite(_lower(n), x),
    lambda m, n, x: m.hermite(n, x), "DLMF 18.9.25",
)  # fmt: skip
hermitenorm: SpecialRow = _polynomial(
    "hermitenorm", "n x", lambda y, n, x: _counted(n) * hermitenorm(_lower(n), x),
    lambda m, n, x: m.hermite(n, x / m.sqrt(2)) / m.sqrt(2) ** n, "DLMF 18.9.27",
)  # fmt: skip
sh_legendre: SpecialRow = _polynomial(
    "sh_legendre", "n x", lambda y, n, x: _any(n) * (n + 1.0) * jacobi(_lower(n), 1.0, 1.0, 2.0 * x - 1.0),
    lambda m, n, x: m.legendre(n, 2 * x - 1), "P_n(2 x - 1)",
)  # fmt: skip
sh_chebyt: SpecialRow = _polynomial(
    "sh_chebyt", "n x", lambda y, n, x: 2.0 * _counted(n) * chebyu(_lower(n), 2.0 * x - 1.0),
    lambda m, n, x: m.chebyt(n, 2 * x - 1), "T_n(2 x - 1)",
)  # fmt: skip
sh_chebyu: SpecialRow = _polynomial(
    "sh_chebyu", "n x", lambda y, n, x: 4.0 * _any(n) * gegenbauer(_lower(n), 2.0, 2.0 * x - 1.0),
    lambda m, n, x: m.chebyu(n, 2 * x - 1), "U_n(2 x - 1)",
)  # fmt: skip
sh_jacobi: SpecialRow = _polynomial(
    "sh_jacobi", "n p q x", lambda y, n, p, q, x: _counted(n) * sh_jacobi(_lower(n), p + 2.0, q + 1.0, x),
    None, "DLMF 18.9.15 and 18.7.1", _sh_jacobi_by_p, _sh_jacobi_by_q,
)  # fmt: skip
lpmv: SpecialRow = row(
    "lpmv", "m v x", UNKNOWN, UNKNOWN,
    lambda y, m, v, x: (v * x * y - (v + m) * lpmv(m, v - 1.0, x)) / (x * x - 1.0),
    exact=lambda mp, m, v, x: mp.legenp(v, m, x), source="DLMF 14.10.5", kinks="nan at -1 and 1",
)  # fmt: skip


# -- polynomials as objects: legendre(3) and the like -----------------------------------------------------------

OBJECTS = (
    "legendre", "chebyt", "chebyu", "chebyc", "chebys", "hermite", "hermitenorm", "laguerre", "genlaguerre",
    "gegenbauer", "jacobi", "sh_legendre", "sh_chebyt", "sh_chebyu", "sh_jacobi",
)  # fmt: skip
"""The functions that make them."""
KIND = type(scipy.special.legendre(1))


def seeing(made: Any) -> Any:
    """The polynomial `made`, with carriers also in the lists and arrays of objects it is called with."""
    evaluate = getattr(made, "_eval_func", None)
    if evaluate is None or isinstance(evaluate, _OfNumbers):
        return made
    made = copy.copy(made)
    made.__dict__["_eval_func"] = _OfNumbers(evaluate)
    return made


class _OfNumbers:
    """A function of a number or an array, called with what becomes one."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, x: Any) -> Any:
        return self.function(number(x) if holds(x) else x)


def maker(call: Callable[..., Any]) -> Callable[..., Any]:
    """One of the functions in `OBJECTS`, whose results see carriers in lists."""

    @functools.wraps(call)
    def make(*args: Any, **settings: Any) -> Any:
        return seeing(call(*args, **settings))

    return make
