"""Loops whose work threads share: the same results, the same every time, and what is shared."""

import itertools
import os
import subprocess
import sys
import threading
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit.agreement import agree

import chainrule as cr
from chainrule.errors import ArgumentError
from chainrule.jit.emit import executable
from chainrule.jit.plan import parallel, tiling
from chainrule.jit.run import workers


@pytest.fixture(autouse=True)
def every_loop_is_worth_it(monkeypatch):
    monkeypatch.setattr(parallel, "WORTH", 0)


def hinge(w, x):
    h = np.maximum(w[0] * x[:, 0] + w[1] * x[:, 1] + w[2], 0.0)
    return np.mean(np.tanh(h) * w[3]) + np.sum(w * w)


FUNCTIONS = {
    "elementwise": lambda x: np.exp(x) * 2 - x,
    "a sum": lambda x: np.sum(np.sin(x) * x),
    "sums along the axis that is divided": lambda x: np.sum(x * x, axis=0),
    "sums across it": lambda x: np.sum(x * x, axis=1),
    "extremes": lambda x: (np.max(x), np.min(x, axis=0), np.max(x, axis=1)),
    "neighbours": lambda x: (x[1:] - x[:-1]) ** 2,
    "logarithms of sums": lambda x: x - cr.logsumexp(x, axis=1, keepdims=True),
    "a product with a matrix": lambda x: np.tanh(x @ np.ones((x.shape[1], 3))) + 1.0,
    "numbers in between": lambda x: (x - np.mean(x)) / np.sqrt(np.mean((x - np.mean(x)) ** 2)),
    "a transposed operand": lambda x: x.T * np.arange(float(x.shape[0])),
    "truth values": lambda x: np.where(x > 0, x, np.exp(x)) * (x < 1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("shape", [(1000, 3), (257, 40), (24, 1), (7, 300)])
def test_threads_compute_what_one_computes(name, threads, shape):
    f, x = FUNCTIONS[name], np.random.default_rng(0).normal(size=shape)
    agree(cr.jit(f, threads=threads)(x), f(x))


@pytest.mark.parametrize("name", ["a sum", "sums across it", "neighbours", "logarithms of sums"])
@pytest.mark.parametrize("shape", [(1000, 3), (257, 40)])
def test_gradients_are_shared(name, shape):
    slope = cr.grad(lambda x: np.sum(FUNCTIONS[name](x) ** 2))
    x = np.random.default_rng(0).normal(size=shape)
    agree(cr.jit(slope, threads=3)(x), slope(x))


@pytest.mark.parametrize("n", [64, 1000, 1001, 1007, 1008, 4099])
def test_a_long_body_with_more_sums_than_registers(n, monkeypatch):
    """They stay in memory, one set for each thread."""
    monkeypatch.setattr(parallel, "SMALL", 0)

    def loss(w, x):
        h = [np.tanh(x * a + b) for a, b in zip(w[:40], w[40:], strict=True)]
        return np.mean(sum(u * v for u, v in itertools.pairwise(h)))

    step = cr.value_and_grad(loss)
    random = np.random.default_rng(n)
    w, x = random.normal(size=80), random.normal(size=n)
    compiled = cr.jit(step, threads=4)
    agree(compiled(w, x), step(w, x))
    assert f"in 4 threads: loop over [{n}]" in compiled.report()


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 3000), m=st.integers(1, 20), threads=st.integers(2, 40), single=st.booleans())
def test_any_size_in_any_number_of_threads(n, m, threads, single):
    x = np.random.default_rng(n).normal(size=(n, m)).astype(np.float32 if single else np.float64)

    def f(x):
        return np.sum(x * x, axis=0), np.sum(np.abs(x), axis=1), np.exp(x), np.sum(x)

    compiled = cr.jit(f, threads=threads)
    for got, want in zip(compiled(x), f(x), strict=True):
        assert np.shape(got) == np.shape(want)
        np.testing.assert_allclose(got, want, rtol=1e-4 if single else 1e-12, atol=1e-3 if single else 1e-11)


def test_results_are_the_same_in_every_call():
    w, x = np.array([0.5, -0.3, 0.1, 0.7]), np.random.default_rng(0).normal(size=(50_001, 2))
    step = cr.jit(cr.value_and_grad(hinge), threads=5)
    value, slope = step(w, x)
    for _ in range(30):
        again = step(w, x)
        assert again[0] == value
        assert again[1].tobytes() == slope.tobytes()


def test_a_band_of_loops_is_shared_by_blocks_of_rows(monkeypatch):
    monkeypatch.setattr(tiling, "PAYS", 0)
    monkeypatch.setattr(tiling, "CACHED", 1 << 12)

    def logistic(w, x, y):
        return np.logaddexp(0.0, -y * (x @ w)).mean()

    random = np.random.default_rng(0)
    step = cr.value_and_grad(logistic)
    for n in (2000, 2571):
        args = random.normal(size=5), random.normal(size=(n, 5)), random.normal(size=n)
        compiled = cr.jit(step, threads=3)
        agree(compiled(*args), step(*args))
        assert f"in 3 threads: loop over [{n}, 5], loop over [{n}], loop over [{n}, 5]" in compiled.report()
    args = random.normal(size=5), random.normal(size=(257, 5)), random.normal(size=257)
    assert reported(step, *args)[0].endswith("no axis long enough for 2 threads")


