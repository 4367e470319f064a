"""Large pictures made small: boxes that repeat become one box "× 16", by structure, then line, then function."""

from __future__ import annotations

import ast
import functools
import linecache
import operator
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import replace

import numpy as np

from chainrule.errors import ArgumentError, file_name
from chainrule.numbers import Number
from chainrule.show.picture.graph import Edge, Node, Picture
from chainrule.show.picture.number_format import Spread
from chainrule.show.printable import printable

WHOLE = 100
"""Pictures up to this many boxes are drawn whole."""
ENOUGH = 60
"""A folding with at most this many boxes is good enough; the finest such is taken."""

Fold = bool | str
OWN_BOX = "box"
"""What stands for the operator of a box that the reader named."""


def folded(picture: Picture, fold: Fold = True) -> Picture:
    """The picture with repeated boxes as one.

    fold    True folds when there are more than 100 boxes, as little as needed; "structure", "pattern", "operation",
            "line" and "function" fold that way; False never folds

    >>> from chainrule import Value
    >>> from chainrule.show.picture.reading import picture
    >>> xs = [Value(float(k), f"x[{k}]") for k in range(8)]
    >>> total = sum((x * x for x in xs), Value(0.0, "start"))
    >>> [n.title for n in folded(picture(total), "operation").nodes]
    ['start', 'x[…] × 8', '* × 8', '+ × 7', '+']
    """
    if fold is False or (fold is True and len(picture.nodes) <= WHOLE):
        return picture
    if isinstance(fold, str):
        if fold not in WAYS:
            raise ArgumentError.here(f"fold is True, False or one of {', '.join(WAYS)}; got {fold!r}")
        return _merged(picture, _with_constants(picture, WAYS[fold](picture)))
    keys: list[Hashable] = []
    for way in WAYS.values():
        keys = way(picture)
        if len(set(keys)) <= ENOUGH:
            break
    return _merged(picture, _with_constants(picture, keys))


def _with_constants(picture: Picture, keys: list[Hashable]) -> list[Hashable]:
    """Constants go with the box that uses them, however often they are written."""
    place = {n.id: k for k, n in enumerate(picture.nodes)}
    found = list(keys)
    for n in picture.nodes:
        for slot, k in enumerate(n.operands):
            if picture.nodes[place[k]].kind == "constant":
                found[place[k]] = ("constant", slot, keys[place[n.id]])
    return found


def collapsed(picture: Picture, name: Callable[[Node], str | None]) -> Picture:
    """The picture with all boxes that `name` gives the same name as one box; None leaves a box as it is.

    >>> from chainrule import Value
    >>> from chainrule.show.picture.reading import picture
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> shown = picture(((a * b) + a) ** 2)
    >>> [n.title for n in collapsed(shown, lambda n: "inner" if n.op in ("multiply", "add") else None).nodes]
    ['a', 'b', 'inner × 2', '**2']
    """
    names = {n.id: printable(name(n) or "") for n in picture.nodes if n.kind != "output"}
    keys: list[Hashable] = [names.get(n.id) or n.id for n in picture.nodes]
    small = _merged(picture, _with_constants(picture, keys))
    nodes = [
        replace(n, name=names.get(n.id) or n.name, label="", op=n.op and OWN_BOX) if n.count > 1 else n
        for n in small.nodes
    ]
    return replace(small, nodes=nodes, edges=[e for e in small.edges if e.source != e.target])


def near(picture: Picture, depth: int) -> Picture:
    """What lies within `depth` operations of the result; the rest is one box."""
    operands = {n.id: n.operands for n in picture.nodes}
    edge = {n.id for n in picture.roots}
    reached = set(edge)
    for _ in range(depth):
        edge = {k for n in edge for k in operands[n]} - reached
        reached |= edge
    keys: list[Hashable] = [n.id if n.id in reached else "rest" for n in picture.nodes]
    if len(reached) == len(picture.nodes):
        return picture
    small = _merged(picture, keys)
    hidden = sum(n.kind != "constant" and n.id not in reached for n in picture.nodes)
    edges = [e for e in small.edges if e.source != e.target]
    uses = Counter(e.source for e in edges)
    nodes = [
        n if n.id in reached else replace(n, name=f"{hidden:,} more", label="", op="", count=1, uses=uses[n.id])
        for n in small.nodes
    ]
    return replace(small, nodes=nodes, edges=edges, note=f"within {depth} operation{'s' * (depth != 1)} of the result")


# -- what counts as the same -------------------------------------------------------------------------------


def _by_structure(picture: Picture) -> list[Hashable]:
    """Equal expressions on equal lines, inputs of one family (`w[0]`, `w[1]`, ...) being equal."""
    known: dict[Hashable, int] = {}
    keys: dict[int, int] = {}
    for n in picture.nodes:
        key = (*_operation(n), tuple(keys[k] for k in n.operands))
        keys[n.id] = known.setdefault(key, len(known))
    return [keys[n.id] for n in picture.nodes]


def _by_pattern(picture: Picture) -> list[Hashable]:
    """Equal operations on equal kinds of operands: `x * x` and `0.1 * y` are two."""
    own = {n.id: _operation(n) for n in picture.nodes}
    return [(own[n.id], tuple(own[k] for k in n.operands)) for n in picture.nodes]


def _by_operation(picture: Picture) -> list[Hashable]:
    return [_operation(n) for n in picture.nodes]


def _by_line(picture: Picture) -> list[Hashable]:
    return [_operation(n) if not n.op or not n.where[0] or n.kind == "output" else n.where for n in picture.nodes]


