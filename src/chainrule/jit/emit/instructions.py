"""Instructions that read and make Python's objects, and native functions that Python calls."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chainrule.jit.emit.object_layout import PARTS, POINTER
from chainrule.jit.run import machine
from chainrule.jit.run.machine import Loaded
from chainrule.ops import reuse

NAME = "entry"
_EMPTY = 184  # the place of PyArray_Empty in NumPy's table of functions, the same in all versions
_USED = {
    "PyList_New": "ptr @PyList_New(i64)",
    "PyList_SetItem": "i32 @PyList_SetItem(ptr, i64, ptr)",
    "PyFloat_FromDouble": "ptr @PyFloat_FromDouble(double)",
    "PyObject_CallFunctionObjArgs": "ptr @PyObject_CallFunctionObjArgs(ptr, ...)",
    "Py_IncRef": "void @Py_IncRef(ptr)",
    "Py_DecRef": "void @Py_DecRef(ptr)",
    "PyArray_Empty": "ptr @PyArray_Empty(i32, ptr, ptr, i32)",
    "large_array": "ptr @large_array(i32, ptr, ptr, i32)",  # the same in the memory of earlier arrays
}


def declarations() -> str:
    """What the instructions call, in LLVM's language."""
    _known()
    return "\n".join(f"declare {f}" for f in _USED.values())


def entry(loaded: Loaded, parts: Sequence[Any]) -> Callable[..., Any]:
    """The compiled function of name NAME as one of Python's, which keeps what it needs alive."""
    method = _Method(NAME.encode(), loaded.address(NAME), _FASTCALL, None)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    made: Callable[..., Any] = new(ctypes.addressof(method), (*parts, method, loaded), None)
    return made


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
        elif name == "large_array":
            address = reuse.empty_address() or table[_EMPTY]
        else:
            address = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
        machine.binding().add_symbol(name, address)


class Instructions:
    """The instructions of a function of `%self`, the tuple that it is bound to, and of an array of arguments."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names = 0

    def set(self, instruction: str) -> str:
        self._names += 1
        self.lines.append(f"  %x{self._names} = {instruction}")
        return f"%x{self._names}"

    def field(self, of: str, offset: int, kind: str = "ptr") -> str:
        return self.set(f"load {kind}, ptr {self.set(f'getelementptr i8, ptr {of}, i64 {offset}')}")

    def part(self, k: int) -> str:
        """Item `k` of the tuple."""
        return self.field("%self", PARTS + k * POINTER)

    def store(self, x: str, place: str) -> None:
        self.lines.append(f"  store ptr {x}, ptr {place}")

    def put(self, x: str, items: str, k: int | str) -> None:
        self.store(x, self.set(f"getelementptr ptr, ptr {items}, i64 {k}"))

    def same(self, a: str, b: str) -> None:
        """Leave for "other" unless two pointers are equal."""
        self.go_on(self.set(f"icmp eq ptr {a}, {b}"), "other")

    def checked(self, call: str) -> str:
        """The object that a call makes; leave for "drop" where it fails."""
        made = self.set(call)
        self.go_on(self.set(f"icmp ne ptr {made}, null"), "drop")
        return made

    def go_on(self, condition: str, otherwise: str) -> None:
        """Leave for `otherwise` unless a condition holds."""
        self._names += 1
        label = f"go{self._names}"
        self.lines += [f"  br i1 {condition}, label %{label}, label %{otherwise}", f"{label}:"]

    @contextlib.contextmanager
    def loop(self, count: int) -> Iterator[str]:
        """`count` turns, one at least, of what is written inside; gives their number."""
        self._names += 1
        name = f"turn{self._names}"
        self.lines += [f"  br label %{name}.from", f"{name}.from:", f"  br label %{name}", f"{name}:"]
        self.lines.append(f"  %{name}.k = phi i64 [ 0, %{name}.from ], [ %{name}.next, %{name}.to ]")
        yield f"%{name}.k"
        self.lines += [
            f"  br label %{name}.to", f"{name}.to:", f"  %{name}.next = add nuw nsw i64 %{name}.k, 1",
            f"  %{name}.more = icmp ult i64 %{name}.next, {count}",
            f"  br i1 %{name}.more, label %{name}, label %{name}.done", f"{name}.done:",
        ]  # fmt: skip
