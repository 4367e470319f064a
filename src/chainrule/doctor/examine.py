"""`chainrule doctor`: the lines of a file that have no derivative here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chainrule.doctor.examination import Examination
from chainrule.doctor.finding import ERROR, SEVERITIES, Finding
from chainrule.doctor.reading import Reading
from chainrule.doctor.source import Source, read
from chainrule.errors import ArgumentError


def examine(target: str, severity: str = "note", **run: Any) -> Examination:
    """The findings in FILE or FILE:FUNCTION, of that severity and above. Raises ArgumentError for what is no file."""
    path, function = parted(target)
    try:
        source = read(path)
    except SyntaxError as error:
        return Examination(str(path), (_unread(str(path), error),), "; nothing could be read", unread=True)
    reading = Reading(source)
    looked_at = _looked_at(reading, function)
    unread = [Finding(place, line, 1, "", "syntax", ERROR, why) for place, line, why in source.unread]
    told = SEVERITIES[: SEVERITIES.index(severity) + 1]
    findings = [f for f in [*unread, *reading.all_findings()] if f.severity in told]
    return Examination(str(path), tuple(findings), looked_at)


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


__all__ = ["Source", "examine", "parted"]
