"""Functions that return their value and their gradient together, as optimisers take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.claims.claim import name_of
from chainrule.check.subject import is_real
from chainrule.numbers import shape


def value_of(both: Callable[..., Any]) -> Callable[..., Any]:
    """The function whose value a function returns beside its gradient.

    >>> value_of(lambda x: (x * x, 2 * x))(3.0)
    9.0
    """

    def value(*args: Any, **settings: Any) -> Any:
        return both(*args, **settings)[0]

    value.__name__ = name_of(both)
    value.__wrapped__ = both  # type: ignore[attr-defined]
    return value


def is_pair(result: Any, args: tuple[Any, ...]) -> bool:
    """Whether a result is (a number, what has the shapes of some of the arguments): a value with its gradient."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return False
    value, gradient = result
    if not is_real(value) or np.size(value) != 1:
        return False
    if isinstance(gradient, dict):
        return True
    mine = [shape(x) for x in trees.flatten(gradient)[0] if is_real(x)]
    shapes = [shape(x) for a in args for x in trees.flatten(a)[0] if is_real(x)]
    return bool(mine) and mine != [()] and all(s in shapes for s in mine)
