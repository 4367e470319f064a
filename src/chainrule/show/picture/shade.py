"""Boxes shaded by a quantity: the size of their gradient, of their value, or whatever a function says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from chainrule.errors import ArgumentError
from chainrule.show.picture.graph import Node, Picture, Shade
from chainrule.show.picture.number_format import size
from chainrule.show.printable import printable

Measure = Callable[[Node], float | None]

MEASURES: dict[str, Measure] = {
    "gradient": lambda n: None if n.gradient is None else size(n.gradient),
    "value": lambda n: None if n.kind == "constant" else size(n.value),
}


def shaded(picture: Picture, color: str | Measure) -> Picture:
    """The picture with the quantity of each box, and what it is called.

    color   "gradient", "value", or a function that gives a box a number, or None for a box without one

    >>> from chainrule import Value
    >>> from chainrule.show.picture.reading import picture
    >>> x = Value(3.0, "x"); y = x * x; y.backward()
    >>> shown = shaded(picture(y), "gradient")
    >>> [n.quantity for n in shown.nodes], shown.note
    ([6.0, 1.0], 'darker by gradient, 1 … 6')
    """
    if isinstance(color, str) and color not in MEASURES:
        raise ArgumentError.here(f"color is {' or '.join(map(repr, MEASURES))} or a function; got {color!r}")
    measure = MEASURES[color] if isinstance(color, str) else color
    name = color if isinstance(color, str) else getattr(color, "__name__", "color").replace("<lambda>", "color")
    name = printable(name)
    found = [measure(n) for n in picture.nodes]
    nodes = [replace(n, quantity=None if q is None else float(q)) for n, q in zip(picture.nodes, found, strict=True)]
    numbers = [n.quantity for n in nodes if n.quantity is not None and math.isfinite(n.quantity)]
    shade = Shade(name, min(numbers, default=0.0), max(numbers, default=0.0))
    return replace(picture, nodes=nodes, shade=shade, note=", ".join(filter(None, [picture.note, str(shade)])))
