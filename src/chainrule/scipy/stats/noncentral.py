"""Noncentral distributions, those of Kolmogorov's test and of sums, and of draws that are not equally likely."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, StandIn, ndim, primal
from chainrule.scipy.quadrature import PEAKED, over, over_steps
from chainrule.scipy.rows import no_symbols
from chainrule.scipy.special.gamma import betaln
from chainrule.scipy.special.noncentral import ncf_cdf, ncf_logpdf, nct_cdf, nct_logpdf
from chainrule.scipy.special.sequences import by_distance
from chainrule.scipy.stats.discrete import counts
from chainrule.scipy.stats.law import law
from chainrule.scipy.stats.normals import POSITIVE

exp, log, log1p, where, gammaln = ops.exp, ops.log, ops.log1p, ops.where, ops.gammaln
NODES = 400
MOST = 20_000
"""Terms of a sum that is differentiated."""


def _nct_mean(df: Number, nc: Number) -> Number:
    return nc * ops.sqrt(0.5 * df) * exp(gammaln(0.5 * (df - 1.0)) - gammaln(0.5 * df))


law(
    "nct", nct_logpdf, lambda x, df, nc: nct_cdf(df, nc, x), valid=lambda df, nc: (df > 0) & (nc == nc),
    mean=lambda df, nc: where(primal(df) > 1, _nct_mean(where(primal(df) > 1, df, 2.0), nc), math.inf),
    var=lambda df, nc: where(
        primal(df) > 2, df * (1.0 + nc * nc) / (df - 2.0) - _nct_mean(where(primal(df) > 2, df, 3.0), nc) ** 2, math.inf
    ),
)  # fmt: skip
law(
    "ncf", ncf_logpdf, lambda x, dfn, dfd, nc: ncf_cdf(dfn, dfd, nc, x), POSITIVE,
    valid=lambda dfn, dfd, nc: (dfn > 0) & (dfd > 0) & (nc >= 0),
    mean=lambda dfn, dfd, nc: where(primal(dfd) > 2, dfd * (dfn + nc) / (dfn * (dfd - 2.0)), math.inf),
    var=lambda dfn, dfd, nc: where(
        primal(dfd) > 4,
        2.0 * (dfd / dfn) ** 2 * ((dfn + nc) ** 2 + (dfn + 2.0 * nc) * (dfd - 2.0))
        / ((dfd - 2.0) ** 2 * (dfd - 4.0)), math.inf,
    ),
)  # fmt: skip


def _one_sided(x: Number, n: Any) -> Number:
    if isinstance(primal(x), StandIn):
        raise no_rule("scipy.stats.ksone of numbers that are recorded only")
    return log(-by_distance(None, n, x))


law("ksone", _one_sided, None, (0.0, 1.0), whole=("n",))


# -- sums of uniform numbers: B-splines, by their recurrence (de Boor, A Practical Guide to Splines, 1978) ----------


def _spline(x: Number, n: Any) -> Number:
    if ndim(primal(n)):
        raise no_rule("scipy.stats.irwinhall with several n")
    count = int(primal(n))
    parts: list[Number] = [where((primal(x) >= j) & (primal(x) < j + 1), 1.0, 0.0) for j in range(count)]
    for k in range(2, count + 1):
        parts = [((x - j) * parts[j] + (j + k - x) * parts[j + 1]) / (k - 1.0) for j in range(len(parts) - 1)]
    return parts[0] + 0.0 * x


law("irwinhall", lambda x, n: log(_spline(x, n)), None, lambda n: (0.0, 1.0 * n), whole=("n",))


def _hyper(x: Number, a: Number, b: Number, c: Number, z: Number) -> Number:
    """The density's factor is one over an integral from 0 to 1, here over logit(x), around log(a / b)."""
    no_symbols(a, b, c, z)
    y = (a - 1.0) * log(x) + (b - 1.0) * log1p(-x) - c * log1p(z * x)
    a, b, c, z = (ops.expand_dims(v, -1) if ndim(v) else v for v in (a, b, c, z))
    a0, b0 = primal(a), primal(b)
    spread = 9.0 * ops.sqrt(1.0 / a0 + 1.0 / b0)
    low, high = log(a0 / b0) - 40.0 / a0 - spread, log(a0 / b0) + 40.0 / b0 + spread
    step = (high - low) / (NODES - 1.0)
    u = low + step * np.arange(float(NODES))
    sizes = -a * ops.softplus(-u) - b * ops.softplus(u) - c * log1p(z * ops.sigmoid(u)) + log(step)
    return y - ops.logsumexp(sizes, -1)


