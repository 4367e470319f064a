"""Long programs as machine code, with repetition as loops."""

from __future__ import annotations

import ctypes
import functools
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import ArgumentError
from chainrule.jit import machine, pool
from chainrule.jit.kernel.rows import EMITTERS
from chainrule.jit.partition.kinds import Kind, kind_of
from chainrule.jit.partition.loosen import loosened
from chainrule.jit.partition.plan import prepared
from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.roll.find import Part, roll
from chainrule.jit.roll.kernels import kernels
from chainrule.jit.roll.layout import GIVEN, GUARDS, RESULTS, SCRATCH, Layout, layout, single
from chainrule.jit.roll.loop import Loop
from chainrule.jit.roll.loose import loose
from chainrule.jit.roll.segments import pieces, segments
from chainrule.jit.roll.storage import Storage
from chainrule.jit.roll.writer import Writer, chunks

MOST = 400_000
"""Operations that are compiled; those of a loop count once."""

SHORT = 1024
"""Elements of the largest array that a loop may hand from one function to another; larger ones stay in one kernel."""

_FORMAT = {"float64": "d", "float32": "f4x", "bool": "?7x"}


def build(program: Program, *, strict: bool = False, arrays: bool = True) -> Rolled | None:
    """The program as machine code; None where it computes with rows that machine code lacks.

    strict   no two operations become one, so that results agree with the rows bit by bit
    arrays   also a program that computes with short arrays, if rolling makes half of it or less

    Raises ArgumentError where more than MOST operations on single numbers are left after rolling.
    """
    alone = single(program)
    if not (alone or arrays):
        return None
    ready = program if alone else prepared(program, strict)
    quick = None if strict else loose(ready) if alone else loosened(ready)
    if quick is not None and quick is not ready:
        found = _found(quick, strict)
        if found is not None:
            return Rolled(*found, strict, functools.lru_cache(maxsize=1)(lambda: _careful(ready)))
    found = _found(ready, strict)
    return None if found is None else Rolled(*found, strict)


def _careful(program: Program) -> Rolled:
    found = _found(program, strict=False)
    assert found is not None  # as its quick form can be rolled, it can
    return Rolled(*found, strict=False)


def _compiles(step: Step, strict: bool) -> bool:
    return step.op in EMITTERS or kind_of(step, strict) is not Kind.LIBRARY


def _found(program: Program, strict: bool) -> tuple[Layout, list[Part]] | None:
    """The program's memory, and its parts; None where it is not for loops."""
    found = layout(program)
    if found is None or not all(id(s) in found.ready or _compiles(s, strict) for s in found.steps):
        return None
    if found.single:
        return found, roll(found.numbers)
    parts = roll(found.steps, found.after)
    large = any(prod(s.shape) > SHORT for part in parts if isinstance(part, Loop) for s in part.body)
    return None if large or _size(parts) > len(found.steps) / 2 else (found, parts)


@dataclass(eq=False, slots=True)
class _Workspace:
    """The memory of one call. `table` holds the pointers, the others what they point to."""

    table: Any
    given: Any
    results: Any
    guards: NDArray[np.uint8]
    scratch: NDArray[np.uint64]


