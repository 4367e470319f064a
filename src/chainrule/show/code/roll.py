"""Lines that repeat, rolled back into a loop.

A recording has every pass of a loop written out. Where the passes look the same, but for names that are handed
from one pass to the next and for integers that count up, they become a `for` again. A loop whose intermediate
values are needed later (the sweep of a loop, as a rule) cannot be rolled: a comment says how long it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

Line = tuple[str, str]

WORD = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*|\d+)(?![\w.(])")
LONGEST_PASS = 8
FEWEST_PASSES = 3
WORTH_A_COMMENT = 4


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
    rest, position = list(lines), 0
    while position < len(rest):
        loop = _longest(rest, position)
        written = _written(rest, returned, loop) if loop else None
        if loop is None:
            done.append(" = ".join(rest[position]))
            position += 1
            continue
        if written:
            code, renamed = written
            done += code
            rest[loop.end :] = [(name, _renamed(c, renamed)) for name, c in rest[loop.end :]]
            returned = _renamed(returned, renamed)
        else:
            if loop.passes >= WORTH_A_COMMENT:
                done.append(f"# {loop.passes} passes of a loop, written out:")
            done += [f"{name} = {code}" for name, code in rest[position : loop.end]]
        position = loop.end
    return done, returned


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


def _words(a: str, b: str) -> Iterator[tuple[str, str]]:
    return zip(WORD.findall(a), WORD.findall(b), strict=True)


def _continues(lines: Sequence[Line], loop: Loop) -> bool:
    """Whether what follows `loop` does with its last pass what that one did with the pass before it."""
    if loop.end + loop.period > len(lines):
        return False
    before, after = _pass(lines, loop, loop.passes - 1), _pass(lines, loop, loop.passes)
    old, new = [name for name, _ in before], [name for name, _ in after]
    for (_, a), (_, b) in zip(before, after, strict=True):
        if WORD.sub("#", a) != WORD.sub("#", b):
            return False
        for x, y in _words(a, b):
            if y in new:
                same = x in old and old.index(x) == new.index(y)
            elif y in old:  # handed on by the pass before; in the first pass it came from anywhere
                same = loop.passes == 1 or x in {name for name, _ in _pass(lines, loop, loop.passes - 2)}
            else:
                same = x == y or (x.isdigit() and y.isdigit() and int(y) == int(x) + 1)
            if not same:
                return False
    return True


def _written(lines: Sequence[Line], returned: str, loop: Loop) -> tuple[list[str], dict[str, str]] | None:
    """The loop as code, and what the names of its last pass are called now; None where it cannot be rolled."""
    first, second = _pass(lines, loop, 0), _pass(lines, loop, 1)
    names, last = [name for name, _ in first], [name for name, _ in _pass(lines, loop, loop.passes - 1)]
    after = set(WORD.findall(" ".join([code for _, code in lines[loop.end :]] + [returned])))
    if after & {name for name, _ in lines[loop.start : loop.end]} - set(last):
        return None  # a value from inside the loop is needed later
    carried: dict[int, str] = {}  # line of a pass -> what it continues before the first pass
    counts: dict[tuple[int, int], int] = {}  # (line, word) of an integer that counts up -> where it begins
    steady: set[str] = set()  # what is the same in every pass
    together = chained = False  # whether the lines must be assigned at once, and whether one reads another
    for j, ((_, a), (_, b)) in enumerate(zip(first, second, strict=True)):
        for w, (x, y) in enumerate(_words(a, b)):
            if y in names:
                together = together or names.index(y) < j
                if carried.setdefault(names.index(y), x) != x:
                    return None
            elif x.isdigit() and x != y:
                counts[j, w] = int(x)
            elif x == y:
                steady.add(x)
            chained = chained or x in names
    if (together and chained) or not _steady(lines, loop, counts):
        return None
    target = {q: _called(carried.get(q, ""), last[q], after | steady) for q in range(loop.period)}
    if len(set(target.values())) < loop.period:
        return None
    begin = min(counts.values(), default=0)
    counter = _unused("k", lines) if counts else "_"
    roles = {**{x: target[q] for q, x in enumerate(names)}, **{x: target[q] for q, x in carried.items()}}
    body = [
        _body(code, j, second[j][1], names, target, roles, counts, counter, begin) for j, (_, code) in enumerate(first)
    ]
    setup = [f"{target[q]} = {x}" for q, x in carried.items() if target[q] != x]
    head = f"for {counter} in range({f'{begin}, ' if begin else ''}{begin + loop.passes}):"
    left = [target[q] for q in range(loop.period)]
    if together:
        steps = [f"{', '.join(left)} = {', '.join(body)}"]
    else:
        steps = [f"{name} = {code}" for name, code in zip(left, body, strict=True)]
    return [*setup, head, *(f"    {step}" for step in steps)], {last[q]: target[q] for q in target}


def _called(start: str, end: str, elsewhere: set[str]) -> str:
    """What a value that is handed on is called: as it was before the loop, when that name is free to change."""
    return start if start.isidentifier() and start not in elsewhere else end


def _steady(lines: Sequence[Line], loop: Loop, counts: dict[tuple[int, int], int]) -> bool:
    """Whether integers that change from the first pass to the second go on doing so, and others stay."""
    for n in range(loop.passes):
        for j, ((_, a), (_, b)) in enumerate(zip(_pass(lines, loop, 0), _pass(lines, loop, n), strict=True)):
            for w, (x, y) in enumerate(_words(a, b)):
                if x.isdigit() and y.isdigit() and int(y) != int(x) + (n if (j, w) in counts else 0):
                    return False
    return True


def _body(
    code: str,
    j: int,
    later: str,
    names: Sequence[str],
    target: dict[int, str],
    roles: dict[str, str],
    counts: dict[tuple[int, int], int],
    counter: str,
    begin: int,
) -> str:
    """Line j of the first pass, with the names it has inside the loop."""
    words: list[str] = []
    for w, (x, y) in enumerate(_words(code, later)):
        if (j, w) in counts:
            shift = counts[j, w] - begin
            words.append(f"{counter} + {shift}" if shift else counter)
        elif y in names:
            words.append(target[names.index(y)])
        else:
            words.append(roles[x] if x in names else x)
    following = iter(words)
    return WORD.sub(lambda _: next(following), code)


def _unused(name: str, lines: Sequence[Line]) -> str:
    used = set(WORD.findall(" ".join(f"{n} {c}" for n, c in lines)))
    while name in used:
        name += "_"
    return name


def _renamed(code: str, names: dict[str, str]) -> str:
    return WORD.sub(lambda m: names.get(m[0], m[0]), code)
