"""Runs the workloads, shows the times, and writes the ratios to `benchmarks/results.md`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

import chainrule as cr
from benchmarks.common import Workload, as_markdown, as_table, ready, time_in_turns, workloads
from benchmarks.environment import machine
from benchmarks.first_call import first_call

JIT = (
    "jit_moons", "jit_three_variables", "jit_lotka_volterra", "jit_rosenbrock", "jit_black_scholes", "jit_gmm",
    "jit_bundle_adjustment", "jit_logistic", "jit_mlp", "jit_lstm", "training_step", "training_examples", "jit_many",
    "assignment_loops", "linear_algebra",
)  # fmt: skip
VALUES = ("three_variables", "matvec", "scalar_graph", "microgpt", "array_overhead", "mlp_step", "hessian", "solutions")
WORKLOADS = (*VALUES, *JIT)
ROUNDS = {
    "three_variables": 60,
    "scalar_graph": 7,
    "microgpt": 5,
    "jit_lotka_volterra": 11,
    "jit_rosenbrock": 15,
    "jit_lstm": 7,
    "solutions": 7,
    "jit_many": 7,
    "training_examples": 11,
    "assignment_loops": 7,
}
USUAL = 25
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
    parser.add_argument("--first-call", action="store_true", help="time the first calls in new processes too")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(WORKLOADS):
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    console = Console()
    here = f"{machine()}; Chainrule's engine: {cr.info().engine}"
    console.print(here, highlight=False)
    sections = [PREFACE.format(machine=here)]
    for name in options.names or WORKLOADS:
        rounds = options.rounds or ROUNDS.get(name, USUAL)
        for number, workload in enumerate(workloads(name)):
            cold = (name, number) if options.first_call else None
            sections.append(measured(workload, rounds, cold, console))
    if not options.names:
        RESULTS.write_text("\n".join(sections), encoding="utf-8")
        console.print(f"ratios written to {RESULTS}", highlight=False)
    return 0


def measured(workload: Workload, rounds: int, place: tuple[str, int] | None, console: Console) -> str:
    """Time a workload and show its table; gives its section of the results.

    place   name of its module and its number there, to time first calls in new processes; None: not wanted
    """
    present, missing = ready(workload)
    timings = [timing for timing, _ in present]
    if place is not None:
        for timing in timings:
            timing.cold = first_call(*place, workload.contenders.index(timing.contender))
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(workload.title, total=rounds)
        for done in time_in_turns(present, rounds, calls=workload.calls):
            bar.update(task, completed=done)
    console.print(as_table(workload, timings))
    if missing:
        console.print(f"not installed: {', '.join(missing)}   (pip install '.[bench]')", markup=False)
    return as_markdown(workload, timings, missing)
