"""Before a number is called wrong: is the gap more than the claim's own rounding, and does somebody else see it?"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.check.expected import Call, Claimed
from chainrule.check.judging.breaks import along, between
from chainrule.check.judging.judgement import Judgement
from chainrule.check.subject import Subject, Vector, quiet
from chainrule.check.verdict import Reason
from chainrule.check.witness import by_values
from chainrule.check.witness.evidence import Evidence
from chainrule.check.witness.witnesses import ask, installed
from chainrule.numeric import Doubt

VISIBLE = 1e-4  # of the largest entry: a rounding beyond this is too much to call a claim right
ALONE = 20  # bars that a gap must have if only one kind of differences can see it


def projected_bar(call: Call, bar: Any) -> Vector:
    """The bar of the claimed numbers from the bars of the Jacobian's or Hessian's."""
    if call.kind == "vjp":
        return np.asarray(np.abs(call.weights) @ bar)
    return np.asarray(bar @ np.abs(call.vector))


def rounding(call: Call) -> Vector:
    """How much the claim scatters when its argument moves by a few ulp: what is left of three neighbouring
    values after their common slope is taken out."""
    x = call.subject.x
    worst: Vector | None = None
    for k in (4, 9, 17):
        step = k * np.spacing(np.abs(x)) * (1 if call.subject.eps < 1e-10 else call.subject.eps * 2.0**52)
        try:
            three = [call.read(call.raw(x + s * step)).values for s in (-1, 0, 1)]
        except Exception:  # undefined nearby: nothing to measure there
            continue
        if any(v is None for v in three):
            continue
        bend = np.abs(three[0] - 2 * three[1] + three[2])  # type: ignore[operator]
        worst = bend if worst is None else np.maximum(worst, bend)
    return np.zeros(call.read(call.raw()).values.size) if worst is None else np.nan_to_num(worst)  # type: ignore[union-attr]


def excused(call: Call, verdict: Judgement, i: int, scattered: Vector) -> tuple[Any, str]:
    """Whether the gap at number i is the claim's own loss of digits: ("right" or a Reason, why), else ("wrong", "")."""
    claimed: Any = verdict.claimed
    reference: Any = verdict.reference
    yours, due = float(claimed.values[i]), float(reference[i])
    gap = abs(yours - due)
    if gap > 2 * float(verdict.bar[i]) and is_single(yours, due, claimed, call.subject):  # type: ignore[index]
        return "wrong", "has the bits of single or half precision only"
    visible = gap > VISIBLE * float(np.max(np.abs(reference[np.isfinite(reference)])))
    if gap <= 8 * scattered[i]:
        note = "the claimed formula loses digits here" if visible else "within the rounding of the claim itself"
        return (Reason.TOO_FEW_DIGITS if visible else "right"), note
    exact = _in_high_precision(call, verdict, i)
    if exact is not None and exact <= 1e-12 * abs(due) + 2 * verdict.bar[i]:  # type: ignore[index]
        return (
            Reason.TOO_FEW_DIGITS if visible else "right"
        ), "right in exact arithmetic; the formula loses digits in floats"
    return "wrong", ""


def is_single(yours: float, due: float, claimed: Claimed, subject: Subject) -> bool:
    """Whether a float64 claim of a float64 function was rounded to float32 or float16: its last bits are all 0,
    those of the truth are not."""
    if claimed.eps > 1e-10 or subject.eps > 1e-10 or subject.result_eps > 1e-10:
        return False
    gap = abs(yours - due)
    with np.errstate(all="ignore"):
        for kind, unit in ((np.float32, 2.0**-24), (np.float16, 2.0**-11)):
            if (
                float(kind(yours)) == yours
                and float(kind(due)) != due
                and 1e-10 * abs(due) < gap <= 64 * unit * abs(due)
            ):
                return True
    return False


