"""Legendre functions and spherical harmonics, with the derivatives that SciPy computes beside them.

The third derivative follows from Legendre's equation, differentiated once (DLMF 14.2.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.refusals import refuse_where
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import Number, shape
from chainrule.ops.domain import REALS, Domain
from chainrule.scipy.called import as_operand
from chainrule.scipy.rows import UNKNOWN, SpecialRow, row

WITHIN = Domain(-1, 1)
Rule = Callable[..., Any]


def _of_polar(y: Number, slope: Number, n: Number, m: Number, t: Number) -> Number:
    """y''' for Legendre functions of cos(t)."""
    cot, csc2 = 1.0 / ops.tan(t), 1.0 / ops.sin(t) ** 2
    curvature = -cot * slope - (n * (n + 1.0) - m * m * csc2) * y
    return -cot * curvature + (csc2 - n * (n + 1.0) + m * m * csc2) * slope - 2.0 * m * m * csc2 * cot * y


def _of_cosine(y: Number, slope: Number, n: Number, m: Number, z: Number) -> Number:
    """y''' for Legendre functions of z."""
    rest = 1.0 - z * z
    force = n * (n + 1.0) - m * m / rest
    curvature = (2.0 * z * slope - force * y) / rest
    return (4.0 * z * curvature - (force - 2.0) * slope + 2.0 * z * m * m / (rest * rest) * y) / rest


def _family(name: str, third: Rule, domain: Domain, **settings: Any) -> tuple[SpecialRow, ...]:
    """The rows of a function and its first two derivatives, by the degree n, the order m and the variable."""
    original = getattr(scipy.special, name, None)
    title = name + "".join(f".{k}" for k, on in settings.items() if on)

    def compute(k: int) -> Rule:
        def of(n: Any, m: Any, z: Any) -> Any:
            if original is None:
                raise UnsupportedFunction(f"the installed SciPy has no scipy.special.{name}")
            counted: list[Any] = [np.asarray(n).astype(np.int64), np.asarray(m).astype(np.int64)]
            whole = counted[:1] if name == "legendre_p" else counted
            return np.asarray(original(*whole, z, **settings, diff_n=k))[k][()]

        return of

    y: SpecialRow = row(f"{title}.0", "n m z", UNKNOWN, UNKNOWN, lambda y, n, m, z: yp(n, m, z), compute=compute(0),
                        domain=domain, source="SciPy's diff_n=1")  # fmt: skip
    yp: SpecialRow = row(f"{title}.1", "n m z", UNKNOWN, UNKNOWN, lambda yp, n, m, z: ypp(n, m, z), compute=compute(1),
                         domain=domain, source="SciPy's diff_n=2")  # fmt: skip
    ypp: SpecialRow = row(
        f"{title}.2", "n m z", UNKNOWN, UNKNOWN,
        lambda ypp, n, m, z: third(y(n, m, z), yp(n, m, z), n * 1.0, m * 1.0, z),
        compute=compute(2), domain=domain, source="DLMF 14.2.2",
    )  # fmt: skip
    return y, yp, ypp


_LEGENDRE = _family("legendre_p", _of_cosine, WITHIN)
_ASSOCIATED = _family("assoc_legendre_p", _of_cosine, WITHIN)
_NORMED = _family("assoc_legendre_p", _of_cosine, WITHIN, norm=True)
_POLAR = _family("sph_legendre_p", _of_polar, REALS)


def _orders(n: int, m: int | None) -> tuple[Any, Any]:
    """All degrees to n, down, and all orders 0, 1, ..., m, -m, ..., -1, across; without m the order 0."""
    degrees = np.arange(n + 1.0)
    if m is None:
        return degrees, np.zeros(1)
    m = abs(int(m))
    degrees, orders = np.broadcast_arrays(degrees[:, None], np.concatenate([np.arange(m + 1.0), np.arange(-m, 0.0)]))
    return degrees, orders


def _derivatives(rows: tuple[SpecialRow, ...], n: Any, m: Any, z: Number, diff_n: int, every: bool) -> Any:
    name = f"scipy.special.{rows[0].name.removeprefix('scipy.special.').partition('.')[0]}"
    if not 0 <= diff_n <= 2:
        raise ValueError(f"diff_n is currently only implemented for orders 0, 1, and 2, received: {diff_n}.")
    z = as_operand(z, name)
    if every:
        n, m = (np.reshape(x, (*x.shape, *(1,) * len(shape(z)))) for x in _orders(n, m))
        n, m = n.astype(float), m.astype(float)
    else:
        n, m = np.asarray(n, float)[()], np.asarray(0 if m is None else m, float)[()]
    found = [rows[k](n, m, z) for k in range(diff_n + 1)]
    return ops.stack(found)


def legendre_p(n: Any, z: Any, *, diff_n: int = 0) -> Any:
    return _derivatives(_LEGENDRE, n, None, z, diff_n, False)


def legendre_p_all(n: Any, z: Any, *, diff_n: int = 0) -> Any:
    return _derivatives(_LEGENDRE, n, None, z, diff_n, True)


def assoc_legendre_p(n: Any, m: Any, z: Any, *, branch_cut: int = 2, norm: bool = False, diff_n: int = 0) -> Any:
    _usual("assoc_legendre_p", branch_cut)
    return _derivatives(_NORMED if norm else _ASSOCIATED, n, m, z, diff_n, False)


def assoc_legendre_p_all(n: Any, m: Any, z: Any, *, branch_cut: int = 2, norm: bool = False, diff_n: int = 0) -> Any:
    _usual("assoc_legendre_p_all", branch_cut)
    return _derivatives(_NORMED if norm else _ASSOCIATED, n, m, z, diff_n, True)


def sph_legendre_p(n: Any, m: Any, theta: Any, *, diff_n: int = 0) -> Any:
    return _derivatives(_POLAR, n, m, theta, diff_n, False)


def sph_legendre_p_all(n: Any, m: Any, theta: Any, *, diff_n: int = 0) -> Any:
    return _derivatives(_POLAR, n, m, theta, diff_n, True)


def _usual(name: str, branch_cut: int) -> None:
    refuse_where(f"scipy.special.{name}", branch_cut=branch_cut != 2)


def sph_harm_y(n: Any, m: Any, theta: Any, phi: Any, *, diff_n: int = 0) -> Any:
    """P(theta) exp(i m phi)."""
    return _harmonic("sph_harm_y", n, m, theta, phi, diff_n, False)


def sph_harm_y_all(n: Any, m: Any, theta: Any, phi: Any, *, diff_n: int = 0) -> Any:
    return _harmonic("sph_harm_y_all", n, m, theta, phi, diff_n, True)


def _harmonic(name: str, n: Any, m: Any, theta: Any, phi: Any, diff_n: int, every: bool) -> Any:
    refuse_where(f"scipy.special.{name}", diff_n=diff_n)
    theta, phi = as_operand(theta, name), as_operand(phi, name)
    size = np.broadcast_shapes(shape(theta), shape(phi))
    theta, phi = (x if shape(x) == size else ops.broadcast_to(x, size) for x in (theta, phi))
    part = _derivatives(_POLAR, n, m, theta, 0, every)[0]
    order = _orders(n, m)[1][0].reshape(1, -1, *(1,) * len(size)) if every else np.asarray(m, float)[()]
    return Complex(part * ops.cos(order * phi), part * ops.sin(order * phi))


RULES: dict[str, Rule] = {
    f.__name__: f
    for f in (
        legendre_p, legendre_p_all, assoc_legendre_p, assoc_legendre_p_all, sph_legendre_p, sph_legendre_p_all,
        sph_harm_y, sph_harm_y_all,
    )
    if hasattr(scipy.special, f.__name__)
}  # fmt: skip
HELD = dict.fromkeys(RULES, ("n", "m"))
