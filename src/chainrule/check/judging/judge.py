"""The judgement at one point: the form of the claim first, then each claimed number against the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.claimed import Call, Claimed, same, snapshot
from chainrule.check.judging import directional
from chainrule.check.judging.confirm import confirm, excused, own_rounding, projected_bar, rounding
from chainrule.check.judging.judgement import Finding, Judgement
from chainrule.check.judging.kinks import culprits, has_corner, on_a_break
from chainrule.check.judging.reference import choose, gather, slope_size
from chainrule.check.judging.small import hidden
from chainrule.check.subject import UNDEFINED, Subject, Vector, flat, quiet, result_eps
from chainrule.check.verdict import Reason
from chainrule.check.witness.evidence import FEW, MANY, Evidence, undoubted
from chainrule.check.witness.local_rules import first_wrong_rule
from chainrule.check.witness.remainder import Remainder, remainder
from chainrule.check.witness.seen import roundoff
from chainrule.errors import DomainError
from chainrule.numeric import Doubt

WORST = 5  # elements confirmed one by one before they are called wrong
WIDE = 1e-3  # of the slopes that value and argument promise: a bar beyond this tells nothing about flatness
LISTED = 100  # findings kept


def judge(
    f: Callable[..., Any],
    df: Callable[..., Any],
    args: tuple[Any, ...],
    *,
    kind: str,
    rtol: float,
    seed: int,
    names: Any,
    argnums: Any,
    thorough: bool,
    kink: str,
) -> Judgement:
    """Hold the claim against the witnesses at the point `args`."""
    subject = Subject(f, args, names, argnums)
    verdict = Judgement(subject)
    value = _value(subject, verdict)
    if verdict.reason is not None:
        return verdict
    call = Call(df, kind, subject, value, seed)
    verdict.call = call
    claimed = _claim(call, verdict)
    if claimed is None:
        return verdict
    verdict.claimed = claimed
    if claimed.values is None:
        verdict.fault, verdict.cause = claimed.fault, claimed.cause
        return verdict
    entries = claimed.second or kind == "jvp" or (subject.n <= FEW and not (kind == "vjp" and call.m > 1))
    gather(subject, verdict, thorough, claimed.second, entries)
    if not entries and not directional.examine(subject, call, verdict, rtol, seed, thorough):
        gather(subject, verdict, thorough, claimed.second)
    elif not entries and not verdict.chosen:
        return verdict
    _compare(subject, call, verdict, rtol, kink)
    directional.remember(verdict)
    if thorough and kind in ("gradient", "jacobian") and call.m == 1 and subject.n <= 10 * MANY:
        _heed_remainder(verdict, remainder(subject, claimed.values, seed))
    return verdict


def _stands_clear(subject: Subject, left: Remainder) -> bool:
    """Whether the remainder is more than what the operations of f can round; not known where f cannot be traced."""
    bound = roundoff(subject, subject.f, subject.value)
    return bound is not None and left.rest > 4 * float(np.max(bound))


def _heed_remainder(verdict: Judgement, left: Remainder | None) -> None:
    """The order of the remainder needs no witness and no tolerance: it is never contradicted."""
    if left is None or verdict.reference is None or not np.all(np.isfinite(verdict.reference)):
        verdict.order = None if left is None else left.order
        return
    verdict.order = left.order
    claimed: Any = verdict.claimed
    allowed = float(np.asarray(verdict.tolerance) @ np.abs(left.direction))
    first = verdict.right and left.straight and 0.95 < left.order < 1.05 and left.first > 10 * allowed
    if first and _stands_clear(verdict.subject, left):
        verdict.reason = Reason.DISAGREEMENT
        verdict.notes.append(
            f"{verdict.chosen} supports the claim, but the remainder that it leaves is of first order in the step"
        )
    due = abs(float((claimed.values - verdict.reference) @ left.direction))
    if verdict.wrong and not verdict.fault and left.order > 1.5 and due > 10 * left.first:
        for f in verdict.findings:
            if f.status == "wrong":
                f.status, f.note = (
                    Reason.DISAGREEMENT,
                    f"{verdict.chosen} differs, but f follows the claim to second order",
                )
        verdict.wrong_count = 0


# -- form ---------------------------------------------------------------------------------------------------------


def _value(subject: Subject, verdict: Judgement) -> Any:
    """f at the point, called twice: defined, finite, the same both times, its arguments untouched?"""
    try:
        with quiet():
            given = subject.arguments()
            kept = snapshot(given)
            first = subject.f(*given)
        again = subject.call()
        a, b = flat(first), flat(again)
    except (*UNDEFINED, DomainError) as error:
        if isinstance(error, TypeError):
            raise
        verdict.reason = Reason.OUT_OF_DOMAIN
        verdict.notes.append(f"the function raises {type(error).__name__}: {error} at {subject.shown()}")
        return None
    if not same(given, kept):
        verdict.notes.append("the function changes its own argument; it was given copies")
    if a.shape != b.shape or not np.array_equal(a, b, equal_nan=True):
        verdict.reason = Reason.RANDOM
        verdict.notes.append(f"two calls at the same point gave {a.ravel()[:3]} and {b.ravel()[:3]}")
    elif not np.all(np.isfinite(a)):
        verdict.reason = Reason.NON_FINITE
    subject.__dict__["value"] = a
    subject.result_eps = result_eps(first)
    return first


def _claim(call: Call, verdict: Judgement) -> Claimed | None:
    """The claimed numbers, with what is wrong with how they came about."""
    subject = call.subject
    given = (*subject.arguments(), *call.extra())
    kept = snapshot(given)
    try:
        with quiet():
            result = call.derivative(*given)
            again = call.derivative(*snapshot(kept))
    except UNDEFINED as error:
        verdict.fault = f"raises {type(error).__name__}: {error} at {subject.shown()}, where the function has a value"
        verdict.cause = f"the derivative raises {type(error).__name__} where the function has a value"
        return None
    if not same(given, kept):
        verdict.fault = "the derivative changes its argument"
        verdict.cause = "it writes into the array it is given: work on a copy"
    claimed = call.read(result)
    if claimed.values is not None:
        other = call.read(again)
        if other.values is None or not np.array_equal(claimed.values, other.values, equal_nan=True):
            verdict.fault = verdict.fault or "the derivative gives different values for the same input"
            verdict.cause = verdict.cause or "the derivative is random: it gives different values for the same input"
    return claimed


# -- comparison -----------------------------------------------------------------------------------------------------


def _compare(subject: Subject, call: Call, verdict: Judgement, rtol: float, kink: str) -> None:
    claimed: Any = verdict.claimed
    best = _best(verdict)
    if _rules_stand_alone(verdict):
        verdict.rule = first_wrong_rule(subject)
        if verdict.rule:
            verdict.notes.append(verdict.rule)
            verdict.evidence = [e for e in verdict.evidence if e.family != "rules"]
            verdict.reason = None
            best = _best(verdict)
    if best is None:
        return
    verdict.chosen = best.name
    reference = claimed.project(np.where(np.isfinite(best.value), best.value, np.nan))  # type: ignore[arg-type]
    bar = (
        projected_bar(call, best.bar)
        if call.kind in ("vjp", "jvp", "hvp")
        else np.abs(claimed.project(np.abs(best.bar)))  # type: ignore[arg-type]
    )
    doubts = _doubts(verdict.evidence, claimed.values.size)
    verdict.reference, verdict.bar = reference, bar
    eps = max(claimed.eps, subject.eps, subject.result_eps)
    if claimed.eps > max(subject.eps, subject.result_eps):
        verdict.notes.append("the claim is of a narrower floating type than f: only its digits are compared")
    tolerance = 2 * bar + max(rtol, 64 * eps) * np.abs(reference) + 64 * eps * _scales(subject, reference)
    verdict.tolerance = tolerance
    gap = np.abs(claimed.values - reference)
    unknown = ~np.isfinite(reference) | np.isin(_names(doubts), ["KINK", "JUMP"])
    if best.name == "differences":
        unknown |= ~undoubted(doubts)
    small = hidden(call, verdict, gap, ~unknown)
    gap[small] = np.abs(claimed.values - reference)[small]
    suspicious = (~(gap <= tolerance) | _is_single(claimed, reference, bar, subject)) & ~unknown
    reference[unknown] = np.nan
    known = ~unknown
    moving = np.abs(reference[known]) > 4 * bar[known]
    dead = best.name == "differences" or bool(np.all(np.abs(reference[known]) < 1e-300))
    blind = verdict.power >= 0.5  # half of the gradient could be missing without being seen
    verdict.flat = (blind or (not moving.any() and dead)) and not unknown.any()
    order = np.argsort(-np.where(np.isnan(gap), np.inf, gap / np.maximum(tolerance, 1e-300)))
    _examine(subject, call, verdict, suspicious, order)
    for i in map(int, np.flatnonzero(small)[:LISTED]):
        yours, due = float(claimed.values[i]), float(reference[i])
        note = "beside an entry so large that this looks like rounding; rules and high precision agree on it"
        verdict.findings.append(Finding(claimed.label(i), i, yours, due, float(bar[i]), "wrong", note))
        verdict.wrong_count += 1
    for i in np.flatnonzero(unknown)[:WORST]:
        verdict.findings.append(on_a_break(subject, verdict, int(i), doubts[i], kink))
    if any(f.status is Reason.KINK for f in verdict.findings):
        verdict.notes += [f"the kink comes from {name}" for name in culprits(subject)[:3]]
    if best.name == "differences" and (verdict.flat or verdict.digits < 4) and not unknown.any():
        corners = [j for j in range(min(subject.n, 8)) if call.m == 1 and has_corner(subject, j)]
        if corners and not verdict.wrong:
            verdict.flat, verdict.reason = False, Reason.KINK
    if verdict.flat and known.any() and 0 < WIDE * slope_size(subject) < float(np.max(bar[known])):
        verdict.flat, verdict.reason = False, Reason.TOO_FEW_DIGITS  # not flat: nothing is known
    few = best.name == "differences" and verdict.digits < 4 and not verdict.flat
    if few and not verdict.wrong and verdict.undecided is None:
        verdict.reason = Reason.TOO_FEW_DIGITS


def _rules_stand_alone(verdict: Judgement) -> bool:
    """Whether the operator table's rules are contradicted: by all others, or by the only other."""
    return verdict.reason is Reason.DISAGREEMENT or any(n in verdict.odd for n in ("reverse AD", "forward AD"))


