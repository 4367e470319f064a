"""Distributions of whole numbers: their probabilities are differentiated by their parameters, not by the number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, StandIn, primal
from chainrule.scipy.quadrature import over_steps
from chainrule.scipy.rows import UNKNOWN, SpecialRow, derivative, no_partial
from chainrule.scipy.special.bessel import ive
from chainrule.scipy.special.cumulative import bdtr
from chainrule.scipy.special.elementary import entr, xlog1py, xlogy
from chainrule.scipy.special.gamma import betainc, betaln, gammaincc
from chainrule.scipy.special.zeta import hurwitz
from chainrule.scipy.stats.calls import OF_PARAMETERS, Parameters, as_float64
from chainrule.scipy.stats.law import Law

exp, expm1, log, log1p, where = ops.exp, ops.expm1, ops.log, ops.log1p, ops.where
gammaln, sqrt = ops.gammaln, ops.sqrt
COUNTS, FROM_1 = (0.0, math.inf), (1.0, math.inf)
MOST = 100_000
"""Terms of a sum of probabilities."""
FEW = 4_000
"""Terms of an entropy, each of which is differentiated."""


class Counts(Law):
    """A family of distributions of whole numbers; `logpdf` is the logarithm of the probability.

    by_shape  the derivative of the distribution function by some shapes, where it is no sum: (k, *shapes)
    """

    def __init__(
        self,
        name: str,
        logpmf: Callable[..., Number],
        cdf: Callable[..., Number] | None = None,
        support: Any = COUNTS,
        *,
        by_shape: dict[str, Callable[..., Number]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(name, logpmf, cdf, support, **more)
        self.by_shape = by_shape or {}
        self.moments.setdefault("entropy", self.entropy)

    def within(self, x: Number, low: Any, high: Any) -> Any:
        return super().within(x, low, high) & (x == ops.floor(x))

    def _made(self, method: str) -> SpecialRow:
        made = super()._made(method)
        made.partials = (None, *made.partials[1:])
        return made

    def _by_shape(self, method: str, k: int) -> Any:
        if self.shapes[k] in self.whole:
            return UNKNOWN
        found = self.by_shape.get(self.shapes[k])
        formula = derivative(self.cdf or self._summed, k + 1)

        def of_cdf(x: Number, *shapes: Number) -> Number:
            rule = found or (lambda x, *s: formula(None, x, *s))
            return self._on_support(rule, 0.0, ops.floor(primal(x)), shapes)

        sign = -1.0 if method in ("sf", "logsf") else 1.0
        if method.startswith("log"):
            return lambda y, x, *shapes: sign * of_cdf(x, *shapes) * exp(-y)
        return lambda y, x, *shapes: sign * of_cdf(x, *shapes)

    def entropy(self, *shapes: Number) -> Number:
        """The entropy as a sum over all numbers that have a probability to speak of."""
        plain = tuple(map(primal, shapes))
        if any(isinstance(s, StandIn) for s in plain):
            raise no_rule(f"{self.title}.entropy of numbers that are recorded only")
        low, high = (np.asarray(self.dist.ppf(q, *plain)) for q in (1e-18, 1.0 - 1e-15))
        first, count = float(np.min(low)) - 3.0, 2.0 * float(np.max(high) - np.min(low)) + 30.0
        if not count < FEW:
            raise no_rule(f"{self.title}.entropy of more than {FEW} numbers")

        def term(j: Number, *shapes: Number) -> Number:
            y = self.log_density(first + j, *shapes)
            return where(primal(y) > -700.0, -y * exp(y), 0.0)

        return over_steps(int(count), term, *shapes)

    def _summed(self, x: Number, *shapes: Number) -> Number:
        """The distribution function as a sum of probabilities."""
        low, _ = self.support(*map(primal, shapes))
        if isinstance(primal(x), StandIn):
            raise no_rule(f"{self.title}.cdf of numbers that are recorded only")
        count = int(np.max(x) - low) + 1
        if count > MOST:
            raise no_rule(f"{self.title}.cdf of more than {MOST} numbers")

        def term(j: Number, x: Number, *shapes: Number) -> Number:
            inside = low + j <= x
            return where(inside, exp(self.logpdf(where(inside, low + j, low), *shapes)), 0.0)

        return over_steps(count, term, x, *shapes)


counts = Counts


def called(law: Counts, method: str, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What a method of a distribution of whole numbers gives for arguments with carriers among them."""
    name = f"{law.title}.{method}"
    if method in OF_PARAMETERS and method != "median":
        return OF_PARAMETERS[method](_parameters(law, args, settings))
    if method == "median":
        method, args = "ppf", (0.5, *args)
    settings = dict(settings)
    variable = "q" if method in ("ppf", "isf") else "k"
    x, args = (args[0], args[1:]) if args else (settings.pop(variable), ())
    if method in ("ppf", "isf"):
        plain = tuple(primal(as_float64(a, name)) for a in args)
        if any(isinstance(a, StandIn) for a in plain):
            raise no_rule(f"{name} of numbers that are recorded only")
        return getattr(law.dist, method)(primal(x), *plain, **{k: primal(v) for k, v in settings.items()})
    x = as_float64(x, name)
    p = _parameters(law, args, settings)
    if method in ("pmf", "logpmf"):
        if x is not primal(x):
            raise no_partial(name, "k")
        y = law.log_density(x - p.loc, *p.shapes)
        return y if method == "logpmf" else exp(y)
    if method in ("cdf", "sf", "logcdf", "logsf"):
        return law.row(method)(primal(x) - p.loc, *p.shapes)
    raise no_rule(name)


