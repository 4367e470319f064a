"""A program as a function of another library's arrays, and what runs it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ChainruleError
from chainrule.jit.backend.functions import function_of, joined, refused
from chainrule.jit.backend.library import Computation, Library
from chainrule.jit.program import CONSTANT, INPUT, Program, Step

MOST = 20_000
"""Operations of a program that is handed to a compiler. XLA takes a minute for some ten thousand on single numbers."""


class Translated:
    """A program by the functions of a library: call it with the program's inputs on a device."""

    def __init__(self, program: Program, library: Library, device: Any) -> None:
        steps = program.steps()
        self.library, self._device = library, device
        place = {id(step): k for k, step in enumerate([*program.inputs, *(s for s in steps if s.op == CONSTANT)])}
        self._constants = [np.asarray(s.settings["value"], s.dtype) for s in steps if s.op == CONSTANT]
        if library.lasting:
            self._constants = [library.array(x, device) for x in self._constants]
        self._computed: list[tuple[Any, list[int], Step]] = []
        for step in steps:
            if step.op not in (INPUT, CONSTANT):
                self._computed.append((function_of(step, library), [place[id(a)] for a in step.args], step))
                place[id(step)] = len(place)
        self._guards = [(place[id(g.step)], g.holds) for g in program.guards]
        self._outputs = [place[id(s)] for s in program.outputs]

    def __call__(self, inputs: Sequence[Any]) -> tuple[Any, list[Any]]:
        """Whether each guard holds, in one array (None where there are none), and the results."""
        library, xp = self.library, self.library.xp
        constants = self._constants
        if not library.lasting:
            constants = [library.array(x, self._device) for x in constants]
        values = [*inputs, *constants]
        for compute, places, step in self._computed:
            args = [values[k] for k in places]
            try:
                y = compute(*args)
            except (AttributeError, NotImplementedError, TypeError) as error:
                if isinstance(error, ChainruleError):
                    raise
                raise refused(step, library, step.op, str(error).split("\n")[0]) from error
            values.append(self._typed(y, step))
        holds = [values[k] if held else xp.logical_not(values[k]) for k, held in self._guards]
        return (joined(xp, holds) if holds else None), [values[k] for k in self._outputs]

    def _typed(self, y: Any, step: Step) -> Any:
        """A result in the shape and the type of its step."""
        if not self.library.owns(y):
            y = self.library.array(np.asarray(y, step.dtype), self._device)
        y = self.library.cast(y, step.dtype)
        return y if tuple(y.shape) == step.shape else self.library.xp.broadcast_to(y, step.shape)


class Elsewhere:
    """`run` computes a program's results with another library. The interface is that of machine code."""

    partition = None

    def __init__(self, program: Program, library: Library) -> None:
        self._program, self._library = program, library
        self._translated: Translated | None = None
        self._compiled: Computation | None = None
        self.failed, self.compile_seconds = -1, 0.0
        self.shares: list[str] = []

    def run(self, inputs: Sequence[Any]) -> tuple[bool, list[Any]]:
        """Whether every guard holds, and the results. `failed` is then the first guard that did not."""
        library, program = self._library, self._program
        if any(map(library.unknown, inputs)):
            if program.guards:
                lines = ", ".join(dict.fromkeys(g.line for g in program.guards))
                raise ArgumentError.here(
                    f"inside of a transform of {library.title} numbers are not known, and this jitted function "
                    f"asks for them ({lines}); choose with np.where in place of if, or transform with Chainrule: "
                    f'cr.jit(cr.grad(f), backend="{library.name}")'
                )
            return True, self._function(inputs)(inputs)[1]
        with library.in_double():
            holds, results = self._compile(inputs) if self._compiled is None else self._compiled(inputs)
            if holds is not None:
                held = library.on_host(holds)
                if not held.all():
                    self.failed = int(np.argmin(held))
                    return False, []
        return True, results

    def _function(self, inputs: Sequence[Any]) -> Translated:
        if self._translated is None:
            device = self._library.device(inputs[0]) if inputs else None
            self._translated = Translated(self._program, self._library, device)
        return self._translated

    def _compile(self, inputs: Sequence[Any]) -> tuple[Any, list[Any]]:
        """The first run, which compiles."""
        count = len(self._program.steps())
        if count > MOST:
            raise ArgumentError.here(
                f"{count:,} operations are more than {self._library.title} compiles in reasonable time (up to "
                f'{MOST:,}); leave out backend="{self._library.name}": jit finds loops in a long program'
            )
        start = time.perf_counter()
        compiled, how = self._library.compiled(self._function(inputs), inputs)
        found = compiled(inputs)
        self._compiled, self.shares = compiled, [how]
        self.compile_seconds = time.perf_counter() - start
        return found

    def llvm(self) -> str:
        """Refused: the machine code is the framework's."""
        raise ArgumentError.here(f"the program is compiled by {self._library.title}, which has its own tools")

    assembly = llvm