def _best(verdict: Judgement) -> Evidence | None:
    """The witness whose numbers are the reference; on a kink the differences, which know both sides."""
    best = choose(verdict)
    if best is not None:
        return best
    differences = next((e for e in verdict.evidence if e.name == "differences"), None)
    if verdict.reason is None:
        verdict.reason = _why(differences)
    if verdict.reason is Reason.KINK and differences is not None and differences.speaks:
        verdict.reason = None
        return differences
    return None


def _why(differences: Evidence | None) -> Reason:
    if differences is not None and differences.reasons is not None:
        doubts = [d for d in differences.reasons.ravel() if d is not None]
        if doubts:
            return Reason.of(max(doubts, key=doubts.count))
    return Reason.TOO_FEW_DIGITS


def _doubts(evidence: list[Evidence], size: int) -> NDArray[np.object_]:
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
    for _, part in subject.slices():
        scale.reshape(-1, subject.n)[:, part] = np.max(table[:, part], axis=1, keepdims=True, initial=0.0)
    return scale


def _examine(
    subject: Subject, call: Call, verdict: Judgement, suspicious: NDArray[np.bool_], order: NDArray[np.intp]
) -> None:
    """The suspicious numbers, worst first: what is no rounding of the claim's own is confirmed, then called wrong."""
    claimed, reference, bar = verdict.claimed, verdict.reference, verdict.bar
    assert claimed is not None
    assert claimed.values is not None
    assert reference is not None
    assert bar is not None
    scattered: Vector | None = None
    own: Vector | None = None
    confirmed = 0
    for i in map(int, order[suspicious[order]]):
        yours, due = float(claimed.values[i]), float(reference[i])
        status: Any = "wrong"
        note = ""
        if np.isfinite(yours):
            if scattered is None:
                scattered, own = rounding(call), own_rounding(call)
            status, note = excused(call, verdict, i, scattered, own)
        if status == "wrong" and confirmed < WORST:
            if "precision only" not in note:
                status, note = confirm(subject, call, verdict, i)
            confirmed += 1
        verdict.wrong_count += status == "wrong"
        if len(verdict.findings) < LISTED:
            verdict.findings.append(Finding(claimed.label(i), i, yours, due, float(bar[i]), status, note))