def _parameters(law: Counts, args: tuple[Any, ...], settings: dict[str, Any]) -> Parameters:
    p = Parameters(law, args, settings)
    if p.loc is not primal(p.loc):
        raise no_partial(law.title, "loc")
    return p


def _fraction(p: Any) -> Any:
    return (p >= 0) & (p <= 1)


counts(
    "bernoulli", lambda k, p: xlogy(k, p) + xlog1py(1.0 - k, -p), lambda k, p: where(k >= 1, 1.0, 1.0 - p), (0.0, 1.0),
    valid=_fraction, mean=lambda p: p, var=lambda p: p * (1.0 - p), entropy=lambda p: entr(p) + entr(1.0 - p),
)  # fmt: skip
counts(
    "binom", lambda k, n, p: xlogy(k, p) + xlog1py(n - k, -p) - betaln(n - k + 1.0, k + 1.0) - log(n + 1.0),
    lambda k, n, p: bdtr(k, n, p), lambda n, p: (0.0, n), valid=lambda n, p: (n >= 0) & _fraction(p), whole=("n",),
    mean=lambda n, p: n * p, var=lambda n, p: n * p * (1.0 - p),
)  # fmt: skip
counts(
    "nbinom", lambda k, n, p: n * log(p) + xlog1py(k, -p) - betaln(n, k + 1.0) - log(n + k),
    lambda k, n, p: betainc(n, k + 1.0, p), valid=lambda n, p: (n > 0) & (p > 0) & (p <= 1),
    mean=lambda n, p: n * (1.0 - p) / p, var=lambda n, p: n * (1.0 - p) / (p * p),
)  # fmt: skip
counts(
    "poisson", lambda k, mu: xlogy(k, mu) - gammaln(k + 1.0) - mu, lambda k, mu: gammaincc(k + 1.0, mu),
    valid=lambda mu: mu >= 0, mean=lambda mu: mu, var=lambda mu: mu,
)  # fmt: skip
counts(
    "geom", lambda k, p: log(p) + xlog1py(k - 1.0, -p), lambda k, p: -expm1(k * log1p(-p)), FROM_1,
    valid=lambda p: (p > 0) & (p <= 1), mean=lambda p: 1.0 / p, var=lambda p: (1.0 - p) / (p * p),
)  # fmt: skip
counts(
    "logser", lambda k, p: xlogy(k, p) - log(k) - log(-log1p(-p)), None, FROM_1, valid=lambda p: (p > 0) & (p < 1),
    mean=lambda p: -p / ((1.0 - p) * log1p(-p)),
    var=lambda p: -p * (p + log1p(-p)) / ((1.0 - p) * log1p(-p)) ** 2,
)  # fmt: skip
counts(
    "planck", lambda k, lambda_: log(-expm1(-lambda_)) - lambda_ * k,
    lambda k, lambda_: -expm1(-lambda_ * (k + 1.0)), mean=lambda lambda_: 1.0 / expm1(lambda_),
    var=lambda lambda_: exp(-lambda_) / expm1(-lambda_) ** 2,
    entropy=lambda lambda_: lambda_ / expm1(lambda_) - log(-expm1(-lambda_)),
)  # fmt: skip


