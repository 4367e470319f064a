"""Loops over the rows of the same arrays, a block at a time."""

import numpy as np
import pytest
from jit.agreement import agree, by_rows

import chainrule as cr
from chainrule.jit.plan import tiling
from chainrule.jit.plan.memory import Memory
from chainrule.jit.plan.plan import Plan
from chainrule.jit.plan.tiling import visited


def logistic(w, x, y):
    return np.logaddexp(0.0, -y * (x @ w)).mean()


def shifted_by_the_largest(w, x, y):
    return (np.exp(x - np.max(x, axis=1, keepdims=True)) * w).sum()


def two_products(w, x, y):
    return (np.tanh(x @ w) * y).sum() + ((x * x) @ np.exp(w)).sum()


def around_the_mean(w, x, y):
    return (((x - x.mean(0)) ** 2) @ w * y).sum()


@pytest.mark.parametrize("f", [logistic, shifted_by_the_largest, two_products, around_the_mean])
@pytest.mark.parametrize("n", [33, 64, 65, 257])
@pytest.mark.parametrize("d", [1, 3, 8, 13])
def test_blocks_of_rows_give_what_whole_loops_give(f, n, d, monkeypatch):
    monkeypatch.setattr(tiling, "PAYS", 0)
    monkeypatch.setattr(tiling, "CACHED", 1 << 12)
    random = np.random.default_rng(n + d)
    args = random.normal(size=d), random.normal(size=(n, d)), random.normal(size=n)
    step = cr.value_and_grad(f, (0, 1, 2))
    agree(cr.jit(step)(*args), step(*args))


def banded(f, *args):
    compiled = cr.jit(f)
    compiled(*args)
    plan = Plan(compiled.program)
    return plan, tiling.bands(plan)


def test_a_large_matrix_is_read_once_for_a_gradient():
    random = np.random.default_rng(0)
    w, x, y = random.normal(size=50), random.normal(size=(4000, 50)), random.normal(size=4000)
    _, (band,) = banded(cr.value_and_grad(logistic), w, x, y)
    assert [loop.shape for _, loop in band.loops] == [(4000, 50), (4000,), (4000, 50)]
    assert band.block * (50 + 4) * 8 <= tiling.CACHED


def test_what_fits_into_the_cache_is_done_in_whole_loops():
    w, x, y = np.ones(50), np.ones((400, 50)), np.ones(400)
    assert banded(cr.value_and_grad(logistic), w, x, y)[1] == []


def test_programs_on_small_arrays_are_not_looked_through(monkeypatch):
    looked = []
    monkeypatch.setattr(tiling, "fits", lambda *args: looked.append(args) or False)
    for n in (400, 4000):
        args = np.ones(50), np.ones((n, 50)), np.ones(n)
        assert banded(cr.value_and_grad(logistic), *args)[1] == []
        assert bool(looked) == (n == 4000)


def test_a_sum_over_all_rows_is_complete_before_it_is_read():
    """Each row minus the mean of all rows: the loop that reads the mean is in no band with the one that makes it."""
    w, x, y = np.ones(50), np.ones((4000, 50)), np.ones(4000)
    plan, found = banded(around_the_mean, w, x, y)
    mean = next(s for s in plan.steps if s.op == "sum" and s.shape == (50,))
    assert all(plan.level[mean] < band.first for band in found)


def test_arrays_of_a_band_do_not_share_memory():
    random = np.random.default_rng(0)
    args = random.normal(size=3), random.normal(size=(40_000, 3)), random.normal(size=40_000)
    step = cr.value_and_grad(two_products, (0, 1))
    plan, found = banded(step, *args)
    assert len(found) == 1
    memory = Memory(plan)
    made = [s for s in plan.steps if memory.homes.get(s) and memory.home(s).area == "scratch" and 40_000 in s.shape]
    assert len({memory.home(s).at for s in made}) == len(made)
    agree(cr.jit(step)(*args), step(*args), rtol=1e-9)


def test_long_programs_are_looked_through_once(monkeypatch):
    """What a loop visits is found once, however many bands are tried; and bands are tried up to a length."""
    looked: list[int] = []

    def counted(plan, loop, round_index):
        looked.append(id(loop))
        return visited(plan, loop, round_index)

    def steps(x):
        y = 0.0 * x
        for _ in range(40):
            y = y + 0.1 * np.concatenate([x[:1], x[1:] * y[:-1]])
        return y

    monkeypatch.setattr(tiling, "visited", counted)
    monkeypatch.setattr(tiling, "PAYS", 1)
    compiled = by_rows(steps, monkeypatch)
    compiled(np.ones(1000))
    plan = Plan(compiled.program)
    found = tiling.bands(plan)
    assert len(plan.rounds) > 20
    assert len(looked) == len(set(looked)) > 20
    assert all(band.last - band.first <= tiling.LONGEST for band in found)
