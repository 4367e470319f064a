"""The function of a rolled program that Python calls, itself machine code: it reads numbers out of Python's objects,
computes, and makes the results.

The same in Python costs some 7 microseconds, and 30 for a list of 1,000 floats; the program's own work may be one.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np

from chainrule.jit.emit import result_cache
from chainrule.jit.emit.instructions import NAME, Instructions, declarations
from chainrule.jit.emit.object_layout import AXES, DATA, DTYPE, FLAGS, ITEMS, LENGTHS, POINTER, TYPE
from chainrule.jit.loops.find import Part
from chainrule.jit.loops.loop import Loop
from chainrule.jit.program import Step
from chainrule.jit.reroll.layout import GIVEN, GUARDS, RESULTS, SLOT, Layout
from chainrule.jit.run import pool

LONG = 1_000_000
"""Elements that are computed; code that computes more lets other threads of Python run meanwhile."""

_OTHER, _NONE, _TABLE, _SPARES, _FIRST = range(5)  # NotImplemented, None, the table, and the rest of what `bound` lists
_IN_ORDER = 0x101  # NumPy's flags of arrays that are aligned and whose elements lie in order
_FILL = "void @llvm.memset.p0.i64(ptr, i8, i64, i1)"
_KINDS = {np.dtype(np.float64): "double", np.dtype(np.float32): "float"}
_TYPES: dict[Any, tuple[Any, ...]] = {"double": (float, np.float64), "float": (np.float32,)}


@dataclass(frozen=True)
class Run:
    """Numbers of one kind that follow each other among the arguments or results: the first one's position, that of its
    slot, and how many they are."""

    first: int
    slot: int
    count: int
    kind: str


@dataclass(frozen=True)
class ArrayRun:
    """Arrays of one shape and type that follow each other among the arguments or results: the first one's position, the
    number of its pointer in the table (0: they are not read), and how many they are."""

    first: int
    pointer: int
    count: int
    like: Step


def possible(found: Layout, parts: Sequence[Part], entries: Sequence[str]) -> bool:
    """Whether a rolled program is one native function, and small, so that it may keep other threads of Python waiting;
    runs of an entry share their memory."""
    program = found.program
    numbers = all(s.shape or s.dtype in _KINDS for s in (*program.inputs, *program.outputs))
    arrays = [s for s in program.outputs if s.shape]
    own = not found.single or (len({*arrays}) == len(arrays) and all(s.args for s in arrays))
    small = all(prod(s.shape) * s.dtype.itemsize < pool.LEAST for s in found.made) and _work(parts) <= LONG
    alone = len(entries) == 1 and getattr(sys, "_is_gil_enabled", lambda: True)()
    return bool(numbers and own and small and alone)


def _work(parts: Sequence[Part]) -> int:
    return sum(
        part.count * sum(prod(s.shape) for s in part.body) if isinstance(part, Loop) else prod(part.shape)
        for part in parts
    )


def runs(steps: Sequence[Step]) -> list[Run]:
    """The single numbers among arguments or results."""
    found: list[Run] = []
    slot = 0
    for k, step in enumerate(steps):
        if step.shape:
            continue
        kind, last = _KINDS[step.dtype], found[-1] if found else None
        if last is not None and last.kind == kind and last.first + last.count == k:
            found[-1] = replace(last, count=last.count + 1)
        else:
            found.append(Run(k, slot, 1, kind))
        slot += 1
    return found


def array_runs(steps: Sequence[Step], pointers: Mapping[int, int]) -> list[ArrayRun]:
    """The arrays among arguments or results, whose pointers are given by their places."""
    found: list[ArrayRun] = []
    for k, step in enumerate(steps):
        if not step.shape:
            continue
        pointer, last = pointers.get(k, 0), found[-1] if found else None
        follows = last is not None and last.first + last.count == k and _next_pointer(last) == pointer
        if last is not None and follows and (last.like.shape, last.like.dtype) == (step.shape, step.dtype):
            found[-1] = replace(last, count=last.count + 1)
        else:
            found.append(ArrayRun(k, pointer, 1, step))
    return found


def _next_pointer(run: ArrayRun) -> int:
    return run.pointer and run.pointer + run.count


class Entry:
    """The entry of a rolled program."""

    def __init__(self, found: Layout) -> None:
        self.found, program = found, found.program
        self.taken, self.given = runs(program.inputs), runs(program.outputs)
        read = {id(step): k for k, step in enumerate(found.arrays, start=GUARDS + 1)}
        inputs = {k: read[id(s)] for k, s in enumerate(program.inputs) if id(s) in read}
        self.arrays = array_runs(program.inputs, inputs)
        made = [k for k, s in enumerate(program.outputs) if s.shape]
        self.first = GUARDS + 1 + len(found.arrays)
        self.results = array_runs(program.outputs, dict(zip(made, count(self.first))))
        self.types = _FIRST
        self.kinds = self.types + len(self.taken)
        self.dtypes = self.kinds + len(self.arrays)
        self.made = self.dtypes + len(self.arrays)

    def bound(self, types: Sequence[type], table: Any) -> list[Any] | None:
        """What the function is bound to for arguments of these types; None where it does not read such."""
        expected: list[type] = []
        for run in self.taken:
            several = set(types[run.first : run.first + run.count])
            if len(several) > 1 or not several <= set(_TYPES[run.kind]):
                return None
            expected += several
        kinds = [set(types[run.first : run.first + run.count]) for run in self.arrays]
        if any(len(several) > 1 for several in kinds):
            return None
        results = [s for s in self.found.program.outputs if s.shape]
        return [
            NotImplemented, None, table, result_cache.spares(results),
            *expected, *(kind for several in kinds for kind in several),
            *(run.like.dtype for run in self.arrays), *(run.like.dtype for run in self.results),
        ]  # fmt: skip

    def text(self, code: str, run: str, careful: bytes) -> str:
        """The function in LLVM's language, which is added to `code`, where `run` computes.

        It returns the list of results; None where a guard does not hold; NotImplemented where the arguments are of
        another kind or layout, or where the last guard does not hold and another program is to compute: `careful` says
        then what the conditions of all guards should be.
        """
        shapes = [
            f"@shape{k} = internal constant [{len(s.shape)} x i64] [{', '.join(f'i64 {n}' for n in s.shape)}]"
            for k, s in enumerate(run.like for run in self.results)
        ]
        writer = _Writer(self)
        fill = [] if _FILL in code else [f"declare {_FILL}"]
        return "\n".join([declarations(), *fill, result_cache.text(), *shapes, *writer.function(run, careful), ""])


class _Writer(Instructions):
    """The instructions of one entry."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def function(self, called: str, careful: bytes) -> list[str]:
        entry, program = self.entry, self.entry.found.program
        self._arguments()
        made = self.set(f"call ptr @PyList_New(i64 {len(program.outputs)})")
        self.go_on(self.set(f"icmp ne ptr {made}, null"), "failed")
        items = self.field(made, ITEMS)
        for k, run in enumerate(entry.results):
            with self._each(run.count) as n:
                self._array(k, run, n, items)
        # To make objects may run the garbage collector, and that this function; from here on nothing else runs.
        table = self.field(self.part(_TABLE), DATA)
        self._numbers(self.field(table, GIVEN * POINTER))
        self._pointers(table, items)
        status = self.set(f"call i32 @{called}(ptr {table})")
        self.go_on(self.set(f"icmp ne i32 {status}, 0"), "differs")
        self._results(self.field(table, RESULTS * POINTER), items)
        lines, self.lines = self.lines, []
        return [
            f"define ptr @{NAME}(ptr %self, ptr %args, i64 %count, ptr %keywords) {{", "entry:", *lines,
            f"  ret ptr {made}", *self._ends(made, table, careful), "}",
        ]  # fmt: skip

    def _arguments(self) -> None:
        """Leave unless they are as many as expected, and the arrays of the types, shapes and kinds expected."""
        entry = self.entry
        self.go_on(self.set("icmp eq ptr %keywords, null"), "other")
        self.go_on(self.set(f"icmp eq i64 %count, {len(entry.found.program.inputs)}"), "other")
        for k, run in enumerate(entry.arrays):
            kind, dtype = self.part(entry.kinds + k), self.part(entry.dtypes + k)
            with self._each(run.count) as n:
                self._array_argument(self._argument(self._sum(n, run.first)), run.like, kind, dtype)

    def _array_argument(self, x: str, like: Step, kind: str, dtype: str) -> None:
        self.same(self.field(x, TYPE), kind)
        self.same(self.field(x, DTYPE), dtype)
        self.go_on(self.set(f"icmp eq i32 {self.field(x, AXES, 'i32')}, {len(like.shape)}"), "other")
        lengths = self.field(x, LENGTHS)
        for axis, length in enumerate(like.shape):
            self.go_on(self.set(f"icmp eq i64 {self.field(lengths, axis * POINTER, 'i64')}, {length}"), "other")
        order = self.set(f"and i32 {self.field(x, FLAGS, 'i32')}, {_IN_ORDER}")
        self.go_on(self.set(f"icmp eq i32 {order}, {_IN_ORDER}"), "other")

    def _each(self, count: int) -> contextlib.AbstractContextManager[str]:
        """A loop over so many; none for one."""
        return self.loop(count) if count > 1 else contextlib.nullcontext("0")

    def _sum(self, k: str, first: int) -> str:
        return str(first) if k == "0" else self.set(f"add i64 {k}, {first}")

    def _argument(self, k: str) -> str:
        return self.set(f"load ptr, ptr {self.set(f'getelementptr ptr, ptr %args, i64 {k}')}")

    def _numbers(self, given: str) -> None:
        """Put the single numbers among the arguments into their slots; leave unless they are of the types expected."""
        for n, run in enumerate(self.entry.taken):
            kind = self.part(self.entry.types + n)
            with self.loop(run.count) as k:
                x = self._argument(self.set(f"add i64 {k}, {run.first}"))
                self.go_on(self.set(f"icmp eq ptr {self.field(x, TYPE)}, {kind}"), "others")
                number = self.field(x, DATA, run.kind)
                place = self._slot(given, run, k)
                self.lines.append(f"  store {run.kind} {number}, ptr {place}")

    def _slot(self, memory: str, run: Run, k: str) -> str:
        at = self.set(f"add i64 {k}, {run.slot}")
        return self.set(f"getelementptr i8, ptr {memory}, i64 {self.set(f'mul i64 {at}, {SLOT}')}")

    def _array(self, k: int, run: ArrayRun, n: str, items: str) -> None:
        """A new array of zeros for a result, which belongs to the list of results; perhaps one of those kept."""
        step = run.like
        dtype, like = self.part(self.entry.made + k), f"ptr @shape{k}, i32 {len(step.shape)}"
        if result_cache.small(step):
            kept, number = self.field(self.part(_SPARES), ITEMS), self._sum(n, run.pointer - self.entry.first)
            number = self.set(f"mul i64 {number}, {result_cache.KEPT}")
            place = self.set(f"getelementptr ptr, ptr {kept}, i64 {number}")
            array = self.checked(f"call ptr @array(ptr {place}, {like}, ptr {dtype}, i32 {result_cache.flags(step)})")
        else:
            self.lines.append(f"  call void @Py_IncRef(ptr {dtype})")  # which the array takes
            like = f"i32 {len(step.shape)}, ptr @shape{k}"
            array = self.checked(f"call ptr @large_array({like}, ptr {dtype}, i32 0)")
        self.put(array, items, self._sum(n, run.first))

    def _pointers(self, table: str, items: str) -> None:
        """Point the table to the arrays of this call, and clear what is made anew."""
        found, entry = self.entry.found, self.entry
        for run in filter(attrgetter("pointer"), entry.arrays):
            with self._each(run.count) as n:
                data = self.field(self._argument(self._sum(n, run.first)), DATA)
                self.put(data, table, self._sum(n, run.pointer))
        for run in entry.results:
            with self._each(run.count) as n:
                array = self.set(f"load ptr, ptr {self._place(items, self._sum(n, run.first))}")
                data = self.field(array, DATA)
                self.put(data, table, self._sum(n, run.pointer))
                self._clear(data, run.like)
        results = sum(run.count for run in entry.results)
        for number, step in enumerate(found.made[results:], start=entry.first + results):
            self._clear(self.field(table, number * POINTER), step)

    def _clear(self, data: str, step: Step) -> None:
        size = prod(step.shape) * step.dtype.itemsize
        self.lines.append(f"  call void @llvm.memset.p0.i64(ptr {data}, i8 0, i64 {size}, i1 false)")

    def _place(self, items: str, k: str) -> str:
        return self.set(f"getelementptr ptr, ptr {items}, i64 {k}")

    def _results(self, results: str, items: str) -> None:
        """Put the single numbers among the results into the list."""
        for run in self.entry.given:
            with self.loop(run.count) as k:
                number = self.set(f"load {run.kind}, ptr {self._slot(results, run, k)}")
                if run.kind != "double":
                    number = self.set(f"fpext {run.kind} {number} to double")
                x = self.checked(f"call ptr @PyFloat_FromDouble(double {number})")
                at = self.set(f"add i64 {k}, {run.first}")
                self.store(x, self.set(f"getelementptr ptr, ptr {items}, i64 {at}"))

    def _ends(self, made: str, table: str, careful: bytes) -> list[str]:
        """What happens where the function does not come to its end."""
        differs = ["  br label %guard"]
        if careful:
            last = len(careful) - 1
            differs = [
                f"  %guards.at = getelementptr ptr, ptr {table}, i64 {GUARDS}", "  %guards = load ptr, ptr %guards.at",
                f"  %last.at = getelementptr i8, ptr %guards, i64 {last}", "  %last = load i8, ptr %last.at",
                f"  %first = icmp eq i8 %last, {careful[last]}", "  br i1 %first, label %guard, label %other",
            ]  # fmt: skip
        return [
            "differs:", f"  call void @Py_DecRef(ptr {made})", *differs,
            "others:", f"  call void @Py_DecRef(ptr {made})", "  br label %other",
            "drop:", f"  call void @Py_DecRef(ptr {made})", "  br label %failed",
            "failed:", "  ret ptr null",
            *self._answer("guard", _NONE), *self._answer("other", _OTHER),
        ]  # fmt: skip

    def _answer(self, label: str, k: int) -> list[str]:
        self.lines = []
        x = self.part(k)
        self.lines += [f"  call void @Py_IncRef(ptr {x})", f"  ret ptr {x}"]
        return [f"{label}:", *self.lines]
