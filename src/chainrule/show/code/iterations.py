"""A loop of a program as a loop of Python's: what is handed from one iteration to the next is assigned again, what
others read of every iteration is kept in a list."""

from __future__ import annotations

from collections import Counter as Counts
from dataclasses import dataclass, field
from typing import Any

from chainrule.jit.loops.indices import MOVING, filled, numbers
from chainrule.jit.loops.indices import form as form_of
from chainrule.jit.loops.loop import Invariant, Local, Loop, LoopCarried, Operand, Streamed
from chainrule.jit.program import CONSTANT, INPUT, Step
from chainrule.show.code.counting import Count, Counted, Counter
from chainrule.show.code.lines import Lines
from chainrule.show.code.lists import Kept, repeated
from chainrule.show.code.loops import before, contents
from chainrule.show.code.python_syntax import Text, Written
from chainrule.show.code.wrapping import WIDEST
from chainrule.show.readable import value_of

FLOATS = ("where", "stack")
"""Rows whose constants decide the type of an array."""


@dataclass
class _Statement:
    """A line of the body: `target` is assigned, or appended to where it is a list; `reads` are variables from the
    iteration before, `local` says whether others of this one are read."""

    place: int
    target: str
    code: str
    reads: set[str]
    local: bool
    appends: bool = False

    @property
    def line(self) -> str:
        return f"{self.target}.append({self.code})" if self.appends else f"{self.target} = {self.code}"


@dataclass
class _Read:
    """How a step of this iteration is read, and what it reads itself where it has no line."""

    text: Text
    reads: set[str] = field(default_factory=set)
    local: bool = False


