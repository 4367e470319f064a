"""Points at which the rows of SciPy's functions are tested, and what they should give there."""

# ruff: noqa: E501 - tables read best with one case on a line

from __future__ import annotations

import math
import random
from typing import Any

import mpmath
import scipy.special

from chainrule.ops.domain import Domain

SIZES = [1e-6, 0.01, 0.13, 0.7, 1.9, 4.4, 11.0, 37.0]
ORDERS: dict[str, list[float]] = {
    "v": [0.0, 1.0, 2.0, 0.5, 2.5], "n": [0.0, 1.0, 2.0, 5.0], "m": [0.0, 1.0], "alpha": [0.5, 1.5], "beta": [0.5, 2.0],
}  # fmt: skip
"""The usual values of operands without a derivative."""
SPECIFIC: dict[str, list[tuple[float, ...]]] = {
    "binom": [(7.3, 2.0), (7.3, 2.2), (0.7, 0.1), (40.0, 11.0)],
    "poch": [(0.7, 2.0), (3.3, 0.4), (11.0, 2.5)],
    "hyp2f1": [(0.5, 1.5, 2.0, 0.3), (1.0, 1.0, 2.0, -3.0), (0.7, 0.2, 1.3, 0.8), (2.0, 2.0, 3.0, -0.01)],
    "hyp1f1": [(0.5, 1.5, 2.0), (2.0, 3.0, -1e-6), (2.0, 3.0, 7.0), (1.5, 0.7, -4.0)],
    "hyperu": [(0.5, 1.5, 2.0), (2.0, 0.3, 0.7), (1.5, 0.7, 11.0)],
    "lpmv": [(0.0, 2.0, 0.3), (1.0, 3.0, 0.3), (2.0, 2.0, -0.7), (0.0, 0.0, 0.2), (0.0, 1.0, 0.9)],
    "boxcox": [(0.7, 0.3), (4.4, 1e-6), (0.01, 2.0), (11.0, -1.5)],
    "boxcox1p": [(0.7, 0.3), (1e-6, 1e-6), (-0.4, 2.0), (11.0, -1.5)],
    "inv_boxcox": [(0.7, 0.3), (4.4, 1e-6), (-0.1, 2.0), (1.1, 3.5)],
    "inv_boxcox1p": [(0.7, 0.3), (4.4, 1e-6), (-0.1, 2.0), (1.1, 3.5)],
    "powm1": [(0.7, 1.9), (4.4, -2.0), (1.0 + 1e-6, 1e-6), (11.0, 0.5)],
    "owens_t": [(0.7, 0.3), (0.01, 4.4), (1.9, 0.7), (-1.3, 0.4), (4.4, 1.9)],
    "ellipj.sn": [(0.7, 0.3), (1.9, 0.8), (4.4, 1e-6), (-0.7, 0.5)],
    "ellipkinc": [(0.7, 0.3), (1.2, -2.0), (4.4, 1e-6), (-0.7, 0.5), (11.0, 0.9)],
    "ellipeinc": [(0.7, 0.3), (1.2, -2.0), (4.4, 1e-6), (-0.7, 0.5), (11.0, 0.9)],
    "elliprj": [(0.7, 1.9, 0.3, 0.5), (1.0, 1.0, 1.0, 2.0), (11.0, 0.01, 4.4, 1.9)],
    "expn": [(0.0, 0.7), (1.0, 0.7), (2.0, 0.01), (5.0, 11.0), (1.0, 4.4)],
    "struve": [(0.0, 0.7), (1.0, 4.4), (2.5, 1.9), (0.0, 11.0)],
    "modstruve": [(0.0, 0.7), (1.0, 4.4), (2.5, 1.9), (0.0, 11.0)],
    "betainc": [(0.7, 1.9, 0.3), (4.4, 0.13, 0.01), (11.0, 37.0, 0.2), (0.13, 0.7, 0.9), (120.0, 80.0, 0.63), (2.0, 1.0, 0.5)],
    "betaincinv": [(0.7, 1.9, 0.3), (4.4, 0.7, 0.01), (11.0, 37.0, 0.2), (2.0, 1.0, 0.5)],
    "betainccinv": [(0.7, 1.9, 0.3), (4.4, 0.7, 0.01), (11.0, 37.0, 0.2), (2.0, 1.0, 0.5)],
    "gammainc": [(0.7, 1.9), (4.4, 0.13), (11.0, 37.0), (37.0, 11.0), (0.13, 0.7), (120.0, 131.0), (1.0, 1.0), (0.01, 1e-6)],
    "gammaincinv": [(0.7, 0.9), (4.4, 0.13), (11.0, 0.5), (37.0, 0.01)],
    "gammainccinv": [(0.7, 0.9), (4.4, 0.13), (11.0, 0.5), (37.0, 0.01)],
    "chndtr": [(0.7, 1.9, 0.3), (4.4, 3.0, 1.3), (11.0, 4.4, 11.0)],
    "chndtrix": [(0.7, 1.9, 0.3), (0.13, 3.0, 1.3), (0.5, 4.4, 11.0)],
    "chndtrinc": [(4.4, 1.9, 0.3), (4.4, 3.0, 0.5)],
    "stdtr": [(0.7, 1.9), (4.4, -0.7), (11.0, -4.4), (37.0, 0.13), (3.0, 0.01)],
    "stdtrit": [(0.7, 0.9), (4.4, 0.2), (11.0, 0.01)],
    "stdtridf": [(0.9, 1.9), (0.2, -0.9)],
    "tklmbda": [(0.7, 0.3), (-0.4, 1.5), (0.13, -0.5), (1.9, 1e-3)],
    "voigt_profile": [(0.7, 1.9, 0.3), (4.4, 0.7, 0.7), (-1.9, 0.7, 0.0), (0.01, 0.13, 1.9)],
    "zeta": [(1.9, 0.7), (4.4, 11.0), (1.1, 1.0), (11.0, 1.9)],
    "wright_bessel": [(0.7, 1.9, 0.3), (0.0, 1.0, 1.9), (1.9, 0.7, 4.4)],
    "log_wright_bessel": [(0.7, 1.9, 0.3), (0.5, 1.0, 1.9), (1.9, 0.7, 4.4)],
    "hyp0f1": [(0.7, 1.9), (1.9, -4.4), (4.4, 0.01), (0.5, 11.0)],
    "pbwa": [(0.7, 1.9), (-0.4, 0.7), (1.9, -1.3)],
    "pbdv": [(0.5, 1.9), (1.0, 0.7), (-0.5, 1.3)],
    "pbvv": [(0.5, 1.9), (1.0, 0.7), (-0.5, 1.3)],
    "radian": [(12.0, 30.0, 4.0)],
    "kl_div": [(0.7, 1.9), (4.4, 4.4), (11.0, 0.13), (0.01, 37.0)],
    "iv": [(0.5, 0.7), (2.5, 4.4), (11.3, 11.0), (0.3, 1e-3)],
    "kv": [(0.5, 0.7), (2.5, 4.4), (-0.3, 11.0)],
    "huber": [(0.7, 1.9), (4.4, 1.3), (11.0, -0.13), (0.01, -37.0)],
    "cotdg": [(0.13,), (11.0,), (-37.0,), (400.0,)],
    "itairy.Apt": [(0.13,), (0.7,)],  # SciPy's value has six digits beyond
    "kolmogorov": [(0.5,), (0.8,), (1.0,), (1.3,), (2.4,)],
    "kolmogi": [(0.9,), (0.3,), (0.01,)],
    "spherical_yn": [(0.0, 0.7), (1.0, 4.4), (2.0, 11.0), (5.0, 1.9)],
    "loggamma": [(x,) for x in SIZES],
    "ndtri_exp": [(-1e-3,), (-0.7,), (-11.0,), (-200.0,), (-1e5,)],
    "beip": [(0.7,), (4.4,), (11.0,)],
    "berp": [(0.7,), (4.4,), (11.0,)],
}  # fmt: skip
for _other, _like in (
    ("betaincc", "betainc"), ("gammaincc", "gammainc"), ("ellipj.cn", "ellipj.sn"), ("ellipj.dn", "ellipj.sn"),
    ("ellipj.ph", "ellipj.sn"), ("spherical_kn", "spherical_yn"), ("spherical_jn", "spherical_yn"),
    ("spherical_in", "spherical_yn"), ("pseudo_huber", "kl_div"), ("pbdv.w", "pbdv"),
    ("pbdv.wp", "pbdv"), ("pbvv.w", "pbvv"), ("pbvv.wp", "pbvv"), ("pbwa.w", "pbwa"), ("pbwa.wp", "pbwa"), ("ive", "iv"), ("kve", "kv"),
):  # fmt: skip
    SPECIFIC[_other] = SPECIFIC[_like]


