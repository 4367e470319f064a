"""What a check found: one object for terminals, notebooks, logs and assertions."""

from __future__ import annotations

import math
from dataclasses import field, replace
from typing import Any

from chainrule.check.judging.judgement import Finding, Judgement
from chainrule.check.subject import short
from chainrule.check.verdict import Conclusion, Reason, Verdict
from chainrule.records import record


@record(frozen=True)
class Report:
    """The outcome of `check`. It does not change: `dataclasses.replace` makes another one.

    verdict    CORRECT, WRONG or UNDECIDED
    reason     why, when UNDECIDED; else None
    causes     the mistakes that explain the claim exactly, most telling first; [] when none does
    points     one Judgement for each point
    seed       what the random choices were drawn from
    power      the smallest relative mistake that would have been seen
    reading    how the claim was read, where not as documented; "" otherwise
    form       what is wrong with its form as documented, where the nearest reading was judged
    """

    name: str
    verdict: Verdict
    points: list[Judgement]
    seed: int
    reason: Reason | None = None
    causes: list[str] = field(default_factory=list)
    advice: str = ""
    replay: str = ""
    given: bool = False  # the points were given, not drawn: each of them appears in the text
    reading: str = ""
    form: str = ""

    def __bool__(self) -> bool:
        """Whether the verdict is CORRECT, so that `assert check(...)` means what it says."""
        return self.verdict is Verdict.CORRECT

    @classmethod
    def of(cls, name: str, judged: list[Judgement], conclusion: Conclusion, seed: int, **more: Any) -> Report:
        """The report on judgements and what follows from them."""
        reason, causes, advice = conclusion.reason, list(conclusion.causes), conclusion.advice
        return cls(name, conclusion.verdict, judged, seed, reason, causes, advice, **more)

    def concluded(self, conclusion: Conclusion) -> Report:
        """A report of these judgements with another conclusion."""
        reason, causes, advice = conclusion.reason, list(conclusion.causes), conclusion.advice
        return replace(self, verdict=conclusion.verdict, reason=reason, causes=causes, advice=advice)

    def noted(self, *notes: str) -> Report:
        """This report with notes on its first point."""
        return replace(self, points=[self.points[0].noted(*notes), *self.points[1:]])

    # -- numbers ----------------------------------------------------------------------------------------------

    @property
    def digits(self) -> int:
        """To how many decimal digits claim and reference agree at the worst point."""
        return int(min((j.digits for j in self.points if j.right), default=0))

    @property
    def power(self) -> float:
        """Never finer than the digits to which claim and reference agree at the worst point."""
        digits = min((j.digits for j in self.points if j.right), default=math.inf)
        return max(min((j.power for j in self.points), default=math.inf), math.pow(10.0, -digits))

    @property
    def order(self) -> float | None:
        """The order of the Taylor remainder that the claim leaves: 2 for a gradient, 1 for anything else."""
        return min((j.order for j in self.points if j.order is not None), default=None)

    @property
    def findings(self) -> list[Finding]:
        """The wrong numbers of the worst point first, then what could not be decided."""
        wrong = [f for j in self.points for f in j.findings if f.status == "wrong"]
        open_ = [f for j in self.points for f in j.findings if isinstance(f.status, Reason)]
        return [*wrong, *open_]

    @property
    def worst(self) -> Finding | None:
        """The number that is furthest off, in units of its tolerance."""
        return next(iter(self.findings), None)

    @property
    def wrong_points(self) -> list[Judgement]:
        return [j for j in self.points if j.wrong]

    # -- text -------------------------------------------------------------------------------------------------

    @property
    def headline(self) -> str:
        """The verdict and its heart; the verdict stands within the first 60 characters."""
        if self.verdict is Verdict.CORRECT:
            seen = f", power {self.power:.0e}" if math.isfinite(self.power) else ""
            what = f"CORRECT to {self.digits} digits" if self.digits else "CORRECT"
            read = f", read as {self.reading}" if self.reading else ""
            return f"{what} at {points(max(self._decided, 1))}{seen}{read}"
        if self.verdict is Verdict.UNDECIDED:
            assert self.reason is not None
            return f"UNDECIDED: {self.reason.name}, {self.reason.value}"
        fault = self.form or next((j.fault for j in self.points if j.fault), "")
        if fault:
            return f"WRONG: {fault}"
        worst = self.worst
        if worst is None:
            return "WRONG"
        if "left slope" in worst.note:
            return f"WRONG at {worst.label}: {worst.note}"
        found = f"{worst.label} is {number(worst.yours)}, not {number(worst.reference)}"
        return f"WRONG at {points(len(self.wrong_points))}: {found}"

    @property
    def _decided(self) -> int:
        return sum(j.right for j in self.points)

    def __str__(self) -> str:
        from chainrule.check.reports.text import as_text

        return as_text(self)

    def __repr__(self) -> str:
        return f"<Report {self.name}: {self.headline}>"

    # -- other forms --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "reason": self.reason.name if self.reason else None,
            "headline": self.headline,
            "causes": self.causes,
            "digits": self.digits,
            "power": _finite(self.power),
            "remainder_order": self.order,
            "seed": self.seed,
            "advice": self.advice,
            "reading": self.reading,
            "form": self.form,
            "replay": self.replay,
            "points": [_point(j) for j in self.points],
        }

    def to_json(self) -> str:
        """The report as strict JSON text (no NaN: such numbers are strings)."""
        import json

        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        from chainrule.check.reports.page import as_html

        return as_html(self)


def points(count: int) -> str:
    return f"{count} point{'s' * (count != 1)}"


def number(x: float) -> str:
    return f"{x:.10g}"


def _finite(x: float) -> Any:
    return float(x) if math.isfinite(x) else str(x)


def _point(j: Judgement) -> dict[str, Any]:
    return {
        "at": [short(a) for a in j.subject.args],
        "right": j.right,
        "flat": j.flat,
        "reason": j.undecided.name if j.undecided else None,
        "fault": j.fault,
        "reference_by": j.chosen,
        "digits": _finite(j.digits),
        "witnesses": [{"name": e.name, "speaks": e.speaks, "why": e.why} for e in j.evidence],
        "odd": j.odd,
        "findings": [
            {
                "element": f.label,
                "yours": _finite(f.yours),
                "reference": _finite(f.reference),
                "bar": _finite(f.bar),
                "status": f.status.name if isinstance(f.status, Reason) else f.status,
                "note": f.note,
            }
            for f in j.findings[:20]
        ],
        "notes": j.notes,
    }


class GradientError(AssertionError):
    """A claimed gradient is wrong, or could not be decided; carries the report."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report
