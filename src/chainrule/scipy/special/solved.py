"""Functions that SciPy defines by an equation: a distribution function, solved for one of its arguments.

Where F(x, a, ...) = p is solved for x, dx/dp = 1 / F_x and dx/da = -F_a / F_x. Where no x solves it SciPy gives the end
of the range, which does not move.
"""

from __future__ import annotations

from collections.abc import Callable

import scipy.special

from chainrule import ops
from chainrule.numbers import Number, primal
from chainrule.scipy.rows import SpecialRow, derivative, in_double, row
from chainrule.scipy.special.cumulative import chdtr, fdtr, gdtr
from chainrule.scipy.special.gamma import betainc, betaincc, gammaincc
from chainrule.scipy.special.noncentral import ncf_cdf, nct_cdf, ncx2_cdf

CLOSE = 1e-5
"""How near to the probability that was asked for is near, of what SciPy finds by searching."""
Formula = Callable[..., Number]


def solved(name: str, arguments: str, formula: Formula, unknown: int, probability: str, source: str) -> SpecialRow:
    """The row of a function that solves formula(...) = probability.

    arguments    SciPy's names of its operands, one of them `probability`
    unknown      the place in `formula` of what is looked for; the other operands follow in SciPy's order
    """
    names = arguments.split()
    known = [k for k, a in enumerate(names) if a != probability]

    def at(x: Number, args: tuple[Number, ...]) -> list[Number]:
        others = [args[k] for k in known]
        return [*others[:unknown], x, *others[unknown:]]

    by_unknown = derivative(formula, unknown)

    def by(k: int) -> Formula:
        place = known.index(k) if k in known else 0
        moved = derivative(formula, place + (place >= unknown))

        def slope(x: Number, *args: Number) -> Number:
            here = at(x, args)
            rest = formula(*map(primal, here)) - primal(args[names.index(probability)])
            by_operand = -moved(None, *here) if k in known else 1.0
            by_x = by_unknown(None, *here)
            found = ops.absolute(rest) < CLOSE
            return ops.where(found, by_operand / ops.where(found, by_x, 1.0), 0.0)

        return slope

    function = getattr(scipy.special, name)
    return row(name, arguments, *map(by, range(len(names))), compute=in_double(function), source=source)


def _binomial(k: Number, n: Number, p: Number) -> Number:
    return betaincc(k + 1.0, n - k, p)


def _negative_binomial(k: Number, n: Number, p: Number) -> Number:
    return betainc(n, k + 1.0, p)


def _poisson(k: Number, m: Number) -> Number:
    return gammaincc(k + 1.0, m)


bdtrik = solved("bdtrik", "y n p", _binomial, 0, "y", "bdtr, solved for k")
bdtrin = solved("bdtrin", "k y p", _binomial, 1, "y", "bdtr, solved for n")
nbdtrik = solved("nbdtrik", "y n p", _negative_binomial, 0, "y", "nbdtr, solved for k")
nbdtrin = solved("nbdtrin", "k y p", _negative_binomial, 1, "y", "nbdtr, solved for n")
pdtrik = solved("pdtrik", "p m", _poisson, 0, "p", "pdtr, solved for k")
btdtria = solved("btdtria", "p b x", betainc, 0, "p", "betainc, solved for a")
btdtrib = solved("btdtrib", "a p x", betainc, 1, "p", "betainc, solved for b")
chdtriv = solved("chdtriv", "p x", chdtr, 0, "p", "chdtr, solved for v")
chndtridf = solved("chndtridf", "x p nc", ncx2_cdf, 1, "p", "chndtr, solved for df")
fdtridfd = solved("fdtridfd", "dfn p x", fdtr, 1, "p", "fdtr, solved for dfd")
gdtrib = solved("gdtrib", "a p x", gdtr, 1, "p", "gdtr, solved for b")
ncfdtri = solved("ncfdtri", "dfn dfd nc p", ncf_cdf, 3, "p", "ncfdtr, solved for f")
ncfdtridfn = solved("ncfdtridfn", "p dfd nc f", ncf_cdf, 0, "p", "ncfdtr, solved for dfn")
ncfdtridfd = solved("ncfdtridfd", "dfn p nc f", ncf_cdf, 1, "p", "ncfdtr, solved for dfd")
ncfdtrinc = solved("ncfdtrinc", "dfn dfd p f", ncf_cdf, 2, "p", "ncfdtr, solved for nc")
nctdtrit = solved("nctdtrit", "df nc p", nct_cdf, 2, "p", "nctdtr, solved for t")
nctdtridf = solved("nctdtridf", "p nc t", nct_cdf, 0, "p", "nctdtr, solved for df")
nctdtrinc = solved("nctdtrinc", "df p t", nct_cdf, 1, "p", "nctdtr, solved for nc")
