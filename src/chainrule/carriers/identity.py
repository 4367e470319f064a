"""`Identity`: a number and nothing else. What is done to it is done to the number below by rows of the operator table.

A function written with `math` refuses arrays, and Python's operators raise where IEEE 754 answers; on Identities the
same function computes on every kind of number, as the named operators do.
"""

from __future__ import annotations

import math
from typing import Any

from chainrule.carriers.operators import Traced
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import Carrier, Number
from chainrule.ops.row import Operator


class Identity(Traced):
    """A number, on the highest of all levels: it meets every operation first.

    >>> import numpy as np
    >>> from chainrule.ops import exp
    >>> exp(Identity(np.zeros(2))).primal
    array([1., 1.])
    """

    __slots__ = ("_origin", "_primal", "later")
    later: Any
    _origin: Any
    ieee = True

    def __init__(self, primal: Number) -> None:
        self._primal = primal
        self.later = self._origin = None

    @property
    def primal(self) -> Number:
        return self._primal

    @property
    def level(self) -> float:
        return math.inf

    def __repr__(self) -> str:
        return f"Identity({self._primal!r})"

    def alias(self, changing: bool = False) -> Number:
        if changing:
            raise UnsupportedFunction.here(
                "elements of another library's array cannot be assigned to here: choose with where, or join parts"
            )
        return super().alias()

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        y = operator(*(x._primal if isinstance(x, Identity) else x for x in args), **settings)
        return y if isinstance(y, Carrier) else Identity(y)
