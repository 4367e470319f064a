"""Only speed: series that are computed on demand, each once.

While a partial is computed the same function of the same numbers is asked for again and again: the slope of sin is cos,
whose slope is sin. Without a memo the first 24 coefficients take three to five times as long.
"""

from __future__ import annotations

from typing import Any

from chainrule.ops.row import Operands, Settings


class Memo:
    """The series that were made on the way to the coefficients of one.

    A custom rule makes an operator for each call: its owner is what two calls have in common. The operands stay alive
    in the recurrences of what was made from them, so their ids stay theirs."""

    def __init__(self) -> None:
        self._made: dict[Any, Any] = {}

    def found(self, operator: Any, args: Operands, settings: Settings) -> Any:
        """operator(*args, **settings), if it is here; None otherwise."""
        key = _key(operator, args, settings)
        if key is None or key not in self._made:
            return None
        y, first = self._made[key]
        if first is not operator:
            operator.layout = first.layout  # a custom rule: the same call again
        return y

    def keep(self, y: Any, operator: Any, args: Operands, settings: Settings) -> None:
        """Remember that this is operator(*args, **settings)."""
        key = _key(operator, args, settings)
        if key is not None:
            self._made[key] = y, operator


def _key(operator: Any, args: Operands, settings: Settings) -> Any:
    """What names one operation on these series; None when its settings (slices, arrays) cannot be part of a key."""
    key = (id(getattr(operator, "owner", operator)), *map(id, args), *settings.values())
    try:
        hash(key)
    except TypeError:
        return None
    return key
