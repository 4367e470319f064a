"""Events of `solve_ivp`: when a function of t and y is zero, by the implicit function theorem along the solution."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.lift import lift
from chainrule.numbers import Carrier, primal, shape
from chainrule.transforms.implicit import as_one_number, with_derivatives


class Events:
    """The functions whose zeros are looked for.

    plain  what SciPy is given in their place: the same with plain numbers
    moves  whether one of them has given a number that carries a derivative
    """

    def __init__(self, events: Any, more: tuple[Any, ...]) -> None:
        given = () if events is None else (events,) if callable(events) else tuple(events)
        self.given, self.moves, self.more = bool(given), False, more
        self.functions = [lift(e) for e in given]
        plain = [self._plain(e, f) for e, f in zip(given, self.functions, strict=True)]
        self.plain = None if events is None else plain[0] if callable(events) else plain

    def _plain(self, original: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original, updated=())
        def value(t: float, y: Any) -> float:
            found = _number(function(t, y, *self.more))
            self.moves = self.moves or isinstance(found, Carrier)
            return float(primal(found))

        for name in ("terminal", "direction"):
            if hasattr(original, name):
                setattr(value, name, getattr(original, name))
        return value

    def time(self, path: Any, t: float, among: list[int]) -> Any:
        """The time of the event at t, one of those with these numbers, as what it depends on moves it."""
        values = [abs(float(primal(_number(self.functions[k](t, primal(path.at(t)), *self.more))))) for k in among]
        function = self.functions[among[int(np.argmin(values))]]
        return with_derivatives(t, lambda t: _number(function(t, path.at(t), *self.more)))

    def found(self, path: Any, answer: Any) -> tuple[list[Any], list[Any]]:
        """`t_events` and `y_events`."""
        times, states = [], []
        for k, plain in enumerate(answer.t_events):
            if not len(plain):
                times.append(plain)
                states.append(answer.y_events[k])
                continue
            moved = [self.time(path, float(t), [k]) for t in plain]
            y = ops.stack([path.at(t) for t in moved])
            times.append(ops.array(moved))
            states.append(y - primal(y) + answer.y_events[k] if isinstance(y, Carrier) else answer.y_events[k])
        return times, states


def _number(y: Any) -> Any:
    """What an event function gives, as a number."""
    return y if shape(y) == () else ops.reshape(as_one_number(y), ())
