"""A checking run over files: every claim with its report, the problems met, and the exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from chainrule.check.claim import Claim, name_of
from chainrule.check.discover import Discovery, Problem, discover, files
from chainrule.check.load import failure_of, keeping

VERDICTS = ("CORRECT", "WRONG", "UNDECIDED")
COLOURS = {"CORRECT": "green", "WRONG": "bold red", "UNDECIDED": "yellow", "ERROR": "bold magenta"}
INTERRUPTED = 130
PATIENCE = 1.5  # seconds before a progress bar appears

NOTHING_FOUND = """\
nothing to check: no claim found in {paths}
  expected a function with its derivative beside it, named like one:  f and grad_f, f_prime, df, jac_f, ...
  or marked as one:  @chainrule.gradient_of(f)"""
NOTHING_ASKED_FOR = """\
nothing to check: none of the claims in {paths} has the name that was asked for
  expected the name of a function or of its derivative, or a pattern:  --only 'loss*'"""


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
        """The headline without the verdict, which has a column of its own; the likely cause instead of the numbers."""
        said = str(self.report.headline).removeprefix(self.verdict).strip(" :")
        causes = getattr(self.report, "causes", None)
        if not causes:
            return said
        where, colon, _ = said.partition(": ")
        return f"{where}: {causes[0]}" if colon and where.startswith("at ") else str(causes[0])


@dataclass(frozen=True)
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
        if not self.outcomes and not self.interrupted:
            _line(
                console, (NOTHING_ASKED_FOR if self.passed_over else NOTHING_FOUND).format(paths=", ".join(self.paths))
            )
        _line(console, self.summary)


@dataclass
class Asked:
    """What was asked for: which claims (a name with `*` and `?`), points for those that have none, and settings
    of `check` that outweigh the claims' own."""

    only: str = "*"
    at: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def wants(self, claim: Claim) -> bool:
        return any(fnmatchcase(name, self.only) for name in (claim.name, name_of(claim.function)))

    def report_on(self, claim: Claim, check: Callable[..., Any]) -> Any:
        kind = {} if claim.kind in ("gradient", "slope") else {"kind": claim.kind}
        at = self.at if claim.at is None else claim.at
        return check(claim.function, claim.derivative, at=at, **{**kind, **claim.settings, **self.settings})


def run(
    paths: Iterable[str | os.PathLike[str]],
    check: Callable[..., Any],
    *,
    seed: int | None = None,
    rtol: float | None = None,
    at: Any = None,
    only: str = "*",
) -> Run:
    """Find the claims below `paths` and put each before `check`. What was done until an interrupt is kept."""
    settings = {name: value for name, value in {"seed": seed, "rtol": rtol}.items() if value is not None}
    asked = Asked(only, at, settings)
    named = tuple(str(path) for path in paths)
    listed = {file.resolve(): file for path in named for file in files(Path(path))}
    found, outcomes, problems, output = Discovery(""), list[Outcome](), list[Problem](), io.StringIO()
    passed_over, here, interrupted = 0, "the start", ""
    with _progress(len(listed)) as show:
        try:
            for number, file in enumerate(listed.values()):
                here = str(file)
                show(number, file.name)
                new = discover(file)
                found += new
                for position, claim in enumerate(new.claims):
                    if not asked.wants(claim):
                        passed_over += 1
                        continue
                    here = f"{claim.where} {claim.name}"
                    show(number + position / len(new.claims), f"{file.name} {claim.name}")
                    try:
                        with keeping(output):
                            outcomes.append(Outcome(claim, asked.report_on(claim, check)))
                    except (Exception, SystemExit) as error:
                        said = f"checking {claim.name}: {failure_of(error, claim.path).message}"
                        problems.append(Problem(claim.path, claim.place, said))
        except KeyboardInterrupt:
            interrupted = here
    errors = (*found.problems, *problems)
    said = found.output + output.getvalue()
    return Run(named, tuple(outcomes), errors, found.skipped, said, passed_over, interrupted)


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[float, str], None]]:
    """A bar on standard error, if that is a terminal and the run takes long enough to wonder."""
    if not sys.stderr.isatty():
        yield lambda done, doing: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    screen = Console(file=sys.stderr)  # bound now: the user's code runs with sys.stderr redirected
    bar = Progress(*columns, console=screen, transient=True, redirect_stdout=False, redirect_stderr=False)
    task = bar.add_task("", total=total)
    later = threading.Timer(PATIENCE, bar.start)
    later.daemon = True
    later.start()
    try:
        yield lambda done, doing: bar.update(task, completed=done, description=doing)
    finally:
        later.cancel()
        later.join()
        bar.stop()


def _line(console: Console, *parts: str, style: str = "", cut: bool = False) -> None:
    """Print a line unwrapped; the first of two parts is a coloured column. `cut` fits it to the screen."""
    text = Text(style=style)
    if len(parts) > 1:
        text.append(f"{parts[0]:<11}", style=COLOURS.get(parts[0], "dim"))
    text.append(parts[-1] if parts else "")
    if cut and (console.file.isatty() or "COLUMNS" in os.environ):
        _cut(text, console)
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _cut(text: Text, console: Console) -> None:
    """Shorten a text to the width of the screen, with a sign for it that the screen can show."""
    if text.cell_len > console.width:
        dots = "..." if console.options.ascii_only else "\N{HORIZONTAL ELLIPSIS}"
        text.truncate(max(console.width - len(dots), 0))
        text.append(dots)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
