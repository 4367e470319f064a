"""The compiled way into a program: it takes the arguments it was made for and leaves all others to `run`."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from typing import Any

import numpy as np
import pytest
from jit.agreement import agree

import chainrule as cr

pytestmark = pytest.mark.usefixtures("collected")


def latest(compiled: Any) -> Any:
    return compiled.specialisations[-1].versions[0]


def test_it_gives_a_list_of_floats_and_fresh_arrays() -> None:
    compiled = cr.jit(lambda a, x: (a * 2.0, x + a, np.sum(x)))
    x = np.arange(3.0)
    compiled(1.0, x)
    entry = latest(compiled).entry
    outputs = entry(1.0, x)
    assert type(outputs) is list
    agree(outputs, [2.0, x + 1.0, 3.0])
    assert entry(1.0, x)[1] is not outputs[1]


def test_other_arguments_are_left_to_others() -> None:
    compiled = cr.jit(lambda a, x: np.sum(x) * a)
    x = np.ones((2, 3))
    compiled(1.0, x)
    entry = latest(compiled).entry
    assert entry(2.0, x) == [12.0]
    for args in [
        (), (1.0,), (1.0, x, x), (1, x), (np.float64(1), x), (np.array(1.0), x), (x, 1.0), (1.0, x.T), (1.0, x[0]),
        (1.0, x.astype(np.float32)), (1.0, x.astype(">f8")), (1.0, x.tolist()), (1.0, np.ma.array(x)),
        (1.0, np.ones((2, 6))[:, ::2]), (1.0, np.ones((2, 3, 1))),
    ]:  # fmt: skip
        assert entry(*args) is NotImplemented
    assert entry(1.0, x=x) is NotImplemented
    misaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(float).reshape(2, 3)
    assert entry(1.0, misaligned) is NotImplemented
    assert compiled(1.0, misaligned) == 6.0


def test_a_guard_that_does_not_hold_gives_none() -> None:
    compiled = cr.jit(lambda x: x * 2 if x > 0 else x)
    compiled(1.0)
    assert latest(compiled).entry(-1.0) is None


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_single_numbers_of_each_type(kind: Any) -> None:
    compiled = cr.jit(lambda x, y: (x * y, x > y))
    for _ in range(2):
        agree(compiled(kind(3), kind(2)), (kind(6) if kind is np.float32 else 6.0, True))
    entry = latest(compiled).entry
    assert [type(y) for y in entry(kind(3), kind(2))] == [np.float32 if kind is np.float32 else float, np.bool_]


def test_many_arguments_and_captured_arrays() -> None:
    weights = np.arange(4.0)
    compiled = cr.jit(cr.grad(lambda *xs: np.sum(sum(x * weights for x in xs) ** 2), argnums=(0, 11)))
    xs = [np.full(4, float(k)) for k in range(12)]
    expected = cr.grad(lambda *xs: np.sum(sum(x * weights for x in xs) ** 2), argnums=(0, 11))(*xs)
    for _ in range(2):
        agree(compiled(*xs), expected)
    weights[0] = 9.0
    with pytest.raises(cr.errors.StaleRecording):
        compiled(*xs)


def test_containers_and_keywords_are_taken_apart_and_put_together() -> None:
    def f(p: Any, x: Any, *, scale: Any, how: str) -> Any:
        y = p["w"] * x + p["b"][0] * scale
        return {"y": y if how == "plain" else -y, "all": [y, (p["b"][1], None)]}

    compiled = cr.jit(f)
    for k in range(4):
        p = {"b": [float(k), 2.0], "w": np.full(3, k + 1.0)}
        for how in ("plain", "negative"):
            agree(compiled(p, np.ones(3), scale=0.5, how=how), f(p, np.ones(3), scale=0.5, how=how))
    assert len(compiled.specialisations) == 2
    agree(compiled({"w": np.ones(3), "b": [1.0, 2.0]}, x=np.ones(3), how="plain", scale=2.0)["y"], np.full(3, 3.0))
    with pytest.raises(KeyError):
        compiled({"w": np.ones(3), "c": [1.0, 2.0]}, np.ones(3), scale=0.5, how="plain")


def test_calls_leave_nothing_behind() -> None:
    compiled = cr.jit(cr.value_and_grad(lambda a, x: np.sum(x * x) * a if a > 0 else a, argnums=(0, 1)))
    a, x = 2.5, np.ones(50)

    def work() -> None:
        for _ in range(2000):
            compiled(a, x)
            compiled(-a, x)
            compiled(a, x[::2])

    work()
    gc.collect()
    counted = [a, x, x.dtype, float, np.ndarray, np.dtype(np.float32)]
    before = [sys.getrefcount(y) for y in counted]
    tracemalloc.start()
    work()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 50_000
    assert max(abs(sys.getrefcount(y) - n) for y, n in zip(counted, before, strict=True)) < 100


HOLDERS: dict[str, Any] = {
    "a name": lambda y: y,
    "a view": lambda y: y[1:],
    "a buffer": memoryview,
}


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_an_array_that_somebody_refers_to_is_left_alone(hold: Any) -> None:
    double = cr.jit(lambda x: x * 2.0)
    results = [double(np.full(3, float(k))) for k in range(4)]
    holders = [hold(y) for y in results]
    addresses = {y.ctypes.data for y in results}
    assert len(addresses) == 4
    del results
    for k in range(8):
        assert double(np.full(3, float(k))).ctypes.data not in addresses
    for k, held in enumerate(holders):
        assert held[-1] == 2.0 * k


def test_an_array_with_a_weak_reference_is_left_alone() -> None:
    double = cr.jit(lambda x: x * 2.0)
    seen = weakref.ref(double(np.zeros(3)))
    for k in range(1, 8):
        assert double(np.full(3, float(k)))[0] == 2.0 * k
        last = seen()
        assert last is None or last[0] == 0.0
        del last


def test_an_array_that_was_dropped_is_used_again() -> None:
    double = cr.jit(lambda x: x * 2.0)
    for _ in range(3):
        double(np.ones(3))
    addresses = {double(np.full(3, float(k))).ctypes.data for k in range(20)}
    assert len(addresses) <= 2
    y = double(np.ones(3))
    for k in range(20):  # as a loop does that holds its last result
        before, y = y, double(np.full(3, float(k)))
        assert y is not before
        agree(y, np.full(3, 2.0 * k))


def reshaped(y: Any) -> None:
    y.shape = (3, 2)


def frozen(y: Any) -> None:
    y.flags.writeable = False


@pytest.mark.parametrize("change", [reshaped, frozen])
def test_what_the_caller_did_to_a_dropped_array_is_not_seen_again(change: Any) -> None:
    double = cr.jit(lambda x: x * 2.0)
    for k in range(6):
        y = double(np.full((2, 3), float(k)))
        assert y.shape == (2, 3)
        assert y.flags.writeable
        agree(y, np.full((2, 3), 2.0 * k))
        change(y)
        del y
