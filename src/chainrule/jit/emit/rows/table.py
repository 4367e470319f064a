"""Where emitters are entered, each with what it costs."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.jit.emit.lanes import Emitter

EMITTERS: dict[str, Emitter] = {}
_COSTS: dict[str, int] = {}

SIMPLE, DIVISION, TRANSCENDENTAL = 1, 5, 20  # in additions


def emitter(*names: str, cost: int = SIMPLE) -> Callable[[Emitter], Emitter]:
    """The decorated function computes these rows from lanes; its keywords are the row's settings."""

    def enter(function: Emitter) -> Emitter:
        for name in names:
            EMITTERS[name], _COSTS[name] = function, cost
        return function

    return enter


def cost(name: str) -> int:
    """What one element of that row costs, in additions."""
    return _COSTS.get(name, SIMPLE)
