"""`Dual`: a number and its tangent, pushed forward together (forward mode)."""

from __future__ import annotations

from typing import Any

from chainrule.carriers.float_duals import Moving, moved
from chainrule.carriers.operands import in_one_type
from chainrule.carriers.text import represented
from chainrule.libraries import zeros_like
from chainrule.numbers import Number, shape
from chainrule.ops.row import Operands, Operator, Settings, applied
from chainrule.ops.tangents import pushed


class Dual(Moving):
    """primal + epsilon * tangent, where epsilon belongs to `level`.

    `mask` says where the tangent is one of a branch that was taken (see ops/branches.py); None: not asked for.

    >>> from chainrule.ops import sin
    >>> y = sin(Dual(0.0, 2.0, level=1))
    >>> y.primal, y.tangent
    (0.0, 2.0)
    """

    __slots__ = ()

    def __init__(self, primal: Number, tangent: Number, level: float, mask: Any = None) -> None:
        self._primal, self.tangent, self.level, self.mask = primal, tangent, level, mask
        self.later = self._origin = None

    def alias(self, changing: bool = False) -> Any:
        return Dual(self._primal, self.tangent, self.level, self.mask)

    def __repr__(self) -> str:
        return represented(self, f"Dual({self._primal!r}, {self.tangent!r})")

    def computed(self, operator: Operator, args: Operands, settings: Settings) -> Number:
        if operator.code and not settings and (new := moved(operator, args, self)) is not None:
            return new
        level = self.level
        operands: list[Number] = []
        tangents: list[Number | None] = []
        for x in args:
            dual: Dual | None = x if isinstance(x, Dual) and x.level == level else None
            operands.append(x if dual is None else dual._primal)
            tangents.append(None if dual is None else dual.tangent)
        primals = in_one_type(operator, tuple(operands))
        y = applied(operator, primals, settings)
        masks = None
        if self.mask is not None:
            masks = [x.mask if isinstance(x, Dual) and x.level == level else False for x in args]
        tangent, mask = pushed(level, operator, y, primals, tangents, masks, settings)
        if tangent is None:
            return Dual(y, zeros_like(y), level, False) if operator.view and shape(y) else y  # it may be written to
        return Dual(y, tangent, level, mask)
