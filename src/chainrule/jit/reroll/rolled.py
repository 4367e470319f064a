"""Long programs as machine code, with repetition as loops."""

from __future__ import annotations

import ctypes
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.emit import instructions
from chainrule.jit.emit.executable import Doubtful, Executable
from chainrule.jit.loops.find import Part, size
from chainrule.jit.loops.loop import Loop
from chainrule.jit.program import INPUT, Program
from chainrule.jit.reroll.by_rows import ByRows
from chainrule.jit.reroll.code import Written, written
from chainrule.jit.reroll.entry import Entry, possible
from chainrule.jit.reroll.fission import recurrent
from chainrule.jit.reroll.layout import GIVEN, GUARDS, RESULTS, SCRATCH, Layout
from chainrule.jit.run import machine, mathlib, pool
from chainrule.jit.run.alike import Alike
from chainrule.jit.run.machine import Vectorised

_FORMAT = {"float64": "d", "float32": "f4x", "bool": "?7x"}


@dataclass(eq=False, slots=True)
class _Workspace:
    """The memory of one call. `table` holds the pointers, the others what they point to; `guards` have behind their
    conditions what these should be; `held` are constants."""

    table: Any
    given: Any
    results: Any
    guards: NDArray[np.uint8]
    scratch: NDArray[np.uint64]
    held: list[Any]


LONG, SHORT = 64, 1000
"""Iterations of a loop from which on it is worth LLVM's time to compute several side by side; operations up to which it
looks for such loops, as it takes some 50 microseconds for each."""


def side_by_side(parts: list[Part]) -> bool:
    """Whether a program is short, but for long loops."""
    loops = [part for part in parts if isinstance(part, Loop)]
    return size(parts) <= SHORT and any(part.count >= LONG for part in loops)


def vectorised(parts: list[Part]) -> Vectorised:
    """What LLVM computes as vectors. Numbers of a recurrence are left alone: to put two side by side and to take them
    apart again makes the way from one iteration to the next longer."""
    waits = any(isinstance(part, Loop) and part.count >= LONG and recurrent(part) for part in parts)
    return "loops" if waits else "loops and numbers"


