"""Diagnosis: which mistake explains a wrong claim exactly?

Each hypothesis predicts the claimed numbers from the true ones (or from the function). One is reported only if it
fits at several points to the last digits; what fits by chance at one point fails at the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import numpy as np

from chainrule.check.diagnosis import (
    entries,
    factors,
    located,
    orders,
    parts,
    paths,
    permutations,
    places,
    precision,
    stand_ins,
    steps,
)
from chainrule.check.diagnosis.samples import ENOUGH, Sample, collect, of_elements, parts_of
from chainrule.check.judging.directional import FIVE_DIGITS, Slopes
from chainrule.numeric.patience import TimedOut, within

MOST_PARTS = 12  # arguments that are looked at one by one where their numbers are too many
ALONE = 4  # numbers of a point beside which there is no other: what fits all of them to the last digits is no chance
GRANTED = 60.0  # seconds: at other points than were asked for f may not come to an end
Hypothesis = Callable[[list[Sample]], Iterator[str]]

HYPOTHESES: tuple[Hypothesis, ...] = (
    factors.zero, orders.projected_with_ones, orders.other_order, factors.known_factor, stand_ins.of_another,
    places.rolled, permutations.exchanged, precision.rounded, paths.dropped, entries.masked, entries.rearranged,
    stand_ins.of_value, factors.added_constant, orders.difference_quotient, factors.constant_factor,
    orders.odd_quotient, paths.weighted, entries.regularised, precision.of_truncated_argument,
    entries.with_sign_turned, steps.mistaken, steps.weighted, stand_ins.of_slope, places.moved, places.scaled,
    entries.one_slice, located.first_wrong_step,
)  # fmt: skip
FACTORS: tuple[Hypothesis, ...] = (factors.zero, factors.known_factor, factors.constant_factor)
_tried: ContextVar[tuple[Hypothesis, ...]] = ContextVar("hypotheses that are tried", default=HYPOTHESES)


@contextmanager
def by_factors_alone() -> Iterator[None]:
    """In this block a wrong claim is explained by a factor or not at all: for readings of a claim that are heard only
    if they are right. A search among all mistakes takes many times as long as the judgement."""
    token = _tried.set(FACTORS)
    try:
        yield
    finally:
        _tried.reset(token)


def diagnose(
    f: Callable[..., Any], df: Callable[..., Any], judged: list[Any], kind: str, seed: int, *, own: bool = False
) -> list[str]:
    """The causes that explain the claim, most telling first; empty when none fits exactly.

    own   whether the claim is Chainrule's own derivative: then a wrong rule is the cause. To a claim by hand a wrong
          rule is no excuse, but rules cannot explain it either
    """
    rules = [j.rule for j in judged if j.rule]
    if rules:
        return rules[:1] if own else []
    form = [j.cause for j in judged if j.cause]
    if form:
        return [form[0]]
    with np.errstate(all="ignore"):
        try:
            found: list[str] = within(GRANTED, lambda: _explained(f, df, judged, kind, seed))
            return found
        except (Exception, TimedOut):  # a diagnosis is a courtesy: it must never hide the verdict
            return []


def _explained(f: Any, df: Any, judged: list[Any], kind: str, seed: int) -> list[str]:
    samples = collect(f, df, judged, seed, kind)
    if not samples:
        return _along_directions(judged, seed)
    if samples[0].subject.library:
        from chainrule.check.diagnosis.mirrored.samples import in_numpy

        samples = in_numpy(samples)
    special = parts.not_finite(samples)
    if special:
        return [special]
    if not any(s.telling for s in samples):  # what scatters as much as it is wrong can be a narrower type, and no more
        return list(precision.rounded(samples))[:1]
    clear = [s for s in samples if s.clear]
    if len(samples) == 1 and (samples[0].yours.size >= ALONE or getattr(df, "of_one_point", False)):
        few = by_factors_alone() if samples[0].yours.size < ALONE else nullcontext()
        with few:
            return [c.replace(f"at {ENOUGH} points", "here") for c in _first(samples * ENOUGH)][:2]
    wrong = any(not np.all(s.right) for s in clear)  # where a claim is 0 nothing of it is clear
    telling = clear if len(clear) >= ENOUGH and wrong else samples
    causes = _first(telling) or _first(list(filter(None, map(of_elements, telling))))
    if not causes:
        part = parts.part_of_domain(samples)
        if part.startswith("wrong only"):  # within its part the mistake may have a name
            inside = _first([s for s in clear if not np.all(s.right)])
            return [part, *inside[:1]]
        causes = [part] if part else []
    return causes[:2]


def _first(samples: list[Sample]) -> list[str]:
    """What the first hypothesis that fits says."""
    if len(samples) < ENOUGH:
        return []
    for hypothesis in _tried.get():
        try:
            causes = list(dict.fromkeys(hypothesis(samples)))
        except Exception:  # see above
            continue
        if causes:
            return causes
    return []


def _along_directions(judged: list[Any], seed: int) -> list[str]:
    """Of many numbers, the factor along random directions: of all together, or of single arguments."""
    for j in judged:
        if j.along and j.claimed is not None and j.claimed.values is not None:
            row = j.claimed.values.reshape(1, -1)
            sample = Sample(j.subject, row, row, 0.0)
            text = factors.along_directions(j.along, sample)
            if text:
                return [text]
            if row.size == j.subject.n and not j.rule:
                return _argument_by_argument(j, sample, seed)
    return []


def _argument_by_argument(j: Any, sample: Sample, seed: int) -> list[str]:
    parts = parts_of(j.subject)
    if not 1 < len(parts) <= MOST_PARTS:
        return []
    weights = j.call.weights if j.call.kind == "vjp" else np.ones(1)
    slopes = Slopes(j.subject, sample.yours[0], weights, seed, 0.0, enough=FIVE_DIGITS)
    causes = []
    for name, part in parts:
        rows = []
        for _ in range(ENOUGH):
            v = np.zeros(j.subject.n)
            v[part] = slopes.direction()[part]
            found = slopes.slope(v)
            if found.reason is None:
                rows.append((float(sample.yours[0] @ v), float(found.value), float(found.error)))
        zero = not np.any(sample.yours[0, part]) and any(abs(slope) > 4 * bar for _, slope, bar in rows)
        text = "the claim is 0" if zero else factors.along_directions(rows, sample)
        if text:
            causes.append(factors.said(name, text))
    return causes
