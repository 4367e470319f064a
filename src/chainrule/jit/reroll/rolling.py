"""From a program to a Rolled: what can be rolled, and whether it pays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from chainrule.errors import ArgumentError
from chainrule.jit.emit.build import build_careful
from chainrule.jit.emit.executable import Executable
from chainrule.jit.emit.rows import writable
from chainrule.jit.loops.find import Part, roll, size
from chainrule.jit.loops.loop import Loop
from chainrule.jit.loops.rows import LEAST
from chainrule.jit.plan.kinds import Kind, kind_of
from chainrule.jit.plan.plan import prepared
from chainrule.jit.plan.relaxed_zeros import guarded, relaxed
from chainrule.jit.program import Program, Step
from chainrule.jit.reroll import rolled
from chainrule.jit.reroll.fission import divided
from chainrule.jit.reroll.layout import Layout, layout, single
from chainrule.jit.reroll.overhead import apart
from chainrule.jit.reroll.relaxed_zeros import loose
from chainrule.jit.reroll.rolled import Rolled
from chainrule.jit.run.alike import Alike

MOST = 400_000
"""Operations that are compiled; those of a loop count once."""

Pays = Callable[[list[Part], int], bool]

SHORT = 4096
"""Elements of the largest array that a loop may hand from one function to another; larger ones stay in one kernel, if
that can do without storing them."""


def halved(parts: list[Part], steps: int) -> bool:
    """Whether at most half of the steps is left."""
    return size(parts) <= steps / 2


def build(
    program: Program,
    *,
    strict: bool = False,
    pays: Pays | None = halved,
    careful: Callable[[], Program] | None = None,
    finite: bool = False,
    alike: Alike | None = None,
) -> Rolled | None:
    """The program as machine code; None where it computes with rows that machine code lacks.

    strict   no two operations become one, so that results agree with the rows bit by bit
    careful  makes the program for calls with nan among the results; by default it is `program`, whose zeros win
    finite   it runs where a result is infinite, too; its results are `Doubtful`
    alike    the programs of the function for other lengths, with which machine code is shared
    pays     whether the parts that so many steps become are worth it, where arrays are computed; without, None for such
             programs

    Raises ArgumentError where more than MOST operations on single numbers are left after rolling.
    """
    found = partitioned(program, strict, pays, finite=finite)
    if found is None:
        return None
    spare = careful_once(careful or (lambda: program)) if found.loose else None
    return Rolled(found.layout, found.parts, strict, spare, alike=alike)


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A program's memory and its parts. A `loose` one has another guard, the last one, and needs a careful program for
    where that does not hold."""

    layout: Layout
    parts: list[Part]
    loose: bool


def partitioned(
    program: Program, strict: bool, pays: Pays | None, least: int = LEAST, finite: bool = False
) -> Partitioned | None:
    """The program in parts, as `build` says. A loop saves at least `least` steps."""
    alone = single(program)
    if not alone and pays is None:
        return None
    ready = program if alone else prepared(program, strict)
    if alone:
        quick = loose(ready, strict, finite)
    elif strict:
        quick = guarded(ready) if finite else None
    else:
        quick = relaxed(ready, finite=finite)
    if quick is not None and quick is not ready:
        found = _found(quick, strict, pays, least)
        if found is not None:
            return Partitioned(*found, loose=True)
    found = _found(ready, strict, pays, least)
    return None if found is None else Partitioned(*found, loose=False)


def careful_once(careful: Callable[[], Program]) -> Callable[[], Rolled | Executable]:
    """What makes the machine code of the careful program when it is first asked."""
    return functools.lru_cache(maxsize=1)(lambda: _careful(careful()))


def _careful(program: Program) -> Rolled | Executable:
    found = _found(program if single(program) else prepared(program, False), False, lambda parts, steps: True)
    return build_careful(program) if found is None else Rolled(*found, strict=False)


def _compiles(step: Step, strict: bool) -> bool:
    return writable(step) or kind_of(step, strict) is not Kind.LIBRARY


def _found(program: Program, strict: bool, pays: Pays | None, least: int = LEAST) -> tuple[Layout, list[Part]] | None:
    """The program's memory, and its parts; None where it is not for loops."""
    found = layout(program)
    if found is None:
        return None
    found.calls = {id(s) for s in found.steps if id(s) not in found.ready and not _compiles(s, strict)}
    if found.single:
        if found.calls:
            return None
        parts = roll(found.numbers, least=least)
        if not strict and size(parts) <= rolled.SHORT:
            parts = [one for part in parts for one in (divided(part, least) if isinstance(part, Loop) else [part])]
        _check(parts)
        return found, parts
    parts = roll(found.steps, found.after, found.calls, least)
    if pays is None or not pays(parts, len(found.steps)) or (large(parts) and not apart(parts)):
        return None
    return found, parts


def large(parts: list[Part]) -> bool:
    """Whether a loop hands on arrays that one kernel would rather keep."""
    return any(prod(s.shape) > SHORT for part in parts if isinstance(part, Loop) for s in part.body)


def _check(parts: list[Part]) -> None:
    left = size(parts)
    if left > MOST:
        raise ArgumentError(
            f"jit recorded {left:,} different operations on single numbers, and compiles {MOST:,} at most. Compute "
            "with arrays instead of one number at a time, or jit the part that repeats and call it in a loop"
        )
