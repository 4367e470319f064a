"""The steps of a picture in words: each operation forward, each chain-rule sum backward."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from chainrule.numbers import shape
from chainrule.show.picture.boxes import term
from chainrule.show.picture.graph import Edge, Node, Picture, row_named
from chainrule.show.picture.number_format import Spread, brief, trouble

MOST_ROWS = 600
NO_NUMBER = "0 × inf is no number: what is sent is the limit, or 0 from a branch that was not taken"


def formula(n: Node, by: dict[int, Node]) -> str:
    """The operation with its operands' labels, or their numbers where they have none; "" for inputs.

    >>> from chainrule import Value
    >>> from chainrule.show.picture.reading import picture
    >>> nodes = picture((Value(2.0, "a") * Value(-3.0)) ** 2).nodes
    >>> [formula(n, dict(enumerate(nodes))) for n in nodes]
    ['', '', 'a * (-3)', '(-6) ** 2']
    """
    if not n.op or n.count > 1:
        return ""
    words = words_of(n, by)
    if "exponent" in n.settings:
        words.append(brief(n.settings["exponent"]))
    if n.op == "getitem":
        return f"{words[0]}{n.name}"
    row = row_named(n.op)
    called = f"{n.op if row else n.name}({', '.join(words)})"
    printed = row.printed if row else ""
    if not printed:
        return called
    try:
        return printed.format(*(f"({w})" if w.startswith("-") else w for w in words))
    except IndexError:
        return called


def words_of(n: Node, by: dict[int, Node]) -> list[str]:
    """What stands for each operand: its label, or its number."""
    return [by[k].label or (by[k].name if by[k].kind == "constant" else brief(by[k].value)) for k in n.operands]


def table(view: str, picture: Picture) -> Iterator[str]:
    """Every step as a row, so that the page also says everything without scripts."""
    by = {n.id: n for n in picture.nodes}
    forward = [n for n in picture.nodes if n.kind != "constant"]
    backward = [n for n in reversed(forward) if n.gradient is not None]
    into: dict[int, list[Edge]] = {n.id: [] for n in picture.nodes}
    for e in picture.edges:
        into[e.source].append(e)
    rows = [("forward", n, _said(n, by)) for n in forward]
    rows += [("backward", n, _summed(n, into[n.id])) for n in backward]
    yield '<table><thead><tr><th scope="col">step</th><th scope="col">pass</th><th scope="col">box</th>'
    yield '<th scope="col">what happens</th><th scope="col">line</th></tr></thead><tbody>'
    for k, (direction, n, text) in enumerate(rows[:MOST_ROWS]):
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in (direction, n.title, text, n.place))
        yield f'<tr data-view="{view}" data-step="{k}"><td>{k + 1}</td>{cells}</tr>'
    yield "</tbody></table>"
    if len(rows) > MOST_ROWS:
        yield f"<p>{len(rows) - MOST_ROWS:,} more steps are not listed.</p>"


def _said(n: Node, by: dict[int, Node]) -> str:
    operation = formula(n, by)
    return f"{operation} = {brief(n.value)}" if operation else f"is {brief(n.value)}"


def _summed(n: Node, edges: list[Edge]) -> str:
    """The chain rule for one box with numbers: `grad = 1 × -2 + 3 × 4 = 10`."""
    terms = [term(e) for e in edges]
    total = brief(n.gradient)
    if n.count > 1:
        return f"grads {total}"
    if not terms:
        return f"grad = {total}"
    note = f"; {NO_NUMBER}" if any(map(_no_number, edges)) else ""
    return f"grad = {' + '.join(terms[:6])}{' + …' if len(terms) > 6 else ''} = {total}{note}"


def _no_number(edge: Edge) -> bool:
    """Whether an arrow sends a number that the product of its factors, 0 and infinity, is not."""
    if edge.weight is None or any(isinstance(x, Spread) or shape(x) for x in (edge.weight, edge.partial)):
        return False
    return (
        edge.weight == 0
        and edge.partial is not None
        and abs(edge.partial) == math.inf
        and not trouble(edge.contribution)
    )
