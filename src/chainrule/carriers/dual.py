"""`Dual`: a number and its tangent, pushed forward together (forward mode)."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule.ops.branches as branches
from chainrule.carriers.assignment import in_place
from chainrule.carriers.frozen import read_only
from chainrule.carriers.operands import in_one_type
from chainrule.carriers.operators import Traced
from chainrule.carriers.text import represented
from chainrule.numbers import Carrier, Number, primal, refuse_ended
from chainrule.ops import scaled
from chainrule.ops.row import Operator, applied

LEFT: set[float] = set()
"""Levels at which a tangent left the range of floats on the way, until their transform has looked."""

NOTED = [0]
"""How often an element has left the range of floats in the operation at hand."""

TINY, HUGE = scaled.TINY, scaled.HUGE


class Dual(Traced):
    """primal + epsilon * tangent, where epsilon belongs to `level`.

    `mask` says where the tangent is one of a branch that was taken (see ops/branches.py); None: nobody asks.

    >>> from chainrule.ops import sin
    >>> y = sin(Dual(0.0, 2.0, level=1))
    >>> y.primal, y.tangent
    (0.0, 2.0)
    """

    __slots__ = ("_origin", "_primal", "later", "level", "mask", "tangent")
    level: float
    later: Any

    def __init__(self, primal: Number, tangent: Number, level: float, mask: Any = None) -> None:
        self._primal, self.tangent, self.level, self.mask = primal, tangent, level, mask
        self.later = None
        self._origin: Any = None

    @property
    def primal(self) -> Number:
        return self._primal if not in_place.ASSIGNED[0] or (y := self.now()) is self else primal(y)

    def origin(self) -> Any:
        return self._origin

    def alias(self, changing: bool = False) -> Any:
        return Dual(self._primal, self.tangent, self.level, self.mask)

    @property
    def data(self) -> Number:
        """The number below; an array is read-only."""
        return read_only(self.primal)

    def __repr__(self) -> str:
        return represented(self, f"Dual({self._primal!r}, {self.tangent!r})")

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        level = self.level
        refuse_ended(level)
        if in_place.ASSIGNED[0]:
            found = in_place.again(operator, args, settings)
            if found is not NotImplemented:
                return found
        y = self._computed(operator, args, settings)
        if operator.view and type(y) is Dual and y.shape:
            y._origin = in_place.view_of(operator, args[0], settings)
        return y

    def _computed(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        level = self.level
        operands: list[Number] = []
        tangents: list[Number | None] = []
        for x in args:
            if isinstance(x, Dual):
                dual: Dual = x
                if dual.level == level:
                    operands.append(dual._primal)
                    tangents.append(dual.tangent)
                    continue
            if isinstance(x, Carrier):
                refuse_ended(x.level)
            operands.append(x)
            tangents.append(None)
        primals = in_one_type(operator, tuple(operands))
        y = applied(operator, primals, settings)
        masks = None
        if self.mask is not None:
            masks = [x.mask if isinstance(x, Dual) and x.level == level else False for x in args]
        before = NOTED[0]
        pushed = _silently if type(y) is float else _noting
        tangent, mask = pushed(operator, y, primals, tangents, masks, settings)
        if NOTED[0] != before:
            NOTED[0] = before  # levels around this one did not leave the range
            LEFT.add(level)
        return y if tangent is None else Dual(y, tangent, level, mask)


def _pushed(
    operator: Operator,
    y: Number,
    args: tuple[Number, ...],
    tangents: list[Number | None],
    masks: list[Any] | None,
    settings: dict[str, Any],
) -> tuple[Number | None, Any]:
    """The tangent of y, and its mask where those of the operands are asked for."""
    if masks is not None:
        return branches.moved(operator, y, args, tangents, masks, settings)
    tangent = operator.push(y, args, tangents, settings)
    if (
        isinstance(tangent, float)
        and not TINY <= abs(tangent) <= HUGE
        and _leaves(operator, y, args, tangents, settings)
    ):
        NOTED[0] += 1
    return tangent, None


def _note(what: str, flags: int) -> None:
    NOTED[0] += 1


# Arrays are pushed in a state in which the processor notices where an element leaves the range.
_silently = np.errstate(all="ignore")(_pushed)
_noting = np.errstate(all="ignore", under="call", over="call", call=_note)(_pushed)


def _leaves(
    operator: Operator, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: dict[str, Any]
) -> bool:
    """Whether a tangent that is 0, subnormal or not finite is so because it left the range: those of larger or
    smaller ones are not."""
    moving = [t for t in tangents if t is not None and not (isinstance(t, float) and t == 0.0)]
    if not moving or operator.selects or not all(isinstance(t, float) and t - t == 0.0 for t in moving):
        return False
    for factor in (2.0**1000, 2.0**600, 2.0**-600, 2.0**-1000):
        again = operator.push(y, args, [t if t is None else t * factor for t in tangents], settings)
        if isinstance(again, float) and TINY <= abs(again) <= HUGE:
            return True
    return False
