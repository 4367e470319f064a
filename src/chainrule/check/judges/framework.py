"""Functions of PyTorch and JAX that bring their backward passes with them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.claims.claim import Claim, name_of
from chainrule.check.frameworks import library_of
from chainrule.check.judges.objects import needed as needed_by
from chainrule.errors import ArgumentError

Check = Callable[..., Any]

TRIED = 24  # arrays of different shapes


def by_framework(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """What a framework says by the backward passes in it (of a torch.autograd.Function, a jax.custom_vjp), at arrays of
    numbers where none are given."""
    given: Any = claim.at if claim.at is not None else at if at is not None else list(claim.noted) or None
    given = drawn_by(claim.derivative) if given is None else given
    if "jax" in sys.modules and not library_of(claim.derivative, (given,)):
        given = trees.map(sys.modules["jax"].numpy.asarray, given)
    return check(claim.derivative, at=given, **claim.settings, **settings)


def drawn_by(function: Any) -> Any:
    """Arrays that a framework's function takes: of PyTorch for an autograd.Function or a module, else of JAX."""
    torch, random = sys.modules.get("torch"), np.random.default_rng(0)
    if torch is not None and isinstance(function, type):  # an autograd.Function
        count = len(needed_by(function.forward)) - 1  # type: ignore[attr-defined]
        return (*(torch.tensor(random.uniform(0.2, 1.5, 4), dtype=torch.float64) for _ in range(max(count, 1))),)
    numpy = sys.modules["jax"].numpy
    count = len(needed_by(function)) or 1
    for shapes in itertools.islice(itertools.product(((4,), (), (4, 3), (3, 2)), repeat=count), TRIED):
        place = tuple(numpy.asarray(random.uniform(0.2, 1.5, s)) for s in shapes)
        try:
            function(*place)
            return place
        except Exception:  # not of these shapes
            continue
    raise ArgumentError(f"{name_of(function)}: no arrays were found that it takes; give a point: --at")


__all__ = ["by_framework"]
