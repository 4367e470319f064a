"""Long programs compiled by what becomes of short ones.

The passes and the planning take as long as a program is. So they are run on a program with a few iterations in each
loop, and on two with one and two iterations more. They work from place to place and know no number of iterations, so
that each number in the code is a sum `a + b * iterations`: the length of a loop, a place in memory. Two programs tell
a and b, the third has to agree, and then the code for all iterations is written down.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.jit.extrapolate.iterated import KEPT, Iterated, iterated
from chainrule.jit.extrapolate.slopes import Slopes, grows, longer, turns
from chainrule.jit.loops.periods import TURNS
from chainrule.jit.loops.rows import LEAST
from chainrule.jit.program import CONSTANT, Program, Step, hidden
from chainrule.jit.program import alike as same
from chainrule.jit.reroll.code import Written, written
from chainrule.jit.reroll.layout import Layout
from chainrule.jit.reroll.rolled import Rolled
from chainrule.jit.reroll.rolling import Partitioned, Pays, careful_once, partitioned
from chainrule.jit.run.alike import Alike

SAMPLES = 3
"""Programs that are compiled: two tell what a number is for any count of iterations, the others have to agree."""

TRIED = 6
"""Programs that are tried until three in a row agree: near their ends, short loops may be divided in other ways."""

KNOWN = 4
"""Programs of one function whose samples are remembered."""


@dataclass(frozen=True, eq=False, slots=True)
class _Samples:
    """A program with few iterations, KEPT and `more`, and by how much its parts and its code grow with each.

    ends   the first and the last one of the programs that told, before the passes; none where earlier ones told
    free   lengths of arrays that its code is for any number of
    """

    more: int
    ends: tuple[Program, ...]
    first: Partitioned
    code: Written
    turns: Sequence[int]
    slopes: Slopes
    free: frozenset[int] | None


class Known:
    """What was found of the programs of one function. Those with other numbers of iterations, as another way through
    its branches has them, are the same when they are shortened; those for other lengths differ in numbers only.

    ways   the codes of the former
    """

    def __init__(self) -> None:
        self.ways = Alike()
        self._samples: list[_Samples] = []
        self._shared: set[_Samples] = set()

    def keep(self, samples: _Samples) -> None:
        """Remember some more."""
        self._samples = [samples, *self._samples][:KNOWN]

    def again(self, whole: Iterated, free: frozenset[int] | None) -> _Samples | None:
        """The samples of a program that becomes the same ones when it is shortened."""
        for one in self._samples:
            if one.free == free and _same_ends(whole, one):
                return one
        return None

    def grown(self, more: int, first: Partitioned, code: Written, free: frozenset[int]) -> _Samples | None:
        """The samples that a program is the first of: two programs grew by the same, and are this one but for their
        numbers."""
        like = [one for one in self._samples if one.more == more and one.free and len(one.turns) == len(first.parts)]
        for k, one in enumerate(like):
            told = any(one.slopes == other.slopes and one.turns == other.turns for other in like[:k])
            if told and one.slopes.fits(code.code):
                return _Samples(more, (), first, code, one.turns, one.slopes, free)
        return None

    def examples(self, samples: _Samples, code: Written) -> list[Written]:
        """Codes that tell in which numbers those of other ways differ, when that is not known yet."""
        if samples in self._shared:
            return []
        self._shared.add(samples)
        holds = code.holds[: len(code.holds) - samples.slopes.guards - 1] + code.holds[-1:]
        fewer = samples.slopes.extrapolated(code, -1, holds)
        return [] if fewer is None else [fewer]


def _same_ends(whole: Iterated, one: _Samples) -> bool:
    by = whole.iterations - KEPT - one.more
    return bool(one.ends) and all(
        same(end, whole.shortened(by - k)) for end, k in zip(one.ends, (0, SAMPLES - 1), strict=True)
    )


def build(
    recorded: Program,
    passed: Callable[[Program], Program | None],
    *,
    strict: bool,
    pays: Pays,
    careful: Callable[[], Program],
    finite: bool = False,
    alike: Alike | None = None,
    known: Known | None = None,
) -> Rolled | None:
    """Machine code for a recorded program; None where its repetition is too irregular for that, or not worth it.

    passed   makes of a recorded program one to be compiled, or None where it cannot be
    strict, pays, careful, finite, alike   as `reroll.build` takes them
    known    what was found of the programs of the function so far
    """
    whole, known = iterated(recorded), known or Known()
    if whole is None:
        return None
    free = None if alike is None else alike.lengths
    found, examples = known.again(whole, free), list[Written]()
    again = found is not None
    if found is None:
        found = _sampled(whole, passed, strict, pays, finite, free, known)
    if found is None:
        return None
    beyond = whole.iterations - KEPT - found.more
    parts = longer(found.first.parts, found.turns, beyond)
    holds = bytes([g.holds for g in recorded.guards]) + bytes([True] if found.first.loose else [])
    code = found.slopes.extrapolated(found.code, beyond, holds)
    if code is None or not pays(parts, len(found.first.layout.steps) + found.slopes.steps * beyond):
        return None
    if again and alike is None:
        alike, examples = known.ways, known.examples(found, code)
    layout = found.first.layout
    if found.slopes.results:
        if len(layout.program.outputs) + found.slopes.results * beyond != len(recorded.outputs):
            return None
        layout = replace(layout, program=replace(layout.program, outputs=recorded.outputs))
    whole.constants()
    spare = careful_once(careful) if found.first.loose else None

    @functools.cache
    def whole_program() -> Program:
        program = passed(recorded) or recorded
        hidden(program)
        return program

    rolled = Rolled(layout, parts, strict, spare, code, whole_program, alike, examples)
    return rolled if recorded.sample is None or _confirmed(rolled, *recorded.sample) else None


def _sampled(
    whole: Iterated,
    passed: Callable[[Program], Program | None],
    strict: bool,
    pays: Pays,
    finite: bool,
    free: frozenset[int] | None,
    known: Known,
) -> _Samples | None:
    """A program with few iterations, and with a few more, compiled."""
    least = max(LEAST * KEPT // whole.iterations, TURNS)  # so that the loops are those of all iterations
    samples: list[Partitioned] = []
    programs: list[Program] = []
    for more in range(max(SAMPLES, min(TRIED, whole.gain // 2))):
        program = whole.shortened(whole.iterations - KEPT - more)
        ready = passed(program)
        found = None if ready is None else partitioned(ready, strict, lambda *_: True, least, finite)
        if found is None:
            return None
        if free and more == 0:
            told = known.grown(more, found, written(found.layout, found.parts, strict, free), free)
            if told is not None:
                return told
        samples, programs = [*samples, found][-SAMPLES:], [*programs, program][-SAMPLES:]
        slopes = turns([one.parts for one in samples]) if len(samples) == SAMPLES else None
        if slopes is not None:
            break
    else:
        return None
    first, fewest = samples[0], more + 1 - SAMPLES
    beyond, steps = whole.iterations - KEPT - fewest, [len(one.layout.steps) for one in samples]
    grown = grows(steps)
    same = len({one.loose for one in samples}) == 1 and _alike([one.layout for one in samples])
    if grown is None or not same or not pays(longer(first.parts, slopes, beyond), steps[0] + grown * beyond):
        return None
    codes = [written(one.layout, one.parts, strict, free) for one in samples]
    numbers = Slopes.of(codes, steps, [len(one.layout.program.outputs) for one in samples])
    if numbers is None:
        return None
    made = _Samples(fewest, (programs[0], programs[-1]), first, codes[0], slopes, numbers, free)
    known.keep(made)
    return made


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


def _alike(found: Sequence[Layout]) -> bool:
    """Whether the programs take, give and hold the same."""
    first = found[0]
    return all(
        _results(other.program.outputs) == _results(first.program.outputs)
        and _kinds(other.made) == _kinds(first.made)
        and len(other.arrays) == len(first.arrays)
        and all(map(_same, other.arrays, first.arrays))
        for other in found[1:]
    )


def _results(steps: Sequence[Step]) -> object:
    """The kinds of results; of single numbers of one type there may be any number."""
    kinds = _kinds(steps)
    return {*kinds} if not any(s.shape for s in steps) and len({*kinds}) == 1 else kinds


def _kinds(steps: Sequence[Step]) -> list[object]:
    return [(step.shape, step.dtype) for step in steps]


def _same(a: Step, b: Step) -> bool:
    if a is b or a.op != CONSTANT or b.op != CONSTANT:
        return a is b
    x, y = np.asarray(a.settings["value"]), np.asarray(b.settings["value"])
    return (x.shape, x.dtype) == (y.shape, y.dtype) and x.tobytes() == y.tobytes()
