"""Long programs are hidden from the garbage collector, and freed all the same."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.program import CONSTANT, INPUT, Program, Step, hidden

pytestmark = pytest.mark.usefixtures("collected")

F64 = np.dtype(np.float64)


def chain(length: int, value: Any) -> Program:
    first, constant = Step(INPUT, (), {}, (3,), F64), Step(CONSTANT, (), {"value": value}, (3,), F64)
    last = first
    for _ in range(length):
        last = Step("add", (last, constant), {}, (3,), F64)
    return Program([first], [last])


def test_a_long_program_is_hidden_and_freed_without_recursion() -> None:
    value = np.ones(3)
    program, short, there = chain(200_000, value), chain(10, np.zeros(3)), weakref.ref(value)
    hidden(program)
    hidden(short)
    assert not any(gc.is_tracked(s) for s in program.steps())
    assert all(gc.is_tracked(s) for s in short.steps())
    gc.collect()
    assert there() is value
    del program, value
    assert there() is None


def test_what_jit_recorded_goes_with_the_function() -> None:
    def steps(x: Any) -> Any:
        for _ in range(1000):
            x = np.sin(x) * weights + 1.0
        return x[0]

    weights = np.full(3, 0.5)
    compiled = cr.jit(cr.grad(steps))
    compiled(np.ones(3))
    version = compiled.version
    programs = [version.recorded, version.program, version.executable.program]
    assert not any(gc.is_tracked(x) for p in programs for s in p.steps() for x in (s, s.args, s.settings, p.steps()))
    shapes = [s.shape for s in version.recorded.steps() if s.args]
    assert len(set(map(id, shapes))) == len(set(shapes))
    kept = [s.settings["value"] for s in version.recorded.steps() if s.op == CONSTANT and s.shape]
    there = [weakref.ref(x) for x in kept]
    assert there
    del compiled, version, programs, kept
    gc.collect()
    assert all(found() is None for found in there)


def test_recording_indices_leaves_no_garbage() -> None:
    def f(x: Any) -> Any:
        return sum(x[k] * x[k + 1] for k in range(200))

    compiled = cr.jit(f)
    gc.collect()
    gc.disable()
    try:
        compiled(np.ones(201))
        found = gc.collect()
    finally:
        gc.enable()
    assert found < 200
