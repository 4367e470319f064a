"""A rolled program in LLVM's language: functions of straight code and loops, over a table of pointers."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.jit.emit.lanes import KIND, Code, Lane, literal
from chainrule.jit.emit.rows import computed
from chainrule.jit.loops.loop import Invariant, Local, Loop, LoopCarried, Operand, Streamed
from chainrule.jit.program import CONSTANT, Step
from chainrule.jit.reroll.layout import SCRATCH
from chainrule.jit.reroll.storage import Storage, Stream
from chainrule.jit.reroll.sums import growing

CHUNK = 300  # steps in one function: the time LLVM needs for a function grows faster than its length


def chunks(parts: list[Step | Loop]) -> list[int]:
    """For each part the number of the function it goes to."""
    numbers, size, number = [], 0, 0
    for part in parts:
        own = part.period if isinstance(part, Loop) else 1
        if size and size + own > CHUNK:
            number, size = number + 1, 0
        size += own
        numbers.append(number)
    return numbers


class Writer:
    """Writes the parts of a program as functions, to be called in order with a pointer to the table of pointers.

    given      steps that are not computed here and yet wanted as results
    contract   a product and a sum may become one instruction that rounds once
    names      of the functions
    """

    def __init__(
        self, parts: list[Step | Loop], chunk: list[int], storage: Storage, given: list[Step], contract: bool
    ) -> None:
        self.storage, self.code = storage, Code(contract)
        self.names: list[str] = []
        self._functions: list[str] = []
        self._tables: list[str] = []
        self._values: dict[int, Lane] = {}
        self._pointers: dict[int, str] = {}
        self._lines: list[str] = []
        self._block = "entry"
        for step in given:
            self._keep(step, self._value(step))
        for k, part in enumerate(parts):
            if k and chunk[k] != chunk[k - 1]:
                self._close()
            if isinstance(part, Loop):
                self._loop(part)
            else:
                self._single(part)
        self._close()

    def text(self) -> str:
        """The functions with all that they declare."""
        return "\n".join([*self.code.declared.values(), *self._tables, *self._functions]) + "\n"

    def _close(self) -> None:
        """End the function under construction."""
        self._flush()
        entry = []
        for number, name in self._pointers.items():
            entry.append(f"  {name}.at = getelementptr ptr, ptr %table, i64 {number}")
            entry.append(f"  {name} = load ptr, ptr {name}.at")
        self.names.append(f"part.{len(self.names)}")
        head = f"define internal void @{self.names[-1]}(ptr %table, i64 %iteration) noinline {{\nentry:"
        self._functions.append("\n".join([head, *entry, *self._lines, "  ret void", "}"]))
        self._values, self._pointers, self._lines, self._block = {}, {}, [], "entry"

    def _flush(self) -> None:
        self._lines += self.code.sections[0]
        self.code.sections[0] = []

    # -- numbers ------------------------------------------------------------------------------------------

    def _single(self, step: Step) -> None:
        self._values[id(step)] = value = computed(step, [self._value(a) for a in step.args])
        self._keep(step, value)

    def _value(self, step: Step) -> Lane:
        """A number in a register; loaded where it was computed elsewhere."""
        known = self._values.get(id(step))
        if known is None:
            if step.op == CONSTANT:
                return self.code.constant(step.settings["value"], KIND[step.dtype])
            known = self._values[id(step)] = self._load(self._home(step), step.dtype)
        return known

    def _home(self, step: Step) -> str:
        """The address where a step that was computed elsewhere lies."""
        given = self.storage.given.get(id(step))
        if given is not None:
            return self._address(given.pointer, str(given.offset), step.dtype)
        return self._address(SCRATCH, str(self.storage.slot(step)), step.dtype)

    def _keep(self, step: Step, value: Lane) -> None:
        """Store what others want of a number that was just computed."""
        slot = self.storage.slots.get(id(step))
        if slot is not None:
            self._store(value, self._address(SCRATCH, str(slot), step.dtype))
        for place in self.storage.results.get(id(step), []):
            self._store(value, self._address(place.pointer, str(place.offset), step.dtype))

    # -- memory -------------------------------------------------------------------------------------------

    def _address(self, pointer: int, offset: str, dtype: np.dtype[Any]) -> str:
        name = self._pointers.setdefault(pointer, f"%p{pointer}")
        unit = "i64" if pointer == SCRATCH else _in_memory(dtype)
        return self.code.emit(0, f"getelementptr {unit}, ptr {name}, i64 {offset}")

    def _streamed(self, stream: Stream, counter: str) -> str:
        """The address of the number that a stream has in the iteration under way."""
        if stream.constants:
            kind = _in_memory(stream.dtype)
            return self._table(kind, [literal(s.settings["value"], kind) for s in stream.constants], counter)
        if stream.listed:
            at = self._table("i64", [str(self.storage.slot(s)) for s in stream.listed], counter)
            return self._address(SCRATCH, self.code.emit(0, f"load i64, ptr {at}"), stream.dtype)
        stride = stream.stride
        if stream.bank is not None:
            pointer, first = SCRATCH, stream.bank.slot(stream.first, stream.place)
            stride *= stream.bank.stride
        else:
            assert stream.at is not None
            pointer, first, _ = stream.at
        moved = self.code.emit(0, f"mul nsw i64 {counter}, {stride}")
        return self._address(pointer, self.code.emit(0, f"add nsw i64 {moved}, {first}"), stream.dtype)

    def _table(self, kind: str, values: list[str], counter: str) -> str:
        """The address of one of several constants."""
        name = f"@table.{len(self._tables)}"
        listed = ", ".join(f"{kind} {value}" for value in values)
        self._tables.append(f"{name} = internal constant [{len(values)} x {kind}] [{listed}]")
        return self.code.emit(0, f"getelementptr {kind}, ptr {name}, i64 {counter}")

    def _load(self, address: str, dtype: np.dtype[Any]) -> Lane:
        kind = KIND[dtype]
        name = self.code.emit(0, f"load {_in_memory(dtype)}, ptr {address}")
        if kind == "i1":
            name = self.code.emit(0, f"trunc i8 {name} to i1")
        return Lane(self.code, name, kind, 1, 0)

    def _store(self, value: Lane, address: str) -> None:
        name, kind = value.name, value.kind
        if kind == "i1":
            name, kind = self.code.emit(0, f"zext i1 {name} to i8"), "i8"
        self.code.run(0, f"store {kind} {name}, ptr {address}")

    # -- loops --------------------------------------------------------------------------------------------

    def _loop(self, loop: Loop) -> None:
        storage, code = self.storage, self.code
        for step in storage.copies[loop]:
            self._store(self._value(step), self._address(SCRATCH, str(storage.slot(step)), step.dtype))
        for bank, iteration, place, step in storage.margins[loop]:
            self._store(self._value(step), self._address(SCRATCH, str(bank.slot(iteration, place)), step.dtype))
        iterations = _Turns(self, loop)
        self._flush()
        iterations.write()
        bank = storage.banks[loop]
        kept = [(place, Stream(loop.steps[place].dtype, bank=bank, place=place)) for place in bank.columns]
        direct = [(place, stream) for place, several in storage.direct[loop].items() for stream in several]
        for place, stream in [*kept, *direct]:
            self._store(iterations.values[place], self._streamed(stream, iterations.counter))
        body, code.sections[0] = code.sections[0], []
        self._lines += iterations.framed(body, self._block)
        self._block = f"{iterations.name}.done"
        last = len(loop.steps) - loop.period
        self._values |= {id(loop.steps[last + place]): value for place, value in enumerate(iterations.values)}
        for k, step in enumerate(loop.steps):
            wanted = id(step) in storage.results and k % loop.period not in storage.direct[loop]
            if wanted or id(step) in storage.slots:
                self._keep(step, self._value(step))


class _Turns:
    """The body of a loop under construction. `values` are its numbers, `counter` the number of the iteration."""

    def __init__(self, writer: Writer, loop: Loop) -> None:
        code = writer.code
        self.writer, self.loop, self.name, self.counter = writer, loop, code.name()[1:], code.name()
        self.values: list[Lane] = []
        self._carried: dict[tuple[int, ...], tuple[LoopCarried, list[Lane]]] = {}
        self._streams: dict[tuple[int, ...], Lane] = {}
        self._outer: dict[int, Lane] = {}
        for operand in [operand for row in loop.operands for operand in row]:
            before: tuple[Step, ...] = (operand.step,) if isinstance(operand, Invariant) else ()
            if isinstance(operand, LoopCarried):
                before = operand.first
                key = (operand.place, *map(id, before))
                if key not in self._carried:
                    kind = KIND[before[0].dtype]
                    self._carried[key] = (operand, [Lane(code, code.name(), kind, 1, 0) for _ in before])
            self._outer |= {id(step): writer._value(step) for step in before}

    def write(self) -> None:
        """The instructions of one iteration."""
        for key, stream in self.writer.storage.streams[self.loop].items():
            number = _constant(stream)
            if number is not None:
                self._streams[key] = self.writer.code.constant(number, KIND[stream.dtype])
                continue
            address = self.writer._streamed(stream, self.counter)
            self._streams[key] = self.writer._load(address, stream.dtype)
        code, storage = self.writer.code, self.writer.storage
        sums = (
            growing(self.loop, {*storage.banks[self.loop].columns, *storage.direct[self.loop]}) if code.contract else ()
        )
        for place, (step, row) in enumerate(zip(self.loop.body, self.loop.operands, strict=True)):
            with code.in_any_order(place in sums):
                self.values.append(computed(step, [self._argument(operand) for operand in row]))

    def _argument(self, operand: Operand) -> Lane:
        if isinstance(operand, Invariant):
            return self._outer[id(operand.step)]
        if isinstance(operand, Local):
            return self.values[operand.place]
        if isinstance(operand, Streamed):
            return self._streams[tuple(map(id, operand.steps))]
        return self._carried[operand.place, *map(id, operand.first)][1][-1]

    def framed(self, body: list[str], before: str) -> list[str]:
        """The loop around its body; it begins after the block `before`."""
        name, counter = self.name, self.counter
        lines = [f"  br label %{name}", f"{name}:"]
        lines.append(f"  {counter} = phi i64 [ 0, %{before} ], [ {counter}.next, %{name} ]")
        for operand, lanes in self._carried.values():
            # a value of d iterations ago passes through d registers; the j-th holds at first what the last will hold
            # d - j iterations later
            came = self.values[operand.place].name
            for lane, step in zip(lanes, reversed(operand.first), strict=True):
                first = self._outer[id(step)].name
                lines.append(f"  {lane.name} = phi {lane.kind} [ {first}, %{before} ], [ {came}, %{name} ]")
                came = lane.name
        lines += body
        lines.append(f"  {counter}.next = add nuw nsw i64 {counter}, 1")
        lines.append(f"  {counter}.more = icmp ult i64 {counter}.next, {self.loop.count}")
        lines.append(f"  br i1 {counter}.more, label %{name}, label %{name}.done")
        return [*lines, f"{name}.done:"]


def _constant(stream: Stream) -> Any:
    """The number of a stream of constants that are all one, to the last bit; None for others."""
    found = {literal(s.settings["value"], KIND[stream.dtype]) for s in stream.constants}
    return stream.constants[0].settings["value"] if len(found) == 1 else None


def _in_memory(dtype: np.dtype[Any]) -> str:
    """LLVM's type of a number in memory; a condition takes a byte."""
    kind = KIND[dtype]
    return "i8" if kind == "i1" else kind
