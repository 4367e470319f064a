"""Claims about many numbers: random directions first, then the entries one by one, or bisection to the wrong ones.

A difference along v sees claim . v, so a few directions test n numbers at once. Where rules can run they give the
reference, and the directions test the rules. Where they cannot, the directions test the claim. If one fails, or sees
no slope, up to MANY numbers are asked for one by one; of more, halves of the arguments are tested alone, so that a
wrong entry among n is found in about log2(n) more directions.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import numeric
from chainrule.check.claimed import Call
from chainrule.check.judging.judgement import Finding, Judgement
from chainrule.check.judging.kinks import along
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, Vector, quiet
from chainrule.check.verdict import Reason
from chainrule.check.witness.evidence import MANY, Evidence
from chainrule.numeric.adaptive import adaptive
from chainrule.numeric.cheap import cheap
from chainrule.numeric.gradient import ray
from chainrule.records import replace

DIRECTIONS = 3
NINE_DIGITS, FIVE_DIGITS = 1e-9, 1e-5  # error bars of slopes that support rules, at a thorough point and at the others
DEFAULT = 1e-8  # the relative mistake that `check` sees unless it is asked otherwise
FOUND_ENOUGH = 5
MOST_ENTRIES = 4096  # of a Jacobian, that are asked for one by one
HUGE = 20_000  # numbers beyond which a direction gets the cheap budget first


class Slopes:
    """Slopes of weights . f along directions, and how far a claim misses them.

    enough  the relative error bar with which a dozen function values, or six more where the function bends, suffice:
            rules need no more support. 0: nothing but the full method does
    """

    def __init__(
        self, subject: Subject, claimed: Vector, weights: Vector, seed: int, rtol: float, enough: float = 0.0
    ) -> None:
        self.subject, self.claimed, self.weights, self.rtol = subject, claimed, weights, rtol
        self.enough = enough if subject.n <= HUGE else max(enough, FIVE_DIGITS)
        self.random = RandomNumbers(seed)
        self.size = np.maximum(np.abs(subject.x), 1e-3)

    def direction(self) -> Vector:
        """A random direction; its entries differ in size, so that no two mistakes cancel."""
        return np.asarray(self.random.standard_normal(self.subject.n) * self.size)

    def slope(self, v: Vector) -> numeric.Estimate:

        def g(x: Vector) -> float:
            return float(self.weights @ self.subject.outputs(x))

        with quiet():
            line = ray(g, self.subject.x, v)
            for nearer in (0, 3) if self.enough else ():
                found = cheap(line, nearer=nearer)
                if found.reason is None and float(found.error) <= self.enough * abs(float(found.value)):
                    return found
            return adaptive(line)

    def gap(self, v: Vector) -> tuple[bool, numeric.Estimate]:
        """Whether the claim along v lies outside the error bar of the slope along v, and the slope."""
        found = self.slope(v)
        if found.reason is not None:
            return False, found
        claim = float(self.claimed @ v)
        return abs(claim - float(found.value)) > 2 * float(found.error) + self.allowed(v), found

    def allowed(self, v: Vector) -> float:
        """How far the claim along v may be from a slope that is known exactly: by rounding, and by what is asked to be
        let pass, an `rtol` above the default."""
        relative = self.rtol if self.rtol > DEFAULT else 1e-12
        return max(64 * self.subject.eps, relative) * float(np.linalg.norm(self.claimed * v))

    def passed(self, v: Vector) -> float:
        """What of that is asked to be let pass."""
        return self.allowed(v) if self.rtol > DEFAULT else 0.0

    def wrong_entries(self, v: Vector) -> list[int]:
        """Indices of wrong entries, found by halving: where v fails, its left half is tried, then its right."""
        found: list[int] = []
        pending = [(0, self.subject.n)]
        while pending and len(found) < FOUND_ENOUGH:
            low, high = pending.pop()
            if high - low == 1:
                found.append(low)
                continue
            middle = (low + high) // 2
            left = self._fails(v, low, middle)
            if not left or self._fails(v, middle, high):
                pending.append((middle, high))
            if left:
                pending.append((low, middle))
        return found

    def _fails(self, v: Vector, low: int, high: int) -> bool:
        part = np.zeros_like(v)
        part[low:high] = v[low:high]
        return self.gap(part)[0]


def examine(judgement: Judgement, rtol: float, seed: int, thorough: bool) -> tuple[Judgement, bool]:
    """Test a claim along directions. False where the entries must be asked for one by one. With rules (`chosen`) the
    comparison entry by entry follows; without, this is it."""
    subject, call = judgement.subject, judgement.call
    few = subject.n <= MANY and call.m * subject.n <= MOST_ENTRIES
    values: Any = judgement.claimed.values  # type: ignore[union-attr]
    random = RandomNumbers(seed)
    weights = call.weights if call.kind == "vjp" else np.ones(1) if call.m == 1 else random.standard_normal(call.m)
    folded = values if values.size == subject.n else weights @ values.reshape(call.m, subject.n)
    rules = next((e for e in judgement.evidence if e.speaks), None)
    if rules is None:
        return _by_directions(Slopes(subject, folded, weights, seed, rtol), judgement, few)
    judgement = replace(judgement, chosen=rules.name)
    rows: Any = rules.value
    truth = call.weights @ rows if call.kind == "vjp" else weights @ rows
    slopes = Slopes(subject, truth, weights, seed, rtol, enough=NINE_DIGITS if thorough else FIVE_DIGITS)
    seen = [slopes.gap(slopes.direction())]
    if thorough or seen[0][0] or seen[0][1].reason is not None:
        seen.append(slopes.gap(slopes.direction()))
    trusted = [found for _, found in seen if found.reason is None]
    if few and (len(trusted) < len(seen) or any(bad for bad, _ in seen)):
        return judgement, False
    if not trusted:
        doubt = seen[0][1].reason
        return judgement.noted(
            f"differences along random directions see no slope ({doubt.name if doubt else 'no digits'}): "
            f"{rules.name} has no second witness here"
        ), True
    name = f"differences along {len(trusted)} directions"
    failed = [found for bad, found in seen if bad]
    if failed and not _noisy(subject, truth, failed):
        from chainrule.check.witness.local_rules import first_wrong_rule

        rule = first_wrong_rule(subject)
        judgement = replace(judgement, odd=(*judgement.odd, rules.name), rule=rule, chosen="")
        if rule:
            return _by_directions(Slopes(subject, folded, weights, seed, rtol), judgement.noted(rule), few)
        judgement = replace(judgement, reason=Reason.DISAGREEMENT).noted(f"{rules.name} does not agree with {name}")
    return _with_evidence(judgement, name, f"{len(trusted)} numbers only"), True


def _with_evidence(judgement: Judgement, name: str, why: str) -> Judgement:
    """The judgement with what differences along directions say, which have no numbers for single entries."""
    return replace(judgement, evidence=(*judgement.evidence, Evidence(name, "differences", why=why)))


def _noisy(subject: Subject, truth: Vector, failed: list[numeric.Estimate]) -> bool:
    """Whether the disagreement is within what kinks of so many numbers leave: a thousandth of the slope."""
    size = float(np.linalg.norm(truth * np.maximum(np.abs(subject.x), 1e-3)))
    return all(float(f.error) > 1e-3 * size for f in failed)


def remember(judgement: Judgement) -> Judgement:
    """A mistake seen along a direction stays one when no single entry shows it."""
    if judgement.wrong or judgement.undecided is not None:
        return judgement
    for claim, slope, bar in judgement.along:
        if abs(claim - slope) > 2 * bar + 1e-12 * abs(slope):
            return judgement.wrong_as_a_whole(claim, slope, bar)
    return judgement


def _by_directions(slopes: Slopes, judgement: Judgement, few: bool) -> tuple[Judgement, bool]:
    """No rules: the claim against slopes along random directions, then halving to the wrong entries. False where
    few of them can be asked one by one, and should be."""
    tried = [(v, *slopes.gap(v)) for v in (slopes.direction() for _ in range(DIRECTIONS))]
    known = [(v, bad, found) for v, bad, found in tried if found.reason is None]
    along = [
        (float(slopes.claimed @ v), float(found.value), float(found.error) + slopes.passed(v) / 2)
        for v, _, found in known
    ]
    judgement = replace(judgement, along=(*judgement.along, *along))
    failing = [v for v, bad, _ in known if bad]
    if few and (failing or len(known) < len(tried)):
        return judgement, False
    doubt = tried[0][2].reason
    why = doubt.explanation if not known and doubt else f"{len(known)} numbers only"
    judgement = _with_evidence(judgement, f"differences along {len(known)} directions", why)
    if not known:
        return replace(judgement, reason=Reason.of(doubt)), True
    if not failing:
        return _accepted(slopes, judgement, [found for _, _, found in known]), True
    call = judgement.call
    wrong = slopes.wrong_entries(failing[0]) if call.m == 1 or call.kind == "vjp" else []
    judgement = judgement.with_findings(*filter(None, (_confirmed(slopes, j, call) for j in wrong)))
    if not any(f.status == "wrong" for f in judgement.findings):
        return judgement.wrong_as_a_whole(*next(a for a in judgement.along if abs(a[0] - a[1]) > 2 * a[2])), True
    if len(wrong) < FOUND_ENOUGH and _passes_without(slopes, judgement.findings, failing[0]):
        return replace(judgement, cause=_only_these(judgement)), True
    return judgement, True


def _accepted(slopes: Slopes, judgement: Judgement, found: list[numeric.Estimate]) -> Judgement:
    """All directions agree: as good as their error bars, on the scale of a typical entry's share."""
    size = float(np.median([abs(float(f.value)) for f in found]))
    typical = float(np.linalg.norm(slopes.claimed * slopes.size))
    largest = float(np.max(np.abs(slopes.claimed * slopes.size), initial=0.0))
    bar = max(float(f.error) for f in found)
    flat = size <= 4 * bar
    agreed = float(np.clip(-np.log10(max(bar / max(typical, 1e-300), 1e-16)), 0, 16))
    reason = Reason.TOO_FEW_DIGITS if not flat and agreed < 3 else judgement.reason
    return replace(judgement, flat=flat, agreed=agreed, seen=2 * bar / max(largest, 1e-300), reason=reason)


