"""Diagnoses: the right numbers of an array moved along an axis or out of order, or times a factor that f computes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.entries import fits_part, leaf_slices, wrong_leaves
from chainrule.check.diagnosis.factors import said
from chainrule.check.diagnosis.paths import expression
from chainrule.check.diagnosis.recorded import recorded
from chainrule.check.diagnosis.samples import ENOUGH, FIT, ROUNDING, Sample
from chainrule.check.subject import Subject, quiet
from chainrule.values.located import place

DISTINCT = 4  # values that an array must hold before their order tells anything
POINTS = 6  # at which factors are tried
MOST_KNOWN = 60  # intermediates of which one may stand in place of another
FARTHEST = 64  # places by which a long array is tried rolled, either way


def rolled(samples: list[Sample]) -> Iterator[str]:
    """An array's gradient among several is rolled or reversed along an axis, or turned round."""
    leaves = leaf_slices(samples[0])
    for name, part, size in wrong_leaves(samples):
        if max(size) > 2 and (len(leaves) > 1 or len(size) > 1) and (how := _moved(samples, part, size)):
            yield said(name, how)


def moved(samples: list[Sample]) -> Iterator[str]:
    """An array's gradient holds its right numbers in another order."""
    for name, part, size in wrong_leaves(samples):
        how = _moved(samples, part, size)
        if not how and min(_same_numbers(s.yours[0, part], s.truth[0, part], s.slack) for s in samples) >= DISTINCT:
            how = "it holds the right numbers in other places (repeated or reshaped in another order?)"
        if how:
            yield said(name, how)


def _moved(samples: list[Sample], part: slice, size: tuple[int, ...]) -> str:
    """Which move along the axes explains an array's gradient; "" for none."""
    if not all(_same_numbers(s.yours[0, part], s.truth[0, part], s.slack) for s in samples):
        return ""  # no move makes other numbers of them
    return next((text for text, change in _moves(size) if all(_holds(s, part, size, change) for s in samples)), "")


