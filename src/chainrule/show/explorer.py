"""`explore`: one HTML file that steps through a recording, forward and backward, and needs nothing else."""

from __future__ import annotations

import json
import math
import os
import string
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from chainrule.numbers import Number, shape
from chainrule.ops.row import TABLE
from chainrule.show.dot import dot
from chainrule.show.drawing import marked
from chainrule.show.fold import WHOLE, folded
from chainrule.show.graph import Edge, Node, Picture, picture_of
from chainrule.show.listing import files_of, listing, position
from chainrule.show.svg import edge_label, svg
from chainrule.show.words import Spread, brief

MOST_BOXES = 400
"""Larger recordings are explored folded only."""
MOST_ROWS = 600
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
    page = Explorer(picture, {} if callable(x) and not hasattr(x, "parents") else _held(picture_of(x)))
    if path is not None:
        page.save(path)
    return page


def _held(now: Picture) -> dict[int, str]:
    """What `.grad` holds, where that is not what one backward pass gives."""
    odd = [n for n in now.nodes if n.kind != "constant" and (n.gradient is None or n.passes != 1)]
    return {n.id: now.gradient_text(n).removeprefix("grad ") for n in odd}


# -- the page ------------------------------------------------------------------------------------------------


def _page(picture: Picture, held: dict[int, str]) -> str:
    views = _views(picture)
    shown = next(iter(views.values()))
    files = files_of(shown)
    title = picture.title or "gradient"
    data = {
        "scalar": not any(shape(n.value) or isinstance(n.value, Spread) for n in shown.nodes),
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
        table="\n".join(_table(next(iter(views)), shown)),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        script=f"{_part('rules.js')}{_part('page.js')}".rstrip(),
    )


def _part(name: str) -> str:
    return resources.files("chainrule.show").joinpath(name).read_text(encoding="utf-8")


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
    arguments: list[Any] = [k for k in n.operands]
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


def formula(n: Node, by: dict[int, Node]) -> str:
    """The operation with its operands' labels, or their numbers where they have none; "" for inputs.

    >>> from chainrule import Value
    >>> from chainrule.show.graph import picture
    >>> nodes = picture((Value(2.0, "a") * Value(-3.0)) ** 2).nodes
    >>> [formula(n, dict(enumerate(nodes))) for n in nodes]
    ['', '', 'a * (-3)', '(-6) ** 2']
    """
    if not n.op or n.count > 1:
        return ""
    words = [by[k].label or (by[k].name if by[k].kind == "constant" else brief(by[k].value)) for k in n.operands]
    if "exponent" in n.settings:
        words.append(brief(n.settings["exponent"]))
    if n.op == "getitem":
        return f"{words[0]}{n.name}"
    printed = TABLE[n.op].printed if n.op in TABLE else ""
    if not printed:
        return f"{n.op}({', '.join(words)})"
    try:
        return printed.format(*(f"({w})" if w.startswith("-") else w for w in words))
    except IndexError:
        return f"{n.op}({', '.join(words)})"


def _table(view: str, picture: Picture) -> Iterator[str]:
    """Every step as a row, so that the page also says everything without scripts."""
    by = {n.id: n for n in picture.nodes}
    forward = [n for n in picture.nodes if n.kind != "constant"]
    backward = [n for n in reversed(forward) if n.gradient is not None]
    into: dict[int, list[Edge]] = {n.id: [] for n in picture.nodes}
    for e in picture.edges:
        into[e.source].append(e)
    rows = [("forward", n, _said(n, by)) for n in forward]
    rows += [("backward", n, _summed(n, into[n.id], by)) for n in backward]
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


def _summed(n: Node, edges: list[Edge], by: dict[int, Node]) -> str:
    """The chain rule for one box with numbers: `grad = 1 × -2 + 3 × 4 = 10`."""
    terms = [f"{brief(by[e.target].gradient)} × {edge_label(e) or 'its derivative'}" for e in edges]
    total = brief(n.gradient)
    return f"grad = {' + '.join(terms[:6])}{' + …' if len(terms) > 6 else ''} = {total}" if terms else f"grad = {total}"
