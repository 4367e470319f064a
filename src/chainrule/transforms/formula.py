"""A function written by a user with Python's operators, `math` or NumPy, computed on every kind of number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.identity import Identity
from chainrule.carriers.lift import Lifted
from chainrule.errors import ArgumentError
from chainrule.numbers import Carrier, Number, StandIn, primal


class Formula:
    """`f` on floats as it stands; on arrays, mpmath and SymPy numbers by the rows of what it calls; on carriers lifted.

    Floats for which `f` raises (1 / 0.0, math.log(-1.0)) are answered as IEEE 754 does, as by the named operators.

    >>> import math
    >>> f = Formula("slope", lambda x: 1 / math.exp(x))
    >>> f(0.0), f(np.zeros(2))
    (1.0, array([1., 1.]))
    """

    def __init__(self, name: str, f: Callable[..., Any]) -> None:
        self.name, self.f, self._lifted = name, f, Lifted(f)

    def __call__(self, *args: Number, **settings: Any) -> Number:
        if any(isinstance(x, Carrier) for x in args):
            return self._lifted.lifted()(*args, **settings)
        recorded = any(isinstance(x, StandIn) for x in args)
        if recorded or all(isinstance(x, (float, int)) for x in args):
            try:
                return self._lifted.lifted()(*args, **settings) if recorded else self._number(self.f(*args, **settings))
            except ArithmeticError:
                pass
            except ValueError as error:  # of math's, which says "math domain error"
                if "math" not in str(error):
                    raise
            y = self._by_rows(tuple([np.float64(x) if type(x) is float else x for x in args]), settings)
            return y.item() if isinstance(y, np.generic) else y
        return self._by_rows(args, settings)

    def _number(self, y: Any) -> Number:
        if isinstance(y, np.generic) or type(y) in (int, bool):
            return float(y)
        if isinstance(y, Carrier):
            raise self._foreign()
        return y

    def _by_rows(self, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        with np.errstate(all="ignore"):
            y = self._lifted.lifted()(*[x if type(x) in (int, bool) else Identity(x) for x in args], **settings)
        if isinstance(y, Carrier) and not isinstance(y, Identity):
            raise self._foreign()
        leaves = trees.flatten(y)[0]
        if len(leaves) != 1 or leaves[0] is not y:
            raise ArgumentError.here(f"{self.name}: expected one number or array, got {type(y).__name__}")
        plain: Number = primal(y)
        return plain

    def _foreign(self) -> ArgumentError:
        return ArgumentError.here(
            f"{self.name}: its value depends on a number that is being differentiated and is no operand of it; "
            "make that number an operand"
        )
