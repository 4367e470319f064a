"""Lines that repeat, rolled back into a loop.

A recording has every pass of a loop written out. Where the passes look the same, but for names that are handed
from one pass to the next and for integers that count, they become a `for` again. What the loop computes on the way
and is needed later (by the sweep of a loop, as a rule) is kept in a list, so that the sweep becomes a loop over it.
What cannot be rolled is announced by a comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chainrule.show.code.counting import (
    WORD,
    Count,
    Counter,
    filled,
    form,
    indices,
    pairs,
    renamed,
    step_of,
    unused,
)
from chainrule.show.code.series import joined, shortened

Line = tuple[str, str]

LONGEST_PASS = 8
FEWEST_PASSES = 3
WORTH_A_COMMENT = 4
"""Loops of fewer passes are written out without a word, and need no list."""


class Loop(NamedTuple):
    """`passes` passes of `period` lines from line `start` on."""

    start: int
    period: int
    passes: int

    @property
    def end(self) -> int:
        return self.start + self.period * self.passes


def rolled(lines: Sequence[Line], returned: str) -> tuple[list[str], str]:
    """Assignments (name, expression) as lines of code, and the line that returns, both with loops rolled.

    >>> rolled([("y", "x + 1"), ("y1", "y * y"), ("y2", "y1 * y1"), ("y3", "y2 * y2")], "return y3")
    (['y = x + 1', 'for _ in range(3):', '    y = y * y'], 'return y')
    """
    done: list[str] = []
    plain: list[Line] = []
    rest, position = list(lines), 0
    while position < len(rest):
        loop = _longest(rest, position)
        if loop is None:
            plain.append(rest[position])
            position += 1
            continue
        done += _assignments(plain, rest[position:], returned)
        plain = []
        written = _written(rest, returned, loop)
        if written:
            code, names = written
            done += code
            rest[loop.end :] = [(name, renamed(c, names)) for name, c in rest[loop.end :]]
            returned = renamed(returned, names)
        else:
            if loop.passes >= WORTH_A_COMMENT:
                done.append(f"# {loop.passes} passes of a loop, written out:")
            done += [f"{name} = {code}" for name, code in rest[position : loop.end]]
        position = loop.end
    return done + _assignments(plain, [], returned), shortened(returned)


def _assignments(lines: Sequence[Line], later: Sequence[Line], returned: str) -> list[str]:
    """Lines that are in no loop, with their sums and lists rolled."""
    needed = WORD.findall(" ".join([*(code for _, code in later), returned]))
    return [f"{name} = {code}" for name, code in joined(lines, needed)]


# -- finding passes that look the same ----------------------------------------------------------------------------


def _longest(lines: Sequence[Line], start: int) -> Loop | None:
    """The loop that begins at `start` and covers most lines."""
    best: Loop | None = None
    for period in range(1, LONGEST_PASS + 1):
        loop = Loop(start, period, 1)
        while _continues(lines, loop):
            loop = loop._replace(passes=loop.passes + 1)
        if loop.passes >= FEWEST_PASSES and (best is None or loop.end > best.end):
            best = loop
    return best


def _pass(lines: Sequence[Line], loop: Loop, n: int) -> Sequence[Line]:
    begin = loop.start + n * loop.period
    return lines[begin : begin + loop.period]


def _continues(lines: Sequence[Line], loop: Loop) -> bool:
    """Whether what follows `loop` does with its last pass what that one did with the pass before it."""
    if loop.end + loop.period > len(lines):
        return False
    before, after = _pass(lines, loop, loop.passes - 1), _pass(lines, loop, loop.passes)
    if any(form(a) != form(b) for (_, a), (_, b) in zip(before, after, strict=True)):
        return False
    old, new = [name for name, _ in before], [name for name, _ in after]
    older = [name for name, _ in _pass(lines, loop, loop.passes - 2)] if loop.passes > 1 else []
    first, second = _pass(lines, loop, 0), _pass(lines, loop, 1)
    for j, ((_, a), (_, b)) in enumerate(zip(before, after, strict=True)):
        steps = [step_of(x, y) for x, y in pairs(first[j][1], second[j][1])]
        places = indices(a)
        for w, (x, y) in enumerate(pairs(a, b)):
            if y in new:
                same = x in old and old.index(x) == new.index(y)
            elif y in old:  # handed on by the pass before; in the first pass it came from anywhere
                same = loop.passes == 1 or (x in older and older.index(x) == old.index(y))
            elif loop.passes == 1:  # any index may move, other integers may count up
                step = step_of(x, y)
                same = x == y or step == 1 or (step is not None and w in places)
            else:
                same = step_of(x, y) == steps[w] if x.isdigit() else x == y
            if not same:
                return False
    return True


# -- writing them as a loop ---------------------------------------------------------------------------------------


class _Roles(NamedTuple):
    """What the words of a pass are.

    names     of its lines
    carried   line of a pass -> what it continues before the first pass
    counts    (line, word) of an integer that counts
    steady    what is the same in every pass
    together  whether the lines must be assigned at once
    """

    names: list[str]
    carried: dict[int, str]
    counts: dict[tuple[int, int], Count]
    steady: set[str]
    together: bool


def _roles(first: Sequence[Line], second: Sequence[Line]) -> _Roles | None:
    """The roles of the words, found by comparing two passes; None where they contradict each other."""
    roles = _Roles([name for name, _ in first], {}, {}, set(), False)
    following = [name for name, _ in second]
    together = chained = False  # whether a line is read before it is assigned, and whether one reads another
    for j, ((_, a), (_, b)) in enumerate(zip(first, second, strict=True)):
        for w, (x, y) in enumerate(pairs(a, b)):
            if y in roles.names:
                q = roles.names.index(y)
                together = together or q < j
                if roles.carried.setdefault(q, x) != x:
                    return None
            elif x.isdigit() and x != y:
                roles.counts[j, w] = Count(int(x), int(y) - int(x))
            elif x == y:
                roles.steady.add(x)
            chained = chained or y in following
    return None if together and chained else roles._replace(together=together)


def _written(lines: Sequence[Line], returned: str, loop: Loop) -> tuple[list[str], dict[str, str]] | None:
    """The loop as code, and what the names of its passes are called now; None where it cannot be rolled."""
    roles = _roles(_pass(lines, loop, 0), _pass(lines, loop, 1))
    if roles is None:
        return None
    made = [[name for name, _ in _pass(lines, loop, n)] for n in range(loop.passes)]
    after = set(WORD.findall(" ".join([code for _, code in lines[loop.end :]] + [returned])))
    kept = [q for q in range(loop.period) if any(names[q] in after for names in made[:-1])]
    if kept and loop.passes < WORTH_A_COMMENT:
        return None
    known = set(WORD.findall(" ".join(f"{name} {code}" for name, code in lines))) | after
    lists: dict[int, str] = {}
    begins: dict[int, str] = {}
    called: dict[str, str] = {}
    for q in kept:
        lists[q] = _plural(made[0][q], known)
        known.add(lists[q])
        start = roles.carried.get(q, "")
        begins[q] = start if start.isidentifier() and start not in roles.steady else ""
        called |= {names[q]: f"{lists[q]}[{n + bool(begins[q])}]" for n, names in enumerate(made)}
        if begins[q]:
            called.setdefault(start, f"{lists[q]}[0]")
    busy = (after - set(called)) | roles.steady
    target: dict[int, str] = {}
    for q in range(loop.period):
        target[q] = _called(roles.carried.get(q, ""), made[-1][q], busy | set(target.values()))
    if len(set(target.values())) < loop.period:
        return None
    body = _loop(lines, loop, roles, target, known)
    for q, name in lists.items():
        body.insert(0, f"{name} = [{begins[q]}]")
        body.append(f"    {name}.append({target[q]})")
    return body, {made[-1][q]: name for q, name in target.items()} | called


def _loop(lines: Sequence[Line], loop: Loop, roles: _Roles, target: dict[int, str], known: set[str]) -> list[str]:
    """What is carried, the head of the loop and its body."""
    first, second = _pass(lines, loop, 0), _pass(lines, loop, 1)
    counter = Counter.of(roles.counts.values(), loop.passes, unused("k", known) if roles.counts else "_")
    inside = {**{x: target[q] for q, x in enumerate(roles.names)}, **{x: target[q] for q, x in roles.carried.items()}}
    body = []
    for j, (_, code) in enumerate(first):
        words = []
        for w, (x, y) in enumerate(pairs(code, second[j][1])):
            if (j, w) in roles.counts:
                words.append(counter.written(roles.counts[j, w]))
            elif y in roles.names:
                words.append(target[roles.names.index(y)])
            else:
                words.append(inside[x] if x in roles.names else x)
        body.append(filled(code, words))
    setup = [f"{target[q]} = {x}" for q, x in roles.carried.items() if target[q] != x]
    left = [target[q] for q in range(loop.period)]
    assigned = [f"{name} = {code}" for name, code in zip(left, body, strict=True)]
    if roles.together:
        assigned = [f"{', '.join(left)} = {', '.join(body)}"]
    return [*setup, f"for {counter.name} in {counter.range}:", *(f"    {line}" for line in assigned)]


def _called(start: str, end: str, elsewhere: set[str]) -> str:
    """What a value that is handed on is called: as it was before the loop, when that name is free to change."""
    return start if start.isidentifier() and start not in elsewhere else end


def _plural(name: str, known: set[str]) -> str:
    """xs for x, ts for t1."""
    return unused(f"{name.rstrip('0123456789') or name}s", known)
