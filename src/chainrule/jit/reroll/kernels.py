"""The segments of a rolled program over arrays as native functions."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.jit.emit.build import written
from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, Lane, literal, stored_kind
from chainrule.jit.plan.memory import LINE, Home, Memory
from chainrule.jit.program import Guard, Step
from chainrule.jit.reroll.body import Track
from chainrule.jit.reroll.layout import SCRATCH, SLOT
from chainrule.jit.reroll.segments import Segment


class Kernel(Function):
    """A native function of a segment. Its parameters are the table of pointers and the number of the iteration."""

    def __init__(
        self,
        segment: Segment,
        work: int,
        prefix: str,
        name: str,
        memory: Memory,
        cells: dict[Step, int],
        contract: bool,
    ) -> None:
        super().__init__(f"{prefix}.{name}", memory, cells, contract)
        self.segment, self.work = segment, work
        self._pointers: dict[int, str] = {}
        self._outputs: dict[Step, int] = {}
        for k, step in enumerate(self.plan.outputs):
            self._outputs.setdefault(step, k)

    def data(self, home: Home) -> str:
        if home.area == "scratch":
            at = self.enter(f"getelementptr i64, ptr {self._pointer(SCRATCH)}, i64 {self.work}")
            return self.enter(f"getelementptr i8, ptr {at}, i64 {home.at}")
        if home.area == "input":
            return self._at(self.segment.reads[home.at], self.plan.program.inputs[home.at].dtype)
        step = self.memory.fresh[home.at - len(self.memory.constants)]
        return self._at(self.segment.writes[self._outputs[step]], step.dtype)

    def given(self, step: Step, kind: str) -> Lane:
        name = self.enter(f"load {stored_kind(kind)}, ptr {self.address(self.memory.homes[step])}")
        return Lane(self.code, self.enter(f"icmp ne i8 {name}, 0") if kind == "i1" else name, kind, 1, 0)

    def results(self) -> None:
        for step, track in zip(self.plan.outputs, self.segment.writes, strict=True):
            if not step.shape:
                self.put(self.number(step), self._at(track, step.dtype), 0)

    def text(self, guards: list[tuple[int, Guard]], contiguous: list[Step], calls: list[str]) -> str:
        head = [
            f"define void @{self.name}(ptr %table, i64 %iteration) noinline {{", "entry:",
            f"  %aligned = alloca i64, align {LINE}", "  store volatile i64 0, ptr %aligned",
        ]  # fmt: skip
        before = [f"  call void @{name}(ptr %table, i64 %iteration)" for name in calls]
        return "\n".join([*head, *before, *self.entry, *self.code.sections[0], "  ret void", "}"])

    # -- addresses ----------------------------------------------------------------------------------------

    def _pointer(self, number: int) -> str:
        if number not in self._pointers:
            place = self.enter(f"getelementptr ptr, ptr %table, i64 {number}")
            self._pointers[number] = self.enter(f"load ptr, ptr {place}")
        return self._pointers[number]

    def _moving(self, numbers: Sequence[int]) -> str:
        """The pointer of this iteration."""
        if isinstance(numbers, range):
            at = self.enter(f"add i64 {self.enter(f'mul i64 %iteration, {numbers.step}')}, {numbers.start}")
        else:
            at = self.enter(f"load i64, ptr {self._table('i64', list(map(str, numbers)))}")
        return self.enter(f"load ptr, ptr {self.enter(f'getelementptr ptr, ptr %table, i64 {at}')}")

    def _at(self, track: Track, dtype: np.dtype[Any]) -> str:
        """The address that a track has in this iteration."""
        kind = stored_kind(KIND[dtype])
        if track.constants:
            return self._table(kind, [literal(x, kind) for x in track.constants])
        unit = "i64" if track.pointer == SCRATCH else kind
        if track.listed:
            at = self.enter(f"load i64, ptr {self._table('i64', list(map(str, track.listed)))}")
        elif track.stride:
            at = "%iteration" if not track.shift else self.enter(f"add i64 %iteration, {track.shift}")
            at = at if not track.around else self.enter(f"urem i64 {at}, {track.around}")
            at = self.enter(f"add i64 {self.enter(f'mul i64 {at}, {track.stride}')}, {track.first}")
        else:
            at = str(track.first)
        pointer = self._moving(track.pointers) if track.pointers else self._pointer(track.pointer)
        return self.enter(f"getelementptr {unit}, ptr {pointer}, i64 {at}")

    def _table(self, kind: str, values: list[str]) -> str:
        """The address of one of several constants."""
        name = f"@{self.name}.{len(self.code.declared)}"
        listed = ", ".join(f"{kind} {value}" for value in values)
        self.code.declared[name] = f"{name} = internal constant [{len(values)} x {kind}] [{listed}]"
        return self.enter(f"getelementptr {kind}, ptr {name}, i64 %iteration")


def kernels(
    segments: list[Segment], work: int, strict: bool, free: frozenset[int] | None = None
) -> tuple[str, dict[Segment, str], int]:
    """The functions of segments in LLVM's language; their names; and how many slots of scratch memory they need from
    `work` on, one after the other. Loops are for any length where some are `free`."""
    declared: dict[str, str] = {}
    texts: list[str] = []
    names: dict[Segment, str] = {}
    size = 0
    for k, segment in enumerate(segments):
        make = functools.partial(Kernel, segment, work, f"part{k}")
        memory, made = written(segment.program, strict, careful=True, function=make, free=free)
        (stage,) = made.stages
        texts += stage.texts
        declared |= stage.declared
        names[segment] = stage.name
        size = max(size, -(-memory.scratch // SLOT))
    return "\n".join([*declared.values(), *texts]) + "\n", names, size
