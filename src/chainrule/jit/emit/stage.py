"""A native function and the library calls that follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.memory import LINE, WRITING, Memory
from chainrule.jit.program import CONSTANT, Step
from chainrule.jit.replay import computation


@dataclass(frozen=True)
class Stage:
    """`texts` are functions in LLVM's language, `name` is the one to call, once for each of `parts`; `calls` are what
    NumPy computes then."""

    name: str
    texts: list[str]
    declared: dict[str, str]
    calls: list[Step]
    parts: int = 1


@dataclass(frozen=True)
class Written:
    """A program in LLVM's language: its stages, where numbers are kept between functions, and what threads share."""

    cells: dict[Step, int]
    stages: list[Stage]
    shares: list[str]


class Scratch:
    """Memory for one run at a time, and arrays that look into it."""

    def __init__(self, size: int) -> None:
        memory = np.empty(size + LINE, np.uint8)
        skip = -memory.ctypes.data % LINE
        self.bytes = memory[skip : skip + size]
        self.address = self.bytes.ctypes.data
        self._arrays: dict[Step, Any] = {}

    def array(self, step: Step, at: int) -> Any:
        found = self._arrays.get(step)
        if found is None:
            found = np.ndarray(step.shape, step.dtype, self.bytes.data, at)
            self._arrays[step] = found
        return found


Getter = Callable[[list[Any], list[Any], Scratch], Any]


class Call:
    """A step computed by its row, from arrays in memory into an array in memory."""

    def __init__(self, step: Step, memory: Memory, cells: dict[Step, int]) -> None:
        self.step = step
        self._get = [_getter(a, memory, cells) for a in step.args]
        self._home = memory.home(step)
        self._out = _getter(step, memory, cells) if step.op in WRITING and step.shape else None
        self._compute = computation(step)
        self._own = any(step is s for s in memory.plan.outputs)

    def run(self, inputs: list[Any], slots: list[Any], scratch: Scratch) -> None:
        args = [get(inputs, slots, scratch) for get in self._get]
        if self._out is not None:
            a, b = args
            np.matmul(a, b, out=self._out(inputs, slots, scratch))
            return
        result = np.asarray(self._compute(*args), self.step.dtype, order="C")
        if result.shape != self.step.shape:
            result = np.broadcast_to(result, self.step.shape)
        if not result.flags.c_contiguous or _borrowed(result, args, self._own):
            result = np.array(result, order="C")
        if self._home.area == "scratch":
            scratch.array(self.step, self._home.at)[...] = result
        else:
            slots[self._home.at] = result


def _borrowed(result: Any, args: list[Any], own: bool) -> bool:
    """Whether a result looks into memory that is not its own: an argument's, which may be scratch memory that other
    arrays will have next; `own`, of a result of the program, also whether it is part of any other array."""
    if result.base is None:
        return any(result is a for a in args)
    return own or any(isinstance(a, np.ndarray) and np.may_share_memory(result, a) for a in args)


def _getter(step: Step, memory: Memory, cells: dict[Step, int]) -> Getter:
    plan = memory.plan
    if step.op == CONSTANT and not step.shape:
        value = step.settings["value"]
        return lambda inputs, slots, scratch: value
    if step in cells:
        at = cells[step]
        return lambda inputs, slots, scratch: scratch.array(step, at)[()]
    if not plan.in_memory(step):
        (inner,) = (_getter(a, memory, cells) for a in step.args)
        view = computation(step)
        return lambda inputs, slots, scratch: view(inner(inputs, slots, scratch))
    home = memory.home(step)
    if home.area == "scratch":
        return lambda inputs, slots, scratch: scratch.array(step, home.at)
    alias = plan.kinds[step] is Kind.ALIAS

    def get(inputs: list[Any], slots: list[Any], scratch: Scratch) -> Any:
        array = (inputs if home.area == "input" else slots)[home.at]
        return array.reshape(step.shape) if alias else array

    return get
