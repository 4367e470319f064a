"""Runs the workloads, shows the times, and writes the ratios to `benchmarks/results.md`."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.common import as_markdown, as_table, ready, time_in_turns
from benchmarks.environment import machine

WORKLOADS = ("three_variables", "scalar_graph", "mlp_step")
ROUNDS = {"three_variables": 60, "scalar_graph": 7, "mlp_step": 25}
RESULTS = Path(__file__).with_name("results.md")

PREFACE = """\
# Ratios

Time by Chainrule's time for the same work: above 1 Chainrule is faster, below 1 slower. All contenders agreed on
the result, then took turns in one process; the ratio is the median over the rounds. Written by `python -m benchmarks`.

{machine}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the workloads named on the command line, or all."""
    parser = argparse.ArgumentParser("benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(WORKLOADS)}; all when left out")
    parser.add_argument("--rounds", type=int, help="how often everybody takes a turn")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(WORKLOADS):
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    console = Console()
    console.print(f"{machine()}", highlight=False)
    sections = [PREFACE.format(machine=machine())]
    for name in options.names or WORKLOADS:
        workload = importlib.import_module(f"benchmarks.{name}").workload()
        present, missing = ready(workload)
        rounds = options.rounds or ROUNDS[name]
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(name, total=rounds)
            for done in time_in_turns(present, rounds):
                bar.update(task, completed=done)
        timings = [timing for timing, _ in present]
        console.print(as_table(workload, timings))
        if missing:
            console.print(f"not installed: {', '.join(missing)}   (pip install '.[bench]')", markup=False)
        sections.append(as_markdown(workload, timings, missing))
    if not options.names:
        RESULTS.write_text("\n".join(sections), encoding="utf-8")
        console.print(f"ratios written to {RESULTS}", highlight=False)
    return 0
