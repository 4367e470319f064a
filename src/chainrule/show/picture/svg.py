"""A picture as SVG: its own colours for light and dark, ids of its own, trouble marked by more than colour."""

from __future__ import annotations

import itertools
import math
import zlib
from collections import Counter
from html import escape

from chainrule.show.picture.arrange import arrange
from chainrule.show.picture.boxes import CHARACTER, FONT, LINE, PAD, box, edge_label, lines, thickness, tooltip
from chainrule.show.picture.graph import Edge, Node, Picture
from chainrule.show.picture.layout import LABEL_FONT, Layout, Point
from chainrule.show.picture.number_format import brief, size, trouble

MARGIN = 22.0
# how the hosts say which theme they have: the explorer's page, JupyterLab and Notebook, VS Code, documentation sites
LIGHT = '[data-theme="light"], [data-jp-theme-light="true"], .vscode-light'
DARK = '[data-theme="dark"], [data-jp-theme-light="false"], .vscode-dark'
MOST_BOXES = 1500
MOST_MARKS = 4096  # drawings whose ids are known to be taken
FAMILY = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_drawn: Counter[int] = Counter()

# (selector, properties in light, what changes in dark); `#` stands for the drawing's own id
STYLE = [
    ("", f"font-family: {FAMILY}; font-size: {FONT}px; background: #ffffff", "background: #15191f"),
    (".paper", "fill: #ffffff", "fill: #15191f"),
    ("text", "fill: #1d2733", "fill: #e6ebf2"),
    (".box", "fill: #f5f5f3; stroke: #6c7480; stroke-width: 1.3", "fill: #232932; stroke: #8e99a8"),
    (".input .box", "fill: #e6f0fb; stroke: #2f6fb0", "fill: #172c44; stroke: #6aa9e8"),
    (".output .box, .output .outer", "fill: #e7f4e8; stroke: #2e7d46", "fill: #17311f; stroke: #67bf82"),
    (".shade", "fill: #c77700; stroke: none", "fill: #ffc14d"),
    (".constant .box", "fill: none; stroke: none", ""),
    (".outer", "stroke-width: 1.3", ""),
    (".name", "font-weight: 700", ""),
    (".constant .name, .note", "font-weight: 400; fill: #5a6472", "fill: #a3afbd"),
    (".gradient", "fill: #a3400f", "fill: #ffab7a"),
    (".none", "font-style: italic; fill: #5a6472", "fill: #a3afbd"),
    (".badge", f"font-size: {LABEL_FONT}px; fill: #5a6472", "fill: #a3afbd"),
    (".arrow", "fill: none; stroke: #8b95a3", "stroke: #77828f"),
    (".head", "fill: #8b95a3", "fill: #77828f"),
    (".partial", f"font-size: {LABEL_FONT}px; fill: #5b3a9e; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; "
     "stroke-linejoin: round", "fill: #c9b2ff; stroke: #15191f"),
    (".bad .box", "stroke: #b3001e; stroke-width: 2.6; stroke-dasharray: 6 3", "stroke: #ff7187"),
    (".bad text.wrong, text.wrong", "fill: #b3001e; font-weight: 700", "fill: #ff8fa1"),
    (".bad.arrow", "stroke: #b3001e; stroke-dasharray: 6 3", "stroke: #ff7187"),
    (".bad.head", "fill: #b3001e", "fill: #ff7187"),
    (".hatch", "stroke: #b3001e; stroke-width: 1; opacity: 0.3", "stroke: #ff7187"),
    (".lit .box", "stroke: #c77700; stroke-width: 3.2", "stroke: #ffc14d"),
    (".lit .badge", "fill: #8a5200; font-weight: 700", "fill: #ffc14d"),
]  # fmt: skip


def svg(picture: Picture, name: str = "", room: int = 0) -> str:
    """The picture as SVG text.

    name    begins every id; by default made from the content, and numbered when drawn again
    room    the least number of characters that fit into a box
    """
    if len(picture.nodes) > MOST_BOXES:
        return _too_large(picture, name)
    sizes = {n.id: box(n, picture, room) for n in picture.nodes}
    labels = [edge_label(e) for e in picture.edges]
    layout = arrange(picture, sizes, labels, picture.down)
    own = name or _name(picture, layout)
    caption = picture.headline if not picture.title else f"{picture.title}: {picture.headline}"
    width = max(layout.width, CHARACTER * len(caption)) + 2 * MARGIN
    height = layout.height + 2 * MARGIN + LINE + 14
    heaviest = max((w for e in picture.edges if math.isfinite(w := size(e.contribution))), default=0.0)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{own}" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="{own}-title">',
        f'<title id="{own}-title">{escape(caption)}</title>',
        f"<style>{style(own)}</style>",
        f'<defs><pattern id="{own}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch" d="M0 0V7M0 0H7"/></pattern></defs>',
        f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
        f'<text class="note" x="{MARGIN:.0f}" y="{MARGIN + 4:.0f}">{escape(caption)}</text>',
        f'<g transform="translate({MARGIN:.0f} {MARGIN + LINE + 14:.0f})">',
        *itertools.chain.from_iterable(
            _edge(own, k, e, layout.curves[k], heaviest) for k, e in enumerate(picture.edges)
        ),
        *(_node(own, n, picture, layout.centres[n.id], sizes[n.id]) for n in picture.nodes),
        *(_label(own, k, e, layout.labels[k]) for k, e in enumerate(picture.edges)),
        "</g>",
        "</svg>",
    ])  # fmt: skip


