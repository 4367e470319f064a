"""The benchmarks compare like with like: at a small size, everybody computes the same. Times are not looked at."""

import importlib

import pytest
from rich.console import Console

from benchmarks.common import Contender, Disagreement, Workload, as_markdown, as_table, ready, time_in_turns
from benchmarks.run import WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.filterwarnings("ignore")  # the peers' own
def test_the_contenders_agree(name):
    present, missing = ready(importlib.import_module(f"benchmarks.{name}").workload(tiny=True))
    assert present[0][0].contender.name == "Chainrule"
    assert len(present) + len(missing) >= 4


def unavailable():
    raise ImportError


def test_a_missing_library_is_named_and_the_rest_is_timed():
    workload = Workload("sums", [Contender("one", lambda: lambda: [1.0]), Contender("two", unavailable)])
    present, missing = ready(workload)
    assert missing == ["two"]
    assert list(time_in_turns(present, 2, at_least=0.0)) == [1, 2]
    timings = [timing for timing, _ in present]
    console = Console(record=True, width=80)
    console.print(as_table(workload, timings))
    assert "one" in console.export_text()
    assert "| one | 1 |" in as_markdown(workload, timings, missing)
    assert "Not installed: two." in as_markdown(workload, timings, missing)


@pytest.mark.parametrize("result", [[1.5], [float("nan")], [[1.0, 1.0]]])
def test_who_computes_something_else_is_not_timed(result):
    workload = Workload("sums", [Contender("one", lambda: lambda: [1.0]), Contender("two", lambda: lambda: result)])
    with pytest.raises(Disagreement, match="two: result 0"):
        ready(workload)
