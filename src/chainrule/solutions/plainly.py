"""What a solver of SciPy's is given and gives back: functions of plain numbers, and results with others in them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops, trees
from chainrule.errors import UnsupportedFunction, at_user_line
from chainrule.numbers import StandIn, primal
from chainrule.scipy.called import RecordedOnly

Function = Callable[..., Any]


def plain(x: Any) -> Any:
    """A container with the plain numbers below all carriers; an array of carriers becomes one of floats."""
    return trees.map(primal, x)


def plainly(f: Function) -> Function:
    """`f` as SciPy's own code sees it: its results are plain numbers."""

    @functools.wraps(f)
    def called(*args: Any, **settings: Any) -> Any:
        return plain_array(f(*args, **settings))

    return called


def plain_array(y: Any) -> Any:
    if isinstance(y, (list, tuple)) and any(isinstance(x, StandIn) for x in trees.flatten(y)[0]):
        y = ops.array(list(y))
    y = primal(y)
    if isinstance(y, StandIn):
        raise RecordedOnly(
            at_user_line(
                "jit records no solver of SciPy's, which decides by its numbers how often it turns. Compile what\n"
                "  it calls, and differentiate the rest without jit"
            )
        )
    return y


def with_arguments(f: Function, args: Any) -> Function:
    """f with its further arguments, which SciPy calls `args`."""
    more = args if isinstance(args, tuple) else (args,)
    return functools.partial(_after, f, more) if more else f


def _after(f: Function, more: tuple[Any, ...], *first: Any) -> Any:
    return f(*first, *more)


def found_numbers(y: Any) -> Any:
    """A solution as a float or an array of floats."""
    return float(y) if np.ndim(y) == 0 else np.asarray(y, dtype=float)


def refuse_settings(name: str, settings: dict[str, Any], refused: tuple[str, ...]) -> None:
    for setting in refused:
        if settings.get(setting) not in (None, ()):
            raise UnsupportedFunction.here(
                f"scipy.optimize.{name}: the derivative of its answer is not known with {setting}="
            )


def replaced(answer: Any, **fields: Any) -> Any:
    """A result of SciPy's with other numbers in it."""
    made = copy.copy(answer)
    for name, x in fields.items():
        made[name] = x
    return made
