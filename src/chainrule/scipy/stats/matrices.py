"""Distributions of matrices, of directions, and of a mean with its variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, primal, shape
from chainrule.scipy.special.bessel import ive
from chainrule.scipy.special.gamma import multigammaln
from chainrule.scipy.stats.calls import as_float64
from chainrule.scipy.stats.multivariate import LOG_2_PI, NAMES, PARAMETERS, RULES, factor, named

log, gammaln = ops.log, ops.gammaln


def _square(given: Any, n: int) -> Number:
    x = as_float64(given, "cov")
    if len(shape(x)) == 2:
        return x
    return x * np.eye(n) if not shape(x) else ops.diag(x)


def _parts(X: Any, mean: Any, rowcov: Any, colcov: Any) -> tuple[Number, Number, Number, int, int]:
    """The matrix made independent, the logarithms of the determinants of the two covariances, and the sizes."""
    x = as_float64(X, "X")
    n, p = shape(x)[-2:]
    off = x - (0.0 if mean is None else as_float64(mean, "mean"))
    row, row_log = factor(_square(rowcov, n))
    col, col_log = factor(_square(colcov, p))
    first = ops.solve(row, off)
    both = ops.solve(col, ops.swapaxes(first, -1, -2))
    return ops.swapaxes(both, -1, -2), row_log, col_log, n, p


def _matrix_normal(X: Any, mean: Any = None, rowcov: Any = 1, colcov: Any = 1) -> Number:
    apart, row_log, col_log, n, p = _parts(X, mean, rowcov, colcov)
    return -0.5 * (n * p * LOG_2_PI + p * row_log + n * col_log + ops.sum(apart * apart, (-2, -1)))


def _matrix_t(X: Any, mean: Any = None, row_spread: Any = 1, col_spread: Any = 1, df: Any = 1) -> Number:
    apart, row_log, col_log, n, p = _parts(X, mean, row_spread, col_spread)
    df = as_float64(df, "df")
    half = 0.5 * (df + n + p - 1.0)
    scatter = apart @ ops.swapaxes(apart, -1, -2) + np.eye(n)
    _, size = factor(scatter)
    constant = multigammaln(half, n) - multigammaln(half - 0.5 * p, n) - 0.5 * n * p * math.log(math.pi)
    return constant - 0.5 * p * row_log - 0.5 * n * col_log - half * size


def _dirichlet_multinomial(x: Any, alpha: Any, n: Any) -> Number:
    x, alpha = primal(as_float64(x, "x")), as_float64(alpha, "alpha")
    total = ops.sum(alpha, -1)
    terms = gammaln(x + alpha) - gammaln(x + 1.0) - gammaln(alpha)
    return gammaln(total) + gammaln(np.float64(n) + 1.0) - gammaln(total + n) + ops.sum(terms, -1)


def _vonmises_fisher(x: Any, mu: Any = None, kappa: Any = 1) -> Number:
    x, mu, kappa = as_float64(x, "x"), as_float64(mu, "mu"), as_float64(kappa, "kappa")
    half = 0.5 * shape(mu)[-1]
    scale = (half - 1.0) * log(kappa) - half * LOG_2_PI - log(ive(half - 1.0, kappa)) - kappa
    return scale + kappa * (x @ mu)


def _normal_inverse_gamma(x: Any, s2: Any, mu: Any = 0, lmbda: Any = 1, a: Any = 1, b: Any = 1) -> Number:
    x, s2, mu, k, a, b = (as_float64(v, "x") for v in (x, s2, mu, lmbda, a, b))
    off = x - mu
    return (
        0.5 * (log(k) - LOG_2_PI) + a * log(b) - gammaln(a) - (a + 1.5) * log(s2) - (2 * b + k * off * off) / (2 * s2)
    )  # fmt: skip


def _vonmises_fisher_entropy(mu: Any = None, kappa: Any = 1) -> Number:
    """Of the density at its mean direction, and kappa times the mean of 1 - x @ mu."""
    mu, kappa = as_float64(mu, "mu"), as_float64(kappa, "kappa")
    half = 0.5 * shape(mu)[-1]
    scale = (half - 1.0) * log(kappa) - half * LOG_2_PI - log(ive(half - 1.0, kappa)) - kappa
    return -scale - kappa * ive(half, kappa) / ive(half - 1.0, kappa)


def _dirichlet_multinomial_mean(alpha: Any, n: Any) -> Number:
    alpha = as_float64(alpha, "alpha")
    return n * alpha / ops.sum(alpha, -1, True)


def _dirichlet_multinomial_spread(alpha: Number, n: Any) -> tuple[Number, Number]:
    """The mean of the fractions, and n times the factor by which counts vary more than those of a multinomial."""
    total = ops.sum(alpha, -1, True)
    return alpha / total, n * (n + total) / (1.0 + total)


def _dirichlet_multinomial_var(alpha: Any, n: Any) -> Number:
    part, factor = _dirichlet_multinomial_spread(as_float64(alpha, "alpha"), n)
    return factor * part * (1.0 - part)


def _dirichlet_multinomial_cov(alpha: Any, n: Any) -> Number:
    part, factor = _dirichlet_multinomial_spread(as_float64(alpha, "alpha"), n)
    return factor * (ops.diag(part) - ops.outer(part, part))


_ALL: dict[str, tuple[str, Callable[..., Any], tuple[str, ...]]] = {
    "matrix_normal": ("logpdf", _matrix_normal, ("mean", "rowcov", "colcov")),
    "matrix_t": ("logpdf", _matrix_t, ("mean", "row_spread", "col_spread", "df")),
    "dirichlet_multinomial": ("logpmf", _dirichlet_multinomial, ("alpha", "n")),
    "vonmises_fisher": ("logpdf", _vonmises_fisher, ("mu", "kappa")),
    "normal_inverse_gamma": ("logpdf", _normal_inverse_gamma, ("mu", "lmbda", "a", "b")),
}
for _name, (_method, _rule, _parameters) in _ALL.items():
    RULES[_name], PARAMETERS[_name] = {_method: _rule}, _parameters
NAMES.update(named())
RULES["vonmises_fisher"]["entropy"] = _vonmises_fisher_entropy
RULES["dirichlet_multinomial"] |= {
    "mean": _dirichlet_multinomial_mean, "var": _dirichlet_multinomial_var, "cov": _dirichlet_multinomial_cov,
}  # fmt: skip
