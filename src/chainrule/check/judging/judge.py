"""The judgement at one point: the form of the claim first, then each claimed number against the reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.claimed import Call, same, snapshot
from chainrule.check.judging import directional
from chainrule.check.judging.entries import compared
from chainrule.check.judging.judgement import Judgement
from chainrule.check.judging.reference import gather
from chainrule.check.subject import UNDEFINED, Subject, flat, quiet, result_eps
from chainrule.check.verdict import Reason
from chainrule.check.witness.evidence import FEW, MANY
from chainrule.check.witness.remainder import Remainder, remainder
from chainrule.check.witness.seen import roundoff
from chainrule.errors import DomainError
from chainrule.records import replace


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
    given: bool = True,
) -> Judgement:
    """Hold the claim against the witnesses at the point `args`, which was given or drawn."""
    subject = Subject(f, args, names, argnums)
    judgement, value = _value(Judgement(subject))
    if judgement.reason is not None:
        return judgement
    call = Call(df, kind, subject, value, seed)
    judgement = _claim(replace(judgement, call=call))
    claimed = judgement.claimed
    if claimed is None or claimed.values is None:
        return judgement
    entries = claimed.second or kind == "jvp" or (subject.n <= FEW and not (kind == "vjp" and call.m > 1))
    judgement = gather(judgement, thorough, claimed.second, entries, given)
    if not entries:
        judgement, done = directional.examine(judgement, rtol, seed, thorough)
        if not done:
            judgement = gather(judgement, thorough, claimed.second)
        elif not judgement.chosen:
            return judgement
    judgement = directional.remember(compared(judgement, rtol, kink))
    if thorough and kind in ("gradient", "jacobian") and call.m == 1 and subject.n <= 10 * MANY:
        return _with_remainder(judgement, remainder(subject, claimed.values, seed))
    return judgement


def _stands_clear(subject: Subject, left: Remainder) -> bool:
    """Whether the remainder is more than what the operations of f can round; not known where f cannot be traced."""
    bound = roundoff(subject, subject.f, subject.value)
    return bound is not None and left.rest > 4 * float(np.max(bound))


def _with_remainder(judgement: Judgement, left: Remainder | None) -> Judgement:
    """The order of the remainder needs no witness and no tolerance: it is never contradicted."""
    if left is None:
        return judgement
    judgement = replace(judgement, order=left.order)
    reference = judgement.reference
    if reference is None or not np.all(np.isfinite(reference)):
        return judgement
    claimed: Any = judgement.claimed
    allowed = float(np.asarray(judgement.tolerance) @ np.abs(left.direction))
    first = judgement.right and left.straight and 0.95 < left.order < 1.05 and left.first > 10 * allowed
    if first and _stands_clear(judgement.subject, left):
        note = f"{judgement.chosen} supports the claim, but the remainder that it leaves is of first order in the step"
        judgement = replace(judgement.noted(note), reason=Reason.DISAGREEMENT)
    due = abs(float((claimed.values - reference) @ left.direction))
    if judgement.wrong and not judgement.fault and left.order > 1.5 and due > 10 * left.first:
        note = f"{judgement.chosen} differs, but f follows the claim to second order"
        findings = tuple(
            replace(f, status=Reason.DISAGREEMENT, note=note) if f.status == "wrong" else f for f in judgement.findings
        )
        return replace(judgement, findings=findings, wrong_count=0)
    return judgement


# -- form ---------------------------------------------------------------------------------------------------------


def _value(judgement: Judgement) -> tuple[Judgement, Any]:
    """f at the point, called twice: defined, finite, the same both times, its arguments untouched?"""
    subject = judgement.subject
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
        note = f"the function raises {type(error).__name__}: {error} at {subject.shown()}"
        return replace(judgement.noted(note), reason=Reason.OUT_OF_DOMAIN), None
    subject.__dict__["value"] = a
    subject.result_eps = result_eps(first)
    if not same(given, kept):
        judgement = judgement.noted("the function changes its own argument; it was given copies")
    if a.shape != b.shape or not np.array_equal(a, b, equal_nan=True):
        note = f"two calls at the same point gave {a.ravel()[:3]} and {b.ravel()[:3]}"
        judgement = replace(judgement.noted(note), reason=Reason.RANDOM)
    elif not np.all(np.isfinite(a)):
        judgement = replace(judgement, reason=Reason.NON_FINITE)
    return judgement, first


def _claim(judgement: Judgement) -> Judgement:
    """The judgement with the claimed numbers, and with what is wrong with how they came about."""
    subject, call = judgement.subject, judgement.call
    given = (*subject.arguments(), *call.extra())
    kept = snapshot(given)
    try:
        with quiet():
            result = call.derivative(*given)
            again = call.derivative(*snapshot(kept))
    except UNDEFINED as error:
        kind = type(error).__name__
        fault = f"raises {kind}: {error} at {subject.shown()}, where the function has a value"
        return replace(judgement, fault=fault, cause=f"the derivative raises {kind} where the function has a value")
    claimed = call.read(result)
    fault, cause = claimed.fault, claimed.cause
    if claimed.values is not None:
        other = call.read(again)
        if not same(given, kept):
            fault = "the derivative changes its argument"
            cause = "it writes into the array it is given: work on a copy"
        elif other.values is None or not np.array_equal(claimed.values, other.values, equal_nan=True):
            fault = "the derivative gives different values for the same input"
            cause = "the derivative is random: it gives different values for the same input"
        else:
            fault = cause = ""
    return replace(judgement, claimed=claimed, fault=fault, cause=cause)
