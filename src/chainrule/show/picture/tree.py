"""A picture as text: the result first, below each value what it was computed from."""

from __future__ import annotations

from collections import defaultdict

from chainrule.show.picture.boxes import edge_label
from chainrule.show.picture.graph import Edge, Node, Picture
from chainrule.show.picture.number_format import brief, trouble

MOST_ROWS = 200
DEEPEST = 45
"""Characters of indentation after which the tree is cut on its left."""


def tree(picture: Picture, rows: int = MOST_ROWS) -> str:
    """The picture as a table with a tree for its first column. What is used again is printed once.

    >>> from chainrule import Value
    >>> from chainrule.show.picture.reading import picture
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> L = a * b + a; L.label = "L"; L.backward()
    >>> print(tree(picture(L)))
    4 nodes
                      value  gradient  local
    L = +                -4         1
    ├─ *                 -6         1      1
    │  ├─ a (2 uses)      2        -2     -3
    │  └─ b              -3         2      2
    └─ a (above)                          1
    """
    nodes = {n.id: n for n in picture.nodes}
    into: defaultdict[int, list[Edge]] = defaultdict(list)
    for e in picture.edges:
        into[e.target].append(e)
    shade = picture.shade.name if picture.shade else ""
    table: list[tuple[str, ...]] = [("", "value", "gradient", "local", shade, "line")]
    seen: set[int] = set()
    pending: list[tuple[int, str, str, Edge | None]] = [(n.id, "", "", None) for n in reversed(picture.roots)]
    while pending and len(table) <= rows:
        k, lead, below, edge = pending.pop()
        node, local = nodes[k], edge_label(edge) if edge else ""
        if k in seen:
            table.append((f"{lead}{_name(node)} (above)", "", "", local, "", ""))
            continue
        seen.add(k)
        quantity = "" if node.quantity is None else brief(node.quantity)
        lead = lead if len(lead) <= DEEPEST else f"…{lead[1 - DEEPEST :]}"
        table.append((lead + _titled(node, picture), *_columns(node, picture), local, quantity, node.place))
        operands = into[k]
        for j, e in reversed(list(enumerate(operands))):
            last = j == len(operands) - 1
            pending.append((e.source, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "), e))
    text = [f"{picture.title}: {picture.headline}" if picture.title else picture.headline, *_aligned(table)]
    if pending:
        text.append(f"... cut after {rows} rows; draw with depth= or fold= to see a part")
    return "\n".join(text)


def _name(node: Node) -> str:
    return node.label or node.name


def _titled(node: Node, picture: Picture) -> str:
    uses = f" ({node.uses} uses)" if node.uses > 1 and node.kind != "constant" else ""
    return f"{node.title}{uses}" + (" ◆" if node.id in picture.highlighted else "")


def _columns(node: Node, picture: Picture) -> tuple[str, str]:
    if node.kind == "constant":
        return "", ""
    value = f"⚠ {brief(node.value)}" if trouble(node.value) else brief(node.value)
    gradient = picture.gradient_text(node).removeprefix("grad ")
    if not picture.swept:
        gradient = ""  # the first line says so once
    return value, f"⚠ {gradient}" if trouble(node.gradient) else gradient


def _aligned(table: list[tuple[str, ...]]) -> list[str]:
    last = len(table[0]) - 1
    used = [c for c in range(last + 1) if any(row[c] for row in table[1:])]
    wide = [max(len(row[c]) for row in table if c != last or row[c] != "line") for c in range(last + 1)]
    rows = []
    for row in table:
        cells = [row[c].ljust(wide[c]) if c in (0, last) else row[c].rjust(wide[c]) for c in used]
        rows.append("  ".join(cells).rstrip())
    return rows
