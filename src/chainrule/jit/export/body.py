"""What the C function of a program does: functions of kernels, and the memory they work in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import UnsupportedFunction
from chainrule.jit.call.compile import LONG
from chainrule.jit.emit.build import write
from chainrule.jit.emit.function import Function
from chainrule.jit.emit.groups import items_of
from chainrule.jit.emit.lanes import KIND, stored_kind
from chainrule.jit.export.translate import TYPES, number, translated
from chainrule.jit.loops.find import roll
from chainrule.jit.plan.memory import Home, Memory
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.reroll.code import written
from chainrule.jit.reroll.layout import GIVEN, GUARDS, RESULTS, SCRATCH, SLOT, Layout, layout, single
from chainrule.ops.composite import COMPOSITES
from chainrule.ops.row import TABLE


@dataclass
class Body:
    """`functions` come before the C function of the program, `lines` are its statements. Its parameters are x0, x1, ...
    for the inputs, numbers by value, and y0, y1, ... for the results, all by pointer."""

    functions: str
    lines: list[str]


def body(program: Program) -> Body:
    """How to compute a program in C.

    Raises UnsupportedFunction where part of it is computed by NumPy.
    """
    found = layout(program) if len(program.steps()) >= LONG and single(program) else None
    return _of_numbers(found) if found is not None and found.single else _of_kernels(program)


def c_type(step: Step) -> str:
    return TYPES[stored_kind(KIND[step.dtype])]


def _constant(name: str, step: Step) -> str:
    """A constant array in C."""
    values = np.asarray(step.settings["value"], step.dtype).ravel().tolist()
    listed = ", ".join(number(x, KIND[step.dtype]) for x in values)
    return f"static const {c_type(step)} {name}[{len(values)}] = {{{listed}}};"


def _given(k: int, step: Step) -> str:
    return f"(char *)x{k}" if step.shape else f"(char *)&x{k}"


# -- numbers ------------------------------------------------------------------------------------------------


def _of_numbers(found: Layout) -> Body:
    program = found.program
    made = written(found, roll(found.numbers), strict=False)
    constants = [_constant(f"constant{k}", s) for k, s in enumerate(found.arrays) if s.op != INPUT]
    arrays = {
        id(s): _given(program.inputs.index(s), s) if s.op == INPUT else f"(char *)constant{k}"
        for k, s in enumerate(found.arrays)
    }
    results = [(k, s) for k, s in enumerate(program.outputs) if s.shape]
    single = [(k, s) for k, s in enumerate(program.inputs) if not s.shape]
    wanted = [(k, s) for k, s in enumerate(program.outputs) if not s.shape]
    table = ["(char *)scratch", "(char *)given", "(char *)results", "(char *)guards", *arrays.values()]
    assert (SCRATCH, GIVEN, RESULTS, GUARDS) == (0, 1, 2, 3)
    table += [f"(char *)y{k}" for k, _ in results]
    holds = ", ".join(map(str, [*made.holds, *made.holds])) or "0"
    lines = [
        f"static _Thread_local int64_t scratch[{max(made.slots, 1)}];",
        f"int64_t given[{max(len(single), 1)}], results[{max(len(wanted), 1)}];",
        f"uint8_t guards[] = {{{holds}}};",
        f"char *table[] = {{{', '.join(table)}}};",
    ]
    lines += [f"memcpy((char *)given + {SLOT * j}, &x{k}, sizeof x{k});" for j, (k, _) in enumerate(single)]
    lines += [f"memset(y{k}, 0, {s.nbytes});" for k, s in results]
    lines.append("if (!run((char *)table)) return 1;")
    lines += [f"memcpy(y{k}, (char *)results + {SLOT * j}, sizeof *y{k});" for j, (k, _) in enumerate(wanted)]
    known = dict(arrays)
    for k, s in results:
        if id(s) in known:
            lines.append(f"memcpy(y{k}, {known[id(s)]}, {s.nbytes});")
        known.setdefault(id(s), f"y{k}")
    return Body("\n".join([*constants, translated(made.code)]), lines)


# -- kernels ------------------------------------------------------------------------------------------------


class _Function(Function):
    """A kernel whose `inputs` and `slots` are tables of pointers to elements and numbers, in place of lists of Python's
    objects."""

    def _field(self, home: Home, offset: int) -> str:
        pointer = self.enter(f"getelementptr ptr, ptr %{home.area}s, i64 {home.at}")
        number = home.area == "input" and not self.plan.program.inputs[home.at].shape
        return self.enter(f"load ptr, ptr {pointer}") if number else pointer


def _of_kernels(program: Program) -> Body:
    plan = Plan(program, careful=True)
    memory = Memory(plan)
    function = _Function("run", memory, {}, contract=True)
    for round_index, work in enumerate(plan.rounds):
        for call in work.calls:
            raise UnsupportedFunction(_refused(call))
        for item in items_of(plan, work, round_index):
            write(function, item, 1)
    function.results()
    code = function.text(list(enumerate(plan.program.guards)), [], [])
    pointers, copies = _slots(memory, program)
    inputs = [_given(k, s) for k, s in enumerate(program.inputs)]
    lines = [
        f"static _Thread_local int64_t scratch[{memory.scratch // 8 + 1}];",
        f"double numbers[{max(len(memory.numbers), 1)}];",
        f"char *inputs[] = {{{', '.join(inputs) or '0'}}};",
        f"char *slots[] = {{{', '.join([*pointers, '(char *)numbers'])}}};",
        "int failed = run((char *)inputs, (char *)slots, (char *)scratch);",
        "if (failed) return failed;",
        *copies,
    ]
    constants = [_constant(f"constant{k}", s) for k, s in enumerate(memory.constants)]
    return Body("\n".join([*constants, translated(code)]), lines)


def _slots(memory: Memory, program: Program) -> tuple[list[str], list[str]]:
    """What the slots point to, and how results get from there to where they are wanted."""
    pointers = [f"(char *)constant{k}" for k in range(len(memory.constants))]
    pointers += ["0"] * len(memory.fresh)
    copies, single = [], 0
    for k, step in enumerate(memory.plan.outputs):
        if not step.shape:
            copies.append(f"*y{k} = ({c_type(step)})numbers[{single}];")
            single += 1
            continue
        home = memory.home(step)
        if home.area == "slot" and pointers[home.at] == "0":
            pointers[home.at] = f"(char *)y{k}"
        else:
            where = f"slots[{home.at}]" if home.area == "slot" else f"inputs[{home.at}]"
            copies.append(f"memcpy(y{k}, {where}, {step.nbytes});")
    return pointers, copies


def _refused(call: Any) -> str:
    where = f" ({call.line})" if call.line else ""
    public = call.op not in TABLE or TABLE[call.op].public
    what = call.op.removeprefix("numpy.") if public and call.op not in COMPOSITES else "a part of a derivative"
    return (
        f"export_c: {what} is computed by NumPy{where}, which a C file does not have. Leave it out of the exported "
        "function, or write it with sums and products of elements"
    )
