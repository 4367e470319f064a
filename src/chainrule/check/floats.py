"""Functions that end in `return float(total)`, as typed code does, on numbers that are more than floats."""

from __future__ import annotations

import functools
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from chainrule.numbers import StandIn, shape

PLAIN = (int, float, str, bytes, np.generic, np.ndarray)


class _Kind(type):
    """Answers `isinstance(x, float)` as float does."""

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, float)

    def __call__(cls, *args: Any) -> Any:
        if not args or isinstance(args[0], PLAIN):
            return float(*args)
        x: Any = args[0]
        of_many = isinstance(x, StandIn) and shape(x) != ()
        return np.sum(x) if of_many else x


class Float(metaclass=_Kind):
    """`float` that leaves numbers with derivatives, of many digits or symbols what they are."""


def keeping_floats(f: Any) -> Any:
    """`f`, with a `float` of its own where it calls one.

    >>> from chainrule import grad
    >>> grad(keeping_floats(lambda x: float(x) ** 2))(3.0)
    6.0
    """
    if isinstance(f, MethodType):
        inner = keeping_floats(f.__func__)
        return f if inner is f.__func__ else MethodType(inner, f.__self__)
    if not isinstance(f, FunctionType) or "float" not in f.__code__.co_names or "float" in f.__globals__:
        return f
    made = FunctionType(f.__code__, {**f.__globals__, "float": Float}, f.__name__, f.__defaults__, f.__closure__)
    made.__kwdefaults__ = f.__kwdefaults__
    return functools.update_wrapper(made, f)
