"""Errors of rules under the name of SciPy's function: a rule is written with functions that have other names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.functions.plain import stripped
from chainrule.carriers.gate import holds
from chainrule.errors import ChainruleError, DroppedDerivative, UnsupportedFunction
from chainrule.numbers import StandIn


def under_name(name: str, original: Callable[..., Any], rule: Callable[..., Any]) -> Callable[..., Any]:
    """`rule`, of which every error speaks of the function by the name that the user wrote.

    Where SciPy refuses the plain numbers too, its own error is raised; where it does not, the rule lacks something, and
    that is said. Errors of calls with functions among their arguments may be those of these functions: they stay.
    """

    @functools.wraps(rule, updated=())
    def call(*args: Any, **settings: Any) -> Any:
        try:
            return rule(*args, **settings)
        except ChainruleError as error:
            shows_the_line = isinstance(error, DroppedDerivative)
            known = name if shows_the_line else name.rpartition(".")[2]
            if _asks([*args, *settings.values()]) or known in str(error):
                raise
            raise _renamed(name, error, args, settings) from error.__cause__
        except Exception as error:
            if _asks([*args, *settings.values()]) or not holds([*args, *settings.values()]):
                raise
            theirs = _of_scipy(original, args, settings)
            if type(theirs) is type(error):  # the same, and the rule may say more
                raise
            raise theirs or _lacks(name, _first_line(error)) from error

    call.refuses, call.rule = getattr(rule, "refuses", False), getattr(rule, "rule", None)  # type: ignore[attr-defined]
    return call


def _renamed(name: str, error: ChainruleError, args: tuple[Any, ...], settings: dict[str, Any]) -> ChainruleError:
    if not isinstance(error, DroppedDerivative):
        return type(error)(f"{name}: {error}")
    moving = [f"argument {k + 1}" for k, x in enumerate(args) if holds([x])]
    return _lacks(name, "", ", ".join(moving + [f"{k}=" for k, x in settings.items() if holds([x])]))


def _lacks(name: str, why: str, by: str = "") -> UnsupportedFunction:
    of = f" by {by}" if by else " for these arguments"
    return UnsupportedFunction.here(
        f"{name} has no derivative rule{of} in Chainrule{f' ({why})' if why else ''}.\n"
        "  Hold constant what need not be differentiated, with cr.stop_gradient(x), write it with functions of\n"
        "  the table (chainrule.ops.PUBLIC), or give it a rule with @cr.custom_vjp"
    )


def _of_scipy(original: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Exception | None:
    """The error that SciPy has for the plain numbers; None where there is none, or where they are not known."""
    plain, how = stripped(args), stripped(settings)
    if any(isinstance(x, StandIn) for x in (*plain, *how.values())):
        return None
    try:
        with np.errstate(all="ignore"):
            original(*plain, **how)
    except Exception as error:
        return error
    return None


def _asks(x: Any) -> bool:
    """Whether there are functions among the arguments."""
    if isinstance(x, dict):
        return _asks(list(x.values()))
    if type(x) is list or type(x) is tuple:
        return any(map(_asks, x))
    return callable(x) and not isinstance(x, (StandIn, np.ndarray))


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
