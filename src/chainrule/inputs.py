"""What a user hands over and what a function returns, as numbers that can be differentiated, or refused with advice."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from types import FunctionType
from typing import Any

import numpy as np
from numpy import ndarray

from chainrule.errors import LABELLED, ArgumentError, container_advice, result_advice
from chainrule.libraries import FLOAT64, MPMATH, OBJECT, SYMPY, library, library_of_type, plain_array
from chainrule.numbers import Carrier, Number, StandIn

OPEN: set[int] = set()
"""The levels of the transforms whose functions are running."""


def as_number(x: Any) -> Number:
    """`x` as something that can be differentiated: integers and booleans become floats, lists arrays.

    >>> as_number(2), as_number([1, 2])
    (2.0, array([1., 2.]))
    """
    kind = type(x)
    if kind is float or (kind is np.ndarray and x.dtype.kind == "f"):
        return x
    if kind is int or kind is bool:
        return float(x)
    if isinstance(x, StandIn):
        recorded: Any = x.now()
        if isinstance(recorded, Carrier):
            return recorded
        x = recorded
        if not isinstance(x, StandIn):
            return x
        return recorded.astype(np.float64) if getattr(x, "dtype", FLOAT64).kind in "iub" else x
    if isinstance(x, (list, tuple)):
        x = np.asarray(x)
    if isinstance(x, (np.ndarray, np.generic)):
        if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
            x = plain_array(x)
        if x.dtype.kind in "iub":
            return x.astype(np.float64)
        if x.dtype.kind in "fcO":
            return x
        raise _not_a_number(x)
    if isinstance(x, (str, bytes, dict, set)) or x is None or callable(x) or not hasattr(kind, "__mul__"):
        raise _not_a_number(x)
    if kind.__module__.partition(".")[0] in LABELLED:
        raise _not_a_number(x)
    if library(x).rank == 3 and library(x) not in (MPMATH, SYMPY):
        xp = library(x).xp
        if not xp.isdtype(x.dtype, "real floating"):
            return xp.astype(x, xp.float64)
    return x


def result_number(y: Any) -> Any:
    """What a function returned, if that is a number of some kind. Raises ArgumentError for anything else: it might
    hold numbers with derivatives, which would count as constants."""
    kind = type(y)
    if (
        isinstance(y, (StandIn, numbers.Number, np.generic, ndarray))
        or kind.__module__.partition(".")[0] in _FOREIGN_NUMBERS
    ):
        return y
    if library(y) is not OBJECT or library_of_type(y) is not OBJECT:
        return y
    raise ArgumentError.here(
        f"expected the function to return numbers, arrays, or lists, tuples and dicts of them, got a "
        f"{kind.__name__};\n  {result_advice(y)}: inside of another object a derivative cannot "
        "find them"
    )


_FOREIGN_NUMBERS = ("mpmath", "sympy")


def _as_array(x: Any) -> str:
    """What to write for an object of another library that knows how to become an array, or for a Fraction."""
    if isinstance(x, (Carrier, StandIn)):
        return ""
    if isinstance(x, numbers.Number) and not isinstance(x, (int, float, complex, np.generic)):
        return "; write float(x) of it"
    return next((f"; write .{name}() of it" for name in ("to_numpy", "numpy") if hasattr(type(x), name)), "")


def plain_arrays(args: Iterable[Any]) -> str:
    """What to write for those of `args` that know how to become arrays."""
    return next(filter(None, map(_as_array, args)), "")


def _not_a_number(x: Any) -> ArgumentError:
    shown = repr(x) if len(repr(x)) < 60 else repr(x)[:57] + "..."
    other = _as_array(x)
    if isinstance(x, type):
        other = f"; make one of it: {x.__name__}(...)"
    elif advice := container_advice(x):
        other = f"; {advice}"
    elif isinstance(x, str):
        other = "; take text out of what is differentiated, or give it as an argument of its own"
    elif isinstance(x, FunctionType):
        other = "; call it, or leave it out: an argument that is no number is one to hold fixed, argnums says which"
    elif not other and hasattr(x, "__dict__"):
        other = "; of a method self is argument 0, so write argnums=1"
    return ArgumentError.here(
        f"expected a number or an array of numbers to differentiate, got {type(x).__name__} {shown}{other}"
    )


def refuse_ended(level: float, always: bool = False) -> None:
    """Raises ArgumentError for the level of a transform whose function has returned, while another's is running."""
    whole = int(level)
    if (always or OPEN) and whole and not whole % 2 and whole not in OPEN:
        raise ArgumentError.here(
            "a number that was being differentiated in an earlier call is used again: it was kept (on self, in a "
            "list,\n  in a global) when that call had ended. Keep plain numbers, x.data or cr.stop_gradient(x), or "
            "compute it anew"
        )
