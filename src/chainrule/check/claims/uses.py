"""Claims by use: a function and its derivative that the file hands to an optimiser, with the point it starts from."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim, name_of, source_of
from chainrule.check.claims.seen import Seen, Use

JACOBIANS = {"root", "least_squares", "fsolve", "leastsq"}


def use_claims(seen: Seen, path: str) -> tuple[Claim, ...]:
    """The claims that a program made by what it gave to `scipy.optimize`."""
    found = []
    for use in seen.uses:
        if "scipy" in source_of(use.function)[0]:
            continue  # handed on by an optimiser to another
        if use.derivative is True:
            found.append(_claim(use, path, use.function, use.function, "value_and_grad"))
            continue
        kind = "jacobian" if use.optimiser in JACOBIANS else "gradient"
        found.append(_claim(use, path, use.function, use.derivative, kind))
        if use.second is not None:
            found.append(_claim(use, path, use.function, use.second, "hessian"))
    return tuple(found)


def _claim(use: Use, path: str, function: Any, derivative: Any, kind: str) -> Claim:
    name = name_of(derivative)
    name = name if name.isidentifier() else f"{use.optimiser}'s {'hess' if kind == 'hessian' else 'jac'}"
    f, df = alone(function, use.more), alone(derivative, use.more)
    point = np.asarray(use.point, dtype=float) if isinstance(use.point, (list, tuple)) else use.point
    return Claim(name, f, df, path, source_of(derivative)[1], at=(point,), kind=kind)


def alone(function: Callable[..., Any], more: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of the point alone, with one number where SciPy accepts an array of one."""
    if not more:
        return function

    def of_the_point(x: Any) -> Any:
        value = function(x, *more)
        if isinstance(value, tuple):
            return value
        return value.toarray() if hasattr(value, "toarray") else np.asarray(value)[()] if np.ndim(value) == 0 else value

    of_the_point.__name__ = name_of(function)
    of_the_point.__wrapped__ = function  # type: ignore[attr-defined]
    # inspect.signature would follow __wrapped__, which takes more arguments than the point
    alone_of = inspect.Signature([inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY)])
    of_the_point.__signature__ = alone_of  # type: ignore[attr-defined]
    return of_the_point
