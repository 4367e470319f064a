"""A recorded program whose loops may run fewer times: what the passes make of a few iterations tells what they make of
many, at the price of a few.

A loop of n iterations becomes one of n - d by leaving out d of those in its middle. What later iterations read moves
along; what others read of the first iterations is counted from the first one, what they read of the last from the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.loops.find import parted
from chainrule.jit.loops.indices import ENDS, Affine, Indices, Irregular
from chainrule.jit.loops.loop import Invariant, Local, Loop, LoopCarried, Operand, Streamed
from chainrule.jit.loops.places import Places
from chainrule.jit.loops.rows import rows
from chainrule.jit.program import CONSTANT, INPUT, Guard, Program, Step
from chainrule.jit.step import in_time

KEPT = 20
"""Iterations of the longest loop that are left: more than the passes and the memory of a loop look ahead and back."""

SPREAD = 4
"""By how many iterations the loops may differ that are cut together."""


GAIN = 6
"""Times by which the cut program is shorter: it is compiled three times over, up to six where it is shorter yet."""


@dataclass(frozen=True, slots=True)
class _Iteration:
    """Step `place` of iteration `number` of loop `loop`, counted from the end where it is negative. One in the `middle`
    is not there with fewer iterations."""

    loop: int
    place: int
    number: int
    middle: bool = False


Read = Callable[[int], Step]
"""The argument of a step in that iteration."""


@dataclass(frozen=True, slots=True)
class _Stream:
    """Step `place` of loop `loop` in iteration `first + stride * b`, but for `others`, by the iteration that reads,
    those near the end as negative numbers."""

    loop: int
    place: int
    first: int
    stride: int
    others: dict[int, Step | _Iteration | _Given]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A constant for each iteration, in an array of its own that the passes take for an input: what one of its numbers
    allows them does not hold for all."""

    table: Step

    def at(self, iteration: int, now: int) -> Step:
        table = self.table
        return Step("getitem", (table,), {"index": iteration}, table.shape[1:], table.dtype, table.line, now)


@dataclass(frozen=True, slots=True)
class _Given:
    """A number among the arguments, as those of a list are: number `first + stride * b` in iteration b of a loop with d
    iterations less, and `down * d` before that."""

    first: int
    stride: int
    down: int

    def at(self, iteration: int, fewer: int) -> int:
        return self.first + self.stride * iteration - self.down * fewer


@dataclass(eq=False, slots=True)
class _Cut:
    """A loop that is cut: where it starts in the sequence, and the indices in its steps."""

    loop: Loop
    start: int
    index: list[Affine] = field(default_factory=list)
    given: dict[tuple[Step, ...], _Given] = field(default_factory=dict)
    rules: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def stop(self) -> int:
        return self.start + len(self.loop.steps)


LARGEST = 1 << 24
"""Bytes of such an array."""


