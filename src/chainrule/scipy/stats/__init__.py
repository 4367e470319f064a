"""The distributions of `scipy.stats`, and what its objects become in a lifted function."""

from __future__ import annotations

import types
from typing import Any

import scipy.stats
from scipy.stats._distn_infrastructure import rv_frozen, rv_generic

from chainrule.scipy.stats import bounded, discrete, extremes, gammas, normals, tails
from chainrule.scipy.stats.calls import Distribution, Frozen, called
from chainrule.scipy.stats.law import LAWS

__all__ = ["LAWS", "bounded", "discrete", "extremes", "gammas", "normals", "replacement", "tails"]


def distribution(dist: Any) -> Distribution:
    """A distribution as a lifted function meets it."""
    public: Any = getattr(scipy.stats, dist.name, None)
    law = LAWS.get(dist.name) if type(public) is type(dist) else None
    rules = discrete.called if isinstance(law, discrete.Counts) else called
    return Distribution(dist, law, f"scipy.stats.{dist.name}", rules)


def replacement(value: Any) -> Any:
    """What an object of `scipy.stats` becomes; itself where it stays as it is."""
    if isinstance(value, types.MethodType):
        owner = replacement(value.__self__)
        return value if owner is value.__self__ else getattr(owner, value.__name__)
    if isinstance(value, rv_generic):
        return distribution(value)
    if isinstance(value, rv_frozen) and value.dist is not None:
        return Frozen(distribution(value.dist), value.args, value.kwds)
    return value
