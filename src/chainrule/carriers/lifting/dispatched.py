"""Functions of `functools.singledispatch`: which of them is called depends on the type of the first argument, which is
that of the plain number where a traced one stands for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.questions import plain_number
from chainrule.numbers import StandIn, shape


def dispatching(f: Any, lift: Callable[[Any], Any]) -> Callable[..., Any]:
    """`f`, whose functions are lifted when they are called."""

    def call(*args: Any, **settings: Any) -> Any:
        chosen = f.dispatch(_kind(args[0])) if args else f
        return (lift(chosen) if chosen is not f else f)(*args, **settings)

    return call


def _kind(x: Any) -> type:
    if not isinstance(x, StandIn):
        return type(x)
    number = plain_number(x)
    if isinstance(number, (float, complex, np.generic, np.ndarray)) and np.shape(number) == shape(x):
        return type(number)
    return np.ndarray if shape(x) else float
