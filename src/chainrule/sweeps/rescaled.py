"""Reverse mode where adjoints leave the range of floats between operators: a power of 2 stands beside each.

The derivative of x * 1e300 * 1e-200 * 1e-200 is 1e-100, but the sweep meets 1e-400 on its way, which is 0. What a node
sends to its operands is linear in its adjoint. So each adjoint is brought to numbers about 1, and the power of 2 that
this takes is sent along; it is multiplied in at the end. Sums are formed with the larger power of the two.

Where the processor has noticed an overflow or an underflow in a sweep, this one takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule.ops.branches as branches
from chainrule.numbers import Carrier, Number, StandIn, known
from chainrule.ops import scaled
from chainrule.ops.arithmetic import add, multiply
from chainrule.ops.kinds import Elementwise
from chainrule.ops.registry import SPECIAL
from chainrule.ops.row import TABLE, Operator, applied
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.cotangents import as_of
from chainrule.sweeps.reverse import Sweep, pull

LARGEST_FACTOR = 1000
"""2 to this power, and to minus it, are floats."""
FLOATING = (float, np.floating, np.ndarray)
LARGER = 900
"""The power of 2 of a much larger cotangent of float64."""
CHANGES = (-1000, 1000, -500, 500)
"""Powers of 2 that an adjoint is tried with where the slope alone is no float."""


def back_in_range(found: Adjoints, nodes: list[Any], cotangent: Number, plainly: bool) -> None:
    """Put adjoints of this sweep in the place of those found, where it matters that some left the range of floats.

    plainly   whether they were found by one sweep without branches
    """
    if can_be(cotangent) and not (plainly and _harmless(found, nodes, cotangent)):
        for k, adjoint in enumerate(rescaled_adjoints(nodes, cotangent)):
            if adjoint is not None:
                found.put(k, _completed(adjoint, found.of(nodes[k])))


def _harmless(found: Adjoints, nodes: list[Any], cotangent: Number) -> bool:
    """Whether a much larger cotangent gives adjoints of inputs that are as much larger."""
    if not isinstance(cotangent, FLOATING):
        return False
    other = Sweep(nodes)
    other.once(scaled.times_power(cotangent, _much(cotangent)))
    return all(as_much_larger(other.of(node), found.of(node)) for node in nodes if node.op is None)


def rescaled_adjoints(nodes: list[Any], cotangent: Number) -> list[Number]:
    """The adjoints of ordered nodes, of which the last has that cotangent; None where nothing is sent."""
    places = {id(node): k for k, node in enumerate(nodes)}
    sums: list[Number] = [None] * len(nodes)
    powers, masks = [0] * len(nodes), [False] * len(nodes)
    sums[-1], masks[-1] = cotangent, branches.arrived(cotangent)
    with np.errstate(all="ignore"):
        for k in range(len(nodes) - 1, -1, -1):
            if sums[k] is None or masks[k] is False:
                continue
            node = nodes[k]
            sums[k], powers[k] = _about_one(as_of(sums[k], node.stored), powers[k])
            for parent, share, power, mask in _shares(node, sums[k], powers[k], masks[k]):
                p = places[id(parent)]
                sums[p], powers[p] = _sum(sums[p], powers[p], share, power)
                masks[p] = branches.either(masks[p], mask)
        return [None if x is None else _times_power(x, e) for x, e in zip(sums, powers, strict=True)]


def can_be(cotangent: Number) -> bool:
    """Whether the powers of adjoints of the kind of this cotangent can be told: not those of recorded programs."""
    return _exponent(known(cotangent)) is not None


def as_much_larger(adjoint: Number, plain: Number) -> bool:
    """Whether an adjoint is that power of 2 times another, but for the last bits of what is subnormal."""
    if adjoint is None or plain is None:
        return adjoint is plain
    if not isinstance(adjoint, FLOATING) or not np.isfinite(adjoint).all():
        return False
    back = scaled.times_power(adjoint, -_much(adjoint))
    kind = np.finfo(np.asarray(back).dtype)
    return bool(np.all(np.abs(back - plain) <= 2 * kind.eps * np.abs(plain) + 4096 * kind.smallest_subnormal))


def _much(x: Number) -> int:
    return 90 if getattr(x, "dtype", None) == np.float32 else LARGER


def _completed(rescaled: Number, plain: Number) -> Number:
    """An adjoint of this sweep; where it is 0 or subnormal, the other's: elements vanish beside much larger ones."""
    if not isinstance(rescaled, FLOATING) or not isinstance(plain, FLOATING) or not scaled.left(rescaled):
        return rescaled
    kept = np.where(~scaled.normal(rescaled) & np.isfinite(plain), plain, rescaled)
    return float(kept) if type(rescaled) is float else kept.astype(np.result_type(rescaled))[()]


