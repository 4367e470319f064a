"""Which steps of a program are written as loops in source to read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from chainrule.jit.loops.find import Part, loop_at, parted
from chainrule.jit.loops.loop import Loop, LoopCarried, Streamed
from chainrule.jit.loops.order import repeating
from chainrule.jit.loops.periods import Stretch
from chainrule.jit.loops.rows import Rows, rows
from chainrule.jit.program import CONSTANT, Step
from chainrule.show.code.lists import FEWEST, Kept, Lists

SAVED = 6
"""Steps that a loop must save."""
LONGEST_TURNED = 40
"""Steps of a body up to which it is asked where it begins best."""
MOST_JOINED = 4
"""Iterations that are written as one where what they read takes turns."""

Name = Callable[[Step], str]


def parts_of(steps: Sequence[Step], places: dict[int, str], name: Name) -> list[Part]:
    """The steps in an order in which they can be written, with repetition as loops. `places` say how inputs are
    reached, `name` what the user calls a step."""
    table = rows(repeating(steps), any_index=True, least=SAVED)
    parts: list[Part] = []
    lists = Lists(places)
    at = 0
    for part in _turned(table, parted(table), name):
        if isinstance(part, Step):
            parts.append(part)
            at += 1
            continue
        first, loop, last = _regular(table, part, at, lists)
        at += len(part.steps)
        if _pays(loop, lists):
            parts += [*first, loop, *last]
            for place in range(loop.period):
                lists.add(Kept("", contents(loop, place)))
        else:
            parts += part.steps
    return parts


def contents(loop: Loop, place: int) -> list[Step]:
    """What a list of the results of a step of a loop holds: what it continues, then those of each iteration."""
    return [*before(loop, place), *loop.steps[place :: loop.period]]


def before(loop: Loop, place: int) -> tuple[Step, ...]:
    """What stands for the results of a step of a loop before the first iteration; () where that differs."""
    carried = [o for row in loop.operands for o in row if isinstance(o, LoopCarried) and o.place == place]
    longest: tuple[Step, ...] = max((o.first for o in carried), key=len, default=())
    same = all(o.first == longest[len(longest) - len(o.first) :] for o in carried)
    return longest if same else ()


def _pays(loop: Loop, lists: Lists) -> bool:
    """Whether a loop is shorter than its steps, with the lists that are written out for it."""
    listed = 0
    for row in loop.operands:
        for operand in row:
            if isinstance(operand, LoopCarried) and len(operand.first) > 1 and not before(loop, operand.place):
                return False
            if isinstance(operand, Streamed) and operand.steps[0].op != CONSTANT and not lists.rule(operand.steps):
                listed += len(lists.runs(operand.steps))
    return 2 * listed <= len(loop.steps) - loop.period


def _regular(table: Rows, loop: Loop, at: int, lists: Lists) -> tuple[list[Step], Loop, list[Step]]:
    """A loop whose iterations read all that they stream by rules: without the first or last one, or several in one;
    what is left out stands before and behind. The loop itself, where there is none."""

    def reads(one: Loop) -> bool:
        return all(lists.regular(o.steps) for row in one.operands for o in row if isinstance(o, Streamed))

    if reads(loop):
        return [], loop, []
    for joined, first, last in itertools.product(range(1, MOST_JOINED + 1), (0, 1), (0, 1)):
        start = first * loop.period
        count = (loop.count - first - last) // joined
        other = loop_at(table, Stretch(at + start, joined * loop.period, count)) if count >= FEWEST else None
        if other is not None and reads(other):
            return loop.steps[:start], other, loop.steps[start + len(other.steps) :]
    return [], loop, []


def _turned(table: Rows, parts: Sequence[Part], name: Name) -> list[Part]:
    """The same parts with each loop begun at another step of its body where fewer values, or named ones, are carried
    from one iteration to the next."""
    done: list[Part] = []
    at = 0  # where the part starts
    taken = 0  # steps of the part that a loop before it has
    for k, part in enumerate(parts):
        if isinstance(part, Step):
            if taken:
                taken -= 1
            else:
                done.append(part)
            at += 1
            continue
        room = 0  # straight steps that follow
        while k + 1 + room < len(parts) and isinstance(parts[k + 1 + room], Step):
            room += 1
        straight = 0  # straight steps before
        while straight < len(done) and isinstance(done[-1 - straight], Step):
            straight += 1
        loop, start = _best(table, part, at, (at - straight, at + len(part.steps) + room), name)
        if start < at:
            del done[len(done) - (at - start) :]
        else:
            done += table.steps[at:start]
        done.append(loop)
        stop = start + len(loop.steps)
        at += len(part.steps)
        done += table.steps[stop:at]
        taken = max(stop - at, 0)
    return done


def _best(table: Rows, loop: Loop, at: int, room: tuple[int, int], name: Name) -> tuple[Loop, int]:
    """The loop among those that lie in `room` and are `loop` turned, and where it starts."""
    found = [(_score(loop, name), 0, loop)]
    period = loop.period
    for turn in range(1 - period, period) if period <= LONGEST_TURNED else ():
        for count in (loop.count + 1, loop.count, loop.count - 1):
            stretch = Stretch(at + turn, period, count)
            if stretch.start < room[0] or stretch.stop > room[1] or count < 3:
                continue
            other = loop_at(table, stretch)
            if other is not None:
                found.append((_score(other, name), turn, other))
                break
    _, turn, best = min(found, key=lambda one: (one[0], abs(one[1])))
    return best, at + turn


def _score(loop: Loop, name: Name) -> tuple[int, int, int]:
    """How hard a loop is to read: the values that are carried, those without a name, the steps left out."""
    operands = [o for row in loop.operands for o in row]
    carried = {(o.place, o.first) for o in operands if isinstance(o, LoopCarried)}
    unnamed = sum(not name(loop.steps[loop.period + place]) for place, _ in carried)
    return len(carried), unnamed, -len(loop.steps)
