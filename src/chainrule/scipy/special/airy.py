"""Airy functions, Kelvin's functions, parabolic cylinder functions: solutions of equations of the second order, whose
slope is a result of its own and has its derivative from the equation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.ops.domain import POSITIVE
from chainrule.scipy.rows import UNKNOWN, SpecialRow, part, row

sqrt, where = ops.sqrt, ops.where


_airy, _airye = scipy.special.airy, scipy.special.airye
ai: SpecialRow = row(
    "airy.Ai", "z", lambda y, z: aip(z), compute=part(_airy, 0), exact=lambda m, z: m.airyai(z), source="DLMF 9.2"
)
aip: SpecialRow = row(
    "airy.Aip", "z", lambda y, z: z * ai(z), compute=part(_airy, 1),
    exact=lambda m, z: m.airyai(z, derivative=1), source="DLMF 9.2.1",
)  # fmt: skip
bi: SpecialRow = row(
    "airy.Bi", "z", lambda y, z: bip(z), compute=part(_airy, 2), exact=lambda m, z: m.airybi(z), source="DLMF 9.2"
)
bip: SpecialRow = row(
    "airy.Bip", "z", lambda y, z: z * bi(z), compute=part(_airy, 3),
    exact=lambda m, z: m.airybi(z, derivative=1), source="DLMF 9.2.1",
)  # fmt: skip
AIRY = (ai, aip, bi, bip)


def _grown(z: Number) -> Number:
    """The slope of the exponent that airye takes off: sqrt(z), and 0 below 0."""
    above = primal(z) > 0
    return where(above, sqrt(where(above, z, 1.0)), 0.0)


eai: SpecialRow = row("airye.eAi", "z", lambda y, z: eaip(z) + _grown(z) * y, compute=part(_airye, 0), domain=POSITIVE)
eaip: SpecialRow = row(
    "airye.eAip", "z", lambda y, z: z * eai(z) + _grown(z) * y, compute=part(_airye, 1), domain=POSITIVE
)
ebi: SpecialRow = row("airye.eBi", "z", lambda y, z: ebip(z) - _grown(z) * y, compute=part(_airye, 2))
ebip: SpecialRow = row("airye.eBip", "z", lambda y, z: z * ebi(z) - _grown(z) * y, compute=part(_airye, 3))
AIRYE = (eai, eaip, ebi, ebip)

# -- integrals of them --------------------------------------------------------------------------------------------

_itairy = scipy.special.itairy
ITAIRY = (
    row("itairy.Apt", "x", lambda y, x: ai(x), compute=part(_itairy, 0), source="its integrand"),
    row("itairy.Bpt", "x", lambda y, x: bi(x), compute=part(_itairy, 1), source="its integrand"),
    row("itairy.Ant", "x", lambda y, x: ai(-x), compute=part(_itairy, 2), source="its integrand"),
    row("itairy.Bnt", "x", lambda y, x: bi(-x), compute=part(_itairy, 3), source="its integrand"),
)

# -- Kelvin's: w'' = -w'/x + i w, with w = ber + i bei or ker + i kei ---------------------------------------------

ber: SpecialRow = row("ber", "x", lambda y, x: berp(x), exact=lambda m, x: m.ber(0, x), source="DLMF 10.61")
bei: SpecialRow = row("bei", "x", lambda y, x: beip(x), exact=lambda m, x: m.bei(0, x), source="DLMF 10.61")
berp: SpecialRow = row("berp", "x", lambda y, x: -bei(x) - y / x, source="DLMF 10.61.3")
beip: SpecialRow = row("beip", "x", lambda y, x: ber(x) - y / x, source="DLMF 10.61.3")
ker: SpecialRow = row(
    "ker", "x", lambda y, x: kerp(x), exact=lambda m, x: m.ker(0, x), domain=POSITIVE, source="DLMF 10.61"
)
kei: SpecialRow = row(
    "kei", "x", lambda y, x: keip(x), exact=lambda m, x: m.kei(0, x), domain=POSITIVE, source="DLMF 10.61"
)
kerp: SpecialRow = row("kerp", "x", lambda y, x: -kei(x) - y / x, domain=POSITIVE, source="DLMF 10.61.3")
keip: SpecialRow = row("keip", "x", lambda y, x: ker(x) - y / x, domain=POSITIVE, source="DLMF 10.61.3")

# -- parabolic cylinder functions: w'' = (x**2 / 4 - v - 1/2) w -----------------------------------------------------


def _pair(name: str, equation: Callable[[Number, Number], Number], **exact: Any) -> tuple[Any, Any]:
    function = getattr(scipy.special, name)
    w: SpecialRow = row(
        f"{name}.w",
        "v x",
        UNKNOWN,
        lambda y, v, x: slope(v, x),
        compute=part(function, 0),
        source="DLMF 12.2",
        **exact,
    )
    slope: SpecialRow = row(
        f"{name}.wp", "v x", UNKNOWN, lambda y, v, x: equation(v, x) * w(v, x), compute=part(function, 1),
        source="DLMF 12.2.2",
    )  # fmt: skip
    return w, slope


PBDV = _pair("pbdv", lambda v, x: 0.25 * x * x - v - 0.5, exact=lambda m, v, x: m.pcfd(v, x))
PBVV = _pair("pbvv", lambda v, x: 0.25 * x * x - v - 0.5)
PBWA = _pair("pbwa", lambda a, x: a - 0.25 * x * x)
