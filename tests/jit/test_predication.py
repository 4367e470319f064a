"""What masks take out and put back is computed for all elements, and answers as the function itself does."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.passes.predication import predicated

F = Callable[[Any], Any]
N = 37
DRAW = np.random.default_rng(5)


def put_back(x: Any) -> Any:
    y, m = x * x, x > 0
    y[m] = np.log(x[m])
    return np.sum(y)


def two_sides(x: Any) -> Any:
    y, m = np.zeros_like(x), x > 0
    y[m] = np.sqrt(x[m])
    y[~m] = np.exp(x[~m])
    return np.sum(y * x)


def summed(x: Any) -> Any:
    return np.sum(np.log(x[x > 0])) + np.mean(x[x <= 0] ** 2)


def pieces(x: Any) -> Any:
    return np.sum(np.piecewise(x, [x > 0, x > 1], [np.sqrt, 3.0, np.exp]))


def scaled_in_place(x: Any) -> Any:
    y = x * 1.0
    y[y < 0] *= 0.1
    return np.sum(y * y)


def of_one_and_of_another(x: Any) -> Any:
    positive = x[x > 0]
    return np.sum(1 / positive[positive > 0.5]) + np.sum(positive)


def largest(x: Any) -> Any:
    taken = x[x < 0.5]
    return np.max(taken) * np.min(taken) + np.log(np.sum(np.exp(taken)))


def rows(x: Any) -> Any:
    table = np.stack([x, np.sin(x)], axis=1)
    taken = table[x > 0]
    return np.sum((taken @ np.array([1.0, 2.0]) - x[x > 0] ** 2) ** 2) + np.sum(taken[:, 0] * taken[:, 1])


def products(x: Any) -> Any:
    m = x > 0
    table = np.stack([x, np.sin(x)], axis=1)[m]
    return np.sum((table.T @ x[m]) ** 2) + x[m] @ x[m]


def a_table(x: Any) -> Any:
    table = np.outer(x[:6], x)
    table[table > 0] = np.log(table[table > 0])
    return np.sum(table)


def written(x: Any) -> Any:
    y = x * 2
    np.putmask(y, x > 0, np.sqrt(np.abs(x)))
    np.copyto(y, x**3, where=x > 0.5)
    np.copyto(y, 0.25, where=x < -1)
    return np.sum(y * x) + np.sum(np.extract(x > 0, x) ** 2)


PROGRAMS: list[F] = [
    put_back, two_sides, summed, pieces, scaled_in_place, of_one_and_of_another, largest, rows, products, a_table,
    written,
]  # fmt: skip


def agree(fast: F, f: F, x: Any) -> None:
    found, expected = fast(x), f(x)
    bar = 1e-12 if x.dtype == np.float64 else 1e-4
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=bar, atol=bar, equal_nan=True)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_masks_are_choices_in_loops(f: F) -> None:
    """One recording serves all masks with as many elements; nothing is left to NumPy."""
    step = cr.value_and_grad(f)
    fast = cr.jit(step)
    x = DRAW.normal(size=N)
    for _ in range(3):
        agree(fast, step, x)
        x = DRAW.permutation(x)
    if f is not a_table:
        assert len(fast.specialisations[0].versions) == 1
    assert not re.search("gather|scatter_at|array_equal", fast.report())


@pytest.mark.parametrize("f", [put_back, two_sides, summed, scaled_in_place], ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_any_mask(f: F) -> None:
    """All elements, none, one; nan and infinities; either type of float; arrays whose elements are apart."""
    step = cr.value_and_grad(f)
    fast = cr.jit(step)
    x = DRAW.normal(size=5)
    for shown in (x, np.abs(x), -np.abs(x), np.append(-np.abs(x[:4]), 2.0), np.append(x[:4], np.nan), x.astype("f4")):
        agree(fast, step, shown)
    agree(fast, step, np.repeat(x, 2)[::2])
    agree(fast, step, np.append(x[:4], np.inf))
    agree(fast, step, x[:1])


def test_zeros_of_elements_not_taken_win() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.sqrt(x[x > 0]))

    np.testing.assert_array_equal(cr.jit(cr.grad(f))(np.array([4.0, 0.0, -1.0, np.nan])), [0.25, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("needed", ["returned", "in order", "accumulated", "by a place", "beside numbers of its own"])
def test_elements_that_are_needed_in_a_row(needed: str) -> None:
    ends: dict[str, F] = {
        "returned": lambda y: y * 2,
        "in order": np.diff,
        "accumulated": lambda y: np.sum(np.cumsum(y)),
        "by a place": lambda y: y[0] * y[-1],
        "beside numbers of its own": lambda y: np.sum(y * np.arange(1.0, len(y) + 1)),
    }

    def f(x: Any) -> Any:
        return ends[needed](np.exp(x[x > 0]))

    fast = cr.jit(f)
    x = DRAW.normal(size=9)
    for shown in (x, x, DRAW.permutation(x), x[::-1].copy()):
        np.testing.assert_allclose(fast(shown), f(shown), rtol=1e-14)
    assert len(fast.specialisations[0].versions) == 1


def test_a_length_that_was_read_is_that_of_the_call() -> None:
    """Python sees how many were taken, so that a recording is for that many."""

    def f(x: Any) -> Any:
        y = x[x > 0]
        return np.sum(y) if len(y) > 3 else np.sum(y**3) * len(y)

    fast = cr.jit(f)
    for k in range(7):
        x = DRAW.permutation(np.where(np.arange(6) < k, 1.0, -1.0) * DRAW.uniform(1, 2, 6))
        assert fast(x) == pytest.approx(f(x), rel=1e-14)


def shifted_by_a_mean(x: Any) -> Any:
    taken = x[x > 0]
    return np.sum((taken - np.mean(taken)) ** 2)


@pytest.mark.parametrize(("f", "versions"), [(put_back, 1), (pieces, 1), (rows, 1), (shifted_by_a_mean, 2)])
def test_masks_with_other_numbers_of_elements_share_machine_code(f: F, versions: int) -> None:
    """The function is recorded for each number of elements, and compiled where it computes something else. Where that
    is a mean, the second program divides by the number."""
    step = cr.value_and_grad(f)
    fast = cr.jit(step)
    draw = np.random.default_rng(3)
    points = [draw.normal(size=80) for _ in range(6)]
    for x in points * 2:
        agree(fast, step, x)
    assert len({np.count_nonzero(x > 0) for x in points}) > 3
    assert len(fast.specialisations[0].versions) == versions


def test_a_function_that_reads_a_length_is_compiled_for_both_ways() -> None:
    def f(x: Any) -> Any:
        y = x[x > 0]
        return np.sum(y) if y.size > 40 else np.sum(y * y) / y.size

    step = cr.value_and_grad(f)
    fast = cr.jit(step)
    draw = np.random.default_rng(4)
    for shift in (0.0, 1.0, -1.0, 0.2, -0.2, 0.1, -0.1, 0.05, -0.05, 3.0):
        agree(fast, step, draw.normal(size=80) + shift)
    assert len(fast.specialisations[0].versions) == 3


def test_strict_leaves_sums_in_their_order() -> None:
    x = DRAW.normal(size=1001)
    assert cr.jit(lambda x: np.sum(x[x > 0]), strict=True)(x) == np.sum(x[x > 0])


def test_a_program_without_masks_is_left_alone() -> None:
    fast = cr.jit(lambda x: np.sum(np.where(x > 0, x, 0.0)))
    fast(DRAW.normal(size=4))
    assert predicated(fast.program) is fast.program
