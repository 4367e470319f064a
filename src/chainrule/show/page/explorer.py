"""`explore`: one HTML file that steps through a recording, forward and backward, and needs nothing else."""

from __future__ import annotations

import json
import os
import string
from collections.abc import Callable, Sequence
from functools import cached_property
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, refuse_call, settings_named
from chainrule.numbers import Carrier, shape
from chainrule.show.page.cells import Cells
from chainrule.show.page.letters import rules_of
from chainrule.show.page.listing import files_of, listing, position
from chainrule.show.page.recording import number, recording
from chainrule.show.page.rules import scripts
from chainrule.show.page.steps import formula, table
from chainrule.show.picture.arrange import arrange
from chainrule.show.picture.boxes import box, edge_label
from chainrule.show.picture.dot import dot
from chainrule.show.picture.drawing import arranged
from chainrule.show.picture.fold import Fold, folded
from chainrule.show.picture.graph import Node, Picture
from chainrule.show.picture.layout import Point
from chainrule.show.picture.number_format import Spread, brief, detail
from chainrule.show.picture.reading import picture_of
from chainrule.show.picture.svg import svg
from chainrule.values.value import Value

MOST_BOXES = 1000
"""Larger recordings are explored folded only: a browser gets slow."""
MOST_AT_ONCE = 300
"""Larger ones begin folded."""
WORTH_FOLDING = 0.7
MOST_COMPARED = 5000
ROOM = 16
WRITTEN = (".html", ".htm")
SCRIPTS = (
    "words.js", "engine.js", "view.js", "say.js", "card.js", "figure.js", "camera.js", "inputs.js", "page.js",
    "start.js",
)  # fmt: skip


class Explorer:
    """A page that shows how a gradient came about.

    html    the whole page
    path    where it was written; None when it was not
    """

    def __init__(self, picture: Picture, held: dict[int, str], views: dict[str, Picture]) -> None:
        self.picture, self.held, self.views = picture, held, views
        self.path: Path | None = None

    @cached_property
    def html(self) -> str:
        return _page(self.picture, self.held, self.views)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page. Raises ArgumentError for an ending other than .html and .htm: that is another file."""
        path = page_path(path)
        self.path = path
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


@settings_named()
def explore(
    x: Any,
    *at: Any,
    path: str | os.PathLike[str] | None = None,
    depth: int | None = None,
    fold: Fold = True,
    collapse: Callable[[Node], str | None] | None = None,
    highlight: Any = None,
    argnums: int | Sequence[int] | None = None,
) -> Explorer:
    """A page that steps forward through the values and backward through the gradients.

    x          a Value or a function (traced at the arguments after it). The page shows one backward pass; what
               `.grad` holds beside that is said on the card of the box
    path       the file to write; also taken as the last argument, `explore(loss, "page.html")`
    depth, fold, collapse, highlight, argnums   as for `draw`; the page can show the whole
               recording beside the folded one

    Inputs can be moved in the page when every value is a single number. A function that raises is shown up to there.

    >>> page = explore(lambda a, b: a * b + a, 2.0, 3.0)
    >>> page.picture.headline, "<script src" in page.html
    ('4 nodes', False)
    """
    if path is None and at and _is_page(at[-1], x):
        *at, path = at  # type: ignore[assignment]
    if callable(x) and not isinstance(x, Carrier):
        refuse_call(x, tuple(at), "give the arguments to run it at, explore(f, 2.0, 3.0)")
    picture = picture_of(x, *at, fresh=True, argnums=argnums)
    whole = arranged(picture, fold=False, highlight=highlight)
    small = arranged(picture, depth, fold, collapse, highlight)
    asked = depth is not None or collapse is not None or fold is not True
    held = _held(x) if isinstance(x, Value) and picture.total <= MOST_COMPARED else {}
    page = Explorer(whole, held, _views(whole, small, asked))
    if path is not None:
        page.save(path)
    return page


def _is_page(last: Any, x: Any) -> bool:
    """Whether the last argument is a file to write; other strings are the function's."""
    return isinstance(last, os.PathLike) or (
        isinstance(last, str) and (isinstance(x, Value) or last.lower().endswith((".html", ".htm")))
    )


def _held(x: Value) -> dict[int, str]:
    """What `.grad` holds, where that is not what one backward pass gives."""
    now = picture_of(x)
    odd = [
        n for n in now.nodes if n.kind != "constant" and (n.gradient is None or n.passes != 1 or (n.counted or 1) > 1)
    ]
    return {n.id: now.gradient_text(n).removeprefix("grad ") for n in odd}


# -- the page ------------------------------------------------------------------------------------------------


def _page(picture: Picture, held: dict[int, str], views: dict[str, Picture]) -> str:
    shown = next(iter(views.values()))
    files = files_of(shown)
    title = picture.title or "gradient"
    graph, rules = recording(picture)
    moves = not isinstance(graph, str)
    data = {
        "graph": graph,
        "stop": str(picture.stop or ""),
        "views": {name: _view(p, files, held, moves) for name, p in views.items()},
    }
    figures = [
        f'<div id="figure-{name}"{" hidden" if k else ""}>{svg(p, f"figure-{name}-svg", ROOM)}</div>'
        for k, (name, p) in enumerate(views.items())
    ]
    return string.Template(part("page.html")).substitute(
        title=escape(f"{title}: how its gradient came about"),
        heading=escape(f"How the gradient of {picture.title or 'the result'} came about"),
        facts=escape(picture.headline),
        form="",
        css=part("page.css").rstrip(),
        figures="\n".join(figures),
        hasSource="" if files else "none",
        source=listing(shown, files),
        table="\n".join(table(next(iter(views)), shown)),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        script=_script(rules),
    )