def _shares(node: Any, ct: Number, power: int, mask: Any) -> Iterator[tuple[Any, Number, int, Any]]:
    """The operands of a node, each with its share of 2**power * ct: a number, a power, and where it arrives."""
    op, number = node.op, node.stored
    if op is None:
        return
    if not of_ours(op):  # a rule of the user's may be none that is linear: it clips, or takes signs
        ct, power = _times_power(ct, power), 0
    if branches.known(op):
        active, parents = node.active, node.parents

        def sent(ct: Number) -> list[tuple[int, Number, Any]]:
            return branches.shares(op, number, node.operands, active, node.settings, ct, mask)

        for k, (i, share, arrives) in enumerate(sent(ct)):
            own = power
            if isinstance(op, Elementwise) and not isinstance(ct, Carrier):
                lost = _vanished(share, ct)
                for change in CHANGES if lost else ():  # rules apply slopes that are no floats to the cotangent at once
                    other = sent(_times_power(ct, change))[k][1]
                    if (less := _vanished(other, ct)) < lost:
                        share, own, lost = other, power - change, less
            yield parents[active.index(i)], share, own, arrives
    else:
        for parent, share in pull(node, ct):
            yield parent, share, power, True


def _vanished(share: Number, ct: Number) -> int:
    """How many elements of a share are 0, subnormal or infinite where the cotangent is neither 0 nor infinite."""
    share, ct = known(share), known(ct)
    if np.ndim(share) and np.shape(share) == np.shape(ct):
        share = share[np.isfinite(ct) & np.not_equal(ct, 0)]
    return int(np.sum(~scaled.normal(share))) if scaled.left(share) else 0


def of_ours(op: Operator) -> bool:
    """Whether the rule is ours, and so linear in the adjoint."""
    name: str = getattr(op, "name", "")
    return TABLE.get(name) is op or SPECIAL.get(name) is op


def _sum(a: Number, a_power: int, b: Number, b_power: int) -> tuple[Number, int]:
    """2**a_power * a + 2**b_power * b, as a number and a power."""
    if a is None:
        return b, b_power
    if a_power != b_power:
        a, a_power = _about_one(a, a_power)
        b, b_power = _about_one(b, b_power)
        a_power = b_power if _nothing(a) else a_power
        b_power = a_power if _nothing(b) else b_power
        largest = max(a_power, b_power)
        a, b, a_power = _times_power(a, a_power - largest), _times_power(b, b_power - largest), largest
    return applied(add, (a, b), {}), a_power


def _nothing(x: Number) -> bool:
    """Whether any power may stand beside a number: it is 0 or not finite. A carrier's derivative need not be 0."""
    return not isinstance(x, StandIn) and _exponent(x) is None


def _about_one(x: Number, power: int) -> tuple[Number, int]:
    """2**power * x as a number about 1 and another power."""
    exponent = _exponent(known(x))
    return (x, power) if not exponent else (_times_power(x, -exponent), power + exponent)


def _exponent(x: Any) -> int | None:
    """The power of 2 in the middle of the sizes of all elements but zeros, infinities and nan; None without any."""
    if type(x) is float:
        return math.frexp(x)[1] if x and x - x == 0.0 else None
    if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "fc":
        return None
    sizes = np.abs(x)
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return (math.frexp(sizes.max())[1] + math.frexp(sizes.min())[1]) // 2 if sizes.size else None


def _times_power(x: Number, power: int) -> Number:
    if power == 0 or x is None:
        return x
    if not isinstance(x, StandIn) and (type(x) is float or getattr(x, "dtype", np.dtype("O")).kind == "f"):
        return scaled.times_power(x, max(-5000, min(power, 5000)))
    power = max(-5000, min(power, 5000))
    while power:
        step = max(-LARGEST_FACTOR, min(power, LARGEST_FACTOR))
        x, power = applied(multiply, (x, 2.0**step), {}), power - step
    return x
