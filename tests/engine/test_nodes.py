"""What a recorded float remembers: earlier numbers of its operands, gradients of several passes, and nothing longer
than it has to."""

import gc
import math
import re
import sys
import threading
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest
from recordings import check

import chainrule as cr
import chainrule.carriers.versions as versions
from chainrule import Value
from chainrule.carriers.versions import KEPT
from chainrule.errors import NoValue
from chainrule.recording import order


def test_a_recording_keeps_the_numbers_it_was_made_from():
    x = Value(2.0)
    first = x * x
    x.data = 5.0
    second = x * x
    x.data = 7.0
    for y, expected in ((first, 4.0), (second, 10.0)):
        x.grad = 0.0
        y.backward()
        assert x.grad == expected
    assert first.operands == (2.0, 2.0)


def test_numbers_long_gone_are_an_error_and_not_a_guess():
    x = Value(2.0, label="x")
    y = x * x
    for k in range(KEPT + 1):
        x.data = float(k)
        (x * x).data  # used again, so each of these numbers has to be kept  # noqa: B018
    with pytest.raises(NoValue, match=r"an input \(x\) was given new data"):
        y.backward()


def test_the_count_that_orders_changes_may_start_over():
    x, w = Value(2.0), Value(3.0)
    versions.count_from(2**32 - 3)
    try:
        old = []
        for k in range(8):
            old.append(x * x * w)
            x.data, w.data = 10.0 + k, 20.0 + k
        for k, y in enumerate(old):
            x.grad = w.grad = 0.0
            y.backward()
            u, v = (2.0, 3.0) if k == 0 else (9.0 + k, 19.0 + k)
            assert (x.grad, w.grad) == (2 * u * v, u * u)
    finally:
        versions.count_from(0)


def test_training_needs_no_more_memory_than_one_step():
    x = Value(1.0)
    for _ in range(1000):
        y = (x * 2.0 - 3.0) ** 2
        x.grad = 0.0
        y.backward()
        x.data -= 0.05 * x.grad
    assert x.data == pytest.approx(1.5)
    assert len(x.right.row) == 2 * KEPT if hasattr(x, "right") else True


def test_what_is_kept_of_each_graph_does_not_hold_the_memory_of_the_graph():
    kept = []
    tracemalloc.start()
    try:
        for _ in range(400):
            x = Value(1.0)
            for k in range(1000):
                x = x * 1.001
                if k == 500:
                    kept.append(Value(2.0))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000  # 400 slabs would be 6.5 million
    assert [v.data for v in kept] == [2.0] * 400


def test_closures_written_by_hand_do_not_keep_their_node_alive():
    class Marker:
        pass

    def tanh(x, marker):
        out = Value(math.tanh(x.data), (x,), "tanh")

        def backward():
            assert marker is not None
            x.grad += (1 - out.data**2) * out.grad

        out._backward = backward
        return out

    gc.collect()
    gc.disable()
    try:
        marker = Marker()
        gone = weakref.ref(marker)
        x = Value(0.5)
        y = tanh(x, marker) * 2.0
        y.backward()
        assert x.grad == pytest.approx(2 * (1 - math.tanh(0.5) ** 2))
        del y, marker
        assert gone() is None
    finally:
        gc.enable()


def test_passes_are_counted():
    x = Value(3.0)
    y = x * x
    assert (x.passes, x.has_grad) == (0, False)
    y.backward()
    y.backward()
    assert (x.passes, x.grad) == (2, 12.0)
    x.grad = None
    assert (x.passes, x.grad) == (0, 0.0)


def test_labels_do_not_change_what_is_computed():
    def f(label):
        a, b = Value(2.0), Value(-3.0)
        product = a * b
        if label:
            product.label = "product"
        y = (product + 10.0) ** 2 / b
        y.backward()
        check(y)
        return y.data, a.grad, b.grad, [v.op and v.op.name for v in order(y)]

    assert f(True) == f(False)


@pytest.mark.parametrize("kind", [float, np.float64])
def test_numbers_stay_of_their_kind(kind):
    x = Value(kind(2.0))
    y = (x * 3 + 1.0) / 2 - x.exp()
    y.backward()
    assert type(y.data) is kind
    assert type(x.grad) is kind
    assert x.grad == pytest.approx(1.5 - math.exp(2.0))


def test_elements_of_a_vector_are_numpys_and_divide_as_numpy_does():
    x = Value(np.array([0.0, 2.0]))
    assert type(x[0].data) is np.float64
    with np.errstate(divide="ignore"):
        assert (1.0 / x[0]).data == math.inf
    with pytest.raises(ZeroDivisionError):
        1.0 / Value(0.0)
    with pytest.raises(IndexError):
        x[2]
    y = x[0] * x[1] + x[-1] ** 2
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_threads_sweep_one_recording_at_a_time_and_together():
    x = Value(1.5)
    y = x
    for _ in range(300):
        y = y * 1.001 + cr.erf(x) * 0.001
    expected = cr.grad(lambda v: _again(v))(1.5)
    found = []

    def sweep():
        from chainrule.sweeps.reverse import adjoints

        for _ in range(20):
            found.append(adjoints(y, 1.0).of(x))

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 80
    assert set(found) == {expected}


def test_threads_call_backward_of_one_recording_also_where_slopes_are_asked_of_rows():
    def summed():
        x = Value(1.5)
        y = x
        for _ in range(300):
            y = y + (1e-310 / x) * 1e300  # the quotient is below the normal floats
        return x, y

    (one, y), (x, z) = summed(), summed()
    for _ in range(4):
        y.backward()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=z.backward) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        sys.setswitchinterval(before)
    assert x.grad == one.grad


def _again(x):
    y = x
    for _ in range(300):
        y = y * 1.001 + cr.erf(x) * 0.001
    return y


def test_whoever_asks_the_memory_of_nodes_starts_it():
    """Compiled, each module gets the state that all share when it starts; without it the first question would crash."""
    package = Path(cr.__file__).parent
    users = [path for path in package.rglob("*.pxd") if "chainrule.native.memory" in path.read_text(encoding="utf-8")]
    assert len(users) >= 5
    for path in users:
        assert "\nmemory.start()\n" in path.with_suffix(".py").read_text(encoding="utf-8"), path.name


def test_what_exists_once_exists_once():
    for path in (Path(cr.__file__).parent / "native").glob("*.h"):
        mutable = re.findall(
            r"^static (?!inline|const)[^(;]*(?:=[^;]*)?;", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        allowed = {"state.h": 1, "buffer_cache.h": 7}  # the pointer to it; what belongs to `ops/reuse` alone
        assert len(mutable) <= allowed.get(path.name, 0), (path.name, mutable)
