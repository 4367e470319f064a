"""A picture as DOT text, for Graphviz and everything that reads its language."""

from __future__ import annotations

import math

from chainrule.show.picture.boxes import edge_label, lines, thickness, tooltip
from chainrule.show.picture.graph import Node, Picture
from chainrule.show.picture.number_format import size, trouble

HEAD = """digraph chainrule {
  graph [rankdir=LR, bgcolor=white, fontname="DejaVu Sans Mono", fontsize=11, labelloc=t, labeljust=l]
  node [shape=box, fontname="DejaVu Sans Mono", fontsize=11, style=filled, fillcolor="#f5f5f3", color="#6c7480"]
  edge [fontname="DejaVu Sans Mono", fontsize=9, color="#8b95a3", fontcolor="#5b3a9e"]"""
KINDS = {
    "input": 'style="rounded,filled", fillcolor="#e6f0fb", color="#2f6fb0"',
    "op": "",
    "output": 'peripheries=2, fillcolor="#e7f4e8", color="#2e7d46"',
    "constant": "shape=plain, style=solid",
}


def dot(picture: Picture) -> str:
    """The picture in Graphviz's language.

    >>> from chainrule import Value
    >>> from chainrule.show.picture.reading import picture
    >>> x = Value(3.0, "x")
    >>> print("\\n".join(dot(picture(x * x)).splitlines()[5:]))
      n0 [label="x (2 uses)\\n3\\nno backward yet", style="rounded,filled", ...]
      n1 [label="*\\n9\\nno backward yet", peripheries=2, ...]
      n0 -> n1 [label="3", penwidth=1.2]
      n0 -> n1 [label="3", penwidth=1.2]
    }
    """
    heaviest = max((w for e in picture.edges if math.isfinite(w := size(e.contribution))), default=0.0)
    caption = picture.headline if not picture.title else f"{picture.title}: {picture.headline}"
    head = HEAD.replace("rankdir=LR", "rankdir=TB") if picture.down else HEAD
    text = [head, f"  label={_quoted(caption)}"]
    text += [f"  n{n.id} [{_node(n, picture)}]" for n in picture.nodes]
    for e in picture.edges:
        bad = ', style=dashed, color="#b3001e"' if trouble(e.partial) or trouble(e.contribution) else ""
        label = f"label={_quoted(edge_label(e))}, " if edge_label(e) else ""
        text.append(f"  n{e.source} -> n{e.target} [{label}penwidth={thickness(e, heaviest):.1f}{bad}]")
    return "\n".join([*text, "}\n"])


def _node(node: Node, picture: Picture) -> str:
    (_, title), *rest = lines(node, picture)
    uses = f" ({node.uses} uses)" if node.uses > 1 else ""
    text = "\n".join([title + uses, *(line for _, line in rest)])
    parts = [f"label={_quoted(text)}", KINDS[node.kind]]
    if node.trouble:
        parts.append('style="filled,dashed", color="#b3001e", fontcolor="#b3001e", penwidth=2.6')
    if picture.shade is not None and node.kind != "constant":
        parts.append(f'fillcolor="#c77700{round(140 * picture.shade.strength(node.quantity)):02x}"')
    if node.id in picture.highlighted:
        parts.append('penwidth=3.2, color="#c77700"')
    parts.append(f"tooltip={_quoted(tooltip(node, picture))}")
    return ", ".join(filter(None, parts))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
