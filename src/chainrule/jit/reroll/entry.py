"""The function of a rolled program that Python calls, itself machine code: it reads numbers out of Python's objects,
computes, and makes the results.

The same in Python costs some 7 microseconds, and 30 for a list of 1,000 floats; the program's own work may be one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
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


class Entry:
    """The entry of a rolled program."""

    def __init__(self, found: Layout) -> None:
        self.found, program = found, found.program
        self.taken, self.given = runs(program.inputs), runs(program.outputs)
        self.arrays = [(k, s) for k, s in enumerate(program.inputs) if s.shape]
        self.results = [(k, s) for k, s in enumerate(program.outputs) if s.shape]
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
        results = [s for _, s in self.results]
        return [
            NotImplemented, None, table, result_cache.spares(results), *expected, *(types[k] for k, _ in self.arrays),
            *(s.dtype for _, s in self.arrays), *(s.dtype for s in results),
        ]  # fmt: skip

    def text(self, code: str, run: str, careful: bool) -> str:
        """The function in LLVM's language, which is added to `code`, where `run` computes.

        It returns the list of results; None where a guard does not hold; NotImplemented where the arguments are of
        another kind or layout, or where the last guard does not hold and another program is to compute (`careful`).
        """
        shapes = [
            f"@shape{k} = internal constant [{len(s.shape)} x i64] [{', '.join(f'i64 {n}' for n in s.shape)}]"
            for k, (_, s) in enumerate(self.results)
        ]
        writer = _Writer(self)
        fill = [] if _FILL in code else [f"declare {_FILL}"]
        return "\n".join([declarations(), *fill, result_cache.text(), *shapes, *writer.function(run, careful), ""])


class _Writer(Instructions):
    """The instructions of one entry."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def function(self, run: str, careful: bool) -> list[str]:
        entry, program = self.entry, self.entry.found.program
        self._arguments()
        made = self.set(f"call ptr @PyList_New(i64 {len(program.outputs)})")
        self.go_on(self.set(f"icmp ne ptr {made}, null"), "failed")
        items = self.field(made, ITEMS)
        arrays = [self._array(k, at, step, items) for k, (at, step) in enumerate(entry.results)]
        # To make objects may run the garbage collector, and that this function; from here on nothing else runs.
        table = self.field(self.part(_TABLE), DATA)
        self._numbers(self.field(table, GIVEN * POINTER))
        self._pointers(table, arrays)
        status = self.set(f"call i32 @{run}(ptr {table})")
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
        for k, (at, step) in enumerate(entry.arrays):
            x = self._argument(str(at))
            self.same(self.field(x, TYPE), self.part(entry.kinds + k))
            self.same(self.field(x, DTYPE), self.part(entry.dtypes + k))
            self.go_on(self.set(f"icmp eq i32 {self.field(x, AXES, 'i32')}, {len(step.shape)}"), "other")
            lengths = self.field(x, LENGTHS)
            for axis, length in enumerate(step.shape):
                self.go_on(self.set(f"icmp eq i64 {self.field(lengths, axis * POINTER, 'i64')}, {length}"), "other")
            order = self.set(f"and i32 {self.field(x, FLAGS, 'i32')}, {_IN_ORDER}")
            self.go_on(self.set(f"icmp eq i32 {order}, {_IN_ORDER}"), "other")

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

    def _array(self, k: int, at: int, step: Step, items: str) -> str:
        """A new array of zeros for a result, which belongs to the list of results; perhaps one of those kept."""
        dtype, like = self.part(self.entry.made + k), f"ptr @shape{k}, i32 {len(step.shape)}"
        if result_cache.small(step):
            kept = self.field(self.part(_SPARES), ITEMS)
            place = self.set(f"getelementptr ptr, ptr {kept}, i64 {result_cache.KEPT * k}")
            array = self.checked(f"call ptr @array(ptr {place}, {like}, ptr {dtype}, i32 {result_cache.flags(step)})")
        else:
            self.lines.append(f"  call void @Py_IncRef(ptr {dtype})")  # PyArray_Empty takes a reference
            like = f"i32 {len(step.shape)}, ptr @shape{k}"
            array = self.checked(f"call ptr @PyArray_Empty({like}, ptr {dtype}, i32 0)")
        self.put(array, items, at)
        return array

    def _pointers(self, table: str, arrays: Sequence[str]) -> None:
        """Point the table to the arrays of this call, and clear what is made anew."""
        found = self.entry.found
        for at, step in self.entry.arrays:
            for k, s in enumerate(found.arrays):
                if s is step:
                    self.put(self.field(self._argument(str(at)), DATA), table, GUARDS + 1 + k)
        for k, step in enumerate(found.made):
            number, size = GUARDS + 1 + len(found.arrays) + k, prod(step.shape) * step.dtype.itemsize
            if k < len(arrays):
                self.put(self.field(arrays[k], DATA), table, number)
            data = self.field(table, number * POINTER)
            self.lines.append(f"  call void @llvm.memset.p0.i64(ptr {data}, i8 0, i64 {size}, i1 false)")

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

    def _ends(self, made: str, table: str, careful: bool) -> list[str]:
        """What happens where the function does not come to its end."""
        guards = self.entry.found.program.guards
        differs = ["  br label %guard"]
        if careful:
            last = len(guards) - 1
            differs = [
                f"  %guards.at = getelementptr ptr, ptr {table}, i64 {GUARDS}", "  %guards = load ptr, ptr %guards.at",
                f"  %last.at = getelementptr i8, ptr %guards, i64 {last}", "  %last = load i8, ptr %last.at",
                f"  %first = icmp eq i8 %last, {int(guards[last].holds)}", "  br i1 %first, label %guard, label %other",
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
