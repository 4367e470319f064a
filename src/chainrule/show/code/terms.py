"""Formulas with shared parts: what a recording becomes before it is printed as source.

`Terms.make` simplifies, and gives the same object for the same formula: what is computed twice is found by
identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.show.traced_comparison import bare

Shape = tuple[int, ...]
Settings = dict[str, Any]

BROADCASTING = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "where", "ties")


class Term:
    """`op` of `args`. A literal number has op "literal", an input "input"; `value` is the number or the text.

    name   what the user calls it, "" when nothing
    """

    __slots__ = ("args", "name", "op", "settings", "shape", "value")

    def __init__(self, op: str, args: tuple[Term, ...], settings: Settings, shape: Shape, value: Any = None) -> None:
        self.op, self.args, self.settings, self.shape, self.value = op, args, settings, shape, value
        self.name = ""

    @property
    def literal(self) -> bool:
        return self.op == "literal"

    def is_number(self, x: float) -> bool:
        """Whether this is the literal x, or an array of nothing but x."""
        return self.literal and self.value.size > 0 and bool(np.all(self.value == x))


class Terms:
    """All terms of one function. `strong`: whether products of cotangents keep their strong zero.

    >>> from chainrule.show.code.simplify import simplified
    >>> terms = Terms(simplified)
    >>> x = terms.input("x", ())
    >>> terms.make("multiply", [terms.literal(1.0), x]) is x
    True
    """

    def __init__(self, simplified: Any, strong: bool = False) -> None:
        self.known: dict[Any, Term] = {}
        self.simplified, self.strong = simplified, strong

    def input(self, text: str, shape: Shape) -> Term:
        return self.known.setdefault(("input", text), Term("input", (), {}, shape, text))

    def literal(self, x: Any) -> Term:
        value = np.asarray(bare(x))
        if value.dtype.kind in "iu" and value.shape == ():
            value = value.astype(float)
        key = ("literal", value.shape, value.dtype.str, value.tobytes())
        return self.known.setdefault(key, Term("literal", (), {}, value.shape, value))

    def make(self, op: str, args: Sequence[Term], settings: Settings | None = None, shape: Shape | None = None) -> Term:
        """The term `op` of `args`, simplified. `shape` may be left out where broadcasting tells it."""
        settings = settings or {}
        if shape is None:
            shape = np.broadcast_shapes(*(a.shape for a in args))
        if op in BROADCASTING:
            args = [self._thinned(a, args, shape) for a in args]
        simpler: Term | None = self.simplified(self, op, list(args), settings, shape)
        if simpler is not None:
            return simpler
        key = (op, tuple(map(id, args)), repr(sorted(settings.items())), shape)
        return self.known.setdefault(key, Term(op, tuple(args), settings, shape))

    def _thinned(self, term: Term, among: Sequence[Term], shape: Shape) -> Term:
        """An operand without the repetition that broadcasting does again."""
        others = [a.shape for a in among if a is not term and a.op != "broadcast_to" and not a.literal]
        if shape == () or shape not in others:
            return term
        if term.literal and term.value.size > 1 and bool(np.all(term.value == term.value.flat[0])):
            return self.literal(term.value.flat[0])
        if term.op == "broadcast_to":
            term = term.args[0]
        if term.op == "reshape" and term.args[0].shape == ():
            return term.args[0]
        return term


def reachable(outputs: Sequence[Term]) -> Iterator[Term]:
    """Every term that the outputs need, operands first."""
    done: set[int] = set()
    pending = list(reversed(outputs))
    while pending:
        term = pending[-1]
        waiting = [a for a in term.args if id(a) not in done] if id(term) not in done else []
        if waiting:
            pending.extend(reversed(waiting))
            continue
        pending.pop()
        if id(term) not in done:
            done.add(id(term))
            yield term
