"""What stands in a box and on an arrow, in words and sizes; the same for every form of drawing."""

from __future__ import annotations

import math

from chainrule.numbers import primal, shape
from chainrule.show.picture.graph import Edge, Node, Picture
from chainrule.show.picture.layout import Point
from chainrule.show.picture.number_format import Spread, brief, size, trouble

FONT, CHARACTER, LINE, PAD = 13, 7.85, 17.0, 9.0


def lines(node: Node, picture: Picture) -> list[tuple[str, str]]:
    """The lines of a box, each with its class."""
    if node.kind == "constant":
        return [("name", node.title)]
    missing = node.gradient is None
    value = [("value wrong" if trouble(node.value) else "value", _marked(node.value))]
    bars = node.value.bars if isinstance(node.value, Spread) else _bars(node)
    gradient = picture.gradient_text(node)
    if trouble(node.gradient):
        gradient = f"⚠ {gradient}"
    kind = "none" if missing else "gradient wrong" if trouble(node.gradient) else "gradient"
    return [("name", node.title), *value, *([("value", bars)] if bars else []), (kind, gradient)]


def _bars(node: Node) -> str:
    return Spread.of(primal(node.value)).bars if shape(node.value) else ""


def _marked(value: object) -> str:
    return f"⚠ {brief(value)}" if trouble(value) else brief(value)


def box(node: Node, picture: Picture, room: int = 0) -> Point:
    """Width and height of a box."""
    shown = lines(node, picture)
    if node.kind == "constant":
        return CHARACTER * len(shown[0][1]) + 8, LINE + 4
    wide = CHARACTER * max(room, *(len(text) for _, text in shown)) + 2 * PAD
    return max(wide, 46.0), LINE * len(shown) + 2 * PAD - 4


def tooltip(node: Node, picture: Picture) -> str:
    """The source line, then what the box has no room for."""
    first = f"{node.place}  {node.source}".strip()
    facts = [f"{node.title}: {brief(node.value)}", picture.gradient_text(node)]
    if node.uses > 1 and len(node.members) > 1:
        facts.append(f"each used {node.uses} times")
    elif node.uses > 1:
        facts.append(f"used {node.uses} times: its gradient is a sum of {node.uses} terms")
    if picture.shade is not None and node.quantity is not None:
        facts.append(f"{picture.shade.name}: {brief(node.quantity)}")
    if node.trouble:
        facts.append(f"holds {node.trouble}")
    return "\n".join(filter(None, [first, *facts]))


def edge_label(edge: Edge) -> str:
    """The local derivative on an arrow, and how many arrows a bundle has; "" where it is a matrix.

    >>> edge_label(Edge(0, 1, 0.5)), edge_label(Edge(0, 1, 0.5, count=2))
    ('0.5', '2 × 0.5')
    """
    partial = edge.partial
    if partial is None:
        return ""
    text = brief(Spread((), s.low, s.high, s.trouble) if (s := _spread(partial)) else partial)
    if edge.count > 1:
        text = f"{edge.count:,} × ({text})" if "…" in text else f"{edge.count:,} × {text}"
    return f"⚠ {text}" if trouble(partial) else text


def term(edge: Edge) -> str:
    """What an arrow sends, as a product: the gradient of the result times the local derivative."""
    factors = [brief(edge.weight), edge_label(edge).removeprefix("⚠ ") or "its derivative"]
    return " × ".join(f"({f})" if "…" in f and not f.endswith(")") else f for f in factors)


def _spread(partial: object) -> Spread | None:
    return partial if isinstance(partial, Spread) else Spread.of(partial) if shape(partial) else None


def thickness(edge: Edge, heaviest: float) -> float:
    """From 1 to 5 with the contribution, on a square-root scale; what is not finite is thick."""
    weight = size(edge.contribution)
    if weight == math.inf:
        return 5.0
    return 1.0 + 4.0 * math.sqrt(weight / heaviest) if heaviest > 0 else 1.2
