"""One verdict from the judgements at all points, and advice where none could be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check import points as where
from chainrule.check.clock import Clock
from chainrule.check.judging.judgement import Judgement
from chainrule.check.judging.kinks import beside
from chainrule.check.subject import short
from chainrule.check.verdict import Conclusion, Reason, Verdict
from chainrule.check.witness.seen import run

# Of several reasons the one a user can act on best speaks for the check.
_RANK = list(Reason)

ADVICE = {
    Reason.KINK: "move the point, or accept any slope between left and right: kink='subgradient'",
    Reason.RANDOM: "fix the random numbers inside the function",
    Reason.NOISY: "evaluate the function in higher precision",
    Reason.OUT_OF_DOMAIN: "give points at which the function is defined: at=...",
    Reason.NON_FINITE: "give points at which the function is finite: at=...",
    Reason.OUT_OF_TIME: "give it more seconds, budget=, or fewer points; let loops end away from the point too",
    Reason.DISAGREEMENT: "see who disagrees: chainrule.compare(f, at)",
    Reason.FORM: "give arguments as the claim expects them: at=..., or say what it differentiates by: argnums=...",
    Reason.TOO_FEW_DIGITS: "try points at which less cancels, or write the function to lose fewer digits",
}


def conclude(
    f: Any, df: Any, judged: list[Judgement], kind: str, seed: int, *, given: bool, own: bool, clock: Clock
) -> Conclusion:
    """What follows from the judgements. `own` says that the claim is Chainrule's own derivative. When the time is over
    no cause is looked for."""
    if any(j.wrong for j in judged):
        from chainrule.check.diagnosis.diagnose import diagnose  # for what is wrong only

        causes: list[str] = clock.within(lambda: diagnose(f, df, judged, kind, seed, own=own), list)
        return Conclusion(Verdict.WRONG, causes=tuple(causes))
    if any(j.right for j in judged) and not must_stay_open(judged, given=given):
        return Conclusion(Verdict.CORRECT)
    reasons = [j.undecided for j in judged if j.undecided is not None]
    straight = kind == "hessian" and _is_straight(judged)
    if not reasons and not clock.over and (straight or _is_constant(f, judged, seed)):
        return Conclusion(Verdict.CORRECT)
    reason = min(reasons, key=_RANK.index) if reasons else Reason.FLAT
    advice = clock.within(lambda: _advice(f, judged, reason, seed), lambda: ADVICE[Reason.OUT_OF_TIME])
    return Conclusion(Verdict.UNDECIDED, reason, advice=advice)


def must_stay_open(judged: list[Judgement], *, given: bool) -> bool:
    """Randomness anywhere keeps a check open, and so do disagreement at a point that was asked for, one that was not
    reached in time, and a majority of such points that could not be decided. Of drawn points those count that can
    decide, unless most are in dispute."""
    open_ = [j.undecided for j in judged if j.undecided is not None]
    disputed = sum(r is Reason.DISAGREEMENT for r in open_)
    if given:
        never = (Reason.DISAGREEMENT, Reason.RANDOM, Reason.OUT_OF_TIME)
        return any(r in never for r in open_) or 2 * len(open_) > len(judged)
    return Reason.RANDOM in open_ or 2 * disputed > len(judged)


def looked_beside(judged: list[Judgement], seed: int, judge_at: Callable[[Any], Judgement]) -> list[Judgement]:
    """The judgements; the first at a kink with a note on what is true a measured distance beside it, where none is
    wrong: at the kink itself that decides nothing. `judge_at(args)` judges one more point."""
    at_kink = next((j for j in judged if j.undecided is Reason.KINK), None)
    if at_kink is None or any(j.wrong for j in judged):
        return judged
    notes = []
    for distance, args in beside(at_kink.subject, seed):
        found = judge_at(args)
        if found.wrong or found.right:
            word = "WRONG" if found.wrong else "right"
            notes.append(f"moved {distance:g} aside, to {found.subject.shown()}, it is {word}")
            if found.wrong:
                break
    return [j.noted(*notes) if j is at_kink else j for j in judged]


def _is_constant(f: Any, judged: list[Judgement], seed: int) -> bool:
    """Whether f does not depend on its arguments at all, here or on another branch: then a derivative of 0 is the
    whole truth."""
    for j in judged:
        try:
            recording = run(j.subject)
        except Exception:  # not traceable: nothing is known
            return False
        if any(recording.mine(y) for y in recording.results):
            return False
    subject = judged[0].subject
    return where.alive_nearby(f, subject.args, seed, subject.names, subject.argnums) is None


STRAIGHT = 4  # points at which a second derivative of 0 must be seen


def _is_straight(judged: list[Judgement]) -> bool:
    """Whether the second derivative is exactly 0 at all of several points, by rules, and so is the claim: of relu and
    of linear functions there is nothing else to see."""
    return len(judged) >= STRAIGHT and all(
        j.chosen in ("reverse AD", "forward AD")
        and j.reference is not None
        and j.claimed is not None
        and not np.any(j.reference)
        and not np.any(j.claimed.values)
        for j in judged
    )


def _advice(f: Any, judged: list[Judgement], reason: Reason, seed: int) -> str:
    if reason is not Reason.FLAT:
        return ADVICE.get(reason, "")
    subject = judged[0].subject
    found = where.alive_nearby(f, subject.args, seed, subject.names, subject.argnums)
    if found is None:
        return "look where the function moves: at=..., none was found near the points tried"
    shown = ", ".join(f"{n} = {short(x)}" for n, x in zip(subject.names, found, strict=True))
    return f"look where the function moves, for example at {shown}"