class Iterated:
    """`program` with its loops found. `iterations` is how often the longest one runs, `gain` by how many times the
    program is shorter with KEPT of them; `shortened(d)` is the program with d iterations less in each."""

    def __init__(self, program: Program, places: Places, parts: list[Step | Loop], cut: list[Loop]) -> None:
        self.program, self.parts, self._places = program, parts, places
        self.iterations = max(loop.count for loop in cut)
        steps = sum(len(part.steps) if isinstance(part, Loop) else 1 for part in parts)
        self.gain = steps // (steps - sum(len(loop.steps) - KEPT * loop.period for loop in cut))
        self._cuts: list[_Cut] = []
        self._tables: dict[tuple[int, ...], _Listed] = {}
        self._given = {id(step): k for k, step in enumerate(program.inputs) if not step.shape}
        self._number = {id(loop): k for k, loop in enumerate(cut)}
        at = 0
        for part in parts:
            if isinstance(part, Loop):
                if id(part) in self._number:
                    self._cuts.append(_Cut(part, at))
                at += len(part.steps)
            else:
                at += 1
        plain = [part for part in parts if id(part) not in self._number]
        self._once = {id(step): step for part in plain for step in (part.steps if isinstance(part, Loop) else [part])}
        bodies = [one.loop.steps[k :: one.loop.period] for one in self._cuts for k in range(one.loop.period)]
        self._indices = Indices(bodies, self._once.values())
        for one in self._cuts:
            streams = [operand.steps for row in one.loop.operands for operand in row if isinstance(operand, Streamed)]
            one.given = {steps: self._of_list(steps) for steps in streams if all(id(s) in self._given for s in steps)}
        for one in self._cuts:
            one.index = [self._indices.moving(step) for step in one.loop.body]
            one.rules = [tuple(self._rule(one, operand) for operand in row) for row in one.loop.operands]
        self._plain = {
            key: ([self._named(a, self._places.at(step)) for a in step.args], self._indices.plain(step))
            for key, step in self._once.items()
        }
        self._outputs = [self._named(s) if s.shape else self._all_along(s) for s in program.outputs]
        self._guards = [(self._all_along(g.step), g.holds, g.line) for g in program.guards]
        self._regular([(name, holds, line) for name, holds, line in self._guards])
        self._regular([(name,) for name in self._outputs])

    # -- what is read -------------------------------------------------------------------------------------

    def _named(self, step: Step, reader: int = -1) -> Step | _Iteration | _Given:
        """A step as it is found in a program with fewer iterations; `reader` is where another step reads it."""
        number = self._given.get(id(step)) if reader >= 0 else None
        if number is not None:
            return self._beside(number, reader)
        found = self._iteration(step)
        if found is not None and found.middle:
            raise Irregular
        return found or step

    def _all_along(self, step: Step) -> Step | _Iteration | _Given:
        """The condition of a guard, or a result, which may stand in the middle of a loop."""
        found = self._iteration(step)
        return self._named(step) if found is None else found

    def _regular(self, wanted: Sequence[tuple[Any, ...]]) -> None:
        """Raises Irregular unless the same is wanted of all iterations in the middle of a loop: guards, or results."""
        by_iteration: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
        for name, *more in wanted:
            if isinstance(name, _Iteration) and name.middle:
                by_iteration.setdefault((name.loop, name.number), []).append((name.place, *more))
        for k, one in enumerate(self._cuts):
            found = [by_iteration.get((k, b), []) for b in range(ENDS, one.loop.count - ENDS)]
            if any(several != found[0] for several in found):
                raise Irregular

    def _iteration(self, step: Step) -> _Iteration | None:
        """Which step of which iteration it is; None for one that is in none of the loops."""
        at = self._places.at(step)
        for k, one in enumerate(self._cuts):
            if one.start <= at < one.stop:
                number, place = divmod(at - one.start, one.loop.period)
                behind = number >= one.loop.count - ENDS
                counted = number - one.loop.count if behind else number
                return _Iteration(k, place, counted, middle=counted >= ENDS)
        return None

    def _rule(self, one: _Cut, operand: Operand) -> Any:
        if isinstance(operand, Local):
            return operand
        if isinstance(operand, Invariant):
            return self._named(operand.step)
        if isinstance(operand, LoopCarried):
            kind = one.loop.steps[operand.place].dtype
            if any(step.dtype != kind for step in operand.first):
                raise Irregular
            return operand.place, [self._named(step, one.start) for step in operand.first]
        if all(step.op == CONSTANT for step in operand.steps):
            return self._listed(operand.steps)
        return one.given.get(operand.steps) or self._stream(one.loop.count, operand.steps)

    def _listed(self, steps: Sequence[Step]) -> _Listed:
        first, key = steps[0], tuple(map(id, steps))
        if key in self._tables:
            return self._tables[key]
        if first.dtype.kind != "f" or len(steps) * prod(first.shape) * first.dtype.itemsize > LARGEST:
            raise Irregular
        values = np.array([step.settings["value"] for step in steps], first.dtype)
        table = Step(INPUT, (), {"value": values}, values.shape, first.dtype, first.line)
        return self._tables.setdefault(key, _Listed(table))

    def _of_list(self, steps: Sequence[Step]) -> _Given:
        numbers = np.array([self._given[id(step)] for step in steps])
        stride = int(numbers[1] - numbers[0])
        if (np.diff(numbers) != stride).any() or len({step.dtype for step in steps}) > 1:
            raise Irregular
        return _Given(int(numbers[0]), stride, -min(stride, 0))

    def _beside(self, number: int, reader: int) -> Step | _Given:
        """A number of the arguments that is read once. Where iterations before or behind a loop have become single
        steps, they go on as the loop does. Whatever it is taken for, with all iterations it is the same number."""
        before = max((one for one in self._cuts if one.stop <= reader), key=attrgetter("stop"), default=None)
        behind = min((one for one in self._cuts if one.start >= reader), key=attrgetter("start"), default=None)
        for one in filter(None, (before, behind)):
            count = one.loop.count
            for rule in one.given.values():
                b, rest = divmod(number - rule.first, rule.stride)
                if not rest and (-ENDS if one is behind else 0) <= b < (count + ENDS if one is before else count):
                    return _Given(number, 0, rule.down + (rule.stride if 2 * b > count else 0))
        return self.program.inputs[number]

    def constants(self) -> None:
        """From now on the lists of constants are constants, and no inputs."""
        for listed in self._tables.values():
            listed.table.op = CONSTANT

    def _stream(self, turns: int, steps: Sequence[Step]) -> _Stream:
        at = np.array(self._places.all(steps))
        middle = turns // 2
        source = next((k for k, one in enumerate(self._cuts) if one.start <= at[middle] < one.stop), None)
        if source is None:
            raise Irregular
        loop, start, stop = self._cuts[source].loop, self._cuts[source].start, self._cuts[source].stop
        number, place = divmod(int(at[middle]) - start, loop.period)
        stride = (int(at[middle + 1]) - int(at[middle])) // loop.period
        first = number - stride * middle
        by_rule: NDArray[np.int64] = start + place + loop.period * (first + stride * np.arange(turns))
        apart = np.flatnonzero((at != by_rule) | (at < start) | (at >= stop)).tolist()
        if abs(stride) != 1 or any(ENDS <= b < turns - ENDS for b in apart):
            raise Irregular
        kind = steps[middle].dtype
        if any(steps[b].dtype != kind for b in apart):
            raise Irregular
        others = {b if b < ENDS else b - turns: self._named(steps[b]) for b in apart}
        return _Stream(source, place, first, stride, others)

    # -- with fewer iterations ----------------------------------------------------------------------------

    def shortened(self, by: int) -> Program:
        """The program with so many iterations less in each of its loops."""
        now = count(1).__next__
        made: dict[int, Step] = {}
        turns: list[list[Step]] = [[] for _ in self._cuts]

        def found(name: Step | _Iteration | _Given) -> Step:
            if isinstance(name, Step):
                return made.get(id(name), name)
            if isinstance(name, _Given):
                return self.program.inputs[name.at(0, by)]
            one = self._cuts[name.loop].loop
            number = name.number if name.number >= 0 else one.count - by + name.number
            return turns[name.loop][number * one.period + name.place]

        def argument(rule: Any, own: list[Step], b: int, left: int, period: int) -> Step:
            if isinstance(rule, Local):
                return own[b * period + rule.place]
            if isinstance(rule, _Listed):
                return rule.at(b, now())
            if isinstance(rule, _Given):
                return self.program.inputs[rule.at(b, by)]
            if isinstance(rule, tuple):
                place, first = rule
                back = b - len(first)
                return found(first[b]) if back < 0 else own[back * period + place]
            if isinstance(rule, _Stream):
                other = rule.others.get(b - left if b >= left - ENDS else b)
                if other is not None:
                    return found(other)
                number = rule.first + b if rule.stride > 0 else rule.first - by - b
                return turns[rule.loop][number * self._cuts[rule.loop].loop.period + rule.place]
            return found(rule)

        for part in self.parts:
            k = self._number.get(id(part))
            if k is None:
                for step in part.steps if isinstance(part, Loop) else [part]:
                    names, rule = self._plain[id(step)]
                    made[id(step)] = _like(step, [found(name) for name in names], rule.at(step.settings, 0, by), now())
                continue
            one, own = self._cuts[k], turns[k]
            period, left = one.loop.period, one.loop.count - by
            body = list(zip(one.loop.body, one.rules, one.index, strict=True))
            for b in range(left):
                for step, rules, index in body:
                    args = [argument(rule, own, b, left, period) for rule in rules]
                    own.append(_like(step, args, index.at(step.settings, b, by), now()))
        last = [one.loop.count - by - ENDS for one in self._cuts]

        def there(name: Step | _Iteration | _Given) -> bool:
            return not isinstance(name, _Iteration) or not name.middle or name.number < last[name.loop]

        guards = [Guard(found(name), holds, line) for name, holds, line in self._guards if there(name)]
        return Program(self.program.inputs, [found(name) for name in self._outputs if there(name)], guards)


def _like(step: Step, args: list[Step], settings: dict[str, Any], at: int) -> Step:
    return Step(step.op, tuple(args), settings, step.shape, step.dtype, step.line, at)


_GIVEN = frozenset((INPUT, CONSTANT))


def iterated(program: Program) -> Iterated | None:
    """The program with its loops, if the longest ones run often and hold most of its steps, and everything is read by
    rules that hold for any number of iterations."""
    table = rows(in_time(program.steps(), _GIVEN), any_index=True, regular=True)
    parts = parted(table)
    loops = [part for part in parts if isinstance(part, Loop) and part.count >= 4 * KEPT]
    if not loops:
        return None
    longest = max(loops, key=lambda loop: len(loop.steps))
    cut = [loop for loop in loops if abs(loop.count - longest.count) <= SPREAD]
    try:
        found = Iterated(program, table.places, parts, cut)
    except Irregular:
        return None
    return found if found.gain >= GAIN else None
