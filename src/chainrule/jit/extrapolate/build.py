"""Long programs compiled by what becomes of short ones.

The passes and the planning take as long as a program is. So they are run on a program with a few iterations in each
loop, and on two with one and two iterations more. They work from place to place and know no number of iterations, so
that each number in the code is a sum `a + b * iterations`: the length of a loop, a place in memory. Two programs tell
a and b, the third has to agree, and then the code for all iterations is written down.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.jit.extrapolate.iterated import KEPT, iterated
from chainrule.jit.loops.find import Part
from chainrule.jit.loops.loop import Loop
from chainrule.jit.loops.periods import TURNS
from chainrule.jit.loops.rows import LEAST
from chainrule.jit.program import CONSTANT, Program, Step
from chainrule.jit.reroll.code import Written, written
from chainrule.jit.reroll.layout import Layout
from chainrule.jit.reroll.rolled import Rolled
from chainrule.jit.reroll.rolling import Partitioned, Pays, careful_once, partitioned
from chainrule.jit.run.alike import Alike

SAMPLES = 3
"""Programs that are compiled: two tell what a number is for any count of iterations, the others have to agree."""

TRIED = 6
"""Programs that are tried until three in a row agree: near their ends, short loops may be divided in other ways."""

_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")


def build(
    recorded: Program,
    passed: Callable[[Program], Program | None],
    *,
    strict: bool,
    pays: Pays,
    careful: Callable[[], Program],
    finite: bool = False,
    alike: Alike | None = None,
) -> Rolled | None:
    """Machine code for a recorded program; None where its repetition is too irregular for that, or not worth it.

    passed   makes of a recorded program one to be compiled, or None where it cannot be
    strict, pays, careful, finite, alike   as `reroll.build` takes them
    """
    whole = iterated(recorded)
    if whole is None:
        return None
    least = max(LEAST * KEPT // whole.iterations, TURNS)  # so that the loops are those of all iterations
    samples: list[Partitioned] = []
    for more in range(max(SAMPLES, min(TRIED, whole.gain // 2))):
        program = passed(whole.shortened(whole.iterations - KEPT - more))
        found = None if program is None else partitioned(program, strict, lambda *_: True, least, finite)
        if found is None:
            return None
        samples = [*samples, found][-SAMPLES:]
        beyond = whole.iterations - KEPT - more + SAMPLES - 1
        parts = _parts([one.parts for one in samples], beyond) if len(samples) == SAMPLES else None
        if parts is not None:
            break
    else:
        return None
    steps = _affine([len(one.layout.steps) for one in samples], beyond)
    same = len({one.loose for one in samples}) == 1 and _alike([one.layout for one in samples])
    if steps is None or not same or not pays(parts, steps):
        return None
    free = None if alike is None else alike.lengths
    holds = bytes([g.holds for g in recorded.guards]) + bytes([True] if samples[0].loose else [])
    code = _written([written(one.layout, one.parts, strict, free) for one in samples], beyond, holds)
    if code is None:
        return None
    whole.constants()
    first, spare = samples[0], careful_once(careful) if samples[0].loose else None
    whole_program = functools.cache(lambda: passed(recorded) or recorded)
    rolled = Rolled(first.layout, parts, strict, spare, code, whole_program, alike)
    return rolled if recorded.sample is None or _confirmed(rolled, *recorded.sample) else None


def _confirmed(rolled: Rolled, inputs: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Whether the code gives what the recording gave, but for rounding. What magnifies rounding errors beyond that is
    compiled whole."""
    holds, found = rolled.run(inputs)
    return holds and all(map(_close, found, expected))


def _close(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    digits = 1e-3 if a.dtype == np.float32 else 1e-7
    large = np.max(np.abs(b[np.isfinite(b)]), initial=0.0)
    return bool(np.allclose(a, b, rtol=digits, atol=digits * float(large), equal_nan=True))


def _affine(numbers: Sequence[int], beyond: int) -> int | None:
    """The number `beyond` places after the first one; None where they do not grow by the same."""
    steps = {b - a for a, b in pairwise(numbers)}
    return numbers[0] + beyond * steps.pop() if len(steps) == 1 else None


def _parts(found: Sequence[list[Part]], beyond: int) -> list[Part] | None:
    """The parts, with loops of as many iterations as there are."""
    if len({len(parts) for parts in found}) > 1:
        return None
    made: list[Part] = []
    for several in zip(*found, strict=True):
        first, loops = several[0], [part for part in several if isinstance(part, Loop)]
        if not isinstance(first, Loop) or len(loops) < len(several):
            if loops:
                return None
            made.append(first)
            continue
        count = _affine([loop.count for loop in loops], beyond)
        if count is None or len({loop.period for loop in loops}) > 1:
            return None
        made.append(Loop(first.period, first.steps, first.operands, count - first.count))
    return made


def _alike(found: Sequence[Layout]) -> bool:
    """Whether the programs take, give and hold the same."""
    first = found[0]
    return all(
        _kinds(other.program.outputs) == _kinds(first.program.outputs)
        and _kinds(other.made) == _kinds(first.made)
        and len(other.arrays) == len(first.arrays)
        and all(map(_same, other.arrays, first.arrays))
        for other in found[1:]
    )


def _kinds(steps: Sequence[Step]) -> list[object]:
    return [(step.shape, step.dtype) for step in steps]


def _same(a: Step, b: Step) -> bool:
    if a is b or a.op != CONSTANT or b.op != CONSTANT:
        return a is b
    x, y = np.asarray(a.settings["value"]), np.asarray(b.settings["value"])
    return (x.shape, x.dtype) == (y.shape, y.dtype) and x.tobytes() == y.tobytes()


def _written(found: Sequence[Written], beyond: int, holds: bytes) -> Written | None:
    """The code for all iterations, with guards that are to be as `holds` says; None where it differs by more than
    numbers, or by numbers of another kind."""
    first = found[0]
    slots = _affine([one.slots for one in found], beyond)
    guarded = _affine([len(one.holds) for one in found], beyond) == len(holds)
    if slots is None or not guarded or any(one.between or one.names or one.entries != first.entries for one in found):
        return None
    pieces = [_NUMBER.split(one.code) for one in found]
    if len({len(several) for several in pieces}) > 1:
        return None
    made: list[str] = []
    for texts in zip(*pieces, strict=True):
        if texts.count(texts[0]) == len(texts):
            made.append(texts[0])
            continue
        number = _affine([int(text) for text in texts], beyond) if all(map(str.isdecimal, texts)) else None
        if number is None:
            return None
        made.append(str(number))
    return Written("".join(made), first.entries, [], {}, slots, holds)
