"""How a program is compiled: long programs on single numbers and short arrays with their repetition rolled into loops,
others as kernels over arrays."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.jit import extrapolate, reroll
from chainrule.jit.emit.build import build as build_kernels
from chainrule.jit.emit.executable import Executable
from chainrule.jit.loops.find import Part, size
from chainrule.jit.loops.loop import Loop
from chainrule.jit.packs.packed import may_pack, packed
from chainrule.jit.plan.kinds import SIMPLE
from chainrule.jit.plan.relaxed_zeros import hides
from chainrule.jit.plan.strided import Layout
from chainrule.jit.program import Program
from chainrule.jit.reroll import Rolled
from chainrule.jit.reroll.overhead import SLOWER, layers, overhead
from chainrule.jit.reroll.rolling import Pays, halved, large
from chainrule.jit.run.alike import Alike
from chainrule.jit.run.progress import progress

LONG = 1000
"""Single numbers from which on repetition is looked for; fewer compile in no time as they stand."""

MANY = 4000
"""The same for steps of any kind. Kernels over arrays gain from being one, as long as they compile in seconds."""

SOME = 500
"""The same where loops cost next to nothing: kernels of so many steps compile in half a second."""

VAST = 20_000
"""Steps of which one kernel would take a minute."""

APART = 60_000
"""Steps up to which loops of functions like exp are left to the passes where no iteration waits for another: as arrays
they are computed several at a time. 1,000 terms of a sum take 1.9 us in place of 4.4, and 0.2 s more in the first call.
"""

LOOP = 100
"""Operations that a loop over arrays must save for what it stores and loads. A network of 2-48-48-1 on single numbers,
for a batch of 100, takes 84 us in one kernel, and 235 as a hundred loops."""


def pays(parts: list[Part], steps: int) -> bool:
    """Whether loops over short arrays are better than one kernel: few of them, in place of many steps."""
    stored = LOOP * sum(isinstance(part, Loop) for part in parts)
    return 8 * (size(parts) + stored) <= steps or (steps >= VAST and halved(parts, steps))


def costs_nothing(parts: list[Part], steps: int) -> bool:
    """Whether loops over short arrays take about as long as one kernel, and are compiled in a fraction of the time."""
    loops = sum(isinstance(part, Loop) for part in parts)
    return 8 * (size(parts) + 20 * loops) <= steps and (overhead(parts) <= SLOWER or layers(parts))


def shared(worth: Pays, threads: int) -> Pays:
    """`worth` for so many threads: they share the work on large arrays, which loops would leave to one."""
    return worth if threads == 1 else lambda parts, steps: worth(parts, steps) and not large(parts)


def arrays_gain(recorded: Program, parts: list[Part]) -> bool:
    """Whether loops would be quicker as arrays: of functions of single numbers that wait for no other iteration."""
    loops = [part for part in parts if isinstance(part, Loop)]
    return (
        len(recorded.steps()) <= APART
        and may_pack(recorded)
        and any(s.op not in SIMPLE for loop in loops for s in loop.body)
        and not any(loop.recurs or any(s.shape for s in loop.body) for loop in loops)
    )


def build_repeated(
    recorded: Program,
    simple: Callable[[Program], Program],
    *,
    strict: bool,
    threads: int,
    careful: Callable[[], Program],
    finite: bool,
    alike: Alike | None = None,
    known: extrapolate.Known | None = None,
) -> Rolled | None:
    """Machine code for a recorded program that does the same many times over, from what the passes, `simple`, make of a
    few of its iterations; None where there is no such repetition, or it is better compiled in another way."""
    if len(recorded.steps()) < MANY:
        return None

    def passed(program: Program) -> Program | None:
        found = simple(program)
        return None if hides(found) else found

    worth = shared(pays, threads)
    gains = worth if strict else lambda parts, steps: worth(parts, steps) and not arrays_gain(recorded, parts)
    with progress(f"jit compiles {len(recorded.steps()):,} operations"):
        return extrapolate.build(
            recorded, passed, strict=strict, pays=gains, careful=careful, finite=finite, alike=alike, known=known
        )


def build(
    program: Program,
    *,
    strict: bool = False,
    threads: int = 1,
    layout: Layout = (),
    careful: Callable[[], Program] | None = None,
    finite: bool = False,
    alike: Alike | None = None,
) -> Executable | Rolled:
    """Machine code for a program. Past two seconds a terminal shows that it is being made.

    strict    products and sums round as NumPy's do, in NumPy's order
    threads   that share the work on large arrays
    layout    how the arguments lie in memory
    careful   makes the program for calls with nan among the results; by default it is `program`, whose zeros win
    finite    it runs where a result is infinite, too; its results are `Doubtful`
    alike     the programs of the function for other lengths, with which it shares machine code

    Raises MissingExtra without llvmlite, and ArgumentError for programs too long to compile.
    """
    whole, careful = program, careful or (lambda: whole)
    quick = program if strict else packed(program)
    steps = quick.steps()
    numbers, arrays = sum(not step.shape for step in steps) >= LONG, len(steps) >= SOME
    with progress(f"jit compiles {len(steps):,} operations"):
        if numbers or arrays:
            worth = shared(pays if len(steps) >= MANY else costs_nothing, threads) if arrays else None
            rolled = reroll.build(quick, strict=strict, pays=worth, careful=careful, finite=finite, alike=alike)
            if rolled is not None:
                return rolled
        return build_kernels(
            quick, strict=strict, threads=threads, layout=layout, careful=careful, finite=finite, alike=alike
        )
