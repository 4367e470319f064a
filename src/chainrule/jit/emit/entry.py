"""The function of a program that Python calls, itself machine code: it looks whether the arguments are those it was
compiled for, makes the arrays of the results, and computes.

The same in Python costs some microseconds, as much as a small program's work.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from chainrule.jit.emit import result_cache
from chainrule.jit.emit.object_layout import AXES, DATA, DTYPE, FLAGS, ITEMS, LENGTHS, PARTS, POINTER, STRIDES, TYPE
from chainrule.jit.emit.stage import Stage
from chainrule.jit.plan.memory import Memory
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import Step
from chainrule.jit.run import machine, pool
from chainrule.jit.run.machine import Loaded

NAME = "entry"
LONG = 200_000  # elements; code that runs over more lets other threads of Python run meanwhile
_EMPTY = 184  # the place of PyArray_Empty in NumPy's table of functions, the same in all versions
_OTHER, _NONE, _SCRATCH, _FIRST = range(4)  # NotImplemented, None, memory, and then the rest of what `Parts` lists
ALIGNED = 0x100  # among NumPy's flags
_USED = {
    "PyList_New": "ptr @PyList_New(i64)",
    "PyList_SetItem": "i32 @PyList_SetItem(ptr, i64, ptr)",
    "PyFloat_FromDouble": "ptr @PyFloat_FromDouble(double)",
    "PyObject_CallFunctionObjArgs": "ptr @PyObject_CallFunctionObjArgs(ptr, ...)",
    "Py_IncRef": "void @Py_IncRef(ptr)",
    "Py_DecRef": "void @Py_DecRef(ptr)",
    "PyArray_Empty": "ptr @PyArray_Empty(i32, ptr, ptr, i32)",
}


def longest(plan: Plan) -> int:
    """Elements of the longest loop."""
    return max((prod(loop.shape) for work in plan.rounds for loop in work.loops), default=0)


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
    _known()
    writer = _Writer(Parts(memory))
    declared = [f"declare {f}" for f in _USED.values()]
    return "\n".join([*declared, result_cache.text(), *writer.function(stage, promised), ""])


def entry(loaded: Loaded, parts: Sequence[Any]) -> Callable[..., Any]:
    """The compiled entry as a function of Python's, which keeps what it needs alive."""
    method = _Method(NAME.encode(), loaded.address(NAME), _FASTCALL, None)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    made: Callable[..., Any] = new(ctypes.addressof(method), (*parts, method, loaded), None)
    return made


def possible(memory: Memory, stages: Sequence[Stage]) -> bool:
    """Whether a program is one native function, and small, so that it may keep other threads of Python waiting; runs of
    an entry share their scratch memory."""
    plan = memory.plan
    alone = len(stages) == 1 and not stages[0].calls and getattr(sys, "_is_gil_enabled", lambda: True)()
    small = longest(plan) <= LONG and all(prod(s.shape) * s.dtype.itemsize < pool.LEAST for s in memory.fresh)
    return bool(alone and small and all(any(s is y for y in plan.outputs) for s in memory.fresh))


_FASTCALL = 0x82  # METH_FASTCALL | METH_KEYWORDS: an array of pointers, their number, and keywords or null


