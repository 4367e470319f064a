"""Interleaved timing: all contenders of a workload take turns in one process, so that a busy machine slows
them alike and their ratios stay true."""

from __future__ import annotations

import gc
import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from rich.table import Table

Run = Callable[[], Any]
"""Does the work once and gives its result: a list of numbers and arrays."""


@dataclass
class Contender:
    """One library at the work. `prepare` imports it and gives the function to time; ImportError: not installed.

    results   how many of the results it computes, counted from the first; None: all
    """

    name: str
    prepare: Callable[[], Run]
    package: str = ""
    note: str = ""
    results: int | None = None


@dataclass
class Workload:
    """The same work by several libraries, the one all others are compared with first.

    tolerance    how far results may lie apart, relative to the largest element of the first one's
    operations   how many the work is made of, where it is to be told what each costs beyond the contender `beside`
    calls        how many in a row are a turn, at least: one leaves the search for its garbage to the next, as in use
    """

    title: str
    contenders: list[Contender]
    tolerance: float = 1e-9
    operations: int = 0
    beside: str = ""
    calls: int = 1


@dataclass
class Timing:
    """What was measured for one contender: seconds per call in each round, and of the very first call, here where
    the libraries share a process and, where that was asked for, in a new process of its own (`cold`)."""

    contender: Contender
    first: float
    cold: float | None = None
    rounds: list[float] = field(default_factory=list)


TURN = 0.05
"""Seconds that a turn lasts at least. In the first of many calls the caches still hold what the others left there."""


def workloads(name: str, tiny: bool = False) -> Iterator[Workload]:
    """Those of the module of this name, which defines `workload`, or `workloads` for several sizes."""
    module = importlib.import_module(f"benchmarks.{name}")
    yield from module.workloads(tiny) if hasattr(module, "workloads") else [module.workload(tiny)]


class Disagreement(AssertionError):
    """Two libraries computed different results: their times cannot be compared."""


def ready(workload: Workload) -> tuple[list[tuple[Timing, Run]], list[str]]:
    """Everyone that is installed, run once and found to agree; and the names of the missing."""
    present, missing = [], []
    reference: list[Any] | None = None
    for contender in workload.contenders:
        try:
            run = contender.prepare()
        except ImportError:
            missing.append(contender.name)
            continue
        start = time.perf_counter()
        result = run()
        first = time.perf_counter() - start
        found = [np.asarray(x, dtype=float) for x in result]
        if reference is None:
            reference = found
        _agree(workload, contender, found, reference)
        present.append((Timing(contender, first), run))
    return present, missing


def _agree(workload: Workload, contender: Contender, found: list[Any], reference: list[Any]) -> None:
    for k, (mine, theirs) in enumerate(zip(found, reference[: contender.results], strict=True)):
        if mine.shape != theirs.shape:
            raise Disagreement(f"{contender.name}: result {k} has shape {mine.shape}, expected {theirs.shape}")
        gap = float(np.max(np.abs(mine - theirs), initial=0.0))
        scale = float(np.max(np.abs(theirs), initial=0.0))
        if not gap <= workload.tolerance * scale:
            raise Disagreement(f"{contender.name}: result {k} is off by {gap:.2g}, scale {scale:.2g}: {workload.title}")


def time_in_turns(
    present: list[tuple[Timing, Run]], rounds: int, at_least: float = TURN, calls: int = 1
) -> Iterator[int]:
    """Fill the timings, one round of everybody after another; gives the number of the round that is done.

    at_least   seconds that a turn lasts
    calls      that it consists of at least
    """
    counts = [max(calls, _calls_lasting(run, at_least)) for _, run in present]
    for number in range(rounds):
        for (timing, run), count in zip(present, counts, strict=True):
            gc.collect()
            gc.freeze()  # nobody searches the imported libraries for garbage, nor what the others hold
            gc.collect()  # how often it is searched depends on the number of objects: now as in a process of one's own
            try:
                start = time.perf_counter()
                for _ in range(count):
                    run()
                timing.rounds.append((time.perf_counter() - start) / count)
            finally:
                gc.unfreeze()
        yield number + 1


def _calls_lasting(run: Run, at_least: float) -> int:
    start = time.perf_counter()
    run()
    once = time.perf_counter() - start
    return max(1, round(at_least / once))


def ratio(timing: Timing, to: Timing) -> float:
    """The median over the rounds of a contender's time by that of another in the same round."""
    return statistics.median(a / b for a, b in zip(timing.rounds, to.rounds, strict=True))


def as_table(workload: Workload, timings: list[Timing]) -> Table:
    """First call, least and median time, and the ratio to the first contender's time."""
    table = Table(title=workload.title, title_justify="left", title_style="bold", caption=overhead(workload, timings))
    table.add_column("library")
    for heading in ("first call", "min", "median", "ratio"):
        table.add_column(heading, justify="right")
    for t in timings:
        first = t.first if t.cold is None else t.cold
        cells = [duration(first), duration(min(t.rounds)), duration(statistics.median(t.rounds))]
        table.add_row(_named(t.contender), *cells, f"{ratio(t, timings[0]):.3g}")
    return table


def as_markdown(workload: Workload, timings: list[Timing], missing: list[str]) -> str:
    """The ratios only: a share of the times is the machine's, the ratios less so."""
    lines = [f"## {workload.title}", "", "| library | time / Chainrule's |", "|---|---:|"]
    rows = [f"| {_named(t.contender)} | {ratio(t, timings[0]):.3g} |" for t in timings]
    if timings[0].cold is not None:
        lines[2:] = ["| library | time / Chainrule's | first call / Chainrule's |", "|---|---:|---:|"]
        rows = [f"{row} {_first(t, timings[0])} |" for row, t in zip(rows, timings, strict=True)]
    lines += rows
    if workload.operations:
        lines += ["", overhead(workload, timings)]
    if missing:
        lines += ["", f"Not installed: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def overhead(workload: Workload, timings: list[Timing]) -> str:
    """What each operation costs beyond the contender the workload names, the median over the rounds."""
    found = {t.contender.name: t for t in timings}
    plain = found.pop(workload.beside, None)
    if plain is None:
        return ""
    costs = []
    for name, t in found.items():
        more = statistics.median(a - b for a, b in zip(t.rounds, plain.rounds, strict=True)) / workload.operations
        costs.append(f"{name} {duration(more)}")
    return f"each operation beyond {workload.beside}'s: {', '.join(costs)}"


def _first(timing: Timing, to: Timing) -> str:
    return "" if timing.cold is None or to.cold is None else f"{timing.cold / to.cold:.3g}"


def _named(contender: Contender) -> str:
    try:
        number = f" {version(contender.package)}" if contender.package else ""
    except PackageNotFoundError:
        number = ""
    return f"{contender.name}{number}" + (f" ({contender.note})" if contender.note else "")


def duration(seconds: float) -> str:
    """
    >>> duration(0.0000123), duration(0.5)
    ('12.3 us', '500 ms')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
