"""`draw`: a recording as a picture, for notebooks, files and terminals."""

from __future__ import annotations

import importlib
import os
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from chainrule.errors import ArgumentError, MissingExtra, refuse_call, settings_named
from chainrule.numbers import Carrier
from chainrule.show.picture.dot import dot
from chainrule.show.picture.fold import Fold, collapsed, folded, near
from chainrule.show.picture.graph import Node, Picture
from chainrule.show.picture.layers import is_long
from chainrule.show.picture.reading import picture_of
from chainrule.show.picture.shade import Measure, shaded
from chainrule.show.picture.svg import svg
from chainrule.show.picture.tree import tree
from chainrule.show.printable import printable

RENDERED = (".png", ".pdf")
DIRECTIONS = ("auto", "right", "down")
WRITTEN = (".svg", ".dot", ".gv", ".txt")


class Drawing:
    """A drawn recording: an SVG in notebooks, a tree of text in terminals.

    picture    the boxes and arrows
    svg, dot, text    the drawing in that form
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    @cached_property
    def svg(self) -> str:
        return svg(self.picture)

    @property
    def dot(self) -> str:
        return dot(self.picture)

    @property
    def text(self) -> str:
        return tree(self.picture)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing in the form the path's ending says: .svg, .dot, .txt, or (extra `draw`) .png, .pdf."""
        path = Path(path)
        ending = path.suffix.lower()
        if ending in RENDERED:
            graph = _pygraphviz(f"a drawing as {ending}").AGraph(string=self.dot)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about fonts of this machine
                graph.draw(str(path), prog="dot", args="-Gdpi=144" if ending == ".png" else "")
        elif ending in WRITTEN:
            form = {".svg": self.svg, ".txt": self.text}.get(ending) if ending in (".svg", ".txt") else self.dot
            path.write_text(f"{form}\n", encoding="utf-8")
        else:
            expected = ", ".join(WRITTEN + RENDERED)
            raise ArgumentError.here(f"a drawing is saved as {expected}; got the ending {ending or 'none'!r}")
        return path


def _pygraphviz(what: str) -> Any:
    try:
        return importlib.import_module("pygraphviz")
    except ImportError:
        raise MissingExtra(what, "pygraphviz", "draw") from None


@settings_named()
def draw(
    x: Any,
    *at: Any,
    depth: int | None = None,
    fold: Fold = True,
    collapse: Callable[[Node], str | None] | None = None,
    color: str | Measure | None = None,
    highlight: Any = None,
    direction: str = "auto",
    argnums: int | Sequence[int] | None = None,
) -> Drawing:
    """Draw how a Value came about, or what a function does at the arguments after it.

    x          a Value, before or after `backward()`, or a function (it is traced and differentiated)
    depth      draw only what lies within so many operations of the result
    fold       True folds what repeats when there are more than 100 boxes; False never; "structure", "pattern",
               "operation", "line", "function" say how
    collapse   a function that gives boxes a name, or None: boxes of one name are drawn as one
    color      what to shade the boxes by: "gradient", "value", or a function that gives a box a number, or None
    direction  "right", "down" with the inputs above, or "auto": down for chains that are too long for a line
    highlight  what to mark: a label, a line number, "file.py:12", a Value, or the report of a failed check
    argnums    the arguments whose numbers are drawn; by default all. Strings, booleans, functions and None are held as
               they are given, and whole numbers where the function raises otherwise: labels, indices, counts

    Several results are added up. When the function raises, what was recorded before is drawn, and the first line says
    where and why it stopped; when nothing was, the exception passes on.

    Raises ArgumentError for anything but a Value or a function whose result depends on its arguments.

    >>> from chainrule import Value
    >>> x = Value(3.0, "x")
    >>> print(draw(x * x + 1))
    3 nodes, no backward yet
                      value  local
    +                    10
    ├─ *                  9      1
    │  ├─ x (2 uses)      3      3
    │  └─ x (above)              3
    └─ 1
    """
    if direction not in DIRECTIONS:
        raise ArgumentError.here(f"direction is {', '.join(map(repr, DIRECTIONS))}; got {direction!r}")
    if callable(x) and not isinstance(x, Carrier):
        refuse_call(x, at, "give the arguments to run it at, draw(f, 2.0, 3.0)")
    picture = picture_of(x, *at, argnums=argnums)
    if color is not None:
        picture = shaded(picture, color)
    picture = arranged(picture, depth, fold, collapse, highlight)
    return Drawing(replace(picture, down=direction == "down" or (direction == "auto" and is_long(picture))))


def arranged(
    picture: Picture,
    depth: int | None = None,
    fold: Fold = True,
    collapse: Callable[[Node], str | None] | None = None,
    highlight: Any = None,
) -> Picture:
    """What `draw` and `explore` are asked for: marks, then what is left out, then what is drawn as one."""
    if highlight is not None:
        found = marked(picture, highlight)
        if not found and isinstance(highlight, (str, int)):
            known = ", ".join(sorted({n.label or n.name for n in picture.nodes if n.label or n.name})[:12])
            raise ArgumentError.here(
                f"highlight={highlight!r} is no label, operator or line of this drawing; it has {known}"
            )
        picture = replace(picture, highlighted=frozenset(found))
    if depth is not None:
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 0:
            raise ArgumentError.here(f"depth is a number of operations, 0 or more, got {depth!r}")
        picture = near(picture, depth)
    if collapse is not None:
        picture = collapsed(picture, collapse)
    return folded(picture, fold)


PLACE = re.compile(r"(?:Cell In\[\d+\]|[\w.\-]+\.\w+):\d+")


def marked(picture: Picture, wanted: Any) -> list[int]:
    """The boxes that `highlight` asks for."""
    return [n.id for n in picture.nodes if _is(n, wanted)]


def _is(node: Node, wanted: Any) -> bool:
    if isinstance(wanted, int):
        return bool(node.op) and node.where[1] == wanted
    if isinstance(wanted, str):
        return printable(wanted) in (node.label, node.name) or (bool(node.op) and node.place == wanted)
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return any(_is(node, one) for one in wanted)
    causes = getattr(wanted, "causes", None)
    if causes is not None:  # a report names the lines it blames
        return bool(node.op) and node.place in PLACE.findall(" ".join(map(str, causes)))
    return bool(getattr(wanted, "label", "") and node.label == printable(wanted.label))
