"""How a program is compiled: long programs of single numbers with their repetition rolled into loops, others as
kernels over arrays."""

from __future__ import annotations

from chainrule.jit import kernel, roll
from chainrule.jit.kernel import Executable
from chainrule.jit.partition.strided import Layout
from chainrule.jit.program import Program
from chainrule.jit.progress import progress
from chainrule.jit.roll import Rolled

LONG = 1000
"""Single numbers from which on repetition is looked for; fewer compile in no time as they stand."""


def build(program: Program, *, strict: bool = False, threads: int = 1, layout: Layout = ()) -> Executable | Rolled:
    """Machine code for a program. Past two seconds a terminal shows that it is being made.

    strict    products and sums round as NumPy's do, in NumPy's order
    threads   that share the work on large arrays
    layout    how the arguments lie in memory

    Raises MissingExtra without llvmlite, and ArgumentError for programs too long to compile.
    """
    steps = program.steps()
    single = sum(not step.shape for step in steps)
    with progress(f"jit compiles {len(steps):,} operations"):
        rolled = roll.build(program, strict=strict) if single >= LONG else None
        return rolled or kernel.build(program, strict=strict, threads=threads, layout=layout)