def _too_large(picture: Picture, name: str) -> str:
    """A sentence instead of a picture too large to read, on which a screen freezes."""
    text = f"{picture.headline}: too many boxes to draw. Leave out fold=False, or give depth="
    own, width = name or f"cr-{zlib.crc32(text.encode()):08x}", CHARACTER * len(text) + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{own}" width="{width:.0f}" height="60" role="img">'
        f'<style>{style(own)}</style><rect class="paper" width="{width:.0f}" height="60"/>'
        f'<text x="{MARGIN:.0f}" y="35">{escape(text)}</text></svg>'
    )


def style(own: str) -> str:
    """The colours, for this drawing only: in light, and what the dark changes. Around it a notebook's theme counts,
    elsewhere the system's."""
    light = " ".join(_rule(own, s, body) for s, body, _ in STYLE)
    dark = " ".join(f"{s} {{ {body} }}" if s else f"{body};" for s, _, body in STYLE if body)
    # a file by itself is its own root
    system = f":root:not({LIGHT}, :has({LIGHT})) #{own}, #{own}:root {{ {dark} }}"
    return f"{light} @media (prefers-color-scheme: dark) {{ {system} }} :is({DARK}) #{own} {{ {dark} }}"


def _rule(own: str, selectors: str, body: str) -> str:
    return ", ".join(f"#{own} {s}".strip() for s in selectors.split(", ")) + f" {{ {body} }}"


def _name(picture: Picture, layout: Layout) -> str:
    """Depends on the content only, so that a file written again is the same file."""
    mark = zlib.crc32(repr([(n.title, brief(n.value), brief(n.gradient)) for n in picture.nodes]).encode())
    mark = zlib.crc32(repr(layout.centres).encode(), mark)
    while len(_drawn) >= MOST_MARKS and mark not in _drawn:
        del _drawn[next(iter(_drawn))]
    _drawn[mark] += 1
    return f"cr-{mark:08x}" + (f"-{_drawn[mark]}" if _drawn[mark] > 1 else "")


def _node(own: str, node: Node, picture: Picture, centre: Point, wide: Point) -> str:
    (x, y), (w, h) = centre, wide
    lit = node.id in picture.highlighted
    classes = " ".join(["node", node.kind, *(["bad"] if node.trouble else []), *(["lit"] if lit else [])])
    left, top = x - w / 2, y - h / 2
    round_ = 12 if node.kind == "input" else 3
    shown = lines(node, picture)
    title = f"<title>{escape(tooltip(node, picture))}</title>"
    parts = [f'<g id="{own}-n{node.id}" class="{classes}" data-n="{node.id}">{title}']
    if node.kind == "output":
        around = f'x="{left - 3.5:.1f}" y="{top - 3.5:.1f}" width="{w + 7:.1f}" height="{h + 7:.1f}"'
        parts.append(f'<rect class="outer" {around} rx="6"/>')
    frame = f'x="{left:.1f}" y="{top:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{round_}"'
    parts.append(f'<rect class="box" {frame}/>')
    if picture.shade is not None and node.kind != "constant":
        strength = 0.55 * picture.shade.strength(node.quantity)
        parts.append(f'<rect class="shade" {frame} fill-opacity="{strength:.2f}"/>')
    if node.trouble:
        parts.append(f'<rect {frame} fill="url(#{own}-hatch)"/>')
    for k, (kind, text) in enumerate(shown):
        down = y + 4.5 if node.kind == "constant" else top + PAD + 10 + LINE * k
        parts.append(f'<text class="{kind}" x="{x:.1f}" y="{down:.1f}" text-anchor="middle">{escape(text)}</text>')
    badge = " ".join([*(["◆ look here"] if lit else []), *([f"{node.uses} uses"] if node.uses > 1 else [])])
    if badge:
        parts.append(f'<text class="badge" x="{left + w:.1f}" y="{top - 6:.1f}" text-anchor="end">{badge}</text>')
    return "".join([*parts, "</g>"])


def _edge(own: str, k: int, edge: Edge, curve: list[Point], heaviest: float) -> list[str]:
    width = thickness(edge, heaviest)
    (bx, by), (tx, ty) = curve[-2], curve[-1]
    length = math.hypot(tx - bx, ty - by) or 1.0
    ux, uy = (tx - bx) / length, (ty - by) / length
    reach, half = 7.0 + width, 3.0 + 0.7 * width
    foot = (tx - reach * ux, ty - reach * uy)
    path = f"M{curve[0][0]:.1f} {curve[0][1]:.1f}C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in [*curve[1:-1], foot])
    corners = [(tx, ty), (foot[0] - half * uy, foot[1] + half * ux), (foot[0] + half * uy, foot[1] - half * ux)]
    head = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"
    bad = " bad" if trouble(edge.partial) or trouble(edge.contribution) else ""
    ends = f'data-from="{edge.source}" data-to="{edge.target}"'
    return [
        f'<path id="{own}-e{k}" class="arrow{bad}" {ends} stroke-width="{width:.1f}" d="{path}"/>',
        f'<path class="head{bad}" {ends} d="{head}"/>',
    ]


def _label(own: str, k: int, edge: Edge, at: Point) -> str:
    text = edge_label(edge)
    if not text:
        return ""
    kind = "partial wrong" if trouble(edge.partial) else "partial"
    sent = f", sends back {brief(edge.contribution)}" if edge.contribution is not None else ""
    title = f"<title>{escape(f'local derivative {brief(edge.partial)}{sent}')}</title>"
    return (
        f'<text id="{own}-d{k}" class="{kind}" data-e="{k}" x="{at[0]:.1f}" y="{at[1] + 4:.1f}" '
        f'text-anchor="middle">{title}{escape(text)}</text>'
    )
