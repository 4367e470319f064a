"""A checking run over files: each looked at, run in a process of its own where it may hold claims, and judged; what was
done is kept when a file ends its process, takes too long, or the run is stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from chainrule.check.claims.discover import files, in_file, look
from chainrule.check.reports.children import Children
from chainrule.check.reports.found import Found
from chainrule.check.reports.outcome import Run
from chainrule.check.reports.progress import Progress
from chainrule.check.reports.worker import Job, work
from chainrule.errors import ArgumentError

LIMIT = 60.0  # seconds for what the claims of a file need, and for each claim


def run(
    paths: Iterable[str | os.PathLike[str]],
    check: Callable[..., Any],
    *,
    seed: int | None = None,
    rtol: float | None = None,
    at: Any = None,
    only: str = "*",
    limit: float | None = LIMIT,
    jobs: int = 1,
    apart: bool = True,
) -> Run:
    """Find the claims below `paths` and put each before `check`. What was done until an interrupt is kept.

    A path may end in `:NAME`, the claim that is meant. `jobs` files are worked on at a time. With `apart=False` all
    of them are run in this process.
    """
    settings = {name: value for name, value in {"seed": seed, "rtol": rtol}.items() if value is not None}
    named = tuple(str(path) for path in paths)
    todo = []
    results: dict[str, Found] = {}
    for file, name in listed(named):
        found = results.setdefault(file, Found())
        if apart and not may_hold(file, found):
            continue
        todo.append(Job(file, name or only, at, settings, limit))
    with Progress(len(results)) as progress:
        if apart:
            Children(check, results, progress, jobs).run(todo)
        else:
            _here(todo, check, results, progress)
    return _together(named, results)


def listed(paths: Iterable[str]) -> list[tuple[str, str]]:
    """The files below the paths, each once, with the name of the claim that is meant ("" for all)."""
    found: dict[str, tuple[str, str]] = {}
    for path in paths:
        place, name = split(path)
        for file in files(place):
            found.setdefault(os.path.realpath(file), (file, name))
    return list(found.values())


def split(path: str) -> tuple[str, str]:
    """A path and the name of a claim in it.

    >>> split("lesson.py:cube_grad"), split("lesson.py")
    (('lesson.py', 'cube_grad'), ('lesson.py', ''))
    """
    place, colon, name = path.rpartition(":")
    if colon and place.endswith((".py", ".ipynb")) and not os.path.exists(path):
        return place, name
    return path, ""


def may_hold(file: str, found: Found) -> bool:
    """Whether a file may hold a claim, by its syntax tree; what keeps it from being read goes to `found`."""
    try:
        looked_at, _ = look(file)
        if looked_at.possible:
            return True
    except (OSError, ArgumentError, SyntaxError, ValueError):
        pass
    seen = in_file(file)  # nothing of it is run
    found.problems += seen.problems
    found.skipped += seen.skipped
    return False


def _here(todo: list[Job], check: Callable[..., Any], results: dict[str, Found], progress: Progress) -> None:
    """All files in this process."""
    for number, job in enumerate(todo):
        found = results[job.path]

        def send(what: str, *content: Any, found: Found = found, number: int = number) -> None:
            found.take(what, *content)
            if what == "at":
                progress.show(number, *content[:3])

        try:
            work(job, check, send)
        except KeyboardInterrupt:
            found.interrupted = found.interrupted or job.path
        if found.interrupted:
            return


def _together(named: tuple[str, ...], results: dict[str, Found]) -> Run:
    everything = list(results.values())
    return Run(
        named,
        tuple(o for found in everything for o in found.outcomes),
        tuple(p for found in everything for p in found.problems),
        tuple(dict.fromkeys(p for found in everything for p in found.skipped)),
        "".join(found.output for found in everything),
        sum(found.passed for found in everything),
        next((found.interrupted for found in everything if found.interrupted), ""),
    )
