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
from chainrule.numbers import Carrier, new_level, primal, shape
from chainrule.recording import order
from chainrule.show.code.python_syntax import HELPERS, Text
from chainrule.show.code.reroll import rolled
from chainrule.show.code.simplify import simplified
from chainrule.show.code.terms import Term, Terms, reachable
from chainrule.show.code.unparse import Printer
from chainrule.show.code.wrapping import WIDEST, wrapped
from chainrule.show.traced_comparison import Comparison, Mask
from chainrule.show.traced_run import Log
from chainrule.transforms.operator import UserOperator
from chainrule.values.value import Value

LONG_CHAIN = 6
LONGEST_SUM = 20_000  # but not a sum, which may be written as sum(...)
IMPORTS = {"math": "import math", "np": "import numpy as np"}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MOST_ASSUMPTIONS = 6
BUILTINS = ("abs", "float", "max", "min", "range", "round", "sum")


class Writer:
    """One run of a function: `term` turns Values into terms, `write` prints the function that gives them.

    inputs, places   the input Values, and how the printed function reaches each of them
    strong           whether 0 * inf stays 0 in the sweep
    """

    def __init__(self, inputs: Sequence[Any], places: Sequence[str], log: Log, strong: bool = False) -> None:
        self.terms, self.log = Terms(simplified, strong), log
        self.of: dict[int, Term] = {}
        self.nodes: list[Any] = list(inputs)
        for v, place in zip(inputs, places, strict=True):
            self.of[id(v)] = self.terms.input(place, shape(v._number))
        self.arrays = any(shape(v._number) for v in inputs)

    # -- from the recording to terms ----------------------------------------------------------------------------

    def term(self, y: Any) -> Term:
        """The term of a Value (with everything that led to it), of a mask, or of a plain number."""
        if isinstance(y, Mask) and y.question is not None:
            return self.question(y.question)
        if not isinstance(y, Carrier):
            return self.terms.literal(y)
        for node in order(y):
            if id(node) not in self.of:
                self._node(node)
        return self.of[id(y)]

    def _node(self, node: Any) -> None:
        parents = dict(zip(node.active, node.parents, strict=True))
        args = [
            self.of[id(parents[i])] if i in parents and not isinstance(x, Mask) else self._operand(node, i)
            for i, x in enumerate(node.operands)
        ]
        size = shape(node._number)
        self.arrays = self.arrays or bool(size) or any(a.shape for a in args)
        written_out = isinstance(node.op, UserOperator)
        term = (
            self._written_out(node, args) if written_out else self.terms.make(node.op.name, args, node.settings, size)
        )
        self.of[id(node)] = term
        self.nodes.append(node)
        if term.op not in ("input", "literal"):
            term.name = term.name or self.log.variable(node)

    def _written_out(self, node: Any, args: Sequence[Term]) -> Term:
        """The value of a user's operator in terms of what it calls."""
        level = new_level()
        leaves = [Value.leaf(primal(x), level) for x in node.operands]
        self.nodes += leaves  # which keeps them, and so their ids
        self.of.update({id(leaf): arg for leaf, arg in zip(leaves, args, strict=True)})
        with np.errstate(all="ignore"):
            return self.term(node.op.computed(*leaves, **node.settings))

    def _operand(self, node: Any, i: int) -> Term:
        top = self._largest(node) if node.op.name == "exp_difference" and i == 1 else None
        return self.term(node.operands[i]) if top is None else top

    def _largest(self, node: Any) -> Term | None:
        """max(a) where a softmax subtracts it: the recording has only the number."""
        a, x = node.parents[0], node.operands[1]
        size = shape(a._number)
        if not size or len(shape(x)) != len(size):
            return None
        axis = tuple(k for k, n in enumerate(shape(x)) if n == 1)
        if not np.array_equal(np.max(a._number, axis=axis, keepdims=True), x):
            return None
        return self.terms.make("max", [self.of[id(a)]], {"axis": axis, "keepdims": True}, shape(x))

    def question(self, asked: Comparison) -> Term:
        """The term of a comparison, or of several joined by & and |."""
        sides = [self.term(asked.left), self.term(asked.right)]
        return self.terms.make("compare", sides, {"sign": asked.sign}, shape(asked.answer))

    # -- from terms to text -------------------------------------------------------------------------------------

    def write(self, title: str, outputs: Sequence[Term], structure: Any, notes: Sequence[str]) -> str:
        """The function: imports, helpers, `def title:`, a docstring made of notes, assignments, `return`."""
        questions = [(self.question(c), c.answer) for c in self.log.comparisons]
        printer = Printer(self.arrays)
        texts, lines = self._lines(outputs, printer, re.findall(r"\w+", title)[1:])
        codes = [_Code(_result(t, texts[id(t)])) for t in outputs]
        body, returned = rolled(lines, f"return {_container(trees.unflatten(structure, codes))}")
        said = " ".join([*_assumed(questions, printer), *self._picked(), *notes])
        docstring = [f'"""{textwrap.fill(said, WIDEST)}"""'] if said else []
        inner = "\n".join([*docstring, *map(wrapped, body), wrapped(returned)])
        whole = f"def {title}:\n{textwrap.indent(inner, '    ')}"
        functions = [*(HELPERS[h].strip() for h in sorted(printer.helpers)), whole]
        imports = [line for name, line in IMPORTS.items() if any(re.search(rf"\b{name}\.", f) for f in functions)]
        return "\n\n\n".join([*filter(None, ["\n".join(imports)]), *functions]) + "\n"

    def _lines(
        self, outputs: Sequence[Term], printer: Printer, taken: Sequence[str]
    ) -> tuple[dict[int, Text], list[tuple[str, str]]]:
        """The text of each term, and the assignments (name, expression) that give names to some."""
        needed = list(reachable(outputs))
        uses = Counter(id(a) for term in needed for a in term.args) + Counter(map(id, outputs))
        passes = Counter(term.name for term in needed if term.name)  # the same name in every pass of a loop
        names = _Names(taken, [term.name for term in needed if term.name])
        results, links = set(map(id, outputs)), _links(needed, uses)
        texts: dict[int, Text] = {}
        lines: list[tuple[str, str]] = []
        for term in needed:
            if term.op == "input":
                texts[id(term)] = Text(term.value)
                continue
            text = printer.text(term, [texts[id(a)] for a in term.args])
            once = uses[id(term)] == 1
            simple = (term.literal and len(text.code) < 30) or (term.op == "getitem" and len(text.code) < 12)
            only_result = id(term) in results and once and passes[term.name] < 2
            widest = LONGEST_SUM if term.op in ("add", "subtract") else WIDEST
            if (
                not simple
                and not only_result
                and (not once or term.name or id(term) in links or len(text.code) > widest)
            ):
                lines.append((names.give(term.name), text.code))
                text = Text(lines[-1][0])
            texts[id(term)] = text
        return texts, lines

    def _picked(self) -> list[str]:
        """A note where a mask picked elements: which ones is written as it was."""
        for node in self.nodes:
            index = node.settings.get("index")
            for part in index if isinstance(index, tuple) else (index,):
                if isinstance(part, np.ndarray) and part.dtype == bool:
                    return ["Elements picked by a mask stay the picked ones."]
        return []


