"""Before a number is called wrong: is the gap more than the claim's own rounding, and does another witness see it?"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.claimed import Call, Claimed
from chainrule.check.judging.judgement import Judgement
from chainrule.check.judging.kinks import along, between
from chainrule.check.subject import Subject, Vector, flat, quiet
from chainrule.check.verdict import Reason
from chainrule.check.witness import by_values
from chainrule.check.witness.evidence import MANY, Evidence
from chainrule.check.witness.seen import roundoff
from chainrule.check.witness.witnesses import ask, installed
from chainrule.numeric import Doubt

VISIBLE = 1e-4  # of the largest entry: a rounding beyond this is too much to call a claim right
ALONE = 20  # bars that a gap must have if only one kind of differences can see it


def projected_bar(call: Call, bar: Any) -> Vector:
    """The bar of the claimed numbers from the bars of the Jacobian's or Hessian's."""
    if call.kind == "vjp":
        return np.asarray(np.abs(call.weights) @ bar)
    return np.asarray(bar @ np.abs(call.vector))


# Multiples of an ulp by which the argument is moved, to see what a claim's rounding does: next to the point, which is
# left out itself (a claim that is wrong at one point only has neighbours that are right), and far enough to leave the
# steps in which a difference of nearly equal numbers moves.
OFFSETS = np.array([-17.0, -9.0, -4.0, 4.0, 9.0, 17.0])
WIDENED = (1, 2**12, 2**24)
WIDENED_SINGLE = (1, 2**10)
STEP = 2.0**-50


def rounding(call: Call) -> Vector:
    """How much the claim scatters about a smooth function of its argument: what is left of six neighbouring values
    when a polynomial of degree 3 is taken out. Measured once for each call."""
    if call.scatter is None:
        call.scatter = _scatter(call)
    found: Vector = call.scatter
    return found


def _scatter(call: Call) -> Vector:
    x = call.subject.x
    eps = max(call.subject.eps, call.subject.result_eps)
    if (size := getattr(call.derivative, "summed_from", None)) is not None:
        return np.full(call.read(call.raw()).values.size, UNITS * eps * size)  # type: ignore[union-attr]
    unit = np.spacing(np.abs(x)) * (1 if eps < 1e-10 else eps * 2.0**52)
    worst: Vector | None = None
    for width in WIDENED if eps < 1e-10 else WIDENED_SINGLE:
        try:
            values = [call.read(call.raw(x + k * width * unit)).values for k in OFFSETS]
        except Exception:  # undefined nearby: nothing to measure there
            continue
        if any(v is None for v in values):
            continue
        rest = np.abs(np.nan_to_num(_remaining() @ np.array(values)))
        found = SPREAD * np.max(rest, axis=0)
        found = np.maximum(found, _steps(np.array(values), call.subject) / 4)
        worst = found if worst is None else np.maximum(worst, found)
    return np.zeros(call.read(call.raw()).values.size) if worst is None else worst  # type: ignore[union-attr]


def _steps(values: Any, subject: Subject) -> Any:
    """The steps in which the neighbouring values move: the lowest bit that any of them has. A difference of numbers
    near 1 moves in steps of 2**-53 and cannot be closer to the truth; larger steps are those of no rounding, and 0."""
    found: Any = np.full(values.shape, np.inf)
    parts, exponents = np.frexp(values)
    whole = (parts * 2.0**53).astype(np.int64)
    known = whole != 0
    found[known] = np.ldexp((whole & -whole)[known].astype(float), exponents[known] - 53)
    steps = np.min(found, axis=0)
    size = max(1.0, float(np.max(np.abs(subject.value), initial=0.0)), float(np.max(np.abs(values), initial=0.0)))
    return np.where(steps <= STEP * size, steps, 0.0)


UNITS = 16  # of rounding, of the largest slope of a pass
SPREAD = 3  # two degrees of freedom are left of six: the largest residual is about a third of the largest error


@functools.cache
def _remaining() -> NDArray[np.float64]:
    """What takes six values to what a polynomial of degree 3 leaves of them."""
    powers = np.vander(OFFSETS / 17, 4)
    return np.asarray(np.eye(6) - powers @ np.linalg.pinv(powers))


def own_rounding(call: Call) -> Vector | None:
    """A bound for the rounding in each claimed number, from the claim's own operations; None where it cannot be
    traced, or traced gives other numbers."""
    if call.kind not in ("gradient", "jacobian") or call.subject.library or call.subject.n > MANY:
        return None
    if hasattr(call.derivative, "summed_from"):  # numbers, whose operations are not seen
        return None
    try:
        answer = call.raw()
        bound = roundoff(call.subject, call.derivative, flat(answer))
        if bound is None:
            return None
        bound = bound * max(1.0, call.read(answer).eps / max(call.subject.eps, call.subject.result_eps))
        if not isinstance(answer, np.ndarray):
            return np.asarray(bound)
        spread: Any = call.read(bound.reshape(answer.shape)).values  # a claim element by element stands on a diagonal
        return np.asarray(np.abs(spread))
    except Exception:  # containers of a form that is read elsewhere
        return None


def excused(call: Call, judgement: Judgement, i: int, scattered: Vector, own: Vector | None) -> tuple[Any, str]:
    """Whether the gap at number i is the claim's own loss of digits: ("right" or a Reason, why), else ("wrong", "").

    own   what `own_rounding` says: more than that is no rounding, whatever the neighbours do
    """
    claimed: Any = judgement.claimed
    reference: Any = judgement.reference
    yours, due = float(claimed.values[i]), float(reference[i])
    gap = abs(yours - due)
    single = gap > 2 * float(judgement.bar[i]) and is_single(yours, due, claimed, call.subject)  # type: ignore[index]
    if gap <= float(judgement.tolerance[i]) and not single:  # type: ignore[index]
        return "right", ""
    refused = ("wrong", "has the bits of single or half precision only" if single else "")
    bound = float(own[i]) if own is not None and own.size == claimed.values.size else None
    if bound is not None and gap > bound + 2 * judgement.bar[i]:  # type: ignore[index]
        return refused
    visible = gap > VISIBLE * float(np.max(np.abs(reference[np.isfinite(reference)])))
    exact = _in_high_precision(call, judgement, i, bound or 0.0) if own is not None else None
    if exact is not None:
        if not exact:
            return refused
        return (
            Reason.TOO_FEW_DIGITS if visible else "right"
        ), "right in exact arithmetic; the formula loses digits in floats"
    coarse = bound is not None and max(call.subject.eps, call.subject.result_eps) > 1e-10  # moves in wide steps
    if (gap <= 8 * scattered[i] or coarse) and not single:
        note = "the claimed formula loses digits here" if visible else "within the rounding of the claim itself"
        return (Reason.TOO_FEW_DIGITS if visible else "right"), note
    return refused


def is_single(yours: float, due: float, claimed: Claimed, subject: Subject) -> bool:
    """Whether a float64 claim of a float64 function was rounded to float32 or float16: its last bits are all 0,
    those of the truth are not.

    A difference of float64 numbers near 1 is a multiple of 2**-53, and below 2**-29 that looks like float32 as well:
    there nothing is said (nor below that part of the function's value or of the other claimed numbers)."""
    if claimed.eps > 1e-10 or subject.eps > 1e-10 or subject.result_eps > 1e-10:
        return False
    gap = abs(yours - due)
    others = [1.0, float(np.max(np.abs(subject.value), initial=0.0))]
    others += [float(np.max(np.abs(np.nan_to_num(claimed.values)), initial=0.0))]  # type: ignore[arg-type]
    if abs(yours) < 2.0**-29 * max(others):
        return False
    with np.errstate(all="ignore"):
        for kind, unit in ((np.float32, 2.0**-24), (np.float16, 2.0**-11)):
            if (
                float(kind(yours)) == yours
                and float(kind(due)) != due
                and 1e-10 * abs(due) < gap <= 64 * unit * abs(due)
            ):
                return True
    return False


def _in_high_precision(call: Call, judgement: Judgement, i: int, own: float) -> bool | None:
    """Whether number i is right when claim and truth are computed with 60 digits; None where the claim cannot be.

    own   what its operations may round in floats: 1 - 1 / (1 + exp(x)) loses all of 60 digits at -140
    """
    if call.kind not in ("gradient", "jacobian") or call.subject.library or not installed("high precision"):
        return None
    import mpmath

    subject = call.subject
    truth = judgement.heard("high precision")
    truth = truth or ask("high precision", subject)
    if truth.value is None:  # out of its reach, or put aside
        return None
    try:
        with quiet(), mpmath.workdps(by_values.DIGITS):
            vector = np.array([mpmath.mpf(v) for v in subject.x], dtype=object)
            values = by_values.precise(subject, vector, call.derivative)
            if len(values) != truth.value.size:
                return None
            due, bar = float(truth.value.ravel()[i]), float(truth.bar.ravel()[i])  # type: ignore[union-attr]
            lost = own * 2.0**53 * 10.0 ** (1 - by_values.DIGITS)
            allowed = 1e-12 * abs(due) + 2 * float(judgement.bar[i]) + 2 * bar + lost  # type: ignore[index]
            return bool(abs(float(values[i]) - due) <= allowed)
    except Exception:  # the claim does not run on such numbers
        return None


def confirm(judgement: Judgement, i: int) -> tuple[Any, str]:
    """Whether a witness of another family sees the same gap at number i."""
    subject, call = judgement.subject, judgement.call
    claimed: Any = judgement.claimed
    yours = float(claimed.values[i])
    if not np.isfinite(yours):
        return "wrong", "not a finite number"
    chosen = next(e for e in judgement.evidence if e.name == judgement.chosen)
    if chosen.name == "differences" and claimed.values.size % subject.n == 0 and not claimed.second:
        return _second_opinion(subject, judgement, i, yours) if call.kind not in ("vjp", "jvp") else ("wrong", "")
    for e in judgement.evidence:
        if not e.speaks or e.family == chosen.family:
            continue
        if e.reasons is not None and e.reasons.size == claimed.values.size and e.reasons.ravel()[i] is not None:
            continue
        value = float(claimed.project(e.value)[i])
        bar = float(_bar_of(call, claimed, e)[i])
        if np.isfinite(value) and abs(yours - value) > 2 * bar + 1e-12 * abs(value):
            return "wrong", f"{_bars(abs(yours - value), bar, value)} of {e.name} away"
    return _confirm_along(subject, call, judgement, i)


def _second_opinion(subject: Subject, judgement: Judgement, i: int, yours: float) -> tuple[Any, str]:
    """Where function values are all there is, extrapolated differences must see the gap as well."""
    row, j = divmod(i, subject.n)
    found = along(subject, j, row, method="richardson")
    near = abs(yours - found.value) <= 2 * found.error
    gap, bar = abs(yours - float(judgement.reference[i])), float(judgement.bar[i])  # type: ignore[index]
    if (found.reason is None and near) or (found.reason is not None and gap < ALONE * bar):
        return Reason.TOO_FEW_DIGITS, "two kinds of differences disagree about the last digits"
    return "wrong", f"{_bars(gap, bar, yours)} of differences away"


def _bars(gap: float, bar: float, value: float) -> str:
    return f"{gap / max(bar, 1e-16 * abs(value), 1e-320):.0e} error bars"


def _bar_of(call: Call, claimed: Claimed, e: Evidence) -> Vector:
    if call.kind in ("vjp", "jvp", "hvp"):
        return projected_bar(call, e.bar)
    return np.abs(claimed.project(np.abs(e.bar)))  # type: ignore[arg-type]


def _confirm_along(subject: Subject, call: Call, judgement: Judgement, i: int) -> tuple[Any, str]:
    """A difference along one coordinate, for functions of many numbers."""
    claimed: Any = judgement.claimed
    if claimed.second or call.kind in ("vjp", "jvp", "hvp"):
        return ("wrong", "") if judgement.chosen == "differences" else (Reason.TOO_FEW_DIGITS, "no second witness")
    row, j = divmod(i, subject.n)
    found = along(subject, j, row)
    yours = float(claimed.values[i])
    due = float(judgement.reference[i])  # type: ignore[index]
    if found.reason in (Doubt.KINK, Doubt.JUMP):
        return Reason.KINK, between(yours, found)
    if found.reason is not None:
        return Reason.of(found.reason), "no independent witness could confirm the gap"
    if abs(yours - found.value) > 2 * found.error + 1e-12 * abs(found.value):
        return "wrong", f"{_bars(abs(yours - found.value), float(found.error), float(found.value))} of differences away"
    if abs(due - found.value) <= 2 * found.error:
        return Reason.TOO_FEW_DIGITS, "differences cannot tell claim and reference apart"
    return Reason.DISAGREEMENT, "differences support the claim, rules do not"
