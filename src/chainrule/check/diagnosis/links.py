"""Candidates: a factor of the chain that is there once too often or too seldom on one path alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.edges import Candidate, Changes, Edge, described, sending, where
from chainrule.check.diagnosis.paths import expression
from chainrule.check.diagnosis.recorded import Change, Recorded
from chainrule.numbers import shape
from chainrule.sweeps.reverse import pull

SHORTEST = 4  # numbers that a factor must hold before it tells anything
MOST_TIMES = 1500  # candidates of one path and one factor


def skipped(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    """The step that follows element by element is left out on the way of one operand, or is there twice."""
    readers: dict[int, list[int]] = {}
    for k, node in enumerate(r.nodes):
        for p in node.parents:
            readers.setdefault(r.place[id(p)], []).append(k)
    for group in groups:
        steps = [_following(r, k, readers) for k, _ in group]
        if any(step is None for step in steps):
            continue
        name = expression(r.nodes[steps[0]], 3)  # type: ignore[index]
        way = f"on the way of {described(r, group)}{where(r, group)}"
        yield Candidate(f"the derivative of {name} is missing {way}", _with_slopes(group, steps, -1))
        yield Candidate(f"the derivative of {name} is there twice {way}", _with_slopes(group, steps, 1))


def _following(r: Recorded, k: int, readers: dict[int, list[int]]) -> int | None:
    """The first step after node k that works element by element and is no sum: what else is there are additions."""
    while len(readers.get(k, ())) == 1:
        after = r.nodes[readers[k][0]]
        if shape(after.stored) != shape(r.nodes[k].stored):
            return None
        k = readers[k][0]
        if after.op.name not in ("add", "subtract"):
            return k if len(after.parents) == 1 and len(after.operands) == 1 and shape(after.stored) else None
    return None


def _with_slopes(group: list[Edge], steps: list[int | None], power: int) -> Changes:
    def changes(r: Recorded) -> dict[int, Change]:
        slopes = []
        for step in steps:
            node = r.nodes[step]  # type: ignore[index]
            ((_, slope),) = pull(node, np.ones(shape(node.stored)))
            slopes.append(slope**power)
        return _multiplied(group, slopes)

    return changes


def _multiplied(group: list[Edge], factors: list[Any]) -> dict[int, Change]:
    """Changes in which the cotangent of each edge's node is multiplied for this edge alone."""

    def of(i: int, factor: Any) -> Change:
        def changed(node: Any, ct: Any) -> Any:
            shares = list(pull(node, ct))
            shares[i] = list(pull(node, ct * factor))[i]
            return shares

        return changed

    return {k: of(i, factor) for (k, i), factor in zip(group, factors, strict=True)}


def too_often(r: Recorded, groups: list[list[Edge]], *, single: bool = False) -> Iterator[Candidate]:
    """What one path sends is multiplied by an array that the function computes, or divided by it; by a single number
    with `single`, on the way to what is computed last but one."""
    count = 0
    for (edge,) in (g for g in groups if len(g) == 1):
        if single and edge[0] >= len(r.nodes) - 2:  # the whole, or its product with a cotangent
            continue
        size = shape(r.nodes[edge[0]].parents[edge[1]].stored)
        for q, factor in enumerate(r.nodes) if single or int(np.prod(size, dtype=int)) >= SHORTEST else ():
            if (shape(factor.stored) == ()) != single or not (single or _spreads(shape(factor.stored), size)):
                continue
            count += 1
            if count > MOST_TIMES:
                return
            for words, power in (("times {} too often", 1), ("divided by {} too often", -1)):
                text = words.format(expression(factor, 3)) + f" on the way of {described(r, [edge])}"
                yield Candidate(text + where(r, [edge]), _powered(edge, q, power))


def _spreads(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether an array spreads over a larger one, and holds more than one number."""
    pairs = zip(small[::-1], large[::-1], strict=False)
    return len(small) <= len(large) and all(a in (1, b) for a, b in pairs) and int(np.prod(small, dtype=int)) > 1


def _powered(edge: Edge, q: int, power: int) -> Changes:
    def changes(r: Recorded) -> dict[int, Change]:
        factor = np.asarray(r.nodes[q].stored, dtype=float) ** power
        return sending([edge], lambda node, ct, i, share: share * factor)(r)

    return changes


def whole_insides(r: Recorded) -> Iterator[Candidate]:
    """The derivative of all that is computed element by element from one argument, along several paths, is left out."""
    below: list[set[int]] = []
    for k, node in enumerate(r.nodes):
        below.append({k} if node.op is None else set[int]().union(*(below[r.place[id(p)]] for p in node.parents)))
        if node.op is None or node is r.root or len(below[k]) != 1:
            continue
        inner = r.nodes[next(iter(below[k]))]
        if shape(inner.stored) == shape(node.stored) != ():
            what = f"the derivative of {expression(node)} by {expression(inner)}"
            text = f"a link of the chain is dropped: {what} is missing"
            yield Candidate(text + where(r, [(k, 0)]), _straight(k, inner))


def _straight(k: int, inner: Any) -> Changes:
    def changes(r: Recorded) -> dict[int, Change]:
        target = next(v for v in r.inputs if v.label == inner.label)
        return {k: lambda node, ct: [(target, ct)]}

    return changes


def largest(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    """A maximum whose derivative goes to all elements, as that of a sum or of a mean."""
    for group in groups:
        node = r.nodes[group[0][0]]
        if node.op.name not in ("max", "min"):
            continue
        for words, mean in (("goes to each element, as that of a sum", False), ("is shared evenly, as a mean's", True)):
            text = f"the derivative of {expression(node, 3)} {words}{where(r, group)}"
            yield Candidate(text, sending(group, _shared(node.settings.get("axis"), mean)))


def _shared(axis: Any, mean: bool) -> Callable[[Any, Any, int, Any], Any]:
    def share_of(node: Any, ct: Any, i: int, share: Any) -> Any:
        whole = np.sum(share, axis=axis, keepdims=True)
        count = np.size(share) // max(np.size(whole), 1)
        return whole * np.ones(np.shape(share)) / (count if mean else 1)

    return share_of
