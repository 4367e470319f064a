"""The distributions of `scipy.stats`, and what its objects become in a lifted function."""

from __future__ import annotations

import functools
import types
from typing import Any

import scipy.stats
import scipy.stats.contingency
import scipy.stats.mstats
import scipy.stats.qmc
import scipy.stats.sampling
from scipy.stats._distn_infrastructure import rv_frozen, rv_generic
from scipy.stats._multivariate import multi_rv_generic

from chainrule.scipy.called import function, named_when_recorded
from chainrule.scipy.naming import under_name
from chainrule.scipy.stats import (
    bounded,
    covariances,
    discrete,
    extremes,
    further,
    gammas,
    hypothesis,
    kernel_density,
    matrices,
    multivariate,
    newer,
    noncentral,
    normals,
    samples,
    summary,
    tails,
    transformed,
)
from chainrule.scipy.stats.calls import Distribution, Frozen, called
from chainrule.scipy.stats.law import LAWS

__all__ = [
    "LAWS", "bounded", "extremes", "further", "gammas", "matrices", "noncentral", "normals", "replacement", "tails",
]  # fmt: skip


def row(dist: str, method: str) -> Any:
    """The row of one of the methods of a distribution."""
    return LAWS[dist].row(method)


@functools.lru_cache(maxsize=1024)
def distribution(dist: Any) -> Distribution:
    """A distribution as a lifted function meets it: the same object each time."""
    name = str(dist.name)
    public: Any = getattr(scipy.stats, name, None)
    law = LAWS.get(name) if type(public) is type(dist) else None
    rules = discrete.called if isinstance(law, discrete.Counts) else called
    return Distribution(dist, law, f"scipy.stats.{name}" if public is not None else type(dist).__name__, rules)


def _functions() -> dict[int, tuple[Any, Any]]:
    """The functions of `scipy.stats`: id -> (it, what it becomes). Those without a rule refuse carriers by name."""
    found: dict[int, tuple[Any, Any]] = {}
    for name in scipy.stats.__all__:
        original = getattr(scipy.stats, name, None)
        if name == "make_distribution":
            found[id(original)] = (original, newer.made)
        elif name in transformed.RULES:
            found[id(original)] = (original, transformed.RULES[name])
        elif isinstance(original, types.FunctionType):
            rule = {**summary.RULES, **samples.RULES, **hypothesis.RULES}.get(name)
            if rule is not None:
                rule = named_when_recorded(f"scipy.stats.{name}", rule)
            call = function(f"scipy.stats.{name}", original, rule, summary.OPERANDS)
            found[id(original)] = (original, under_name(f"scipy.stats.{name}", original, call))
    for module in _WITHOUT_RULES:
        for name, original in vars(module).items():
            ours = str(getattr(original, "__module__", "")).startswith("scipy.stats")
            if ours and isinstance(original, types.FunctionType) and not name.startswith("_"):
                title = f"{module.__name__}.{name}"
                found.setdefault(id(original), (original, function(title, original, None, frozenset())))
    return found


_WITHOUT_RULES = (scipy.stats.mstats, scipy.stats.qmc, scipy.stats.contingency, scipy.stats.sampling)
FUNCTIONS = _functions()


def _of_vectors(value: Any) -> Any:
    """A distribution of vectors or matrices, frozen or not; None for another object."""
    name = multivariate.NAMES.get(type(value))
    if name is not None:
        names = multivariate.attributes(name)
        return Distribution(value, name, f"scipy.stats.{name}", multivariate.called, names)
    inner = multivariate.NAMES.get(type(getattr(value, "_dist", None)))
    if inner is not None:
        dist = getattr(scipy.stats, inner)
        return Frozen(_of_vectors(dist), multivariate.parameters(inner, value), {})
    if isinstance(value, multi_rv_generic):
        title = f"scipy.stats.{type(value).__name__.removesuffix('_gen')}"
        return Distribution(value, None, title)
    return None


def replacement(value: Any) -> Any:
    """What an object of `scipy.stats` becomes; itself where it stays as it is."""
    known = FUNCTIONS.get(id(value))
    if known is not None and known[0] is value:
        return known[1]
    if value is covariances.ORIGINAL:
        return covariances.MAKERS
    if isinstance(value, type):
        return kernel_density.GaussianKde if value is scipy.stats.gaussian_kde else newer.family(value) or value
    if isinstance(value, scipy.stats.gaussian_kde):
        return kernel_density.of(value)
    if isinstance(value, types.MethodType):
        owner = replacement(value.__self__)
        return value if owner is value.__self__ else getattr(owner, value.__name__)
    if isinstance(value, rv_generic):
        return distribution(value)
    if isinstance(value, rv_frozen) and value.dist is not None:
        return Frozen(distribution(value.dist), value.args, value.kwds)
    return _of_vectors(value) or newer.frozen(value)
