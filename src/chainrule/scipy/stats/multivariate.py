"""Distributions of vectors and matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.carriers.functions.plain import stripped
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, StandIn, ndim, primal, shape
from chainrule.scipy.linalg import mirrored
from chainrule.scipy.special.elementary import xlogy
from chainrule.scipy.special.error import binormal, ndtr
from chainrule.scipy.special.gamma import multigammaln
from chainrule.scipy.stats.calls import as_float64
from chainrule.scipy.stats.covariances import matrix_of

exp, log, gammaln = ops.exp, ops.log, ops.gammaln
LOG_2_PI = math.log(2 * math.pi)
_lower = FUNCTIONS[np.linalg.cholesky]


def factor(matrix: Number) -> tuple[Number, Number]:
    """The lower Cholesky factor of a matrix and the logarithm of its determinant."""
    low = _lower(matrix)
    return low, 2.0 * ops.sum(log(ops.diagonal(low)))


def _squares(low: Number, vectors: Number) -> Number:
    """v A**-1 v for each of the vectors along the last axis, A = low low.T."""
    dim = shape(vectors)[-1]
    flat = ops.transpose(ops.reshape(vectors, (-1, dim)))
    return ops.reshape(ops.sum(ops.solve(low, flat) ** 2.0, 0), shape(vectors)[:-1])


def _matrix(given: Any, dim: int | None) -> Number:
    """A covariance: a number times the identity, a diagonal, a matrix, or an object that has one."""
    given = matrix_of(given)
    cov = as_float64(given, "cov")
    if ndim(cov) == 0:
        return cov * np.eye(dim or 1)
    return ops.diag(cov) if ndim(cov) == 1 else cov


def _located(x: Any, mean: Any, cov: Any) -> tuple[Number, Number]:
    """The differences from the mean, along the last axis, and the covariance."""
    mean = None if mean is None else as_float64(mean, "mean")
    dim = None if mean is None else max(1, math.prod(shape(mean)))
    matrix = _matrix(1.0 if cov is None else cov, dim)
    dim = shape(matrix)[0]
    x = as_float64(x, "x")
    if ndim(x) == 0:
        x = ops.reshape(x, (1,))
    elif ndim(x) == 1 and dim == 1:
        x = ops.reshape(x, (-1, 1))
    off = x if mean is None else x - ops.reshape(mean, (dim,) if ndim(mean) else (1,))
    return off, matrix


def _normal_logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Number:
    off, matrix = _located(x, mean, cov)
    low, log_det = factor(matrix)
    return -0.5 * (shape(off)[-1] * LOG_2_PI + log_det + _squares(low, off))


def _normal_entropy(mean: Any = None, cov: Any = 1) -> Number:
    _, matrix = _located(0.0 if mean is None else mean, mean, cov)
    return 0.5 * (shape(matrix)[0] * (1.0 + LOG_2_PI) + factor(matrix)[1])


def _normal_cdf(
    x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False, maxpts: Any = None, abseps: float = 1e-5,
    releps: float = 1e-5, lower_limit: Any = None, rng: Any = None,
) -> Number:  # fmt: skip
    """Of one or two dimensions: the settings of SciPy's quadrature for more of them change nothing."""
    off, matrix = _located(x, mean, cov)
    dim = shape(matrix)[0]
    if dim > 2 or lower_limit is not None:
        what = "with lower_limit=" if dim < 3 else "of more than two dimensions"
        raise no_rule(f"scipy.stats.multivariate_normal.cdf {what}")
    spread = ops.sqrt(ops.diagonal(matrix))
    z = off / spread
    if dim == 1:
        return ndtr(z[..., 0])
    return binormal(z[..., 0], z[..., 1], matrix[1, 0] / (spread[0] * spread[1]))


def _normal_logcdf(*args: Any, **settings: Any) -> Number:
    return log(_normal_cdf(*args, **settings))


def _t_logpdf(x: Any, loc: Any = None, shape: Any = 1, df: Any = 1) -> Number:
    off, matrix = _located(x, loc, shape)
    low, log_det = factor(matrix)
    dim, df = off.shape[-1], as_float64(df, "df")
    if not isinstance(primal(df), StandIn) and primal(df) == math.inf:
        return _normal_logpdf(x, loc, shape)
    half = 0.5 * (df + dim)
    constant = gammaln(half) - gammaln(0.5 * df) - 0.5 * dim * log(df * math.pi) - 0.5 * log_det
    return constant - half * ops.log1p(_squares(low, off) / df)


def _dirichlet_logpdf(x: Any, alpha: Any) -> Number:
    x, alpha = as_float64(x, "x"), as_float64(alpha, "alpha")
    if shape(x)[0] + 1 == shape(alpha)[0]:
        x = ops.concatenate([x, 1.0 - ops.sum(x, 0, True)], 0)
    powers = alpha - 1.0 if ndim(x) == 1 else ops.reshape(alpha - 1.0, (-1,) + (1,) * (ndim(x) - 1))
    return ops.sum(xlogy(powers, x), 0) - _log_beta(alpha)


