"""Candidates: windows of an array that are put back at other places: without their stride, or with the padding cut off
at the wrong side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.edges import Candidate, Edge, described, sending, where
from chainrule.check.diagnosis.recorded import Recorded
from chainrule.numbers import shape


def windows(r: Recorded, groups: list[list[Edge]]) -> Iterator[Candidate]:
    for group in groups:
        nodes = [r.nodes[k] for k, _ in group]
        if len(group) > 1 and all(node.op.name == "getitem" for node in nodes):
            stride = math.gcd(*(part.start for node in nodes for part in _cut(node)))
            if stride > 1:
                text = f"the stride of {stride} is left out where windows are put back: {described(r, group)}"
                yield Candidate(text + where(r, group), sending(group, _put_back(stride)))
        elif len(group) == 1 and nodes[0].op.name == "scatter":
            for by in {part.start for part in _cut(nodes[0])}:
                for step in (-by, by):
                    many = "1 place" if by == 1 else f"{by} places"
                    text = f"the padding is cut off {many} too {'early' if step < 0 else 'late'}"
                    yield Candidate(f"{text}: {described(r, group)}{where(r, group)}", sending(group, _cut_off(step)))


def _cut(node: Any) -> list[slice]:
    """The parts of an index that are windows, which start elsewhere than at the beginning of their axis."""
    index = node.settings["index"]
    parts = index if isinstance(index, tuple) else (index,)
    return [
        p for p in parts if isinstance(p, slice) and isinstance(p.start, int) and p.start > 0 and p.step in (None, 1)
    ]


def _moved(node: Any, change: Any) -> tuple[Any, ...]:
    index = node.settings["index"]
    parts = index if isinstance(index, tuple) else (index,)
    window = _cut(node)
    return tuple(slice(change(p.start), change(p.start) + p.stop - p.start) if p in window else p for p in parts)


def _put_back(stride: int) -> Any:
    def share_of(node: Any, ct: Any, i: int, share: Any) -> Any:
        whole = np.zeros(shape(node.parents[i].stored))
        whole[_moved(node, lambda start: start // stride)] += ct
        return whole

    return share_of


def _cut_off(step: int) -> Any:
    return lambda node, ct, i, share: ct[_moved(node, lambda start: start + step)]
