"""Cumulative distribution functions as `scipy.special` names them, in terms of incomplete gamma and beta functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, StandIn, primal
from chainrule.ops.domain import POSITIVE, REALS, Domain
from chainrule.scipy.rows import SpecialRow, derivative, row
from chainrule.scipy.special.bessel import ive
from chainrule.scipy.special.elementary import xlogy
from chainrule.scipy.special.error import ndtri
from chainrule.scipy.special.gamma import (
    betainc,
    betaincc,
    betaincinv,
    betaln,
    gammainc,
    gammaincc,
    gammainccinv,
    gammaincinv,
)
from chainrule.scipy.special.hypergeometric import boxcox
from chainrule.scipy.special.noncentral import ncx2_cdf, ncx2_mixture

exp, log, log1p, where = ops.exp, ops.log, ops.log1p, ops.where
FRACTION = Domain(0, 1)


# -- Student's t --------------------------------------------------------------------------------------------------


def t_density(df: Number, t: Number) -> Number:
    """The density of Student's t."""
    return exp(-0.5 * (df + 1.0) * log1p(t * t / df) - betaln(0.5 * df, 0.5) - 0.5 * log(df))


def _t_tails(df: Number, t: Number) -> Number:
    """stdtr by the incomplete beta function, DLMF 8.17: its tail below -|t| is half of I_(df / (df + t**2))."""
    at_0 = primal(t) == 0
    t = where(at_0, 1.0, t)
    tail = 0.5 * betainc(0.5 * df, 0.5, df / (df + t * t))
    return where(at_0, 0.5, where(primal(t) <= 0, tail, 1.0 - tail))


_t_by_df = derivative(_t_tails, 0)
stdtr: SpecialRow = row(
    "stdtr", "df t", _t_by_df, lambda y, df, t: t_density(df, t), domain=(POSITIVE, REALS),
    exact=lambda m, df, t: 0.5 + m.sign(t) * m.betainc(0.5, df / 2, 0, t * t / (df + t * t), regularized=True) / 2,
    source="its density; by df that of betainc",
)  # fmt: skip
stdtrit: SpecialRow = row(
    "stdtrit", "df p", lambda t, df, p: -_t_by_df(t, df, t) / t_density(df, t), lambda t, df, p: 1.0 / t_density(df, t),
    domain=(POSITIVE, FRACTION), source="the inverse of stdtr",
)  # fmt: skip
stdtridf: SpecialRow = row(
    "stdtridf", "p t", lambda df, p, t: 1.0 / _t_by_df(p, df, t),
    lambda df, p, t: -t_density(df, t) / _t_by_df(p, df, t), source="stdtr, solved for df",
)  # fmt: skip

# -- chi-squared, F, gamma ------------------------------------------------------------------------------------------


def chdtr(v: Number, x: Number) -> Number:
    return gammainc(0.5 * v, 0.5 * x)


def chdtrc(v: Number, x: Number) -> Number:
    return gammaincc(0.5 * v, 0.5 * x)


def chdtri(v: Number, p: Number) -> Number:
    return 2.0 * gammainccinv(0.5 * v, p)


def fdtr(dfn: Number, dfd: Number, x: Number) -> Number:
    return betainc(0.5 * dfn, 0.5 * dfd, dfn * x / (dfd + dfn * x))


def fdtrc(dfn: Number, dfd: Number, x: Number) -> Number:
    return betainc(0.5 * dfd, 0.5 * dfn, dfd / (dfd + dfn * x))


def fdtri(dfn: Number, dfd: Number, p: Number) -> Number:
    rest = betaincinv(0.5 * dfd, 0.5 * dfn, 1.0 - p)  # dfd / (dfd + dfn x)
    return dfd * (1.0 - rest) / (dfn * rest)


def gdtr(a: Number, b: Number, x: Number) -> Number:
    return gammainc(b, a * x)


def gdtrc(a: Number, b: Number, x: Number) -> Number:
    return gammaincc(b, a * x)


def gdtrix(a: Number, b: Number, p: Number) -> Number:
    return gammaincinv(b, p) / a


def gdtria(p: Number, b: Number, x: Number) -> Number:
    return gammaincinv(b, p) / x


# -- counts: k is a whole number, by which there is no derivative --------------------------------------------------


def _counted(arguments: str, refused: tuple[int, ...]) -> Callable[[Callable[..., Number]], Any]:
    """Marks the arguments that are whole numbers."""

    def mark(formula: Any) -> Any:
        formula.arguments, formula.refused = tuple(arguments.split()), refused
        return formula

    return mark


def _floor(k: Number) -> Number:
    return ops.floor(primal(k))


def _whole(n: Number) -> Number:
    """n as SciPy's kernels take it, cut off to a whole number."""
    return ops.trunc(primal(n))


@_counted("k n p", (0, 1))
def bdtr(k: Number, n: Number, p: Number) -> Number:
    k, n = _floor(k), _whole(n)
    inside = primal(k) < primal(n)
    return where(inside, betaincc(k + 1.0, where(inside, n - k, 1.0), p), 1.0)