def _script(rules: list[str]) -> str:
    table = ",\n".join(rules)
    return "".join([scripts(table), f"const RULES = [{table}];\n", *map(part, SCRIPTS)]).rstrip()


def page_path(path: str | os.PathLike[str]) -> Path:
    """Where a page is written. Raises ArgumentError for an ending that another kind of file has."""
    path = Path(path)
    if path.suffix.lower() not in WRITTEN:
        expected = " or ".join(WRITTEN)
        raise ArgumentError.here(f"a page is saved as {expected}; got the ending {path.suffix or 'none'!r}")
    return path


def part(name: str) -> str:
    """A file of the page."""
    return resources.files("chainrule.show.page").joinpath(name).read_text(encoding="utf-8")


def _views(whole: Picture, small: Picture, asked: bool) -> dict[str, Picture]:
    """The whole picture when it is not too large, and a smaller one; the one to begin with is first."""
    if not asked and len(small.nodes) == len(whole.nodes):
        small = folded(whole, "operation")
    views = {"full": whole} if len(whole.nodes) <= MOST_BOXES else {}
    if asked or len(whole.nodes) > MOST_AT_ONCE:
        return {"folded": small, **views}
    return {**views, "folded": small} if len(small.nodes) < WORTH_FOLDING * len(whole.nodes) else views


def _view(picture: Picture, files: list[str], held: dict[int, str], moves: bool) -> dict[str, Any]:
    by = {n.id: n for n in picture.nodes}
    so_far, rules, cells = _so_far(picture), _rules(picture, by), Cells()
    return {
        "down": _down(picture),
        "root": -1 if picture.stop else picture.roots[0].id,
        "dot": dot(picture),
        "nodes": [_node(n, by, picture, files, held, moves, cells) for n in picture.nodes],
        "edges": [
            {"from": e.source, "to": e.target, "d": number(e.partial), "c": number(e.contribution),
             "partial": edge_label(e).removeprefix("⚠ "), "total": so_far.get(k, ""),
             "n": e.count, "weight": "" if e.weight is None else brief(e.weight), "rule": rules[k],
             "sent": "" if e.contribution is None else brief(e.contribution)}
            for k, e in enumerate(picture.edges)
        ],
    }  # fmt: skip


def _down(picture: Picture) -> dict[str, Any]:
    """Where the page draws things from the top down, in whole pixels."""
    sizes = {n.id: box(n, picture, ROOM) for n in picture.nodes}
    layout = arrange(picture, sizes, [edge_label(e) for e in picture.edges], down=True)
    return {
        "at": [_pixels(layout.centres[n.id]) for n in picture.nodes],
        "curves": [list(map(_pixels, curve)) for curve in layout.curves],
        "labels": list(map(_pixels, layout.labels)),
    }


def _pixels(p: Point) -> list[int]:
    return [round(p[0]), round(p[1])]


def _rules(picture: Picture, by: dict[int, Node]) -> list[str]:
    """The local derivative of each arrow in letters."""
    left = {n.id: list(zip(n.operands, rules_of(n, by), strict=True)) for n in picture.nodes}
    found = []
    for e in picture.edges:
        rules = left[e.target]
        at = next((k for k, (source, _) in enumerate(rules) if source == e.source), None)
        found.append("" if at is None or len(e.terms) > 1 else rules.pop(at)[1])
    return found


def _so_far(picture: Picture) -> dict[int, str]:
    """The running total of each array's gradient after the arrow k has sent its part: the last boxes send first."""
    place = {n.id: k for k, n in enumerate(picture.nodes)}
    totals: dict[int, Any] = {}
    said: dict[int, str] = {}
    for k, e in sorted(enumerate(picture.edges), key=lambda edge: -place[edge[1].target]):
        sent = e.contribution
        if sent is None or isinstance(sent, Spread) or not shape(sent):
            continue
        before = totals.get(e.source)
        with np.errstate(all="ignore"):
            totals[e.source] = sent if before is None else before + np.asarray(sent)
        said[k] = f"{brief(totals[e.source])}, {detail(totals[e.source])}"
    return said


def _node(
    n: Node, by: dict[int, Node], picture: Picture, files: list[str], held: dict[int, str], moves: bool, cells: Cells
) -> dict[str, Any]:
    return {
        "id": n.id, "kind": n.kind, "name": n.name, "title": n.title, "label": n.label, "op": n.op,
        "text": brief(n.value), "g": number(n.gradient), "count": n.count,
        "members": (n.members or [n.id]) if moves else [],
        "cells": cells.of(n.value), "gradientCells": cells.of(n.gradient),
        "detail": detail(n.value), "gradientDetail": detail(n.gradient),
        "gradient": "" if n.gradient is None else brief(n.gradient), "reached": n.gradient is not None,
        "held": held.get(n.id, ""), "where": n.place if n.op else "", "at": position(n, files), "source": n.source,
        "lit": n.id in picture.highlighted, "formula": formula(n, by),
    }  # fmt: skip