def _by_function(picture: Picture) -> list[Hashable]:
    return [
        _operation(n) if not n.op or not n.where[0] or n.kind == "output" else (n.where[0], function_at(*n.where))
        for n in picture.nodes
    ]


WAYS: dict[str, Callable[[Picture], list[Hashable]]] = {
    "structure": _by_structure,
    "pattern": _by_pattern,
    "operation": _by_operation,
    "line": _by_line,
    "function": _by_function,
}


def _operation(n: Node) -> tuple[Hashable, ...]:
    if n.kind == "constant":
        return ("constant",)
    return (n.kind, n.where, _family(n.label) if n.kind == "input" else n.op)


def _family(label: str) -> str:
    return re.sub(r"\d+", "…", re.sub(r"\[[^\]]*\]", "[…]", label))


@functools.lru_cache(maxsize=64)
def functions(path: str) -> list[tuple[int, int, str]]:
    """First line, last line and name of every function of a file, outer ones first."""
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except (SyntaxError, ValueError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(f.lineno, f.end_lineno or f.lineno, f.name) for f in ast.walk(tree) if isinstance(f, kinds)]


def function_at(path: str, line: int) -> str:
    """The name of the innermost function around a line; the file's name outside of functions."""
    around = [f for f in functions(path) if f[0] <= line <= f[1]]
    return min(around, key=lambda f: f[1] - f[0])[2] if around else file_name(path)


# -- merging -----------------------------------------------------------------------------------------------


def _merged(picture: Picture, keys: list[Hashable]) -> Picture:
    """One box for each key, in the order of first appearance. Arrows between the same boxes are one, but for those
    from a single value to another, which are separate terms of its gradient."""
    groups: defaultdict[Hashable, list[Node]] = defaultdict(list)
    for n, key in zip(picture.nodes, keys, strict=True):
        groups[key].append(n)
    home = {n.id: members[0].id for members in groups.values() for n in members}
    single = {members[0].id for members in groups.values() if len(members) == 1 and len(members[0].members) < 2}
    bundles: defaultdict[Hashable, list[Edge]] = defaultdict(list)
    for k, e in enumerate(picture.edges):
        ends = home[e.source], home[e.target]
        bundles[(*ends, k) if single.issuperset(ends) else ends].append(e)
    edges = [_bundle(home, es) for es in bundles.values()]
    nodes = [_group(members, home) for members in groups.values()]
    lit = frozenset(home[k] for k in picture.highlighted)
    return replace(picture, nodes=nodes, edges=edges, highlighted=lit)


def _group(members: list[Node], home: dict[int, int]) -> Node:
    first = members[0]
    operands = tuple(dict.fromkeys(home[k] for n in members for k in n.operands))
    if len(members) == 1:
        return replace(first, operands=operands if len(first.members) > 1 else tuple(home[k] for k in first.operands))
    names = list(dict.fromkeys(n.name for n in members if n.op))
    gradients = [n.gradient for n in members if n.gradient is not None]
    same, counted = {n.passes for n in members}, {n.counted for n in members}
    uses = {n.uses for n in members}
    if first.kind == "constant":
        name = first.name if len({n.name for n in members}) == 1 else "constants"
    elif names:
        name = names[0] if len(names) == 1 else _summary(first, members)
    else:
        name = _family(first.name)
    return replace(
        first,
        name=name,
        label=_family(first.label) if first.kind == "input" else "",
        value=Spread.over([n.value for n in members]),
        gradient=Spread.over(gradients) if gradients else None,
        passes=first.passes if len(same) == 1 and 0 not in same else 1,
        counted=first.counted if len(counted) == 1 else None,
        operands=operands,
        uses=min(uses) if len(uses) == 1 else min(1, max(uses)),
        count=sum(n.count for n in members),
        members=tuple(k for n in members for k in n.members or (n.id,)),
        quantity=max((n.quantity for n in members if n.quantity is not None), default=None),
    )


def _summary(first: Node, members: list[Node]) -> str:
    """A box of several operators by their common line, else their function."""
    if len({n.where for n in members}) == 1 and first.source:
        return first.source if len(first.source) <= 40 else first.source[:39] + "…"
    return f"{function_at(*first.where)}()" if first.where[0] else "several"


def _bundle(home: dict[int, int], edges: list[Edge]) -> Edge:
    """Several arrows as one, which sends what they send together: to each value that they come from, its sum."""
    terms = tuple(term for e in edges for term in e.terms or (e,))
    ends = home[edges[0].source], home[edges[0].target]
    if len(terms) == 1:
        return replace(terms[0], source=ends[0], target=ends[1], terms=terms)
    partials = [e.partial for e in terms if e.partial is not None]
    weights = [e.weight for e in terms if e.weight is not None]
    shares: defaultdict[int, list[Number]] = defaultdict(list)
    for e in terms:
        if e.contribution is not None:
            shares[e.source].append(e.contribution)
    sent = [_sum(parts) for parts in shares.values()]
    counts = {*Counter(e.source for e in terms).values()}
    return Edge(
        *ends,
        partial=_together(partials),
        weight=_together(weights),
        contribution=_together(sent),
        count=min(counts) if len(counts) == 1 else 0,
        terms=terms,
    )


def _sum(parts: list[Number]) -> Number:
    with np.errstate(all="ignore"):
        return functools.reduce(operator.add, parts)


def _together(values: list[Number]) -> Number:
    """Several numbers or arrays in brief; one as it is."""
    return None if not values else values[0] if len(values) == 1 else Spread.over(values)
