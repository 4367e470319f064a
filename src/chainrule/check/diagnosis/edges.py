"""Edges of a recording, single or alike in all steps of a loop, and changes to what they send backward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from chainrule.check.diagnosis.paths import expression
from chainrule.check.diagnosis.recorded import SHORT, Change, Recorded, Shares
from chainrule.numbers import shape
from chainrule.records import record
from chainrule.sweeps.reverse import pull
from chainrule.values.located import place

Edge = tuple[int, int]  # the number of a node, the position of an operand among those that are differentiated
Changes = Callable[[Recorded], dict[int, Change]]


@record(frozen=True)
class Candidate:
    """A mistake: in words, and as the changes that it makes to a sweep."""

    text: str
    changes: Changes


def groups_of(r: Recorded) -> Iterator[list[Edge]]:
    """Single edges, and those of one line that a loop passes several times."""
    found: dict[tuple[Any, ...], list[Edge]] = defaultdict(list)
    edges = [(k, i) for k in sorted(r.adjoints) for i in range(len(r.nodes[k].parents)) if (k, i) not in r.void]
    for k, i in edges:
        node = r.nodes[k]
        line = (node.op.name, place(node), shape(node.stored), node.active[i])
        kinds = tuple(p.label if p.op is None else p.op.name for p in node.parents)
        fixed = tuple(p.label for p in node.parents if p.op is None and p.label and _uses(r, p) > 1)
        found[(*line, "kinds", kinds)].append((k, i))
        found[(*line, "alike", tuple(kind.partition("[")[0] for kind in kinds))].append((k, i))
        found[(*line, "fixed", fixed)].append((k, i))
        if node.parents[i].op is None and node.parents[i].label:
            found[(*line[:-1], "into", node.parents[i].label)].append((k, i))
        if len(r.nodes) <= SHORT:
            yield [(k, i)]
    seen: set[tuple[Edge, ...]] = set()
    for group in found.values():
        if len(group) > 1 and tuple(group) not in seen:
            seen.add(tuple(group))
            yield group


def _uses(r: Recorded, node: Any) -> int:
    return sum(p is node for other in r.nodes for p in other.parents)


def described(r: Recorded, group: list[Edge]) -> str:
    node = r.nodes[group[0][0]]
    return f"{expression(node.parents[group[0][1]], 3)} through {expression(node, 3)}"


def where(r: Recorded, group: list[Edge]) -> str:
    line = place(r.nodes[group[0][0]])
    steps = f"in all {len(group)} steps" if len(group) > 1 else ""
    both = ", ".join(text for text in (line, steps) if text)
    return f" ({both})" if both else ""


def sending(group: list[Edge], change: Callable[[Any, Any, int, Any], Any]) -> Changes:
    """Changes in which each edge of the group sends `change(node, cotangent, position, share)`."""

    def changes(r: Recorded) -> dict[int, Change]:
        at: dict[int, list[int]] = defaultdict(list)
        for k, i in group:
            at[k].append(i)

        def of(places: list[int]) -> Change:
            def changed(node: Any, ct: Any) -> Shares:
                shares = list(pull(node, ct))
                return [(p, change(node, ct, i, s) if i in places else s) for i, (p, s) in enumerate(shares)]

            return changed

        return {k: of(places) for k, places in at.items()}

    return changes


def nothing(node: Any, ct: Any, i: int, share: Any) -> Any:
    return share * 0