def test_strict_programs_share_what_has_no_order():
    def f(x):
        y = x * x + 0.5 / x
        return y, np.sum(y), np.max(y, axis=0)

    x = np.random.default_rng(0).normal(size=(999, 7))
    compiled = cr.jit(f, strict=True, threads=4)
    for got, want in zip(compiled(x), f(x), strict=True):
        assert np.array_equal(got, want)
    report = compiled.report()
    assert "in 4 threads" in report
    assert "not fused: sum: in NumPy's order of additions" in report


def test_a_guard_on_what_threads_computed():
    def f(x):
        return np.sum(x) * 2 if np.sum(x * x) < 1.0 else np.max(x)

    compiled = cr.jit(cr.value_and_grad(f), threads=2)
    for scale in (1.0, 1e-3, 2.0, 1e-4):
        x = scale * np.linspace(-1.0, 2.0, 1000)
        agree(compiled(x), cr.value_and_grad(f)(x))
    assert len(compiled.specialisations[0].versions) == 2


def test_a_nan_that_a_strong_zero_hides():
    def f(x):
        return np.sum(np.where(x > 0, np.log(x), 0.0))

    x = np.linspace(0.0, 1.0, 1001)
    with np.errstate(divide="ignore"):
        agree(cr.jit(cr.grad(f), threads=3)(x), cr.grad(f)(x))


def test_one_function_in_several_threads_of_python():
    x = [np.random.default_rng(k).normal(size=(5000, 3)) for k in range(8)]
    f = cr.jit(lambda x: (np.sum(np.sin(x) * x, axis=0), np.exp(x)), threads=3)
    want = [f(a) for a in x]
    wrong = []

    def run(k):
        for _ in range(20):
            if not all(np.array_equal(g, w) for g, w in zip(f(x[k]), want[k], strict=True)):
                wrong.append(k)

    callers = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert wrong == []


FORKING = """
import os, numpy as np, chainrule as cr
x = np.linspace(0.0, 1.0, 5000)
f = cr.jit(lambda x: np.sum(x * x), threads=3)
want = f(x)
child = os.fork()
if not child:
    os._exit(0 if f(x) == want else 1)
assert os.waitpid(child, 0)[1] == 0 and f(x) == want
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_threads_of_its_own():
    """In a process of its own: the one that tests run in has other libraries' threads, which may hold locks."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_every_part_of_some_work_is_done_once():
    pool, seen = workers.Workers(3), deque()
    for parts in (1, 2, 3, 10, 100):
        seen.clear()
        assert pool.together(lambda k: seen.append(k) or k, parts) == parts - 1
        assert sorted(seen) == list(range(parts))


def test_memory_outlives_a_call_that_is_interrupted(monkeypatch):
    """Threads that are still at work keep what they write to."""
    held = []

    def interrupted(work, parts):
        held.append(work)
        raise KeyboardInterrupt

    f = cr.jit(lambda x: np.sum(x * x), threads=2)
    x = np.linspace(0.0, 1.0, 5000)
    want = f(x)
    monkeypatch.setattr(executable, "together", interrupted)
    with pytest.raises(KeyboardInterrupt):
        f(x)
    monkeypatch.undo()
    assert f(x) == want
    assert [work(k) for work in held for k in range(2)] == [0, 0]
    assert f(x) == want


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2", None])
def test_a_number_of_threads_is_a_positive_int(threads):
    with pytest.raises(ArgumentError, match="expected a number of threads, an int of 1 or more"):
        cr.jit(np.sin, threads=threads)


def reported(f, *args, threads=2):
    compiled = cr.jit(f, threads=threads)
    compiled(*args)
    return [line.strip() for line in compiled.report().splitlines() if "thread" in line]


def test_the_report_says_what_is_shared_and_why_not(monkeypatch):
    x = np.linspace(0.0, 1.0, 4000)
    assert reported(np.sin, x) == ["in 2 threads: loop over [4000]"]
    assert reported(np.sin, x[:3]) == ["in one thread: loop over [3]: no axis long enough for 2 threads"]
    wide = x.reshape(10, 400)
    sums = reported(lambda x: (np.sum(x, axis=0), np.sum(x, axis=1)), wide, threads=100)
    assert sums == ["in one thread: loop over [10, 400]: no axis long enough for 100 threads"]
    monkeypatch.setattr(parallel, "WORTH", 10**6)
    assert reported(np.sin, x) == ["in one thread: loop over [4000]: too little work to share"]
    assert reported(np.sin, x, threads=1) == []


def test_sums_that_are_as_many_as_the_points_are_not_worth_it(monkeypatch):
    def both(x):
        return np.sum(x, axis=0), np.sum(x, axis=1)

    assert reported(both, np.ones((72, 72)), threads=9) == ["in 9 threads: loop over [72, 72]"]
    monkeypatch.setattr(parallel, "SMALL", 9)
    assert reported(both, np.ones((72, 72)), threads=9) == ["in one thread: loop over [72, 72]: as many sums as points"]
