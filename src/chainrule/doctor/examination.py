"""What was found in a file: as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass

from chainrule.doctor.finding import ERROR, SEVERITIES, Finding


@dataclass(frozen=True)
class Examination:
    """The findings of a file.

    looked_at   the functions that were followed, and why these
    runs        what became of each function that was run
    """

    file: str
    findings: tuple[Finding, ...]
    looked_at: str = ""
    runs: tuple[str, ...] = ()
    unread: bool = False

    @property
    def exit_code(self) -> int:
        """0 where nothing was found, 1 otherwise, 2 where nothing could be read."""
        return 2 if self.unread else 1 if self.findings else 0

    def __bool__(self) -> bool:
        return not any(f.severity == ERROR for f in self.findings)

    def __str__(self) -> str:
        counts = Counter(f.severity for f in self.findings)
        told = ", ".join(f"{counts[s]} {s}{'s' * (counts[s] != 1)}" for s in SEVERITIES if counts[s])
        parts = [str(f) for f in self.findings]
        parts += [f"{self.file}: {told or 'every line that was read has a derivative'}{self.looked_at}"]
        return "\n".join([*parts, *(f"  {run}" for run in self.runs)])

    __repr__ = __str__

    def to_json(self) -> str:
        """One JSON document: the file, the findings in the order of their lines, the runs and the exit code."""
        found = {
            "file": self.file, "findings": [asdict(f) for f in self.findings], "looked_at": self.looked_at.strip(" ;"),
            "runs": list(self.runs), "exit_code": self.exit_code,
        }  # fmt: skip
        return json.dumps(found, indent=2)
