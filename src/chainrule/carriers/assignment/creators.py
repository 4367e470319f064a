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
from chainrule.numbers import StandIn, is_array, primal

_FUNCTIONS: tuple[Any, ...] = (
    np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.array, np.copy,
    np.eye, np.identity, np.linspace, np.arange, np.tile, np.repeat, np.diag,
)  # fmt: skip
NAMES = frozenset(function.__name__ for function in _FUNCTIONS) | {"copy"}


def _creator(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def create(*args: Any, **settings: Any) -> Any:
        if like and args and is_array(plain := primal(args[0])) and not isinstance(plain, (np.ndarray, StandIn)):
            args = (np.broadcast_to(np.zeros((), _dtype_of(plain)), plain.shape), *args[1:])  # none of Dask's own
        return made(replacement(function)(*args, **settings))

    like = function.__name__.endswith("_like")
    return create


def _dtype_of(x: Any) -> np.dtype[Any]:
    """NumPy's type of that name."""
    return np.dtype(str(x.dtype).rpartition(".")[2])


_REPLACED: dict[int, tuple[Any, Any]] = {id(function): (function, _creator(function)) for function in _FUNCTIONS}
_numpy = LiftedNumpy(np)
vars(_numpy).update({function.__name__: new for function, new in _REPLACED.values()})
_REPLACED[id(np)] = (np, _numpy)


def creating(value: Any) -> Any:
    """What `value` becomes in a lifted function that assigns to elements."""
    found = _REPLACED.get(id(value))
    return replacement(value) if found is None or found[0] is not value else found[1]
