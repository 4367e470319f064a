"""The claimed numbers beside a reference, entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.judging.confirm import confirm, excused, own_rounding, projected_bar, rounding
from chainrule.check.judging.judgement import Finding, Judgement
from chainrule.check.judging.kinks import culprits, has_corner, on_a_break
from chainrule.check.judging.reference import choose, slope_size
from chainrule.check.judging.small import hidden
from chainrule.check.subject import Subject, Vector
from chainrule.check.verdict import Reason
from chainrule.check.witness.evidence import Evidence, undoubted
from chainrule.numeric import Doubt
from chainrule.records import replace

WORST = 5  # elements confirmed one by one before they are called wrong
WIDE = 1e-3  # of the slopes that value and argument promise: a bar beyond this tells nothing about flatness
LISTED = 100  # findings kept


def compared(judgement: Judgement, rtol: float, kink: str) -> Judgement:
    """The claimed numbers beside those of the witness that is chosen, entry by entry."""
    judgement, best = _with_best(judgement)
    if best is None:
        return judgement
    judgement = _with_reference(judgement, best, rtol)
    subject, call = judgement.subject, judgement.call
    claimed: Any = judgement.claimed
    doubts = _doubts(judgement.evidence, claimed.values.size)
    unknown = ~np.isfinite(judgement.reference) | np.isin(_names(doubts), ["KINK", "JUMP"])  # type: ignore[arg-type]
    if best.name == "differences":
        unknown |= ~undoubted(doubts)
    gap = np.abs(claimed.values - judgement.reference)
    judgement, small = hidden(call, judgement, gap, ~unknown)
    reference: Any = judgement.reference
    bar: Any = judgement.bar
    gap = np.where(small, np.abs(claimed.values - reference), gap)
    suspicious = (~(gap <= judgement.tolerance) | _is_single(claimed, reference, bar, subject)) & ~unknown
    judgement = replace(judgement, reference=np.where(unknown, np.nan, reference))
    judgement = replace(judgement, flat=_is_flat(judgement, best, unknown))
    tolerance: Any = judgement.tolerance
    order = np.argsort(-np.where(np.isnan(gap), np.inf, gap / np.maximum(tolerance, 1e-300)))
    judgement = _with_suspicious(judgement, suspicious, order)
    judgement = judgement.with_findings(*(_beside_large(judgement, int(i)) for i in np.flatnonzero(small)[:LISTED]))
    broken = [on_a_break(judgement, int(i), doubts[i], kink) for i in np.flatnonzero(unknown)[:WORST]]
    judgement = judgement.with_findings(*broken)
    if any(f.status is Reason.KINK for f in judgement.findings):
        judgement = judgement.noted(*(f"the kink comes from {name}" for name in culprits(subject)[:3]))
    return _weighed(judgement, best, unknown)


def _with_best(judgement: Judgement) -> tuple[Judgement, Evidence | None]:
    """The witness whose numbers are the reference. Rules that contradict all others are asked which of them is wrong,
    and are left out if one is."""
    first, best = _chosen(judgement)
    if first.reason is Reason.DISAGREEMENT or any(n in first.odd for n in ("reverse AD", "forward AD")):
        from chainrule.check.witness.local_rules import first_wrong_rule

        rule = first_wrong_rule(first.subject)
        if rule:
            others = tuple(e for e in first.evidence if e.family != "rules")
            return _chosen(replace(first.noted(rule), rule=rule, evidence=others, reason=None))
    return first, best


def _with_reference(judgement: Judgement, best: Evidence, rtol: float) -> Judgement:
    """The judgement with what the chosen witness says of the claimed numbers, its bars, and what is let pass."""
    subject, call = judgement.subject, judgement.call
    claimed: Any = judgement.claimed
    reference = claimed.project(np.where(np.isfinite(best.value), best.value, np.nan))  # type: ignore[arg-type]
    bar = (
        projected_bar(call, best.bar)
        if call.kind in ("vjp", "jvp", "hvp")
        else np.abs(claimed.project(np.abs(best.bar)))  # type: ignore[arg-type]
    )
    eps = max(claimed.eps, subject.eps, subject.result_eps)
    if claimed.eps > max(subject.eps, subject.result_eps):
        judgement = judgement.noted("the claim is of a narrower floating type than f: only its digits are compared")
    tolerance = 2 * bar + max(rtol, 64 * eps) * np.abs(reference) + 64 * eps * _scales(subject, reference)
    return replace(judgement, chosen=best.name, reference=reference, bar=bar, tolerance=tolerance)


def _is_flat(judgement: Judgement, best: Evidence, unknown: NDArray[np.bool_]) -> bool:
    """Whether no slope can be seen: half of the gradient could be missing, or nothing moves."""
    if unknown.any():
        return False
    reference, bar = np.abs(np.asarray(judgement.reference)), np.asarray(judgement.bar)
    dead = best.name == "differences" or bool(np.all(reference < 1e-300))
    return judgement.power >= 0.5 or (dead and not (reference > 4 * bar).any())


def _beside_large(judgement: Judgement, i: int) -> Finding:
    claimed, reference, bar = judgement.claimed, judgement.reference, judgement.bar
    note = "beside an entry so large that this looks like rounding; rules and high precision agree on it"
    yours, due = float(claimed.values[i]), float(reference[i])  # type: ignore[union-attr, index]
    return Finding(claimed.label(i), i, yours, due, float(bar[i]), "wrong", note)  # type: ignore[union-attr, index]


def _weighed(judgement: Judgement, best: Evidence, unknown: NDArray[np.bool_]) -> Judgement:
    """The judgement with the reason why what was seen is not enough, if it is not."""
    subject = judgement.subject
    by_differences = best.name == "differences"
    if by_differences and (judgement.flat or judgement.digits < 4) and not unknown.any():
        corners = judgement.call.m == 1 and any(has_corner(subject, j) for j in range(min(subject.n, 8)))
        if corners and not judgement.wrong:
            judgement = replace(judgement, flat=False, reason=Reason.KINK)
    bars = np.asarray(judgement.bar)[~unknown]
    if judgement.flat and bars.size and 0 < WIDE * slope_size(subject) < float(np.max(bars)):
        judgement = replace(judgement, flat=False, reason=Reason.TOO_FEW_DIGITS)  # not flat: nothing is known
    few = by_differences and judgement.digits < 4 and not judgement.flat
    if few and not judgement.wrong and judgement.undecided is None:
        return replace(judgement, reason=Reason.TOO_FEW_DIGITS)
    return judgement


def _chosen(judgement: Judgement) -> tuple[Judgement, Evidence | None]:
    """The witness that others support; on a kink the differences, which know both sides."""
    judgement, best = choose(judgement)
    if best is not None:
        return judgement, best
    differences = judgement.heard("differences")
    reason = judgement.reason or _why(differences)
    if reason is Reason.KINK and differences is not None and differences.speaks:
        return replace(judgement, reason=None), differences
    return replace(judgement, reason=reason), None


def _why(differences: Evidence | None) -> Reason:
    if differences is not None and differences.reasons is not None:
        doubts = [d for d in differences.reasons.ravel() if d is not None]
        if doubts:
            return Reason.of(max(doubts, key=doubts.count))
    return Reason.TOO_FEW_DIGITS


def _doubts(evidence: Sequence[Evidence], size: int) -> NDArray[np.object_]:
    """For each claimed number what differences doubt about it, or the kink that high precision sees there."""
    found = np.full(size, None, dtype=object)
    precise = next((e for e in evidence if e.name == "high precision" and e.speaks), None)
    for e in evidence:
        if e.name not in ("high precision", "differences") or e.reasons is None or e.reasons.size != size:
            continue
        doubts = e.reasons.ravel()
        if e.name == "differences" and precise is not None and precise.reasons is not None:
            # 60 digits tell a narrow curve from a kink; differences in floats cannot always.
            smooth = undoubted(precise.reasons.ravel()) & np.isin(_names(doubts), ["KINK", "JUMP"])
            doubts = np.array([None if s else d for s, d in zip(smooth, doubts, strict=True)], dtype=object)
        found = np.where(undoubted(doubts), found, doubts)
    return found


def _names(doubts: NDArray[np.object_]) -> list[str]:
    return [d.name if isinstance(d, Doubt) else "" for d in doubts]


def _is_single(claimed: Any, reference: Vector, bar: Vector, subject: Subject) -> NDArray[np.bool_]:
    """Numbers that have only the bits of float32 although everything around them has more."""
    if max(claimed.eps, subject.eps, subject.result_eps) > 1e-10:
        return np.zeros(reference.shape, dtype=bool)
    with np.errstate(all="ignore"):
        gap = np.abs(claimed.values - reference)
        single = claimed.values == claimed.values.astype(np.float32)
        own = np.mean(reference == reference.astype(np.float32))
        apart: NDArray[np.bool_] = (claimed.values != 0) & (gap > 2 * bar + 1e-10 * np.abs(reference))
        return np.asarray(single & apart & bool(np.mean(single) > 0.5 > own), dtype=bool)


def _scales(subject: Subject, reference: Vector) -> Vector:
    """For each number the largest reference of its argument: rounding is judged on that scale."""
    scale = np.zeros_like(reference)
    if reference.size % subject.n:
        scale[:] = np.max(np.abs(reference), initial=0.0)
        return scale
    table = np.abs(np.nan_to_num(reference)).reshape(-1, subject.n)
    for part in subject.ranges():
        scale.reshape(-1, subject.n)[:, part] = np.max(table[:, part], axis=1, keepdims=True, initial=0.0)
    if subject.folded and len(table) % 2 == 0:  # real parts of the result, and then imaginary ones
        halves = scale.reshape(2, -1)
        halves[:] = np.max(halves, axis=0)
    return scale


def _with_suspicious(judgement: Judgement, suspicious: NDArray[np.bool_], order: NDArray[np.intp]) -> Judgement:
    """The suspicious numbers, worst first: what is no rounding of the claim's own is confirmed, then called wrong."""
    call = judgement.call
    values, label = judgement.claimed.values, judgement.claimed.label  # type: ignore[union-attr]
    reference: Any = judgement.reference
    bar: Any = judgement.bar
    scattered: Vector | None = None
    own: Vector | None = None
    confirmed = 0
    findings = []
    for i in map(int, order[suspicious[order]]):
        yours, due = float(values[i]), float(reference[i])  # type: ignore[index]
        status: Any = "wrong"
        note = ""
        if np.isfinite(yours):
            if scattered is None:
                scattered, own = rounding(call), own_rounding(call)
            status, note = excused(call, judgement, i, scattered, own)
        if status == "wrong" and confirmed < WORST:
            if "precision only" not in note:
                status, note = confirm(judgement, i)
            confirmed += 1
        findings.append(Finding(label(i), i, yours, due, float(bar[i]), status, note))
    counted = judgement.with_findings(*findings)
    return replace(counted, findings=counted.findings[:LISTED])
