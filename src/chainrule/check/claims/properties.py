"""Classes whose loss and gradient are properties: both belong to an array that the object holds."""

from __future__ import annotations

import functools
from types import MethodType
from typing import Any

import numpy as np

from chainrule.check.backward.arrays import array_at, arrays_of, with_arrays
from chainrule.check.claims.claim import Claim, source_of
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.judges.cost_call import WEIGHT
from chainrule.check.judges.said import read_by
from chainrule.check.subject import is_real, quiet


def getter(cls: type, name: str) -> Any:
    """The function that computes a property; None for what is no property.

    >>> class A:
    ...     @property
    ...     def loss(self): return 1.0
    >>> getter(A, "loss").__name__, getter(A, "__init__")
    ('loss', None)
    """
    found = getattr(cls, name, None)
    return found.fget if isinstance(found, property) else getattr(found, "func", None) if _is_cached(found) else None


def _is_cached(found: Any) -> bool:
    return isinstance(found, functools.cached_property)


def property_claim(thing: Any, p: Possible, name: str, path: str) -> Claim | None:
    """The claim that one property of an object is the gradient of another, by the array of its shape that the loss
    reads; None where no array fits, or several do."""
    value, slope = p.function.rpartition(".")[2], p.name.rpartition(".")[2]
    loss = getter(type(thing), value)
    try:
        with quiet():
            due = np.shape(getattr(thing, slope)) if is_real(getattr(thing, slope)) else None
    except Exception:  # nothing is there yet
        return None
    if loss is None or due is None:
        return None
    arrays = arrays_of(thing)
    fits = [n for n in read_by(MethodType(loss, thing)) if np.shape(array_at(thing, arrays[n])) == due]
    named = [n for n in fits if WEIGHT.fullmatch(n.rstrip("_"))]
    chosen = (named or fits) if len(named or fits) == 1 else []
    if not chosen:
        return None
    original = array_at(thing, arrays[chosen[0]])

    def at(array: Any, asked: str) -> Any:
        made = with_arrays(thing, [original], [array])
        for n in [n for n in getattr(made, "__dict__", {}) if _is_cached(getattr(type(made), n, None))]:
            del made.__dict__[n]
        return getattr(made, asked)

    def function(array: Any) -> Any:
        return at(array, value)

    def derivative(array: Any) -> Any:
        return at(array, slope)

    function.__wrapped__, derivative.__wrapped__ = loss, getter(type(thing), slope)  # type: ignore[attr-defined]
    line = source_of(getter(type(thing), slope))[1] or p.line
    near = np.array(original) + 0.1 * np.random.default_rng(0).normal(size=due)
    label = [chosen[0]]
    return Claim(name, function, derivative, path, line, at=[(near,)], settings={"names": label}, loose=p.loose)
