"""A rolled program in LLVM's language: its functions, and the one that calls them."""

from __future__ import annotations

from chainrule.jit.program import CONSTANT, INPUT
from chainrule.jit.roll.find import Part
from chainrule.jit.roll.kernels import kernels
from chainrule.jit.roll.layout import GUARDS, Layout
from chainrule.jit.roll.segments import pieces, segments
from chainrule.jit.roll.storage import Storage
from chainrule.jit.roll.writer import Writer, chunks


def written(found: Layout, parts: list[Part], strict: bool) -> tuple[str, int]:
    """The program in LLVM's language, and how many slots of scratch memory it needs. Its function `run` takes the table
    of pointers and returns whether all guards hold."""
    holds = bytes(g.holds for g in found.program.guards)
    if not found.single:
        storage = Storage(parts, pieces(parts, found), found.given, found.results)
        listed = segments(parts, found, storage)
        code, calls, work = kernels(listed, storage.size, strict)
        return code + _entry(calls, holds), storage.size + work
    chunk = chunks(parts)
    storage = Storage(parts, chunk, found.given, found.results)
    leaves = [s for s in found.program.steps() if not s.shape and (s.op in (INPUT, CONSTANT) or id(s) in found.given)]
    writer = Writer(parts, chunk, storage, [s for s in leaves if id(s) in found.results], not strict)
    return writer.text() + _entry([(name, 1) for name in writer.names], holds), storage.size


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
