"""The contribution of every path of the recording, held against what a claim is missing.

The gradient is a sum over the edges that leave any cut through the recording. Replacing one edge's local
derivative p by w p changes it by (w - 1) C, where C is what flows through that edge; C is found by sweeping on
from the edge alone. A claim that differs from the truth by exactly that, at several points, names the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.factors import blocks, said
from chainrule.check.diagnosis.recorded import Recorded, recorded
from chainrule.check.diagnosis.samples import ENOUGH, FIT, HUGE, ROUNDING, Sample, coefficient
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, quiet
from chainrule.numbers import shape
from chainrule.records import record
from chainrule.sweeps.reverse import pull
from chainrule.values.located import place

LONGEST = 120  # recordings beyond this many nodes are not searched
INNER, LINK, OUTER, MISSING, WEIGHT = range(5)  # how telling an explanation is
POINTS = 5  # at which edges are held against the claim

Vector = NDArray[np.float64]
Traced = tuple[Vector, Vector, float, "list[Edge]"]


@record
class Edge:
    """What flows through one edge (or out of one node) at a point.

    through   its contribution to the gradient
    unlinked  the same with the local derivative replaced by 1; None where shapes forbid it
    operand   the value of the operand, for scalars
    mask      whether some elements pass through it and others do not
    """

    kind: str
    name: str
    where: str
    through: Vector
    unlinked: Vector | None
    operand: float
    mask: bool = False


def dropped(samples: list[Sample]) -> Iterator[str]:
    """An edge that is missing, or enters with derivative 1, or with the wrong sign."""
    yield from _best(samples, lambda rank: rank < WEIGHT)


def weighted(samples: list[Sample]) -> Iterator[str]:
    """An edge that enters with another weight, or with an epsilon added to its operand."""
    yield from _best(samples, lambda rank: rank >= WEIGHT)


def _best(samples: list[Sample], wanted: Callable[[int], bool]) -> Iterator[str]:
    traced = _traced(samples)
    if len(traced) < ENOUGH:
        return
    parts = blocks(samples) if len(samples[0].yours) == 1 else [("", np.ones((1, 0), dtype=bool))]
    if len(parts) == 1 and parts[0][0]:  # one argument's share is wrong: the rest need not be explained
        name, mask = parts[0]
        yield from (said(name, text) for text in _likeliest([_cut(t, mask[0]) for t in traced], wanted))
    else:
        yield from _likeliest(traced, wanted)


def _cut(traced: Traced, part: NDArray[np.bool_]) -> Traced:
    yours, truth, slack, edges = traced
    cut = [
        replace(e, through=e.through[part], unlinked=None if e.unlinked is None else e.unlinked[part]) for e in edges
    ]
    return yours[part], truth[part], slack, cut


def _likeliest(traced: list[Traced], wanted: Callable[[int], bool]) -> Iterator[str]:
    found: list[tuple[int, str]] = []
    for k in range(len(traced[0][3])):
        text = _edge_explains([(yours, truth, slack, edges[k]) for yours, truth, slack, edges in traced])
        if text and wanted(text[0]):
            found.append(text)
    found.sort(key=lambda t: t[0])
    best = [text for rank, text in found if rank == found[0][0]]
    if found and found[0][0] >= WEIGHT and len({text.partition(":")[0] for text in best}) > 1:
        return  # several weights on several paths fit: none of them is the cause
    if best:
        yield best[0] if len(set(best)) == 1 or found[0][0] < MISSING else min(set(best), key=len)


def _traced(samples: list[Sample]) -> list[Traced]:
    """Claim and truth as rows (several results folded by one cotangent), with the edges of each recording."""
    found: list[Traced] = []
    for s in samples[:POINTS]:
        if s.kind not in ("gradient", "jacobian", "value_and_grad", "vjp") or s.subject.n > HUGE:
            return []
        m = len(s.yours)
        weights = s.weights if s.weights is not None else np.ones(1) if m == 1 else _cotangent(m)
        edges = contributions(s.subject, weights)
        if edges is None:
            return []
        if found and [e.name for e in edges] != [e.name for e in found[0][3]]:
            continue  # another branch was taken
        fold = s.yours[0], s.truth[0]
        if m > 1:
            fold = weights @ s.yours, weights @ s.truth
        found.append((*fold, s.slack, edges))
    return found


def _cotangent(m: int) -> Vector:
    return np.asarray(RandomNumbers(m).standard_normal(m))


def contributions(subject: Subject, weights: Vector) -> list[Edge] | None:
    """Every edge of the subject's recording with what flows through it; None when it cannot be recorded."""
    recording = recorded(subject, weights)
    if recording is None or len(recording.nodes) > LONGEST:
        return None
    with quiet():
        return list(_edges(recording))