def _in_high_precision(call: Call, verdict: Judgement, i: int) -> float | None:
    """|claim - truth| of number i, both with 60 digits; None where the claim cannot be run so."""
    if call.kind not in ("gradient", "jacobian") or call.subject.library or not installed("high precision"):
        return None
    import mpmath

    subject = call.subject
    truth = next((e for e in verdict.evidence if e.name == "high precision" and e.speaks), None)
    truth = truth or ask("high precision", subject)
    if truth.value is None:
        return None
    try:
        with quiet(), mpmath.workdps(by_values.DIGITS):
            vector = np.array([mpmath.mpf(v) for v in subject.x], dtype=object)
            values = by_values.precise(subject, vector, call.derivative)
            exact = truth.value
            return abs(float(values[i]) - float(exact.ravel()[i])) if len(values) == exact.size else None
    except Exception:  # the claim does not run on such numbers
        return None


def confirm(subject: Subject, call: Call, verdict: Judgement, i: int) -> tuple[Any, str]:
    """Whether a witness of another family sees the same gap at number i."""
    claimed: Any = verdict.claimed
    yours = float(claimed.values[i])
    if not np.isfinite(yours):
        return "wrong", "not a finite number"
    chosen = next(e for e in verdict.evidence if e.name == verdict.chosen)
    if chosen.name == "differences" and claimed.values.size % subject.n == 0 and not claimed.second:
        return _second_opinion(subject, verdict, i, yours) if call.kind not in ("vjp", "jvp") else ("wrong", "")
    for e in verdict.evidence:
        if not e.speaks or e.family == chosen.family:
            continue
        if e.reasons is not None and e.reasons.size == claimed.values.size and e.reasons.ravel()[i] is not None:
            continue
        value = float(claimed.project(e.value)[i])
        bar = float(_bar_of(call, claimed, e)[i])
        if np.isfinite(value) and abs(yours - value) > 2 * bar + 1e-12 * abs(value):
            return "wrong", f"{_bars(abs(yours - value), bar, value)} of {e.name} away"
    return _confirm_along(subject, call, verdict, i)


def _second_opinion(subject: Subject, verdict: Judgement, i: int, yours: float) -> tuple[Any, str]:
    """Where function values are all there is, extrapolated differences must see the gap as well."""
    row, j = divmod(i, subject.n)
    found = along(subject, j, row, method="richardson")
    near = abs(yours - found.value) <= 2 * found.error
    gap, bar = abs(yours - float(verdict.reference[i])), float(verdict.bar[i])  # type: ignore[index]
    if (found.reason is None and near) or (found.reason is not None and gap < ALONE * bar):
        return Reason.TOO_FEW_DIGITS, "two kinds of differences disagree about the last digits"
    return "wrong", f"{_bars(gap, bar, yours)} of differences away"


def _bars(gap: float, bar: float, value: float) -> str:
    return f"{gap / max(bar, 1e-16 * abs(value), 1e-320):.0e} error bars"


def _bar_of(call: Call, claimed: Claimed, e: Evidence) -> Vector:
    if call.kind in ("vjp", "jvp", "hvp"):
        return projected_bar(call, e.bar)
    return np.abs(claimed.project(np.abs(e.bar)))  # type: ignore[arg-type]


def _confirm_along(subject: Subject, call: Call, verdict: Judgement, i: int) -> tuple[Any, str]:
    """A difference along one coordinate, for functions of many numbers."""
    claimed: Any = verdict.claimed
    if claimed.second or call.kind in ("vjp", "jvp", "hvp"):
        return ("wrong", "") if verdict.chosen == "differences" else (Reason.TOO_FEW_DIGITS, "no second witness")
    row, j = divmod(i, subject.n)
    found = along(subject, j, row)
    yours = float(claimed.values[i])
    due = float(verdict.reference[i])  # type: ignore[index]
    if found.reason in (Doubt.KINK, Doubt.JUMP):
        return Reason.KINK, between(yours, found)
    if found.reason is not None:
        return Reason.of(found.reason), "no independent witness could confirm the gap"
    if abs(yours - found.value) > 2 * found.error + 1e-12 * abs(found.value):
        return "wrong", f"{_bars(abs(yours - found.value), float(found.error), float(found.value))} of differences away"
    if abs(due - found.value) <= 2 * found.error:
        return Reason.TOO_FEW_DIGITS, "differences cannot tell claim and reference apart"
    return Reason.DISAGREEMENT, "differences support the claim, rules do not"


__all__ = ["confirm", "excused", "is_single", "projected_bar", "rounding"]
