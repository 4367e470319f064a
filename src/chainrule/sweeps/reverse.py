"""Reverse mode: carry a cotangent from a result back through its recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.carriers.value import HandMade, Value
from chainrule.errors import ArgumentError, at_user_line
from chainrule.numbers import Carrier, Number, new_level, shape
from chainrule.ops.arithmetic import add
from chainrule.ops.row import Operator, Tangent, zeros_like
from chainrule.recording import order


def sweep(root: Value, cotangent: Number, nodes: list[Value] | None = None) -> list[tuple[Value, Number]]:
    """Every value that led to `root` with its adjoint, the sum of the cotangents sent to it; root first.

    Adjoints live in this call only, so sweeps may repeat and run in several threads.
    """
    adjoints: dict[int, Number] = {id(root): cotangent}
    reached: list[tuple[Value, Number]] = []
    with np.errstate(all="ignore"):
        for node in reversed(order(root) if nodes is None else nodes):
            ct = adjoints.pop(id(node), None)
            if ct is None:
                continue
            ct = as_of(ct, node._data)
            reached.append((node, ct))
            if node.op is None:
                continue
            for parent, share in pull(node, ct):
                before = adjoints.get(id(parent))
                adjoints[id(parent)] = share if before is None else add(before, share)
    return reached


def pull(node: Value, ct: Number) -> Iterator[tuple[Value, Number]]:
    """The operands of `node`, each with the cotangent that `ct` on the node sends to it."""
    op = node.op
    if isinstance(op, HandMade):
        yield from _pull_by_hand(node, op, ct)
    elif isinstance(op, Tangent):
        shares = _transpose(op, ct, node._data, node.operands, node.active, node.settings)
        for i, share in shares.items():
            yield node.parents[node.active.index(i)], share
    elif op is not None:
        parents = iter(node.parents)
        active = iter(node.active)
        for i, share in op.pull(ct, node._data, node.operands, node.active, node.settings):
            parent = next(parents)
            while next(active) != i:
                parent = next(parents)
            yield parent, share


def _transpose(
    op: Tangent, ct: Number, y: Number, args: tuple[Number, ...], active: tuple[int, ...], settings: Any
) -> dict[int, Number]:
    """Cotangents of the operands in `active`: record the tangent expression for unknown tangents, sweep it."""
    if all(i in op.adjoints for i in active):
        return {i: op.adjoints[i](ct, *args, **settings) for i in active}
    level = new_level()
    tangents: list[Number] = [zeros_like(x) for x in args]
    for i in active:
        tangents[i] = Value.leaf(tangents[i], level)
    moved = op.rule(y, args, tangents, **settings)
    if not (isinstance(moved, Value) and moved.level == level):
        return {i: zeros_like(args[i]) for i in active}
    found = {id(node): adjoint for node, adjoint in sweep(moved, ct)}
    return {i: found.get(id(tangents[i]), zeros_like(args[i])) for i in active}


def _pull_by_hand(node: Value, op: Operator, ct: Number) -> Iterator[tuple[Value, Number]]:
    """Run a hand-written `_backward` closure, which adds into `.grad`, on gradients set aside for it."""
    closure = getattr(op, "closure", None)
    if closure is None:
        raise ArgumentError(
            at_user_line(f"the Value made by hand for {op.symbol!r} has no _backward: its derivative would be lost")
        )
    distinct = list({id(p): p for p in node.parents}.values())
    kept = [(v, v._grad) for v in (node, *distinct)]
    try:
        node._grad = ct
        for parent in distinct:
            parent._grad = None
        closure()
        shares = [(p, p._grad) for p in distinct if p._grad is not None]
    finally:
        for v, grad in kept:
            v._grad = grad
    yield from shares


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
