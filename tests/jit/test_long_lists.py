"""Lists of very many numbers: what a first call does for each of them does not grow with their number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import chainrule as cr


def computed(xs: list[float]) -> Any:
    return tuple(x * x for x in xs), sum(xs)


def given(xs: list[float]) -> Any:
    return [*xs, *range(len(xs)), xs[0] * 2.0]


def work(f: Callable[..., Any], length: int) -> int:
    """Calls of functions in the first call of f, and what its loops look at."""
    count = 0

    def count_one(*_: object) -> None:
        nonlocal count
        count += 1

    xs = [0.25 + k for k in range(length)]
    sys.setprofile(count_one)
    try:
        f(xs)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("f", [computed, given])
def test_work_is_in_proportion_to_the_numbers(f: Callable[..., Any]) -> None:
    cr.jit(f)([1.0, 2.0])  # what is imported and made once
    few, many = (work(cr.jit(f), length) for length in (300, 1200))
    assert many < 6 * few
