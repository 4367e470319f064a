"""The numbers that a recording was computed from, where inputs have been given others since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.numbers import Number, primal


def used(nodes: Iterable[Any]) -> dict[int, list[Number]]:
    """For each input whose number was changed after it was used: the numbers it was used with, in their order.

    nodes   a recording, inputs and operations

    >>> from chainrule import Value
    >>> x = Value(2.0)
    >>> y = x * x
    >>> x.data = 5.0
    >>> used([x, y])[id(x)]
    [2.0]
    """
    found: dict[int, list[Number]] = {}
    for node in nodes:
        if node.op is None:
            continue
        for i, parent in zip(node.active, node.parents, strict=True):
            if parent.op is not None or i >= len(node.operands):
                continue
            x = primal(node.operands[i])
            known = found.setdefault(id(parent), [])
            if not any(_same(x, other) for other in known):
                known.append(x)
    present = {id(p): primal(p.stored) for node in nodes for p in (node.parents or (node,)) if p.op is None}
    return {k: xs for k, xs in found.items() if len(xs) > 1 or not _same(xs[0], present[k])}


def _same(a: Number, b: Number) -> bool:
    if a is b:
        return True
    if type(a) is float and type(b) is float:
        return a == b or (a != a and b != b)
    try:
        return bool(np.array_equal(a, b, equal_nan=True))
    except TypeError:
        return bool(np.array_equal(a, b))
