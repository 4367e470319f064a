"""What a function decides by its numbers, noted while it runs, and run again with the same answers.

`t > start`, `np.sign(y)`, `t % period` and `int(t)` jump where their answer changes. A function that is run on
`Followed` numbers notes each of them: its answer, and the gap, the number that is 0 where the answer changes, with all
the derivatives it has. Run again with the answers of before it goes the way it went then, also beside the place where
it would go another: as a smooth function it can be continued past the jump.
"""

from __future__ import annotations

import functools
import math
import operator as operators
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.carriers.operators import Traced
from chainrule.numbers import Carrier, Number, new_level, primal
from chainrule.ops import divide, floor, negative, subtract, trunc, where
from chainrule.ops.compare import FOLLOWED
from chainrule.ops.kinds import PiecewiseConstant
from chainrule.ops.row import Operator

_QUOTIENTS = {"remainder": floor, "fmod": trunc}
"""Operators that jump as the whole number in a / b does."""
_GAPS: dict[str, Callable[..., Any]] = {
    "max_weight": subtract, "fmax_weight": subtract, "is_less": subtract, "heaviside0": lambda x: x,
}  # fmt: skip
_KINKS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "absolute": (lambda x: x > 0, lambda above, x: where(above, x, negative(x))),
    "relu": (lambda x: x > 0, lambda above, x: where(above, x, 0.0 * x)),
    **dict.fromkeys(("maximum", "fmax"), (lambda a, b: a > b, lambda above, a, b: where(above, a, b))),
    **dict.fromkeys(("minimum", "fmin"), (lambda a, b: a < b, lambda below, a, b: where(below, a, b))),
}
"""Operators whose slope jumps: their answer, and they themselves with a given one."""


class _Running(threading.local):
    def __init__(self) -> None:
        self.runs: list[Decisions] = []


_RUNNING = _Running()


class Decision(NamedTuple):
    """An answer, plain, and the number that is 0 where it changes; None where that is not known."""

    name: str
    answer: Any
    gap: Callable[[], Any] | None


