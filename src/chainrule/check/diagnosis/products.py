"""Candidates: a product whose derivative is taken with another factor, or with the right one transposed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.edges import Candidate, Changes, Edge, described, sending, where
from chainrule.check.diagnosis.paths import expression
from chainrule.check.diagnosis.recorded import Change, Recorded, Shares
from chainrule.numbers import shape
from chainrule.sweeps.reverse import pull
from chainrule.values.located import place


def transposed(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    for group in groups:
        node = r.nodes[group[0][0]]
        if node.op.name != "matmul":
            continue
        size = shape(node.stored)
        if len(size) == 2 and size[0] == size[1] > 1:
            text = f"the cotangent is transposed (or not, where it should be) on the way of {described(r, group)}"
            yield Candidate(text + where(r, group), sending(group, _of_transposed))
        other = 1 - node.active[group[0][1]]
        size = shape(node.operands[other])
        if len(size) >= 2 and size[-1] == size[-2] > 1:

            def change(node: Any, ct: Any, i: int, share: Any, other: int = other) -> Any:
                return with_operand(node, ct, i, other, np.swapaxes(node.operands[other], -1, -2))

            what = operand_name(node, other)
            text = f"{what} is transposed (or not, where it should be) on the way of {described(r, group)}"
            yield Candidate(text + where(r, group), sending(group, change))


def _of_transposed(node: Any, ct: Any, i: int, share: Any) -> Any:
    return list(pull(node, np.swapaxes(ct, -1, -2)))[i][1]


def operand_name(node: Any, at: int) -> str:
    return expression(node.parents[node.active.index(at)], 3) if at in node.active else "the constant factor"


def with_operand(node: Any, ct: Any, i: int, other: int, value: Any) -> Any:
    """What the node sends to operand i where another of its operands had that value."""
    operands = list(node.operands)
    operands[other] = value
    shares = dict(node.op.pull(ct, node.stored, tuple(operands), node.active, node.settings))
    return shares[node.active[i]]


def other_operand(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    """A product whose derivative is taken with another array than the other factor."""
    lines: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for k, node in enumerate(r.nodes):
        lines[(node.op.name, place(node), shape(node.stored)) if node.op else (k,)].append(k)
    for group in groups:
        node = r.nodes[group[0][0]]
        if node.op.name not in ("matmul", "multiply") or len(node.operands) != 2:
            continue
        other = 1 - node.active[group[0][1]]
        size = shape(node.operands[other])
        for row in lines.values():
            for start in range(len(row) - len(group) + 1) if size else ():
                taken = row[start : start + len(group)]
                found = {shape(r.nodes[q].stored) for q in taken}
                turned = len(size) == 2 and found == {size[::-1]} and size[0] != size[1]
                if found == {size} or turned:
                    kept = operand_name(node, other)
                    text = (
                        f"{expression(r.nodes[taken[0]], 3)} in place of {kept} in the share of {described(r, group)}"
                    )
                    yield Candidate(text + where(r, group), _with_others(group, other, taken, turned))


def _with_others(group: list[Edge], other: int, taken: list[int], turned: bool) -> Changes:
    def changes(r: Recorded) -> dict[int, Change]:
        def of(i: int, value: Any) -> Change:
            def changed(node: Any, ct: Any) -> Shares:
                shares = list(pull(node, ct))
                shares[i] = (shares[i][0], with_operand(node, ct, i, other, value))
                return shares

            return changed

        numbers = [r.nodes[q].stored.T if turned else r.nodes[q].stored for q in taken]
        return {k: of(i, x) for (k, i), x in zip(group, numbers, strict=True)}

    return changes
