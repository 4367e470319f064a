"""Functions that end in `return float(total)`, as typed code does, on numbers that are more than floats."""

from __future__ import annotations

import functools
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from chainrule.carriers.reads import reads_of
from chainrule.numbers import StandIn, shape

PLAIN = (int, float, str, bytes, np.generic, np.ndarray)


def _float(x: Any = 0.0) -> Any:
    """`float` that leaves numbers with derivatives, of many digits or symbols what they are."""
    if isinstance(x, PLAIN):
        return float(x)
    of_many = isinstance(x, StandIn) and shape(x) != ()
    return np.sum(x) if of_many else x


def keeping_floats(f: Any) -> Any:
    """`f`, with a `float` of its own where it does nothing else with float than call it.

    >>> from chainrule import grad
    >>> grad(keeping_floats(lambda x: float(x) ** 2))(3.0)
    6.0
    """
    if isinstance(f, MethodType):
        inner = keeping_floats(f.__func__)
        return f if inner is f.__func__ else MethodType(inner, f.__self__)
    if not isinstance(f, FunctionType) or "float" not in f.__code__.co_names or "float" in f.__globals__:
        return f
    if "float" in reads_of(f.__code__).not_only_called:
        return f
    made = FunctionType(f.__code__, {**f.__globals__, "float": _float}, f.__name__, f.__defaults__, f.__closure__)
    made.__kwdefaults__ = f.__kwdefaults__
    return functools.update_wrapper(made, f)
