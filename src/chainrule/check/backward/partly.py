"""What the arguments that are not differentiated, and cotangents of 0, tell of a wrong backward pass."""

from __future__ import annotations

import copy
import itertools
import re
from typing import Any

import numpy as np

from chainrule import numeric, trees
from chainrule.check.subject import local
from chainrule.numbers import shape

FACTOR = re.compile(r"exactly (1/)?(\d+) of the truth at \d+ \w+$")


def in_part(wrong: Any, seed: int) -> list[str]:
    """Causes of a gradient that is wrong in a way that its numbers do not show: a part of it that does not depend on
    the cotangent, or the right gradient of another choice of labels."""
    try:
        return _without_cotangent(wrong) or _at_other_labels(wrong, seed)
    except Exception:  # a diagnosis is a courtesy: it must never hide the verdict
        return []


def _without_cotangent(wrong: Any) -> list[str]:
    """Gradients in which a cotangent of 0 leaves something: all of it, or a term."""
    if not wrong.passes.takes:
        return []
    still = [c * 0 for c in wrong.cotangents]
    left = _gradients(wrong, still)
    whole = _gradients(wrong, wrong.cotangents)
    found = []
    for name, rest, all_of_it in zip(wrong.found.names, left, whole, strict=False):
        if not np.any(rest):
            continue
        same = np.allclose(rest, all_of_it, rtol=1e-12, atol=0.0)
        text = "the cotangent is not used" if same else "a term does not depend on the cotangent: + in place of *?"
        found.append(f"argument {name}: {text}")
    return found


def _gradients(wrong: Any, cotangents: list[Any]) -> list[Any]:
    values = copy.copy(wrong)
    values.cotangents = cotangents
    return [np.asarray(local(g), dtype=float) for g in values.matched(values.args).values]


def _at_other_labels(wrong: Any, seed: int) -> list[str]:
    """Whether the gradient is that at other labels: one more or less, in reverse order, or each one place on."""
    for k, x in enumerate(wrong.leaves):
        labels = np.asarray(x) if type(x) is np.ndarray else None
        if labels is None or labels.dtype.kind not in "iu" or labels.size < 2:
            continue
        name = wrong.names[k] if len(wrong.names) == len(wrong.leaves) else "the labels"
        top = int(labels.max()) + 1
        for words, others in (
            (f"{name} - 1", (labels - 1) % top),
            (f"{name} + 1", (labels + 1) % top),
            (f"{name} in reverse order", labels[::-1]),
            (f"{name} rolled by 1", np.roll(labels, 1, 0)),
            (f"{name} rolled by -1", np.roll(labels, -1, 0)),
        ):
            if not np.array_equal(others, labels) and _agrees_at(wrong, k, others, seed):
                return [f"it is the gradient for {words} in place of {name}"]
    return []


def _agrees_at(wrong: Any, k: int, labels: Any, seed: int) -> bool:
    """Whether the gradient, along two random directions, is the slope of the function with these labels."""
    random = np.random.default_rng(seed)
    leaves = [np.asarray(local(x), dtype=float) for x in wrong.at]
    gradients = _gradients(wrong, wrong.cotangents)
    other = copy.copy(wrong)
    other.leaves = [labels if i == k else x for i, x in enumerate(wrong.leaves)]
    for _ in range(2):
        moves = [random.standard_normal(x.shape) for x in leaves]

        def along(t: float, moves: list[Any] = moves) -> float:
            moved = (x + t * v if shape(x) else float(x + t * v) for x, v in zip(leaves, moves, strict=True))
            return float(local(other.value(*moved)))

        slope = sum(float(np.sum(g * v)) for g, v in zip(gradients, moves, strict=True))
        found = numeric.derivative(along, 0.0)
        if found.reason is not None or not found.agrees_with(slope):
            return False
    return True


def counted(causes: list[str], wrong: Any) -> list[str]:
    """The causes, with what a factor counts where it is the number of entries of an output, along some of its axes, or
    the length of an argument that is not differentiated."""
    sizes = {n for x in trees.flatten(wrong.args)[0] for n in shape(local(x))}
    for c in wrong.cotangents:
        axes = [n for n in shape(local(c)) if n > 1]
        sizes |= {int(np.prod(p)) for k in range(1, len(axes) + 1) for p in itertools.combinations(axes, k)}
    return [_counted(cause, sizes) for cause in causes]


def _counted(cause: str, sizes: set[int]) -> str:
    found = FACTOR.search(cause)
    if found is None or int(found[2]) < 2 or int(found[2]) not in sizes:
        return cause
    what = (
        f"1/N with N = {found[2]}: a mean in place of a sum?"
        if found[1]
        else f"N = {found[2]}: a sum in place of a mean?"
    )
    return f"{cause} ({what})"
