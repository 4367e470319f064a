"""The arrows of a picture: local derivatives, and what they send back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.numbers import Number, primal, shape
from chainrule.ops.kinds import Elementwise
from chainrule.show.picture.graph import Edge
from chainrule.sweeps.by_hand import HandMade
from chainrule.sweeps.reverse import pull
from chainrule.values.value import Value


def arrows(value: Value, ids: dict[int, int], gradients: dict[int, Number]) -> Iterator[Edge]:
    """The arrows into a recorded value; `gradients` are those of all values, by id."""
    gradient = gradients.get(id(value))
    target = ids[id(value)]
    distinct = isinstance(value.op, HandMade)
    parents = list({id(p): p for p in value.parents}.values()) if distinct else list(value.parents)
    with np.errstate(all="ignore"):
        partials = _partials(value, len(parents))
        sent = _sent(value, gradient, partials, [gradients.get(id(p)) for p in parents])
    for parent, partial, share in zip(parents, partials, sent, strict=True):
        yield Edge(ids[id(parent)], target, primal(partial), primal(gradient), primal(share))


def _partials(value: Value, count: int) -> list[Number]:
    """dy/dx for each operand: a number, an array where every element has its own, None for larger Jacobians."""
    if value.stored is None:
        return [None] * count
    if not shape(value.stored):
        return _shares(value, 1.0, count)
    if isinstance(value.op, Elementwise):
        rules = [value.op.partials[i] for i in value.active]
        return [_tried(p, value.stored, *value.operands, **value.settings) if callable(p) else p for p in rules]
    return [None] * count


def _sent(value: Value, gradient: Number, partials: list[Number], arrived: list[Number]) -> list[Number]:
    """What `gradient` sends to each operand: for plain numbers the product."""
    if gradient is None:
        return [None] * len(partials)
    if type(gradient) is float and all(type(p) is float for p in partials):
        sent = [gradient * p for p in partials]
    else:
        sent = _shares(value, gradient, len(partials))
    return [_of_branches(share, gradient, whole) for share, whole in zip(sent, arrived, strict=True)]


def _of_branches(share: Number, gradient: Number, whole: Number) -> Number:
    """A share, 0 where 0 * inf did not arrive in the `whole` gradient: the branch was not taken."""
    plain = all(isinstance(x, (float, np.ndarray)) for x in (share, gradient, whole))
    if not plain or not shape(share) == shape(gradient) == shape(whole):
        return share
    lost = np.isnan(share) & np.equal(gradient, 0) & ~np.isnan(whole)
    return np.where(lost, 0.0, share)[()] if np.any(lost) else share


def _shares(value: Value, cotangent: Number, count: int) -> list[Number]:
    """What `cotangent` on the value sends to each operand; 0 where the operator sends nothing."""
    shares: list[Number] = [0.0] * count
    rest = list(value.parents) if count == len(value.parents) else list({id(p): p for p in value.parents}.values())
    free = dict.fromkeys(range(count))
    pulled = _tried(_pulled, value, cotangent)
    if pulled is None:
        return [None] * count
    for parent, share in pulled:
        slot = next((k for k in free if rest[k] is parent), None)
        if slot is not None:
            del free[slot]
            shares[slot] = share
    return shares


def _pulled(value: Value, cotangent: Number) -> list[Any]:
    return list(pull(value, cotangent))


def _tried(compute: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """A drawing never fails for a derivative that cannot be computed: the box stays without it."""
    try:
        return compute(*args, **settings)
    except (ArithmeticError, ValueError, TypeError):
        return None