FAMILIES: dict[str, list[tuple[float, ...]]] = {
    "mathieu_cem.": [(1.0, 0.7, 20.0), (2.0, 4.4, 70.0)], "mathieu_sem.": [(1.0, 0.7, 20.0), (2.0, 4.4, 70.0)],
    "mathieu_mod": [(1.0, 0.7, 0.7), (2.0, 1.9, 1.3)], "mathieu_": [(1.0, 0.7), (2.0, 4.4)],
    "pro_ang1": [(0.0, 1.0, 0.7, 0.3), (1.0, 2.0, 1.9, -0.7)], "pro_rad": [(1.0, 1.0, 0.7, 2.3), (0.0, 1.0, 1.9, 2.9)],
    "obl_rad2": [(0.0, 1.0, 0.7, 0.3), (0.0, 1.0, 1.9, 0.7)],  # of m = 1 SciPy's value has no digits
    "obl_": [(0.0, 1.0, 0.7, 0.3), (1.0, 2.0, 1.9, 0.7)], "pro_cv": [(0.0, 1.0, 0.7), (1.0, 2.0, 1.9)],
    "obl_cv": [(0.0, 1.0, 0.7), (1.0, 2.0, 1.9)], "sph_legendre_p": [(2.0, 1.0, 0.7), (5.0, -2.0, 1.9)],
    "assoc_legendre_p": [(3.0, 1.0, 0.7), (5.0, -2.0, -0.3)], "legendre_p": [(5.0, 0.0, 0.7), (4.0, 0.0, -0.3)],
    "bdtrik": [(0.4, 5.0, 0.3), (0.7, 11.0, 0.6)], "bdtrin": [(2.0, 0.4, 0.3), (4.0, 0.7, 0.6)],
    "nbdtrik": [(0.4, 5.0, 0.3), (0.7, 11.0, 0.6)], "nbdtrin": [(2.0, 0.4, 0.3), (4.0, 0.7, 0.6)],
    "pdtrik": [(0.9, 0.7), (0.4, 4.4)], "btdtria": [(0.4, 2.0, 0.3), (0.7, 0.7, 0.6)], "chdtriv": [(0.4, 1.3)],
    "btdtrib": [(2.0, 0.4, 0.3), (0.7, 0.7, 0.6)], "chndtridf": [(1.3, 0.4, 0.8), (4.4, 0.7, 1.9)],
    "fdtridfd": [(3.0, 0.6, 1.3)], "gdtrib": [(1.5, 0.4, 0.7), (0.7, 0.7, 4.4)], "ncfdtr": [(3.0, 4.0, 0.8, 1.3)],
    "nctdtr": [(3.0, 0.8, 1.3), (0.7, -1.9, 0.13)], "smirnov": [(5.0, 0.3), (11.0, 0.13)],
    "besselpoly": [(0.7, 1.0, 0.5), (1.9, 0.5, 1.0)],
}  # fmt: skip
"""Points of the rows whose name begins like this."""


