"""The layout of a picture: by Graphviz when it is installed, else in layers of our own, left to right."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from chainrule.show.picture.graph import Picture
from chainrule.show.picture.layers import layered
from chainrule.show.picture.layout import LABEL_FONT, Layout, Point

POINTS = 72.0
MOST_FOR_GRAPHVIZ = 300


def arrange(picture: Picture, sizes: dict[int, Point], labels: list[str], down: bool = False) -> Layout:
    """Graphviz's layout where pygraphviz is installed and the picture is not large, else our own."""
    if len(picture.nodes) <= MOST_FOR_GRAPHVIZ:
        try:
            return graphviz(importlib.import_module("pygraphviz"), picture, sizes, labels, down)
        except (ImportError, OSError, ValueError):  # not there, or broken: a drawing is made all the same
            pass
    return layered(picture, sizes, labels, down)


def graphviz(
    pygraphviz: Any, picture: Picture, sizes: dict[int, Point], labels: list[str], down: bool = False
) -> Layout:
    """The layout `dot` gives to boxes of these sizes."""
    lines = [
        "digraph {",
        f"rankdir={'TB' if down else 'LR'}; nodesep=0.3; ranksep=0.45;",
        'node [shape=box, fixedsize=true, label=""];',
    ]
    for k, (wide, high) in sizes.items():
        lines.append(f"n{k} [width={wide / POINTS:.4f}, height={high / POINTS:.4f}];")
    for k, (e, text) in enumerate(zip(picture.edges, labels, strict=True)):
        room = f'label="{"x" * len(text)}", fontname=Courier, fontsize={LABEL_FONT + 1}' if text else ""
        lines.append(f"n{e.source} -> n{e.target} [id=e{k}, arrowhead=none, {room}];")
    drawn = pygraphviz.AGraph(string="\n".join([*lines, "}"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fonts of this machine
        drawn.layout(prog="dot")
    width, height = _points(drawn.graph_attr["bb"].split(",", 2)[2])[0]
    centres = {n.id: _points(drawn.get_node(f"n{n.id}").attr["pos"])[0] for n in picture.nodes}
    curves: list[list[Point]] = [[] for _ in labels]
    middles: list[Point] = [(0.0, 0.0) for _ in labels]
    for edge in drawn.edges():
        k = int(edge.attr["id"][1:])
        curves[k] = _points(edge.attr["pos"])
        middles[k] = _points(edge.attr["lp"])[0] if edge.attr["lp"] else curves[k][len(curves[k]) // 2]
    return Layout(width, height, centres, curves, middles).moved(height, -1)  # Graphviz counts from below


def _points(text: str) -> list[Point]:
    pairs = [pair.split(",") for pair in text.replace("\\\n", "").split() if pair[0] not in "es"]
    return [(float(x), float(y)) for x, y in pairs]
