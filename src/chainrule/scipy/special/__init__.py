"""The functions of `scipy.special`, by family. `RULES` holds what each is computed by when it meets a carrier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.special

from chainrule import ops
from chainrule.carriers.functions.plain import stripped
from chainrule.ops import names
from chainrule.scipy.rows import SpecialRow
from chainrule.scipy.special import (
    airy,
    analytic,
    bessel,
    cumulative,
    elementary,
    elliptic,
    error,
    exponential_integral,
    functions,
    gamma,
    harmonics,
    hypergeometric,
    noncentral,
    orthogonal,
    second_order,
    sequences,
    solved,
    symbols,
    zeta,
)


def _several(rows: tuple[SpecialRow, ...]) -> Callable[..., Any]:
    """A function with several results, each of which is a row."""

    def results(*args: Any) -> tuple[Any, ...]:
        return tuple([row(*args) for row in rows])

    results.refused, results.arguments = rows[0].refused, rows[0].arguments  # type: ignore[attr-defined]
    return results


def _step(function: Any) -> Callable[..., Any]:
    return lambda *args: function(*stripped(args))


_SEVERAL = {
    "airy": airy.AIRY, "airye": airy.AIRYE, "itairy": airy.ITAIRY, "pbdv": airy.PBDV, "pbvv": airy.PBVV,
    "pbwa": airy.PBWA, "ellipj": elliptic.ELLIPJ, "fresnel": (error.fresnel_s, error.fresnel_c),
    "shichi": (exponential_integral.shi, exponential_integral.chi),
    "sici": (exponential_integral.si, exponential_integral.ci), "itj0y0": exponential_integral.ITJ0Y0,
    "iti0k0": exponential_integral.ITI0K0, "it2j0y0": exponential_integral.IT2J0Y0,
    "it2i0k0": exponential_integral.IT2I0K0, **second_order.PAIRS,
}  # fmt: skip
_FORMULAS = {
    name: getattr(module, name)
    for module, names in (
        (
            cumulative,
            "chdtr chdtrc chdtri fdtr fdtrc fdtri gdtr gdtrc gdtrix gdtria bdtr bdtrc bdtri nbdtr nbdtrc nbdtri",
        ),
        (cumulative, "pdtr pdtrc pdtri nrdtrimn nrdtrisd"),
    )
    for name in names.split()
}
_FAMILIES = (
    bessel, cumulative, elementary, elliptic, error, exponential_integral, gamma, hypergeometric, orthogonal,
    zeta, airy, noncentral, solved, second_order, sequences,
)  # fmt: skip


def _rows() -> dict[str, Callable[..., Any]]:
    """The rows with the name of a function."""
    found = [x for module in _FAMILIES for x in vars(module).values() if isinstance(x, SpecialRow)]
    names = {row.name.removeprefix("scipy.special."): row for row in found}
    return {name: row for name, row in names.items() if "." not in name and hasattr(scipy.special, name)}


symbols.state()
UFUNCS: dict[str, Callable[..., Any]] = {
    **names.of_scipy(ops.TABLE.values()), **_rows(), **_FORMULAS,
    **{name: _several(rows) for name, rows in _SEVERAL.items()},
    "gammasgn": _step(scipy.special.gammasgn), **sequences.SEVERAL,
}  # fmt: skip
"""SciPy's ufunc, by name -> what computes it."""
analytic.state(UFUNCS)
UFUNCS |= analytic.ANALYTIC
RULES: dict[str, Callable[..., Any]] = {**functions.RULES, **harmonics.RULES, **sequences.RULES, **second_order.RULES}
"""SciPy's functions in Python, by name -> what computes them, with SciPy's parameters."""
HELD = {**functions.HELD, **harmonics.HELD, **sequences.HELD, **second_order.HELD}
"""The arguments of these by which there is no derivative."""
