"""Every scenario of the test suite runs through jit and agrees with eager: values, first and second derivatives, plain
and inside or around the other transforms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jit.agreement import WAYS, agree, jitted
from jit.programs import SAMPLES, Sample
from ops.scenarios import SCENARIOS as OPERATORS
from transforms import scenarios as s

import chainrule as cr

PLAIN = [*s.FLOATS, *s.ARRAYS]
MODIFIED = [m for x in PLAIN for make in (s.in_float32, s.with_integers, s.in_container) if (m := make(x)) is not None]


def tolerance(case: Any) -> float:
    return 1e-5 if "float32" in case.name else 1e-11


def gradients(case: Any) -> Any:
    """A function giving the value and its cotangents for a cotangent of ones."""

    def both(*args: Any) -> Any:
        y, pull = cr.vjp(case.f, *args)
        return y, pull(y * 0 + 1 if not isinstance(y, (list, tuple, dict)) else y)

    return both


@pytest.mark.parametrize("case", PLAIN, ids=repr)
def test_a_jitted_function_agrees(case: s.Scenario) -> None:
    compiled = cr.jit(case.f)
    for _ in range(2):  # recorded, and replayed
        agree(compiled(*case.at), case.f(*case.at) if case.value is None else cr.lift(case.f)(*case.at))


@pytest.mark.parametrize("case", [c for c in PLAIN if c.gradient is not None], ids=repr)
def test_a_jitted_derivative_agrees(case: s.Scenario) -> None:
    derivative = gradients(case)
    compiled = cr.jit(derivative)
    for _ in range(2):
        agree(compiled(*case.at), derivative(*case.at))


@pytest.mark.parametrize("case", [c for c in PLAIN if c.gradient is not None], ids=repr)
def test_the_derivative_of_a_jitted_function_is_that_of_the_function(case: s.Scenario) -> None:
    every = tuple(range(len(case.at)))
    agree(cr.grad(cr.jit(case.f), argnums=every)(*case.at), cr.grad(case.f, argnums=every)(*case.at))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", MODIFIED, ids=repr)
def test_the_recording_of_a_modified_scenario_agrees(case: s.Scenario, way: str, monkeypatch: Any) -> None:
    jit = jitted(way, monkeypatch)
    for f in (case.f, cr.jacobian(case.f)):
        compiled = jit(f)
        expected = cr.lift(f)(*case.at)
        for _ in range(2):
            agree(compiled(*case.at), expected, tolerance(case), tolerance(case))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", [c for c in PLAIN if c.smooth and c.gradient], ids=repr)
def test_the_recording_of_second_derivatives_agrees(case: s.Scenario, way: str, monkeypatch: Any) -> None:
    compiled = jitted(way, monkeypatch)(cr.hessian(case.f))
    expected = cr.hessian(case.f)(*case.at)
    for _ in range(2):
        agree(compiled(*case.at), expected)


@pytest.mark.parametrize("case", OPERATORS, ids=lambda c: c.name)
def test_every_operator_agrees_in_both_modes(case: Any) -> None:
    def both(*args: Any) -> Any:
        y, pull = cr.vjp(case.f, *args)
        return y, pull(y * 0 + 1), cr.jvp(case.f, args, args)[1]

    agree(cr.jit(both)(*case.args), both(*case.args))


@pytest.mark.parametrize("sample", SAMPLES, ids=repr)
def test_programs_people_write_agree(sample: Sample) -> None:
    args = sample.at(sample.n) if sample.n else sample.at()
    agree(cr.jit(sample.compiled)(*args), sample.compiled(*args), rtol=1e-9)


def test_a_jitted_function_inside_a_jitted_one_is_recorded_through() -> None:
    square = cr.jit(lambda x: x * x)
    outer = cr.jit(lambda x: np.sum(square(x) + square(2.0)))
    x = np.arange(3.0)
    agree(outer(x), 5.0 + 12.0)
