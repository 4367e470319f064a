"""A checking run over files: finds the claims, puts each before `check`, and keeps what was done when it is stopped."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rich.console import Console

from chainrule.check.claims.claim import Claim, name_of
from chainrule.check.claims.discover import Discovery, Problem, discover, files
from chainrule.check.claims.load import failure_of, keeping
from chainrule.check.reports.outcome import Outcome, Run

PATIENCE = 1.5  # seconds before a progress bar appears


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
