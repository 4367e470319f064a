"""Deep copies and pickles of recordings, without recursion: nodes in order, parents by position."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.carriers.node import describe
from chainrule.recording import order
from chainrule.sweeps.gradients import gradient, put
from chainrule.sweeps.gradients import own_gradient as own


def deep_copy(root: Any, memo: dict[int, Any]) -> Any:
    """A copy of `root` and everything that led to it; values copied together keep what they share."""
    for node in order(root):
        if id(node) not in memo:
            new = type(node).leaf(_own(node.stored), node.level, node.label)
            put(new, _own(gradient(node)))
            parents = tuple([memo[id(p)] for p in node.parents])
            describe(new, node.op, node.operands, parents, node.active, node.settings)
            memo[id(node)] = new
            memo.setdefault(id(memo), []).append(node)  # keep it alive as long as its id is in use
    return memo[id(root)]


def _own(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def reduced(root: Any) -> tuple[Any, ...]:
    """What pickle stores for `root`. Inputs are pickled as objects, so two results pickled together share them;
    each brings the values between by itself. Closures set by hand as `_backward` are left out."""
    nodes = order(root)
    kind = type(root)
    if len(nodes) == 1:
        return (_leaf, (kind, root.stored, own(root), root.label, root.level, root.settings))
    inputs = [n for n in nodes if not n.parents]
    inner = [n for n in nodes if n.parents]
    position = {id(n): k for k, n in enumerate([*inputs, *inner])}
    rows = [
        (n.op, [position[id(p)] for p in n.parents], n.active, n.operands, n.settings, n.stored, own(n), n.label)
        for n in inner
    ]
    return (_recording, (kind, inputs, rows, root.level))


def _leaf(kind: Any, data: Any, grad: Any, label: str, level: float, settings: dict[str, Any]) -> Any:
    new = kind.leaf(data, level, label)
    put(new, grad)
    describe(new, None, (), (), (), settings)
    return new


def _recording(kind: Any, inputs: list[Any], rows: list[Any], level: float) -> Any:
    nodes = list(inputs)
    for op, parents, active, operands, settings, data, grad, label in rows:
        new = kind.leaf(data, level, label)
        describe(new, op, operands, tuple([nodes[k] for k in parents]), active, settings)
        put(new, grad)
        nodes.append(new)
    return nodes[-1]
