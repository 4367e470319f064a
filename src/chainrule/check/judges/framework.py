"""Functions of PyTorch and JAX that bring their backward passes with them."""

from __future__ import annotations

import functools
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
        count = max(len(needed_by(function.forward)) - 1, 1)  # type: ignore[attr-defined]
        call: Any = function.apply  # type: ignore[attr-defined]
        array: Any = functools.partial(torch.tensor, dtype=torch.float64)
        shapes: tuple[tuple[int, ...], ...] = ((4,), (4, 3), (2, 3), (3, 2), (2,), ())
    else:
        call, count, array = function, len(needed_by(function)) or 1, sys.modules["jax"].numpy.asarray
        shapes = ((4,), (), (4, 3), (3, 2))
    alike = ((s,) * count for s in shapes[:1])
    for sizes in itertools.chain(alike, itertools.islice(itertools.product(shapes, repeat=count), TRIED * count)):
        place = tuple(array(random.uniform(0.2, 1.5, s)) for s in sizes)
        try:
            call(*place)
            return place
        except Exception:  # not of these shapes
            continue
    raise ArgumentError(f"{name_of(function)}: no arrays were found that it takes; give a point: --at")


__all__ = ["by_framework"]
