"""Arguments whose elements do not lie in order: read where they lie, or copied, with the same results."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit.agreement import agree
from jit.test_kernel_loops import given_array, reduced, step, taken

import chainrule as cr
from chainrule.jit.call.specialise import LAYOUTS
from chainrule.jit.emit.build import build
from chainrule.jit.plan import parallel
from chainrule.jit.plan.strided import layout_of
from chainrule.jit.program import Program
from chainrule.jit.replay import Replay

X = np.random.default_rng(0).normal(size=(40, 6))

READ = {
    "a column": X[:, 1],
    "every other": X[::2],
    "a corner": X[3:, :2],
    "every third of every row": X[:, ::3],
    "one row many times": np.broadcast_to(X[0], (5, 6)),
    "one number": np.broadcast_to(X[0, 0], (5, 6)),
    "new axes": X[:, None, 2],
    "transposed": X.T,
    "axes in another order": X.reshape(4, 5, 12).transpose(1, 2, 0),
    "a part transposed": X[::2, 1:4].T,
    "single precision": X.astype(np.float32)[:, 3],
}
COPIED = {
    "backwards": X[::-1],
    "overlapping": np.lib.stride_tricks.sliding_window_view(X[:, 0].copy(), 7),
    "a field of records": np.zeros(5, [("a", "i1"), ("b", "f8")])["b"],
    "large and transposed": np.ones((200, 300)).T,
}


def f(x):
    return np.sum(np.sin(x) * x), np.exp(x), np.max(x, axis=0), x


def of(compiled):
    return [line.strip() for line in compiled.report().splitlines() if line.startswith("    array ")]


@pytest.mark.parametrize("name", READ)
def test_arguments_are_read_where_they_lie(name):
    x, compiled = READ[name], cr.jit(f)
    for _ in range(3):
        agree(compiled(x), f(x), rtol=1e-6 if x.dtype == np.float32 else 1e-12)
    assert of(compiled) == [f"array 0 among the numbers is read where it lies, with strides of {list(x.strides)} bytes"]
    agree(compiled(x.copy()), f(x), rtol=1e-6 if x.dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("name", COPIED)
def test_others_are_copied(name):
    x, compiled = COPIED[name], cr.jit(f)
    for _ in range(3):
        agree(compiled(x), f(x))
    assert of(compiled)[0].startswith("array 0 among the numbers was copied (3 calls)")


@pytest.mark.parametrize("name", READ | COPIED)
def test_gradients_by_such_arguments(name):
    x = (READ | COPIED)[name]
    slope = cr.grad(lambda x: np.sum(np.tanh(x) * x))
    got = cr.jit(slope)(x)
    agree(got, slope(x), rtol=1e-5 if x.dtype == np.float32 else 1e-12)
    assert got.flags.c_contiguous
    assert not np.shares_memory(got, x)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_part_of_any_array(data):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    whole = np.random.default_rng(0).normal(size=[2 * n + 1 for n in shape])
    index = [slice(data.draw(st.integers(0, 1)), None, data.draw(st.sampled_from([1, 2, -1]))) for _ in shape]
    x = whole[tuple(index)].transpose(data.draw(st.permutations(range(len(shape)))))
    y = given_array(*x.shape)
    outputs = [step("multiply", y, y), reduced("sum", y, (0,)), step("exp", taken(y, 0))]
    program = Program([y], outputs)
    holds, got = build(program, layout=layout_of([x])).run([x])
    assert holds
    for g, w in zip(got, Replay(program).run([x])[1], strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-13, atol=1e-13)  # the terms of a sum are of size 1, and may cancel


def test_what_numpy_reads_is_copied():
    a, b = np.sin(np.arange(5600.0)).reshape(70, 80)[:, :40], np.cos(np.arange(2400.0)).reshape(80, 30)[::2]
    compiled = cr.jit(lambda a, b: (np.tanh(a @ b), np.exp(b)))  # too large a product for a loop
    agree(compiled(a, b), (np.tanh(a @ b), np.exp(b)))
    assert {line.partition(" was")[0] for line in of(compiled)} == {f"array {k} among the numbers" for k in (0, 1)}


def test_a_reshape_that_moves_elements():
    x = X[:, ::2]
    compiled = cr.jit(lambda x: np.sum(x.reshape(6, 20), axis=0))
    agree(compiled(x), np.sum(x.reshape(6, 20), axis=0))


def test_each_layout_has_code_of_its_own_up_to_a_number():
    compiled = cr.jit(lambda x: np.sum(x * x))
    for _ in range(2):
        for k in range(1, 9):
            x = np.arange(30.0 * k).reshape(30, k)[:, 0]
            assert compiled(x) == pytest.approx(np.sum(x * x), rel=1e-14)
    (version,) = compiled.specialisations[0].versions
    assert len(version.variants) == LAYOUTS


def test_guards_and_layouts():
    compiled = cr.jit(cr.grad(lambda x: np.sum(x * x) if np.sum(x) > 0 else np.sum(-x)))
    for x in (X[:, 0], X[:, 0].copy(), -X[:, 0], -abs(X)[:, 1], abs(X)[:, 1], abs(X).copy()[:, 2]):
        agree(compiled(x), 2 * x if np.sum(x) > 0 else -np.ones(40))
    assert len(compiled.specialisations[0].versions) == 2


def test_threads_and_strict_programs_read_them_too(monkeypatch):
    monkeypatch.setattr(parallel, "WORTH", 0)
    x = np.random.default_rng(0).normal(size=(1001, 3))[:, 1]
    compiled = cr.jit(lambda x: (np.exp(x), np.sum(x * x)), threads=3)
    agree(compiled(x), (np.exp(x), np.sum(x * x)))
    assert "in 3 threads: loop over [1001]" in compiled.report()
    strict = cr.jit(lambda x: x * x + 1 / x, strict=True)
    assert np.array_equal(strict(x), x * x + 1 / x)


def test_many_numbers_of_a_strided_array():
    """A long program of single numbers, rolled into loops."""

    def f(x):
        total = 0.0
        for k in range(600):
            total = total * 0.5 + x[k] * x[k]
        return total

    x = np.random.default_rng(0).normal(size=(600, 2))[:, 1]
    assert cr.jit(f)(x) == pytest.approx(f(x), rel=1e-12)


def test_arrays_may_change_where_they_are():
    compiled, columns = cr.jit(lambda x: x * 2.0), X.copy()
    for k in range(6):
        np.testing.assert_array_equal(compiled(columns[:, k]), columns[:, k] * 2.0)
    columns[0, 0] = 77.0
    assert compiled(columns[:, 0])[0] == 154.0
