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

from chainrule.check.backward.arrays import array_at, arrays_of
from chainrule.check.backward.left import called
from chainrule.check.judges.named import Guessed, held, is_label
from chainrule.check.judges.objects import by_name
from chainrule.check.judges.parameter_dicts import with_dicts
from chainrule.check.subject import quiet
from chainrule.signatures import needed

WHOLE = re.compile(r"(?i:(\w*_)?(idx|ids?|ind(ex|ices)|tokens?|words?|contexts?))|\w+(Idx|Ids?|Ind(ex|ices))")
SHAPES: tuple[tuple[int, ...], ...] = (
    (4, 3), (3, 2), (2,), (3,), (), (4, 2), (4,), (2, 3), (2, 2, 4, 4), (2, 2, 3, 3), (2, 4, 4, 2), (2, 3, 3),
)  # fmt: skip

CLASSES = {"classes of 4": [0, 2, 1, 1], "classes of 2": [1, 0]}  # labels as whole numbers, one for a row


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
                backward(*(np.ones_like(out), 0.1)[: len(needed(backward)) or min(takes, 1)])
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
    given = needed(forward)
    random = np.random.default_rng(0)
    smaller = [SHAPES[-3], *SHAPES[:-4], *SHAPES[-2:], (2, 2)]  # a kernel fits several times into its image
    kinds: list[Any] = [
        _settings(name) if held(name) is not None else smaller if k else SHAPES for k, name in enumerate(given)
    ]
    kinds = [
        [*kind, *CLASSES] if k and is_label(name) else kind
        for k, (kind, name) in enumerate(zip(kinds, given, strict=True))
    ]
    if len(given) == 1 and kinds[0] is SHAPES:
        kinds[0] = [*SHAPES, (3, 1), (1, 3), *_for_weights(getattr(forward, "__self__", forward))]
    names = [name.lower().rstrip("0123456789") for name in given]
    columns = dict.fromkeys(names, (3, 5)) | {"w": (4, 3), "b": (4, 1)}
    first: Any = []
    if names[1:3] == ["w", "b"]:  # of a net whose examples are columns
        first = itertools.product(
            *(k if isinstance(k[0], str) else [columns[n]] for n, k in zip(names, kinds, strict=True))
        )
    for place in _of_cells(names):
        if _goes_through(forward, place):
            yield [place]
    for place in with_dicts(forward, given):
        if _goes_through(forward, place):
            yield [place]
    for shapes in itertools.islice(itertools.chain(first, itertools.product(*kinds)), 2000):
        args = tuple(_drawn(name, s, random) for name, s in zip(given, shapes, strict=True))
        if _goes_through(forward, args):
            yield [tuple(dict(a) if isinstance(a, Guessed) else a for a in args)]


CELL = re.compile(r"[wu]_?[a-z]{0,3}|(weights?|kernel)_?\w{0,3}", re.IGNORECASE)
OFFSET = re.compile(r"(b|bias)_?\w{0,3}", re.IGNORECASE)


def _of_cells(names: list[str]) -> Iterator[tuple[Any, ...]]:
    """Arguments of one step of a recurrent cell with at least two matrices, of as many units as inputs; with one, four
    or three gates side by side."""
    weights = [n for n in names if CELL.fullmatch(n)]
    if len(weights) < 2 or len(names) < 4:
        return
    random = np.random.default_rng(0)
    for gates in (1, 4, 3):
        wide = gates * 3
        shapes = [(3, wide) if n in weights else (wide,) if OFFSET.fullmatch(n) else (2, 3) for n in names]
        yield tuple(random.uniform(-0.8, 0.8, size) for size in shapes)


def _for_weights(thing: Any) -> list[tuple[int, ...]]:
    """The shapes of inputs that the weights of an object ask for: sequences of vectors for a matrix, examples with
    channels for kernels, which stand first or last."""
    found: dict[tuple[int, ...], None] = {}
    for path in arrays_of(thing).values() if thing is not None else ():
        size = np.shape(array_at(thing, path))
        if len(size) == 2:
            found |= dict.fromkeys([(4, size[0]), (2, 3, size[0]), (4, size[1]), (2, 3, size[1]), (size[1], 4)])
        elif len(size) > 2:
            inner = tuple(k + 2 for k in size[2:])
            found |= dict.fromkeys([(2, size[1], *inner), (2, size[0], *inner), (2, *inner, size[-2])])
    return list(found)


def _goes_through(forward: Any, args: tuple[Any, ...]) -> bool:
    """Whether a forward pass takes copies of these arguments, and gives finite numbers."""
    try:
        with np.errstate(all="ignore"):
            out = output(called(of_a_copy(forward), *(np.array(a) if np.ndim(a) else a for a in args)))
            return out is not None and bool(np.all(np.isfinite(np.asarray(out, dtype=float))))
    except Exception:  # shapes that do not go together
        return False


def _settings(name: str) -> list[Any]:
    """What a setting may be by its name, one activation or another; each stands for itself."""
    values = by_name(name)
    return [f"={v}" for v in values] if values and all(isinstance(v, str) for v in values) else [name]


def _drawn(name: str, size: Any, random: np.random.Generator) -> Any:
    """An argument: settings by their names, whole numbers for indices, else real ones."""
    if size in CLASSES:
        return np.array(CLASSES[size])
    if isinstance(size, str):
        return size[1:] if size.startswith("=") else held(size)
    if WHOLE.fullmatch(name):
        return random.integers(0, 2, size)
    return random.uniform(-1.0, 1.0, size) if size else float(random.uniform(0.2, 1.0))
