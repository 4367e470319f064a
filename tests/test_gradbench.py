"""Chainrule as a tool of GradBench: the suite's protocol, and all evals at a small size beside what they should give by
other ways, as near as the suite wants it."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from benchmarks.gradbench import descent, particle, saddle
from benchmarks.gradbench.golden import EXPECTED
from benchmarks.gradbench.inputs import LARGE, SMALL, made
from benchmarks.gradbench.measure import measured
from benchmarks.gradbench.tool import EVALS, Tool, plain

NEAR = 1e-4  # of the larger of 1 and the numbers compared


def near(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name in expected:
            near(found[name], expected[name])
        return
    a, b = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert a.shape == b.shape
    assert np.all(np.abs(a - b) <= NEAR * np.maximum(1.0, np.abs(a) + np.abs(b)))


@pytest.mark.parametrize("name", EXPECTED)
def test_an_eval_gives_what_it_should(name: str) -> None:
    pytest.importorskip("scipy")
    given, tool = made(name, SMALL[name]), Tool(plain)
    for function, expected in EXPECTED[name](given).items():
        message = {"id": 7, "kind": "evaluate", "module": name, "function": function, "input": given}
        answer = json.loads(next(tool.answers([json.dumps(message)])))
        assert answer["success"], answer.get("error")
        near(answer["output"], expected)


def test_points_on_no_triangle() -> None:
    pytest.importorskip("scipy")
    given = made("ht", SMALL["ht"]) | {"us": []}
    for function, expected in EXPECTED["ht"](given).items():
        message = {"id": 7, "kind": "evaluate", "module": "ht", "function": function, "input": given}
        near(Tool(plain).answer(message)["output"], expected)


def test_compiled_evals_give_the_same() -> None:
    pytest.importorskip("llvmlite")
    for name in ("llsq", "lse", "det"):
        given = made(name, SMALL[name])
        for function in import_module(f"benchmarks.gradbench.{name}").FUNCTIONS:
            message = {"id": 0, "kind": "evaluate", "module": name, "function": function, "input": given}
            near(Tool(cr.jit).answer(message)["output"], Tool(plain).answer(message)["output"])


def test_derivatives_of_paths_and_of_optima() -> None:
    """A descent takes seconds: one of its gradients is looked at, beside differences."""

    def missed(mode: str) -> Any:
        return lambda place: particle.miss(mode, place, step=1.0)

    slope = (missed("f")([0.3 + 1e-6]) - missed("f")([0.3 - 1e-6])) / 2e-6
    for outer in "fr":
        for inner in "fr":
            assert abs(descent.gradient_of(missed(inner), outer)([0.3])[0] - slope) < 1e-5 * abs(slope)

    def quick(x: Any) -> Any:  # the path of a descent of few steps, through which a derivative goes
        bent = lambda y: saddle.height(x, y) + x[0] * y[1]
        return bent(descent.maximum(bent, lambda y: [-2 * y[0], x[0] - 2 * y[1]], [0.0, 0.1]))

    at = [0.2, 0.0]
    slope = (quick([at[0] + 1e-6, 0.0]) - quick([at[0] - 1e-6, 0.0])) / 2e-6
    for outer in "fr":
        assert abs(descent.gradient_of(quick, outer)(at)[0] - slope) < 1e-4


def test_the_protocol() -> None:
    tool = Tool(plain)
    messages = [
        {"id": 0, "kind": "start", "eval": "hello"},
        {"id": 1, "kind": "define", "module": "hello"},
        {"id": 2, "kind": "define", "module": "unheard of"},
        {"id": 3, "kind": "evaluate", "module": "hello", "function": "double", "input": 2},
        {"id": 4, "kind": "analysis", "of": 3, "valid": True},
        {"id": 5, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": "no numbers"}},
        {"id": 6, "kind": "evaluate", "module": "lse", "function": "primal", "input": {"x": [0.0], "min_runs": 3}},
    ]
    answers = [json.loads(line) for line in tool.answers(map(json.dumps, messages))]
    assert [a["id"] for a in answers] == [m["id"] for m in messages]
    assert answers[0]["tool"] == "chainrule"
    assert (answers[1]["success"], answers[2]["success"]) == (True, False)
    assert answers[3]["output"] == 4.0
    assert answers[4] == {"id": 4}
    assert not answers[5]["success"]
    assert "Error" in answers[5]["error"]
    assert [t["name"] for t in answers[6]["timings"]] == ["evaluate"] * 3


def test_sizes_for_measuring_name_the_same_evals() -> None:
    assert SMALL.keys() == LARGE.keys() == set(EVALS) - {"hello", "particle", "saddle"} == EXPECTED.keys()
    assert [line.split()[:2] for line in measured(Tool(plain), ["hello"])] == [["hello", "square"], ["hello", "double"]]
