"""Claims by use: functions and derivatives that the file hands to an optimiser or a checker, with their point."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim, innermost, name_of, source_of
from chainrule.check.claims.handed import Use
from chainrule.check.claims.seen import Seen

JACOBIANS = {"root", "least_squares", "fsolve", "leastsq", "curve_fit", "solve_ivp", "odeint"}


def use_claims(seen: Seen, path: str) -> tuple[Claim, ...]:
    """The claims that a program made by what it gave to `scipy.optimize`, `gradcheck` and `check_grads`."""
    found = []
    for use in seen.uses:
        if str(getattr(innermost(use.function), "__module__", "")).partition(".")[0] != "scipy":  # else handed on
            found += list(_claims(use, path))
    return tuple(found)


def _claims(use: Use, path: str) -> Iterator[Claim]:
    f = alone(use.function, use.more, use.first)
    if use.derivative is None:  # what a framework answers
        asked = getattr(use.function, "__self__", None)
        asked = asked if isinstance(asked, type) else use.function  # f of `f.apply`
        yield Claim(name_of(asked), f, asked, path, source_of(use.function)[1], use.point, "framework")
        return
    value = f
    if use.derivative is True:
        value = _value(f)
        yield _claim(use, path, value, use.function, "value_and_grad")
    else:
        yield _claim(use, path, f, use.derivative, "jacobian" if use.optimiser in JACOBIANS else "gradient")
    if use.second is not None:
        yield _claim(use, path, value, use.second, "hessian")
    if use.product is not None:
        yield _claim(use, path, value, use.product, "hvp")


def _claim(use: Use, path: str, f: Any, derivative: Any, kind: str) -> Claim:
    name, word = name_of(derivative), {"hessian": "hess", "hvp": "hessp"}.get(kind, "jac")
    name = name if name.isidentifier() else f"{use.optimiser}'s {word}"
    df = alone(derivative, use.more, use.first, vector=kind == "hvp")
    if use.turned and kind == "jacobian":
        df = _turned(df)
    point = np.asarray(use.point, dtype=float) if isinstance(use.point, (list, tuple)) else use.point
    return Claim(name, f, df, path, source_of(derivative)[1], at=(point,), kind=kind)


def alone(function: Callable[..., Any], more: tuple[Any, ...], first: bool = False, *, vector: bool = False) -> Any:
    """A function of the point alone (and a `vector`), with one number where SciPy accepts an array of one. With `first`
    the further arguments stand before the numbers of the point, each an argument of its own."""
    if not more:
        return function

    def of_the_point(x: Any, *v: Any) -> Any:
        value = function(*more, *x) if first else function(x, *v, *more)
        if isinstance(value, tuple):
            return value
        return value.toarray() if hasattr(value, "toarray") else np.asarray(value)[()] if np.ndim(value) == 0 else value

    return _named(of_the_point, function, ["x", "v"][: 1 + vector])


def _turned(jacobian: Callable[..., Any]) -> Any:
    """A Jacobian whose rows are those of the point (`col_deriv`), turned."""
    return _named(lambda x: np.asarray(jacobian(x)).T, jacobian, ["x"])


def _value(both: Callable[..., Any]) -> Any:
    return _named(lambda x: both(x)[0], both, ["x"])


def _named(made: Any, function: Any, arguments: list[str]) -> Any:
    """A function with the name of another one, and with its own arguments."""
    made.__name__ = name_of(function)
    made.__wrapped__ = function
    # inspect.signature would follow __wrapped__, which takes more arguments than the point
    made.__signature__ = inspect.Signature([inspect.Parameter(a, inspect.Parameter.POSITIONAL_ONLY) for a in arguments])
    return made
