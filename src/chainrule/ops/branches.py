"""Tangents and cotangents that are zero because a branch was not taken, told from those that came out zero.

The passes over a recording multiply, and 0 * inf is nan. Where a derivative holds nan they are repeated with a mask
beside each adjoint or tangent: it is False where nothing arrived, since `where`, `maximum`, `relu`, a bound or an index
chose something else. From there nothing is sent on, whatever the partial is. Everywhere else the product stands, and
0 * inf stays nan: no rule knows its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.libraries import zeros_like
from chainrule.numbers import Carrier, Number, StandIn, primal, shape
from chainrule.numbers import known as values_of
from chainrule.ops.broadcasting import keep_axes, unbroadcast
from chainrule.ops.compare import where
from chainrule.ops.kinds import Elementwise, Linear, Multilinear, PiecewiseConstant, Reduction
from chainrule.ops.row import TABLE, Operator, Settings, applied
from chainrule.ops.slopes import product

Mask = Any
"""True: everywhere; False: nowhere; otherwise an array of truth values, mixed."""

PARTIAL = ("getitem", "where", "scatter")
"""Linear operators whose adjoint or result is 0 at some places because others were chosen."""


def arrived(x: Number) -> Mask:
    """Where a tangent or cotangent that a transform was given is not 0. One that is being differentiated counts as a
    whole: it may move."""
    if type(x) is float:
        return x != 0.0
    return True if isinstance(x, Carrier) else simplified(np.not_equal(x, 0))


def simplified(mask: Any) -> Mask:
    """The mask as one truth value, if it is one: for all examples of a batch."""
    of_examples = values_of(mask) if isinstance(mask, StandIn) else None
    whole = np.asarray(mask if of_examples is None else of_examples, bool)
    if whole.all():
        return True
    return (whole if of_examples is None else mask) if whole.any() else False


def both(a: Mask, b: Mask) -> Mask:
    if a is True or b is False:
        return b
    return a if b is True or a is False else simplified(a & b)


def either(a: Mask, b: Mask) -> Mask:
    if a is False or b is True:
        return b
    return a if b is False or a is True else simplified(a | b)


def at(x: Number, mask: Mask) -> Number:
    """`x` where the mask holds, otherwise 0."""
    return x if mask is True else where(mask, x, zeros_like(x))


def known(operator: Operator | None) -> bool:
    """Whether `shares` knows the kind of an operator; of all others every share arrives everywhere."""
    return isinstance(operator, (Elementwise, Reduction, Linear, PiecewiseConstant))


def chooses(operator: Operator) -> bool:
    """Whether a share of it may be 0 at some places because others were chosen."""
    return operator.selects or operator.name in PARTIAL


def shares(
    op: Operator, y: Number, args: tuple[Number, ...], active: Sequence[int], settings: Settings, ct: Number, mask: Mask
) -> list[tuple[int, Number, Mask]]:
    """For each operand in `active` that something arrives at: its number, its share of `ct`, and the share's mask."""
    found = []
    for i in active:
        if isinstance(op, Elementwise):
            sent = _elementwise(op, i, y, args, settings, ct, mask)
        elif isinstance(op, Reduction):
            sent = _reduction(op, y, args[0], settings, ct, mask)
        elif isinstance(op, Linear) and i >= op.constants:
            taken = _adjoint(op, i, y, args, settings, mask)
            sent = (at(op.adjoint(i, ct, *args, **settings), taken), taken) if taken is not False else None
        else:
            sent = None
        if sent is not None and sent[1] is not False:
            found.append((i, *sent))
    return found


def _elementwise(
    op: Elementwise, i: int, y: Number, args: tuple[Number, ...], settings: Settings, ct: Number, mask: Mask
) -> tuple[Number, Mask] | None:
    if op.partials[i] is None:
        return None
    taken = both(mask, _chosen(op, i, y, args, settings))
    if taken is False:
        return None
    share, target = at(op.scaled(ct, i, y, args, settings), taken), shape(args[i])
    if taken is not True and shape(share) != target:
        taken = simplified(unbroadcast(np.broadcast_to(taken, shape(share)).astype(float), target))
    return unbroadcast(share, target), taken


def _chosen(op: Elementwise, i: int, y: Number, args: tuple[Number, ...], settings: Settings) -> Mask:
    """Where the operator chose its operand number i."""
    partial = op.partials[i]
    if not op.selects or not callable(partial):
        return True
    return simplified(np.not_equal(primal(partial(y, *args, **settings)), 0))


