"""Comparisons as SymPy conditions: what a formula holds for, and what it chooses by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.show.traced_comparison import Comparison, bare

SIGNS = {"<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge", "==": "Eq", "!=": "Ne", "&": "And", "|": "Or"}

Side = Callable[[Any], Any]
"""Gives the expression, or the array of expressions, for a Value, a mask or a number."""


def asked(question: Comparison, side: Side) -> Any:
    """The condition that a comparison asks for; an array of conditions where it compares arrays."""
    import sympy

    left = side(question.left)
    if question.sign == "~":
        return _each(sympy.Not, left)
    return _each(getattr(sympy, SIGNS[question.sign]), left, side(question.right))


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """where(condition, yes, no), element by element."""
    import sympy

    return _each(lambda c, a, b: sympy.Piecewise((a, c), (b, True)), condition, yes, no)


def decisions(comparisons: Sequence[Comparison], side: Side) -> Iterator[Any]:
    """What the comparisons that a run has met turned out as, without what is always so."""
    import sympy

    found: dict[Any, None] = {}
    for comparison in comparisons:
        condition = asked(comparison, side)
        answers = _each(lambda c, answer: c if answer else sympy.Not(c), condition, bare(comparison.answer))
        for one in np.ravel(np.asarray(answers, dtype=object)):
            if one not in (sympy.true, True):
                found[one] = None
    yield from found


def _each(compute: Callable[..., Any], *parts: Any) -> Any:
    """`compute` of numbers and expressions, or of each element of arrays of them."""
    if not any(np.shape(x) for x in parts):
        return compute(*parts)
    return np.vectorize(compute, otypes=[object])(*parts)
