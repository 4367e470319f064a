"""The methods of distributions as they are called: shapes, loc and scale by place or by name, frozen or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, StandIn, primal
from chainrule.scipy.called import as_operand, number
from chainrule.scipy.rows import no_partial
from chainrule.scipy.stats.covariances import opened
from chainrule.scipy.stats.law import Law
from chainrule.scipy.stats.undefined import without_slope


def as_float64(x: Any, name: str) -> Number:
    """A number or array in double precision: distributions of SciPy's compute in it."""
    x = as_operand(x, name)
    return x * np.float64(1.0) if getattr(x, "dtype", np.float64) != np.float64 else x


class Parameters:
    """What a call gives besides the variable: the shapes, loc and scale."""

    def __init__(self, law: Law, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
        shapes, loc, scale = law.dist._parse_args(*args, **settings)
        self.law = law
        self.shapes = tuple([as_float64(s, law.title) for s in shapes])
        for shape_name, x in zip(law.shapes, self.shapes, strict=True):
            if shape_name in law.whole and x is not primal(x):
                raise no_partial(law.title, shape_name)
        self.loc, self.scale = as_float64(loc, law.title), as_float64(scale, law.title)
        self.moved = not (type(loc) is int and loc == 0 and type(scale) is int and scale == 1)
        good = primal(self.scale) > 0
        self.wrong = not isinstance(good, StandIn) and bool(np.all(good))

    def standard(self, x: Number) -> Number:
        """The variable of the standard distribution."""
        return (x - self.loc) / self.scale if self.moved else x

    def checked(self, y: Number) -> Number:
        """y, nan where scale is not positive."""
        return y if self.wrong else ops.where(primal(self.scale) > 0, y, math.nan)


def _density(p: Parameters, x: Number) -> Number:
    return ops.exp(_log_density(p, x))


def _log_density(p: Parameters, x: Number) -> Number:
    y = p.law.log_density(p.standard(x), *p.shapes)
    return p.checked(y - ops.log(p.scale)) if p.moved else y


def _probability(method: str) -> Callable[[Parameters, Number], Number]:
    return lambda p, x: p.checked(p.law.row(method)(p.standard(x), *p.shapes))


def _quantile(method: str) -> Callable[[Parameters, Number], Number]:
    def quantile(p: Parameters, q: Number) -> Number:
        z = p.law.row(method)(q, *p.shapes)
        return p.checked(p.loc + p.scale * z) if p.moved else z

    return quantile


def moment(p: Parameters, name: str) -> Number:
    """ "mean", "var" or "entropy" of the standard distribution, nan for shapes that are not allowed."""
    formula = p.law.moments.get(name)
    if formula is None and not p.law.shapes:
        return float(getattr(p.law.dist, name)())
    if formula is None:
        raise no_rule(f"{p.law.title}.{name}")
    y = formula(*p.shapes)
    allowed = p.law.allowed(*p.shapes)
    return y if allowed is True else ops.where(allowed, y, math.nan)


def _mean(p: Parameters) -> Number:
    return p.checked(p.loc + p.scale * moment(p, "mean"))


def _var(p: Parameters) -> Number:
    return p.checked(p.scale * p.scale * moment(p, "var"))


def _entropy(p: Parameters) -> Number:
    return p.checked(moment(p, "entropy") + ops.log(p.scale))


def _median(p: Parameters) -> Number:
    return _quantile("ppf")(p, np.float64(0.5))


def _interval(p: Parameters, confidence: Any) -> tuple[Number, Number]:
    half = 0.5 * (1.0 - as_float64(confidence, p.law.title))
    return _quantile("ppf")(p, half), _quantile("ppf")(p, 1.0 - half)


def _support(p: Parameters) -> tuple[Number, Number]:
    low, high = p.law.support(*p.shapes)
    return p.loc + p.scale * low, p.loc + p.scale * high


OF_A_VARIABLE: dict[str, Callable[[Parameters, Number], Number]] = {
    "pdf": _density, "logpdf": _log_density,
    **{name: _probability(name) for name in ("cdf", "sf", "logcdf", "logsf")},
    **{name: _quantile(name) for name in ("ppf", "isf")},
}  # fmt: skip
OF_PARAMETERS: dict[str, Callable[[Parameters], Any]] = {
    "mean": _mean, "var": _var, "std": lambda p: ops.sqrt(_var(p)), "entropy": _entropy, "median": _median,
    "support": _support,
}  # fmt: skip


def called(law: Law, method: str, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What a method of a distribution gives for arguments with carriers among them."""
    name = f"{law.title}.{method}"
    if method in OF_A_VARIABLE:
        settings = dict(settings)
        variable = "q" if method in ("ppf", "isf") else "x"
        x, args = (args[0], args[1:]) if args else (settings.pop(variable), ())
        return OF_A_VARIABLE[method](Parameters(law, args, settings), as_float64(x, name))
    if method in OF_PARAMETERS:
        return OF_PARAMETERS[method](Parameters(law, args, settings))
    if method == "interval":
        return _interval(Parameters(law, args[1:], settings), args[0])
    if method == "stats":
        return _stats(name, law, args, settings)
    if method == "moment":
        order, args = (args[0], args[1:]) if args else (settings["order"], ())
        p = Parameters(law, args, {k: x for k, x in settings.items() if k != "order"})
        if order not in (1, 2):
            raise no_rule(f"{name} of an order above 2")
        return _mean(p) if order == 1 else _var(p) + _mean(p) ** 2
    if method == "nnlf" and len(args) == 2:
        theta, x = args
        return -ops.sum(_log_density(Parameters(law, tuple(theta), {}), as_float64(x, name)))
    raise no_rule(name)


def _stats(name: str, law: Law, args: tuple[Any, ...], settings: dict[str, Any]) -> tuple[Any, ...]:
    """Mean and variance, those of them that are asked for."""
    asked = settings.get("moments", "mv")
    p = Parameters(law, args, {k: x for k, x in settings.items() if k != "moments"})
    if set(asked) - {"m", "v"}:
        raise no_rule(f"{name} of skewness and kurtosis")
    return tuple([_mean(p) if which == "m" else _var(p) for which in asked])


METHODS = frozenset([
    *OF_A_VARIABLE, *OF_PARAMETERS, "interval", "nnlf", "pmf", "logpmf", "rvs", "moment", "stats", "expect", "fit",
    "fit_loc_scale", "freeze", "mode", "cov",
])  # fmt: skip
"""The methods of distributions of which those without a rule are refused by name."""


class Distribution:
    """A distribution of SciPy's in a lifted function."""

    def __init__(
        self,
        original: Any,
        law: Any,
        name: str,
        call: Callable[..., Any] = called,
        parameters: tuple[str, ...] = (),
    ) -> None:
        self._original, self._law, self._name, self._call = original, law, name, call
        self.parameters = parameters
        self.__doc__ = original.__doc__

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """SciPy's class, for isinstance."""
        return type(self._original)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        found = Frozen(self, args, settings)
        found._names = self.parameters
        return found

    freeze = __call__

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._original, name)
        return self.method(name, found) if name in METHODS else found

    def method(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        """One of its methods: SciPy's own, and the rule where carriers are among the arguments."""

        def method(*args: Any, **settings: Any) -> Any:
            args, settings = opened(args, settings)
            if not holds(args) and not any(holds(x) for x in settings.values()):
                return original(*args, **settings)
            if self._law is None:
                raise no_rule(f"{self._name}.{name}")
            return without_slope(self._call(self._law, name, args, settings), name, (*args, *settings.values()))

        return method


class Frozen:
    """A distribution with its parameters."""

    _names: tuple[str, ...] = ()
    """What SciPy calls the parameters that are attributes, in the order of the calls."""

    def __init__(self, dist: Distribution, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
        args, settings = opened(args, settings)
        self._dist, self.args, self.kwds = dist, args, settings
        self._moves = holds(args) or any(holds(x) for x in settings.values())

    @property
    def dist(self) -> Distribution:
        return self._dist

    def __getattr__(self, name: str) -> Any:
        if self._names and not hasattr(self._dist._original, name):
            given = {**dict(zip(self._names, self.args, strict=False)), **self.kwds}
            if name in given:
                return number(given[name])
        if name in METHODS and name != "freeze":
            method = getattr(self._dist, name)
            first = name in OF_A_VARIABLE or name in ("pmf", "logpmf", "interval")

            def call(*args: Any, **settings: Any) -> Any:
                if first:
                    return method(*args, *self.args, **{**settings, **self.kwds})
                return method(*self.args, *args, **{**self.kwds, **settings})

            if not self._moves:  # what has no rule is asked of SciPy's own, with all that it does besides
                plain = getattr(self._dist._original(*self.args, **self.kwds), name)
                return lambda *args, **settings: (
                    call(*args, **settings)
                    if holds(args) or any(map(holds, settings.values()))
                    else plain(*args, **settings)
                )
            return call
        if self._moves:
            raise no_rule(f"{self._dist._name}(...).{name}")
        return getattr(self._dist._original(*self.args, **self.kwds), name)