def _of_family(name: str) -> list[tuple[float, ...]] | None:
    """The points of a row whose name begins with that of a family."""
    if name.endswith((".re", ".im")):
        held = name.rpartition(".")[0] in ("jv", "yv", "iv", "kv", "hankel1", "hankel2", "hankel1e", "hankel2e")
        return [(*((v,) if held else ()), x, y) for v, x, y in ((0.5, 0.7, 0.4), (1.0, 1.9, -0.7))]
    known = next((p for p in sorted(FAMILIES, key=len, reverse=True) if name.startswith(p)), None)
    if known is None:
        return None
    if name.partition(".")[0].endswith("_cv") and name.count("."):  # with the characteristic value before the variable
        value = scipy.special.obl_cv if name.startswith("obl") else scipy.special.pro_cv
        return [(m, n, c, float(value(m, n, c)), x) for m, n, c, x in FAMILIES[known]]
    return FAMILIES[known]


def points(row: Any, count: int) -> list[tuple[float, ...]]:
    """Up to `count` tuples of operands."""
    name = row.name.removeprefix("scipy.special.")
    chosen = SPECIFIC.get(name) or _of_family(name)
    if chosen is not None:
        return chosen[:count]
    parts = (row.domain,) * row.arity if isinstance(row.domain, Domain) else tuple(row.domain)
    axes = [_axis(row, k, domain) for k, domain in enumerate(parts)]
    if len(axes) == 1:
        line = axes[0]
        return [(x,) for x in line[:: max(len(line) // count, 1)]][:count]
    draw = random.Random(name)
    return [tuple(draw.choice(axis) for axis in axes) for _ in range(count)]


def _axis(row: Any, k: int, domain: Domain) -> list[float]:
    if k in row.refused and row.arguments[k] in ORDERS:
        return ORDERS[row.arguments[k]]
    both = [s * x for x in SIZES for s in (1.0, -1.0)]
    if math.isfinite(domain.low) and math.isfinite(domain.high):
        width = domain.high - domain.low
        both = [domain.low + width * t for t in (1e-6, 0.01, 0.2, 0.5, 0.83, 0.999)]
    elif domain.low == 1:
        both = [1 + x for x in SIZES]
    if row.arguments[k] == "x" and row.name.startswith("scipy.special.eval_"):
        both = [0.3, -0.7, 1.0, 0.01, 1.7]
    return [x for x in both if domain.contains(x) and x not in (domain.low, domain.high)]


def exact_derivative(row: Any, k: int, order: int, args: tuple[float, ...]) -> Any:
    """The derivative of the exact value by operand k, by mpmath to 20 digits."""
    with mpmath.workdps(45):
        given = tuple(map(mpmath.mpf, args))
        f = row.kernels["mpmath"]
        if not order:
            return f(*given)
        step = mpmath.mpf(10) ** -13 * max(abs(args[k]), 1e-3)
        return mpmath.diff(lambda t: f(*given[:k], t, *given[k + 1 :]), given[k], order, h=step, direction=0)
