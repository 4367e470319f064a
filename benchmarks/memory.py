"""How many bytes a recorded operation takes, with its number, and after a sweep with its gradient.

Each figure is what a process of its own grows by while it records a million operations, as the system counts it.
Run: python -m benchmarks.memory
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import chainrule as cr
from benchmarks.scalar_graph import expression, start
from benchmarks.slots_value import SlotsValue

OPERATIONS = 1_000_000


def chain(kind: Any) -> Any:
    """Each result used once, by the next: alternately plus and times a number."""
    y = kind(0.5)
    for _ in range(OPERATIONS // 2):
        y = y * 1.000001 + 0.000001
    return y


def mixed(kind: Any) -> Any:
    """Terms of ten operations on shared inputs: the graph of `scalar_graph`."""
    return expression([kind(x) for x in start()], OPERATIONS, kind.relu)


def micrograd() -> Any:
    from micrograd.engine import Value

    return Value


GRAPHS: dict[str, Callable[[Any], Any]] = {"chain": chain, "mixed": mixed}
KINDS: dict[str, Callable[[], Any]] = {
    "Chainrule": lambda: cr.Value, "slots": lambda: SlotsValue, "micrograd": micrograd,
}  # fmt: skip


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measured(graph: str, kind: str) -> list[float]:
    """Bytes an operation: as recorded, and after `backward`, which micrograd cannot do on so long a chain."""
    build, value = GRAPHS[graph], KINDS[kind]()
    before = resident()
    result = build(value)
    recorded = resident() - before
    if kind == "micrograd":
        return [recorded / OPERATIONS]
    result.backward()
    return [recorded / OPERATIONS, (resident() - before) / OPERATIONS]


def apart(graph: str, kind: str) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.memory", graph, kind]
    figures = subprocess.check_output(command, cwd=Path(__file__).parents[1], text=True).split()
    return [*figures, "-"][:2]


def main(arguments: list[str]) -> None:
    """With a graph and a kind of Value, the two figures of this process; without, the table of all."""
    if arguments:
        gc.disable()  # there is no garbage, and searching a million objects for it takes long
        print(*(f"{size:.0f}" for size in measured(*arguments)))
        return
    table = Table("library", title="bytes an operation", title_justify="left")
    for graph in GRAPHS:
        table.add_column(graph, justify="right")
        table.add_column(f"{graph}, swept", justify="right")
    present = [kind for kind in KINDS if kind != "micrograd" or find_spec("micrograd")]
    for kind in present:
        table.add_row(kind, *(cell for graph in GRAPHS for cell in apart(graph, kind)))
    Console().print(cr.info().engine, table, sep="\n", highlight=False)


if __name__ == "__main__":
    main(sys.argv[1:])
