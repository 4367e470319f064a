"""Only speed: the last sweep goes on with adjoints 2**900 times as large, where shares begin to leave the range of
floats.

Slopes of tails (exp(-x * x), weights of far components, powers of small numbers) underflow in many gradients that this
does not change. What a node sends is linear in its adjoint. So what is not passed on yet is enlarged, with what the
shares of this node have lost, and the power is taken back at the inputs. Where shares leave the range once more, the
rest is done twice, with plain adjoints beside: if both agree at the inputs, nothing was lost. Otherwise, as without all
this, the function is recorded again, and swept twice more.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.ops import scaled
from chainrule.sweeps.rescaled import LARGER, as_much_larger, of_ours
from chainrule.sweeps.reverse import Sweep, pull


def enlarge(found: Sweep, nodes: list[Any], k: int) -> bool:
    """Enlarge what was sent to the nodes before number k, whose shares, sent last, have left the range; False where
    not all of it are finite floats, or a rule may be other than linear."""
    sent = {j: x for j in range(k + 1) if (x := found.of(nodes[j])) is not None}
    if not all(map(_plain, sent.values())) or not all(n.op is None or of_ours(n.op) for n in nodes[: k + 1]):
        return False
    larger = {j: scaled.times_power(x, LARGER) for j, x in sent.items()}
    places = {id(nodes[j]): j for j in sent}
    for (parent, share), (_, more) in zip(pull(nodes[k], sent[k]), pull(nodes[k], larger[k]), strict=True):
        j = places[id(parent)]
        larger[j] = larger[j] + (more - scaled.times_power(share, LARGER))
    if not all(_plain(x) and np.isfinite(x).all() for x in larger.values()):
        return False
    for j in larger.keys() - {k}:
        found.put(j, larger[j])
    return True


def reduce(found: Sweep, nodes: list[Any], k: int) -> None:
    """Take the power back from the adjoints of the inputs before number k."""
    for j in range(k):
        if nodes[j] is not None and (x := found.of(nodes[j])) is not None:
            found.put(j, scaled.times_power(x, -LARGER))


def both_ways(found: Sweep, nodes: list[Any], k: int) -> bool:
    """Pass on the enlarged adjoints before number k, and those that they stand for; whether these agree at the
    inputs."""
    inputs = [n for n in nodes[:k] if n.op is None]
    plain = Sweep(nodes[:k], True)  # holds the nodes that the first of the two gives up
    for j in range(k):
        if (x := found.of(nodes[j])) is not None:
            plain.put(j, scaled.times_power(x, -LARGER))
    last = max(j for j in range(k) if plain.of(nodes[j]) is not None)
    for each in found, plain:
        each.pass_all(last)
    return all(as_much_larger(found.of(n), plain.of(n)) for n in inputs)


def _plain(x: Any) -> bool:
    return type(x) is float or (isinstance(x, (np.float64, np.ndarray)) and x.dtype == np.float64)
