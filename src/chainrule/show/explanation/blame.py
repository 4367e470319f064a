"""Why a gradient is nan, infinite, zero or huge: sentences that name the operation."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.numbers import Number, primal, shape
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.kinds import Elementwise, PiecewiseConstant
from chainrule.ops.row import Operator
from chainrule.show.explanation.table import Account, brief, number
from chainrule.show.printable import printable
from chainrule.values.located import place

FLAT = 1e-4  # a unit that passes on less than this is called saturated
STEEP = 1e6
LARGEST_SEARCH = 20_000  # local derivatives are looked at in recordings up to this length


def reasons(account: Account) -> list[str]:
    """Everything worth saying about what went wrong, the first cause first."""
    forward = _first_bad_value(account)
    found = [*forward, *_lost_branches(account)]
    if account.stop is not None:
        return found
    found += _bad_gradients(account)
    if not finite(account.root.stored):
        return found
    if len(account.nodes) <= LARGEST_SEARCH:
        found += [*_zeros(account), *_steep(account), *_saturated(account)]
    return found


def _first_bad_value(account: Account) -> list[str]:
    """The operation that made the first nan or infinity on the way forward."""
    for node in account.nodes:
        if finite(account.value(node)):
            continue
        if node.op is None:
            return [f"the input {account.name(node)} is not finite to begin with: {brief(account.value(node))}"]
        if all(finite(x) for x in node.operands):
            return [
                f"{account.name(node)} = {account.formula(node)} is the first value that is {_trouble(node.stored)}"
                f"{_domain(account, node)}{_at(node)}"
            ]
    return []


def _bad_gradients(account: Account) -> Iterator[str]:
    """The operations that sent the first gradient that is not finite on the way back, and the first that is nan."""
    for wanted in (None, "nan"):
        for node in reversed(account.nodes):
            ct = account.adjoint(node)
            if ct is not None and not finite(ct) and wanted in (None, _trouble(ct)):
                yield _bad_gradient(account, node, ct)
                if _trouble(ct) == "nan":
                    return
                break


def _bad_gradient(account: Account, node: Any, ct: Number) -> str:
    """What sent the gradient `ct` of a node, the first of its kind."""
    said = f"d{account.name(account.root)}/d{account.name(node)} is the first gradient that is {_trouble(ct)}"
    if _trouble(ct) == "nan" and shape(ct):
        said += f", at {list(map(int, np.argwhere(np.isnan(np.asarray(primal(ct))))[0]))}"
    for share in account.shares(node):
        if finite(share.amount):
            continue
        consumer = share.consumer
        kink = f" ({consumer.op.kinks})" if consumer.op.kinks else ""
        return (
            f"{said}: it comes from {account.formula(consumer)} at {account.given(consumer)}{kink}"
            f"{_zero_times_infinity(ct, share.weight)}{_at(consumer)}"
        )
    return f"{said}: its parts add up to it"


def _zero_times_infinity(ct: Number, weight: Number) -> str:
    if _trouble(ct) != "nan":
        return ""
    if finite(weight):
        met = "0 meets a slope that is infinite" if _has_zero(weight) else ""
    else:
        met = "" if _trouble(weight) == "nan" else "a slope of 0 meets a gradient that is infinite"
    return f", where {met}: no rule knows the limit of 0 * inf" if met else ""


def _lost_branches(account: Account) -> Iterator[str]:
    """nan in a branch that `where` did not take, and a mask of 0 that multiplies something infinite."""
    for node in account.nodes:
        if node.op is None or all(finite(x) for x in node.operands):
            continue
        if node.op.name == "where" and finite(node.stored):
            yield (
                f"{account.name(node)} = {account.formula(node)} does not take a branch that is not finite; it "
                f"contributes exactly nothing to the gradient{_at(node)}"
            )
        elif node.op.name == "multiply" and not finite(node.stored) and any(_has_zero(x) for x in node.operands):
            yield (
                f"{account.name(node)} = {account.formula(node)} multiplies what is not finite by 0: a mask does not "
                f"remove it, where(mask, x, 0.0) does{_at(node)}"
            )


def _zeros(account: Account) -> Iterator[str]:
    """Inputs whose gradient is exactly 0, with the operation that stopped it."""
    root = account.name(account.root)
    for v in account.inputs:
        if id(v) not in account.present:
            yield f"{root} does not depend on {account.name(v)}: nothing computed from it reaches the result"
        elif v is not account.root and _all_zero(account.adjoint(v)):
            stop = _stopped(account, v)
            if stop:
                yield f"d{root}/d{account.name(v)} is 0: {stop}"


def _stopped(account: Account, v: Any) -> str:
    """What made the gradient of `v` zero: a walk from `v` towards the root, along the uses that sent nothing."""
    pending, seen = [v], {id(v)}
    for node in pending:
        shares = {id(s.consumer): s for s in account.shares(node)}
        if sum(not _all_zero(s.amount) for s in shares.values()) > 1:
            return "what its uses send back cancels exactly"
        for consumer in account.consumers.get(id(node), []):
            share = shares.get(id(consumer))
            if isinstance(consumer.op, PiecewiseConstant):
                return f"{account.formula(consumer)} is constant between its jumps{_at(consumer)}"
            if not _all_zero(account.adjoint(consumer)):
                if share is None or _all_zero(share.amount):
                    return f"{account.formula(consumer)} has slope 0 at {account.given(consumer)}{_at(consumer)}"
            elif id(consumer) not in seen:
                seen.add(id(consumer))
                pending.append(consumer)
    return ""


def _steep(account: Account) -> Iterator[str]:
    """The largest local derivative, when it is huge."""
    worst: tuple[float, Any, Any] | None = None
    for node in account.nodes:
        for share in account.shares(node):
            weight, amount = _size(share.weight), _size(share.amount)
            slope = amount / weight if weight else 0.0
            if STEEP <= slope < np.inf and (worst is None or slope > worst[0]):
                worst = (slope, share.consumer, node)
    if worst:
        slope, consumer, node = worst
        yield (
            f"{account.formula(consumer)} multiplies the gradient by {number(slope)} on the way to "
            f"{account.name(node)}, at {account.given(consumer)}{_at(consumer)}"
        )


@functools.lru_cache(maxsize=1024)
def saturates(row: Operator) -> bool:
    """Whether an operator of one number, all others given, settles at a value far out on one side, as tanh does."""
    everywhere = row.domain == REALS
    if not isinstance(row, Elementwise) or row.arity == 2 or not everywhere:
        return False
    with np.errstate(all="ignore"):
        for far in (1e8, -1e8):
            try:
                near, further = (float(row(x, *(-1.0, 1.0)[: row.arity - 1])) for x in (far, 10 * far))
            except (TypeError, ValueError):  # it takes settings
                return False
            if math.isfinite(near) and abs(near - further) <= 1e-6 * (1 + abs(near)):
                return True
    return False


def _saturated(account: Account) -> Iterator[str]:
    """Units that pass on almost nothing of the gradient that reaches them."""
    for node in account.nodes:
        if node.op is None or not saturates(node.op) or _all_zero(account.adjoint(node)):
            continue
        slope = account.sent(node, node.parents[0], np.ones(shape(node.stored)) if shape(node.stored) else 1.0)
        flat = 0 if slope is None else np.count_nonzero(np.abs(slope) < FLAT)
        if not flat:
            continue
        if shape(slope):
            said = f"{flat} of {np.size(slope)} units are saturated, they pass on less than {FLAT:g} of their gradient"
        else:
            said = f"saturated at {account.given(node)}, it passes on {number(slope)} of its gradient"
        yield f"{account.formula(node)}: {said}{_at(node)}"


# -- words -----------------------------------------------------------------------------------------------------


def finite(x: Number) -> bool:
    """Whether every number of `x` is finite."""
    if type(x) is float:
        return math.isfinite(x)
    array = np.asarray(primal(x))
    return array.dtype.kind not in "fc" or bool(np.all(np.isfinite(array)))


def _trouble(x: Number) -> str:
    array = np.asarray(primal(x))
    return "nan" if np.any(np.isnan(array)) else "inf" if np.any(array == np.inf) else "-inf"


def _has_zero(x: Number) -> bool:
    return bool(np.any(np.asarray(primal(x)) == 0))


def _all_zero(x: Number) -> bool:
    return x is None or not np.any(np.asarray(primal(x)))


def _size(x: Number) -> float:
    return float(np.max(np.abs(np.asarray(primal(x), dtype=float)), initial=0.0))


def _at(node: Any) -> str:
    """`, walk.py:12`"""
    where = printable(place(node))
    return f", {where}" if where else ""


def _domain(account: Account, node: Any) -> str:
    """`: log is defined on (0, inf], t1 is -1`"""
    domain = getattr(node.op, "domain", None)
    domains = [domain] * len(node.operands) if isinstance(domain, Domain) else list(domain or [])
    for x, known in zip(node.operands, domains, strict=False):
        numbers = np.ravel(np.asarray(primal(x), dtype=float))[:100_000]
        outside = [float(v) for v in numbers if not known.contains(float(v))]
        if outside:
            return f": {node.op.name} is defined on {known}, it was given {number(outside[0])}"
    return f": it was given {account.given(node)}"