def _dlaplace_cdf(k: Number, a: Number) -> Number:
    below = exp(a * where(k < 0, k + 1.0, 0.0))
    return where(k >= 0, 1.0 - exp(-a * abs(k)) / (exp(a) + 1.0), below / (exp(a) + 1.0))


counts(
    "dlaplace", lambda k, a: log(ops.tanh(0.5 * a)) - a * abs(k),
    _dlaplace_cdf, (-math.inf, math.inf), mean=lambda a: 0.0 * a, var=lambda a: 2.0 * exp(a) / expm1(a) ** 2,
    entropy=lambda a: a / ops.sinh(a) - log(ops.tanh(0.5 * a)),
)  # fmt: skip
counts(
    "boltzmann", lambda k, lambda_, N: log(expm1(-lambda_) / expm1(-lambda_ * N)) - lambda_ * k,
    lambda k, lambda_, N: expm1(-lambda_ * (k + 1.0)) / expm1(-lambda_ * N), lambda lambda_, N: (0.0, N - 1.0),
    whole=("N",),
)  # fmt: skip


def _zipf_var(a: Number) -> Number:
    total = hurwitz(a, 1.0)
    return hurwitz(a - 2.0, 1.0) / total - (hurwitz(a - 1.0, 1.0) / total) ** 2


counts(
    "zipf", lambda k, a: -a * log(k) - log(hurwitz(a, 1.0)), lambda k, a: 1.0 - hurwitz(a, k + 1.0) / hurwitz(a, 1.0),
    FROM_1, valid=lambda a: a > 1,
    mean=lambda a: where(primal(a) > 2, hurwitz(where(primal(a) > 2, a, 3.0) - 1.0, 1.0) / hurwitz(a, 1.0), math.inf),
    var=lambda a: where(primal(a) > 3, _zipf_var(where(primal(a) > 3, a, 4.0)), math.inf),
)  # fmt: skip


def _skellam(k: Number, mu1: Number, mu2: Number) -> Number:
    apart = sqrt(mu1) - sqrt(mu2)
    return -apart * apart + 0.5 * k * (log(mu1) - log(mu2)) + log(ive(abs(k), 2.0 * sqrt(mu1 * mu2)))


counts(
    "skellam", _skellam, None, (-math.inf, math.inf), mean=lambda mu1, mu2: mu1 - mu2, var=lambda mu1, mu2: mu1 + mu2,
    by_shape={
        "mu1": lambda k, mu1, mu2: -exp(_skellam(k, mu1, mu2)),
        "mu2": lambda k, mu1, mu2: exp(_skellam(k + 1.0, mu1, mu2)),
    },
)  # fmt: skip
counts(
    "betabinom",
    lambda k, n, a, b: betaln(k + a, n - k + b) - betaln(a, b) - betaln(n - k + 1.0, k + 1.0) - log(n + 1.0), None,
    lambda n, a, b: (0.0, n), valid=lambda n, a, b: (n >= 0) & (a > 0) & (b > 0), whole=("n",),
    mean=lambda n, a, b: n * a / (a + b),
    var=lambda n, a, b: n * (a + b + n) * a * b / ((a + b) ** 2 * (a + b + 1.0)),
)  # fmt: skip
counts(
    "betanbinom", lambda k, n, a, b: betaln(a + n, b + k) - betaln(a, b) - betaln(n, k + 1.0) - log(n + k), None,
    whole=("n",), mean=lambda n, a, b: where(primal(a) > 1, n * b / (a - 1.0), math.inf),
)  # fmt: skip
counts(
    "yulesimon", lambda k, alpha: log(alpha) + betaln(k, alpha + 1.0),
    lambda k, alpha: 1.0 - k * exp(betaln(k, alpha + 1.0)), FROM_1,
    mean=lambda alpha: where(primal(alpha) > 1, alpha / (alpha - 1.0), math.inf),
    var=lambda alpha: where(primal(alpha) > 2, alpha**2 / ((alpha - 1.0) ** 2 * (alpha - 2.0)), math.inf),
)  # fmt: skip
