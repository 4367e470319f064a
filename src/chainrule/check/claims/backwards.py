"""Claims that functions make by how they are built: backward passes, a flag for the derivative, value with gradient."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from chainrule.check.claims.claim import Claim, source_of
from chainrule.check.claims.syntax.candidates import FLAGS
from chainrule.check.claims.syntax.possible import Possible


def backward_claims(namespace: Mapping[str, Any], path: str, possible: Iterable[Possible]) -> tuple[Claim, ...]:
    """The claims among module-level functions that their names alone do not pair up."""
    found = []
    for p in possible:
        derivative, function = namespace.get(p.name), namespace.get(p.function)
        if "." in p.name or not callable(derivative) or not callable(function) or isinstance(derivative, type):
            continue
        line = source_of(derivative)[1] or p.line
        if p.kind == "framework":
            found.append(Claim(p.name, function, function, path, p.line, kind=p.kind))
        elif p.kind in ("backward", "value_and_grad", "returned"):
            found.append(Claim(p.name, function, derivative, path, line, kind=p.kind))
        elif p.kind == "flag":
            found.append(Claim(p.name, function, flagged(function), path, line))
    return tuple(found)


def flagged(function: Any) -> Any:
    """The function with the argument set that asks for its derivative.

    >>> def nonlin(x, deriv=False):
    ...     return 2 * x if deriv else x * x
    >>> flagged(nonlin)(3.0)
    6.0
    """
    parameters = inspect.signature(function).parameters
    flag = next((n for n, p in parameters.items() if n.lower() in FLAGS and p.default is False), "")
    return functools.partial(function, **{flag: True}) if flag else function
