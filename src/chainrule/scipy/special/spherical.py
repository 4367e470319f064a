"""Spherical Bessel functions, which SciPy writes in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.special

from chainrule import ops
from chainrule.numbers import Number
from chainrule.ops.domain import POSITIVE, REALS, Domain
from chainrule.scipy.rows import UNKNOWN, SpecialRow, row, whole


def _spherical(name: str, below: float, above: float, exact: Callable[..., Any], domain: Domain) -> SpecialRow:
    """One whose derivative is (below n f_(n-1) + above (n + 1) f_(n+1)) / (2 n + 1), DLMF 10.51.2 and 10.51.5."""

    def slope(y: Number, n: Number, z: Number) -> Number:
        n = n * 1.0
        lower = made(ops.maximum(n - 1.0, 0.0), z)
        return (below * n * lower + above * (n + 1.0) * made(n + 1.0, z)) / (2.0 * n + 1.0)

    made = row(
        name, "n z", UNKNOWN, slope, compute=whole(getattr(scipy.special, name), 0), exact=exact, domain=domain,
        source="DLMF 10.51",
    )  # fmt: skip
    return made


spherical_jn = _spherical(
    "spherical_jn", 1.0, -1.0, lambda m, n, z: m.sqrt(m.pi / (2 * z)) * m.besselj(n + m.mpf("0.5"), z), REALS
)
spherical_yn = _spherical(
    "spherical_yn", 1.0, -1.0, lambda m, n, z: m.sqrt(m.pi / (2 * z)) * m.bessely(n + m.mpf("0.5"), z), POSITIVE
)
spherical_in = _spherical(
    "spherical_in", 1.0, 1.0, lambda m, n, z: m.sqrt(m.pi / (2 * z)) * m.besseli(n + m.mpf("0.5"), z), REALS
)
spherical_kn = _spherical(
    "spherical_kn", -1.0, -1.0, lambda m, n, z: m.sqrt(m.pi / (2 * z)) * m.besselk(n + m.mpf("0.5"), z), POSITIVE
)
