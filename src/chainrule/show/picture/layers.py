"""Our own layout: layers by longest path, left to right or top down, so that a drawing needs nothing installed."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

from chainrule.show.picture.graph import Picture
from chainrule.show.picture.labels import LABEL_CHARACTER, placed
from chainrule.show.picture.layout import Layout, Point

GAP, LAYER, DUMMY = 26.0, 74.0, 12.0
BELOW = 44.0
"""Between layers from the top down, where labels lie across the way."""
MOST_DUMMIES = 20_000
"""Beyond so many, long arrows go straight, through boxes too: late is worse than crossed."""


def layered(picture: Picture, sizes: dict[int, Point], labels: list[str], down: bool = False) -> Layout:
    """Left to right, or from the top down; labels stand where they cover least."""
    if not down:
        found = _layered(picture, sizes, [LABEL_CHARACTER * len(text) + 44 for text in labels], LAYER)
    else:
        turned = {k: (high, wide) for k, (wide, high) in sizes.items()}
        found = _layered(picture, turned, [0.0] * len(labels), BELOW).turned()
    frames = [
        (x - sizes[k][0] / 2, y - sizes[k][1] / 2, x + sizes[k][0] / 2, y + sizes[k][1] / 2)
        for k, (x, y) in found.centres.items()
    ]
    return replace(found, labels=placed(found.curves, labels, frames))


def _layered(picture: Picture, sizes: dict[int, Point], words: list[float], gap: float) -> Layout:
    """Layers by longest path, ordered by barycentres, shifted towards neighbours; long edges pass through
    dummies. Arrows of foldings that point back are laid out reversed."""
    forward = _forward(picture)
    rank = _ranks(picture, [(a, b) for a, b in forward if a != b])
    layers: defaultdict[int, list[Any]] = defaultdict(list)
    for n in picture.nodes:
        layers[rank[n.id]].append(n.id)
    chains: list[list[Any]] = []
    few = sum(rank[b] - rank[a] for a, b in forward) <= MOST_DUMMIES
    for k, (a, b) in enumerate(forward):
        dummies = [("e", k, r) for r in range(rank[a] + 1, rank[b])] if few else []
        for dummy in dummies:
            layers[dummy[2]].append(dummy)
        chains.append([a, *dummies, b])
    beside = _neighbours(chains)
    _order(layers, beside)
    heights = {m: sizes[m][1] if isinstance(m, int) else DUMMY for layer in layers.values() for m in layer}
    y = _heights(layers, beside, heights)
    x, at = {}, 0.0
    for r in sorted(layers):
        wide = max((sizes[m][0] for m in layers[r] if isinstance(m, int)), default=0.0)
        for m in layers[r]:
            x[m] = at + wide / 2
        at += wide + max([gap, *(words[k] for k, (a, b) in enumerate(forward) if rank[b] == r + 1)])
    curves = _curves(picture, chains, x, y, sizes)
    top = min(v - heights[m] / 2 for m, v in y.items())
    lowest = max(v + heights[m] / 2 for m, v in y.items())
    width = max(x[n.id] + sizes[n.id][0] / 2 for n in picture.nodes)
    centres = {n.id: (x[n.id], y[n.id]) for n in picture.nodes}
    return Layout(width, lowest - top, centres, curves, []).moved(-top)


def is_long(picture: Picture, columns: int = 12) -> bool:
    """Whether a picture has more than so many columns, and few boxes in each: a line of it would leave the page."""
    rank = _ranks(picture, [(a, b) for a, b in _forward(picture) if a != b])
    held = Counter(rank[n.id] for n in picture.nodes if n.kind != "constant")
    return len(held) > columns and max(held.values()) * 4 <= len(held)


def _forward(picture: Picture) -> list[Any]:
    """The ends of each arrow, in the order of the boxes."""
    position = {n.id: k for k, n in enumerate(picture.nodes)}
    return [tuple(sorted((e.source, e.target), key=position.__getitem__)) for e in picture.edges]


def _ranks(picture: Picture, edges: list[Any]) -> dict[int, int]:
    into, out = defaultdict(list), defaultdict(list)
    for a, b in edges:
        into[b].append(a)
        out[a].append(b)
    rank: dict[int, int] = {}
    for n in picture.nodes:  # operands come first
        rank[n.id] = 1 + max((rank[a] for a in into[n.id]), default=-1)
    for n in reversed(picture.nodes):  # what has no operands stands just before its first use
        if not into[n.id] and out[n.id]:
            rank[n.id] = min(rank[b] for b in out[n.id]) - 1
    return rank


def _neighbours(chains: list[list[Any]]) -> dict[Any, tuple[list[Any], list[Any]]]:
    beside: defaultdict[Any, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for chain in chains:
        for a, b in itertools.pairwise(chain):
            if a != b:
                beside[a][1].append(b)
                beside[b][0].append(a)
    return beside


def _order(layers: dict[int, list[Any]], beside: Any) -> None:
    for sweep in range(8):
        side = sweep % 2
        for r in sorted(layers, reverse=side == 1):
            place = {m: k for q in (r - 1, r + 1) if q in layers for k, m in enumerate(layers[q])}
            now = {m: k for k, m in enumerate(layers[r])}
            centre = {m: _mean([place[b] for b in beside[m][side] if b in place], now[m]) for m in now}
            layers[r].sort(key=lambda m: centre[m])


def _heights(layers: dict[int, list[Any]], beside: Any, heights: dict[Any, float]) -> dict[Any, float]:
    y: dict[Any, float] = {}
    offsets: dict[int, list[float]] = {}
    for r, layer in layers.items():
        offsets[r], at = [], 0.0
        for m in layer:
            at += heights[m] / 2
            offsets[r].append(at)
            at += heights[m] / 2 + GAP
        y.update({m: o - at / 2 for m, o in zip(layer, offsets[r], strict=True)})
    for sweep in range(12):
        for r in sorted(layers, reverse=sweep % 2 == 1):
            sides = (0, 1) if sweep > 7 else (sweep % 2,)
            wanted = [_mean([y[b] for s in sides for b in beside[m][s]], y[m]) for m in layers[r]]
            y.update(zip(layers[r], _apart(wanted, offsets[r]), strict=True))
    return y


def _apart(wanted: list[float], offsets: list[float]) -> list[float]:
    """The positions closest to the wanted ones that keep the order and the distances (isotonic regression)."""
    blocks: list[tuple[float, int]] = []
    for w, o in zip(wanted, offsets, strict=True):
        mean, count = w - o, 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, count = (before * n + mean * count) / (n + count), n + count
        blocks.append((mean, count))
    shifts = [mean for mean, count in blocks for _ in range(count)]
    return [s + o for s, o in zip(shifts, offsets, strict=True)]


def _curves(picture: Picture, chains: list[list[Any]], x: Any, y: Any, sizes: dict[int, Point]) -> list[list[Point]]:
    leave = _ports(chains, y, sizes, 0)
    enter = _ports(chains, y, sizes, -1)
    curves = []
    for k, (e, chain) in enumerate(zip(picture.edges, chains, strict=True)):
        a, b = chain[0], chain[-1]
        if a == b:
            points = _loop(x[a], y[a], sizes[a])
        else:
            stops = [(x[a] + sizes[a][0] / 2, y[a] + leave[k]), *((x[m], y[m]) for m in chain[1:-1])]
            stops.append((x[b] - sizes[b][0] / 2, y[b] + enter[k]))
            points = [stops[0]]
            for p, q in itertools.pairwise(stops):
                points += [((p[0] + q[0]) / 2, p[1]), ((p[0] + q[0]) / 2, q[1]), q]
        curves.append(points if (e.source, e.target) == (a, b) else points[::-1])
    return curves


def _ports(chains: list[list[Any]], y: Any, sizes: dict[int, Point], end: int) -> list[float]:
    """How far from the middle of its box each arrow begins or ends: side by side, in the order of where they lead."""
    beside: defaultdict[Any, list[int]] = defaultdict(list)
    for k, chain in enumerate(chains):
        beside[chain[end]].append(k)
    port = [0.0] * len(chains)
    for m, ks in beside.items():
        step = min(16.0, 0.7 * sizes[m][1] / len(ks))
        ks.sort(key=lambda k: y[chains[k][1 if end == 0 else -2]])
        for i, k in enumerate(ks):
            port[k] = step * (i - (len(ks) - 1) / 2)
    return port


def _loop(x: float, y: float, size: Point) -> list[Point]:
    top, w = y - size[1] / 2, size[0] / 4
    return [(x + w, top), (x + w, top - 30), (x - w, top - 30), (x - w, top)]


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