class Rolled:
    """A compiled program of single steps and loops. It may run in several threads at once. `careful` makes another one, which runs
    where the last guard of this one does not hold: a result is nan, perhaps only because 0 * inf is.

    parts            single steps and loops, in the order of their work
    failed           the guard that did not hold when it ran last
    compile_seconds  how long it took to make
    """

    def __init__(
        self, found: Layout, parts: list[Part], strict: bool, careful: Callable[[], Rolled] | None = None
    ) -> None:
        begin = time.perf_counter()
        self._found, self._careful, self.parts, program = found, careful, parts, found.program
        if found.single:
            _check(parts)
            code, self._scratch = written(found, parts, strict)
            self._loaded = machine.load(code, ["run"], level=1)  # more care takes longer and gains nothing here
        else:
            code, self._scratch = written_arrays(found, parts, strict)
            self._loaded = machine.load(code, ["run"], vectorise=False)
        self._call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(self._loaded.address("run"))
        single = [k for k, s in enumerate(program.inputs) if not s.shape]
        self._single = None if len(single) == len(program.inputs) else single
        self._given = struct.Struct("=" + "".join(_FORMAT[program.inputs[k].dtype.name] for k in single))
        self._results = struct.Struct("=" + "".join(_FORMAT[s.dtype.name] for s in program.outputs if not s.shape))
        self._only_numbers = not found.made and not any(s.shape for s in program.outputs)
        self._idle: deque[_Workspace] = deque()
        self.failed = -1
        self.compile_seconds = time.perf_counter() - begin

    def run(self, inputs: list[Any]) -> tuple[bool, list[Any]]:
        """Whether every guard holds, and the results. `failed` is then the first guard that did not."""
        try:
            work = self._idle.pop()
        except IndexError:
            work = self._workspace()
        self._given.pack_into(work.given, 0, *(inputs if self._single is None else [inputs[k] for k in self._single]))
        arrays = self._bind(work, inputs) if self._found.arrays or self._found.made else []
        if not self._call(work.table):
            failed = self._first_failed(work)
            self._idle.append(work)
            if self._careful is not None and failed == len(self._found.program.guards) - 1:
                return self._careful().run(inputs)
            self.failed = failed
            return False, []
        outputs = list(self._results.unpack_from(work.results))
        self._idle.append(work)
        return True, outputs if self._only_numbers else self._merged(outputs, inputs, arrays)

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
        loops = [f"a loop of {p.count} turns of {p.period} operations" for p in self.parts if isinstance(p, Loop)]
        return "\n".join([*loops, f"{single} single operations"])

    # -- calls --------------------------------------------------------------------------------------------

    def _workspace(self) -> _Workspace:
        found = self._found
        work = _Workspace(
            (ctypes.c_void_p * (GUARDS + 1 + len(found.arrays) + len(found.made)))(),
            ctypes.create_string_buffer(max(self._given.size, 1)),
            ctypes.create_string_buffer(max(self._results.size, 1)),
            np.zeros(max(len(found.program.guards), 1), np.uint8),
            np.empty(max(self._scratch, 1), np.uint64),
        )
        work.guards[: len(found.program.guards)] = [g.holds for g in found.program.guards]
        work.table[SCRATCH], work.table[GUARDS] = work.scratch.ctypes.data, work.guards.ctypes.data
        work.table[GIVEN], work.table[RESULTS] = ctypes.addressof(work.given), ctypes.addressof(work.results)
        return work

    def _bind(self, work: _Workspace, inputs: list[Any]) -> list[Any]:
        """Point the table to the arrays that are read, and to new ones for the results; all of them."""
        found, held = self._found, []
        place = {id(step): k for k, step in enumerate(found.program.inputs)}
        for k, step in enumerate(found.arrays):
            array = inputs[place[id(step)]] if step.op == INPUT else step.settings["value"]
            array = np.ascontiguousarray(array, step.dtype)
            held.append(array)
            work.table[GUARDS + 1 + k] = array.__array_interface__["data"][0]
        for k, step in enumerate(found.made):
            array = pool.empty(step.shape, step.dtype)
            array.fill(0)
            held.append(array)
            work.table[GUARDS + 1 + len(found.arrays) + k] = array.__array_interface__["data"][0]
        return held

    def _merged(self, single: list[Any], inputs: list[Any], arrays: list[Any]) -> list[Any]:
        """The results in their order."""
        found, numbers, made = self._found, iter(single), iter(arrays[len(self._found.arrays) :])
        place = {id(step): k for k, step in enumerate(found.program.inputs)}
        known: dict[int, Any] = {}
        outputs = []
        for step in found.program.outputs:
            if not step.shape:
                outputs.append(next(numbers))
                continue
            array = next(made)
            if found.single and not step.args:
                array[...] = inputs[place[id(step)]] if step.op == INPUT else step.settings["value"]
            elif found.single and id(step) in known:
                array[...] = known[id(step)]
            known[id(step)] = array
            outputs.append(array)
        return outputs

    def _first_failed(self, work: _Workspace) -> int:
        guards = self._found.program.guards
        return next(k for k, guard in enumerate(guards) if work.guards[k] != guard.holds)


