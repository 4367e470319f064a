"""`gaussian_kde` for data, weights and points that carry derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, no_setting
from chainrule.errors import ShapeError
from chainrule.numbers import Number, ndim, shape
from chainrule.scipy.special.error import ndtr
from chainrule.scipy.stats.calls import as_float64
from chainrule.scipy.stats.multivariate import factor

NAME = "scipy.stats.gaussian_kde"


class GaussianKde:
    """What `gaussian_kde` makes in a lifted function. `original` is SciPy's own, where nothing in it moves."""

    def __init__(
        self, dataset: Any, bw_method: Any = None, weights: Any = None, original: scipy.stats.gaussian_kde | None = None
    ) -> None:
        self.original = original
        if original is None and not holds((dataset, bw_method, weights)):
            self.original = scipy.stats.gaussian_kde(dataset, bw_method, weights)
        data = as_float64(dataset, NAME)
        self.dataset = ops.reshape(data, (1, -1)) if ndim(data) < 2 else data
        self.d, self.n = shape(self.dataset)
        w = np.ones(self.n) if weights is None else as_float64(weights, NAME)
        self.weights = w / ops.sum(w)
        self.neff = 1.0 / ops.sum(self.weights**2.0)
        self.factor = self._factor_of(bw_method)
        self.covariance = self._data_covariance() * (self.factor * self.factor)

    def _factor_of(self, method: Any) -> Number:
        power = -1.0 / (self.d + 4)
        if method is None or (isinstance(method, str) and method == "scott"):
            return ops.power(self.neff, power)
        if isinstance(method, str) and method == "silverman":
            return ops.power(self.neff * (self.d + 2.0) / 4.0, power)
        if isinstance(method, str):
            raise no_setting(NAME, ["bw_method"], f" ({method!r})")
        return method(self) if callable(method) else as_float64(method, NAME)

    def _data_covariance(self) -> Number:
        off = self.dataset - ops.sum(self.dataset * self.weights, 1, True)
        total = ops.matmul(off * self.weights, ops.transpose(off))
        return total / (1.0 - ops.sum(self.weights**2.0))

    def logpdf(self, x: Any) -> Number:
        """The logarithm of the density at each point."""
        if self.original is not None and not holds(x):
            return self.original.logpdf(x)
        points = as_float64(x, NAME)
        points = ops.reshape(points, (1, 1) if ndim(points) == 0 else (1, -1)) if ndim(points) < 2 else points
        if shape(points)[0] != self.d:
            if shape(points) != (1, self.d):
                raise ShapeError.here(f"{NAME}: points have dimension {shape(points)[0]}, the dataset has {self.d}")
            points = ops.transpose(points)
        low, log_det = factor(self.covariance)
        here, there = ops.solve(low, points), ops.solve(low, self.dataset)
        apart = ops.expand_dims(here, 2) - ops.expand_dims(there, 1)
        energy = -0.5 * ops.sum(apart * apart, 0)
        constant = -0.5 * (self.d * math.log(2 * math.pi) + log_det)
        return ops.logsumexp(energy + ops.log(self.weights), 1) + constant

    def evaluate(self, points: Any) -> Number:
        """The density at each point."""
        if self.original is not None and not holds(points):
            return self.original.evaluate(points)
        return ops.exp(self.logpdf(points))

    __call__ = evaluate

    def pdf(self, x: Any) -> Number:
        """The density at each point."""
        return self.evaluate(x)

    def integrate_box_1d(self, low: Any, high: Any) -> Number:
        """The probability between two bounds, of data in one dimension."""
        if self.original is not None and not holds((low, high)):
            return self.original.integrate_box_1d(low, high)
        if self.d != 1:
            raise ValueError("integrate_box_1d() only handles 1D pdfs")
        wide, points = ops.sqrt(self.covariance[0, 0]), self.dataset[0]
        above, below = (ndtr((as_float64(bound, NAME) - points) / wide) for bound in (high, low))
        return ops.sum(self.weights * (above - below))

    def __getattr__(self, name: str) -> Any:
        original = self.__dict__.get("original")
        if original is None or name.startswith("__"):
            if hasattr(scipy.stats.gaussian_kde, name):
                raise no_rule(f"{NAME}.{name}")
            raise AttributeError(name)
        found = getattr(original, name)
        if not callable(found):
            return found

        def method(*args: Any, **settings: Any) -> Any:
            if holds(args) or any(map(holds, settings.values())):
                raise no_rule(f"{NAME}.{name}")
            return found(*args, **settings)

        return method


def of(original: Any) -> GaussianKde:
    """SciPy's own as a lifted function meets it."""
    return GaussianKde(original.dataset, original.factor, original.weights, original)
