"""Candidates: another function in place of the local derivative of a step, or another mask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.edges import Candidate, Changes, Edge, described, sending, where
from chainrule.check.diagnosis.paths import expression
from chainrule.check.diagnosis.recorded import Change, Recorded
from chainrule.numbers import shape
from chainrule.sweeps.reverse import pull

SLOPES: dict[str, Callable[[Any, Any], Any]] = {
    "1": lambda x, y: np.ones_like(y), "the output": lambda x, y: y, "1 - output": lambda x, y: 1 - y,
    "1 + output": lambda x, y: 1 + y, "the output squared": lambda x, y: y * y,
    "1 - output squared": lambda x, y: 1 - y * y, "1 + output squared": lambda x, y: 1 + y * y,
    "output * (1 - output)": lambda x, y: y * (1 - y), "output * (1 + output)": lambda x, y: y * (1 + y),
    "output squared - 1": lambda x, y: y * y - 1, "output - 1": lambda x, y: y - 1,
    "1 / output": lambda x, y: 1 / y, "1 / output squared": lambda x, y: 1 / (y * y),
    "the input": lambda x, y: x, "its square": lambda x, y: x * x, "1 - input squared": lambda x, y: 1 - x * x,
    "input * (1 - input)": lambda x, y: x * (1 - x), "1 / input": lambda x, y: 1 / x,
    "1 / input squared": lambda x, y: 1 / (x * x), "1 / (1 + input)": lambda x, y: 1 / (1 + x),
    "1 / (1 + input squared)": lambda x, y: 1 / (1 + x * x),
}  # fmt: skip


def slopes(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    """Another function in place of the local derivative of one that works element by element, the longest first: of
    a sigmoid rather than of the exponential in it."""
    uses = Counter(id(p) for node in r.nodes for p in node.parents)
    found: list[tuple[int, list[Edge], list[list[int]], int]] = []
    for group in groups:
        chains = [_chain(r, k, uses) for k, _ in group]
        depth = 0 if r.nodes[group[0][0]] is r.root else min(len(c) for c in chains)
        plain = r.nodes[group[0][0]].op.name in ("add", "subtract", "negative")  # of slope 1 or -1: it is not mistaken
        levels = (n for n in range(int(plain), depth) if shape(r.nodes[chains[0][n]].stored))
        found += [(-level, group, chains, level) for level in levels]
    found.sort(key=lambda t: (t[0], len(t[1]), -t[1][0][0]))
    for _, group, chains, level in found:
        for name, slope in SLOPES.items():
            if level == 0 and name == "1" and len(group) == 1:
                continue  # a link that is dropped has its own name
            node, inner = r.nodes[group[0][0]], r.nodes[chains[0][level]]
            text = f"the local derivative of {expression(node, 3)} by {expression(inner, 3)} is taken as {name}"
            yield Candidate(text + where(r, group), _replaced(group, chains, level, slope))
        text = (
            f"the local derivative of {expression(node, 3)} by {expression(inner, 3)} is there twice{where(r, group)}"
        )
        yield Candidate(text + where(r, group), _replaced(group, chains, level, None))
        yield from _elsewhere(r, group, chains[0][level] if level == 0 else -1)


OF_OUTPUT: dict[str, Callable[[Any], Any]] = {"tanh": lambda y: 1 - y * y, "sigmoid": lambda y: y * (1 - y)}


def _elsewhere(r: Recorded, group: list[Edge], inner: int) -> Iterator[Candidate]:
    """The local derivative of a tanh or sigmoid, taken at another array of the same shape; in a loop, at the output of
    the step before."""
    mine = {k for k, _ in group}
    steps = [r.nodes[k] for k, _ in group]
    slope = OF_OUTPUT.get(steps[0].op.name)
    if slope is None or inner < 0:
        return
    size, name = shape(steps[0].stored), expression(steps[0], 3)
    others = [node for k, node in enumerate(r.nodes) if k not in mine and shape(node.stored) == size]
    if len(group) == 1:
        for other in others:
            text = f"the local derivative of {name} is taken at {expression(other, 3)}{where(r, group)}"
            yield Candidate(text, _taken_at([group[0][0]], [r.place[id(other)]], slope))
        return
    places = sorted(k for k, _ in group)
    for first in (*(r.place[id(node)] for node in others if node.op is None), None):
        text = f"the local derivative of {name} is taken at the step before{where(r, group)}"
        yield Candidate(text, _taken_at(places, [first, *places[:-1]], slope))


def _taken_at(places: list[int], instead: list[int | None], slope: Callable[[Any], Any]) -> Changes:
    """Changes in which each node sends its cotangent times the slope at the output of another node, or of zeros."""

    def changes(r: Recorded) -> dict[int, Change]:
        def of(other: int | None) -> Change:
            def changed(node: Any, ct: Any) -> Any:
                y = np.zeros(shape(node.stored)) if other is None else r.nodes[other].stored
                return [(node.parents[0], ct * slope(y))]

            return changed

        return {k: of(other) for k, other in zip(places, instead, strict=True)}

    return changes


def _chain(r: Recorded, k: int, uses: Counter[int]) -> list[int]:
    """The nodes below node k from which it is computed element by element, nearest first."""
    found = []
    node = r.nodes[k]
    while node.op is not None and len(node.parents) == 1 and shape(node.parents[0].stored) == shape(node.stored):
        if node.op.name in ("getitem", "transpose", "reshape", "broadcast_to") or _is_weighted(node):
            break
        found.append(r.place[id(node.parents[0])])
        node = node.parents[0]
        if uses[id(node)] > 1:
            break
    return found


def _is_weighted(node: Any) -> bool:
    """Whether an array of constants enters: a cotangent, a mask."""
    return any(shape(x) != () for k, x in enumerate(node.operands) if k not in node.active)


def _replaced(
    group: list[Edge], chains: list[list[int]], level: int, slope: Callable[[Any, Any], Any] | None
) -> Changes:
    """Changes in which the last node of each chain is sent the cotangent of the first times `slope(x, y)`; with None,
    times the square of the true one."""

    def changes(r: Recorded) -> dict[int, Change]:
        def of(inner: Any) -> Change:
            if slope is None:
                return lambda node, ct: [(inner, ct * _true_slope(node, inner) ** 2)]
            return lambda node, ct: [(inner, ct * slope(inner.stored, node.stored))]

        return {k: of(r.nodes[chain[level]]) for (k, _), chain in zip(group, chains, strict=True)}

    return changes


def _true_slope(node: Any, inner: Any) -> Any:
    """The derivative of a node by one from which it is computed element by element, through a chain of single nodes."""
    slope = np.ones(shape(node.stored))
    while node is not inner:
        ((node, slope),) = pull(node, slope)
    return slope


def masks(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    """A step that lets some elements pass lets the others pass instead, or those where another array is positive."""
    for group in groups:
        node, i = r.nodes[group[0][0]], group[0][1]
        if node.op.name not in ("where", "maximum", "minimum", "clip") or not shape(node.stored):
            continue
        every = [(k, j) for k, _ in group for j in range(len(r.nodes[k].parents))]
        text = f"the mask is inverted: {described(r, group)}{where(r, group)}"
        yield Candidate(text, sending(every, lambda node, ct, i, share: ct - share))
        for q, other in enumerate(r.nodes) if len(group) == 1 and len(node.parents) == 1 else ():
            if other is not node and other is not node.parents[i] and shape(other.stored) == shape(node.stored):
                text = f"the mask is that of {expression(other, 3)} > 0: {described(r, group)}{where(r, group)}"
                yield Candidate(text, _masked_by(group[0], q))


def _masked_by(edge: Edge, q: int) -> Changes:
    return lambda r: {edge[0]: lambda node, ct: [(node.parents[edge[1]], ct * (r.nodes[q].stored > 0))]}
