"""How a distribution of `scipy.stats` is stated: its standard density, and what its derivatives by its shapes need.

    law("gamma", lambda x, a: xlogy(a - 1, x) - x - gammaln(a), lambda x, a: gammainc(a, x), (0, inf), mean=lambda a: a)

The density is computed by what is stated here. Probabilities and quantiles are SciPy's own; their derivatives by the
variable follow from the density, those by a shape from `cdf`, which is differentiated and never asked for a value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.numbers import Number, StandIn, primal
from chainrule.scipy.rows import UNKNOWN, SpecialRow, as_ieee, derivative

Formula = Callable[..., Number]
LAWS: dict[str, Law] = {}
QUANTILES = ("ppf", "isf")


class Law:
    """A family of distributions.

    name      SciPy's
    logpdf    the logarithm of the standard density: (x, *shapes)
    cdf       the standard distribution function, in operators; None where none is known in them
    support   its ends, numbers or a function of the shapes
    valid     which shapes are allowed: (*shapes) -> condition; left out: all are positive
    moments   "mean", "var" and "entropy" of the standard distribution: (*shapes) -> number
    whole     the shapes that are whole numbers
    held      the shapes by which the distribution function has no derivative here
    direct    probabilities and quantiles that are operators, in place of SciPy's own: "logcdf" -> (x, *shapes)
    """

    def __init__(
        self,
        name: str,
        logpdf: Formula,
        cdf: Formula | None = None,
        support: Any = (-math.inf, math.inf),
        *,
        valid: Callable[..., Any] | None = None,
        whole: tuple[str, ...] = (),
        held: tuple[str, ...] = (),
        direct: dict[str, Formula] | None = None,
        **moments: Formula,
    ) -> None:
        self.name, self.logpdf, self.cdf, self.valid, self.whole = name, logpdf, cdf, valid, whole
        self.held, self.direct = held, direct or {}
        self.support = support if callable(support) else lambda *shapes: support
        self.moments = {key: as_ieee(formula) for key, formula in moments.items()}
        self.dist: Any = getattr(scipy.stats, name, None)
        self._rows: dict[str, SpecialRow] = {}
        if self.dist is None:  # not in the SciPy that is installed
            self.shapes: tuple[str, ...] = ()
            return
        self.shapes = tuple(self.dist.shapes.split(", ")) if self.dist.shapes else ()
        LAWS[name] = self

    @property
    def title(self) -> str:
        """How a user calls it."""
        return f"scipy.stats.{self.name}"

    def allowed(self, *shapes: Number) -> Any:
        """Where the shapes are those of a distribution."""
        if self.valid is not None:
            return self.valid(*map(primal, shapes))
        result: Any = True
        for s in shapes:
            result = result & (primal(s) > 0)
        return result

    def log_density(self, x: Number, *shapes: Number) -> Number:
        """log of the standard density: -inf outside of its support, nan for shapes that are not allowed."""
        return self._on_support(as_ieee(self.logpdf), -math.inf, x, shapes)

    def density(self, x: Number, *shapes: Number) -> Number:
        """The standard density."""
        return ops.exp(self.log_density(x, *shapes))

    def within(self, x: Number, low: Any, high: Any) -> Any:
        """Where the plain number x is in the support."""
        return (x >= low) & (x <= high)

    def _on_support(self, formula: Formula, outside: float, x: Number, shapes: tuple[Number, ...]) -> Number:
        low, high = self.support(*map(primal, shapes))
        x0 = primal(x)
        inside = self.within(x0, low, high)
        allowed = self.allowed(*shapes)
        if not isinstance(inside, StandIn) and not isinstance(allowed, StandIn) and np.all(inside) and np.all(allowed):
            return formula(x, *shapes)
        good = inside & allowed
        y = formula(ops.where(inside, x, _between(low, high)), *shapes)
        return ops.where(good, y, ops.where(allowed & (x0 == x0), outside, math.nan))

    def row(self, method: str) -> Any:
        """The row of a probability (cdf, sf, logcdf, logsf) or a quantile (ppf, isf) of the standard distribution."""
        if method in self.direct:
            return self.direct[method]
        found = self._rows.get(method)
        if found is None:
            found = self._rows[method] = self._made(method)
        return found

    def _made(self, method: str) -> SpecialRow:
        function = getattr(self.dist, method)
        by_shape = [self._by_shape(method, k) for k in range(len(self.shapes))]

        def compute(*args: Any) -> Any:
            return np.asarray(function(*args))[()]

        kernels = {"numpy": compute, "float": lambda *args: float(function(*args))}
        return SpecialRow(
            f"{self.title}.{method}", ("q" if method in QUANTILES else "x", *self.shapes),
            (getattr(self, f"_{method}_slope"), *by_shape), kernels=kernels, symbol=method,
        )  # fmt: skip

    # -- derivatives by the variable: f, -f, f / F, -f / S, 1 / f ------------------------------------------------

    def _cdf_slope(self, y: Number, x: Number, *shapes: Number) -> Number:
        return self.density(x, *shapes)

    def _sf_slope(self, y: Number, x: Number, *shapes: Number) -> Number:
        return -self.density(x, *shapes)

    def _relative(self, y: Number, x: Number, *shapes: Number) -> Number:
        """The density over the probability of which y is the logarithm."""
        log_density = self.log_density(x, *shapes)
        nothing = primal(log_density) == -math.inf
        return ops.where(nothing, 0.0, ops.exp(ops.where(nothing, 0.0, log_density) - ops.where(nothing, 0.0, y)))

    def _logcdf_slope(self, y: Number, x: Number, *shapes: Number) -> Number:
        return self._relative(y, x, *shapes)

    def _logsf_slope(self, y: Number, x: Number, *shapes: Number) -> Number:
        return -self._relative(y, x, *shapes)

    def _ppf_slope(self, x: Number, q: Number, *shapes: Number) -> Number:
        return ops.exp(-self.log_density(x, *shapes))

    def _isf_slope(self, x: Number, q: Number, *shapes: Number) -> Number:
        return -ops.exp(-self.log_density(x, *shapes))

    # -- derivatives by a shape ------------------------------------------------------------------------------------

    def _by_shape(self, method: str, k: int) -> Any:
        if self.cdf is None or self.shapes[k] in self.held:
            return UNKNOWN
        formula = derivative(self.cdf, k + 1)

        def of_cdf(x: Number, *shapes: Number) -> Number:
            return self._on_support(lambda x, *s: formula(None, x, *s), 0.0, x, shapes)

        sign = -1.0 if method in ("sf", "logsf", *QUANTILES) else 1.0
        if method in QUANTILES:
            return lambda x, q, *shapes: _of_quantile(sign * of_cdf(x, *shapes), self.log_density(x, *shapes))
        if method.startswith("log"):
            return lambda y, x, *shapes: sign * of_cdf(x, *shapes) * ops.exp(-y)
        return lambda y, x, *shapes: sign * of_cdf(x, *shapes)


def _of_quantile(moved: Number, log_density: Number) -> Number:
    """How far a quantile moves where the probability of what lies below it moves by `moved`. Where the probability does
    not move the quantile stays, also where the density vanishes: the median of a symmetric law with a hole in its
    middle. Nan where both are too small for floats."""
    still, size = primal(moved) == 0, primal(log_density)
    lost = still & (size < -600.0) & (size > -math.inf)
    return ops.where(still, ops.where(lost, math.nan, 0.0), moved * ops.exp(-ops.where(still, 0.0, log_density)))


def _between(low: Any, high: Any) -> Any:
    """A point inside of a support, to compute at in place of points outside."""
    bounded_below, bounded_above = low > -math.inf, high < math.inf
    if bounded_below is True and bounded_above is True:
        return 0.5 * (low + high)
    a, b = ops.where(bounded_below, low, 0.0), ops.where(bounded_above, high, 0.0)
    return ops.where(bounded_below & bounded_above, 0.5 * (a + b), a + b + 1.0 * bounded_below - 1.0 * bounded_above)


law = Law