def _edges(recording: Recorded) -> Iterator[Edge]:
    nodes, reaching = recording.nodes, recording.reaching
    for number, node in enumerate(nodes):
        ct = recording.adjoints.get(number)
        if ct is None or node.op is None:
            continue
        total = np.zeros_like(recording.truth)
        for k, (parent, share) in enumerate(pull(node, ct)):
            if (number, k) in recording.void:
                share = np.zeros(shape(parent.stored)) if shape(parent.stored) else 0.0
            through = reaching(parent, share)
            total = total + through
            same_shape = shape(parent.stored) == shape(node.stored)
            # A claim of 1 says nothing about the function's only step.
            whole = node is nodes[-1] and parent.op is None
            unlinked = reaching(parent, ct) if same_shape and not whole else None
            name = _path_name(node, parent, k)
            mask = _is_mask(share, ct) if same_shape else False
            yield Edge("path", name, place(node), through, unlinked, _number(parent.stored), mask)
        hit = np.flatnonzero(total)
        scalar = shape(node.stored) == () and node is not nodes[-1]
        # A node that depends on one input only stands for the whole inner function.
        unlinked = _at(total.size, hit[0], float(ct)) if scalar and len(hit) == 1 else None
        yield Edge("inner", expression(node), place(node), total, unlinked, _number(node.stored))
        if node is not nodes[-1]:
            ones = np.ones(shape(node.stored)) if shape(node.stored) else 1.0
            yield Edge("outer", expression(node), place(node), total, reaching(node, ones), np.nan)


def _is_mask(share: Any, ct: Any) -> bool:
    """Whether the node lets some elements pass and others not."""
    closed = (np.asarray(share) == 0) & (np.asarray(ct) != 0)
    return bool(np.any(closed) and not np.all(closed))


def _at(size: int, index: Any, value: float) -> Vector:
    vector = np.zeros(size)
    vector[index] = value
    return vector


def _number(data: Any) -> float:
    return float(data) if shape(data) == () else np.nan


# -- does one edge explain the claim? ------------------------------------------------------------------------------


def _edge_explains(rows: list[tuple[Vector, Vector, float, Edge]]) -> tuple[int, str] | None:
    edge = rows[0][3]
    where = f" ({edge.where})" if edge.where else ""
    if any(e.through.shape != yours.shape for yours, _, _, e in rows):
        return None
    free = [e.unlinked for _, _, _, e in rows if e.unlinked is not None]
    # A derivative of 1 through which nothing comes (the deviations from a mean add up to 0) is a missing path.
    linked = len(free) == len(rows) and any(
        np.max(np.abs(u)) > 1e-12 * np.max(np.abs(e.through)) for u, (_, _, _, e) in zip(free, rows, strict=True)
    )
    linked = linked and not all(
        np.allclose(u, e.through, rtol=1e-9, atol=0.0) for u, (_, _, _, e) in zip(free, rows, strict=True)
    )
    turned = linked and all(np.allclose(u, -e.through, rtol=1e-12) for u, (_, _, _, e) in zip(free, rows, strict=True))
    if linked and not turned and _fits([(y, t - e.through + u, s) for u, (y, t, s, e) in zip(free, rows, strict=True)]):
        if edge.kind == "outer":
            return (
                OUTER,
                f"a link of the chain is dropped: only the derivative of {edge.name} is there, not what follows{where}",
            )
        if edge.kind == "inner":
            return INNER, f"a link of the chain is dropped: the derivative of {edge.name} is missing{where}"
        mask = ": its mask is missing" if any(e.mask for _, _, _, e in rows) else ""
        return LINK, f"a link of the chain is dropped: {edge.name} enters with derivative 1{mask}{where}"
    weights = _weights(rows)
    if weights is None:
        return None
    w = float(np.median(weights))
    steady = all(abs(v - w) <= 1e-6 * max(1.0, abs(w)) for v in weights)
    if edge.kind == "path":
        if steady and abs(w) < 1e-7:
            return MISSING, f"a path is missing: {edge.name} is left out{where}"
        if steady and abs(w + 1) < 1e-7:
            return MISSING, f"the sign of one path is wrong: {edge.name}{where}"
        if steady and abs(w - 1) > 1e-5:  # nearer to 1 it is something small that was added, and has another name
            return WEIGHT, f"one path enters with weight {w:.6g}: {edge.name}{where}"
        epsilon = _epsilon(rows, weights)
        if epsilon is not None:
            return WEIGHT + 1, f"an epsilon is added: {epsilon:.6g} to {edge.name.partition(' through ')[0]}{where}"
    elif steady and abs(w) < 1e-7:
        return MISSING, f"a term is missing: {edge.name}{where}"
    return None


