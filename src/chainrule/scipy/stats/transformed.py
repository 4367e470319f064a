"""Random variables made of others by the newer interface: `exp log abs truncate order_statistic Mixture`.

Each states the logarithm of its density and its distribution function by those of what it is made of; the other
methods of a variable follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number
from chainrule.scipy.special.gamma import betainc, betaln
from chainrule.scipy.stats import newer
from chainrule.scipy.stats.calls import as_float64


class Transformed:
    """A variable that is a function of others, by the logarithm of its density and its distribution function."""

    def __init__(self, name: str, logpdf: Callable[[Any], Number], cdf: Callable[[Any], Number]) -> None:
        self._name, self._logpdf, self._cdf = name, logpdf, cdf

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise no_rule(f"{self._name}(...).{name}")

    def _read(self, y: Any) -> Number:
        return as_float64(y, self._name)

    def logpdf(self, y: Any) -> Number:
        """The logarithm of the density."""
        return self._logpdf(self._read(y))

    def pdf(self, y: Any) -> Number:
        """The density."""
        return ops.exp(self.logpdf(y))

    def cdf(self, y: Any) -> Number:
        """The probability of no more than y."""
        return self._cdf(self._read(y))

    def ccdf(self, y: Any) -> Number:
        """The probability of more than y."""
        return 1.0 - self.cdf(y)

    def logcdf(self, y: Any) -> Number:
        """The logarithm of `cdf`."""
        return ops.log(self.cdf(y))

    def logccdf(self, y: Any) -> Number:
        """The logarithm of `ccdf`."""
        return ops.log1p(-self.cdf(y))


def _exp(x: Any) -> Transformed:
    return Transformed(
        "scipy.stats.exp", lambda y: x.logpdf(ops.log(y)) - ops.log(y), lambda y: x.cdf(ops.log(y))
    )  # fmt: skip


def _log(x: Any) -> Transformed:
    return Transformed("scipy.stats.log", lambda y: x.logpdf(ops.exp(y)) + y, lambda y: x.cdf(ops.exp(y)))


def _abs(x: Any) -> Transformed:
    def logpdf(y: Number) -> Number:
        found = ops.logaddexp(x.logpdf(y), x.logpdf(-y))
        return ops.where(y >= 0, found, -math.inf)

    return Transformed("scipy.stats.abs", logpdf, lambda y: ops.where(y >= 0, x.cdf(y) - x.cdf(-y), 0.0))


def _truncate(X: Any, lb: Any = -np.inf, ub: Any = np.inf) -> Transformed:
    low = X.cdf(lb) if holds([lb]) or np.any(np.isfinite(lb)) else 0.0
    high = X.cdf(ub) if holds([ub]) or np.any(np.isfinite(ub)) else 1.0

    def logpdf(y: Number) -> Number:
        return ops.where((y >= lb) & (y <= ub), X.logpdf(y) - ops.log(high - low), -math.inf)

    def cdf(y: Number) -> Number:
        return ops.clip((X.cdf(y) - low) / (high - low), 0.0, 1.0)

    return Transformed("scipy.stats.truncate", logpdf, cdf)


def _order_statistic(X: Any, *, r: Any, n: Any) -> Transformed:
    r, n = (np.asarray(k, float)[()] for k in (r, n))

    def logpdf(y: Number) -> Number:
        return (r - 1) * X.logcdf(y) + (n - r) * X.logccdf(y) + X.logpdf(y) - betaln(r, n - r + 1)

    return Transformed("scipy.stats.order_statistic", logpdf, lambda y: betainc(r, n - r + 1, X.cdf(y)))


def _mixture(components: Any, *, weights: Any = None) -> Transformed:
    count = len(components)
    shares = np.full(count, 1 / count) if weights is None else as_float64(weights, "scipy.stats.Mixture")

    def logpdf(y: Number) -> Number:
        parts = [ops.log(shares[k]) + c.logpdf(y) for k, c in enumerate(components)]
        total = parts[0]
        for part in parts[1:]:
            total = ops.logaddexp(total, part)
        return total

    def cdf(y: Number) -> Number:
        return sum(shares[k] * c.cdf(y) for k, c in enumerate(components))

    return Transformed("scipy.stats.Mixture", logpdf, cdf)


def _of_ours(original: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """`original` where it is given SciPy's own variables and plain numbers, else the rule."""

    def made(*args: Any, **settings: Any) -> Any:
        given = [*args, *settings.values()]
        inner = [v for x in given for v in (x if isinstance(x, (list, tuple)) else [x])]
        ours = any(isinstance(v, (newer.Random, Transformed)) for v in inner)
        return rule(*args, **settings) if ours or holds(given) else original(*args, **settings)

    return made


_MAKERS: dict[str, Callable[..., Any]] = {
    "exp": _exp, "log": _log, "abs": _abs, "truncate": _truncate, "order_statistic": _order_statistic,
    "Mixture": _mixture,
}  # fmt: skip
RULES: dict[str, Callable[..., Any]] = {
    name: _of_ours(getattr(scipy.stats, name), rule) for name, rule in _MAKERS.items() if hasattr(scipy.stats, name)
}
