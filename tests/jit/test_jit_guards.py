"""Branches, whole numbers and indices that depend on numbers: each way is recorded once and taken when it applies."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.agreement import WAYS, agree, jitted

import chainrule as cr
from chainrule.errors import JitWarning
from chainrule.jit.call import specialise

Jit = Callable[..., Any]


@pytest.fixture(params=WAYS)
def jit(request: Any, monkeypatch: Any) -> Jit:
    return jitted(request.param, monkeypatch)


def versions(compiled: Any) -> int:
    return sum(len(s.versions) for s in compiled.specialisations)


def leaky(x: Any) -> Any:
    return x if x > 0 else 0.1 * x


def test_each_way_through_a_branch_is_recorded_once(jit: Jit) -> None:
    compiled = jit(cr.value_and_grad(leaky))
    for x in (1.0, 2.0, -3.0, -4.0, 5.0, 0.0):
        assert compiled(x) == pytest.approx(cr.value_and_grad(leaky)(x))
    assert versions(compiled) == 2


def newton(a: Any) -> Any:
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = (x + a / x) / 2
    return x


def test_a_loop_is_recorded_for_each_number_of_turns(jit: Jit) -> None:
    compiled = jit(cr.grad(newton))
    for a in (2.0, 2.1, 1e6, 2.0):
        assert compiled(a) == pytest.approx(0.5 / math.sqrt(a), rel=1e-9)
    assert versions(compiled) >= 2


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * int(x),
        lambda x: x * math.floor(x) + math.ceil(x),
        lambda x: x * round(x),
        lambda x: x**3 if x else 7.0,
        lambda x: np.sum(np.arange(4.0)[: int(x)] * x),
        lambda x: x * [10.0, 20.0, 30.0][int(x)],
    ],
)
def test_whole_numbers_taken_from_a_number_are_guarded(f: Any, jit: Jit) -> None:
    compiled = jit(f)
    for x in (1.5, 1.25, 2.75, 0.0, 1.5):
        agree(compiled(x), cr.lift(f)(x))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x[x > 0] ** 2,
        lambda x: x[np.argmax(x)] * 2,
        lambda x: np.sort(x),
        lambda x: x[np.argsort(x)] * np.arange(4.0),
        lambda x: np.where(np.isnan(x), 0.0, x),
        lambda x: np.nan_to_num(x),
        lambda x: np.where(np.logical_and(x > 0, ~(x > 1)), x, -x),
        lambda x: np.median(x),
        lambda x: np.count_nonzero(x > 0) * x,
        lambda x: np.any(x > 0) * x,
        lambda x: np.interp(x, [0.0, 1.0], [5.0, 6.0]),
        lambda x: [x.max(), x.argmin() * 1.0, x.item(0) if False else x[0].item()],
        lambda x: np.nonzero(x > 0)[0] * 1.0,
    ],
)
def test_indices_and_conditions_from_arrays(f: Any, jit: Jit) -> None:
    compiled = jit(f)
    for x in ([0.5, -1.0, 2.0, 3.0], [1.5, 1.0, -2.0, 0.25], [-1.0, -2.0, -3.0, 4.0], [0.5, -1.0, 2.0, 3.0]):
        agree(compiled(np.array(x)), f(np.array(x)))


def test_an_index_among_the_arguments_may_change_without_a_new_recording() -> None:
    compiled = cr.jit(cr.grad(lambda x, at: np.sum(x[at] ** 2)))
    x = np.arange(4.0)
    for at in ([0, 1], [3, 3], [2, 0]):
        agree(compiled(x, np.array(at)), cr.grad(lambda x, at=at: np.sum(x[np.array(at)] ** 2))(x))
    assert versions(compiled) == 1


def test_too_many_ways_warn_once_and_stay_right(jit: Jit, monkeypatch: Any) -> None:
    monkeypatch.setattr(specialise, "VERSIONS", 3)
    compiled = jit(lambda x: x * int(x))
    for x in (1.0, 2.0, 3.0):
        compiled(x)
    with pytest.warns(JitWarning, match=r"test_jit_guards.py:\d+.*np.where"):
        assert compiled(4.5) == 18.0
    assert compiled(5.5) == 27.5
    assert versions(compiled) == 3


def test_ways_that_take_long_to_compile_wait(monkeypatch: Any) -> None:
    monkeypatch.setattr(specialise, "FEW", 2)
    compiled = cr.jit(lambda x: x * int(x))
    assert [compiled(x) for x in (1.0, 2.0, 3.0)] == [1.0, 4.0, 9.0]  # in no time, so that all are recorded
    (specialisation,) = compiled.specialisations
    specialisation._spent = 60.0
    with pytest.warns(JitWarning, match=r"3 ways .*test_jit_guards.py:\d+.*60 s"):
        assert compiled(4.5) == 18.0
    assert compiled(3.5) == 10.5
    assert versions(compiled) == 3
    specialisation._begun -= 121.0  # and while other things were done for as long
    assert compiled(4.5) == 18.0
    assert versions(compiled) == 4


def test_a_guard_names_the_users_line(jit: Jit) -> None:
    compiled = jit(leaky)
    compiled(1.0)
    (guard,) = compiled.program.guards
    assert guard.line == f"test_jit_guards.py:{leaky.__code__.co_firstlineno + 1}"
    assert "greater is True" in compiled.report()


def test_a_report_counts_guards_that_are_alike(jit: Jit) -> None:
    compiled = jit(lambda x: sum(x + k for k in range(4) if x + k > 0))
    compiled(1.0)
    assert compiled.report().count("guard at") == 1
    assert "greater is True (4 times)" in compiled.report()
