"""What has been found out about one file so far."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from chainrule.check.claims.discover import Problem
from chainrule.check.reports.outcome import Outcome
from chainrule.records import record


@record
class Found:
    """Outcomes, problems and skipped claims of a file, what it printed, and where it was interrupted."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Problem, ...] = ()
    output: str = ""
    passed: int = 0
    interrupted: str = ""

    def take(self, what: str, *content: Any) -> None:
        """Take in what a worker says."""
        if what == "outcome":
            self.outcomes.append(content[0])
        elif what == "problem":
            self.problems = tuple(dict.fromkeys((*self.problems, content[0])))
        elif what == "skipped":
            self.skipped += (content[0],)
        elif what == "output":
            self.output += content[0]
        elif what == "passed":
            self.passed = content[0]
        elif what == "interrupted":
            self.interrupted = self.interrupted or content[0]
