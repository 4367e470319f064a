"""NumPy's functions that make arrays, as they are in a lifted function that assigns to elements.

What they make can then be given numbers with derivatives: an Array in place of a plain one. Functions without
assignments get plain arrays, and so does code that is not lifted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.assignment.array import made
from chainrule.carriers.replaced import LiftedNumpy, replacement

_FUNCTIONS: tuple[Any, ...] = (
    np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.array, np.copy,
    np.eye, np.identity, np.linspace, np.arange, np.tile, np.repeat, np.diag,
)  # fmt: skip
NAMES = frozenset(function.__name__ for function in _FUNCTIONS) | {"copy"}


def _creator(function: Callable[..., Any]) -> Callable[..., Any]:
    lifted = replacement(function)

    @functools.wraps(function)
    def create(*args: Any, **settings: Any) -> Any:
        return made(lifted(*args, **settings))

    return create


_REPLACED: dict[int, tuple[Any, Any]] = {id(function): (function, _creator(function)) for function in _FUNCTIONS}
_numpy = LiftedNumpy(np)
vars(_numpy).update(vars(replacement(np)))
vars(_numpy).update({function.__name__: new for function, new in _REPLACED.values()})
_REPLACED[id(np)] = (np, _numpy)


def creating(value: Any) -> Any:
    """What `value` becomes in a lifted function that assigns to elements."""
    found = _REPLACED.get(id(value))
    return replacement(value) if found is None or found[0] is not value else found[1]


__all__ = ["NAMES", "creating"]
