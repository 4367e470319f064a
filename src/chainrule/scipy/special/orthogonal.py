"""Orthogonal polynomials: their derivatives are polynomials of one degree less, so nothing is divided at their ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.rows import UNKNOWN, SpecialRow, row, whole


def _lower(n: Number) -> Number:
    """n - 1, and 0 where that is no degree."""
    return ops.where(primal(n) >= 1, n - 1.0, 0.0)


def _counted(n: Number) -> Number:
    """n, as a factor that vanishes with it."""
    return n * 1.0


def _polynomial(
    name: str, arguments: str, slope: Callable[..., Number], exact: Any, source: str, *more: Any
) -> SpecialRow:
    rest = [UNKNOWN] * len(more)
    return row(
        f"eval_{name}", arguments, UNKNOWN, *rest, slope, exact=exact, source=source,
        compute=whole(getattr(scipy.special, f"eval_{name}"), 0),
    )  # fmt: skip


def _any(n: Number) -> Number:
    """1 where the degree is at least 1, else 0."""
    return ops.where(primal(n) > 0, 1.0, 0.0)


jacobi: SpecialRow = _polynomial(
    "jacobi", "n alpha beta x",
    lambda y, n, a, b, x: 0.5 * _any(n) * (n + a + b + 1.0) * jacobi(_lower(n), a + 1.0, b + 1.0, x),
    lambda m, n, a, b, x: m.jacobi(n, a, b, x), "DLMF 18.9.15", "alpha", "beta",
)  # fmt: skip
gegenbauer: SpecialRow = _polynomial(
    "gegenbauer", "n alpha x", lambda y, n, a, x: 2.0 * _any(n) * a * gegenbauer(_lower(n), a + 1.0, x),
    lambda m, n, a, x: m.gegenbauer(n, a, x), "DLMF 18.9.19", "alpha",
)  # fmt: skip
genlaguerre: SpecialRow = _polynomial(
    "genlaguerre", "n alpha x", lambda y, n, a, x: -_any(n) * genlaguerre(_lower(n), a + 1.0, x),
    lambda m, n, a, x: m.laguerre(n, a, x), "DLMF 18.9.23", "alpha",
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
    None, "DLMF 18.9.15 and 18.7.1", "p", "q",
)  # fmt: skip
lpmv: SpecialRow = row(
    "lpmv", "m v x", UNKNOWN, UNKNOWN,
    lambda y, m, v, x: (v * x * y - (v + m) * lpmv(m, v - 1.0, x)) / (x * x - 1.0),
    exact=lambda mp, m, v, x: mp.legenp(v, m, x), source="DLMF 14.10.5", kinks="nan at -1 and 1",
)  # fmt: skip
