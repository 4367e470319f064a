"""Diagnoses: the right numbers in the wrong places. Transposed, permuted, rolled, reversed, another argument's, or on
the diagonal alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.samples import ENOUGH, FIT, Sample, everywhere

MOST = 400  # entries that are compared each with each
NAMED = 12  # entries that are named one by one


def exchanged(samples: list[Sample]) -> Iterator[str]:
    """The claimed numbers are true ones, in other places, the same at every point."""
    s = samples[0]
    m, n = s.yours.shape
    if n != s.subject.n:
        return
    if m > 1 and m == n and everywhere(samples, lambda t: t.truth.T):
        yield "the Jacobian is transposed"
        return
    if m > 1 and m == n and everywhere(samples, lambda t: np.diag(np.diag(t.truth))):
        yield "only the diagonal of the Jacobian is given: each result depends on the other entries too"
        return
    for k, size in enumerate(s.subject.shapes):
        if len(size) == 2 and size[0] == size[1] > 1:
            start = sum(s.subject.sizes[:k])
            if everywhere(samples, lambda t, a=start, b=size: _transposed_block(t.truth, a, b)):
                yield f"{s.subject.label(start).rpartition('[')[0]} is transposed"
                return
    order = _permutation(samples) if n > 1 else None
    if order is not None:
        text = _in_words(order, s)
        if text:
            yield text


def _in_words(order: NDArray[np.intp], s: Sample) -> str:
    n = len(order)
    swapped = _whole_arguments(order, s)
    if swapped:
        return f"entries are exchanged: {swapped}"
    rolls = [k for k in range(1, n) if np.array_equal(order, np.roll(np.arange(n), k))] if n > 2 else []
    if n > 2 and np.array_equal(order, np.arange(n)[::-1]):
        return "the entries are in reverse order"
    if rolls:
        return f"the entries are rolled by {rolls[0] if rolls[0] <= n // 2 else rolls[0] - n}"
    moved = [j for j in range(n) if order[j] != j]
    holds = ", ".join(f"{s.subject.label(j)} holds that of {s.subject.label(int(order[j]))}" for j in moved[:4])
    if len(set(order.tolist())) == n:
        if len(moved) <= NAMED:
            return f"entries are exchanged: {holds}{', ...' if len(moved) > 4 else ''}"
        return "the entries are permuted"
    if len(moved) == 1 or (len(moved) <= NAMED and len({int(order[j]) for j in moved}) == len(moved)):
        return "the derivative by another argument: " + holds.replace("that of", "that by")
    return ""


def _whole_arguments(order: NDArray[np.intp], s: Sample) -> str:
    """Two arguments that hold one another's derivatives."""
    for (a, first), (b, second) in pairwise(s.subject.slices()):
        if 1 < first.stop - first.start == second.stop - second.start and np.array_equal(
            order[first], np.arange(second.start, second.stop)
        ):
            return f"argument {a} holds that of argument {b}"
    return ""


def _transposed_block(truth: NDArray[np.float64], start: int, size: tuple[int, ...]) -> NDArray[np.float64]:
    moved = truth.copy()
    count = size[0] * size[1]
    for row in moved:
        row[start : start + count] = row[start : start + count].reshape(size).T.ravel()
    return moved


def _permutation(samples: list[Sample]) -> NDArray[np.intp] | None:
    """For each entry the one whose truth it holds at every point; None where some entry holds no other's."""
    n = samples[0].truth.shape[1]
    if n > MOST or len(samples) < ENOUGH:
        return None
    yours = np.concatenate([s.yours for s in samples])
    truth = np.concatenate([s.truth for s in samples])
    scale = np.max(np.abs(truth), axis=1, keepdims=True)
    slack = np.concatenate([np.full((len(s.yours), 1), s.slack) for s in samples])
    order = np.arange(n)
    for j in range(n):
        close = np.all(np.abs(truth - yours[:, [j]]) <= FIT * scale + slack, axis=0)
        if close[j]:
            continue
        hits = np.flatnonzero(close)
        if len(hits) != 1:
            return None
        order[j] = hits[0]
    return None if np.array_equal(order, np.arange(n)) else order
