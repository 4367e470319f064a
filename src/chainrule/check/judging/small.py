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
from chainrule.records import replace


def hidden(
    call: Call, judgement: Judgement, gap: Vector, known: NDArray[np.bool_]
) -> tuple[Judgement, NDArray[np.bool_]]:
    """The known numbers whose gap is within the tolerance of the scale, and a mistake all the same; and the judgement
    with their own references and bars."""
    none = np.zeros(gap.shape, dtype=bool)
    reference: Any = judgement.reference
    claimed: Any = judgement.claimed
    beside = known & (gap <= np.asarray(judgement.tolerance)) & (gap > VISIBLE * np.abs(reference)) & (gap > 0)
    if (
        call.subject.in_parts
        or not beside.any()
        or call.kind not in ("gradient", "jacobian")
        or gap.size != call.m * call.subject.n
    ):
        return judgement, none
    own = own_rounding(call)
    precise = _heard("high precision", call, judgement)
    rules = _heard("reverse AD", call, judgement)
    if own is None or own.size != gap.size or precise is None or rules is None:
        return judgement, none
    due, by_rules, bar = (np.ravel(x) for x in (precise.value, rules.value, precise.bar))  # type: ignore[arg-type]
    apart = np.abs(claimed.values - due)
    sure = (apart > own + 2 * bar + VISIBLE * np.abs(due)) & (np.abs(by_rules - due) <= 0.1 * apart)
    found = np.asarray(beside & sure)
    if not found.any():
        return judgement, found
    bars: Any = judgement.bar
    return replace(judgement, reference=np.where(found, due, reference), bar=np.where(found, bar, bars)), found


def _heard(name: str, call: Call, judgement: Judgement) -> Evidence | None:
    """The evidence of a witness, asked now if it was not before; None where it does not speak."""
    found = judgement.heard(name)
    if found is None and installed(name):
        found = ask(name, call.subject)
    return found if found is not None and found.speaks else None
