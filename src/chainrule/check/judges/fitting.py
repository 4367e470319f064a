"""Inputs that go through a forward pass, and through the backward pass that belongs to it."""

from __future__ import annotations

import copy
import inspect
import itertools
import re
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np

from chainrule.check.backward.left import called
from chainrule.check.judges.named import Guessed, held
from chainrule.check.judges.objects import needed as needed_by
from chainrule.check.subject import quiet

WHOLE = re.compile(r"(\w*_)?(idx|ids?|ind(ex|ices)|tokens?|words?|contexts?)", re.IGNORECASE)
SHAPES: tuple[tuple[int, ...], ...] = (
    (4, 3), (3, 2), (2,), (3,), (), (4, 2), (4,), (2, 3), (2, 2, 4, 4), (2, 2, 3, 3), (2, 4, 4, 2), (2, 3, 3),
)  # fmt: skip


def output(result: Any) -> Any:
    """What a forward pass gives, without what it keeps."""
    return result[0] if isinstance(result, tuple) else result


def passes(thing: Any, forward: str, back: str) -> bool:
    """Whether some drawn input goes through a forward pass and ones of its output through the backward pass."""
    for place in itertools.islice(fitting(getattr(thing, forward)), 3):
        try:
            with quiet():
                layer = copy.deepcopy(thing)
                out = output(called(getattr(layer, forward), *place[0]))
                backward = getattr(layer, back)
                takes = len(inspect.signature(backward).parameters)
                backward(*(np.ones_like(out), 0.1)[: len(needed_by(backward)) or min(takes, 1)])
            return True
        except Exception:  # not of this shape
            continue
    return False


def of_a_copy(function: Any) -> Any:
    """A method of a copy of its object: layers keep what went through them."""
    try:
        if (thing := getattr(function, "__self__", None)) is not None:
            return getattr(copy.deepcopy(thing), function.__name__)
        return function if isinstance(function, FunctionType) else copy.deepcopy(function)
    except Exception:  # nothing that can be copied
        return function


def fitting(forward: Any) -> Iterator[Any]:
    """Points of shapes that a forward pass accepts, the commonest first: (4, 3), weights (3, 2), biases (2,)."""
    needed = [
        p for p in inspect.signature(forward).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    random = np.random.default_rng(0)
    smaller = [SHAPES[-3], *SHAPES[:-4], SHAPES[-2], SHAPES[-1]]  # a kernel fits several times into its image
    kinds: list[Any] = [
        [p.name] if held(p.name) is not None else smaller if k else SHAPES for k, p in enumerate(needed)
    ]
    for shapes in itertools.islice(itertools.product(*kinds), 2000):
        args = tuple(_drawn(p.name, s, random) for p, s in zip(needed, shapes, strict=True))
        try:
            with np.errstate(all="ignore"):
                out = output(called(of_a_copy(forward), *(np.array(a) if np.ndim(a) else a for a in args)))
                finite = out is not None and np.all(np.isfinite(np.asarray(out, dtype=float)))
        except Exception:  # shapes that do not go together
            continue
        if finite:
            yield [tuple(dict(a) if isinstance(a, Guessed) else a for a in args)]


def _drawn(name: str, size: Any, random: np.random.Generator) -> Any:
    """An argument: settings by their names, whole numbers for indices, else real ones."""
    if isinstance(size, str):
        return held(size)
    if WHOLE.fullmatch(name):
        return random.integers(0, 2, size)
    return random.uniform(-1.0, 1.0, size) if size else float(random.uniform(0.2, 1.0))


__all__ = ["fitting", "of_a_copy", "passes"]
