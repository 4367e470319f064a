"""What was found at one point, and about each claimed number there."""

from __future__ import annotations

import functools
from dataclasses import field
from typing import Any

import numpy as np

from chainrule.check.claimed import Claimed
from chainrule.check.subject import Subject, Vector
from chainrule.check.verdict import Reason
from chainrule.check.witness.evidence import Evidence
from chainrule.records import record, replace


@record(frozen=True)
class Finding:
    """One claimed number beside its reference.

    status   "right", "wrong", or the Reason why it could not be decided
    """

    label: str
    index: int
    yours: float
    reference: float
    bar: float
    status: Any
    note: str = ""


@record(frozen=True, eq=False, repr=False)
class Judgement:
    """What was found at one point. It does not change: each step of judging returns another one."""

    subject: Subject
    claimed: Claimed | None = None
    reference: Vector | None = None
    bar: Vector | None = None
    tolerance: Vector | None = None
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    chosen: str = ""
    odd: tuple[str, ...] = ()
    reason: Reason | None = None
    fault: str = ""
    cause: str = ""
    unread: str = ""  # what was wrong with the form of an answer that decides nothing
    notes: tuple[str, ...] = ()
    flat: bool = False
    wrong_count: int = 0
    agreed: float | None = None  # digits of agreement, where the claim was seen along directions only
    seen: float | None = None  # and the smallest relative mistake in its largest entry that would have shown
    call: Any = field(default=None, repr=False)  # the claimed derivative, as it was called here
    rule: str = ""  # the operator whose own rule is wrong, if one is
    order: float | None = None  # of the Taylor remainder that the claim leaves
    along: tuple[tuple[float, float, float], ...] = ()  # (claim, slope, bar) along directions

    def __repr__(self) -> str:
        """Where, what became of it, and the first number that is wrong."""
        said = self.undecided.name if self.undecided is not None else ""
        wrong = [f for f in self.findings if f.status == "wrong"]
        if wrong or self.fault:
            first = f" {wrong[0].label} is {wrong[0].yours:.6g}, not {wrong[0].reference:.6g}" if wrong else ""
            said = f"WRONG,{first or ' ' + self.fault}"
        right = "RIGHT" if self.right else "flat: says little" if self.flat else "not judged yet"
        return f"<Judgement at {self.subject.shown()}: {said or right}>"

    def __getstate__(self) -> dict[str, Any]:
        """For pickle: what a report tells, without the functions that were asked."""
        read = self.claimed
        told = None if read is None else replace(read, project=np.ravel, label=str)
        return {**self.__dict__, "claimed": told, "call": None}

    def noted(self, *notes: str) -> Judgement:
        """This judgement with further notes."""
        return replace(self, notes=(*self.notes, *notes)) if notes else self

    def with_findings(self, *findings: Finding) -> Judgement:
        """This judgement with further findings, the wrong ones among them counted."""
        wrong = sum(f.status == "wrong" for f in findings)
        return replace(self, findings=(*self.findings, *findings), wrong_count=self.wrong_count + wrong)

    def wrong_as_a_whole(self, claim: float, slope: float, bar: float) -> Judgement:
        """This judgement of a claim that is wrong along a random direction; the finding comes first."""
        finding = Finding("a random direction", -1, claim, slope, bar, "wrong", "seen along it as a whole")
        return replace(self, findings=(finding, *self.findings), wrong_count=max(self.wrong_count, 1))

    def heard(self, name: str) -> Evidence | None:
        """The evidence of a witness, if it was asked."""
        return next((e for e in self.evidence if e.name == name), None)

    def without_form(self) -> Judgement:
        """As it counts at a point that was not asked for: an answer that cannot be read, or an exception in place of
        one, tells that the claim is made for other arguments. (A missing return is a missing return anywhere.)"""
        if self.fault and (self.claimed is None or self.claimed.values is None) and "return missing" not in self.fault:
            return replace(self.noted(self.fault), unread=self.fault, fault="", cause="", reason=Reason.FORM)
        return self

    @property
    def wrong(self) -> bool:
        return bool(self.fault) or any(f.status == "wrong" for f in self.findings)

    @property
    def undecided(self) -> Reason | None:
        """The reason that this point decides nothing, or None."""
        if self.wrong:
            return None
        return self.reason or next((f.status for f in self.findings if isinstance(f.status, Reason)), None)

    @property
    def right(self) -> bool:
        return not self.wrong and self.undecided is None and not self.flat

    @functools.cached_property
    def digits(self) -> float:
        """To how many decimal digits claim and reference agree, on the scale of the largest entry."""
        if self.agreed is not None:
            return self.agreed
        if self.reference is None or self.claimed is None or self.claimed.values is None or not self.reference.size:
            return 0.0
        known = np.isfinite(self.reference)
        scale = float(np.max(np.abs(self.reference[known]), initial=0.0))
        if not scale:
            return 16.0
        assert self.bar is not None
        gap = np.maximum(np.abs(self.claimed.values - self.reference), self.bar)[known]
        return float(np.clip(-np.log10(max(float(np.max(gap, initial=0.0)) / scale, 1e-16)), 0, 16))

    @functools.cached_property
    def power(self) -> float:
        """The smallest relative mistake in the whole gradient that would have been seen here."""
        if self.seen is not None and not self.flat:
            return self.seen
        if self.reference is None or self.tolerance is None or self.flat:
            return np.inf
        informative = np.abs(self.reference) > 0
        if not informative.any():
            return np.inf
        return float(np.min(self.tolerance[informative] / np.abs(self.reference[informative])))