def _moves(size: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    for axis, n in enumerate(size):
        along = f" along axis {axis}" if len(size) > 1 else ""
        for k in (*range(1, min(n, FARTHEST)), *range(max(n - FARTHEST, FARTHEST), n)):
            steps = k if k <= n // 2 else k - n
            yield f"rolled by {steps}{along}", lambda a, k=k, axis=axis: np.roll(a, k, axis)
        if n > 2:
            yield f"in reverse order{along}", lambda a, axis=axis: np.flip(a, axis)
    if len(size) >= 2 and min(size[-2:]) > 1:
        yield "turned round (reversed along its last two axes)", lambda a: a[..., ::-1, ::-1]
    if len(size) > 2:
        for i in range(len(size)):
            for j in range(i + 1, len(size)):
                if size[i] == size[j] > 1:
                    yield f"its axes {i} and {j} are exchanged", lambda a, i=i, j=j: np.swapaxes(a, i, j)


def _holds(s: Sample, part: slice, size: tuple[int, ...], change: Any) -> bool:
    return fits_part(s, part, change(s.truth[:, part].reshape(size)))


def _same_numbers(yours: NDArray[np.float64], truth: NDArray[np.float64], slack: float) -> int:
    """How many distinct numbers both hold, if they hold the same in any order; else 0."""
    a, b = np.sort(yours), np.sort(truth)
    size = float(np.max(np.abs(b), initial=0.0))
    distinct = int(np.count_nonzero(np.diff(b) > 1e-6 * size)) + 1
    return distinct if np.all(np.abs(a - b) <= FIT * np.abs(b) + ROUNDING * size + slack) else 0


def scaled(samples: list[Sample]) -> Iterator[str]:
    """The truth times a number or an array that f computes, or divided by one: a factor too many, or too few."""
    leaves = wrong_leaves(samples, single=True)
    if not leaves:
        return
    with quiet():
        rows = [(s, _known(s)) for s in samples[:POINTS]]
        rows = [(s, known) for s, known in rows if [k[0] for k in known] == [k[0] for k in rows[0][1]]]
        if len(rows) < ENOUGH:
            return
        for name, part, size in leaves:
            for k, (text, where, _) in enumerate(rows[0][1]):
                for words, factor in FACTORS.items():
                    factors = [factor(known[k][2]) for _, known in rows]
                    if _varies(factors) and all(
                        _times(s, part, size, f) for (s, _), f in zip(rows, factors, strict=True)
                    ):
                        held = f"({text})" if " " in text and (" 1 - " in words or "squared" in words) else text
                        yield said(name, words.format(held) + where)
                        return
            yield from (said(name, text) for text in _in_place_of(rows, part, size))


def _in_place_of(rows: list[tuple[Sample, Any]], part: slice, size: tuple[int, ...]) -> Iterator[str]:
    """What f computes and stands where something else that it computes should: the truth times their quotient."""
    known = rows[0][1] if len(rows[0][1]) <= MOST_KNOWN else []
    for (i, (one, where, value)), (j, (other, _, beside)) in itertools.permutations(enumerate(known), 2):
        if np.shape(value) == np.shape(beside):
            factors = [np.asarray(k[i][2], float) / np.asarray(k[j][2], float) for _, k in rows]
            if _varies(factors) and all(_times(s, part, size, f) for (s, _), f in zip(rows, factors, strict=True)):
                yield f"{one} in place of {other}{where}"
                return


def _known(s: Sample) -> list[tuple[str, str, Any]]:
    """What f computes, its value last: in words, with its place, as numbers. Of what cannot be recorded the arguments
    and the value."""
    for subject in (Subject(s.subject.f, s.subject.args, s.subject.names), s.subject):
        if (r := recorded(subject, np.ones(1))) is not None:
            nodes = [(expression(node, 3), f" ({place(node)})" if place(node) else "", node.stored) for node in r.nodes]
            return [*nodes[:-1], ("the value of the function", "", nodes[-1][2])]
    found = [(name, "", s.subject.x[part].reshape(size)) for name, part, size in leaf_slices(s)]
    return [*found, ("the value of the function", "", float(s.subject.outputs()[0]))]


def _varies(factors: list[Any]) -> bool:
    """Whether there are enough numbers of which not all are the same, in one point or from point to point."""
    numbers = np.abs(np.concatenate([np.ravel(f) for f in factors]))
    return numbers.size >= DISTINCT and bool(np.ptp(numbers) > 1e-3 * np.max(numbers))


FACTORS: dict[str, Callable[[Any], Any]] = {
    "times {} too often": lambda v: np.asarray(v, dtype=float),
    "divided by {} too often, or a factor of it is missing": lambda v: 1.0 / np.asarray(v, dtype=float),
    "times ({} > 0) too often": lambda v: (np.asarray(v) > 0) * 1.0,
    "times 1 - {} too often": lambda v: 1.0 - np.asarray(v, dtype=float),
    "divided by 1 - {} too often": lambda v: 1.0 / (1.0 - np.asarray(v, dtype=float)),
    "times 1 - {} squared too often": lambda v: 1.0 - np.asarray(v, dtype=float) ** 2,
    "times {} squared too often": lambda v: np.asarray(v, dtype=float) ** 2,
    "divided by {} squared too often": lambda v: 1.0 / np.asarray(v, dtype=float) ** 2,
    "times the root of {} too often": lambda v: np.sqrt(np.asarray(v, dtype=float)),
    "divided by the root of {} too often": lambda v: 1.0 / np.sqrt(np.asarray(v, dtype=float)),
}


def _times(s: Sample, part: slice, size: tuple[int, ...], factor: Any) -> bool:
    """Whether the gradient is the truth times `factor`, which may hold one number for each group of them."""
    truth = s.truth[0, part]
    have = np.shape(factor)
    groups = tuple(truth.size // int(np.prod(have)) if d == 1 else d for d in have)
    for spread in {size, groups}:
        if int(np.prod(spread)) == truth.size and len(have) <= len(spread):
            try:
                predicted = truth.reshape(spread) * factor
            except ValueError:
                continue
            if predicted.size == truth.size and fits_part(s, part, predicted):
                return True
    return False