def _assumed(questions: Sequence[tuple[Term, Any]], printer: Printer) -> list[str]:
    """What the run decided, as a sentence for the docstring."""
    found: dict[str, None] = {}
    for term, answer in questions:
        texts: dict[int, Text] = {}
        for t in reachable([term]):
            text = Text(t.value) if t.op == "input" else printer.text(t, [texts[id(a)] for a in t.args])
            texts[id(t)] = text if len(text.code) <= WIDEST else Text("...")
        if shape(answer):
            found[f"{texts[id(term)].code} is {np.array2string(answer, threshold=12, separator=', ')}"] = None
        else:
            sign = term.settings["sign"] if answer else OPPOSITE[term.settings["sign"]]
            left, right = (texts[id(a)].code for a in term.args)
            found[f"{left} {sign} {right}"] = None
    shown = list(found)
    if len(shown) > MOST_ASSUMPTIONS:
        shown[MOST_ASSUMPTIONS - 1 :] = [f"{len(shown) - MOST_ASSUMPTIONS + 1} more comparisons turn out the same"]
    return [f"Holds where {' and '.join(shown)}."] if shown else []


def _links(needed: Sequence[Term], uses: Counter[int]) -> set[int]:
    """The partial products of long chains, which loops make: each on a line of its own, so that it can be rolled."""
    long: dict[int, int] = {}
    found: set[int] = set()
    for term in needed:
        if term.op == "multiply":
            before = term.args[0]
            long[id(term)] = 1 + (long.get(id(before), 0) if uses[id(before)] == 1 else 0)
    for term in reversed(needed):
        if long.get(id(term), 0) >= LONG_CHAIN or (id(term) in found and long[id(term)] > 1):
            found |= {id(term), id(term.args[0])}
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


class _Code(str):
    """A piece of code among the results."""

    __slots__ = ()


def _container(tree: Any) -> str:
    """Nested results as a Python expression."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {_container(x)}" for key, x in tree.items()) + "}"
    if isinstance(tree, (list, tuple)):
        inner = ", ".join(map(_container, tree))
        return f"[{inner}]" if isinstance(tree, list) else f"({inner},)" if len(tree) == 1 else f"({inner})"
    return str(tree) if isinstance(tree, _Code) else repr(tree)


def _result(term: Term, text: Text) -> str:
    """The text of a result: numbers stay floats."""
    return repr(float(term.value)) if term.literal and term.shape == () else text.code
