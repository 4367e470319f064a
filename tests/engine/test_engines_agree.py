"""The compiled engine and its uncompiled sources compute the same, bit for bit: numbers, gradients and exceptions."""

import json
import os
import subprocess
import sys

import pytest
from engine import programs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chainrule as cr

pytestmark = pytest.mark.skipif(cr.info().engine != "compiled", reason="there is no compiled engine to compare")


@pytest.fixture(scope="module")
def agree():
    """A function that runs programs by both engines, at the same time: the sources in a process of their own."""
    command = [sys.executable, programs.__file__]
    environment = {**os.environ, "CHAINRULE_PURE": "1"}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "pure Python\n"

        def run(*documents):
            print(json.dumps(documents), file=process.stdin, flush=True)
            ours = [programs.outcome(document) for document in documents]
            for document, own, other in zip(documents, ours, json.loads(process.stdout.readline()), strict=True):
                assert own == other, document

        yield run
        process.stdin.close()


floats = st.one_of(
    st.floats(-4.0, 4.0),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0]),
    st.floats(),  # subnormal, huge, infinite, nan
).map(float.hex)
arrays = st.builds(
    lambda dtype, numbers: [dtype, numbers],
    st.sampled_from(["float64", "float64", "float32"]),
    st.lists(st.floats(-4.0, 4.0, width=32).map(float.hex), min_size=3, max_size=3),
)
registers = st.builds(lambda k: {"of": k}, st.integers(0, 30))
operands = st.one_of(registers, registers, registers, floats, st.integers(-3, 3), arrays)
instructions = st.one_of(
    st.tuples(st.sampled_from(sorted(programs.UNARY)), registers),
    st.tuples(st.sampled_from(["+", "-", "*", "/", "**"]), registers, operands),
    st.tuples(st.sampled_from(["+", "-", "*", "/", "**"]), operands, registers),
    st.tuples(st.sampled_from(sorted(programs.BINARY)), registers, operands),
)
documents = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(("value", *programs.MODES)),
        "inputs": st.lists(st.one_of(floats, floats, arrays), min_size=1, max_size=4),
        "program": st.lists(instructions, min_size=1, max_size=14),
    }
)


# Mostly of arrays that have more than one axis by then.
moved = st.sampled_from(
    [
        "column",
        "row",
        "transpose",
        "first",
        "rest",
        "backward",
        "places",
        "where",
        "thrice",
        "np.sum",
        "np.max",
        "sum",
        "mean",
        "max",
        "logsumexp",
        "log_softmax",
        "cumsum",
        "norm",
    ]
)  # fmt: skip
of_arrays = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(("value", "value", *programs.MODES)),
        "inputs": st.lists(arrays, min_size=1, max_size=3),
        "program": st.lists(
            st.one_of(
                st.tuples(moved, registers),
                st.tuples(st.sampled_from(["+", "*", "/", "maximum", "matmul"]), registers, registers),
                st.tuples(st.sampled_from(["outer", "stack", "concatenate", "join"]), registers, registers),
                st.tuples(st.sampled_from(["exp", "sin", "square"]), registers),
            ),
            min_size=1,
            max_size=8,
        ),
    }
)


@given(document=of_arrays)
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_arrays(agree, document):
    agree(document)


@given(document=documents)
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_numbers_gradients_and_exceptions(agree, document):
    agree(document)


@pytest.mark.parametrize("name", sorted(programs.UNARY))
@pytest.mark.parametrize("mode", programs.MODES)
def test_every_function_at_the_points_where_care_is_needed(agree, name, mode):
    points = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 30.0, -800.0, 1e-320, 1e308, float("inf"), float("nan"))
    agree(*[{"mode": mode, "inputs": [x.hex()], "program": [[name, {"of": 0}]]} for x in points])


POINTS = [x.hex() for x in (0.0, -0.0, 1.5, -2.0, 1e200, float("inf"))]
OPERANDS = [
    *(([x], [{"of": 0}, {"of": 0}]) for x in POINTS),
    *(([x, y], [{"of": 0}, {"of": 1}]) for x in POINTS for y in POINTS),
    *(([x], operands) for x in POINTS for y in (*POINTS, 2, -1) for operands in ([{"of": 0}, y], [y, {"of": 0}])),
]
"""Inputs, and what an operator is given: some of these, and constants."""


@pytest.mark.parametrize("name", sorted(programs.BINARY))
@pytest.mark.parametrize("mode", programs.MODES)
def test_every_operator_at_the_points_where_care_is_needed(agree, name, mode):
    agree(*[{"mode": mode, "inputs": inputs, "program": [[name, *operands]]} for inputs, operands in OPERANDS])
