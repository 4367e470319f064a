"""Operands that compute themselves: objects of a user's class with __rmul__ and its like, right of a number."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from chainrule.errors import whose
from chainrule.numbers import Number, StandIn, shape

_COMMON = frozenset({float, int, bool, np.ndarray, np.float64, list, tuple})
_BUILT_IN = (float, int, complex, list, tuple, str)


def leaves_to(number: Number, other: Any, name: str) -> bool:
    """Whether an operand is of a class of the user's that computes with single numbers on its left: 2.0 * vector."""
    kind = type(other)
    if kind in _COMMON or isinstance(other, (StandIn, np.ndarray, np.generic)) or not hasattr(kind, name):
        return False
    if hasattr(kind, "__array__") or hasattr(kind, "__array_ufunc__") or issubclass(kind, _BUILT_IN):
        return False
    home = sys.modules.get(kind.__module__)
    return not shape(number) and whose(getattr(home, "__file__", None) or "") == "user"