class _Method(ctypes.Structure):
    """PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


@functools.cache
def _known() -> None:
    """Tell LLVM where the functions of CPython and NumPy are."""
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    arrays = importlib.import_module("numpy._core._multiarray_umath")
    table = ctypes.cast(get(arrays._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p))
    for name in _USED:
        if name == "PyArray_Empty":
            address = table[_EMPTY]
        else:
            address = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
        machine.binding().add_symbol(name, address)


class _Writer:
    """The instructions of one entry."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.memory = parts, parts.memory
        self.lines: list[str] = []
        self._names = 0

    def function(self, stage: str, promised: int) -> list[str]:
        outputs = self.memory.plan.outputs
        self._arguments()
        made = self.set(f"call ptr @PyList_New(i64 {len(outputs)})")
        self._go_on(self.set(f"icmp ne ptr {made}, null"), "failed")
        slots = self._slots(made)
        inputs = self._list("%args")
        scratch = self.field(self.part(_SCRATCH), DATA)
        status = self.set(f"call i32 @{stage}(ptr {inputs}, ptr {self._list(slots)}, ptr {scratch})")
        self._go_on(self.set(f"icmp eq i32 {status}, 0"), "differs")
        numbers = [k for k, s in enumerate(outputs) if not s.shape]
        for n, (k, step) in enumerate(zip(numbers, self.memory.numbers, strict=True)):
            place = self.set(f"getelementptr double, ptr %numbers, i64 {n}")
            x = self._checked(f"call ptr @PyFloat_FromDouble(double {self.set(f'load double, ptr {place}')})")
            if step.dtype != np.float64:
                kind, plain = self.part(self.parts.kinds + n), x
                x = self.set(f"call ptr (ptr, ...) @PyObject_CallFunctionObjArgs(ptr {kind}, ptr {plain}, ptr null)")
                self.lines.append(f"  call void @Py_DecRef(ptr {plain})")
                self._go_on(self.set(f"icmp ne ptr {x}, null"), "drop")
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
        self._go_on(self.set("icmp eq ptr %keywords, null"), "other")
        self._go_on(self.set(f"icmp eq i64 %count, {len(inputs)}"), "other")
        for k, step in enumerate(inputs):
            x = self.set(f"load ptr, ptr {self.set(f'getelementptr ptr, ptr %args, i64 {k}')}")
            self._same(self.field(x, TYPE), self.part(self.parts.types + k))
            if not step.shape:
                continue
            self._same(self.field(x, DTYPE), self.part(self.parts.dtypes + k))
            shape, strides = step.settings.get("shape", step.shape), step.settings.get("strides", ())
            self._go_on(self.set(f"icmp eq i32 {self.field(x, AXES, 'i32')}, {len(shape)}"), "other")
            for place, expected in ((LENGTHS, shape), (STRIDES, strides)):
                numbers = self.field(x, place) if expected else ""
                for axis, number in enumerate(expected):
                    found = self.field(numbers, axis * POINTER, "i64")
                    self._go_on(self.set(f"icmp eq i64 {found}, {number}"), "other")
            if strides:
                aligned = self.set(f"and i32 {self.field(x, FLAGS, 'i32')}, {ALIGNED}")
                self._go_on(self.set(f"icmp ne i32 {aligned}, 0"), "other")

    def _slots(self, made: str) -> str:
        """The arrays of the program's slots: constants, new ones, which belong to the list of results, and one for
        numbers."""
        fresh, count = self.memory.fresh, len(self.memory.constants)
        slots = self.set(f"alloca ptr, i64 {count + len(fresh) + 1}")
        for k in range(count):
            self._put(self.part(self.parts.constants + k), slots, k)
        kept = self.field(self.part(self.parts.spares), ITEMS)
        for k, step in enumerate(fresh):
            array = self._array(k, step, kept)
            place = next(n for n, s in enumerate(self.memory.plan.outputs) if s is step)
            self.lines.append(f"  call i32 @PyList_SetItem(ptr {made}, i64 {place}, ptr {array})")
            self._put(array, slots, count + k)
        head = self.set(f"alloca i8, i64 {DATA + POINTER}, align 8")  # looks like an array of the numbers
        self._store("%numbers", self.set(f"getelementptr i8, ptr {head}, i64 {DATA}"))
        self._put(head, slots, count + len(fresh))
        return slots

    def _array(self, k: int, step: Step, kept: str) -> str:
        """An array for result k, perhaps one of those that are `kept`."""
        dtype, like = self.part(self.parts.fresh + k), f"i32 {len(step.shape)}, ptr @shape{k}"
        if not result_cache.small(step):
            self.lines.append(f"  call void @Py_IncRef(ptr {dtype})")  # PyArray_Empty takes a reference
            return self._checked(f"call ptr @PyArray_Empty({like}, ptr {dtype}, i32 0)")
        place = self.set(f"getelementptr ptr, ptr {kept}, i64 {result_cache.KEPT * k}")
        like = f"ptr @shape{k}, i32 {len(step.shape)}"
        return self._checked(f"call ptr @array(ptr {place}, {like}, ptr {dtype}, i32 {result_cache.flags(step)})")

    def _list(self, items: str) -> str:
        """What looks like a list of these items."""
        head = self.set(f"alloca i8, i64 {ITEMS + POINTER}, align 8")
        self._store(items, self.set(f"getelementptr i8, ptr {head}, i64 {ITEMS}"))
        return head

    def _shapes(self) -> list[str]:
        return [
            f"@shape{k} = internal constant [{len(s.shape)} x i64] [{', '.join(f'i64 {n}' for n in s.shape)}]"
            for k, s in enumerate(self.memory.fresh)
        ]

    # -- single instructions ------------------------------------------------------------------------------

    def set(self, instruction: str) -> str:
        self._names += 1
        self.lines.append(f"  %x{self._names} = {instruction}")
        return f"%x{self._names}"

    def field(self, of: str, offset: int, kind: str = "ptr") -> str:
        return self.set(f"load {kind}, ptr {self.set(f'getelementptr i8, ptr {of}, i64 {offset}')}")

    def part(self, k: int) -> str:
        return self.field("%self", PARTS + k * POINTER)

    def _store(self, x: str, place: str) -> None:
        self.lines.append(f"  store ptr {x}, ptr {place}")

    def _put(self, x: str, items: str, k: int) -> None:
        self._store(x, self.set(f"getelementptr ptr, ptr {items}, i64 {k}"))

    def _same(self, a: str, b: str) -> None:
        self._go_on(self.set(f"icmp eq ptr {a}, {b}"), "other")

    def _checked(self, call: str) -> str:
        made = self.set(call)
        self._go_on(self.set(f"icmp ne ptr {made}, null"), "drop")
        return made

    def _go_on(self, condition: str, otherwise: str) -> None:
        self._names += 1
        label = f"go{self._names}"
        self.lines += [f"  br i1 {condition}, label %{label}, label %{otherwise}", f"{label}:"]
