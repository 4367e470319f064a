"""Another point of the same shapes, at which a mask that is right by chance is another."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chainrule.check.backward.passes import is_number
from chainrule.check.complexes.parts import is_one
from chainrule.check.subject import Subject, local
from chainrule.check.witness.witnesses import ask
from chainrule.numbers import shape

ONLY_HERE = "only_here"  # an attribute of a forward pass that is the one meant at the given numbers alone
TRIED = 4  # points, where rules give the gradient at once


def moved(pairing: Any, random: np.random.Generator) -> Any:
    """The same passes at other numbers of that range where the gradients are not right; None where there are none.

    What holds a structure (a symmetric matrix, rows that add up to 1, flags) stays as it is, and so do the parameters
    of an object, which may hold what it computed from them.
    """
    if getattr(pairing.passes.forward, ONLY_HERE, False):
        return None
    inputs = getattr(getattr(pairing.passes.forward, "__self__", None), "inputs", None)
    free = [inputs is None or name in inputs for name in pairing.found.names]
    for _ in range(TRIED):
        numbers = tuple(_other(x, random) if k else x for x, k in zip(pairing.at, free, strict=True))
        if all(new is old for new, old in zip(numbers, pairing.at, strict=True)):
            return None
        other = copy.copy(pairing)
        try:
            other.args, other.at = pairing.whole(numbers), numbers
            right = _is_right(other, random)
        except Exception:  # it does not take these
            continue
        if right is False:
            return other
        if right is None:
            return None
    return None


def _is_right(other: Any, random: np.random.Generator) -> bool | None:
    """Whether the gradients are those of the rules; None where differences alone say so, which takes long."""
    outputs, _ = other.passes.run(copy.deepcopy(other.args))
    same = [shape(y) for y in outputs] == [shape(c) for c in other.cotangents]
    if not same or not all(np.all(np.isfinite(local(y))) for y in outputs):
        return True
    found = ask("reverse AD", Subject(other.value, other.at), quick=True)
    if not found.speaks or found.value is None:
        return None if other.agrees(random) else False
    due = found.value.ravel()
    given = other.gradient(*other.at)
    mine = np.concatenate([np.ravel(local(g)) for g in (given if isinstance(given, tuple) else (given,))])
    size = float(np.max(np.abs(due), initial=0.0))
    return mine.shape != due.shape or bool(np.all(np.abs(mine - due) <= 1e-7 * size)) or not np.all(np.isfinite(due))


def _other(x: Any, random: np.random.Generator) -> Any:
    array = np.asarray(local(x))
    if not is_number(local(x)) or is_one(x) or array.dtype == np.float32 or _structured(array):
        return x
    factor = np.exp(0.5 * random.standard_normal(array.shape))
    if array.shape == ():
        return type(x)(float(array) * float(factor))
    return random.permutation(array.ravel()).reshape(array.shape) * factor


def _structured(array: Any) -> bool:
    """Whether an array holds numbers that belong together in a way that others would not."""
    if array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and np.allclose(array, array.T):
        return True
    sums = np.sum(array, axis=-1) if array.ndim else array
    return bool(array.ndim and (np.allclose(sums, 1.0) or np.isin(array, (0.0, 1.0, -1.0)).all()))