law("gausshyper", _hyper, None, (0.0, 1.0), valid=lambda a, b, c, z: (a > 0) & (b > 0) & (c == c) & (z > -1))


# -- whole numbers ------------------------------------------------------------------------------------------------


def _steps(name: str, high: Any) -> int:
    plain = primal(high)
    if isinstance(plain, StandIn) or not np.max(plain) <= MOST:
        raise no_rule(f"{name} of more than {MOST} numbers, or of recorded ones")
    return int(np.max(plain))


def _harmonic(a: Number, n: Any) -> Number:
    """The sum of k**-a for k = 1, ..., n."""
    count = _steps("scipy.stats.zipfian", n)
    return over_steps(count, lambda j, a, n: where(j < n, exp(-a * np.log(j + 1.0)), 0.0), a, n)


counts(
    "zipfian", lambda k, a, n: -a * log(k) - log(_harmonic(a, n)), None, lambda a, n: (1.0, 1.0 * n),
    valid=lambda a, n: (a >= 0) & (n > 0), whole=("n",), mean=lambda a, n: _harmonic(a - 1.0, n) / _harmonic(a, n),
)  # fmt: skip


def _draws(M: Any, n: Any, N: Any) -> tuple[Any, Any]:
    return np.maximum(0.0, N - (M - n)) * 1.0, np.minimum(n, N) * 1.0


def _ways(x: Number, M: Any, n: Any, N: Any) -> Number:
    """The logarithm of how many samples there are with x of the n."""
    first = -log(n + 1.0) - betaln(n - x + 1.0, x + 1.0)
    rest = M - n
    return first - log(rest + 1.0) - betaln(rest - (N - x) + 1.0, N - x + 1.0)


def _fisher(x: Number, M: Any, n: Any, N: Any, odds: Number) -> Number:
    no_symbols(odds)
    low, high = _draws(primal(M), primal(n), primal(N))
    j = np.arange(_steps("scipy.stats.nchypergeom_fisher", high - low) + 1.0)
    spread = [ops.expand_dims(v, -1) if ndim(v) else v for v in (low, high, M, n, N, odds)]
    at = np.minimum(spread[0] + j, spread[1])
    sizes = where(spread[0] + j <= spread[1], _ways(at, *spread[2:5]) + at * log(spread[5]), -math.inf)
    return _ways(x, M, n, N) + x * log(odds) - ops.logsumexp(sizes, -1)


counts(
    "nchypergeom_fisher", _fisher, None, lambda M, n, N, odds: _draws(M, n, N), whole=("M", "n", "N"),
    valid=lambda M, n, N, odds: (n >= 0) & (N >= 0) & (n <= M) & (N <= M) & (odds > 0),
)  # fmt: skip


def _wallenius(x: Number, M: Any, n: Any, N: Any, odds: Number) -> Number:
    """Fog, Communications in Statistics 37 (2008), equation 2: the integral over t = exp(-s / d)."""
    rest = odds * (n - x) + (M - n - (N - x))
    empty = primal(rest) == 0
    d = where(empty, 1.0, rest)

    def integrand(s: Number, x: Number, N: Any, odds: Number, d: Number) -> Number:
        return exp(x * log(-ops.expm1(-odds * s)) + (N - x) * log(-ops.expm1(-s)) + log(d) - d * s)

    return _ways(x, M, n, N) + where(empty, 0.0, log(over(PEAKED, integrand, x, N, odds, d)))


counts(
    "nchypergeom_wallenius", _wallenius, None, lambda M, n, N, odds: _draws(M, n, N), whole=("M", "n", "N"),
    valid=lambda M, n, N, odds: (n >= 0) & (N >= 0) & (n <= M) & (N <= M) & (odds > 0),
)  # fmt: skip
