"""`Viewed`: a carrier that may be assigned to, or be a view of what is (see `in_place`).

What it is about besides, a subclass says: `_primal`, the number below it, and what an operator makes of it.
"""

from __future__ import annotations

from typing import Any

from chainrule.carriers.assignment import in_place
from chainrule.carriers.frozen import read_only
from chainrule.carriers.operators import Traced
from chainrule.inputs import refuse_ended
from chainrule.numbers import Carrier, Number, primal
from chainrule.ops.row import Operands, Operator, Settings


class Viewed(Traced):
    """A carrier of a transform, which knows what it is a view of and what stands for it since it was assigned to."""

    __slots__ = ("_origin", "_primal", "later", "level")
    _origin: Any
    _primal: Number
    later: Any
    level: float

    def __init__(self, primal: Number, level: float) -> None:
        self._primal, self.level = primal, level
        self.later = self._origin = None

    @property
    def primal(self) -> Number:
        return self._primal if not in_place.ASSIGNED[0] or (y := self.now()) is self else primal(y)

    @property
    def data(self) -> Number:
        """The number below; an array is read-only."""
        return read_only(self.primal)

    def origin(self) -> Any:
        return self._origin

    def apply(self, operator: Operator, args: Operands, settings: Settings) -> Number:
        level = self.level
        refuse_ended(level)
        for x in args:
            if x is not self and isinstance(x, Carrier) and x.level != level:
                refuse_ended(x.level)
        if in_place.ASSIGNED[0]:
            found = in_place.again(operator, args, settings)
            if found is not NotImplemented:
                return found
        y = self.computed(operator, args, settings)
        if operator.view and type(y) is type(self) and y.shape:
            y._origin = in_place.view_of(operator, args[0], settings)
        return y

    def computed(self, operator: Operator, args: Operands, settings: Settings) -> Number:
        """The result of an operator of which this is an operand, and all others are numbers of this level or below."""
        raise NotImplementedError
