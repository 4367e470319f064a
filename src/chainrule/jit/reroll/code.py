"""A rolled program in LLVM's language: its functions, and the one that calls them."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.jit.loops.find import Part
from chainrule.jit.reroll.kernels import kernels
from chainrule.jit.reroll.layout import GUARDS, Layout
from chainrule.jit.reroll.segments import Iterations, Segment, pieces, segments
from chainrule.jit.reroll.storage import Storage
from chainrule.jit.reroll.writer import Writer, chunks


@dataclass(frozen=True)
class Written:
    """A program in LLVM's language.

    entries   names of the functions to call in turn with the table of pointers. Each returns whether all guards hold
              that are known by then
    between   what runs after each of them but the last: iterations in which NumPy computes something
    names     of the functions of their native segments, which are called with the table and the number of the iteration
    slots     of scratch memory that it needs
    holds     what the conditions of the guards should be; behind these themselves the code finds it in memory
    """

    code: str
    entries: list[str]
    between: list[Iterations]
    names: dict[Segment, str]
    slots: int
    holds: bytes


def written(found: Layout, parts: list[Part], strict: bool, free: frozenset[int] | None = None) -> Written:
    """The code of a program whose repetition is found, with loops over arrays for any length where some are `free`."""
    holds = bytes(g.holds for g in found.program.guards)
    if found.single:
        chunk = chunks(parts)
        storage = Storage(parts, chunk, found.given, found.results, by_columns=True)
        steps = [s for s in found.program.steps() if not s.shape and (not s.args or id(s) in found.given)]
        writer = Writer(parts, chunk, storage, [s for s in steps if id(s) in found.results], not strict)
        code = writer.text() + _entry("run", [(name, 1) for name in writer.names], len(holds))
        return Written(code, ["run"], [], {}, storage.size, holds)
    storage = Storage(parts, pieces(parts, found), found.given, found.results)
    iterations = segments(parts, found, storage)
    code, names, work = kernels([s for t in iterations for s in t.segments if s.native], storage.size, strict, free)
    groups: list[list[tuple[str, int]]] = [[]]
    for several in iterations:
        if several.native:
            (segment,) = several.segments
            groups[-1].append((names[segment], several.count))
        else:
            groups.append([])
    entries = [f"run{k}" for k in range(len(groups))]
    code += "\n".join(_entry(name, group, len(holds)) for name, group in zip(entries, groups, strict=True))
    between = [several for several in iterations if not several.native]
    own = {s: names[s] for several in between for s in several.segments if s.native}
    return Written(code, entries, between, own, storage.size + work, holds)


def _entry(name: str, calls: list[tuple[str, int]], guards: int) -> str:
    """A function that calls others, each so many times with the number of the iteration, and compares the guards'
    conditions with what they should be."""
    head, before = [f"define i32 @{name}(ptr %table) {{", "entry:"], "entry"
    for k, (called, count) in enumerate(calls):
        if count == 1:
            head.append(f"  call void @{called}(ptr %table, i64 0)")
            continue
        head += [
            f"  br label %loop{k}", f"loop{k}:", f"  %iteration{k} = phi i64 [ 0, %{before} ], [ %next{k}, %loop{k} ]",
            f"  call void @{called}(ptr %table, i64 %iteration{k})", f"  %next{k} = add i64 %iteration{k}, 1",
            f"  %again{k} = icmp ult i64 %next{k}, {count}", f"  br i1 %again{k}, label %loop{k}, label %done{k}",
            f"done{k}:",
        ]  # fmt: skip
        before = f"done{k}"
    if not guards:
        return "\n".join([*head, "  ret i32 1", "}"])
    return "\n".join([
        *head, f"  %at = getelementptr ptr, ptr %table, i64 {GUARDS}", "  %guards = load ptr, ptr %at",
        f"  %holds = getelementptr i8, ptr %guards, i64 {guards}", "  br label %each", "each:",
        f"  %k = phi i64 [ 0, %{before} ], [ %next, %each ]", f"  %wrong = phi i8 [ 0, %{before} ], [ %any, %each ]",
        "  %p = getelementptr i8, ptr %guards, i64 %k", "  %is = load i8, ptr %p",
        "  %q = getelementptr i8, ptr %holds, i64 %k", "  %should = load i8, ptr %q",
        "  %differs = xor i8 %is, %should", "  %any = or i8 %wrong, %differs",
        "  %next = add i64 %k, 1", f"  %more = icmp ult i64 %next, {guards}",
        "  br i1 %more, label %each, label %end",
        "end:", "  %fine = icmp eq i8 %any, 0", "  %answer = zext i1 %fine to i32", "  ret i32 %answer", "}",
    ])  # fmt: skip
