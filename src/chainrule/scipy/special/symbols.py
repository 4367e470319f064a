"""What SymPy calls SciPy's special functions, for formulas."""

from __future__ import annotations

from typing import Any

from chainrule.libraries import late
from chainrule.ops.registry import SPECIAL

SAME: dict[str, str] = {
    "jv": "besselj", "yv": "bessely", "iv": "besseli", "kv": "besselk", "yn": "bessely", "kn": "besselk",
    "airy.Ai": "airyai", "airy.Aip": "airyaiprime", "airy.Bi": "airybi", "airy.Bip": "airybiprime", "erfi": "erfi",
    "erfinv": "erfinv", "erfcinv": "erfcinv", "expi": "Ei", "expn": "expint", "sici.Si": "Si", "sici.Ci": "Ci",
    "shichi.Shi": "Shi", "shichi.Chi": "Chi", "fresnel.S": "fresnels", "fresnel.C": "fresnelc", "beta": "beta",
    "binom": "binomial", "poch": "rf", "loggamma": "loggamma", "ellipk": "elliptic_k", "ellipe": "elliptic_e",
    "ellipkinc": "elliptic_f", "ellipeinc": "elliptic_e", "eval_legendre": "legendre", "eval_chebyt": "chebyshevt",
    "eval_chebyu": "chebyshevu", "eval_hermite": "hermite", "eval_laguerre": "laguerre",
    "eval_genlaguerre": "assoc_laguerre", "eval_gegenbauer": "gegenbauer", "eval_jacobi": "jacobi",
    "zeta.riemann": "zeta", "zeta": "zeta", "lambertw.branch_0": "LambertW",
}  # fmt: skip
"""The row's name -> SymPy's function of the same operands."""
ORDERED = {
    f"{letter}{order}": (f"bessel{letter}", order) for letter in "jyik" for order in (0, 1)
}  # fmt: skip
"""Bessel functions that have their order in their name."""


def _sympy(name: str, *first: Any) -> Any:
    function = late(f"sympy.{name}")
    return lambda *args: function(*first, *args)


def state() -> None:
    """Give the rows their SymPy kernels."""
    for name, theirs in SAME.items():
        SPECIAL[f"scipy.special.{name}"].kernels["sympy"] = _sympy(theirs)
    for name, (theirs, order) in ORDERED.items():
        SPECIAL[f"scipy.special.{name}"].kernels["sympy"] = _sympy(theirs, order)
    for name, formula in _FORMULAS.items():
        SPECIAL[f"scipy.special.{name}"].kernels["sympy"] = formula


def _ndtr(x: Any) -> Any:
    return (1 + late("sympy.erf")(x / late("sympy.sqrt")(2))) / 2


def _xlogy(x: Any, y: Any) -> Any:
    return x * late("sympy.log")(y)


_FORMULAS: dict[str, Any] = {
    "ndtr": _ndtr,
    "xlogy": _xlogy,
    "xlog1py": lambda x, y: _xlogy(x, 1 + y),
    "entr": lambda x: -_xlogy(x, x),
    "rel_entr": lambda x, y: _xlogy(x, x / y),
    "kl_div": lambda x, y: _xlogy(x, x / y) - x + y,
    "logit": lambda x: _xlogy(1, x / (1 - x)),
    "rgamma": lambda z: 1 / late("sympy.gamma")(z),
    "exp10": lambda x: 10**x,
    "betaln": lambda a, b: late("sympy.loggamma")(a) + late("sympy.loggamma")(b) - late("sympy.loggamma")(a + b),
}