@_counted("k n p", (0, 1))
def bdtrc(k: Number, n: Number, p: Number) -> Number:
    k, n = _floor(k), _whole(n)
    inside = primal(k) < primal(n)
    return where(inside, betainc(k + 1.0, where(inside, n - k, 1.0), p), 0.0)


@_counted("k n y", (0, 1))
def bdtri(k: Number, n: Number, y: Number) -> Number:
    k, n = _floor(k), _whole(n)
    return 1.0 - betaincinv(n - k, k + 1.0, y)


@_counted("k n p", (0, 1))
def nbdtr(k: Number, n: Number, p: Number) -> Number:
    return betainc(_whole(n), _whole(k) + 1.0, p)


@_counted("k n p", (0, 1))
def nbdtrc(k: Number, n: Number, p: Number) -> Number:
    return betaincc(_whole(n), _whole(k) + 1.0, p)


@_counted("k n y", (0, 1))
def nbdtri(k: Number, n: Number, y: Number) -> Number:
    return betaincinv(_whole(n), _whole(k) + 1.0, y)


@_counted("k m", (0,))
def pdtr(k: Number, m: Number) -> Number:
    return gammaincc(_floor(k) + 1.0, m)


@_counted("k m", (0,))
def pdtrc(k: Number, m: Number) -> Number:
    return gammainc(_floor(k) + 1.0, m)


@_counted("k y", (0,))
def pdtri(k: Number, y: Number) -> Number:
    return gammainccinv(_floor(k) + 1.0, y)


# -- normal -------------------------------------------------------------------------------------------------------


def nrdtrimn(p: Number, std: Number, x: Number) -> Number:
    return x - std * ndtri(p)


def nrdtrisd(mn: Number, p: Number, x: Number) -> Number:
    return (x - mn) / ndtri(p)


# -- noncentral chi-squared -----------------------------------------------------------------------------------------


def ncx2_logpdf(x: Number, df: Number, nc: Number) -> Number:
    """The logarithm of exp(-(x + nc) / 2) (x / nc)**(df / 4 - 1 / 2) I_(df / 2 - 1)(sqrt(nc x)) / 2, Abramowitz and
    Stegun 26.4.25; for df < 2, whose order is negative, as a mixture of central densities."""
    plain = primal(df)
    if not isinstance(plain, StandIn) and np.any(plain < 2):
        return ncx2_mixture(x, df, nc)
    root = ops.sqrt(nc * x)
    apart = ops.sqrt(x) - ops.sqrt(nc)
    order = 0.5 * df - 1.0
    return -0.5 * apart * apart + 0.5 * (xlogy(order, x) - xlogy(order, nc)) + log(0.5 * ive(order, root))


def ncx2_density(x: Number, df: Number, nc: Number) -> Number:
    return exp(ncx2_logpdf(x, df, nc))


_ncx2_by_df = derivative(ncx2_cdf, 1)
chndtr: SpecialRow = row(
    "chndtr", "x df nc", lambda y, x, df, nc: ncx2_density(x, df, nc), _ncx2_by_df,
    lambda y, x, df, nc: -ncx2_density(x, df + 2.0, nc), domain=POSITIVE, source="its density; by nc that of df + 2",
)  # fmt: skip
chndtrix: SpecialRow = row(
    "chndtrix", "p df nc", lambda x, p, df, nc: 1.0 / ncx2_density(x, df, nc),
    lambda x, p, df, nc: -_ncx2_by_df(p, x, df, nc) / ncx2_density(x, df, nc),
    lambda x, p, df, nc: ncx2_density(x, df + 2.0, nc) / ncx2_density(x, df, nc),
    domain=(FRACTION, POSITIVE, POSITIVE), source="the inverse of chndtr",
)  # fmt: skip
chndtrinc: SpecialRow = row(
    "chndtrinc", "x df p", lambda nc, x, df, p: ncx2_density(x, df, nc) / ncx2_density(x, df + 2.0, nc),
    lambda nc, x, df, p: _ncx2_by_df(p, x, df, nc) / ncx2_density(x, df + 2.0, nc),
    lambda nc, x, df, p: -1.0 / ncx2_density(x, df + 2.0, nc), domain=POSITIVE, source="chndtr, solved for nc",
)  # fmt: skip

# -- Tukey's lambda: its quantile is boxcox(p, lmbda) - boxcox(1 - p, lmbda) ---------------------------------------


def tukey_slope(p: Number, lmbda: Number) -> Number:
    """The slope of the quantile at p."""
    return ops.power(p, lmbda - 1.0) + ops.power(1.0 - p, lmbda - 1.0)


def _tukey_by_lmbda(p: Number, x: Number, lmbda: Number) -> Number:
    by_lmbda = derivative(lambda p, lmbda: boxcox(p, lmbda) - boxcox(1.0 - p, lmbda), 1)
    return -by_lmbda(x, p, lmbda) / tukey_slope(p, lmbda)


tklmbda: SpecialRow = row(
    "tklmbda", "x lmbda", lambda p, x, lmbda: 1.0 / tukey_slope(p, lmbda), _tukey_by_lmbda,
    source="the inverse of its quantile function",
)  # fmt: skip
