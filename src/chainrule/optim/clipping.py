"""Gradients that are shortened where they are too long."""

from __future__ import annotations

from typing import Any

from chainrule import ops, trees
from chainrule.errors import ArgumentError
from chainrule.numbers import Number
from chainrule.optim.optimizer import like


def global_norm(tree: Any) -> Number:
    """The Euclidean length of all numbers of a nested container, as one vector.

    >>> from chainrule import optim
    >>> float(optim.global_norm({"w": [3.0], "b": 4.0}))
    5.0
    """
    leaves, _ = trees.numbers(tree, lent=True)
    total: Number = 0.0
    for x in leaves:
        total = total + ops.sum(x * x)
    return ops.sqrt(total)


def clip_by_norm(grads: Any, limit: float, eps: float = 0.0) -> Any:
    """`grads`, all of them times the one factor that makes their `global_norm` at most `limit` (Pascanu et al., 2013).

    eps   added to the norm; 1e-6 is what PyTorch's clip_grad_norm_ adds

    Raises ArgumentError where `limit` is not positive. What is not finite stays so.

    >>> from chainrule import optim
    >>> optim.clip_by_norm({"w": 3.0, "b": 4.0}, 1.0)
    {'w': 0.6000000000000001, 'b': 0.8}
    """
    if not limit > 0:
        raise ArgumentError.here(f"clip_by_norm expects a limit above 0, got {limit!r}")
    factor = limit / ops.maximum(global_norm(grads) + eps, limit)
    return trees.map(lambda g: like(g, g * factor), grads)
