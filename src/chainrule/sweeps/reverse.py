"""Reverse mode: carry a cotangent from a result back through its recording.

Works on any recorded node: it reads `op`, `operands`, `parents`, `active`, `settings`, `level` and `_data`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.numbers import Carrier, Number, new_level, shape
from chainrule.ops.arithmetic import add
from chainrule.ops.row import Tangent, zeros_like
from chainrule.recording import order
from chainrule.sweeps.by_hand import HandMade, pull_by_hand


def sweep(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> list[tuple[Any, Number]]:
    """Every node that led to `root` with its adjoint, the sum of the cotangents sent to it; root first.

    Adjoints live in this call only, so sweeps may repeat and run in several threads.

    nodes   order(root), when it is known already
    """
    adjoints: dict[int, Number] = {id(root): cotangent}
    reached: list[tuple[Any, Number]] = []
    with np.errstate(all="ignore"):
        for node in reversed(order(root) if nodes is None else nodes):
            ct = adjoints.pop(id(node), None)
            if ct is None:
                continue
            if type(ct) is not float or type(node._number) is not float:
                ct = as_of(ct, node._number)
            reached.append((node, ct))
            if node.op is None:
                continue
            for parent, share in pull(node, ct):
                key = id(parent)
                before = adjoints.get(key)
                if before is None:
                    adjoints[key] = share
                elif type(before) is float and type(share) is float:
                    adjoints[key] = before + share
                else:
                    adjoints[key] = add(before, share)
    return reached


def pull(node: Any, ct: Number) -> Iterable[tuple[Any, Number]]:
    """The operands of `node`, each with the cotangent that `ct` on the node sends to it."""
    op, active, parents = node.op, node.active, node.parents
    if isinstance(op, (Tangent, HandMade)):
        return _transpose(node, ct) if isinstance(op, Tangent) else pull_by_hand(node, ct)
    shares = op.pull(ct, node._number, node.operands, active, node.settings)
    if len(active) == 1:
        return [(parents[0], share) for _, share in shares]
    return [(parents[active.index(i)], share) for i, share in shares]


def _transpose(node: Any, ct: Number) -> list[tuple[Any, Number]]:
    """The shares of a node whose row states a tangent: record that expression for unknown tangents, sweep it."""
    op, y, args, active, settings = node.op, node._number, node.operands, node.active, node.settings
    if all(i in op.adjoints for i in active):
        shares = [op.adjoints[i](ct, *args, **settings) for i in active]
        return list(zip(node.parents, shares, strict=True))
    level = new_level()
    tangents: list[Number] = [zeros_like(x) for x in args]
    for i in active:
        tangents[i] = type(node).leaf(tangents[i], level)
    moved = op.rule(y, args, tangents, **settings)
    found: dict[int, Number] = {}
    if isinstance(moved, Carrier) and moved.level == level:
        found = {id(reached): adjoint for reached, adjoint in sweep(moved, ct)}
    shares = [found.get(id(tangents[i]), zeros_like(args[i])) for i in active]
    return list(zip(node.parents, shares, strict=True))


def as_of(ct: Number, data: Number) -> Number:
    """`ct` in the floating type of `data`: float32 stays float32, a Python float a Python float."""
    kind = type(data)
    if type(ct) is kind:
        if kind is np.ndarray and ct.dtype != data.dtype and data.dtype.kind == "f" and ct.dtype.kind == "f":
            return ct.astype(data.dtype)
        return ct
    if isinstance(ct, Carrier) or isinstance(data, Carrier):
        return ct
    if kind is float and isinstance(ct, (np.generic, int)):
        return float(ct)
    if isinstance(data, np.ndarray) and isinstance(ct, (float, int, np.generic)):
        return np.full(shape(data), ct, dtype=data.dtype)
    if isinstance(data, np.generic) and data.dtype.kind == "f":
        return data.dtype.type(ct) if np.ndim(ct) == 0 else ct
    return ct
