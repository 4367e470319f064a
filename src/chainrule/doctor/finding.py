"""What is said of one place in a user's code."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
"""error: refused, or lost in silence elsewhere; warning: the derivative is 0 from there on; note: worth knowing."""


@dataclass(frozen=True, order=True)
class Finding:
    """A place in a file at which a derivative ends, or something to know about it.

    line, column   from 1, as editors count
    code           the expression as it is written
    function       the function it stands in; "" for the file
    what, way      what happens there, and what to write instead
    seen           whether it also happened when the function was run
    """

    file: str
    line: int
    column: int
    code: str
    kind: str
    severity: str
    what: str
    way: str = ""
    function: str = ""
    seen: bool = False

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        first = f"{self.place}  {self.code}"
        name = {"plain number": "becomes a plain number"}.get(self.kind, self.kind)
        lines = [first, f"    {self.severity}, {name}: {self.what}{' (met in the run)' if self.seen else ''}"]
        return "\n".join([*lines, *(f"    instead: {self.way}" for _ in range(bool(self.way)))])
