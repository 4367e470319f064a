"""How long the very first call takes, recording and compiling included and importing the library not: each library in
a new process of its own, with no machine code from before."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

from benchmarks.common import workloads


def first_call(name: str, number: int, contender: int, processes: int = 3, tiny: bool = False) -> float:
    """Seconds, the median over some processes. `number` counts the module's workloads, `contender` its contenders."""
    command = [sys.executable, "-m", "benchmarks.first_call", name, str(number), str(contender), *["tiny"] * tiny]
    cold = os.environ | {"CHAINRULE_CACHE_DIR": "off"}
    root = Path(__file__).parents[1]
    printed = [subprocess.check_output(command, env=cold, cwd=root, text=True) for _ in range(processes)]
    return statistics.median(float(seconds) for seconds in printed)


def main(name: str, number: str, contender: str, *options: str) -> None:
    workload = next(islice(workloads(name, "tiny" in options), int(number), None))
    run = workload.contenders[int(contender)].prepare()
    start = time.perf_counter()
    run()
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