def _fits(rows: list[tuple[Vector, Vector, float]]) -> bool:
    return all(np.all(np.abs(y - p) <= FIT * np.abs(y) + ROUNDING * np.max(np.abs(y)) + s) for y, p, s in rows)


def _weights(rows: list[tuple[Vector, Vector, float, Edge]]) -> list[float] | None:
    """w at each point, where claim = truth + (w - 1) C; None unless that fits everywhere."""
    weights = []
    for yours, truth, slack, e in rows:
        share = coefficient(yours - truth, e.through)
        if share is None:
            return None
        w = 1 + share
        rest = yours - truth - (w - 1) * e.through
        if np.any(np.abs(rest) > FIT * np.abs(yours) + ROUNDING * np.max(np.abs(yours)) + slack):
            return None
        weights.append(w)
    return weights


def _epsilon(rows: list[tuple[Vector, Vector, float, Edge]], weights: list[float]) -> float | None:
    """1/u became 1/(u + eps): then eps = u (1 - w) / w is the same at every point."""
    found = []
    for (_, _, _, e), w in zip(rows, weights, strict=True):
        if not np.isfinite(e.operand) or w == 0 or abs(w - 1) < 1e-14:
            continue
        # The fewer digits of w differ from 1, the fewer of eps can be seen.
        if abs(w - 1) > 1e-9:
            found.append(e.operand * (1 - w) / w)
    if len(found) < ENOUGH:
        return None
    middle = float(np.median(found))
    if abs(middle) > max(abs(e.operand) for _, _, _, e in rows) / 2:  # too large for an epsilon
        return None
    return middle if middle and all(abs(v - middle) < 1e-4 * abs(middle) for v in found) else None


# -- names -----------------------------------------------------------------------------------------------------------


def _path_name(node: Any, parent: Any, k: int) -> str:
    side = f", use {k + 1}" if sum(p is parent for p in node.parents) > 1 else ""
    return f"{expression(parent)} through {expression(node)}{side}"


def expression(node: Any, depth: int = 4) -> str:
    """The node as an expression in the input's names, cut off below `depth` levels.

    >>> from chainrule import Value
    >>> x = Value(2.0, "x")
    >>> expression(3 * x**2)
    '3 * x ** 2'
    """
    if node.op is None:
        return node.label or f"{node.stored:.4g}"
    if node.op.name == "positive":  # a copy
        return expression(node.parents[0], depth)
    if depth == 0:
        return "..."
    if (assigned := _assigned(node)) is not None:
        inner = expression(assigned, depth - 1)
        padded = node.op.name == "scatter" and all(isinstance(p, slice) for p in node.settings["index"])
        return f"{inner} padded" if padded else f"the array that {inner} is assigned to"
    active = dict(zip(node.active, node.parents, strict=True))
    parts = []
    for i, x in enumerate(node.operands):
        if i in active:
            inner = expression(active[i], depth - 1)
            parts.append(f"({inner})" if _binds_weaker(active[i], node) else inner)
        else:
            parts.append(f"{x:.6g}" if isinstance(x, (int, float)) else f"array{shape(x)}" if shape(x) else str(x))
    if node.op.printed and "{" in node.op.printed and "." not in node.op.printed:
        return str(node.op.printed.format(*parts))
    if node.op.name == "getitem":
        index = node.settings.get("index")
        return f"{parts[0]}[{', '.join(map(_index, index if isinstance(index, tuple) else (index,)))}]"
    return f"{node.op.name}({', '.join(parts)})"


def _assigned(node: Any) -> Any:
    """What was assigned to elements of the array that the node is; None for other nodes."""
    if node.op.name == "where":
        node = next((p for p in node.parents if p.op is not None and p.op.name == "scatter"), node)
    if node.op.name != "scatter":
        return None
    (found,) = node.parents
    while found.op is not None and found.op.name in ("broadcast_to", "reshape", "positive") and found.parents:
        found = found.parents[0]
    return found


def _index(part: Any) -> str:
    if not isinstance(part, slice):
        return "..." if part is Ellipsis else str(part)
    start, stop = ("" if end is None else str(end) for end in (part.start, part.stop))
    return f"{start}:{stop}" + (f":{part.step}" if part.step is not None else "")


_PRECEDENCE = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "negative": 2, "power": 3}


def _binds_weaker(inner: Any, outer: Any) -> bool:
    if inner.op is None or outer.op is None or outer.op.name not in _PRECEDENCE or inner.op.name not in _PRECEDENCE:
        return False
    a, b = _PRECEDENCE[inner.op.name], _PRECEDENCE[outer.op.name]
    return a < b or (a == b and outer.op.name in ("subtract", "divide", "power"))
