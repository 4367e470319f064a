"""Arrays of earlier results that the caller has dropped, used again: for a small program to make one and to free one
costs as much as computing what is in it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from chainrule.jit.emit.object_layout import AXES, DTYPE, FLAGS, LENGTHS, POINTER, WATCHERS
from chainrule.jit.program import Step

LARGEST = 64 * 1024  # bytes of an array that is kept
KEPT = 2
"""So many arrays are kept for each result: in a loop the caller still holds those of the last iteration."""


def spares(results: list[Step]) -> list[Any]:
    """What has a place for KEPT arrays of each result; None stands for an array that there is not."""
    return [None] * (KEPT * len(results))


def small(step: Step) -> bool:
    """Whether arrays of this result are kept."""
    return prod(step.shape) * step.dtype.itemsize <= LARGEST


def flags(step: Step) -> int:
    """The flags that NumPy gives to a new array."""
    return np.empty(step.shape, step.dtype).flags.num


def text() -> str:
    """Two functions in LLVM's language.

    `dropped` is whether only the list of spares refers to an array, and it is still as it was made: the caller
    may have given it another shape or made it read-only. `array` gives such a one, or a new one, which takes the place
    of the first that has other references. Both need the interpreter's lock.
    """
    fields = {"axes": ("i32", AXES), "flags": ("i32", FLAGS), "dtype": ("ptr", DTYPE)}
    lines = [
        "declare i32 @memcmp(ptr, ptr, i64)",
        "define internal i1 @dropped(ptr %x, ptr %shape, i32 %axes, ptr %dtype, i32 %flags) {",
        "  %references = load i64, ptr %x", "  %alone = icmp eq i64 %references, 1",
        "  br i1 %alone, label %look, label %no", "look:",
    ]  # fmt: skip
    same = []
    for name, (kind, offset) in fields.items():
        lines += [
            f"  %{name}.at = getelementptr i8, ptr %x, i64 {offset}", f"  %{name}.is = load {kind}, ptr %{name}.at",
            f"  %{name}.same = icmp eq {kind} %{name}.is, %{name}",
        ]  # fmt: skip
        same.append(f"%{name}.same")
    lines += [
        f"  %watchers.at = getelementptr i8, ptr %x, i64 {WATCHERS}", "  %watchers.is = load ptr, ptr %watchers.at",
        "  %unwatched = icmp eq ptr %watchers.is, null",
        f"  %a = and i1 {same[0]}, {same[1]}", f"  %b = and i1 {same[2]}, %unwatched", "  %c = and i1 %a, %b",
        "  br i1 %c, label %measure, label %no", "measure:",
        f"  %lengths.at = getelementptr i8, ptr %x, i64 {LENGTHS}", "  %lengths = load ptr, ptr %lengths.at",
        "  %wide = zext i32 %axes to i64", f"  %size = mul i64 %wide, {POINTER}",
        "  %differs = call i32 @memcmp(ptr %lengths, ptr %shape, i64 %size)", "  %yes = icmp eq i32 %differs, 0",
        "  ret i1 %yes", "no:", "  ret i1 false", "}",
        "define internal ptr @array(ptr %spares, ptr %shape, i32 %axes, ptr %dtype, i32 %flags) {",
    ]  # fmt: skip
    for k in range(KEPT):
        lines += [
            f"  %at{k} = getelementptr ptr, ptr %spares, i64 {k}", f"  %x{k} = load ptr, ptr %at{k}",
            f"  %ok{k} = call i1 @dropped(ptr %x{k}, ptr %shape, i32 %axes, ptr %dtype, i32 %flags)",
            f"  br i1 %ok{k}, label %again{k}, label %next{k}",
            f"again{k}:", f"  call void @Py_IncRef(ptr %x{k})", f"  ret ptr %x{k}", f"next{k}:",
        ]  # fmt: skip
    lines += [
        "  call void @Py_IncRef(ptr %dtype)",  # PyArray_Empty takes a reference
        "  %new = call ptr @PyArray_Empty(i32 %axes, ptr %shape, ptr %dtype, i32 0)",
        "  %made = icmp ne ptr %new, null", "  br i1 %made, label %keep, label %failed", "keep:",
        "  call void @Py_IncRef(ptr %new)",
        *(f"  store ptr {f'%x{k - 1}' if k else '%new'}, ptr %at{k}" for k in range(KEPT)),
        f"  call void @Py_DecRef(ptr %x{KEPT - 1})", "  ret ptr %new", "failed:", "  ret ptr null", "}", "",
    ]  # fmt: skip
    return "\n".join(lines)
