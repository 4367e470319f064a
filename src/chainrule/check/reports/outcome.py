"""What a run over files found, as lines for a terminal, as JSON and as an exit code."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chainrule.check.claims.claim import Claim
from chainrule.check.claims.discover import Problem
from chainrule.check.reports.inline import tables
from chainrule.check.reports.screen import Screen
from chainrule.records import record

VERDICTS = ("CORRECT", "WRONG", "UNDECIDED")
COLOURS = {"CORRECT": "green", "WRONG": "bold red", "UNDECIDED": "yellow", "ERROR": "bold magenta"}
INTERRUPTED = 130
PRINTED = 8  # last lines of what the files printed, shown where something failed

NOTHING_FOUND = """\
nothing to check: no claim found in {paths}
  expected a function with its derivative beside it, named like one:  f and grad_f, f_prime, df, jac_f, ...
  or as layers are:  affine_forward and affine_backward, a class with forward and backward
  or marked as one:  @chainrule.gradient_of(f)"""
NOTHING_ASKED_FOR = """\
nothing to check: none of the claims in {paths} has the name that was asked for
  expected the name of a function or of its derivative, or a pattern:  --only 'loss*'"""


@record(frozen=True)
class Outcome:
    """A claim (without its functions) and what was said about it, as plain data that travels between processes."""

    claim: Claim
    verdict: str
    headline: str
    causes: tuple[str, ...]
    text: str
    document: dict[str, Any]

    @classmethod
    def of(cls, claim: Claim, report: Any) -> Outcome:
        """What a report says about a claim."""
        bare = Claim(claim.name, len, len, claim.path, claim.line, kind=claim.kind, cell=claim.cell)
        return cls(
            bare,
            str(report.verdict.value),
            str(report.headline),
            tuple(getattr(report, "causes", None) or ()),
            str(report),
            report.to_dict(),
        )

    @property
    def place(self) -> str:
        return f"{self.claim.where} {self.claim.name}"

    @property
    def detail(self) -> str:
        """The headline without the verdict, which has a column of its own; the likely cause instead of the numbers."""
        said = self.headline.removeprefix(self.verdict).strip(" :")
        if not self.causes:
            return said
        where, colon, _ = said.partition(": ")
        return f"{where}: {self.causes[0]}" if colon and where.startswith("at ") else self.causes[0]


@record(frozen=True)
class Run:
    """All outcomes of a run over `paths`.

    `passed_over` counts claims that were not asked for; `interrupted` is the place where the run was stopped, or "".
    """

    paths: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Problem, ...]
    output: str = ""
    passed_over: int = 0
    interrupted: str = ""

    @property
    def counts(self) -> Counter[str]:
        return Counter(outcome.verdict for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0: all correct; 1: something is wrong; 2: something is undecided or failed, or nothing found;
        130: interrupted."""
        if self.interrupted:
            return INTERRUPTED
        if self.counts["WRONG"]:
            return 1
        return 0 if self.outcomes and not self.problems and not self.counts["UNDECIDED"] else 2

    @property
    def summary(self) -> str:
        """One line: how many claims, and how they ended."""
        counts = [f"{self.counts[verdict]} {verdict}" for verdict in VERDICTS if self.counts[verdict]]
        parts = [f"{_count(len(self.outcomes), 'claim')}: {', '.join(counts)}" if counts else "0 claims"]
        if self.problems:
            parts.append(_count(len(self.problems), "error"))
        if self.skipped:
            parts.append(f"{len(self.skipped)} skipped")
        if self.passed_over:
            parts.append(f"{self.passed_over} not asked for")
        if self.interrupted:
            parts.append(f"interrupted at {self.interrupted}")
        return "; ".join(parts)

    def to_json(self) -> str:
        """The run as JSON text, with the report of each claim."""
        import json

        run = {
            "paths": self.paths,
            "exit_code": self.exit_code,
            "interrupted": self.interrupted,
            "counts": {verdict: self.counts[verdict] for verdict in VERDICTS},
            "claims": [
                {
                    "name": outcome.claim.name,
                    "path": outcome.claim.path,
                    "line": outcome.claim.line,
                    "cell": outcome.claim.cell,
                    "kind": outcome.claim.kind,
                    "verdict": outcome.verdict,
                    "report": outcome.document,
                }
                for outcome in self.outcomes
            ],
            "problems": [vars(problem) for problem in self.problems],
            "skipped": [vars(problem) for problem in self.skipped],
            "output": self.output,
        }
        return json.dumps(run, indent=2, allow_nan=False)

    def print(self, screen: Screen) -> None:
        """A line for each claim, the reports of those that are not correct, the errors, a summary."""
        width = max((len(outcome.place) for outcome in self.outcomes), default=0)
        for outcome in self.outcomes:
            if outcome.claim.kind != "inline":
                _line(screen, outcome.verdict, f"{outcome.place:{width}}   {outcome.detail}".rstrip(), cut=True)
        for table in tables(self.outcomes):
            _line(screen, table)
        for outcome in self.outcomes:
            if outcome.verdict != "CORRECT":
                screen.line(("bold", f"\n{outcome.place}"))
                _line(screen, outcome.text)
        if self.problems or self.skipped or self.outcomes:
            _line(screen)
        for problem in self.problems:
            _line(screen, "ERROR", str(problem))
        for problem in self.skipped:
            _line(screen, "SKIPPED", str(problem))
        if self.problems and self.output.strip():
            _line(screen, "printed", "by the files, the last lines:")
            for line in self.output.rstrip().splitlines()[-PRINTED:]:
                _line(screen, "", line)
        if not self.outcomes and not self.interrupted and (self.passed_over or not self.problems):
            said = NOTHING_ASKED_FOR if self.passed_over else NOTHING_FOUND
            _line(screen, said.format(paths=", ".join(self.paths)))
        _line(screen, self.summary)


def _line(screen: Screen, *parts: str, cut: bool = False) -> None:
    """Print a line unwrapped; the first of two parts is a coloured column. `cut` fits it to the screen."""
    first = [(COLOURS.get(parts[0], "dim"), f"{parts[0]:<11}")] if len(parts) > 1 else []
    screen.line(*first, ("", parts[-1] if parts else ""), cut=cut)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
