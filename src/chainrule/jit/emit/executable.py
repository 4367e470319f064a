"""A compiled program, ready to be run."""

from __future__ import annotations

import ctypes
import functools
import operator
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.jit.emit import entry, instructions, object_layout, range_flags, result_cache
from chainrule.jit.emit.stage import Call, Scratch, Written
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.memory import Memory, as_float
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import Program, Step
from chainrule.jit.run import pool
from chainrule.jit.run.machine import Loaded
from chainrule.jit.run.workers import together


class Doubtful(list[Any]):
    """Results of the careful program: the quick one met nan, or infinity."""


class OutOfRange(Doubtful):
    """Results of the quick program, in which a number has left the range of floats."""


class Executable:
    """`run` computes a program's results from its inputs.

    partition         the plan: what is fused, what NumPy computes
    failed            the first guard that did not hold in the last run that said so; -1 before
    compile_seconds   how long compiling took; `origin` says where the machine code came from, if from elsewhere
    shares            which loops threads share, and why others are left to one
    strides           of the inputs that are read where they lie, though not in order
    copied            how often each of the inputs was copied, as its elements do not lie in order
    """

    def __init__(
        self,
        plan: Plan,
        memory: Memory,
        written: Written,
        loaded: Loaded,
        start: float,
        careful: Callable[[], Executable] | None,
    ) -> None:
        if not object_layout.confirmed():
            raise RuntimeError(
                "jit reads CPython's floats, lists and NumPy's arrays where CPython keeps them; this interpreter "
                "keeps them elsewhere"
            )
        self.partition, self._memory, self._loaded = plan, memory, loaded
        self._written, self.shares, cells = written.stages, written.shares, written.cells
        self.failed = -1
        self.origin, self.copied = loaded.origin, Counter[int]()
        self._promised = len(plan.program.guards) - (careful is not None)
        self._outside = len(plan.program.guards) + 1
        self._patience = loaded.number(range_flags.PATIENCE)
        self._careful = None if careful is None else functools.lru_cache(maxsize=1)(careful)
        shared = any(s.parts > 1 for s in self._written)
        make = ctypes.CFUNCTYPE if shared or entry.longest(plan) > entry.LONG else ctypes.PYFUNCTYPE
        native = make(ctypes.c_int32, ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
        share = make(ctypes.c_int32, ctypes.py_object, ctypes.py_object, ctypes.c_void_p, ctypes.c_int64)
        self._stages = [
            (
                (native if s.parts == 1 else share)(loaded.address(s.name)),
                s.parts,
                [Call(c, memory, cells).run for c in s.calls],
            )
            for s in self._written
        ]
        self._single = self._stages[0][0] if len(self._stages) == 1 else None
        self.strides = {k: s.settings["strides"] for k, s in enumerate(plan.program.inputs) if s.settings}
        self._types = tuple(_python_type(s) for s in plan.program.inputs)
        self._constants = [np.ascontiguousarray(s.settings["value"], s.dtype) for s in memory.constants]
        self._fresh = [_maker(s, plan) for s in memory.fresh]
        if memory.numbers:
            self._fresh.append(functools.partial(np.empty, len(memory.numbers), np.float64))
        self._results = _results(plan, memory)
        self._idle: list[Scratch] = []
        self.compile_seconds = time.perf_counter() - start

    def run(self, inputs: Sequence[Any]) -> tuple[bool, list[Any]]:
        """Whether every guard holds, and the results: floats (in the type of the step) and fresh arrays."""
        inputs = self._contiguous(inputs if tuple(map(type, inputs)) == self._types else self._typed(inputs))
        slots = [*self._constants, *map(operator.call, self._fresh)]
        idle = self._idle
        scratch = idle.pop() if idle else Scratch(self._memory.scratch)
        status = self._status(inputs, slots, scratch)
        if status == self._outside:  # perhaps by what was computed before
            status = self._status(inputs, slots, scratch)
        idle.append(scratch)
        if status == self._outside:
            return True, OutOfRange(self._results(slots))
        if status > self._promised and self._careful is not None:
            holds, found = self._careful().run(inputs)  # a result is nan: perhaps only because 0 * inf is
            return holds, Doubtful(found)
        if status:
            self.failed = status - 1
            return False, []
        return True, self._results(slots)

    def entry(self, types: Sequence[type]) -> Callable[..., Any]:
        """The quickest way in for inputs of these types. A call gives the list of results; None where a guard does not
        hold; NotImplemented where `run` has to look, as the inputs are of other types, shapes or layouts."""
        steps = self.partition.program.inputs
        fit = all(s.shape or t in (_python_type(s), s.dtype.type) for t, s in zip(types, steps, strict=True))
        if not (fit and entry.possible(self._memory, self._written)):
            return lambda *inputs, **_: NotImplemented
        parts = entry.Parts(self._memory).bound(types, self._constants, Scratch(self._memory.scratch).bytes)
        return instructions.entry(self._loaded, parts)

    def _status(self, inputs: list[Any], slots: list[Any], scratch: Scratch) -> int:
        """0, or what the first native function that has something to say returns."""
        if self._single is not None:
            return int(self._single(inputs, slots, scratch.address))
        return self._in_turn(inputs, slots, scratch)

    def patient(self, calls: int) -> None:
        """Say nothing of numbers out of range in so many calls."""
        if self._patience is not None:
            self._patience.value = calls

    def _in_turn(self, inputs: list[Any], slots: list[Any], scratch: Scratch) -> int:
        """Native functions with NumPy's calls between them."""
        outside = 0
        with np.errstate(all="ignore"):
            for native, parts, calls in self._stages:
                if parts > 1:
                    status = together(_Share(native, inputs, slots, scratch), parts)
                else:
                    status = int(native(inputs, slots, scratch.address))
                if status and status != self._outside:
                    return status
                outside = outside or status
                try:
                    for call in calls:
                        call(inputs, slots, scratch)
                except Exception:
                    if not self._promised:
                        raise
                    return 1  # perhaps of numbers that a guard after it keeps out: the function itself is asked
        return outside

    def _typed(self, inputs: Sequence[Any]) -> list[Any]:
        """The inputs as the types that compiled code expects."""
        steps = self.partition.program.inputs
        typed = []
        for x, kind, step in zip(inputs, self._types, steps, strict=True):
            if type(x) is not kind:
                x = np.asarray(x, step.dtype, order="C") if step.shape else kind(x)
            typed.append(x)
        return typed

    def _contiguous(self, inputs: Sequence[Any]) -> list[Any]:
        """Copies in place of the arrays whose elements do not lie in order, and are not read where they lie."""
        fitting = list(inputs)
        for k, x in enumerate(inputs):
            if isinstance(x, np.ndarray) and not (x.flags.c_contiguous and x.flags.aligned) and k not in self.strides:
                fitting[k] = np.array(x, order="C")
                self.copied[k] += 1
        return fitting

    @property
    def program(self) -> Program:
        """What it computes."""
        return self.partition.program

    def llvm(self) -> str:
        """The program in LLVM's language, after its optimisation."""
        return self._loaded.llvm()

    def assembly(self) -> str:
        """The machine code, readable."""
        return self._loaded.assembly()


@dataclass(frozen=True)
class _Share:
    """A stage's native function for one of its parts. It holds all memory that it works in, as threads may be at work
    after the call that started them was interrupted."""

    native: Callable[..., int]
    inputs: list[Any]
    slots: list[Any]
    scratch: Scratch

    def __call__(self, part: int) -> int:
        return self.native(self.inputs, self.slots, self.scratch.address, part)


def _python_type(step: Step) -> type:
    return np.ndarray if step.shape else float if step.dtype == np.float64 else step.dtype.type


def _maker(step: Step, plan: Plan) -> Callable[[], Any]:
    if plan.kinds[step] is Kind.LIBRARY and step.op != "matmul":
        return lambda: None
    if result_cache.small(step):
        return functools.partial(np.empty, step.shape, step.dtype)
    return functools.partial(pool.empty, step.shape, step.dtype)


def _general(arrays: list[int | None], memory: Memory) -> Callable[[list[Any]], list[Any]]:
    """The results where some are whole numbers, which arrive as arrays of one element."""
    kinds = [s.dtype.type if s.dtype != np.float64 else float for s in memory.numbers]

    def collect(slots: list[Any]) -> list[Any]:
        rest = iter([kind(x) for kind, x in zip(kinds, slots[-1].tolist() if kinds else (), strict=True)])
        return [next(rest) if at is None else slots[at][()] for at in arrays]

    return collect


def _results(plan: Plan, memory: Memory) -> Callable[[list[Any]], list[Any]]:
    """From the slots to the list of results."""
    arrays = [None if as_float(s) else memory.home(s).at for s in plan.outputs]
    if any(at is not None and not s.shape for at, s in zip(arrays, plan.outputs, strict=True)):
        return _general(arrays, memory)
    if not memory.numbers:
        return lambda slots: [slots[at] for at in arrays if at is not None]
    kinds = [s.dtype.type if s.dtype != np.float64 else None for s in memory.numbers]
    plain = not any(kinds)
    if plain and len(arrays) == len(kinds):
        return lambda slots: slots[-1].tolist()

    def collect(slots: list[Any]) -> list[Any]:
        numbers = slots[-1].tolist()
        if not plain:
            numbers = [x if kind is None else kind(x) for x, kind in zip(numbers, kinds, strict=True)]
        rest = iter(numbers)
        return [next(rest) if at is None else slots[at] for at in arrays]

    return collect
