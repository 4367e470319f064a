"""What the numbers of one call do not show: whether a backward pass uses the cotangent, is linear in it, leaves its
arguments alone, says the same twice, and takes a batch of one."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.backward.passes import Passes, is_number
from chainrule.check.subject import local
from chainrule.numbers import shape

CLOSE = 1e-6  # relative: a backward pass that is not linear in the cotangent is so by much more, also in float32
UNUSED = "does not use the cotangent: the gradient is that of the function alone, right where it is the last one only"


def notes_on(passes: Passes, args: tuple[Any, ...], cotangents: list[Any]) -> list[str]:
    """What a user would want to know of a backward pass whose numbers are right."""
    notes = []
    own, given = copy.deepcopy(args), copy.deepcopy(cotangents)
    _, cache = passes.run(own)
    kept = copy.deepcopy(own)
    first = numbers_of(passes.pull(given, cache, own))
    if not _same(given, cotangents):
        notes.append("backward writes into the cotangent it is given: work on a copy (dout.copy())")
    if not _same(own, kept):
        notes.append("backward writes into the arguments of forward")
    again = _again(passes, cotangents, cache, own)
    if again is not None and not _close(first, again):
        notes.append("a second call of backward with the same cache gives another answer")
    return notes


def ignores_cotangent(passes: Passes, args: tuple[Any, ...], cotangents: list[Any]) -> bool:
    """Whether another cotangent gives the same gradients."""
    other = [3.0 * np.asarray(local(c)) + 1.0 for c in cotangents]
    single = [shape(c) == () and isinstance(g, (float, complex)) for c, g in zip(other, cotangents, strict=True)]
    moved = [c.item() if alone else c for c, alone in zip(other, single, strict=True)]
    a, b = (numbers_of(passes.gradients(args, c)) for c in (cotangents, moved))
    return bool(a) and _close(a, b)


def is_affine(passes: Passes, args: tuple[Any, ...], cotangents: list[Any]) -> bool:
    """Whether the gradients are linear in the cotangent but for a term without it (a regularisation)."""
    once, twice, minus = (
        numbers_of(passes.gradients(args, [k * np.asarray(local(c)) if shape(c) else k * c for c in cotangents]))
        for k in (1.0, 2.0, -1.0)
    )
    expected = [2.0 * a - (a + b) / 2.0 for a, b in zip(once, minus, strict=True)]
    return _close(expected, twice)


def numbers_of(returned: Any) -> list[Any]:
    """The gradients among what backward returned, as arrays."""
    found = (np.asarray(local(g)) for g in trees.flatten(returned)[0] if is_number(local(g)))
    return [g.astype(complex if g.dtype.kind == "c" else float) for g in found]


def _again(passes: Passes, cotangents: list[Any], cache: Any, args: tuple[Any, ...]) -> list[Any] | None:
    try:
        return numbers_of(passes.pull(copy.deepcopy(cotangents), cache, args))
    except Exception:  # it takes its cache apart: one call for each forward pass is all it promises
        return None


def _close(a: list[Any], b: list[Any]) -> bool:
    if [x.shape for x in a] != [x.shape for x in b]:
        return False
    for x, y in zip(a, b, strict=True):
        size = np.max(np.abs(x), initial=0.0)
        if not np.allclose(x, y, rtol=CLOSE, atol=CLOSE * size, equal_nan=True):
            return False
    return True


def _same(a: Any, b: Any) -> bool:
    pairs = zip(trees.flatten(a)[0], trees.flatten(b)[0], strict=True)
    return all(np.array_equal(local(x), local(y), equal_nan=True) for x, y in pairs if is_number(local(x)))
