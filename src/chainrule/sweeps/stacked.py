"""Reverse mode for many cotangents at once: they are stacked along a first axis, and a rule is applied to all of them.

An elementwise operator's share is a product, which broadcasts along that axis. Rules of other operators are given all
operands with that axis, if the row says what its settings are then; otherwise they are asked once for each cotangent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

import chainrule.native.dense as dense
import chainrule.ops.reuse as reuse
from chainrule.carriers.detail import NOTHING
from chainrule.errors import forgiven
from chainrule.libraries import FLOAT64, late
from chainrule.numbers import Number, new_level, shape
from chainrule.ops.broadcasting import unbroadcast
from chainrule.ops.kinds import Elementwise, Linear, Reduction
from chainrule.sweeps.cotangents import NOTED, as_of, missing, noting
from chainrule.sweeps.reverse import pull

ELEMENTS = 2**20
"""So many numbers one adjoint may have for all cotangents together; where it would have more they come in turns."""

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Stack = NDArray[Any]

_batch, _opened = late("chainrule.carriers.batched.lanes.made"), late("chainrule.carriers.batched.lanes.opened")


def stacked_adjoints(nodes: list[Any], inputs: list[Any], cotangents: Stack) -> list[Stack | None] | None:
    """The adjoints of `inputs` for each of the `cotangents` of the last of the ordered nodes, stacked as those are;
    None for an input that nothing is sent to.

    None for a recording of anything but floats and arrays of floats, and where nan comes out or a share leaves the
    range of floats: sweeps with one cotangent after the other know what to do.
    """
    if not all(_plain(node) for node in nodes):
        return None
    largest = max(math.prod(shape(node.stored)) for node in nodes)
    step = max(1, ELEMENTS // max(largest, 1))
    places = {id(node): k for k, node in enumerate(nodes)}
    wanted = [places.get(id(v), -1) for v in inputs]
    parts = []
    before = NOTED[0]
    with noting():
        for start in range(0, max(len(cotangents), 1), step):
            chunk = cotangents[start : start + step]
            parts.append(reuse.inside(_sweep, (nodes, places, wanted, chunk), NOTHING))
    columns = zip(*parts, strict=True)
    found = [None if c[0] is None else c[0] if len(c) == 1 else np.concatenate(c) for c in columns]
    return None if NOTED[0] != before or any(x is not None and missing(x) for x in found) else found


def _plain(node: Any) -> bool:
    return _float(node.stored) and all(_known(x) for x in node.operands)


def _float(x: Any) -> bool:
    return type(x) is float or type(x) is np.float64 or (type(x) is np.ndarray and x.dtype is FLOAT64)


def _known(x: Any) -> bool:
    return _float(x) or type(x) is int or (type(x) is np.ndarray and x.dtype.kind in "bf")


def _sweep(nodes: list[Any], places: dict[int, int], wanted: list[int], cotangents: Stack) -> list[Stack | None]:
    sent: list[Stack | None] = [None] * len(nodes)
    sent[-1] = cotangents
    for k in range(len(nodes) - 1, -1, -1):
        node, cts = nodes[k], sent[k]
        if cts is None or node.op is None:
            continue
        if k not in wanted:
            sent[k] = None
        for parent, shares in _shares(node, cts):
            p = places[id(parent)]
            before = sent[p]
            sent[p] = shares if before is None else before + shares
    return [None if p < 0 else sent[p] for p in wanted]


def _shares(node: Any, cts: Stack) -> Iterable[tuple[Any, Stack]]:
    """The operands of `node`, each with the shares that the cotangents send to it."""
    op, y, operands, settings = node.op, node.stored, node.operands, node.settings
    if isinstance(op, Elementwise):
        return [
            (parent, _folded(op.scaled(cts, i, y, operands, settings), shape(operands[i])))
            for i, parent in zip(node.active, node.parents, strict=True)
            if op.partials[i] is not None
        ]
    if isinstance(op, (Linear, Reduction)) and op.wider is not None:
        wide = tuple(_repeated(x, len(cts)) for x in operands)
        settings = op.wider(wide, **settings)
        if settings is not None:
            pulled = op.pull(cts, _repeated(y, len(cts)), wide, node.active, settings)
            return [(node.parents[node.active.index(i)], shares) for i, shares in pulled]
    shares = _at_once(node, cts)
    return _in_turn(node, y, cts) if shares is None else shares


def _at_once(node: Any, cts: Stack) -> list[tuple[Any, Stack]] | None:
    """The shares by one call of the rule with a batch of cotangents; None where it asks for one of them."""
    level = new_level()
    try:
        with forgiven():
            pulled = list(pull(node, _batch(cts, level)))
    except Exception:  # whatever it is: one cotangent alone raises it as well, or does not
        return None
    return [(parent, np.asarray(_opened(share, level, len(cts)))) for parent, share in pulled]


def _in_turn(node: Any, y: Number, cts: Stack) -> Iterator[tuple[Any, Stack]]:
    pulled = [list(pull(node, as_of(ct, y))) for ct in cts]
    for pairs in zip(*pulled, strict=True):
        yield pairs[0][0], np.stack([np.asarray(share) for _, share in pairs])


def _folded(shares: Stack, size: tuple[int, ...]) -> Stack:
    """Shares of an operand of that shape, summed over the axes along which it was repeated."""
    whole = (len(shares), *size)
    if shares.shape == whole:
        return shares
    lead = shares.ndim - len(whole)
    summed: Stack = unbroadcast(shares, (len(shares), *(1,) * lead, *size))
    return summed.reshape(whole)


def _repeated(x: Number, count: int) -> Stack:
    repeated: Stack = dense.broadcast(x, (count, *shape(x)))
    return repeated


dense.start()
