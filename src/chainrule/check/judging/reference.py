"""The reference at one point: which witnesses are asked, who agrees with whom, and whose numbers are taken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule.check.judging.judgement import Judgement
from chainrule.check.subject import Subject
from chainrule.check.verdict import Reason
from chainrule.check.witness.by_rules import scatter
from chainrule.check.witness.by_values import sees_another_function
from chainrule.check.witness.evidence import FEW, MANY, Evidence
from chainrule.check.witness.seen import terms
from chainrule.check.witness.witnesses import ask, installed
from chainrule.records import replace

ORDER = ("high precision", "SymPy", "reverse AD", "forward AD", "PyTorch", "JAX", "complex step", "differences")
VAGUE = 0.1  # of the slope: with wider bars a witness has nothing to say
FIRST = ("reverse AD", "differences")
HOME = {"torch": ("PyTorch", "differences"), "jax": ("JAX", "differences"), "": FIRST}
ROUNDED = ("rules", "PyTorch", "JAX")  # they compute in floats, by the chain rule, and lose the same digits
# Slow to load: SymPy is asked when others disagree, PyTorch then if it is loaded already, JAX for its own arrays only.
HEAVY = ("SymPy", "PyTorch", "JAX")


def gather(judgement: Judgement, thorough: bool, second: bool, entries: bool = True, given: bool = True) -> Judgement:
    """The judgement with what the witnesses say. Rules and differences are asked everywhere, the light ones at a
    thorough point, all of them where the first do not agree. 60 digits are light, but take a library that loads as long
    as a third of NumPy: at a drawn point that is clear without them they are left out.

    entries   whether differences are asked for every entry; else they follow along directions, and those that
              remain are not held against them here
    """
    subject = judgement.subject
    asked = _asked(subject, thorough, second, given) if entries else _asked_without_differences(subject, thorough)
    asked = [_not_finite(e) for e in sorted(asked, key=lambda e: ORDER.index(e.name))]
    return replace(judgement, evidence=tuple(_with_rounding(subject, asked, second)))


def _asked(subject: Subject, thorough: bool, second: bool, given: bool) -> list[Evidence]:
    names = HOME[subject.library]
    quick = not thorough and not second
    found = [ask(n, subject, second=second, quick=quick) for n in names]
    if quick and subject.n <= FEW and not (settled(found) and all(e.trusted.all() for e in found)):
        found[1] = ask(names[1], subject, second=second)
    if not subject.library and subject.n <= MANY:
        if thorough or not settled(found):
            clear = settled(found) and not given
            light = [n for n in ORDER if n not in HEAVY and not (clear and n == "high precision")]
            found += _others(subject, found, second, light)
        if not settled(found):
            loaded = ["PyTorch"] if installed("PyTorch", imported_only=True) else []
            found += _others(subject, found, second, ["SymPy", *loaded])
    return found if settled(found) else _without_strangers(subject, found)


def _asked_without_differences(subject: Subject, thorough: bool) -> list[Evidence]:
    found = [ask(HOME[subject.library][0], subject)]
    if thorough and not subject.library and subject.n <= MANY:
        found += _others(subject, found, False, [n for n in ORDER if n not in HEAVY and n != "differences"])
        speaking = [e for e in found if e.speaks]
        if not all(agree(speaking[0], e) for e in speaking[1:]):
            return _without_strangers(subject, found)
    return found


def _others(subject: Subject, asked: list[Evidence], second: bool, names: list[str]) -> list[Evidence]:
    """The evidence of those among `names` that were not asked before and are installed."""
    known = {e.name for e in asked}
    return [ask(n, subject, second=second) for n in names if n not in known and installed(n)]


def _not_finite(e: Evidence) -> Evidence:
    lost = e.speaks and e.family == "rules" and not np.all(np.isfinite(e.value))  # type: ignore[arg-type]
    return replace(e, why="not finite here") if lost else e


def _without_strangers(subject: Subject, evidence: list[Evidence]) -> list[Evidence]:
    """Where witnesses disagree, those that see another function a little beside the point do not speak."""
    why = "beside the point f gives it another value than for plain numbers"
    return [
        replace(e, value=None, bar=None, reasons=None, why=why)
        if e.speaks and sees_another_function(e.name, subject)
        else e
        for e in evidence
    ]


def _with_rounding(subject: Subject, evidence: list[Evidence], second: bool) -> list[Evidence]:
    """The chain rule in floats loses digits where the function cancels: where it stands against another witness,
    its bar is widened to what it scatters between nearby floats."""
    rules = [e for e in evidence if e.family in ROUNDED and e.speaks]
    others = [e for e in evidence if e.family not in ROUNDED and e.speaks and e.name != "differences"]
    if second or not rules or all(agree(a, b) for a in rules for b in others):
        return evidence
    found = scatter(subject)
    if found is None:
        return evidence
    return [
        replace(e, bar=e.bar + 4 * found)
        if e.family in ROUNDED and e.bar is not None and found.shape == e.bar.shape
        else e
        for e in evidence
    ]


def settled(evidence: list[Evidence]) -> bool:
    """Whether at least two families speak and all of them agree."""
    speaking = [e for e in evidence if e.speaks]
    return len({e.family for e in speaking}) >= 2 and all(agree(speaking[0], e) for e in speaking[1:])


def agree(a: Evidence, b: Evidence, apart_from: NDArray[np.bool_] | None = None) -> bool:
    """Whether two witnesses agree wherever neither doubts its own answer (and not at the breaks)."""
    assert a.value is not None
    assert b.value is not None
    assert a.bar is not None
    assert b.bar is not None
    if a.value.shape != b.value.shape:
        return False
    compared = a.trusted & b.trusted
    if apart_from is not None and apart_from.shape == compared.shape:
        compared &= ~apart_from
    if not compared.any():
        return False
    gap = np.abs(a.value - b.value)
    scale = np.max(np.abs(np.where(compared, b.value, 0)), initial=0.0)
    # The table's rules have no measured bar: digits that f itself loses are allowed on the scale of the row.
    close = gap <= 2 * (a.bar + b.bar) + 1e-12 * scale
    return bool(np.all(close[compared]))


def _breaks(speaking: list[Evidence]) -> NDArray[np.bool_] | None:
    """Where a witness of function values sees a kink or jump; None when none can see any."""
    seen = [
        np.isin(np.array([d.name if d else "" for d in e.reasons.ravel()]), ["KINK", "JUMP"]).reshape(e.value.shape)
        for e in speaking
        if e.reasons is not None and e.value is not None
    ]
    shapes = {b.shape for b in seen}
    return np.logical_or.reduce(seen) if len(shapes) == 1 else None


def _camp(e: Evidence) -> str:
    """Witnesses that can fail together count once: those that lose the same digits, and SymPy with them, since it
    differentiates the formula that the operator table spells."""
    return "floats" if e.family in (*ROUNDED, "formula") else e.family


def vague(e: Evidence, others: list[Evidence], size: float) -> bool:
    """Whether the bars of a witness are so wide that almost any answer would agree with it: it abstains.

    size   of the slopes that could be seen: |f| over |x|
    """
    scale = max((float(np.max(np.abs(o.value), initial=0.0)) for o in others if o is not e), default=0.0)  # type: ignore[arg-type]
    known = e.trusted
    bar = float(np.max(np.where(known, e.bar, 0.0), initial=0.0))  # type: ignore[arg-type]
    return bool(np.isfinite(scale)) and bar > VAGUE * max(scale, size)


def slope_size(subject: Subject) -> float:
    """The size of slopes at the point as far as value and argument tell."""
    value = float(np.max(np.abs(subject.value), initial=0.0))
    return value / max(float(np.max(np.abs(subject.x), initial=0.0)), 1e-3)


def _term_size(subject: Subject) -> float:
    """The size of slopes as far as the terms of the value tell, before they cancel."""
    found = terms(subject)
    size = 0.0 if found is None else float(np.max(found, initial=0.0))
    return size / max(float(np.max(np.abs(subject.x), initial=0.0)), 1e-3)


def choose(judgement: Judgement) -> tuple[Judgement, Evidence | None]:
    """The witness with the most supporters from other families; None when two camps are equally strong. And the
    judgement with who contradicts it, or why there is none."""
    speaking = sorted((e for e in judgement.evidence if e.speaks), key=lambda e: ORDER.index(e.name))
    breaks = _breaks(speaking)
    if breaks is not None and breaks.all():
        return replace(judgement, reason=Reason.KINK), None
    usable = [e for e in speaking if e.trusted.any()]
    size = slope_size(judgement.subject)
    clear = [e for e in usable if not vague(e, usable, size)]
    if len(clear) < len(usable):  # what cancels in f is no measure of its slopes: its terms are
        size = max(size, _term_size(judgement.subject))
        clear = [e for e in usable if not vague(e, usable, size)]
    usable = clear or usable
    if not usable:
        return judgement, None
    support = {
        e.name: {_camp(o) for o in usable if o is not e and _camp(o) != _camp(e) and agree(e, o, breaks)}
        for e in usable
    }
    best = max(usable, key=lambda e: len(support[e.name]))
    against = [e for e in usable if e is not best and not agree(e, best, breaks) and e.family != best.family]
    odd = tuple(e.name for e in against)
    judgement = replace(judgement, odd=odd)
    if len({_camp(e) for e in against}) <= len(support[best.name]):
        return judgement, best
    note = f"{best.name} and {', '.join(odd)} give different derivatives of the function"
    return replace(judgement.noted(note), reason=Reason.DISAGREEMENT), None
