"""A checking run over files: every claim with its report, the problems met, and the exit code."""

from __future__ import annotations

import io
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from chainrule.check.claim import Claim
from chainrule.check.discover import Discovery, Problem, discover, files
from chainrule.check.load import failure_of, keeping

VERDICTS = ("CORRECT", "WRONG", "UNDECIDED")
COLOURS = {"CORRECT": "green", "WRONG": "bold red", "UNDECIDED": "yellow", "ERROR": "bold magenta"}

NOTHING_FOUND = """\
nothing to check: no claim found in {paths}
  expected a function with its derivative beside it, named like one:  f and grad_f, f_prime, df, jac_f, ...
  or marked as one:  @chainrule.gradient_of(f)"""


@dataclass(frozen=True)
class Outcome:
    """A claim and the report on it."""

    claim: Claim
    report: Any

    @property
    def verdict(self) -> str:
        return str(self.report.verdict.value)

    @property
    def place(self) -> str:
        return f"{self.claim.where} {self.claim.name}"

    @property
    def detail(self) -> str:
        """The headline without the verdict, which stands in its own column."""
        return str(self.report.headline).removeprefix(self.verdict).strip(" :")


@dataclass(frozen=True)
class Run:
    """All outcomes of a run over `paths`."""

    paths: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Problem, ...]
    output: str = ""

    @property
    def counts(self) -> Counter[str]:
        return Counter(outcome.verdict for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0: all correct; 1: something is wrong; 2: something is undecided or failed, or nothing found."""
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
        return "; ".join(parts)

    def to_json(self) -> str:
        """The run as JSON text, with the report of each claim."""
        run = {
            "paths": self.paths,
            "exit_code": self.exit_code,
            "counts": {verdict: self.counts[verdict] for verdict in VERDICTS},
            "claims": [
                {
                    "name": outcome.claim.name,
                    "path": outcome.claim.path,
                    "line": outcome.claim.line,
                    "cell": outcome.claim.cell,
                    "kind": outcome.claim.kind,
                    "verdict": outcome.verdict,
                    "report": json.loads(outcome.report.to_json()),
                }
                for outcome in self.outcomes
            ],
            "problems": [vars(problem) for problem in self.problems],
            "skipped": [vars(problem) for problem in self.skipped],
            "output": self.output,
        }
        return json.dumps(run, indent=2)

    def print(self, console: Console) -> None:
        """A line for each claim, the reports of those that are not correct, the errors, a summary."""
        width = max((len(outcome.place) for outcome in self.outcomes), default=0)
        for outcome in self.outcomes:
            _line(console, outcome.verdict, f"{outcome.place:{width}}   {outcome.detail}".rstrip(), cut=True)
        for outcome in self.outcomes:
            if outcome.verdict != "CORRECT":
                _line(console, f"\n{outcome.place}", style="bold")
                _line(console, str(outcome.report))
        if self.problems or self.skipped or self.outcomes:
            _line(console)
        for problem in self.problems:
            _line(console, "ERROR", str(problem))
        for problem in self.skipped:
            _line(console, "SKIPPED", str(problem))
        if not self.outcomes:
            _line(console, NOTHING_FOUND.format(paths=", ".join(self.paths)))
        _line(console, self.summary)


def run(
    paths: Iterable[str | os.PathLike[str]], check: Callable[..., Any], *, seed: int | None = None
) -> Run:
    """Find the claims below `paths` and put each before `check`; a progress bar shows on a terminal."""
    named = tuple(str(path) for path in paths)
    listed = {file.resolve(): file for path in named for file in files(Path(path))}
    found, outcomes, problems, output = Discovery(""), list[Outcome](), list[Problem](), io.StringIO()
    screen = Console(file=sys.stderr)  # bound now: the user's code runs with sys.stderr redirected
    bar = Progress(console=screen, transient=True, redirect_stdout=False, redirect_stderr=False)
    bar.disable = not sys.stderr.isatty()
    with bar:
        for file in bar.track(listed.values(), total=len(listed), description="checking"):
            here = discover(file)
            found += here
            for claim in here.claims:
                try:
                    with keeping(output):
                        outcomes.append(Outcome(claim, _checked(claim, check, seed)))
                except (Exception, SystemExit) as error:
                    said = f"checking {claim.name}: {failure_of(error, claim.path).message}"
                    problems.append(Problem(claim.path, claim.place, said))
    errors = (*found.problems, *problems)
    return Run(named, tuple(outcomes), errors, found.skipped, found.output + output.getvalue())


def _checked(claim: Claim, check: Callable[..., Any], seed: int | None) -> Any:
    settings = dict(claim.settings) | ({} if seed is None else {"seed": seed})
    return check(claim.function, claim.derivative, at=claim.at, **settings)


def _line(console: Console, *parts: str, style: str = "", cut: bool = False) -> None:
    """Print a line unwrapped; the first of two parts is a coloured column. `cut` fits it to the screen."""
    text = Text(style=style)
    if len(parts) > 1:
        text.append(f"{parts[0]:<11}", style=COLOURS.get(parts[0], "dim"))
    text.append(parts[-1] if parts else "")
    if cut and (console.is_terminal or "COLUMNS" in os.environ):
        text.truncate(console.width, overflow="ellipsis")
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
