"""SciPy's newer distributions: `Normal(mu=..., sigma=...)`, `Uniform`, `Logistic`, `Binomial`, and the classes that
`make_distribution` makes of older ones. They are computed by those."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, primal
from chainrule.scipy.special.error import ndtri_exp
from chainrule.scipy.stats.calls import OF_PARAMETERS, Parameters, as_float64
from chainrule.scipy.stats.calls import called as of_numbers
from chainrule.scipy.stats.discrete import Counts
from chainrule.scipy.stats.discrete import called as of_counts
from chainrule.scipy.stats.law import LAWS, Law

# Its class -> the older distribution, and that one's shapes, loc and scale from the parameters of the newer.
Older = tuple[str, Callable[..., dict[str, Any]]]
CLASSES: dict[str, Older] = {
    "Normal": ("norm", lambda mu=0.0, sigma=1.0: {"loc": mu, "scale": sigma}),
    "StandardNormal": ("norm", dict),
    "Uniform": ("uniform", lambda a, b: {"loc": a, "scale": b - a}),
    "Logistic": ("logistic", dict),
    "Binomial": ("binom", lambda n, p: {"n": n, "p": p}),
}
OF_A_VARIABLE = {
    "pdf": "pdf", "logpdf": "logpdf", "pmf": "pmf", "logpmf": "logpmf", "cdf": "cdf", "logcdf": "logcdf", "ccdf": "sf",
    "logccdf": "logsf", "icdf": "ppf", "iccdf": "isf",
}  # fmt: skip
"""The newer name of a method -> the older one."""
MOMENTS = {"mean": "mean", "variance": "var", "standard_deviation": "std", "entropy": "entropy", "median": "median"}


INVERSES: dict[str, dict[str, Callable[[Number], Number]]] = {
    "norm": {"ilogcdf": ndtri_exp, "ilogccdf": lambda y: -ndtri_exp(y)},
    "uniform": {"ilogcdf": ops.exp, "ilogccdf": lambda y: -ops.expm1(y)},
}
"""The older name of a distribution -> its quantiles by the logarithm of a probability, where that may be below the
smallest number."""
SHAPE_ONLY = {"skewness": "s", "kurtosis": "k"}
"""Moments that location and scale do not change -> SciPy's letters for them."""