def _log_beta(alpha: Number) -> Number:
    return ops.sum(gammaln(alpha)) - gammaln(ops.sum(alpha))


def _dirichlet_mean(alpha: Any) -> Number:
    alpha = as_float64(alpha, "alpha")
    return alpha / ops.sum(alpha)


def _dirichlet_var(alpha: Any) -> Number:
    alpha = as_float64(alpha, "alpha")
    total = ops.sum(alpha)
    return alpha * (total - alpha) / (total * total * (total + 1.0))


def _dirichlet_entropy(alpha: Any) -> Number:
    alpha = as_float64(alpha, "alpha")
    total = ops.sum(alpha)
    apart = (total - shape(alpha)[0]) * ops.digamma(total)
    return _log_beta(alpha) + apart - ops.sum((alpha - 1.0) * ops.digamma(alpha))


def _dirichlet_cov(alpha: Any) -> Number:
    part = _dirichlet_mean(alpha)
    return (ops.diag(part) - ops.outer(part, part)) / (ops.sum(as_float64(alpha, "alpha")) + 1.0)


def _t_entropy(loc: Any = None, shape: Any = 1, df: Any = 1) -> Number:
    _, matrix = _located(0.0 if loc is None else loc, loc, shape)
    df, dim = as_float64(df, "df"), matrix.shape[0]
    if not isinstance(primal(df), StandIn) and primal(df) == math.inf:
        return _normal_entropy(loc, shape)
    half, all_ = 0.5 * df, 0.5 * (df + dim)
    constant = gammaln(half) - gammaln(all_) + 0.5 * dim * log(df * math.pi)
    return constant + all_ * (ops.digamma(all_) - ops.digamma(half)) + 0.5 * factor(matrix)[1]


def _wishart_parts(x: Any, df: Any, scale: Any) -> tuple[Number, Number, Number, Number, int]:
    matrix, df = _matrix(scale, None), as_float64(df, "df")
    x = as_float64(x, "x")
    dim = shape(matrix)[0]
    return ops.reshape(x, (dim, dim)), df, matrix, 0.5 * df, dim


def _wishart_logpdf(x: Any, df: Any, scale: Any = 1) -> Number:
    x, df, matrix, half, dim = _wishart_parts(x, df, scale)
    _, log_det = factor(matrix)
    _, log_det_x = factor(x)
    trace = ops.trace(ops.solve(mirrored(matrix, True), x))
    constant = half * dim * math.log(2) + half * log_det + multigammaln(half, dim)
    return 0.5 * (df - dim - 1.0) * log_det_x - 0.5 * trace - constant


def _invwishart_logpdf(x: Any, df: Any, scale: Any = 1) -> Number:
    x, df, matrix, half, dim = _wishart_parts(x, df, scale)
    _, log_det = factor(matrix)
    _, log_det_x = factor(x)
    trace = ops.trace(ops.solve(x, matrix))
    constant = half * dim * math.log(2) - half * log_det + multigammaln(half, dim)
    return -0.5 * (df + dim + 1.0) * log_det_x - 0.5 * trace - constant


def _outer_of_diagonal(matrix: Number) -> Number:
    across = ops.diagonal(matrix)
    return ops.outer(across, across)


def _squeezed(matrix: Number) -> Number:
    return ops.reshape(matrix, ()) if shape(matrix) == (1, 1) else matrix


def _wishart_mean(df: Any, scale: Any) -> Number:
    return _squeezed(as_float64(df, "df") * _matrix(scale, None))


def _wishart_mode(df: Any, scale: Any) -> Any:
    matrix, df = _matrix(scale, None), as_float64(df, "df")
    free = df - shape(matrix)[0] - 1.0
    return _squeezed(free * matrix) if primal(free) >= 0 else None


def _wishart_var(df: Any, scale: Any) -> Number:
    matrix = _matrix(scale, None)
    return _squeezed(as_float64(df, "df") * (matrix * matrix + _outer_of_diagonal(matrix)))


def _digammas(half: Number, dim: int) -> Number:
    """The derivative of multigammaln."""
    return sum(ops.digamma(half - 0.5 * j) for j in range(dim))


def _wishart_entropy(df: Any, scale: Any) -> Number:
    """Bishop, Pattern Recognition and Machine Learning, B.82."""
    matrix, df = _matrix(scale, None), as_float64(df, "df")
    dim, half = shape(matrix)[0], 0.5 * df
    size = 0.5 * (dim + 1.0) * (factor(matrix)[1] + dim * math.log(2))
    return size + multigammaln(half, dim) - 0.5 * (df - dim - 1.0) * _digammas(half, dim) + half * dim


