"""A report as plain text: for terminals, logs, assertions. The first line has the verdict; the worst comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from chainrule.check.judging.judgement import Finding, Judgement
from chainrule.check.verdict import Reason, Verdict

if TYPE_CHECKING:
    from chainrule.check.reports.report import Report

SHOWN = 6  # wrong numbers of a point
POINTS = 3  # points with a table
NOTES = 4
HEAD = ("element", "yours", "reference", "bar", "ratio", "digits")


def as_text(report: Report) -> str:
    """The whole report; what cannot be shown is left out, never raised."""
    lines = [report.headline, *_line("read as", "" if report.verdict is Verdict.CORRECT else report.reading)]
    parts = (_arguments, _table, _each, _open, _causes, _witnesses, _second_opinion, _breaks_and_noise, _notes)
    for part in parts:
        try:
            lines += part(report)
        except Exception as error:  # a report must not hide its verdict
            lines.append(f"  (a part of the report failed: {type(error).__name__})")
    lines += _line("to settle it", report.advice) + _line("repeat", report.replay)
    return "\n".join(lines)


def _line(name: str, text: str) -> list[str]:
    return [f"  {name:<14} {text}"] if text else []


def _arguments(report: Report) -> list[str]:
    """With several arguments, how each fared at the worst point."""
    judged = next((j for j in report.wrong_points if j.claimed is not None and j.reference is not None), None)
    if judged is None or len(judged.subject.slices()) < 2 or judged.reference.size % judged.subject.n:  # type: ignore[union-attr]
        return []
    wrong = {f.index % judged.subject.n for f in judged.findings if f.status == "wrong"}
    rows = [("argument", "shape", "wrong", "worst abs", "worst rel")]
    gap = np.abs(judged.claimed.values - judged.reference).reshape(-1, judged.subject.n)  # type: ignore[union-attr, operator]
    size = np.abs(judged.reference).reshape(-1, judged.subject.n)  # type: ignore[arg-type]
    for (name, part), k in zip(judged.subject.slices(), judged.subject.argnums, strict=True):
        count = len(wrong & set(range(part.start, part.stop)))
        worst, largest = float(np.nanmax(gap[:, part])), float(np.nanmax(size[:, part]))
        relative = f"{worst / largest:.1e}" if largest else "-"
        shape = str(np.shape(judged.subject.args[k])) if not isinstance(judged.subject.args[k], dict) else "dict"
        rows.append((name, shape, f"{count} of {part.stop - part.start}", f"{worst:.1e}", relative))
    return ["", *_aligned(rows, 2)]


def _table(report: Report) -> list[str]:
    """The wrong numbers, worst first, point by point."""
    blocks = [(j, [f for f in j.findings if f.status == "wrong"][:SHOWN]) for j in report.wrong_points[:POINTS]]
    blocks = [(j, found) for j, found in blocks if found]
    if not blocks:
        return []
    rows = _aligned([HEAD, *(_row(f) for _, found in blocks for f in found)], 1)
    lines, rest = ["", rows[0]], iter(rows[1:])
    for j, found in blocks:
        lines += [next(rest) for _ in found]
        total = j.claimed.values.size if j.claimed is not None and j.claimed.values is not None else 0
        lines.append(f"    at {j.subject.shown()}: {j.wrong_count} of {total} wrong")
    more = len(report.wrong_points) - len(blocks)
    return [*lines, *([f"    and at {more} more point{'s' * (more != 1)}"] if more > 0 else []), ""]


def _row(f: Finding) -> tuple[str, ...]:
    ratio = f"{f.yours / f.reference:.6g}" if f.reference and math.isfinite(f.reference) else "-"
    trusted = -math.log10(f.bar / abs(f.reference)) if f.bar and f.reference and math.isfinite(f.bar) else 16.0
    return f.label, f"{f.yours:.10g}", f"{f.reference:.10g}", f"{f.bar:.0e}", ratio, str(max(0, min(16, int(trusted))))


def _aligned(rows: Sequence[tuple[str, ...]], left: int) -> list[str]:
    """Rows as columns, the first `left` of them flush left."""
    widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    return [
        (
            "  "
            + "  ".join(c.ljust(w) if k < left else c.rjust(w) for k, (c, w) in enumerate(zip(r, widths, strict=True)))
        ).rstrip()
        for r in rows
    ]


def _each(report: Report) -> list[str]:
    """Every point that was given, and how it fared."""
    if not report.given or len(report.points) < 2:
        return []
    rows = [(f"at {j.subject.shown()}", _fared(j)) for j in report.points]
    return [*_aligned(rows, 2), ""]


def _fared(j: Judgement) -> str:
    if j.fault:
        return f"WRONG: {j.fault}"
    if j.wrong:
        total = j.claimed.values.size if j.claimed is not None and j.claimed.values is not None else 0
        return f"WRONG ({max(j.wrong_count, 1)} of {total})"
    if j.undecided is not None:
        return f"undecided: {j.undecided.name}"
    return "flat" if j.flat else f"right to {int(j.digits)} digits"


def _open(report: Report) -> list[str]:
    """What could not be decided, and between which slopes the claim lies."""
    if report.verdict is not Verdict.UNDECIDED:
        return []
    return [f"  {f.label}: {f.note}" for f in report.findings[:SHOWN] if f.note]


def _causes(report: Report) -> list[str]:
    if not report.causes:
        return []
    return [f"  likely cause   {report.causes[0]}", *(f"                 {c}" for c in report.causes[1:])]


def _asked(report: Report) -> Judgement | None:
    return next((j for j in report.wrong_points if j.evidence), None) or next(
        (j for j in report.points if j.evidence), None
    )


def _witnesses(report: Report) -> list[str]:
    """Who agrees with whom, at the first point where anybody was asked."""
    judged = _asked(report)
    if judged is None:
        return []
    speaking = [e.name for e in judged.evidence if (e.speaks or "along" in e.name) and e.name not in judged.odd]
    lines = _line("witnesses", " = ".join(speaking)) + _line("odd one out", ", ".join(judged.odd))
    silent = next((e for e in judged.evidence if e.name == "reverse AD" and not e.speaks), None)
    if silent is not None:
        lines += _line("not traced", f"{silent.why}; only function values were used")
    return lines


def _second_opinion(report: Report) -> list[str]:
    """The order of the Taylor remainder."""
    if report.order is None or report.verdict is Verdict.UNDECIDED:
        return []
    if (report.verdict is Verdict.CORRECT) is (report.order < 1.5):  # a kink, or a mistake too small for it
        return []
    meaning = (
        "a gradient leaves 2" if report.order > 1.5 else "a gradient leaves 2, this one leaves a first-order error"
    )
    return _line("remainder", f"of order {report.order:.2f} in the step: {meaning}")


def _breaks_and_noise(report: Report) -> list[str]:
    seen = sorted(
        {d.name for j in report.points for e in j.evidence if e.reasons is not None for d in e.reasons.ravel() if d}
    )
    called = any(j.evidence for j in report.points)
    if (report.verdict is Verdict.CORRECT and not seen) or not called:
        return []
    kinks = [n for n in seen if n in ("KINK", "JUMP")]
    text = ", ".join(n.lower() for n in [*kinks, *(n for n in seen if n == "NOISY")]) or "none found"
    random = "yes" if report.reason is Reason.RANDOM else "none (f called twice)"
    return _line("kinks, noise", f"{text}          randomness  {random}")


def _notes(report: Report) -> list[str]:
    notes = list(dict.fromkeys(n for j in report.points for n in j.notes if n not in report.causes))
    return [f"  note           {n}" for n in notes[:NOTES]]
