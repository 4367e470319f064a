"""What a check found: one object for terminals, notebooks, logs and assertions."""

from __future__ import annotations

import html
import json
import math
from dataclasses import dataclass, field
from typing import Any


from chainrule.check.judgement import Finding, Judgement
from chainrule.check.subject import short
from chainrule.check.verdict import Reason, Verdict

SHOWN = 6


@dataclass
class Report:
    """The outcome of `check`.

    verdict    CORRECT, WRONG or UNDECIDED
    reason     why, when UNDECIDED; else None
    causes     the mistakes that explain the claim exactly, most telling first; [] when none does
    points     one Judgement for each point
    seed       what the random choices were drawn from
    power      the smallest relative mistake that would have been seen
    """

    name: str
    verdict: Verdict
    points: list[Judgement]
    seed: int
    reason: Reason | None = None
    causes: list[str] = field(default_factory=list)
    advice: str = ""
    replay: str = ""

    # -- numbers ----------------------------------------------------------------------------------------------

    @property
    def digits(self) -> int:
        """To how many decimal digits claim and reference agree at the worst point."""
        return int(min((j.digits for j in self.points if j.right), default=0))

    @property
    def power(self) -> float:
        return min((j.power for j in self.points), default=math.inf)

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
    def _wrong_points(self) -> list[Judgement]:
        return [j for j in self.points if j.wrong]

    # -- text -------------------------------------------------------------------------------------------------

    @property
    def headline(self) -> str:
        """The verdict and its heart; the verdict stands within the first 60 characters."""
        if self.verdict is Verdict.CORRECT:
            seen = f", power {self.power:.0e}" if math.isfinite(self.power) else ""
            return f"CORRECT to {self.digits} digits at {_points(self._decided)}{seen}"
        if self.verdict is Verdict.UNDECIDED:
            assert self.reason is not None
            return f"UNDECIDED: {self.reason.name}, {self.reason.value}"
        fault = next((j.fault for j in self.points if j.fault), "")
        if fault:
            return f"WRONG: {fault}"
        worst = self.worst
        assert worst is not None
        return f"WRONG at {_points(len(self._wrong_points))}: {worst.label} is {_number(worst.yours)}, not {_number(worst.reference)}"

    @property
    def _decided(self) -> int:
        return sum(j.right for j in self.points)

    def __str__(self) -> str:
        lines = [self.headline]
        if self.causes:
            lines.append("")
            lines += [f"  likely cause   {self.causes[0]}", *(f"                 {c}" for c in self.causes[1:])]
        if self.verdict is Verdict.WRONG:
            lines += self._table()
        if self.verdict is Verdict.UNDECIDED:
            lines += [f"  {f.label}: {f.note}" for f in self.findings[:SHOWN] if f.note]
        lines += self._witness_lines()
        notes = list(dict.fromkeys(n for j in self.points for n in j.notes))
        lines += [f"  note           {n}" for n in notes[:4]]
        if self.advice:
            lines.append(f"  to settle it   {self.advice}")
        if self.replay:
            lines.append(f"  repeat         {self.replay}")
        return "\n".join(lines)

    def _table(self) -> list[str]:
        """The wrong numbers, worst first, one block for each argument's share of them."""
        rows = [("element", "yours", "reference", "bar", "ratio")]
        for j in self._wrong_points[:3]:
            for f in [f for f in j.findings if f.status == "wrong"][:SHOWN]:
                ratio = f.yours / f.reference if f.reference else math.nan
                rows.append((f.label, _number(f.yours), _number(f.reference), f"{f.bar:.0e}", f"{ratio:.6g}"))
        if len(rows) == 1:
            return []
        widths = [max(len(r[k]) for r in rows) for k in range(5)]
        lines = ["", "  " + "  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(rows[0], widths, strict=True)))]
        shown = iter(rows[1:])
        for j in self._wrong_points[:3]:
            count = sum(f.status == "wrong" for f in j.findings)
            if not count:
                continue
            for _ in range(min(count, SHOWN)):
                row = next(shown)
                lines.append("  " + "  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True))))
            total = j.claimed.values.size if j.claimed is not None and j.claimed.values is not None else 0
            lines.append(f"    at {j.subject.shown()}: {j.wrong_count} of {total} wrong")
        lines.append("")
        return lines

    def _witness_lines(self) -> list[str]:
        """Who agrees with whom, at the first point where anybody was asked."""
        judged = next((j for j in self._wrong_points if j.evidence), None) or next((j for j in self.points if j.evidence), None)
        if judged is None:
            return []
        speaking = [e.name for e in judged.evidence if e.speaks and e.name not in judged.odd]
        lines = []
        if speaking:
            lines.append(f"  witnesses      {' = '.join(speaking)}")
        if judged.odd:
            lines.append(f"  odd one out    {', '.join(judged.odd)}")
        silent = next((e for e in judged.evidence if e.name == "reverse AD" and not e.speaks), None)
        if silent is not None:
            lines.append(f"  not traced     {silent.why}; only function values were used")
        return lines

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
            "seed": self.seed,
            "advice": self.advice,
            "replay": self.replay,
            "points": [_point(j) for j in self.points],
        }

    def to_json(self) -> str:
        """The report as strict JSON text (no NaN: such numbers are strings)."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        from chainrule.check.page import as_html

        return as_html(self)

    def _ipython_display_fallback(self) -> str:  # pragma: no cover
        return html.escape(str(self))


def _points(count: int) -> str:
    return f"{count} point{'s' * (count != 1)}"


def _number(x: float) -> str:
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


__all__ = ["GradientError", "Report"]