def _invwishart_mean(df: Any, scale: Any) -> Any:
    matrix, df = _matrix(scale, None), as_float64(df, "df")
    free = df - shape(matrix)[0] - 1.0
    return _squeezed(matrix / free) if primal(free) > 0 else None


def _invwishart_mode(df: Any, scale: Any) -> Number:
    matrix = _matrix(scale, None)
    return _squeezed(matrix / (as_float64(df, "df") + shape(matrix)[0] + 1.0))


def _invwishart_var(df: Any, scale: Any) -> Any:
    """Mardia, Kent and Bibby, Multivariate Analysis, 3.8.3."""
    matrix, df = _matrix(scale, None), as_float64(df, "df")
    free = df - shape(matrix)[0]
    if not primal(free) > 3:
        return None
    top = (free + 1.0) * matrix * matrix + (free - 1.0) * _outer_of_diagonal(matrix)
    return _squeezed(top / (free * (free - 1.0) ** 2 * (free - 3.0)))


def _multinomial_cov(n: Any, p: Any) -> Number:
    mean = _multinomial_mean(n, p)
    return ops.diag(mean) - ops.outer(mean, mean) / n


def _multinomial_logpmf(x: Any, n: Any, p: Any) -> Number:
    x, p = primal(as_float64(x, "x")), as_float64(p, "p")
    p = ops.concatenate([p[:-1], 1.0 - ops.sum(p[:-1], 0, True)], 0)
    return gammaln(np.float64(n) + 1.0) + ops.sum(xlogy(x, p) - gammaln(x + 1.0), -1)


def _multinomial_mean(n: Any, p: Any) -> Number:
    p = as_float64(p, "p")
    return n * ops.concatenate([p[:-1], 1.0 - ops.sum(p[:-1], 0, True)], 0)


Rules = dict[str, Callable[..., Any]]
RULES: dict[str, Rules] = {
    "multivariate_normal": {
        "logpdf": _normal_logpdf, "entropy": _normal_entropy, "cdf": _normal_cdf, "logcdf": _normal_logcdf,
    },
    "multivariate_t": {"logpdf": _t_logpdf, "entropy": _t_entropy},
    "dirichlet": {
        "logpdf": _dirichlet_logpdf, "mean": _dirichlet_mean, "var": _dirichlet_var, "cov": _dirichlet_cov,
        "entropy": _dirichlet_entropy,
    },
    "wishart": {
        "logpdf": _wishart_logpdf, "mean": _wishart_mean, "mode": _wishart_mode, "var": _wishart_var,
        "entropy": _wishart_entropy,
    },
    "invwishart": {
        "logpdf": _invwishart_logpdf, "mean": _invwishart_mean, "mode": _invwishart_mode, "var": _invwishart_var,
    },
    "multinomial": {"logpmf": _multinomial_logpmf, "mean": _multinomial_mean, "cov": _multinomial_cov},
}  # fmt: skip
PARAMETERS = {
    "multivariate_normal": ("mean", "cov_object"), "multivariate_t": ("loc", "shape", "df"), "dirichlet": ("alpha",),
    "wishart": ("df", "scale"), "invwishart": ("df", "scale"), "multinomial": ("n", "p"),
}  # fmt: skip
"""What a frozen distribution calls its parameters, in the order of the calls."""


def named() -> dict[type, str]:
    """The classes of the distributions that have rules here."""
    return {type(getattr(scipy.stats, name)): name for name in RULES if hasattr(scipy.stats, name)}


NAMES = named()


def called(name: str, method: str, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What a method gives for arguments with carriers among them. SciPy is asked about the plain numbers first: it
    knows what it does not accept."""
    rules = RULES[name]
    args, settings = tuple(map(matrix_of, args)), {k: matrix_of(x) for k, x in settings.items()}
    plain = {"pdf": "logpdf", "pmf": "logpmf"}.get(method, method)
    rule = rules.get(plain)
    if rule is None:
        raise no_rule(f"scipy.stats.{name}.{method}")
    given = stripped((args, settings))
    if not _recorded(given):
        getattr(getattr(scipy.stats, name), method)(*given[0], **given[1])
    y = rule(*args, **settings)
    return exp(y) if plain != method else y


def _recorded(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_recorded, x))
    if isinstance(x, dict):
        return any(map(_recorded, x.values()))
    return isinstance(x, StandIn)


def parameters(name: str, frozen: Any) -> tuple[Any, ...]:
    """The parameters of a frozen distribution."""
    return tuple([matrix_of(getattr(frozen, p)) for p in PARAMETERS[name]])


def attributes(name: str) -> tuple[str, ...]:
    """What the attributes of a frozen distribution with its parameters are called."""
    return tuple(["cov" if p == "cov_object" else p for p in PARAMETERS[name]])
