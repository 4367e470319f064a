"""Candidates: paths that are left out, uses of an argument that are overwritten, sums along another axis."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.edges import Candidate, Changes, Edge, described, nothing, sending, where
from chainrule.check.diagnosis.recorded import Change, Recorded
from chainrule.numbers import shape
from chainrule.sweeps.reverse import pull
from chainrule.values.located import place


def one_use(r: Recorded) -> Iterator[Candidate]:
    """Of several uses of an argument only one counts: in a loop, = in place of +=."""
    for v in r.inputs:
        edges = [(k, i) for k, node in enumerate(r.nodes) for i, p in enumerate(node.parents) if p is v]
        if len(edges) < 2:
            continue
        loop = len({(r.nodes[k].op.name, place(r.nodes[k])) for k, _ in edges}) == 1
        for kept in (edges[0], edges[-1], *edges[1:-1]):
            which = {edges[0]: "the first", edges[-1]: "the last"}.get(kept, "one")
            text = f"only {which} of the {len(edges)} uses of {v.label} counts: = in place of +=?"
            if not loop:
                others = f"the other {len(edges) - 1} uses of {v.label} are" if len(edges) > 2 else "its other use is"
                text = f"paths are missing: only {described(r, [kept])} counts, {others} left out{where(r, [kept])}"
            yield Candidate(text, sending([e for e in edges if e != kept], nothing))
            if len(edges) == 2 and not loop:
                text = (
                    f"{described(r, [kept])} counts twice, the other use of {v.label} not at all: that is right only "
                )
                yield Candidate(
                    text + f"where both are alike, as of a symmetric matrix{where(r, [kept])}", _only(kept, edges)
                )


def _only(kept: Edge, edges: list[Edge]) -> Changes:
    """Changes in which one edge sends twice its share and the others nothing."""

    def changes(r: Recorded) -> dict[int, Change]:
        twice = sending([kept], lambda node, ct, i, share: 2 * share)(r)
        return sending([e for e in edges if e != kept], nothing)(r) | twice

    return changes


def cut(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    for group in groups:
        text = f"a path is missing: {described(r, group)} is left out{where(r, group)}"
        yield Candidate(text, sending(group, nothing))
        if all(shape(r.nodes[k].parents[i].stored) == shape(r.nodes[k].stored) for k, i in group):
            text = f"a link of the chain is dropped: {described(r, group)} enters with derivative 1{where(r, group)}"
            yield Candidate(text, sending(group, lambda node, ct, i, share: ct))


def two_cut(r: Recorded) -> Iterator[Candidate]:
    """Two paths are missing, as those through mean and variance."""
    edges = [
        (k, i)
        for k in sorted(r.adjoints)
        for i, p in enumerate(r.nodes[k].parents)
        if len(r.nodes[k].parents) > 1 or r.nodes[k].op.name in ("sum", "max", "min")
        if (k, i) not in r.void and p is not r.root
    ]
    if len(edges) > 40:
        return
    for n, first in enumerate(edges):
        for second in edges[n + 1 :]:
            if first[0] != second[0]:
                texts = " and ".join(described(r, [e]) for e in (first, second))
                yield Candidate(f"two paths are missing: {texts} are left out", sending([first, second], nothing))


def other_axis(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    """The sum that goes back through a sum or mean is taken along another axis.

    What comes back is s / w for each row, with s the sum of t along the axis, t the cotangent of some array (times the
    array, in a softmax) and w that which follows; along the other axis it is s' / w with s' the sum along that one."""
    for (edge,) in (g for g in groups if len(g) == 1):
        node = r.nodes[edge[0]]
        axes = node.settings.get("axis") if node.op.name == "sum" else None
        size = shape(node.parents[0].stored)
        if not isinstance(axes, tuple) or len(axes) != 1 or len(size) < 2:
            continue
        for v in sorted(r.adjoints):
            if shape(r.nodes[v].stored) != size:
                continue
            for times in (False, True):
                for axis in (a for a in range(len(size)) if a != axes[0] and size[a] > 1):
                    for ratio in {1.0, size[axes[0]] / size[axis]}:
                        text = f"the sum over axis {axes[0]} is taken over axis {axis} on the way of "
                        text += described(r, [edge])
                        yield Candidate(text + where(r, [edge]), _summed(edge, v, times, (axes[0], axis), ratio))


def _summed(edge: Edge, v: int, times: bool, axes: tuple[int, int], ratio: float) -> Changes:
    def changes(r: Recorded) -> dict[int, Change]:
        t = r.adjoints[v] * (r.nodes[v].stored if times else 1.0)
        factor = ratio * np.sum(t, axis=axes[1], keepdims=True) / np.sum(t, axis=axes[0], keepdims=True)
        return {edge[0]: lambda node, ct: [(p, share * factor) for p, share in pull(node, ct)]}

    return changes