def _reduction(
    op: Reduction, y: Number, x: Number, settings: Settings, ct: Number, mask: Mask
) -> tuple[Number, Mask] | None:
    weights = op.weights_of(y, x, settings)
    taken = mask if isinstance(mask, bool) else keep_axes(mask, x, settings)
    if op.selects:
        taken = both(taken, simplified(np.not_equal(primal(weights), 0)))
    elif taken is not True:
        taken = np.broadcast_to(taken, shape(x))
    return at(product(keep_axes(ct, x, settings), weights), taken), taken


def _adjoint(op: Linear, i: int, y: Number, args: tuple[Number, ...], settings: Settings, mask: Mask) -> Mask:
    """Where the operand's share arrives: where the adjoint of ones at the mask is not 0."""
    if op.mixes or (mask is True and op.name not in PARTIAL):
        return True
    ones = np.broadcast_to(mask, shape(y)).astype(float)[()]
    operands = [_ones(x) if isinstance(op, Multilinear) else primal(x) for x in args]
    return simplified(np.not_equal(op.adjoint(i, ones, *operands, **settings), 0))


def _ones(x: Number) -> Number:
    return np.ones(shape(x))[()]


def moved(
    op: Operator,
    y: Number,
    args: tuple[Number, ...],
    tangents: list[Number | None],
    masks: list[Mask],
    settings: Settings,
) -> tuple[Number | None, Mask]:
    """The tangent of `y` and its mask, from those of the operands; (None, False) where it does not move."""
    if isinstance(op, Elementwise):
        return _moved_elementwise(op, y, args, tangents, masks, settings)
    if isinstance(op, Reduction):
        weights = op.weights_of(y, args[0], settings)
        taken = both(masks[0], simplified(np.not_equal(primal(weights), 0)) if op.selects else True)
        if taken is False:
            return None, False
        axes = {"axis": settings["axis"], "keepdims": settings["keepdims"]}
        total = applied(TABLE["sum"], (at(product(tangents[0], weights), taken),), axes)
        whole = np.broadcast_to(taken, shape(args[0])).astype(float)
        return total, simplified(np.sum(whole, axis=axes["axis"], keepdims=axes["keepdims"]))
    tangent = op.push(y, args, tangents, settings)
    if tangent is None:
        return None, False
    if (
        not isinstance(op, Linear)
        or op.mixes
        or (op.name not in PARTIAL and all(m is True for m in masks[op.constants :]))
    ):
        return tangent, True
    taken = _result(op, args, masks, settings)
    return (None, False) if taken is False else (at(tangent, taken), taken)


def _moved_elementwise(
    op: Elementwise,
    y: Number,
    args: tuple[Number, ...],
    tangents: list[Number | None],
    masks: list[Mask],
    settings: Settings,
) -> tuple[Number | None, Mask]:
    total, whole = None, False
    for i, t in enumerate(tangents):
        if t is None or op.partials[i] is None:
            continue
        taken = both(masks[i], _chosen(op, i, y, args, settings))
        if taken is False:
            continue
        term = at(op.scaled(t, i, y, args, settings), taken)
        total = term if total is None else applied(TABLE["add"], (total, term), {})
        whole = either(whole, taken)
    if total is None or shape(total) == shape(y):
        return total, whole
    return applied(TABLE["broadcast_to"], (total,), {"shape": shape(y)}), simplified(np.broadcast_to(whole, shape(y)))


def _result(op: Linear, args: tuple[Number, ...], masks: list[Mask], settings: Settings) -> Mask:
    """Where the result of a linear operator moves: where it is not 0 for ones at the masks."""
    fixed = [primal(x) for x in args[: op.constants]]
    ones = [np.broadcast_to(m, shape(x)).astype(float)[()] for x, m in zip(args, masks, strict=True)]
    if not isinstance(op, Multilinear):
        return simplified(np.not_equal(op(*fixed, *ones[op.constants :], **settings), 0))
    taken: Mask = False
    for i, m in enumerate(masks):
        if m is not False:
            operands = [ones[j] if j == i else _ones(x) for j, x in enumerate(args)]
            taken = either(taken, simplified(np.not_equal(op(*operands, **settings), 0)))
    return taken
