"""The benchmarks compare like with like: at a small size, everybody computes the same. Times are not looked at."""

import gc
import random

import numpy as np
import pytest
from rich.console import Console

import chainrule as cr
from benchmarks import memory, microgpt, repeated, spellings
from benchmarks.by_hand import in_c
from benchmarks.common import (
    Contender,
    Disagreement,
    Timing,
    Workload,
    as_markdown,
    as_table,
    ready,
    time_in_turns,
    workloads,
)
from benchmarks.first_call import first_call
from benchmarks.run import JIT, WORKLOADS
from chainrule import transforms


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.filterwarnings("ignore")  # the peers' own
def test_the_contenders_agree(name):
    if name in JIT:
        pytest.importorskip("llvmlite")
    for workload in workloads(name, tiny=True):
        present, missing = ready(workload)
        assert present[0][0].contender.name == "Chainrule"
        assert len(present) + len(missing) >= 3


def test_a_first_call_is_timed_in_a_process_of_its_own():
    assert 0 < first_call("three_variables", 0, 0, processes=1, tiny=True) < 60


def test_without_a_compiler_what_is_written_by_hand_is_missing(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ImportError, match="C compiler"):
        in_c("not_compiled_yet")


def test_c_gets_no_array_that_it_would_read_wrongly():
    with pytest.raises(TypeError, match="strides"):
        in_c("rosenbrock", 2, np.ones(4)[::2], np.empty(2))


def test_first_calls_have_a_column_where_they_were_timed():
    workload = Workload("sums", [Contender("one", lambda: lambda: [1.0]), Contender("two", lambda: lambda: [1.0])])
    present, _ = ready(workload)
    timings = [timing for timing, _ in present]
    list(time_in_turns(present, 1, at_least=0.0))
    timings[0].cold, timings[1].cold = 2.0, 3.0
    assert as_markdown(workload, timings, []).splitlines()[-1].endswith("| 1.5 |")


def test_a_turn_has_as_many_calls_as_it_should_and_searches_nobody_elses_garbage():
    frozen, calls = [], []

    def run():
        frozen.append(gc.get_freeze_count() > 0)
        calls.append(1)
        return [1.0]

    present, _ = ready(Workload("sums", [Contender("one", lambda: run)]))
    del frozen[:], calls[:]
    list(time_in_turns(present, 3, at_least=0.0, calls=4))
    assert len(calls) == 1 + 3 * 4  # the first one says how long a call takes
    assert all(frozen[1:])
    assert gc.get_freeze_count() == 0


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


@pytest.mark.parametrize("graph", memory.GRAPHS)
def test_the_memory_of_a_graph_is_told_before_and_after_its_sweep(monkeypatch, graph):
    monkeypatch.setattr(memory, "OPERATIONS", 20_000)
    recorded, swept = memory.measured(graph, "Chainrule")
    assert 0 <= recorded <= swept < 10_000


def test_the_transformer_learns_to_spell():
    speller = microgpt.Speller(microgpt.of_class(cr.Value), microgpt.Sizes(4, 2, 4), microgpt.spelled_out)
    losses = list(microgpt.training(speller, ["ab"] * 60))
    assert losses[0] > 3.0
    assert losses[-1] < 1.0
    assert set(microgpt.invented(speller, random.Random(0))) <= set("abcdefghijklmnopqrstuvwxyz")


def test_every_transform_is_called_again_and_again():
    covered = {word for name in repeated.contenders() for word in name.split()}
    functions = {*transforms.WHERE, "vmap", "checkpoint", "sparse_jacobian", "sparse_hessian", "jit"} - {"Taylor"}
    assert functions <= covered
    for name, (f, x) in repeated.contenders().items():
        if "jit" not in name:  # whose first call is long
            f(x)


def test_lists_take_the_time_of_their_floats():
    assert spellings.LISTS.keys() <= spellings.PROGRAMS.keys()
    assert spellings.handed_over(10, rounds=3) > 0.0


@pytest.mark.parametrize("name", spellings.PROGRAMS)
def test_the_spellings_of_a_program_agree(name):
    _, _, tiny = spellings.PROGRAMS[name]
    present, missing = ready(spellings.workload(name, tiny(), spellings.plain))
    assert len(present) > 3
    assert not missing


def test_a_spelling_beyond_the_cliff_is_marked():
    quick, slow = Timing(Contender("quick", lambda: list), 1.0), Timing(Contender("slow", lambda: list), 1.0)
    quick.rounds, slow.rounds = [1.0, 1.0], [3.0, 3.0]
    console = Console(record=True, width=80)
    console.print(spellings.as_table("sums", "compiled", [quick, slow]))
    text = console.export_text()
    assert "3.00 !" in text
    assert "1.00 !" not in text
