"""The function of a program that Python calls, itself machine code: it looks whether the arguments are those it was
compiled for, makes the arrays of the results, and computes.

The same in Python costs some microseconds, as much as a small program's work.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from chainrule.jit.emit import result_cache
from chainrule.jit.emit.instructions import NAME, Instructions, declarations
from chainrule.jit.emit.object_layout import AXES, DATA, DTYPE, FLAGS, ITEMS, LENGTHS, PARTS, POINTER, STRIDES, TYPE
from chainrule.jit.emit.stage import Stage
from chainrule.jit.plan.memory import Memory
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import Step
from chainrule.jit.run import pool

LONG = 200_000  # elements; code that runs over more lets other threads of Python run meanwhile
PRODUCTS = 16  # of a matrix product, that take as long as an element of other loops
_OTHER, _NONE, _SCRATCH, _FIRST = range(4)  # NotImplemented, None, memory, and then the rest of what `Parts` lists
ALIGNED = 0x100  # among NumPy's flags


def longest(plan: Plan) -> int:
    """Elements of the longest loop; what is multiplied and added is a small part of one."""
    sizes = [
        prod(loop.shape) // (PRODUCTS if all(r.target in plan.row_products for r in loop.roots) else 1)
        for work in plan.rounds
        for loop in work.loops
    ]
    sizes += [prod(step.shape) for work in plan.rounds for step in work.scans]
    return max(sizes, default=0)


class Parts:
    """The places of what an entry needs besides its arguments, in the tuple that it is bound to."""

    def __init__(self, memory: Memory) -> None:
        self.inputs, self.memory = memory.plan.program.inputs, memory
        self.types = _FIRST
        self.dtypes = self.types + len(self.inputs)
        self.constants = self.dtypes + len(self.inputs)
        self.fresh = self.constants + len(memory.constants)
        self.spares = self.fresh + len(memory.fresh)
        self.kinds = self.spares + 1

    def bound(self, types: Sequence[type], constants: list[Any], scratch: Any) -> list[Any]:
        """The parts themselves, for arguments of these types."""
        return [
            NotImplemented, None, scratch, *types, *(s.dtype for s in self.inputs), *constants,
            *(s.dtype for s in self.memory.fresh), result_cache.spares(self.memory.fresh),
            *(s.dtype.type for s in self.memory.numbers),
        ]  # fmt: skip


def text(memory: Memory, stage: str, promised: int) -> str:
    """The entry of a program of one stage, in LLVM's language.

    It returns the list of results; None where a guard up to number `promised` does not hold; NotImplemented where the
    arguments are of another kind or layout, or another guard does not hold.
    """
    writer = _Writer(Parts(memory))
    return "\n".join([declarations(), result_cache.text(), *writer.function(stage, promised), ""])


def possible(memory: Memory, stages: Sequence[Stage]) -> bool:
    """Whether a program is one native function, and small, so that it may keep other threads of Python waiting; runs of
    an entry share their scratch memory."""
    plan = memory.plan
    alone = len(stages) == 1 and not stages[0].calls and getattr(sys, "_is_gil_enabled", lambda: True)()
    small = longest(plan) <= LONG and all(prod(s.shape) * s.dtype.itemsize < pool.LEAST for s in memory.fresh)
    return bool(alone and small and all(any(s is y for y in plan.outputs) for s in memory.fresh))


class _Writer(Instructions):
    """The instructions of one entry."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts, self.memory = parts, parts.memory

    def function(self, stage: str, promised: int) -> list[str]:
        outputs = self.memory.plan.outputs
        self._arguments()
        made = self.set(f"call ptr @PyList_New(i64 {len(outputs)})")
        self.go_on(self.set(f"icmp ne ptr {made}, null"), "failed")
        slots = self._slots(made)
        inputs = self._list("%args")
        scratch = self.field(self.part(_SCRATCH), DATA)
        status = self.set(f"call i32 @{stage}(ptr {inputs}, ptr {self._list(slots)}, ptr {scratch})")
        self.go_on(self.set(f"icmp eq i32 {status}, 0"), "differs")
        numbers = [k for k, s in enumerate(outputs) if not s.shape]
        for n, (k, step) in enumerate(zip(numbers, self.memory.numbers, strict=True)):
            place = self.set(f"getelementptr double, ptr %numbers, i64 {n}")
            x = self.checked(f"call ptr @PyFloat_FromDouble(double {self.set(f'load double, ptr {place}')})")
            if step.dtype != np.float64:
                kind, plain = self.part(self.parts.kinds + n), x
                x = self.set(f"call ptr (ptr, ...) @PyObject_CallFunctionObjArgs(ptr {kind}, ptr {plain}, ptr null)")
                self.lines.append(f"  call void @Py_DecRef(ptr {plain})")
                self.go_on(self.set(f"icmp ne ptr {x}, null"), "drop")
            self.lines.append(f"  call i32 @PyList_SetItem(ptr {made}, i64 {k}, ptr {x})")
        return [
            *self._shapes(), f"define ptr @{NAME}(ptr %self, ptr %args, i64 %count, ptr %keywords) {{", "entry:",
            f"  %numbers = alloca double, i64 {max(len(numbers), 1)}", *self.lines, f"  ret ptr {made}",
            *self._ends(made, status, promised), "}",
        ]  # fmt: skip

    def _ends(self, made: str, status: str, promised: int) -> list[str]:
        """What happens where the function does not come to its end."""
        return [
            "differs:", f"  call void @Py_DecRef(ptr {made})",
            f"  %known = icmp ule i32 {status}, {promised}", "  br i1 %known, label %guard, label %other",
            "drop:", f"  call void @Py_DecRef(ptr {made})", "  br label %failed",
            "failed:", "  ret ptr null",
            *(f for name, k in (("guard", _NONE), ("other", _OTHER)) for f in (
                f"{name}:", f"  %{name}.at = getelementptr i8, ptr %self, i64 {PARTS + k * POINTER}",
                f"  %{name}.is = load ptr, ptr %{name}.at", f"  call void @Py_IncRef(ptr %{name}.is)",
                f"  ret ptr %{name}.is",
            )),
        ]  # fmt: skip

    def _arguments(self) -> None:
        """Leave unless they are as many as expected, of the types, shapes and kinds of numbers expected."""
        inputs = self.parts.inputs
        self.go_on(self.set("icmp eq ptr %keywords, null"), "other")
        self.go_on(self.set(f"icmp eq i64 %count, {len(inputs)}"), "other")
        for k, step in enumerate(inputs):
            x = self.set(f"load ptr, ptr {self.set(f'getelementptr ptr, ptr %args, i64 {k}')}")
            self.same(self.field(x, TYPE), self.part(self.parts.types + k))
            if not step.shape:
                continue
            self.same(self.field(x, DTYPE), self.part(self.parts.dtypes + k))
            shape, strides = step.settings.get("shape", step.shape), step.settings.get("strides", ())
            self.go_on(self.set(f"icmp eq i32 {self.field(x, AXES, 'i32')}, {len(shape)}"), "other")
            for place, expected in ((LENGTHS, shape), (STRIDES, strides)):
                numbers = self.field(x, place) if expected else ""
                for axis, number in enumerate(expected):
                    found = self.field(numbers, axis * POINTER, "i64")
                    self.go_on(self.set(f"icmp eq i64 {found}, {number}"), "other")
            if strides:
                aligned = self.set(f"and i32 {self.field(x, FLAGS, 'i32')}, {ALIGNED}")
                self.go_on(self.set(f"icmp ne i32 {aligned}, 0"), "other")

    def _slots(self, made: str) -> str:
        """The arrays of the program's slots: constants, new ones, which belong to the list of results, and one for
        numbers."""
        fresh, count = self.memory.fresh, len(self.memory.constants)
        slots = self.set(f"alloca ptr, i64 {count + len(fresh) + 1}")
        for k in range(count):
            self.put(self.part(self.parts.constants + k), slots, k)
        kept = self.field(self.part(self.parts.spares), ITEMS)
        for k, step in enumerate(fresh):
            array = self._array(k, step, kept)
            place = next(n for n, s in enumerate(self.memory.plan.outputs) if s is step)
            self.lines.append(f"  call i32 @PyList_SetItem(ptr {made}, i64 {place}, ptr {array})")
            self.put(array, slots, count + k)
        head = self.set(f"alloca i8, i64 {DATA + POINTER}, align 8")  # looks like an array of the numbers
        self.store("%numbers", self.set(f"getelementptr i8, ptr {head}, i64 {DATA}"))
        self.put(head, slots, count + len(fresh))
        return slots

    def _array(self, k: int, step: Step, kept: str) -> str:
        """An array for result k, perhaps one of those that are `kept`."""
        dtype, like = self.part(self.parts.fresh + k), f"i32 {len(step.shape)}, ptr @shape{k}"
        if not result_cache.small(step):
            self.lines.append(f"  call void @Py_IncRef(ptr {dtype})")  # which the array takes
            return self.checked(f"call ptr @large_array({like}, ptr {dtype}, i32 0)")
        place = self.set(f"getelementptr ptr, ptr {kept}, i64 {result_cache.KEPT * k}")
        like = f"ptr @shape{k}, i32 {len(step.shape)}"
        return self.checked(f"call ptr @array(ptr {place}, {like}, ptr {dtype}, i32 {result_cache.flags(step)})")

    def _list(self, items: str) -> str:
        """What looks like a list of these items."""
        head = self.set(f"alloca i8, i64 {ITEMS + POINTER}, align 8")
        self.store(items, self.set(f"getelementptr i8, ptr {head}, i64 {ITEMS}"))
        return head

    def _shapes(self) -> list[str]:
        return [
            f"@shape{k} = internal constant [{len(s.shape)} x i64] [{', '.join(f'i64 {n}' for n in s.shape)}]"
            for k, s in enumerate(self.memory.fresh)
        ]
