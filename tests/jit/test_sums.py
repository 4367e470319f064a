"""Sums that grow in loops: added up in any order where nobody reads them in between, else as they were written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.call import compile as compiling
from chainrule.jit.loops.loop import Loop
from chainrule.jit.reroll import Rolled
from chainrule.jit.reroll.sums import growing

N = 520


@pytest.fixture(autouse=True)
def loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could be arrays stays a loop."""
    monkeypatch.setattr(compiling, "packed", lambda program: program)


def plain(x: Any) -> Any:
    total = 0.0
    for a in x:
        total = total + a * a
    return total + 0.0 * total * x[0]


def several(x: Any) -> Any:
    total = other = 1.0
    for a in x:
        total, other = a * 2.0 + total - a * a, other - a
    return total * other


def read_in_between(x: Any) -> Any:
    total, found = 0.0, 0.0
    for a in x:
        total = total + a
        found = found + math.sin(total)
    return found


def stacked(x: Any) -> Any:
    total, sums = 0.0, []
    for a in x:
        total = total + a * a
        sums.append(total)
    return np.stack(sums)


def turned(x: Any) -> Any:
    total = 0.0
    for a in x:
        total = a * a - total
    return total


def delayed(x: Any) -> Any:
    odd = even = 0.0
    for a in x:
        odd, even = even + a * a, odd
    return odd * even


def weighted(x: Any) -> Any:
    total = 0.0
    for a in x:
        total = total * 0.5 + a + a * a
    return total


def twice(x: Any) -> Any:
    total = 0.0
    for a in x:
        total = total + (total + a)
        total = total * 0.5
    return total


CASES: dict[Callable[[Any], Any], bool] = {
    plain: True, several: True, read_in_between: True, stacked: False, turned: False, delayed: False, weighted: False,
    twice: False,
}  # fmt: skip
"""Functions, and whether additions of their loops may be made in any order."""


@pytest.mark.parametrize("f", CASES)
def test_strict_programs_add_in_order_and_others_agree(f: Callable[[Any], Any]) -> None:
    x = np.random.default_rng(0).normal(size=N)
    exact = cr.jit(f, strict=True)(x)
    if f is read_in_between:
        np.testing.assert_allclose(exact, f(x), rtol=1e-13)
    else:
        np.testing.assert_array_equal(exact, f(x))
    compiled, gradient = cr.jit(f), cr.grad(lambda x: np.sum(f(x)))
    np.testing.assert_allclose(compiled(x), f(x), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(cr.jit(gradient)(x), gradient(x), rtol=1e-11, atol=1e-11)
    executable = compiled.version.executable
    assert isinstance(executable, Rolled)
    loops = [part for part in executable.parts if isinstance(part, Loop)]
    found = [growing(loop, range(loop.period) if f is stacked else ()) for loop in loops]
    assert any(found) == CASES[f]
