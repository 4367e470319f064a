"""A recording on its way to the text of a Python function."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import UnsupportedFunction
from chainrule.jit.loops.loop import Loop
from chainrule.jit.passes.rewrite import rewritten
from chainrule.jit.program import CONSTANT, INPUT, Guard, Program, Step
from chainrule.show.code.iterations import Iterations
from chainrule.show.code.lines import Lines
from chainrule.show.code.lists import FEWEST
from chainrule.show.code.names import IMPORTS
from chainrule.show.code.python_syntax import ATOM, HELPERS, Text
from chainrule.show.code.unparse import CONDITIONS, Printer
from chainrule.show.code.wrapping import WIDEST, wrapped
from chainrule.show.readable import Readable, value_of
from chainrule.show.recorded import Run

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MOST_ASSUMPTIONS = 6


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
        printer, parameters = Printer(self.arrays), re.findall(r"\w+", title)[1:]
        lines = Lines(self.program, self.places, self.names, printer, parameters)
        for k, part in enumerate(lines.parts):
            if isinstance(part, Loop):
                Iterations(lines, part, k).write()
            else:
                lines.straight(part)
        returned = f"return {_container(trees.unflatten(self.run.structure, self.program.outputs), lines)}"
        said = " ".join([*self._assumed(printer), *notes])
        docstring = [f'"""{textwrap.fill(said, WIDEST)}"""'] if said else []
        inner = "\n".join([*docstring, *map(wrapped, lines.lines), wrapped(returned)])
        whole = f"def {title}:\n{textwrap.indent(inner, '    ')}"
        helpers = [HELPERS[name].strip() for name in sorted(HELPERS) if re.search(rf"\b{name}\b", whole)]
        functions = [*helpers, whole]
        imports = [line for name, line in IMPORTS.items() if any(re.search(rf"\b{name}\.", f) for f in functions)]
        return "\n\n\n".join([*filter(None, ["\n".join(imports)]), *functions]) + "\n"

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


def _container(tree: Any, lines: Lines) -> str:
    """Nested results as a Python expression. A list that the text has already is named."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {_container(x, lines)}" for key, x in tree.items()) + "}"
    if not isinstance(tree, (list, tuple)):
        return _result(tree, lines)
    pieces: list[str] = []
    for single, some in itertools.groupby(tree, key=lambda x: isinstance(x, Step)):
        items = list(some)
        if not single:
            pieces += [_container(x, lines) for x in items]
            continue
        runs = lines.lists.runs(items)
        if len(runs) == 1 == len(items) / len(tree) and len(items) >= FEWEST and isinstance(tree, list):
            return lines.lists.piece(items, lines.counter)[0]
        pieces += [t.code for t in lines.lists.display(items, lambda step: Text(_result(step, lines)), lines.counter)]
    inner = ", ".join(pieces)
    return f"[{inner}]" if isinstance(tree, list) else f"({inner},)" if len(pieces) == 1 else f"({inner})"


def _result(step: Step, lines: Lines) -> str:
    """The text of a result: numbers stay floats."""
    single = step.op == CONSTANT and step.shape == ()
    return repr(float(value_of(step))) if single else lines.text(step).code
