"""A recording on its way to the text of a Python function."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import UnsupportedFunction
from chainrule.jit.passes.rewrite import rewritten
from chainrule.jit.program import CONSTANT, INPUT, Guard, Program, Step
from chainrule.show.code.python_syntax import ATOM, HELPERS, Text, Written
from chainrule.show.code.reroll import rolled
from chainrule.show.code.unparse import CONDITIONS, Printer
from chainrule.show.code.wrapping import WIDEST, wrapped
from chainrule.show.readable import Readable, value_of
from chainrule.show.recorded import Run

LONG_CHAIN = 6
LONGEST_SUM = 20_000  # but not a sum, which may be written as sum(...)
IMPORTS = {"math": "import math", "np": "import numpy as np"}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MOST_ASSUMPTIONS = 6
BUILTINS = ("abs", "float", "max", "min", "range", "round", "sum")


class Writer:
    """A recorded run as text.

    strong    whether 0 * inf stays 0 in the sweep
    """

    def __init__(self, run: Run, places: Sequence[str], strong: bool = False) -> None:
        self.run, self.names = run, dict[int, str]()
        simple = Readable(strong)

        def simpler(step: Step) -> Step:
            found = simple.simpler(step)
            if found.op not in (INPUT, CONSTANT) and (name := run.trace.name(step)):
                self.names.setdefault(id(found), name)
            return found

        self.program = rewritten(run.program, simpler)
        self.places = {id(step): Text(place) for step, place in zip(self.program.inputs, places, strict=True)}
        self.arrays = any(step.shape for step in [*self.program.inputs, *self.program.steps()])

    def write(self, title: str, notes: Sequence[str]) -> str:
        """The function: imports, helpers, `def title:`, a docstring made of notes, assignments, `return`."""
        printer, outputs = Printer(self.arrays), self.program.outputs
        texts, lines = self._lines(printer, re.findall(r"\w+", title)[1:])
        codes = [Written(_result(step, texts[id(step)])) for step in outputs]
        body, returned = rolled(lines, f"return {_container(trees.unflatten(self.run.structure, codes))}")
        said = " ".join([*self._assumed(printer), *notes])
        docstring = [f'"""{textwrap.fill(said, WIDEST)}"""'] if said else []
        inner = "\n".join([*docstring, *map(wrapped, body), wrapped(returned)])
        whole = f"def {title}:\n{textwrap.indent(inner, '    ')}"
        functions = [*(HELPERS[h].strip() for h in sorted(printer.helpers)), whole]
        imports = [line for name, line in IMPORTS.items() if any(re.search(rf"\b{name}\.", f) for f in functions)]
        return "\n\n\n".join([*filter(None, ["\n".join(imports)]), *functions]) + "\n"

    def _lines(self, printer: Printer, taken: Sequence[str]) -> tuple[dict[int, Text], list[tuple[str, str]]]:
        """The text of each step, and the assignments (name, expression) that give names to some."""
        outputs = self.program.outputs
        needed = Program(self.program.inputs, outputs).steps()
        uses = Counter(id(a) for step in needed for a in step.args) + Counter(map(id, outputs))
        wanted = [self.names.get(id(step), "") for step in needed]
        passes = Counter(wanted)  # the same name in every pass of a loop
        names = _Names(taken, list(filter(None, wanted)))
        results, links = set(map(id, outputs)), _links(needed, uses)
        texts = dict(self.places)
        lines: list[tuple[str, str]] = []
        for step, name in zip(needed, wanted, strict=True):
            if step.op == INPUT:
                continue
            text = printer.text(step, [texts[id(a)] for a in step.args])
            once = uses[id(step)] == 1
            simple = (step.op == CONSTANT and len(text.code) < 30) or (step.op == "getitem" and len(text.code) < 12)
            only_result = id(step) in results and once and (not name or passes[name] < 2)
            widest = LONGEST_SUM if step.op in ("add", "subtract") else WIDEST
            if not simple and not only_result and (not once or name or id(step) in links or len(text.code) > widest):
                lines.append((names.give(name), text.code))
                text = Text(lines[-1][0])
            texts[id(step)] = text
        return texts, lines

    def _assumed(self, printer: Printer) -> list[str]:
        """What the run decided, as a sentence for the docstring."""
        found: dict[str, None] = {}
        unsaid = []
        for guard in self.program.guards:
            texts = dict(self.places)
            try:
                for step in Program(self.program.inputs, [guard.step]).steps():
                    text = texts.get(id(step)) or printer.text(step, [texts[id(a)] for a in step.args])
                    texts[id(step)] = text if len(text.code) <= WIDEST else Text("...")
                found[_told(guard, texts)] = None
            except UnsupportedFunction:
                unsaid.append(guard)
        shown = list(found) + ["what cannot be written out is decided the same"] * bool(unsaid)
        if len(shown) > MOST_ASSUMPTIONS:
            shown[MOST_ASSUMPTIONS - 1 :] = [f"{len(shown) - MOST_ASSUMPTIONS + 1} more comparisons turn out the same"]
        return [f"Holds where {' and '.join(shown)}."] if shown else []


def _told(guard: Guard, texts: dict[int, Text]) -> str:
    """What a branch was taken by."""
    step, sides = guard.step, [texts[id(a)].code for a in guard.step.args]
    if step.op == "array_equal" and step.args[1].op == CONSTANT and step.args[1].shape:
        return f"{sides[0]} is {np.array2string(value_of(step.args[1]), threshold=12, separator=', ')}"
    sign = CONDITIONS.get(step.op, "")
    if sign in OPPOSITE:
        return f"{sides[0]} {sign if guard.holds else OPPOSITE[sign]} {sides[1]}"
    return texts[id(step)].code if guard.holds else f"not {texts[id(step)].inside(ATOM)}"


def _links(needed: Sequence[Step], uses: Counter[int]) -> set[int]:
    """The partial products of long chains, which loops make: each on a line of its own, so that it can be rolled."""
    long: dict[int, int] = {}
    found: set[int] = set()
    for step in needed:
        if step.op == "multiply":
            before = step.args[0]
            long[id(step)] = 1 + (long.get(id(before), 0) if uses[id(before)] == 1 else 0)
    for step in reversed(needed):
        if long.get(id(step), 0) >= LONG_CHAIN or (id(step) in found and long[id(step)] > 1):
            found |= {id(step), id(step.args[0])}
    return found


class _Names:
    """Names for assignments: the user's where there is one, else t1, t2, ...; none twice."""

    def __init__(self, taken: Sequence[str], wanted: Sequence[str]) -> None:
        self.used, self.wanted = {*taken, *IMPORTS, *HELPERS, *BUILTINS}, set(wanted)
        self.counts: Counter[str] = Counter()

    def give(self, wanted: str) -> str:
        name = wanted
        while not name.isidentifier() or keyword.iskeyword(name) or name in self.used:
            self.counts[wanted] += 1
            name = f"{wanted or 't'}{self.counts[wanted]}"
            if name in self.wanted:
                name = ""
        self.used.add(name)
        return name


def _container(tree: Any) -> str:
    """Nested results as a Python expression."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {_container(x)}" for key, x in tree.items()) + "}"
    if isinstance(tree, (list, tuple)):
        inner = ", ".join(map(_container, tree))
        return f"[{inner}]" if isinstance(tree, list) else f"({inner},)" if len(tree) == 1 else f"({inner})"
    return repr(tree)


def _result(step: Step, text: Text) -> str:
    """The text of a result: numbers stay floats."""
    return repr(float(value_of(step))) if step.op == CONSTANT and step.shape == () else text.code
