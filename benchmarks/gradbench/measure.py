"""What each eval takes here, without a checkout of the suite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from benchmarks.common import duration
from benchmarks.gradbench.inputs import LARGE, made
from benchmarks.gradbench.tool import Tool


def measured(tool: Tool, names: Iterable[str], runs: int = 5) -> Iterator[str]:
    """A line for each function of the evals: the least of its times, and the first one's."""
    for name in names:
        sizes = LARGE.get(name, {})
        given = made(name, sizes)
        if isinstance(given, dict):
            given |= {"min_runs": runs, "min_seconds": 0.2}
        for function in import_module(f"benchmarks.gradbench.{name}").FUNCTIONS:
            message = {"id": 0, "kind": "evaluate", "module": name, "function": function, "input": given}
            answer = tool.answer(message)
            title = " ".join([name, *(f"{k}={v}" for k, v in sizes.items())])
            if not answer["success"]:
                yield f"{title:40} {function:10} failed\n{answer['error']}"
                continue
            times = [t["nanoseconds"] * 1e-9 for t in answer["timings"]]
            yield f"{title:40} {function:10} {duration(min(times)):>8}   first {duration(times[0])}"
