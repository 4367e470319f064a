"""Branches that only compute, by each way through them: what they give is selected by their conditions.

A block of branches runs on the numbers of this call first, then once with each condition the other way round. What the
other ways compute of these numbers is not used, and what Python would raise there is not raised: the program holds
where it would not be raised on the way that is gone. Where another way cannot be computed, the recording holds for the
way gone.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.lifting.objects import RECORDINGS, RUNNING
from chainrule.carriers.lifting.pure import acting
from chainrule.errors import forgiven
from chainrule.jit.record.trace import Recorded, Trace, Unexplored, value_of
from chainrule.numbers import StandIn, primal, shape

MOST = 16
"""Ways through a block that are computed, at most."""
LONG = 200
"""Steps of one way, at most: more are better left to programs of their own."""
LARGE = 256
"""Elements of the arrays of one way, at most."""
TRIED = 4
"""Times that a block is tried by each way in vain."""


class Way:
    """One way through a block: conditions with what they are taken to be, and what has to be finite there.

    forced   what the first of them are taken to be
    gone     whether the others are what they are for the numbers of this call; else they hold
    """

    __slots__ = ("catches", "decisions", "elements", "forced", "gone", "natural", "needed")

    def __init__(self, forced: tuple[bool, ...], gone: bool, catches: bool) -> None:
        self.forced, self.gone, self.catches = forced, gone, catches
        self.decisions: list[tuple[Recorded, bool]] = []
        self.needed: list[Recorded] = []
        self.natural = True  # so far it is the way of the numbers of this call
        self.elements = 0

    def counted(self, elements: int) -> None:
        """An array is computed."""
        self.elements += elements
        if self.elements > LARGE:
            raise Unexplored

    def decided(self, condition: Recorded, holds: bool) -> bool:
        k = len(self.decisions)
        if k >= MOST:
            raise Unexplored
        taken = self.forced[k] if k < len(self.forced) else holds or not self.gone
        self.decisions.append((condition, taken))
        self.natural = self.natural and taken is holds
        return taken

    def finite(self, x: Recorded) -> None:
        """A function of math's would raise where x is not finite."""
        if self.natural and not np.isfinite(x.value):
            raise Unexplored
        self.needed.append(x)

    def raising(self, x: Recorded, operator: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """An operator of Python's would."""
        if self.catches:
            self.finite(x)
        elif self.natural and not np.isfinite(x.value):
            operator(*map(value_of, args))


class Branches:
    """Computes blocks of one recording."""

    def __init__(self, run: Trace) -> None:
        self.run = run
        self._failed: dict[Any, int] = {}

    def explore(self, kinds: Any, block: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        key = getattr(block, "__code__", block)
        if not _recorded(args) or self._failed.get(key, 0) >= TRIED or any(map(_acts, args)):
            return block(*args)
        outer = self.run.way
        for compute in (_Block.by_all, _Block.by_the_way_gone):
            try:
                return compute(_Block(self.run, kinds, block, args))
            except (Unexplored, Exception):
                self._failed[key] = self._failed.get(key, 0) + 1
            finally:
                self.run.way = outer
        return block(*args)  # by its guards, or to raise what it raises


class _Block:
    def __init__(self, run: Trace, kinds: Any, block: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.run, self.kinds, self.block, self.args = run, kinds, block, args
        self.outer, self.ways = run.way, 0

    def by_all(self) -> Any:
        """What the block gives by any way. The ways come in one order, whatever the numbers are: what is done to many
        numbers is then the same."""
        return self._sides((), False)

    def by_the_way_gone(self) -> Any:
        """What the block gives by those ways that can be computed, for numbers that go no other one."""
        if self.outer is not None:
            raise Unexplored
        way, found = self._along((), True)
        selected = []
        for k in reversed(range(len(way.decisions))):
            condition, taken = way.decisions[k]
            try:
                other = self._sides((*[t for _, t in way.decisions[:k]], not taken), True)
                found = self._selected(condition, taken, found, other)
                selected.append(k)
            except (Unexplored, Exception):
                continue
        for k, (condition, taken) in enumerate(way.decisions):
            if k not in selected:
                self._hold([d for j, d in enumerate(way.decisions[:k]) if j in selected], condition, taken)
        return found

    def _sides(self, forced: tuple[bool, ...], gone: bool) -> Any:
        """What the block gives by all ways that begin with these decisions."""
        way, found = self._along(forced, gone)
        for k in reversed(range(len(forced), len(way.decisions))):
            condition, taken = way.decisions[k]
            other = self._sides((*[t for _, t in way.decisions[:k]], not taken), gone)
            found = self._selected(condition, taken, found, other)
        return found

    def _along(self, forced: tuple[bool, ...], gone: bool) -> tuple[Way, Any]:
        """The block by one way."""
        self.ways += 1
        if self.ways > MOST:
            raise Unexplored
        way = self.run.way = Way(forced, gone, self.run.catches)
        begin = self.run.time
        try:
            with forgiven(), np.errstate(all="ignore"):
                found = self.block(*self.args)
        finally:
            self.run.way = self.outer
        if self.run.time - begin > LONG or len(way.decisions) < len(forced):
            raise Unexplored
        for x in way.needed:
            needed = self._masked(way.decisions, x)
            if self.outer is not None:
                self.outer.needed.append(needed)
            else:
                self.run.finite(needed.step)
        return way, found

    def _masked(self, decisions: list[tuple[Recorded, bool]], x: Recorded) -> Recorded:
        """x on this way, 0 on others."""
        masked: Any = x
        for condition, taken in decisions:
            masked = ops.where(condition, masked, 0.0) if taken else ops.where(condition, 0.0, masked)
        return masked  # type: ignore[no-any-return]

    def _hold(self, selected: list[tuple[Recorded, bool]], condition: Any, taken: bool) -> None:
        """The recording holds where a condition is as it was, on the way on which it is asked."""
        if not selected:
            self.run.guard(condition.step, taken)
            return
        other = _is(condition, not taken)
        for mask, as_taken in selected:
            other = np.logical_and(other, _is(mask, as_taken))
        self.run.guard(other.step, False)

    def _selected(self, condition: Recorded, taken: bool, found: Any, other: Any) -> Any:
        a, b = (found, other) if taken else (other, found)
        if self.kinds is None:
            if type(a) is tuple and type(b) is tuple and len(a) == len(b):
                return tuple([_either(condition, x, y, "") for x, y in zip(a, b, strict=True)])
            return _either(condition, a, b, "")
        return tuple([_either(condition, x, y, kind) for x, y, kind in zip(a, b, self.kinds, strict=True)])


def _is(condition: Any, taken: bool) -> Any:
    return condition if taken else np.logical_not(condition)


def _either(condition: Recorded, a: Any, b: Any, kind: Any) -> Any:
    """`a` where the condition holds, else `b`."""
    if a is b:
        return a
    if a is ... or b is ...:
        nothing = _zero(b if a is ... else a) if kind == "+" else kind() if callable(kind) else ...
        a, b = nothing if a is ... else a, nothing if b is ... else b
    if not (_is_number(a) and _is_number(b)) or shape(a) != shape(b):
        raise Unexplored
    if type(a) is type(b) and not isinstance(a, StandIn) and a == b and str(a) == str(b):
        return a
    return ops.where(condition, a, b)


def _zero(x: Any) -> Any:
    """What is added where nothing is: a whole number beside whole numbers, which may be counts and places."""
    return 0 if isinstance(x, (int, np.integer)) or getattr(x, "dtype", np.dtype(float)).kind in "iub" else 0.0


def _is_number(x: Any) -> bool:
    return isinstance(x, (StandIn, int, float, np.number))


def _acts(x: Any) -> bool:
    """Whether reading from an argument may do more than compute."""
    return not isinstance(x, StandIn) and acting(x)


def _recorded(args: tuple[Any, ...]) -> bool:
    """Whether recorded numbers are among the arguments, and nothing that a block would use up."""
    found = False
    for x in args:
        if isinstance(x, StandIn):
            found = found or isinstance(primal(x), Recorded)
        elif type(x) is tuple or type(x) is list:
            found = found or any(isinstance(v, StandIn) for v in x)
        elif hasattr(x, "__next__"):
            return False
    return found


@contextlib.contextmanager
def by_each_way(run: Trace) -> Iterator[None]:
    """Functions called inside have the branches computed by each way that only compute."""
    outer = getattr(RUNNING, "explore", None)
    RUNNING.explore = Branches(run).explore
    with _COUNTING:
        RECORDINGS[0] += 1
    try:
        yield
    finally:
        with _COUNTING:
            RECORDINGS[0] -= 1
        RUNNING.explore = outer


_COUNTING = threading.Lock()