class Rolled:
    """A compiled program of single steps and loops. It may run in several threads at once. `careful` makes another one,
    which runs where the last guard of this one does not hold: a result is nan, perhaps only because 0 * inf is.

    parts            single steps and loops, in the order of their work
    made             its code, by default written here
    whole            makes the program that it computes where `found` is that of a shorter one
    alike            the programs of the function for other lengths, with which it shares machine code
    examples         codes that tell `alike` in which numbers they differ
    failed           the guard that did not hold when it ran last
    compile_seconds  how long it took to make
    """

    def __init__(
        self,
        found: Layout,
        parts: list[Part],
        strict: bool,
        careful: Callable[[], Rolled | Executable] | None = None,
        made: Written | None = None,
        whole: Callable[[], Program] | None = None,
        alike: Alike | None = None,
        examples: Sequence[Written] = (),
    ) -> None:
        begin = time.perf_counter()
        self._found, self._careful, self.parts, program = found, careful, parts, found.program
        self._whole = whole or (lambda: program)
        free = None if alike is None else alike.lengths
        self._made = made = made or written(found, parts, strict, free)
        names = [*made.entries, *made.names.values()]
        self._entry = Entry(found) if possible(found, parts, made.entries) else None
        if self._entry is not None:
            names.append(instructions.NAME)
        several = found.single and side_by_side(parts)
        if alike is not None:
            for example in examples:
                alike.shared(self._text(example, several and not strict))
        text, which = self._text(made, several and not strict), vectorised(parts) if several else ""
        self._loaded = machine.load(text, names, vectorise=which, alike=alike)
        native = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
        *self._before, self._call = [native(self._loaded.address(name)) for name in made.entries]
        iteration = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
        called = {segment: iteration(self._loaded.address(name)) for segment, name in made.names.items()}
        self._between = [ByRows(iterations, called) for iterations in made.between]
        single = [k for k, s in enumerate(program.inputs) if not s.shape]
        self._single = None if len(single) == len(program.inputs) else single
        self._given = struct.Struct("=" + "".join(_FORMAT[program.inputs[k].dtype.name] for k in single))
        self._results = struct.Struct("=" + "".join(_FORMAT[s.dtype.name] for s in program.outputs if not s.shape))
        self._only_numbers = not found.made and not any(s.shape for s in program.outputs)
        # What a call needs to know of the program is found once: a call must not walk through the program.
        self._place = place = {id(step): k for k, step in enumerate(program.inputs)}
        read = [(k, s) for k, s in enumerate(found.arrays, start=GUARDS + 1) if s.op == INPUT]
        self._read = [(k, place[id(s)], s.dtype) for k, s in read]
        self._alone = found.single
        self._holds = np.frombuffer(made.holds, np.uint8)
        self._idle: deque[_Workspace] = deque()
        self.failed = -1
        self.compile_seconds = time.perf_counter() - begin

    def _text(self, made: Written, vectors: bool) -> str:
        """The code with what Python calls, and variants for vectors of the functions that it calls."""
        code = made.code
        if self._entry is not None:
            code += self._entry.text(code, made.entries[0], made.holds if self._careful is not None else b"")
        return mathlib.with_vector_variants(code) if vectors else code

    def run(self, inputs: Sequence[Any]) -> tuple[bool, list[Any]]:
        """Whether every guard holds, and the results. `failed` is then the first guard that did not."""
        try:
            work = self._idle.pop()
        except IndexError:
            work = self._workspace()
        self._given.pack_into(work.given, 0, *(inputs if self._single is None else [inputs[k] for k in self._single]))
        held, arrays = self._given_arrays(work, inputs), self._new_arrays(work)
        for native, iterations in zip(self._before, self._between, strict=True):
            if not native(work.table):
                return self._stopped(work, inputs)
            try:
                iterations.run(work.table)
            except Exception:  # of NumPy's: perhaps only because a branch leads elsewhere
                if self._failed(work) < 0:
                    raise
                return self._stopped(work, inputs)
        if not self._call(work.table):
            return self._stopped(work, inputs)
        del held  # the program read them until now
        outputs = list(self._results.unpack_from(work.results))
        self._idle.append(work)
        return True, outputs if self._only_numbers else self._merged(outputs, inputs, arrays)

    def entry(self, types: Sequence[type]) -> Callable[..., Any]:
        """The quickest way in for inputs of these types. A call gives the list of results; None where a guard does not
        hold; NotImplemented for inputs of other types and shapes."""
        if self._entry is not None:
            work = self._workspace()
            parts = self._entry.bound(types, np.frombuffer(work.table, np.uintp))
            if parts is not None:
                rest = self._new_arrays(work, first=sum(bool(s.shape) for s in self._found.program.outputs))
                return instructions.entry(self._loaded, [*parts, work, rest])
        kinds = tuple(types)
        arrays = [(k, s.shape, s.dtype) for k, s in enumerate(self._found.program.inputs) if s.shape]

        def enter(*inputs: Any, **settings: Any) -> Any:
            if settings or tuple(map(type, inputs)) != kinds:
                return NotImplemented
            for k, shape, dtype in arrays:
                if inputs[k].shape != shape or inputs[k].dtype != dtype:
                    return NotImplemented
            holds, outputs = self.run(inputs)
            return outputs if holds else None

        return enter

    def _stopped(self, work: _Workspace, inputs: Sequence[Any]) -> tuple[bool, list[Any]]:
        """What `run` answers where a guard does not hold."""
        failed, count = self._failed(work), len(self._holds)
        work.guards[:count] = self._holds
        self._idle.append(work)
        if self._careful is not None and failed == count - 1:
            holds, found = self._careful().run(inputs)
            return holds, Doubtful(found)
        self.failed = failed
        return False, []

    @property
    def origin(self) -> str:
        """Where its machine code came from; "" where it was made for it."""
        return self._loaded.origin

    @property
    def program(self) -> Program:
        """What it computes."""
        return self._whole()

    def llvm(self) -> str:
        """The program in LLVM's intermediate language."""
        return self._loaded.llvm()

    def assembly(self) -> str:
        """The program in the assembly language of this machine."""
        return self._loaded.assembly()

    @property
    def partition(self) -> str:
        """What became a loop, in words."""
        single = sum(not isinstance(part, Loop) for part in self.parts)
        loops = [f"a loop of {p.count} iterations of {p.period} operations" for p in self.parts if isinstance(p, Loop)]
        called = [s for p in self.parts for s in (p.body if isinstance(p, Loop) else [p]) if id(s) in self._found.calls]
        calls = [f"NumPy: {s.op} {list(s.shape)} at {s.line or 'unknown line'}" for s in called]
        return "\n".join([*loops, *calls, f"{single} single operations"])

    # -- calls --------------------------------------------------------------------------------------------

    def _workspace(self) -> _Workspace:
        found = self._found
        work = _Workspace(
            (ctypes.c_void_p * (GUARDS + 1 + len(found.arrays) + len(found.made)))(),
            ctypes.create_string_buffer(max(self._given.size, 1)),
            ctypes.create_string_buffer(max(self._results.size, 1)),
            np.concatenate([self._holds, self._holds]),
            np.empty(max(self._made.slots, 1), np.uint64),
            [np.ascontiguousarray(s.settings["value"], s.dtype) for s in found.arrays if s.op != INPUT],
        )
        held = iter(work.held)
        for k, step in enumerate(found.arrays):
            if step.op != INPUT:
                work.table[GUARDS + 1 + k] = next(held).ctypes.data
        work.table[SCRATCH], work.table[GUARDS] = work.scratch.ctypes.data, work.guards.ctypes.data
        work.table[GIVEN], work.table[RESULTS] = ctypes.addressof(work.given), ctypes.addressof(work.results)
        return work

    def _given_arrays(self, work: _Workspace, inputs: Sequence[Any]) -> list[Any]:
        """The arrays among the arguments as they are read; the table points to them."""
        found = [(k, np.ascontiguousarray(inputs[at], dtype)) for k, at, dtype in self._read]
        for k, array in found:
            work.table[k] = array.__array_interface__["data"][0]
        return [array for _, array in found]

    def _new_arrays(self, work: _Workspace, first: int = 0) -> list[Any]:
        """Arrays of zeros for what is put together, from number `first` on; the table points to them."""
        arrays = []
        for k, step in enumerate(self._found.made[first:], start=GUARDS + 1 + len(self._found.arrays) + first):
            array = pool.empty(step.shape, step.dtype)
            array.fill(0)
            arrays.append(array)
            work.table[k] = array.__array_interface__["data"][0]
        return arrays

    def _merged(self, single: list[Any], inputs: Sequence[Any], arrays: list[Any]) -> list[Any]:
        """The results in their order."""
        found, numbers, made = self._found, iter(single), iter(arrays)
        place = self._place
        known: dict[int, Any] = {}
        outputs = []
        for step in found.program.outputs:
            if not step.shape:
                outputs.append(next(numbers))
                continue
            array = next(made)
            if self._alone and not step.args:
                array[...] = inputs[place[id(step)]] if step.op == INPUT else step.settings["value"]
            elif self._alone and id(step) in known:
                array[...] = known[id(step)]
            known[id(step)] = array
            outputs.append(array)
        return outputs

    def _failed(self, work: _Workspace) -> int:
        """The first guard that does not hold, of those known so far; -1 where all do."""
        differs = work.guards[: len(self._holds)] != self._holds
        return int(differs.argmax()) if differs.any() else -1
