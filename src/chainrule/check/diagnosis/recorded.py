"""The recording of a function at one point, swept backward as it is or with the shares of some nodes changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.subject import Subject, quiet
from chainrule.check.witness.seen import spread
from chainrule.numbers import new_level, shape
from chainrule.recording import order
from chainrule.sweeps.reverse import pull
from chainrule.values.located import Located

SHORT = 160  # recordings up to this many nodes are searched step by step
LONGEST = 600  # beyond SHORT only what a loop does alike in all its steps is tried, and beyond this nothing

Vector = NDArray[np.float64]
Shares = list[tuple[Any, Any]]
Change = Callable[[Any, Any], Shares]  # (node, its cotangent) -> its operands, each with what is sent to it


class Recorded:
    """f at a point: the nodes that led to its result, operands first, and the cotangent of the result.

    void   edges (number of the node, position of the operand) through which nothing flows because a sum cancels, as
           through the maximum that is subtracted in a softmax: no code writes them, and they stay cut when another
           edge is cut and the sum cancels no more
    """

    def __init__(self, inputs: list[Any], root: Any, cotangent: Any) -> None:
        self.inputs, self.root, self.cotangent = inputs, root, cotangent
        self.nodes: list[Any] = order(root)
        self.place = {id(node): k for k, node in enumerate(self.nodes)}
        self.adjoints: dict[int, Any] = {}
        self.before: dict[int, dict[int, Any]] = {}  # what was sent when a node's turn came
        self.void: set[tuple[int, int]] = set()
        self.truth = self.swept()
        self.signature = [(node.op.name if node.op else "", shape(node.stored)) for node in self.nodes]

    def swept(self, changes: Mapping[int, Change] | None = None) -> Vector:
        """The gradient, where the nodes in `changes` (by their number) send what is said there."""
        if changes is None:
            sent = {len(self.nodes) - 1: self.cotangent}
            self._carry(sent, {}, first=True)
            self.adjoints = sent
        else:  # above the first change nothing is other than it was
            sent = dict(self.before[max(changes)])
            self._carry(sent, changes)
        return self._at_inputs(sent)

    def reaching(self, node: Any, cotangent: Any) -> Vector:
        """What a cotangent on one node becomes at the inputs."""
        sent = {self.place[id(node)]: cotangent}
        self._carry(sent, {})
        return self._at_inputs(sent)

    def _carry(self, sent: dict[int, Any], changes: Mapping[int, Change], first: bool = False) -> None:
        for k in range(max(sent), -1, -1):
            node = self.nodes[k]
            if k not in sent or node.op is None:
                continue
            if first:
                self.before[k] = {at: share for at, share in sent.items() if at <= k}
            for i, (parent, share) in enumerate(changes.get(k, pull)(node, sent[k])):
                if first and cancels(share, sent[k]):
                    self.void.add((k, i))
                if (k, i) not in self.void:
                    at = self.place[id(parent)]
                    sent[at] = sent[at] + share if at in sent else share

    def _at_inputs(self, sent: dict[int, Any]) -> Vector:
        pieces = []
        for v in self.inputs:
            found = sent.get(self.place.get(id(v), -1))
            piece = np.zeros(shape(v.stored)) if found is None else np.asarray(found, dtype=float)
            pieces.append(np.ravel(np.broadcast_to(piece, shape(v.stored))))
        return np.concatenate(pieces)


def cancels(share: Any, ct: Any) -> bool:
    """Whether `share` is a sum over the elements of `ct` that comes to nothing."""
    if np.size(share) >= np.size(ct):
        return False
    size = float(np.max(np.abs(ct), initial=0.0))
    return size > 0 and float(np.max(np.abs(share), initial=0.0)) <= 1e-13 * size


def recorded(subject: Subject, weights: Vector) -> Recorded | None:
    """The recording of `weights . f` at the subject's point; None where f cannot be recorded, or is too long."""
    level = new_level()
    inputs = [Located.leaf(np.array(x) if isinstance(x, np.ndarray) else x, level) for x in subject.leaves]
    for v, name in zip(inputs, leaf_names(subject), strict=True):
        v.where, v.label = ("", 0), name  # type: ignore[attr-defined]
    with quiet():
        try:
            results = spread(subject)(*inputs)
        except Exception:  # not traceable
            return None
        if len(results) != 1 or not isinstance(results[0], Located):
            return None
        root = results[0]
        if len(order(root)) > LONGEST:
            return None
        ct = weights.reshape(shape(root.stored)) if shape(root.stored) else float(weights[0])
        return Recorded(inputs, root, ct)


def leaf_names(subject: Subject) -> list[str]:
    """The name of each number or array among the arguments."""
    names, start = [], 0
    for size, s in zip(subject.sizes, subject.shapes, strict=True):
        label = subject.label(start)
        names.append(label if s == () else label.rpartition("[")[0])
        start += size
    return names
