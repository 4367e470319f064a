"""The recording behind a picture, as the page computes it again for other inputs."""

from __future__ import annotations

import math
from typing import Any

from chainrule.numbers import Number, shape
from chainrule.ops.text import CannotWrite
from chainrule.show.page.rules import rule
from chainrule.show.picture.graph import Decision, Node, Picture, row_named
from chainrule.show.picture.number_format import Spread

MOST_NUMBERS = 10_000
"""Constants among them; beyond, moving an input would stutter."""


def recording(picture: Picture) -> tuple[dict[str, Any] | str, list[str]]:
    """Operators, operands and numbers of an unfolded picture, or why the page cannot compute it; and the rules of
    its operators as JavaScript.

    >>> from chainrule.show.picture.reading import picture_of
    >>> graph, rules = recording(picture_of(lambda a, b: a * b + a, 2.0, 3.0))
    >>> graph["nodes"], len(rules)
    ([[-1, 2.0], [-1, 3.0], [0, 0, 1], [1, 2, 0]], 2)
    """
    why = _not_numbers(picture)
    if why:
        return why, []
    at = {n.id: k for k, n in enumerate(picture.nodes)}
    rules: dict[str, int] = {}
    nodes = []
    for n in picture.nodes:
        if not n.op:
            nodes.append([-1, number(n.value)])
            continue
        given = arguments(n, at)
        try:
            text = _rule(n, len(given))
        except CannotWrite:
            where = f" ({n.place})" if n.place else ""
            return f"the page cannot recompute {n.name}{where}, so inputs stay as recorded", []
        nodes.append([rules.setdefault(text, len(rules)), *given])
    inputs = [[at[n.id], n.title] for n in picture.inputs]
    return {
        "nodes": nodes,
        "inputs": inputs,
        "root": at[picture.roots[0].id],
        "asked": [_asked(d, at) for d in picture.decisions],
    }, list(rules)


def _asked(d: Decision, at: dict[int, int]) -> list[Any]:
    sides = [at[x] if isinstance(x, int) else [number(x[0])] for x in (d.left, d.right)]
    return [sides[0], d.sign, sides[1], d.answer]


def _not_numbers(picture: Picture) -> str:
    if picture.stop is not None:
        return "the function stopped before it had a result, so inputs cannot be moved in the page"
    if any(number(n.value) is None for n in picture.nodes):
        return "values here are arrays, so inputs cannot be moved in the page"
    if len(picture.nodes) > MOST_NUMBERS:
        return f"{len(picture.nodes):,} numbers, constants among them: too many to be moved in the page"
    return ""


def _rule(node: Node, count: int) -> str:
    row = row_named(node.op)
    if row is None:
        raise CannotWrite("a derivative written by hand")
    return rule(row, count, {k: v for k, v in node.settings.items() if k != "exponent"})


def arguments(node: Node, at: dict[int, int]) -> list[Any]:
    """The operands of a box by their position, a fixed exponent as a list of itself."""
    fixed = [[number(node.settings["exponent"])]] if "exponent" in node.settings else []
    return [*(at[k] for k in node.operands), *fixed]


def number(x: Number) -> Any:
    """A number as JSON can say it; None for what is not a single number."""
    if x is None or isinstance(x, Spread) or shape(x):
        return None
    x = float(x)
    return x if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"