def _confirmed(slopes: Slopes, j: int, call: Call) -> Finding | None:
    """One entry that bisection found, by a difference along its coordinate; None where that sees no mistake."""
    subject = slopes.subject
    if call.m == 1:
        found = along(subject, j)
    else:
        unit = np.zeros(subject.n)
        unit[j] = 1.0
        found = slopes.slope(unit)
    yours, due, bar = float(slopes.claimed[j]), float(found.value), float(found.error)
    if found.reason is not None:
        return Finding(subject.label(j), j, yours, due, bar, Reason.of(found.reason))
    if abs(yours - due) > 2 * bar + 1e-12 * abs(due):
        note = f"{abs(yours - due) / max(bar, 1e-320):.0e} error bars of differences away"
        return Finding(subject.label(j), j, yours, due, bar, "wrong", note)
    return None


def _passes_without(slopes: Slopes, findings: Sequence[Finding], v: Vector) -> bool:
    """Whether the claim passes along v with the wrong entries put right: then no other entry is wrong."""
    right = copy.copy(slopes)
    right.claimed = slopes.claimed.copy()
    for f in findings:
        if f.status == "wrong":
            right.claimed[f.index] = f.reference
    return not right.gap(v)[0]


def _only_these(judgement: Judgement) -> str:
    wrong = sorted((f for f in judgement.findings if f.status == "wrong"), key=lambda f: f.index)
    names = ", ".join(f.label for f in wrong)
    return f"only {names} of {judgement.subject.n} entries {'is' if len(wrong) == 1 else 'are'} wrong"