class Decisions:
    """The decisions of one run.

    answers  those of an earlier run, which are given again as far as they go
    kinks    whether to note where slopes jump, too
    plainly  whether a number was asked for as a plain float: what is decided by that is not seen
    paused   while a solver runs inside that decides for itself
    """

    def __init__(self, answers: list[Any] | None = None, kinks: bool = False) -> None:
        self.level, self.given, self.noted = new_level(), answers or [], list[Decision]()
        self.kinks, self.plainly, self.paused = kinks, False, False
        self.others = FOLLOWED[1]

    def moved(self) -> bool:
        """Whether a decision depends on carriers: on others than those that are followed."""
        if self.plainly and FOLLOWED[1] > self.others:
            return True
        return any(d.gap is not None and isinstance(d.gap(), Carrier) for d in self.noted)

    @property
    def answers(self) -> list[Any]:
        return [decision.answer for decision in self.noted]

    def of(self, f: Callable[..., Any], *args: Any) -> Any:
        """f(*args), followed."""
        FOLLOWED[0] += 1
        _RUNNING.runs.append(self)
        try:
            return self.below(f(*(Followed(x, self) for x in args)))
        finally:
            _RUNNING.runs.remove(self)
            FOLLOWED[0] -= 1

    def below(self, x: Any) -> Any:
        """The number below the level of this run."""
        while isinstance(x, Carrier) and x.level >= self.level:
            x = x.primal
        return x

    def decide(self, name: str, asked: Callable[[], Any], gap: Callable[[], Any] | None) -> Any:
        if self.paused:
            return asked()
        k = len(self.noted)
        answer = self.given[k] if k < len(self.given) else asked()
        self.noted.append(Decision(name, answer, gap))
        return answer

    def compared(self, compare: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        """A comparison of two numbers."""
        a, b = self.below(a), self.below(b)
        if compare is operators.eq or compare is operators.ne:  # at single points only
            return compare(primal(a), primal(b))
        return self.decide(compare.__name__, lambda: compare(primal(a), primal(b)), lambda: subtract(a, b))

    def computed(self, operator: Any, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The result of an operator that may jump; its operands are below this run."""
        if operator.name in _KINKS:
            answer, given = _KINKS[operator.name]
            chosen = self.decide(operator.name, lambda: answer(*map(primal, args)), lambda: operator.decides(*args))
            return given(chosen, *args)
        quotient = _QUOTIENTS.get(operator.name)
        if quotient is not None:
            a, b = args
            k = self.decide(operator.name, lambda: primal(quotient(divide(a, b))), lambda: operator.decides(a, b))
            return a - b * k
        gap = operator.decides or _GAPS.get(operator.name)
        return self.decide(
            operator.name, lambda: primal(operator(*args, **settings)), None if gap is None else lambda: gap(*args)
        )

    def rounded(self, name: str, rounded: Callable[[Any], Any], x: Any) -> Any:
        """A whole number of Python's, by one of its functions."""
        return self.decide(name, lambda: rounded(primal(x)), lambda: x - round(2 * primal(x)) / 2)


class Followed(Traced):
    """A number whose decisions are noted; what is done to it is done to the number below."""

    __slots__ = ("_decisions", "_origin", "_primal", "later")
    _decisions: Any
    later: Any
    _origin: Any

    def __init__(self, primal: Number, decisions: Decisions) -> None:
        self._primal, self._decisions = primal, decisions
        self.later = self._origin = None

    @property
    def primal(self) -> Number:
        return self._primal

    @property
    def level(self) -> float:
        level: float = self._decisions.level
        return level

    def __repr__(self) -> str:
        return f"Followed({self._primal!r})"

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        decisions = self._decisions
        below = tuple(x._primal if isinstance(x, Followed) and x._decisions is decisions else x for x in args)
        name = operator.name
        if isinstance(operator, PiecewiseConstant) or name in _QUOTIENTS or (decisions.kinks and name in _KINKS):
            return Followed(decisions.computed(operator, below, settings), decisions)
        return Followed(operator(*below, **settings), decisions)

    def __floor__(self) -> Any:
        return self._decisions.rounded("math.floor", math.floor, self._primal)

    def __ceil__(self) -> Any:
        return self._decisions.rounded("math.ceil", math.ceil, self._primal)

    def __trunc__(self) -> Any:
        return self._decisions.rounded("math.trunc", math.trunc, self._primal)

    def __int__(self) -> Any:
        return self._decisions.rounded("int", int, self._primal)

    def __round__(self, digits: int | None = None) -> Any:
        if digits is not None:
            return self._decisions.decide("round", lambda: round(primal(self), digits), None)
        return self._decisions.rounded("round", round, self._primal)

    def __float__(self) -> float:
        self._decisions.plainly = True
        return float(primal(self))


def aside(solver: Callable[..., Any]) -> Callable[..., Any]:
    """A solver whose own decisions, and those of what it is given, are none of the function that calls it."""

    @functools.wraps(solver)
    def call(*args: Any, **settings: Any) -> Any:
        if not FOLLOWED[0]:
            return solver(*args, **settings)
        paused = [run for run in _RUNNING.runs if not run.paused]
        for run in paused:
            run.paused = True
        try:
            return solver(*args, **settings)
        finally:
            for run in paused:
                run.paused = False

    return call


def differing(before: list[Any], after: list[Any]) -> tuple[int, int] | None:
    """The first decision whose answers differ, and the first of its elements that do; None where there is none.

    >>> differing([True, np.array([1, 2, 3])], [True, np.array([1, 5, 6])])
    (1, 1)
    """
    for k, (a, b) in enumerate(zip(before, after, strict=False)):
        if np.shape(a) != np.shape(b):
            return k, 0
        apart = np.flatnonzero(np.not_equal(a, b))
        if len(apart):
            return k, int(apart[0])
    return None if len(before) == len(after) else (min(len(before), len(after)), 0)
