"""The pieces of a compiled program, as text, DOT and SVG, and the reasons in the report."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError


def loss(w: Any, x: Any, rows: Any) -> Any:
    return np.sum(np.tanh(x @ w)[rows])


@pytest.fixture
def compiled() -> Any:
    step = cr.jit(cr.value_and_grad(loss))
    step(np.ones((2, 60)), np.ones((40, 2)), np.array([0, 2]))
    return step


def test_pieces_stand_in_the_order_of_their_work(compiled: Any) -> None:
    boxes = compiled.partition.boxes
    assert [b.kind for b in boxes[:3]] == ["input"] * 3
    assert all(reads < k for k, b in enumerate(boxes) for reads in b.reads)
    assert all(b.reads for b in boxes if b.kind != "input")
    assert sum("result" in line for b in boxes for line in b.lines) == 2


def test_it_is_drawn(compiled: Any) -> None:
    partition = compiled.partition
    assert "loop over" in str(partition)
    assert partition.dot.startswith("digraph")
    assert partition.dot.count("label=") == len(partition.boxes)
    drawn = ElementTree.fromstring(partition.svg)
    assert len(drawn.findall("{*}rect")) == len(partition.boxes)
    assert partition._repr_svg_() == partition.svg


def test_programs_of_numbers_have_a_partition_too() -> None:
    def f(x: Any) -> Any:
        for _ in range(2000):
            x = x * 0.5 + 1.0 / (1.0 + x)
        return x

    step = cr.jit(f)
    step(1.0)
    assert "a loop of" in str(step.partition)
    assert "a loop of" in step.partition.dot


def test_the_report_says_why_something_is_not_fused_or_copied(compiled: Any) -> None:
    compiled(np.ones((2, 1200))[:, ::2], np.ones((40, 2)), np.array([0, 2]))
    report = compiled.report()
    assert "not fused: gather: moves elements by computed places" in report
    assert "array 0 among the numbers was copied (1 call)" in report
    assert "int64[2]" in report


def test_the_report_names_fixed_values() -> None:
    power = cr.jit(lambda x, n: x**n)
    power(2.0, 3)
    assert "for (float64) and fixed 3: 1 version" in power.report()


def test_before_the_first_call_there_is_nothing_to_show() -> None:
    with pytest.raises(ArgumentError, match="call the jitted function first"):
        _ = cr.jit(loss).partition