def written(found: Layout, parts: list[Part], strict: bool) -> tuple[str, int]:
    """A program of single numbers in LLVM's language, and how many slots of scratch memory it needs. Its function `run`
    takes the table of pointers and returns whether all guards hold."""
    chunk = chunks(parts)
    storage = Storage(parts, chunk, found.given, found.results)
    leaves = [s for s in found.program.steps() if not s.shape and (s.op in (INPUT, CONSTANT) or id(s) in found.given)]
    writer = Writer(parts, chunk, storage, [s for s in leaves if id(s) in found.results], not strict)
    holds = bytes(g.holds for g in found.program.guards)
    return writer.text() + _entry([(name, 1) for name in writer.names], holds), storage.size


def written_arrays(found: Layout, parts: list[Part], strict: bool) -> tuple[str, int]:
    """The same for a program that computes with arrays."""
    storage = Storage(parts, pieces(parts, found), found.given, found.results)
    listed = segments(parts, found, storage)
    code, calls, work = kernels(listed, storage.size, strict)
    return code + _entry(calls, bytes(g.holds for g in found.program.guards)), storage.size + work


def _entry(calls: list[tuple[str, int]], holds: bytes) -> str:
    """The function that calls the others, each so many times with the number of the turn, and compares the guards'
    conditions with what they should be."""
    head, before = ["define i32 @run(ptr %table) {", "entry:"], "entry"
    for k, (name, count) in enumerate(calls):
        if count == 1:
            head.append(f"  call void @{name}(ptr %table, i64 0)")
            continue
        head += [
            f"  br label %loop{k}", f"loop{k}:", f"  %turn{k} = phi i64 [ 0, %{before} ], [ %next{k}, %loop{k} ]",
            f"  call void @{name}(ptr %table, i64 %turn{k})", f"  %next{k} = add i64 %turn{k}, 1",
            f"  %again{k} = icmp ult i64 %next{k}, {count}", f"  br i1 %again{k}, label %loop{k}, label %done{k}",
            f"done{k}:",
        ]  # fmt: skip
        before = f"done{k}"
    if not holds:
        return "\n".join([*head, "  ret i32 1", "}"])
    listed = ", ".join(f"i8 {value}" for value in holds)
    return "\n".join([
        f"@holds = internal constant [{len(holds)} x i8] [{listed}]", *head,
        f"  %at = getelementptr ptr, ptr %table, i64 {GUARDS}", "  %guards = load ptr, ptr %at", "  br label %each",
        "each:",
        f"  %k = phi i64 [ 0, %{before} ], [ %next, %each ]", f"  %wrong = phi i8 [ 0, %{before} ], [ %any, %each ]",
        "  %p = getelementptr i8, ptr %guards, i64 %k", "  %is = load i8, ptr %p",
        "  %q = getelementptr i8, ptr @holds, i64 %k", "  %should = load i8, ptr %q",
        "  %differs = xor i8 %is, %should", "  %any = or i8 %wrong, %differs",
        "  %next = add i64 %k, 1", f"  %more = icmp ult i64 %next, {len(holds)}",
        "  br i1 %more, label %each, label %end",
        "end:", "  %fine = icmp eq i8 %any, 0", "  %answer = zext i1 %fine to i32", "  ret i32 %answer", "}",
    ])  # fmt: skip


def _size(parts: list[Part]) -> int:
    return sum(part.period if isinstance(part, Loop) else 1 for part in parts)


def _check(parts: list[Part]) -> None:
    size = _size(parts)
    if size > MOST:
        raise ArgumentError(
            f"jit recorded {size:,} different operations on single numbers, and compiles {MOST:,} at most. Compute "
            "with arrays instead of one number at a time, or jit the part that repeats and call it in a loop"
        )