class Iterations:
    """One loop that is written into `lines`; it is part `at` of them."""

    def __init__(self, lines: Lines, loop: Loop, at: int) -> None:
        self.lines, self.loop, self.at = lines, loop, at
        self.uses = Counts(o.place for row in loop.operands for o in row if isinstance(o, Local))
        carried = [o for row in loop.operands for o in row if isinstance(o, LoopCarried)]
        kept = {o.place for o in carried if len(o.first) > 1}
        last = len(loop.steps) - loop.period
        kept |= {k % loop.period for k, step in enumerate(loop.steps[:last]) if lines.uses[id(step)]}
        self.final = {k for k in range(loop.period) if lines.uses[id(loop.steps[last + k])]}
        self.carried = {(o.place, o.first[0]): "" for o in carried if len(o.first) == 1}
        self.names = [lines.name(loop.steps[loop.period + k]) for k in range(loop.period)]
        self.kept: dict[int, Kept] = {}
        self._targets: dict[int, str] = {}
        for place in sorted(kept):
            like = self.names[place] or next((t.code for t in self._begun(place) if t.code.isidentifier()), "")
            self.kept[place] = Kept(lines.names.plural(like), contents(loop, place))

    def _begun(self, place: int) -> list[Text]:
        return [self.lines.text(step) for step in before(self.loop, place)]

    def write(self) -> None:
        """The lines before the loop, the loop, and how its results are read from now on."""
        lines, counted = self.lines, self._counted()
        fixed = [o.step for row in self.loop.operands for o in row if isinstance(o, Invariant)]
        self.fixed = {id(step): lines.text(step) for step in fixed}
        counts = [count for found in counted.values() for count in found.counts]
        counter = Counter.of(counts, self.loop.count, lines.counter)
        self.moving = {key: found.text(counter) for key, found in counted.items()}
        begin = {place: ", ".join(text.code for text in self._begun(place)) for place in self.kept}
        setup = [f"{kept.name} = [{begin[place]}]" for place, kept in self.kept.items()]
        for place, first in self.carried:
            setup += self._carry(place, first)
        body = self._statements(set())
        late = {s.target for k, s in enumerate(body) if any(s.target in other.reads for other in body[k + 1 :])}
        at_once = late and self._at_once(body)
        body = self._statements(late) if late and not at_once else body
        if len(body) == 1 and body[0].appends and not begin[body[0].place]:
            whole = f"[{body[0].code} for {counter.name} in {counter.range}]"
            lines.lines.append(f"{body[0].target} = {whole}")
        else:
            listed = [at_once] if at_once else [s.line for s in body]
            end = self._end(set() if at_once else late, {s.place for s in body if s.appends})
            head = f"for {counter.name} in {counter.range}:"
            lines.lines += [*setup, head, *(f"    {line}" for line in [*listed, *end])]
        self._after({s.place for s in body if s.appends})

    # -- before the loop ----------------------------------------------------------------------------------------

    def _counted(self) -> dict[tuple[int, int], Counted]:
        """What counts, by the place of its step and that of its operand, or of a number of its index, from -1 down."""
        found: dict[tuple[int, int], Counted] = {}
        for place, row in enumerate(self.loop.operands):
            steps = self.loop.steps[place :: self.loop.period]
            for slot, operand in enumerate(row):
                if isinstance(operand, Streamed):
                    found[place, slot] = self._streamed(operand.steps, steps[0].op in FLOATS)
            if steps[0].op in MOVING and form_of(steps[0].settings["index"]) is not None:
                indices = [numbers(step.settings["index"]) for step in steps]
                for slot, values in enumerate(zip(*indices, strict=True)):
                    if any(n != values[0] for n in values):
                        found[place, -1 - slot] = self._integers(values)
        return found

    def _integers(self, values: tuple[int, ...]) -> Counted:
        count = Count.of(values)
        return Counted(("", ""), (count,)) if count is not None else self._listed(list(map(repr, values)), "k")

    def _streamed(self, steps: tuple[Step, ...], floats: bool) -> Counted:
        """How the argument is read that is another step in each iteration."""
        rule = None if floats and steps[0].op == CONSTANT else self.lines.lists.rule(steps)
        if rule is not None:
            return rule
        if all(step.op == CONSTANT and step.shape == () for step in steps):
            values = [float(value_of(step)) for step in steps]
            return self._listed([self._float(x) for x in repeated(values)], "c")
        name = next(filter(None, map(self.lines.name, steps)), "")
        return self._listed([text.code for text in self.lines.display(steps)], name)

    def _float(self, x: float) -> str:
        return repr(x) if x - x == 0 else f"float('{x}')"

    def _listed(self, elements: list[str], like: str) -> Counted:
        """A list that is written out before the loop, and repeated where it is shorter than that."""
        code = f"[{', '.join(elements)}]"
        name = self.lines.listed.get(code, "")
        if not name:
            name = self.lines.listed[code] = self.lines.names.plural(like)
            self.lines.lines.append(f"{name} = {code}")
        n = len(elements)
        whole = n == self.loop.count or any(code.startswith("*") for code in elements)
        return Counted((f"{name}[", "]" if whole else f" % {n}]"), (Count(0, 1),))

    def _carry(self, place: int, first: Step) -> list[str]:
        """The line by which a variable begins that is handed on; none where it continues one that is not read any
        more."""
        code, wanted = self.lines.text(first).code, self.names[place]
        known = not wanted or wanted in (code, self.lines.name(first))
        if known and code.isidentifier() and self._free(place, first):
            self.carried[place, first] = code
            return []
        name = self.carried[place, first] = self.lines.names.give(wanted)
        return [f"{name} = {code}"]

    def _free(self, place: int, first: Step) -> bool:
        """Whether only this loop still needs the variable that holds the step."""
        where = self.lines.readers[id(first)]
        held = place in self.kept and first in before(self.loop, place)
        read = all(self._written(k) for k in where if k < self.at)
        return read and where.count(self.at) == 1 and (held or max(where) == self.at)

    def _written(self, reader: int, far: int = 8) -> bool:
        """Whether that part of the lines has been written, or all that is written with it in place; what is more than
        `far` steps away counts as not written."""
        part = self.lines.parts[reader]
        if reader >= self.at or isinstance(part, Loop) or id(part) in self.lines.named:
            return reader < self.at
        others = self.lines.readers[id(part)]
        return far > 0 and max(others) < self.at and all(self._written(k, far - 1) for k in others)

    # -- its body -----------------------------------------------------------------------------------------------

    def _variable(self, place: int) -> str:
        """The first variable that is handed on from a step; "" where there is none."""
        return next((name for (one, _), name in self.carried.items() if one == place), "")

    def _target(self, place: int, late: set[str]) -> str:
        """What a step of the body is called in it."""
        carried = self._variable(place)
        if carried and carried not in late:
            return carried
        if place not in self._targets:
            self._targets[place] = self.lines.names.give(f"next_{carried}" if carried else self.names[place])
        return self._targets[place]

    def _statements(self, late: set[str]) -> list[_Statement]:
        """The lines of the body; variables that are `late` are assigned at its end."""
        done: list[_Statement] = []
        known: list[_Read] = []
        for place, (step, row) in enumerate(zip(self.loop.body, self.loop.operands, strict=True)):
            parts = [self._operand(known, place, slot, operand) for slot, operand in enumerate(row)]
            text = self.lines.printer.text(self._alike(step, place), [part.text for part in parts])
            reads = {name for part in parts for name in part.reads}
            local = any(part.local for part in parts)
            carried, kept = self._variable(place), self.kept.get(place)
            if kept is not None and not carried and not self.uses[place] and not before(self.loop, place):
                done.append(_Statement(place, kept.name, text.code, reads, local, appends=True))
                known.append(_Read(text))
                continue
            once = self.uses[place] == 1 and place not in self.final and kept is None
            if once and not carried and not self.names[place] and len(text.code) <= WIDEST:
                known.append(_Read(text, reads, local))
                continue
            target = self._target(place, late)
            done.append(_Statement(place, target, text.code, reads, local))
            known.append(_Read(Text(target), local=True))
        return sorted(done, key=lambda s: not s.appends and bool(self._variable(s.place)) and not self.uses[s.place])

    def _operand(self, known: list[_Read], place: int, slot: int, operand: Operand) -> _Read:
        if isinstance(operand, Invariant):
            return _Read(self.fixed[id(operand.step)])
        if isinstance(operand, Local):
            return known[operand.place]
        if isinstance(operand, Streamed):
            return _Read(self.moving[place, slot])
        if len(operand.first) > 1:
            return _Read(Text(f"{self.kept[operand.place].name}[-{len(operand.first)}]"))
        name = self.carried[operand.place, operand.first[0]]
        return _Read(Text(name), {name})

    def _alike(self, step: Step, place: int) -> Step:
        """A step of the body as it is printed, with what counts in its index."""
        loop, settings = self.loop, step.settings
        args: list[Step] = []
        for a, operand in zip(step.args, loop.operands[place], strict=True):
            if isinstance(operand, Invariant):
                args.append(a)
            elif isinstance(operand, Streamed):
                args.append(Step(INPUT, (), {}, a.shape, a.dtype))
            else:
                args.append(loop.body[operand.place])
        if any(key[0] == place and key[1] < 0 for key in self.moving):
            own: list[Any] = numbers(settings["index"])
            for slot in range(len(own)):
                if (place, -1 - slot) in self.moving:
                    own[slot] = Written(self.moving[place, -1 - slot].code)
            settings = {**settings, "index": filled(settings["index"], iter(own))}
        return Step(step.op, tuple(args), settings, step.shape, step.dtype)

    def _at_once(self, body: list[_Statement]) -> str:
        """All lines as one assignment, where each is handed on and none reads another; "" where that is not so."""
        body = sorted(body, key=lambda s: (len(s.target), s.target))
        line = f"{', '.join(s.target for s in body)} = {', '.join(s.code for s in body)}"
        variables = set(self.carried.values())
        if any(s.local or s.appends or s.target not in variables for s in body) or len(line) > WIDEST:
            return ""
        return line

    def _end(self, late: set[str], appended: set[int]) -> list[str]:
        """What is kept, and handed on, when an iteration is done."""
        lines = [f"{k.name}.append({self._target(p, late)})" for p, k in self.kept.items() if p not in appended]
        for (place, _), name in self.carried.items():
            target = self._target(place, late)
            lines += [f"{name} = {target}"] * (target != name)
        return lines

    # -- after the loop -----------------------------------------------------------------------------------------

    def _after(self, appended: set[int]) -> None:
        """How the results are read by what follows."""
        lines, loop = self.lines, self.loop
        for place, kept in self.kept.items():
            lines.lists.add(kept)
            overwritten = {first for (one, first), name in self.carried.items() if one == place
                           and lines.texts[id(first)].code == name}  # fmt: skip
            for k, step in enumerate(kept.steps):
                if k >= len(kept.steps) - loop.count or step in overwritten:
                    lines.texts[id(step)] = Text(f"{kept.name}[{k}]")
        last = len(loop.steps) - loop.period
        for place in self.final - appended:
            lines.texts[id(loop.steps[last + place])] = Text(self._variable(place) or self._targets[place])
