"""A native function under construction: where it finds arrays and numbers, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

from chainrule.jit.emit import range_flags
from chainrule.jit.emit.lanes import KIND, Code, Lane, converted, literal, stored_kind
from chainrule.jit.emit.nest import Points, Values
from chainrule.jit.emit.object_layout import DATA, FLAGS, ITEMS
from chainrule.jit.emit.rows import computed
from chainrule.jit.plan.kinds import Kind, parts
from chainrule.jit.plan.memory import LINE, Home, Memory
from chainrule.jit.program import CONSTANT, INPUT, Guard, Step
from chainrule.jit.run.alike import OTHERWISE

NOT_CONTIGUOUS = -1


class Function:
    """Its parameters are the list of inputs, the list of slots and the scratch memory; it returns 0, or 1 + the number
    of a guard that does not hold, or NOT_CONTIGUOUS."""

    parameters = "ptr %inputs, ptr %slots, ptr %scratch"
    threads = 1  # that call it

    def __init__(self, name: str, memory: Memory, cells: dict[Step, int], contract: bool) -> None:
        self.name, self.memory, self.plan, self.cells = name, memory, memory.plan, cells
        self.code = Code(contract)
        self.entry: list[str] = []
        self.numbers: dict[Step, Lane] = {}
        self.round_index = 0  # the round that is being written
        self.outside = 0  # what it returns where a number has left the range of floats; 0: it does not look
        self._bases: dict[Home, str] = {}
        self._helpers: dict[Any, Function] = {}

    # -- arrays -------------------------------------------------------------------------------------------

    def enter(self, instruction: str) -> str:
        """An instruction of the function's beginning."""
        name = self.code.name()
        self.entry.append(f"  {name} = {instruction}")
        return name

    def length(self, value: int, extent: int) -> str:
        """A number that depends on how long an axis is, by a name of its own."""
        assert self.plan.free is not None
        return self.enter(f"add i64 0, {value}{OTHERWISE if extent in self.plan.free else ''}")

    def base(self, step: Step) -> str:
        """The address of the first element of an array in memory."""
        return self.address(self.memory.home(step))

    def address(self, home: Home) -> str:
        known = self._bases.get(home)
        if known is None:
            known = self.data(home)
            if home.offset:
                known = self.enter(f"getelementptr i8, ptr {known}, i64 {home.offset}")
            self._bases[home] = known
        return known

    def data(self, home: Home) -> str:
        """The address of what lives at home.at."""
        if home.area in ("scratch", "own"):
            apart = OTHERWISE if self.plan.free is not None and home.at else ""
            return self.enter(f"getelementptr i8, ptr %{home.area}, i64 {home.at}{apart}")
        return self.enter(f"load ptr, ptr {self._field(home, DATA)}")

    def reserve(self, size: int) -> Home:
        """Memory that nothing else uses."""
        return Home("scratch", self.memory.reserve(size))

    def _object(self, home: Home) -> str:
        items = self.enter(f"getelementptr i8, ptr %{home.area}s, i64 {ITEMS}")
        items = self.enter(f"load ptr, ptr {items}")
        item = self.enter(f"getelementptr ptr, ptr {items}, i64 {home.at}")
        return self.enter(f"load ptr, ptr {item}")

    def _field(self, home: Home, offset: int) -> str:
        return self.enter(f"getelementptr i8, ptr {self._object(home)}, i64 {offset}")

    def flags(self, step: Step) -> str:
        """NumPy's flags of an input array."""
        return self.enter(f"load i32, ptr {self._field(self.memory.homes[step], FLAGS)}")

    def element(self, step: Step, at: int, depth: int = 0) -> Lane:
        """One element of an array in memory."""
        kind = KIND[step.dtype]
        place = self.code.emit(depth, f"getelementptr {stored_kind(kind)}, ptr {self.base(step)}, i64 {at}")
        return self.loaded(place, kind, depth)

    def loaded(self, place: str, kind: str, depth: int) -> Lane:
        name = self.code.emit(depth, f"load {stored_kind(kind)}, ptr {place}")
        if kind == "i1":
            name = self.code.emit(depth, f"icmp ne i8 {name}, 0")
        return Lane(self.code, name, kind, 1, depth)

    def put(self, x: Lane, base: str, at: int) -> None:
        """Store a number as element `at` of an array."""
        name, kind = x.name, x.kind
        if kind == "i1":
            name, kind = self.code.emit(0, f"zext i1 {name} to i8"), "i8"
        place = self.code.emit(0, f"getelementptr {kind}, ptr {base}, i64 {at}")
        self.code.run(0, f"store {kind} {name}, ptr {place}")

    def fill(self, step: Step, value: float) -> None:
        """Store one value in every element."""
        kind = stored_kind(KIND[step.dtype])
        count, base = prod(step.shape), self.base(step)
        if value == 0:
            self.code.declare("llvm.memset.p0.i64", "void", ["ptr", "i8", "i64", "i1"])
            size = count * step.dtype.itemsize
            self.code.run(0, f"call void @llvm.memset.p0.i64(ptr {base}, i8 0, i64 {size}, i1 false)")
            return
        with self.loop("0", str(count), 1) as at:
            place = self.code.emit(0, f"getelementptr {kind}, ptr {base}, i64 {at}")
            self.code.run(0, f"store {kind} {literal(value, kind)}, ptr {place}")

    @contextmanager
    def loop(self, low: str, high: str, stride: int) -> Iterator[str]:
        """What is written inside runs at least once, for each `stride`-th counter, whose name is given."""
        code, (before, head, after) = self.code, (self.label() for _ in range(3))
        counter, following, more = (code.name() for _ in range(3))
        code.sections[0] += [
            f"  br label %{before}", f"{before}:", f"  br label %{head}", f"{head}:",
            f"  {counter} = phi i64 [{low}, %{before}], [{following}, %{head}.end]",
        ]  # fmt: skip
        yield counter
        code.sections[0] += [
            f"  br label %{head}.end", f"{head}.end:", f"  {following} = add i64 {counter}, {stride}",
            f"  {more} = icmp ult i64 {following}, {high}",
            f"  br i1 {more}, label %{head}, label %{after}", f"{after}:",
        ]  # fmt: skip

    def label(self) -> str:
        return "b" + self.code.name()[2:]

    def call(self, key: Any, arguments: list[tuple[str, str]], write: Callable[[Function, list[str]], None]) -> None:
        """Call a function of its own, with arguments of these types. `write` writes it, with the names that they have
        there, for the first call with this key."""
        if key not in self._helpers:
            helper = Function(f"{self.name}.{len(self._helpers)}", self.memory, {}, bool(self.code.contract))
            names = [f"%a{k}" for k in range(len(arguments))]
            helper.parameters = ", ".join(f"{kind} {name}" for (kind, _), name in zip(arguments, names, strict=True))
            self._helpers[key] = helper
            write(helper, names)
            self.code.declared.update(helper.code.declared)
        given = ", ".join(f"{kind} {name}" for kind, name in arguments)
        self.code.run(0, f"call i32 @{self._helpers[key].name}({given})")

    # -- numbers ------------------------------------------------------------------------------------------

    def number(self, step: Step) -> Lane:
        """A step of shape () where it was computed, or loaded from where an earlier function left it."""
        known = self.numbers.get(step)
        if known is not None:
            return known
        kind = KIND[step.dtype]
        if step.op == CONSTANT:
            found = self.code.constant(step.settings["value"], kind)
        elif step.op == INPUT:
            found = self.given(step, kind)
        elif self.plan.kinds[step] is Kind.VIEW:
            found = Values(self, Points((), {}, [], -1, 1), self.round_index, late=False).at(step, ())
        elif step in self.cells and self.memory.plan.kinds[step] is not Kind.REDUCTION:
            place = self.address(Home("scratch", self.cells[step]))
            found = Lane(self.code, self.enter(f"load {kind}, ptr {place}"), kind, 1, 0)
        else:
            found = self.element(step, 0)
        self.numbers[step] = found
        return found

    def given(self, step: Step, kind: str) -> Lane:
        """A number among the inputs."""
        place = self._field(self.memory.homes[step], DATA)
        return Lane(self.code, self.enter(f"load {kind}, ptr {place}"), kind, 1, 0)

    def write(self, step: Step) -> None:
        """A number from numbers, kept for later functions where they need it, or an array of numbers."""
        if step.shape:
            self._assemble(step)
            return
        found = computed(step, [self.number(a) for a in step.args])
        self.numbers[step] = found
        if step in self.cells:
            kind = stored_kind(found.kind)
            name = self.code.emit(0, f"zext i1 {found.name} to i8") if kind == "i8" else found.name
            self.code.run(0, f"store {kind} {name}, ptr {self.address(Home('scratch', self.cells[step]))}")

    def _assemble(self, step: Step) -> None:
        """An array made of numbers."""
        strides = np.cumprod((1, *step.shape[:0:-1]), dtype=int)[::-1]
        base = self.base(step)
        for a, _, place in parts(step):
            at = sum(int(k) * index.start for k, index in zip(strides, place, strict=True))
            if self.memory.stands(step, a, at):
                continue
            self.put(converted(self.number(a), KIND[step.dtype]), base, at)

    # -- the end ------------------------------------------------------------------------------------------

    def results(self) -> None:
        """The numbers among the program's results, as float64."""
        base = self.address(Home("slot", self.memory.results)) if self.memory.numbers else ""
        for k, step in enumerate(self.memory.numbers):
            self.put(converted(self.number(step), "double"), base, k)

    def text(self, guards: list[tuple[int, Guard]], contiguous: list[Step], calls: list[str]) -> str:
        """The whole function. It first checks that the inputs in `contiguous` are, then calls the functions `calls`,
        and last checks guards."""
        answers = [(k + 1, self.number(g.step).name, g.holds) for k, g in guards]
        entry, self.entry = self.entry, []
        checked = self._checked([self.flags(s) for s in contiguous])
        # An aligned variable makes LLVM align the stack; else vectors that it moves there straddle cache lines.
        head = [
            f"define i32 @{self.name}({self.parameters}) {{", "entry:",
            f"  %aligned = alloca i64, align {LINE}", "  store volatile i64 0, ptr %aligned",
        ]  # fmt: skip
        before = [f"  call i32 @{name}({self.parameters})" for name in calls]
        if self.outside:
            self.code.declared.update(range_flags.DECLARED)
        body = [*self.entry, *checked, *before, *entry, *self.code.sections[0]]
        for code, name, holds in answers:
            go, stop = self.label(), self.label()
            ends = (go, stop) if holds else (stop, go)
            body += [f"  br i1 {name}, label %{ends[0]}, label %{ends[1]}", f"{stop}:", f"  ret i32 {code}", f"{go}:"]
        body += range_flags.asked(self.outside) if self.outside else []
        helpers = [helper.text([], [], []) for helper in self._helpers.values()]
        return "\n".join([*helpers, *head, *body, "  ret i32 0", "}"])

    def _checked(self, flags: list[str]) -> list[str]:
        """Return NOT_CONTIGUOUS unless all arrays are C-contiguous and aligned (0x1 and 0x100 in NumPy's flags)."""
        if not flags:
            return []
        lines, every = [], flags[0]
        for other in flags[1:]:
            both = self.code.name()
            lines.append(f"  {both} = and i32 {every}, {other}")
            every = both
        kept, fine, go, stop = self.code.name(), self.code.name(), self.label(), self.label()
        return [
            *lines, f"  {kept} = and i32 {every}, {0x101}", f"  {fine} = icmp eq i32 {kept}, {0x101}",
            f"  br i1 {fine}, label %{go}, label %{stop}", f"{stop}:", f"  ret i32 {NOT_CONTIGUOUS}", f"{go}:",
        ]  # fmt: skip
