"""Small entries beside large ones: rounding is judged on the scale of the largest entry, and so a mistake of 150 % in
an entry 1e16 times smaller would pass as rounding. Where rules and high precision know such an entry by itself, and the
claim's own operations cannot leave the gap, it is a mistake."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.claimed import Call
from chainrule.check.judging.confirm import VISIBLE, own_rounding
from chainrule.check.judging.judgement import Judgement
from chainrule.check.subject import Vector
from chainrule.check.witness.evidence import Evidence
from chainrule.check.witness.witnesses import ask, installed


def hidden(call: Call, verdict: Judgement, gap: Vector, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The known numbers whose gap is within the tolerance of the scale, and a mistake all the same."""
    none = np.zeros(gap.shape, dtype=bool)
    reference: Any = verdict.reference
    tolerance: Any = verdict.tolerance
    claimed: Any = verdict.claimed
    beside = known & (gap <= tolerance) & (gap > VISIBLE * np.abs(reference)) & (gap > 0)
    if not beside.any() or call.kind not in ("gradient", "jacobian") or gap.size != call.m * call.subject.n:
        return none
    own = own_rounding(call)
    precise = _heard("high precision", call, verdict)
    rules = _heard("reverse AD", call, verdict)
    if own is None or own.size != gap.size or precise is None or rules is None:
        return none
    due, by_rules, bar = (np.ravel(x) for x in (precise.value, rules.value, precise.bar))  # type: ignore[arg-type]
    apart = np.abs(claimed.values - due)
    sure = (apart > own + 2 * bar + VISIBLE * np.abs(due)) & (np.abs(by_rules - due) <= 0.1 * apart)
    found = beside & sure
    if found.any():
        reference[found], verdict.bar[found] = due[found], bar[found]  # type: ignore[index]
    return np.asarray(found)


def _heard(name: str, call: Call, verdict: Judgement) -> Evidence | None:
    """The evidence of a witness, asked now if it was not before; None where it does not speak."""
    found = next((e for e in verdict.evidence if e.name == name), None)
    if found is None and installed(name):
        found = ask(name, call.subject)
    return found if found is not None and found.speaks else None


__all__ = ["hidden"]
