"""Mathieu's and spheroidal wave functions by their variable: solutions of equations of the second order.

SciPy gives such a function and its slope, two rows here; the slope's slope is what the equation says. Mathieu's
(DLMF 28.2.1, 28.20.1): y'' = (2 q cos 2x - a) y and y'' = (a - 2 q cosh 2x) y. Spheroidal ones (DLMF 30.2.1):
(x**2 - 1) y'' = -2 x y' + (lambda - c**2 x**2 - m**2 / (1 - x**2)) y, with i c and i x in place of c and x for the
oblate radial ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.numbers import Number, ndim, primal
from chainrule.ops.domain import POSITIVE, REALS, Domain
from chainrule.scipy.rows import UNKNOWN, SpecialRow, in_double, row

DEGREE = math.pi / 180


def _pair(name: str, arguments: str, equation: Callable[..., Number], scale: float, domain: Any, source: str) -> Any:
    """Value and slope: `equation(y, slope, *operands)` is the slope's slope; `scale` the variable per unit given."""
    function, held = getattr(scipy.special, name), [UNKNOWN] * (len(arguments.split()) - 1)

    def curved(yp: Number, *args: Number) -> Number:
        return scale * equation(y(*args), yp, *args)

    y: SpecialRow = row(
        f"{name}.y", arguments, *held, lambda _, *args: scale * yp(*args), compute=in_double(function, 0),
        domain=domain,
        source=source,
    )  # fmt: skip
    yp: SpecialRow = row(
        f"{name}.yp", arguments, *held, curved, compute=in_double(function, 1), domain=domain, source=source
    )
    return y, yp


def _angular(number: Any) -> Callable[..., Number]:
    def equation(y: Number, yp: Number, m: Number, q: Number, x: Number) -> Number:
        return (2.0 * q * ops.cos(2.0 * DEGREE * x) - number(primal(m), primal(q))) * y

    return equation


def _modified(number: Any) -> Callable[..., Number]:
    def equation(y: Number, yp: Number, m: Number, q: Number, x: Number) -> Number:
        return (number(primal(m), primal(q)) - 2.0 * q * ops.cosh(2.0 * x)) * y

    return equation


def _spheroidal(number: Any, sign: float, radial: bool) -> Callable[..., Number]:
    def equation(y: Number, yp: Number, m: Number, n: Number, c: Number, x: Number, *given: Number) -> Number:
        value = number(primal(m), primal(n), primal(c))
        if given:  # the equation is that of the function only where this is what it should be
            value = ops.where(
                ops.absolute(primal(given[0]) - value) < 1e-6 * (1.0 + ops.absolute(value)), value, math.nan
            )
        if sign < 0 and radial:
            return ((value - c * c * x * x - m * m / (1.0 + x * x)) * y - 2.0 * x * yp) / (1.0 + x * x)
        rest = 1.0 - x * x
        return (2.0 * x * yp - (value - sign * c * c * x * x - m * m / rest) * y) / rest

    return equation


def _pairs() -> dict[str, Any]:
    a, b = scipy.special.mathieu_a, scipy.special.mathieu_b
    found = {
        name: _pair(name, "m q x", _angular(number), DEGREE, REALS, "DLMF 28.2.1")
        for name, number in (("mathieu_cem", a), ("mathieu_sem", b))
    }
    for name, number in (("cem1", a), ("cem2", a), ("sem1", b), ("sem2", b)):
        found[f"mathieu_mod{name}"] = _pair(
            f"mathieu_mod{name}", "m q x", _modified(number), 1.0, POSITIVE, "DLMF 28.20.1"
        )
    for kind, sign, number in (("pro", 1.0, scipy.special.pro_cv), ("obl", -1.0, scipy.special.obl_cv)):
        for which in ("ang1", "rad1", "rad2"):
            radial = which != "ang1"
            domain = (POSITIVE if kind == "obl" else Domain(1, math.inf)) if radial else Domain(-1, 1)
            for name, more in ((f"{kind}_{which}", ""), (f"{kind}_{which}_cv", " cv")):
                arguments = f"m n c{more} x"
                found[name] = _ordered(name, arguments, _spheroidal(number, sign, radial), domain)
    return found


def _ordered(name: str, arguments: str, equation: Callable[..., Number], domain: Any) -> Any:
    """A spheroidal function, which may be given its characteristic value before its variable."""

    def moved(y: Number, yp: Number, m: Number, n: Number, c: Number, *rest: Number) -> Number:
        return equation(y, yp, m, n, c, rest[-1], *rest[:-1])

    return _pair(name, arguments, moved, 1.0, domain, "DLMF 30.2.1")


PAIRS = _pairs()
"""SciPy's function -> the rows of its value and its slope."""

# -- characteristic values by the parameter: the mean of what it multiplies, weighted by the squared solution ----------

_TURN = np.arange(256) * (360.0 / 256)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


def _mathieu_slope(name: str) -> Callable[..., Number]:
    def slope(a: Number, m: Number, q: Number) -> Number:
        y = PAIRS[name][0](*[ops.expand_dims(x, -1) if ndim(x) else x for x in (m, q)], _TURN)
        return ops.mean(4.0 * np.cos(2.0 * DEGREE * _TURN) * y * y, -1)

    return slope


mathieu_a: SpecialRow = row(
    "mathieu_a",
    "m q",
    UNKNOWN,
    _mathieu_slope("mathieu_cem"),
    compute=in_double(scipy.special.mathieu_a),
    source="DLMF 28.2.1, times ce, over a period",
)
mathieu_b: SpecialRow = row(
    "mathieu_b",
    "m q",
    UNKNOWN,
    _mathieu_slope("mathieu_sem"),
    compute=in_double(scipy.special.mathieu_b),
    source="DLMF 28.2.1, times se, over a period",
)


def _spheroidal_slope(name: str, sign: float) -> Callable[..., Number]:
    def slope(value: Number, m: Number, n: Number, c: Number) -> Number:
        spread = [ops.expand_dims(x, -1) if ndim(x) else x for x in (m, n, c)]
        weights = PAIRS[name][0](*spread, _NODES) ** 2 * _WEIGHTS
        return sign * 2.0 * c * ops.sum(weights * _NODES**2, -1) / ops.sum(weights, -1)

    return slope


pro_cv: SpecialRow = row(
    "pro_cv", "m n c", UNKNOWN, UNKNOWN, _spheroidal_slope("pro_ang1", 1.0),
    compute=in_double(scipy.special.pro_cv), domain=POSITIVE,
    source="DLMF 30.2.1, times the solution, over (-1, 1)",
)  # fmt: skip
obl_cv: SpecialRow = row(
    "obl_cv", "m n c", UNKNOWN, UNKNOWN, _spheroidal_slope("obl_ang1", -1.0),
    compute=in_double(scipy.special.obl_cv), domain=POSITIVE,
    source="DLMF 30.2.1, times the solution, over (-1, 1)",
)  # fmt: skip


def _sequence(one: SpecialRow) -> Callable[..., Any]:
    return lambda m, n, c: one(np.float64(m), np.arange(float(m), float(n) + 1), c * 1.0)


RULES = {"pro_cv_seq": _sequence(pro_cv), "obl_cv_seq": _sequence(obl_cv)}
HELD = dict.fromkeys(RULES, ("m", "n"))
