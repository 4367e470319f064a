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
from chainrule.check.frameworks import library_of, names_of_rule
from chainrule.errors import ArgumentError
from chainrule.signatures import needed as needed_by

Check = Callable[..., Any]

TRIED = 24  # arrays of different shapes
NUMBER = "a plain number"


def by_framework(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """What a framework says by the backward passes in it (of a torch.autograd.Function, a jax.custom_vjp), at arrays of
    numbers where none are given."""
    given: Any = claim.at if claim.at is not None else at if at is not None else list(claim.noted) or None
    given = drawn_by(claim.derivative) if given is None else given
    if "jax" in sys.modules and not library_of(claim.derivative, (given,)):
        held = getattr(claim.derivative, "nondiff_argnums", ())
        places = given if isinstance(given, list) else [given]
        array = sys.modules["jax"].numpy.asarray
        given = [
            tuple(x if k in held else trees.map(array, x) for k, x in enumerate(p if isinstance(p, tuple) else (p,)))
            for p in places
        ]
    return check(claim.derivative, at=given, **claim.settings, **settings)


def drawn_by(function: Any) -> Any:
    """Arrays that a framework's function takes forward and back: of PyTorch for an autograd.Function or a module, else
    of JAX; plain numbers where it differentiates by none."""
    torch, random = sys.modules.get("torch"), np.random.default_rng(0)
    if torch is not None and isinstance(function, type):  # an autograd.Function
        count = len(names_of_rule(function)) or 1
        call: Any = function.apply  # type: ignore[attr-defined]
        array: Any = functools.partial(torch.tensor, dtype=torch.float64)
        shapes: tuple[Any, ...] = ((4,), (4, 3), NUMBER, (2, 3), (3, 2), (2,), ())
        plain: Any = ()
    else:
        call, count, array = function, len(needed_by(function)) or 1, sys.modules["jax"].numpy.asarray
        shapes = ((4,), (), (4, 3), (3, 2))
        plain = getattr(function, "nondiff_argnums", ())
    kinds = [[NUMBER] if k in plain else shapes for k in range(count)]
    alike = [tuple(kind[0] for kind in kinds)]
    first = None
    for sizes in itertools.chain(alike, itertools.islice(itertools.product(*kinds), TRIED * count)):
        place = tuple(0.5 if s is NUMBER else array(random.uniform(0.2, 1.5, s)) for s in sizes)
        try:
            out = call(*place)
        except Exception:  # not of these shapes
            continue
        if not isinstance(function, type) or _goes_back(torch, call, place):
            return _with_settings(torch, call, place) if isinstance(function, type) else place
        first = place if first is None and out is not None else first
    if first is not None:
        return first
    raise ArgumentError(f"{name_of(function)}: no arrays were found that it takes; give a point: --at")


def _goes_back(torch: Any, call: Callable[..., Any], place: tuple[Any, ...]) -> bool:
    """Whether PyTorch takes the gradients that a function gives at a place."""
    return _without(torch, call, place) is not None


def _without(torch: Any, call: Callable[..., Any], place: tuple[Any, ...]) -> list[int] | None:
    """The arguments for which a function gives None in place of a gradient; None where PyTorch takes none from it."""
    given = [x.clone().requires_grad_(True) if torch.is_tensor(x) else x for x in place]
    try:
        out = call(*given)
        outs = [y for y in (out if isinstance(out, tuple) else (out,)) if torch.is_tensor(y)]
        sum(y.sum() for y in outs).backward()
        return [k for k, x in enumerate(given) if torch.is_tensor(x) and x.grad is None]
    except Exception:  # gradients of another form
        return None


def _with_settings(torch: Any, call: Callable[..., Any], place: tuple[Any, ...]) -> tuple[Any, ...]:
    """The place with plain numbers for the arguments that have no gradient, as PyTorch asks of settings, where the
    function takes numbers there: else a gradient is missing."""
    without = _without(torch, call, place) or []
    if not without or len(without) == sum(map(torch.is_tensor, place)):
        return place
    plain = tuple(0.5 if k in without else x for k, x in enumerate(place))
    return plain if _goes_back(torch, call, plain) else place
