"""Where f is asked, and what becomes of calls that raise or do not return."""

import math
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from chainrule import numeric
from chainrule.errors import ArgumentError
from chainrule.numeric import Doubt, patience, sampling

POINTS = [0.0, 0.6, -3.0, 1e-8, 6e-17, 1e-200, 250.0, -1e12]
SHAPES = {
    "sine": math.sin,
    "square": lambda x: x * x,
    "constant": lambda x: 4.0,
    "jumps everywhere": lambda x: float(hash(x) % 1000),
    "steps": lambda x: math.floor(1e3 * x),
    "kink": abs,
    "one side": lambda x: math.sqrt(x - 1e-9),
}


@pytest.mark.parametrize("method", ["adaptive", "cheap", "complex", "central", "forward", "richardson"])
@pytest.mark.parametrize("name", SHAPES)
def test_f_is_asked_no_further_away_than_stated(name, method):
    for x in POINTS:
        seen = []

        def f(t, seen=seen):
            seen.append(t.real)
            return SHAPES[name](t)

        settings = {"budget": "cheap"} if method == "cheap" else {"method": method}
        numeric.derivative(f, x, vectorized=False, **settings)
        assert max(abs(t - x) for t in seen) <= max(1.0, abs(x)) * (1 + 1e-9), (x, max(seen), min(seen))


@pytest.mark.parametrize("f", [math.sin, lambda x: x**3 - 2 * x, lambda x: 1 / (1 + math.exp(-x)), math.exp])
@pytest.mark.parametrize("x", [0.6, -0.6, 3.0])
def test_where_near_is_enough_a_quarter_of_the_argument_is_the_limit(f, x):
    seen = []
    assert numeric.derivative(lambda t: seen.append(t) or f(t), x, vectorized=False).trusted
    assert max(abs(t - x) for t in seen) <= 0.55 * abs(x)


def test_arrays_are_moved_no_further():
    x, seen = np.array([0.5, -2.0, 100.0, 0.0]), []

    def f(v):
        seen.append(v - x)
        return math.sin(float(v[0])) * v[1] + math.floor(v[2]) + v[3] ** 2

    numeric.gradient(f, x)
    numeric.directional(f, x, np.array([1.0, -2.0, 3.0, 1e3]))
    numeric.hessian(f, x)
    assert np.all(np.max(np.abs(seen), axis=0) <= np.maximum(1.0, np.abs(x)) * (1 + 1e-9))


@pytest.mark.parametrize(
    "error", [ValueError, ZeroDivisionError, AssertionError, RuntimeError, IndexError, TypeError, KeyError]
)
@pytest.mark.parametrize("budget", ["default", "cheap"])
def test_an_exception_beside_the_point_means_undefined_there(error, budget):
    def f(x):
        if x > 1.02:
            raise error("not here")
        return math.sin(x)

    found = numeric.derivative(f, 1.0, budget=budget)
    assert found.agrees_with(math.cos(1.0)) if found.trusted else found.reason is not None
    assert budget == "cheap" or found.trusted


@pytest.mark.parametrize("error", [AssertionError, RuntimeError, IndexError, TypeError])
def test_an_exception_at_the_point_is_the_users(error):
    def f(x):
        raise error("mine")

    with pytest.raises(error, match="mine"):
        numeric.derivative(f, 1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, 1j])
def test_no_number_beside_the_point_means_undefined_there(value):
    found = numeric.derivative(lambda x: value if x > 1.02 else math.sin(x), 1.0)
    assert found.agrees_with(math.cos(1.0))


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(sampling, "AT_LEAST", 0.15)
    monkeypatch.setattr(sampling, "TIMES", 10)
    monkeypatch.setattr(patience, "POLL", 0.02)


def endless(x):
    """Converges for |x| < 1 only."""
    y = 0.0
    while abs(y - (new := 0.8 + x * math.sin(y))) > 1e-12:
        y = new
        if abs(x) >= 1:
            y = 0.0
    return y


@pytest.mark.parametrize("budget", ["default", "cheap"])
def test_a_loop_that_does_not_end_beside_the_point_is_left(impatient, budget):
    found = numeric.derivative(endless, 0.97, budget=budget)
    e, y = 0.97, endless(0.97)
    # The loop stops when the value has converged; its slope lags behind.
    assert found.reason is Doubt.TOO_SLOW or found.value == pytest.approx(math.sin(y) / (1 - e * math.cos(y)), rel=1e-7)


def test_a_loop_that_ends_at_the_point_only_is_a_clear_doubt(impatient):
    def f(x):
        while x != 1.0:
            pass
        return x

    calls = numeric.derivative(f, 1.0)
    assert calls.reason is Doubt.TOO_SLOW
    assert calls.evaluations < 10


def test_code_that_handles_all_errors_is_left_as_well(impatient):
    def f(x):
        while x != 1.0:
            try:
                math.sqrt(-1.0)
            except Exception:
                continue
        return x

    assert numeric.derivative(f, 1.0).reason is Doubt.TOO_SLOW


def test_other_threads_are_watched_too(impatient):
    found = []
    thread = threading.Thread(target=lambda: found.append(numeric.derivative(endless, 0.97)))
    thread.start()
    thread.join()
    assert found[0].reason is Doubt.TOO_SLOW or found[0].trusted


def test_a_limit_ends_the_whole_estimate(monkeypatch):
    monkeypatch.setattr(patience, "POLL", 0.02)

    def slow(x):
        time.sleep(0.02)
        return math.sin(x)

    found = numeric.derivative(slow, 1.0, limit=0.1)
    assert found.reason is Doubt.TOO_SLOW
    assert found.evaluations <= 8
    assert numeric.gradient(lambda v: slow(float(v[0])), np.ones(50), limit=0.1).evaluations <= 120


def test_a_late_exception_does_not_arrive_elsewhere(impatient):
    for _ in range(3):
        numeric.derivative(endless, 0.97)
        end = time.monotonic() + 0.1
        while time.monotonic() < end:
            pass


@pytest.mark.parametrize("limit", [0, -1.0, True, "1", math.nan])
def test_a_limit_is_a_positive_number(limit):
    with pytest.raises(ArgumentError, match="limit"):
        numeric.derivative(math.sin, 1.0, limit=limit)


def test_a_profiled_call_after_one_that_was_left():
    program = """
import sys, chainrule as cr
def hang(x):
    while x != 1.0: pass
    return x
print(cr.numeric.derivative(hang, 1.0, limit=0.3).reason)
def g(): return 1
sys.setprofile(lambda *_: None)
g()
print("ended")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.endswith("ended\n"), done.stderr
