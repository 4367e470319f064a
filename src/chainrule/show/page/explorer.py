"""`explore`: one HTML file that steps through a recording, forward and backward, and needs nothing else."""

from __future__ import annotations

import json
import math
import os
import string
from dataclasses import replace
from functools import cached_property
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from chainrule.carriers.value import Value
from chainrule.numbers import Number, shape
from chainrule.show.page.listing import files_of, listing, position
from chainrule.show.page.steps import formula, table
from chainrule.show.picture.boxes import edge_label
from chainrule.show.picture.dot import dot
from chainrule.show.picture.drawing import marked
from chainrule.show.picture.fold import WHOLE, folded
from chainrule.show.picture.graph import Node, Picture
from chainrule.show.picture.reading import picture_of
from chainrule.show.picture.svg import svg
from chainrule.show.picture.words import Spread, brief

MOST_BOXES = 400
"""Larger recordings are explored folded only."""
MOST_COMPARED = 5000
ROOM = 16


class Explorer:
    """A page that shows how a gradient came about.

    html    the whole page
    path    where it was written; None when it was not
    """

    def __init__(self, picture: Picture, held: dict[int, str]) -> None:
        self.picture, self.held = picture, held
        self.path: Path | None = None

    @cached_property
    def html(self) -> str:
        return _page(self.picture, self.held)

    def save(self, path: str | os.PathLike[str]) -> Path:
        self.path = Path(path)
        self.path.write_text(self.html, encoding="utf-8")
        return self.path

    def __repr__(self) -> str:
        where = f" in {self.path}" if self.path else ""
        return f"<Explorer: {self.picture.headline}, {len(self.html.encode()) / 1000:.0f} kB{where}>"

    def _repr_html_(self) -> str:
        title = escape(f"How the gradient of {self.picture.title or 'the result'} came about", quote=True)
        return (
            f'<iframe srcdoc="{escape(self.html, quote=True)}" title="{title}" width="100%" height="680" '
            'style="border: 1px solid #8b95a3" allow="clipboard-write"></iframe>'
        )


def explore(x: Any, *at: Any, path: str | os.PathLike[str] | None = None, highlight: Any = None) -> Explorer:
    """A page that steps forward through the values and backward through the gradients.

    x          a Value or a function (traced at the arguments after it). The page shows one backward pass; what
               `.grad` holds beside that is said on the card of the box
    path       the file to write; also taken as the last argument, `explore(loss, "page.html")`
    highlight  what to mark, as for `draw`

    Inputs can be moved in the page when every value is a single number.

    >>> page = explore(lambda a, b: a * b + a, 2.0, 3.0)
    >>> page.picture.headline, "<script src" in page.html
    ('4 nodes', False)
    """
    if path is None and at and isinstance(at[-1], (str, os.PathLike)):
        *at, path = at  # type: ignore[assignment]
    picture = picture_of(x, *at, fresh=True)
    if highlight is not None:
        picture = replace(picture, highlighted=frozenset(marked(picture, highlight)))
    page = Explorer(picture, _held(x) if isinstance(x, Value) and picture.total <= MOST_COMPARED else {})
    if path is not None:
        page.save(path)
    return page


def _held(x: Value) -> dict[int, str]:
    """What `.grad` holds, where that is not what one backward pass gives."""
    now = picture_of(x)
    odd = [n for n in now.nodes if n.kind != "constant" and (n.gradient is None or n.passes != 1)]
    return {n.id: now.gradient_text(n).removeprefix("grad ") for n in odd}


# -- the page ------------------------------------------------------------------------------------------------


def _page(picture: Picture, held: dict[int, str]) -> str:
    views = _views(picture)
    shown = next(iter(views.values()))
    files = files_of(shown)
    title = picture.title or "gradient"
    data = {
        "scalar": all(_number(n.value) is not None for n in shown.nodes),
        "views": {name: _view(p, files, held) for name, p in views.items()},
    }
    figures = [
        f'<div id="figure-{name}"{" hidden" if k else ""}>{svg(p, f"figure-{name}-svg", ROOM)}</div>'
        for k, (name, p) in enumerate(views.items())
    ]
    return string.Template(_part("page.html")).substitute(
        title=escape(f"{title}: how its gradient came about"),
        heading=escape(f"How the gradient of {picture.title or 'the result'} came about"),
        facts=escape(picture.headline),
        css=_part("page.css").rstrip(),
        figures="\n".join(figures),
        hasSource="" if files else "none",
        source=listing(shown, files),
        table="\n".join(table(next(iter(views)), shown)),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        script=f"{_part('rules.js')}{_part('page.js')}".rstrip(),
    )


def _part(name: str) -> str:
    return resources.files("chainrule.show.page").joinpath(name).read_text(encoding="utf-8")


def _views(picture: Picture) -> dict[str, Picture]:
    """The whole picture when it is not too large, and a folded one when that is smaller."""
    views = {"full": picture} if len(picture.nodes) <= MOST_BOXES else {}
    small = folded(picture, True if len(picture.nodes) > WHOLE else "operation")
    if not views or len(small.nodes) < 0.7 * len(picture.nodes):
        views["folded"] = small
    return views


def _view(picture: Picture, files: list[str], held: dict[int, str]) -> dict[str, Any]:
    by = {n.id: n for n in picture.nodes}
    return {
        "root": picture.root.id,
        "dot": dot(picture),
        "nodes": [_node(n, by, picture, files, held) for n in picture.nodes],
        "edges": [
            {"from": e.source, "to": e.target, "d": _number(e.partial), "c": _number(e.contribution),
             "partial": edge_label(e).removeprefix("⚠ "),
             "sent": "" if e.contribution is None else brief(e.contribution)}
            for e in picture.edges
        ],
    }  # fmt: skip


def _node(n: Node, by: dict[int, Node], picture: Picture, files: list[str], held: dict[int, str]) -> dict[str, Any]:
    arguments: list[Any] = list(n.operands)
    if "exponent" in n.settings:
        arguments.append({"fixed": _number(n.settings["exponent"])})
    return {
        "id": n.id, "kind": n.kind, "name": n.name, "title": n.title, "label": n.label, "op": n.op,
        "x": _number(n.value), "text": brief(n.value), "g": _number(n.gradient), "count": n.count,
        "gradient": "" if n.gradient is None else brief(n.gradient), "reached": n.gradient is not None,
        "held": held.get(n.id, ""), "where": n.place if n.op else "", "at": position(n, files), "source": n.source,
        "args": arguments, "lit": n.id in picture.highlighted, "formula": formula(n, by),
    }  # fmt: skip


def _number(x: Number) -> Any:
    """A number as JSON can say it; None for what is not a single number."""
    if x is None or isinstance(x, Spread) or shape(x):
        return None
    x = float(x)
    return x if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"
