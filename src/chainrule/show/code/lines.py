"""The assignments of a text, one after the other, and what each step is called in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chainrule.jit.loops.find import Part
from chainrule.jit.loops.loop import Invariant, LoopCarried, Streamed
from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.show.code.lists import FEWEST, Lists
from chainrule.show.code.loops import parts_of
from chainrule.show.code.names import Names
from chainrule.show.code.python_syntax import Text
from chainrule.show.code.unparse import Printer
from chainrule.show.code.wrapping import WIDEST

LONGEST_SUM = 20_000  # an expression that is longer gets a line of its own, but a sum may take several
JOINED = ("stack", "concatenate")


class Lines:
    """The lines so far. `called` holds the user's names of steps by their identities.

    parts     steps and loops, in the order in which they are written
    uses      how often each step is read: what stays the same in a loop, twice
    readers   the places in `parts` of those who read a step
    named     the steps that have lines of their own
    listed    lists that were written out, and their names
    """

    def __init__(
        self, program: Program, places: dict[int, Text], called: dict[int, str], printer: Printer, taken: Sequence[str]
    ) -> None:
        self.lines: list[str] = []
        self.printer, self.called, self.texts = printer, called, dict(places)
        self.outputs = program.outputs
        steps = Program(program.inputs, program.outputs).steps()
        self.lists = Lists({key: place.code for key, place in places.items()})
        self.parts = parts_of([s for s in steps if s.op not in (INPUT, CONSTANT)], self.lists.places, self.name)
        self.readers: dict[int, list[int]] = {}
        for k, part in enumerate(self.parts):
            for step in _read(part):
                self.readers.setdefault(id(step), []).append(k)
        for step in program.outputs:
            self.readers.setdefault(id(step), []).append(len(self.parts))
        self.uses = Counter({key: len(where) for key, where in self.readers.items()})
        wanted = [self.name(step) for step in steps]
        self._passes = Counter(wanted)  # the same name in every iteration of a loop
        self.names = Names(taken, list(filter(None, wanted)))
        self.counter = self.names.free("k")
        self.named: set[int] = set()
        self.listed: dict[str, str] = {}

    def name(self, step: Step) -> str:
        """What the user calls it; "" where there is no name."""
        return self.called.get(id(step), "")

    def text(self, step: Step) -> Text:
        """How the step is read. Its own line is written first where it is a constant that is long."""
        if id(step) not in self.texts:
            self.straight(step)
        return self.texts[id(step)]

    def straight(self, step: Step) -> None:
        """A step that is computed once: on a line of its own, or where it is read."""
        text, name = self._expression(step), self.name(step)
        once = self.uses[id(step)] == 1
        simple = (step.op == CONSTANT and len(text.code) < 30) or (step.op == "getitem" and len(text.code) < 12)
        only_result = once and self.readers[id(step)] == [len(self.parts)] and (not name or self._passes[name] < 2)
        widest = LONGEST_SUM if step.op in ("add", "subtract") else WIDEST
        if not simple and not only_result and (not once or name or len(text.code) > widest):
            self.named.add(id(step))
            target = self.names.give(name)
            self.lines.append(f"{target} = {text.code}")
            text = Text(target)
        self.texts[id(step)] = text

    def _expression(self, step: Step) -> Text:
        if step.op not in JOINED or len(step.args) < FEWEST:
            return self.printer.text(step, [self.text(a) for a in step.args])
        runs = self.lists.runs(step.args)
        few = Step(step.op, tuple(run[0] for run in runs), step.settings, step.shape, step.dtype)
        return self.printer.text(few, self.display(step.args))

    def display(self, steps: Sequence[Step]) -> list[Text]:
        """The elements of a list display of these steps."""
        return self.lists.display(steps, self.text, self.counter)


def _read(part: Part) -> list[Step]:
    """What a part reads of others."""
    if isinstance(part, Step):
        return list(part.args)
    found: list[Step] = []
    carried: dict[tuple[int, tuple[Step, ...]], None] = {}
    for row in part.operands:
        for operand in row:
            if isinstance(operand, Invariant):
                found += [operand.step] * 2
            elif isinstance(operand, Streamed):
                found += operand.steps
            elif isinstance(operand, LoopCarried):
                carried[operand.place, operand.first] = None
    return [*found, *(step for _, first in carried for step in first)]
