"""The recordings of one function for arguments of one structure, one set of shapes and types, and one set of static
values: a version for each way through the function's branches."""

from __future__ import annotations

import contextlib
import gc
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, JitWarning, at_user_line
from chainrule.jit.captured import Captured, captured
from chainrule.jit.program import Program
from chainrule.jit.results import Results
from chainrule.jit.tracer import new_trace
from chainrule.numbers import Carrier
from chainrule.transforms.products import settled

VERSIONS = 32
"""Ways through a function that are kept for one specialisation; beyond, it runs without a recording."""

Build = Callable[[Program], tuple[Program, Any]]
"""What optimises a recorded program, and compiles it."""


class Version:
    """One way through the function: its program as recorded, its machine code, and how results are put together."""

    def __init__(self, program: Program, results: Results, outside: list[Captured], build: Build, seconds: float):
        self.recorded, self.outside, self.record_seconds = program, outside, seconds
        self.program, self.executable = build(program)
        self.results = results.put
        self.run = self.executable.run


class Specialisation:
    """A function for one kind of arguments. `dynamic` are the places of numbers among the flattened arguments."""

    def __init__(self, f: Callable[..., Any], structure: Any, leaves: Sequence[Any], dynamic: list[int], build: Build):
        self.f, self.structure, self.build = f, structure, build
        self.static = [None if k in set(dynamic) else x for k, x in enumerate(leaves)]
        self.dynamic = dynamic
        self.all_dynamic = len(dynamic) == len(leaves)
        self.versions: list[Version] = []
        self._warned = False

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """The result for these flattened arguments."""
        inputs = leaves if self.all_dynamic else [leaves[k] for k in self.dynamic]
        for k, version in enumerate(self.versions):
            for outside in version.outside:
                outside.check()
            holds, outputs = version.run(inputs)
            if holds:
                if k:
                    self.versions.insert(0, self.versions.pop(k))
                return version.results(outputs)
        return self._new(list(inputs))

    def _new(self, inputs: list[Any]) -> Any:
        """Record the way these numbers take, and go it."""
        if len(self.versions) >= VERSIONS:
            return self._unrecorded(inputs)
        with _collecting_later():
            version = self.recorded(inputs)
        self.versions.insert(0, version)
        holds, outputs = version.run(inputs)
        if not holds:
            raise ArgumentError(_not_repeatable(version))
        return version.results(outputs)

    def recorded(self, inputs: list[Any]) -> Version:
        """A version recorded with `inputs`."""
        begin = time.perf_counter()
        run = new_trace()
        out = self._called([run.input(x) for x in inputs])
        leaves, structure = trees.flatten(out)
        leaves = [_settled(y) for y in leaves]
        run.over = True
        results = Results(structure, leaves)
        program = Program(run.inputs, results.steps, run.guards)
        seconds = time.perf_counter() - begin
        return Version(program, results, [*captured(self.f), *run.outside()], self.build, seconds)

    def _called(self, numbers: Sequence[Any]) -> Any:
        leaves = list(self.static)
        for k, x in zip(self.dynamic, numbers, strict=True):
            leaves[k] = x
        args, settings = trees.unflatten(self.structure, leaves)
        return lift(self.f)(*args, **settings)

    def _unrecorded(self, inputs: list[Any]) -> Any:
        if not self._warned:
            self._warned = True
            guard = self.versions[0].recorded.guards[-1]
            warnings.warn(
                f"a jitted function took {VERSIONS} ways through its branches ({guard.line}, ...); calls that take yet "
                "another one run without a recording. Choose between numbers with np.where in place of if",
                JitWarning,
                stacklevel=4,
            )
        return self._called(inputs)


@contextlib.contextmanager
def _collecting_later() -> Iterator[None]:
    """Without the garbage collector: it would look at a recording's many objects again and again, all in use."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _settled(y: Any) -> Any:
    y = settled(y, -1) if isinstance(y, np.ndarray) else y
    if isinstance(y, Carrier):
        raise ArgumentError(
            at_user_line(
                f"a jitted function returned a {type(y).__name__}; return numbers and arrays, for a Value its .data"
            )
        )
    return y


def _not_repeatable(version: Version) -> str:
    lines = ", ".join(dict.fromkeys(g.line for g in version.recorded.guards))
    return (
        "a jitted function took another way the second time with the same arguments: its branches depend on more "
        f"than its arguments, or on the last digits of a number ({lines})"
    )


__all__ = ["VERSIONS", "Specialisation", "Version"]
