"""The user's source beside a picture: the functions that were run, line by line."""

from __future__ import annotations

import linecache
from html import escape

from chainrule.errors import file_name
from chainrule.show.picture.fold import functions
from chainrule.show.picture.graph import Node, Picture
from chainrule.show.printable import printable

MOST_LINES = 300


def files_of(picture: Picture) -> list[str]:
    """The files the boxes come from, whose text can still be read."""
    paths = dict.fromkeys(n.where[0] for n in picture.nodes if n.where[0])
    return [path for path in paths if linecache.getlines(path)]


def position(node: Node, files: list[str]) -> str:
    """Where a box comes from, as the page writes it: file number and line."""
    path, line = node.where
    return f"{files.index(path)}:{line}" if node.op and path in files else ""


def listing(picture: Picture, files: list[str]) -> str:
    """The lines around the boxes as HTML; those that computed something say so."""
    parts = []
    for k, path in enumerate(files):
        used = {n.where[1] for n in picture.nodes if n.op and n.where[0] == path}
        text = linecache.getlines(path)
        parts.append(f"<h3>{escape(printable(file_name(path)))}</h3><pre>")
        before = 0
        for line in _around(path, used)[:MOST_LINES]:
            if before and line != before + 1:
                parts.append('<span class="line no">   ⋮</span>')
            before = line
            at = f' data-at="{k}:{line}"' if line in used else ""
            content = escape(printable(text[line - 1].rstrip().expandtabs())) if line <= len(text) else ""
            parts.append(f'<span class="line"{at}><span class="no">{line:4}  </span>{content}</span>')
        parts.append("</pre>")
    return "".join(parts)


def _around(path: str, used: set[int]) -> list[int]:
    """The used lines with the functions they stand in."""
    wanted = set(used)
    for first, last, _ in functions(path):
        if any(first <= line <= last for line in used) and last - first < MOST_LINES:
            wanted.update(range(first, last + 1))
    return sorted(wanted)