class Family:
    """A class of distributions in a lifted function."""

    def __init__(self, original: Any, name: str, older: Older | None) -> None:
        self._original, self._name, self._older = original, name, older

    def __call__(self, **parameters: Any) -> Any:
        if self._older is None:
            if any(map(holds, parameters.values())):
                raise no_rule(self._name)
            return self._original(**parameters)
        return Random(self, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


class Random:
    """A distribution with its parameters: scale * X + shift of one that SciPy has."""

    leaves_products_to_me = True
    """A recorded number on its left leaves sums and products to it."""

    def __init__(self, family: Family, parameters: dict[str, Any], shift: Any = 0.0, scale: Any = 1.0) -> None:
        assert family._older is not None
        self._family, self._parameters, self._shift, self._scale = family, parameters, shift, scale
        self._moves = any(map(holds, (shift, scale, *parameters.values())))
        older, translate = family._older
        self._law: Law = LAWS[older]
        self._given = translate(**{k: as_float64(x, family._name) for k, x in parameters.items() if x is not None})

    def _plain(self) -> Any:
        x = self._family._original(**self._parameters)
        moved = not (type(self._shift) is float and self._shift == 0.0 and self._scale == 1.0)
        return x * self._scale + self._shift if moved else x

    def __getattr__(self, name: str) -> Any:
        if name in OF_A_VARIABLE or name in MOMENTS or name in INVERSES.get(self._law.name, {}):
            return self._method(name)
        if self._moves and name in SHAPE_ONLY and not self._law.shapes:
            return self._of_shape(name)
        if self._moves and name == "moment":
            return self._moment
        if self._moves:
            raise no_rule(f"{self._family._name}(...).{name}")
        return getattr(self._plain(), name)

    def _method(self, name: str) -> Callable[..., Any]:
        def method(*args: Any, method: Any = None) -> Any:
            if not self._moves and not holds(args):
                return getattr(self._plain(), name)(*args, method=method)
            if method is None and len(args) == 2 and name in ("cdf", "ccdf"):
                return self._between(name, *args)
            if method is not None or len(args) > (name not in MOMENTS):
                raise no_rule(f"{self._family._name}(...).{name} with {'method=' if method else 'two variables'}")
            return self._of_moments(name) if name in MOMENTS else self._of_variable(name, args[0])

        return method

    def _between(self, name: str, low: Any, high: Any) -> Number:
        """The probability between two bounds, or of all else. Above the median it is the difference of what lies
        above."""
        if name == "ccdf":
            return self._of_variable("cdf", low) + self._of_variable("ccdf", high)
        below, above = self._of_variable("cdf", low), self._of_variable("ccdf", low)
        right = primal(below) > 0.5
        return ops.where(right, above - self._of_variable("ccdf", high), self._of_variable("cdf", high) - below)

    def _of_shape(self, name: str) -> Callable[..., float]:
        def method(*, method: Any = None, convention: str = "non-excess") -> float:
            if method is not None or convention not in ("non-excess", "excess"):
                raise no_rule(f"{self._family._name}(...).{name} with method= or another convention")
            found = float(self._law.dist.stats(moments=SHAPE_ONLY[name]))
            return found + 3.0 if name == "kurtosis" and convention == "non-excess" else found

        return method

    def _moment(self, order: int = 1, kind: str = "raw", *, method: Any = None) -> Number:
        if method is not None or order not in (1, 2) or kind not in ("raw", "central"):
            raise no_rule(f"{self._family._name}(...).moment of an order above 2, standardized or with method=")
        if order == 1:
            return self._of_moments("mean") if kind == "raw" else 0.0
        spread = self._of_moments("variance")
        return spread + self._of_moments("mean") ** 2.0 if kind == "raw" else spread

    def _of_variable(self, name: str, x: Any) -> Number:
        inverse = INVERSES.get(self._law.name, {}).get(name)
        if inverse is not None:
            z = inverse(as_float64(x, self._family._name))
            return self._shift + self._scale * (self._given.get("loc", 0.0) + self._given.get("scale", 1.0) * z)
        older = OF_A_VARIABLE[name]
        call: Callable[..., Any] = of_counts if isinstance(self._law, Counts) else of_numbers
        if older in ("ppf", "isf"):
            return self._shift + self._scale * call(self._law, older, (x,), self._given)
        z = (as_float64(x, self._family._name) - self._shift) / self._scale
        y = call(self._law, older, (z,), self._given)
        if older in ("pdf", "logpdf"):
            return y / self._scale if older == "pdf" else y - ops.log(self._scale * np.float64(1.0))
        return y

    def _of_moments(self, name: str) -> Number:
        y = OF_PARAMETERS[MOMENTS[name]](Parameters(self._law, (), self._given))
        if name in ("mean", "median"):
            return self._shift + self._scale * y
        if name == "entropy":
            return y + ops.log(self._scale * np.float64(1.0))
        return y * self._scale if name == "standard_deviation" else y * self._scale * self._scale

    def _changed(self, shift: Any, scale: Any) -> Any:
        positive = primal(scale) > 0
        if isinstance(self._law, Counts) or not np.all(positive):
            raise no_rule(f"{self._family._name}(...) times a number that is not positive")
        return Random(self._family, self._parameters, shift, scale)

    def __add__(self, other: Any) -> Any:
        return self._changed(self._shift + other, self._scale)

    def __sub__(self, other: Any) -> Any:
        return self._changed(self._shift - other, self._scale)

    def __mul__(self, other: Any) -> Any:
        return self._changed(self._shift * other, self._scale * other)

    def __truediv__(self, other: Any) -> Any:
        return self._changed(self._shift / other, self._scale / other)

    def __rsub__(self, other: Any) -> Any:
        return (self * -1.0) + other

    __radd__, __rmul__ = __add__, __mul__


def made(dist: Any) -> Family:
    """What `make_distribution` gives in a lifted function."""
    original = scipy.stats.make_distribution(getattr(dist, "_original", dist))
    return _of_older(original, getattr(dist, "_original", dist))


def _of_older(original: Any, dist: Any) -> Family:
    name = getattr(dist, "name", "")
    known = name in LAWS and type(dist) is type(LAWS[name].dist)
    return Family(original, f"scipy.stats.{name}", (name, lambda **shapes: shapes) if known else None)


def family(original: Any) -> Family | None:
    """One of SciPy's classes of distributions; None for another class."""
    name = original.__name__
    if getattr(scipy.stats, name, None) is original and name in CLASSES:
        return Family(original, f"scipy.stats.{name}", CLASSES[name])
    if name == "CustomDistribution" and hasattr(original, "_sample_formula"):
        dist = inspect.getclosurevars(original._sample_formula).nonlocals.get("dist")
        return _of_older(original, dist)
    return None


def frozen(value: Any) -> Any:
    """One of SciPy's objects, where it is known how it was made; itself otherwise."""
    kind = type(value)
    name = "Normal" if kind.__name__ == "StandardNormal" else kind.__name__
    if kind.__name__ == "ShiftedScaledDistribution":
        inner = frozen(value._dist)
        if inner is value._dist or not np.all(value._parameters["sign"]):
            return value
        return inner * value._parameters["scale"] + value._parameters["loc"]
    known = family(getattr(scipy.stats, name, kind) if name in CLASSES else kind)
    if known is None or known._older is None:
        return value
    return Random(known, dict(value._original_parameters))
