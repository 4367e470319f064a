"""`chainrule doctor`: the lines of a file that have no derivative here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.doctor.examination import Examination
from chainrule.doctor.finding import ERROR, SEVERITIES, WARNING, Finding
from chainrule.doctor.inputs import inputs
from chainrule.doctor.reading import Reading
from chainrule.doctor.source import read
from chainrule.doctor.trial import Outcome, tried
from chainrule.errors import ArgumentError

LIMIT = 20.0
"""Seconds that the file and each function may take."""


def examine(
    target: str, severity: str = "note", run: bool = False, at: list[Any] | None = None, limit: float = LIMIT
) -> Examination:
    """The findings in FILE or FILE:FUNCTION, of that severity and above; with `run` the file is run as well, and its
    functions are differentiated where it calls them, or `at` points. Raises ArgumentError for what is no file."""
    path, function = parted(target)
    try:
        source = read(path)
    except SyntaxError as error:
        return Examination(str(path), (_unread(str(path), error),), "; nothing could be read", unread=True)
    reading = Reading(source)
    looked_at = _looked_at(reading, function)
    unread = [Finding(place, line, 1, "", "syntax", ERROR, why) for place, line, why in source.unread]
    wanted = SEVERITIES[: SEVERITIES.index(severity) + 1]
    findings = [f for f in [*unread, *reading.all_findings()] if f.severity in wanted]
    if not run:
        return Examination(str(path), tuple(findings), looked_at)
    titles = [function] if function else _titles(reading)
    outcomes = tried(source, titles, at, limit) if titles else []
    return Examination(
        str(path),
        tuple(_with_runs(findings, outcomes, reading)),
        looked_at,
        tuple(f"{o.title}: {o.said}" for o in outcomes),
    )


def _titles(reading: Reading) -> list[str]:
    """The functions to run: those that the file differentiates, or all that could be."""
    named = [title for title in reading.file.functions if title != "main"]
    if not reading.differentiated:
        return [title for title in named if inputs(reading.file.functions[title])]
    wanted = {title for _, title in reading.differentiated.values()}
    return [title for title in named if title in wanted]


def _with_runs(findings: list[Finding], outcomes: list[Outcome], reading: Reading) -> list[Finding]:
    """The findings and what the runs add: those that were met, those that were not, and new ones."""
    source = reading.source
    met = {source.place(o.line): o for o in outcomes if o.what}
    passed = {source.place(line) for o in outcomes for line in o.passed}
    every = bool(outcomes) and all(o.done for o in outcomes)
    found = []
    for finding in findings:
        place = (finding.file, finding.line)
        if finding.severity == ERROR and place in met:
            found.append(replace(finding, seen=True))
        elif not (finding.severity == ERROR and every and place in passed):
            found.append(finding)
    known = {(f.file, f.line) for f in found if f.severity == ERROR}
    for place, o in met.items():
        if place not in known and o.line:
            text = source.text.splitlines()[o.line - 1].strip()
            found.append(Finding(*place, o.column, text, "refused", ERROR, o.what, o.way, o.title, seen=True))
    for o in outcomes:
        if o.said.endswith("the gradient is 0 by every argument"):
            first = reading.file.functions.get(o.title)
            place = source.place(getattr(first, "lineno", 1))
            what = "the result does not depend on the numbers among the arguments, as far as derivatives see"
            found.append(Finding(*place, 1, o.title, "no derivative", WARNING, what, "", o.title, seen=True))
    return sorted(found)


def parted(target: str) -> tuple[Path, str]:
    """A file and the function that is named behind a colon; "" where none is."""
    if Path(target).exists():
        return Path(target), ""
    name, colon, function = target.rpartition(":")
    if colon and all(part.isidentifier() for part in function.split(".")):
        return Path(name), function
    return Path(target), ""


def _looked_at(reading: Reading, function: str) -> str:
    """Read what is asked for; says which functions that were."""
    if function:
        if not reading.read_one(function):
            known = [*reading.file.functions, *reading.file.classes]
            raise ArgumentError(
                f"{reading.source.shown} has no function {function}; it has {', '.join(known) or 'none'}"
            )
        return f"; read: {function} and what it calls"
    reading.read_all()
    if reading.differentiated:
        names = dict.fromkeys(title for _, title in reading.differentiated.values())
        return f"; read: what the file differentiates ({', '.join(names)}) and what that calls"
    reading.read_each()
    return "; read: every function, as one that may be differentiated"


def _unread(shown: str, error: SyntaxError) -> Finding:
    text = (error.text or "").strip()
    return Finding(shown, error.lineno or 1, error.offset or 1, text, "syntax", ERROR, f"not Python: {error.msg}")
