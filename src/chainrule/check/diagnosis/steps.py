"""Diagnoses: one step of the backward pass done wrongly, found by sweeping the recording with the mistake in it.

Each candidate changes what one node sends to one operand (or all nodes of one line of a loop, each alike). It is tried
at the first point; what fits there to the last digits must fit at the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.edges import Candidate, Edge, described, groups_of, nothing, sending, where
from chainrule.check.diagnosis.factors import blocks, said
from chainrule.check.diagnosis.links import largest, skipped, too_often, whole_insides
from chainrule.check.diagnosis.missing import cut, one_use, other_axis, two_cut
from chainrule.check.diagnosis.products import other_operand, transposed
from chainrule.check.diagnosis.recorded import SHORT, Recorded, recorded
from chainrule.check.diagnosis.samples import ENOUGH, Sample, coefficient
from chainrule.check.diagnosis.slices import windows
from chainrule.check.diagnosis.slopes import masks, slopes
from chainrule.check.subject import quiet

POINTS = 4  # at which a candidate must fit
MOST = 2000  # numbers beyond which no candidates are tried
CANDIDATES = 3000


def mistaken(samples: list[Sample]) -> Iterator[str]:
    """What one wrong step explains: the claim as a whole, or all that is wrong of one argument."""
    rows = recordings(samples)
    if len(rows) < ENOUGH:
        return
    parts = blocks(samples)
    whole = np.logical_or.reduce([mask[0] for _, mask in parts])
    found, *each = _explained(rows, [whole, *(mask[0] for _, mask in parts if len(parts) > 1)])
    if found:
        yield said(parts[0][0] if len(parts) == 1 else "", found)
        return
    yield from (said(name, text) for (name, _), text in zip(parts, each, strict=False) if text)


def weighted(samples: list[Sample]) -> Iterator[str]:
    """One line of a loop enters with another weight in all its steps."""
    rows = recordings(samples)
    if len(rows) < ENOUGH:
        return
    with quiet():
        for group in (g for g in groups_of(rows[0][1]) if len(g) > 1):
            found = [_weight(s, r, group) for s, r in rows]
            weights = [w for w in found if w is not None]
            if len(weights) < len(rows) or np.ptp(weights) > 1e-6 * max(map(abs, weights)):
                continue
            w, said_of = float(np.median(weights)), described(rows[0][1], group) + where(rows[0][1], group)
            if abs(w - 1) > 1e-5:
                turned = abs(w + 1) < 1e-7
                how = "the sign of one path is wrong" if turned else f"one path enters with weight {w:.6g}"
                yield f"{how}: {said_of}"
                return


def _weight(s: Sample, r: Recorded, group: list[Edge]) -> float | None:
    """w in claim = truth + (w - 1) times what flows through a group of edges; None where that does not fit."""
    through = r.truth - r.swept(sending(group, nothing)(r))
    share = coefficient(s.yours[0] - s.truth[0], through)
    return None if share is None or not s.fits(s.truth + share * through) else 1 + share


def recordings(samples: list[Sample]) -> list[tuple[Sample, Recorded]]:
    """The samples that are well known, with recordings of the same steps: of the branch that most of them take."""
    if not samples[0].plain or samples[0].subject.n > MOST:
        return []
    branches: dict[Any, list[tuple[Sample, Recorded]]] = {}
    for s in samples:
        r = recorded(s.subject, np.ones(1)) if s.clear else None
        if r is not None:
            rows = branches.setdefault(tuple(r.signature), [])
            rows.append((s, r))
            if len(rows) == POINTS:
                return rows
    return max(branches.values(), key=len, default=[])


def _explained(rows: list[tuple[Sample, Recorded]], parts: list[Any]) -> list[str]:
    """For each part of the numbers, of which the first is the whole, the first candidate that predicts the claim within
    it at all points; "" where none does. Each candidate is swept once for all parts, and none after one that explains
    the whole."""
    found = dict[int, str]()
    telling = {
        k: points
        for k, part in enumerate(parts)
        if len(points := [n for n, (s, _) in enumerate(rows) if np.any(~s.right[0, part])]) >= ENOUGH
    }
    with quiet():
        for count, candidate in enumerate(_candidates(rows[0][1])):
            open_ = [k for k in telling if k not in found]
            if count > CANDIDATES or 0 in found or not open_:
                break
            predicted = dict[int, Any]()
            for k in open_:
                for n in telling[k]:
                    if n not in predicted:
                        predicted[n] = _predicted(candidate, *rows[n])
                    if not np.all(predicted[n][parts[k]]):
                        break
                else:
                    found[k] = candidate.text
    return [found.get(k, "") for k in range(len(parts))]


def _predicted(candidate: Candidate, s: Sample, r: Recorded) -> Any:
    """Which numbers of the claim a candidate predicts."""
    try:
        predicted = r.swept(candidate.changes(r))
        return s.close(predicted)[0] & np.isfinite(predicted)
    except Exception:  # shapes that do not fit together: that was not written
        return np.zeros(s.yours.size, bool)


def _candidates(r: Recorded) -> Iterator[Candidate]:
    groups = list(groups_of(r))
    if len(r.nodes) > SHORT:
        for of_groups in (slopes, skipped, masks, cut, largest):
            yield from of_groups(r, groups)
        return
    yield from one_use(r)
    yield from transposed(r, groups)
    yield from skipped(r, groups)
    yield from slopes(r, groups)
    yield from whole_insides(r)
    yield from largest(r, groups)
    yield from windows(r, groups)
    yield from masks(r, groups)
    yield from cut(r, [g for g in groups if len(g) > 1])
    yield from other_operand(r, groups)
    yield from other_axis(r, groups)
    yield from too_often(r, groups)
    yield from two_cut(r)
    yield from too_often(r, groups, single=True)
