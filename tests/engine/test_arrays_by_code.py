"""Arrays through the common operators: the engine's loops give the bits of the operator table's rows, share no memory
with anybody, and give up what the sweep has passed."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import chainrule as cr
from chainrule.ops import branches
from chainrule.ops.row import TABLE
from chainrule.sweeps import by_branches, repeated

NAMES = [
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "negative", "exp", "log", "sqrt", "tan",
    "sin", "tanh", "relu", "sigmoid", "absolute", "square", "reciprocal", "log1p", "arctan",
]  # fmt: skip
numbers = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, np.nan, 5e-324, -2e-310, 1e308, 1e-200]),
    st.floats(-4.0, 4.0),
)
vectors = arrays(np.float64, 9, elements=numbers)


@pytest.fixture(autouse=True)
def swept_once(monkeypatch):
    """Shares that leave the range of floats, or are nan, are what the loops give, and not found in a second sweep."""
    monkeypatch.setattr(repeated, "back_in_range", lambda *_: None)
    monkeypatch.setattr(by_branches, "by_limits", lambda *_: None)


def sent(row, ct, y, args, active):
    """The share of each operand; where one holds nan, nothing is sent where nothing arrived."""
    found = dict(row.pull(ct, y, args, active, {}))
    if not any(np.isnan(x).any() for x in found.values()):
        return found
    told_apart = branches.shares(row, y, args, active, {}, ct, branches.arrived(ct))
    return {i: np.zeros_like(args[i]) for i in active} | {i: share for i, share, _ in told_apart}


def bits(x):
    """The words of an array, every nan as the same one, and both zeros."""
    return np.where(np.isnan(x), np.nan, x + 0.0).view(np.int64).tolist()


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(a=vectors, b=vectors, number=numbers, ct=vectors)
def test_shares_are_those_of_the_row_to_the_last_bit(name, a, b, number, ct):
    row = TABLE[name]
    for given_args in [(a,)] if row.arity == 1 else [(a, b), (a, number), (number, b)]:
        active = tuple(i for i, x in enumerate(given_args) if isinstance(x, np.ndarray))
        args = [cr.Value(x) if i in active else x for i, x in enumerate(given_args)]
        with np.errstate(all="ignore"):
            y = row(*args)
            expected = sent(row, ct, row(*given_args), given_args, active)
        y.backward(ct)
        for i in active:
            assert bits(args[i].grad) == bits(expected[i])


@pytest.mark.parametrize("name", [name for name in NAMES if TABLE[name].arity == 2])
@settings(deadline=None)
@given(
    a=arrays(np.float64, (2, 3, 3), elements=numbers),
    ct=arrays(np.float64, (2, 3, 3), elements=numbers),
    data=st.data(),
)
def test_shares_of_operands_that_are_repeated_are_those_of_the_row(name, a, ct, data):
    row = TABLE[name]
    shape = data.draw(st.sampled_from([(3,), (3, 3), (1, 3), (3, 1), (1, 3, 3), (2, 1, 1), ()]))
    b = data.draw(arrays(np.float64, shape, elements=numbers))
    for given_args in [(a, b), (b, a)]:
        args = [cr.Value(x) for x in given_args]
        constant = [cr.Value(a) if x is a else x for x in given_args]
        with np.errstate(all="ignore"):
            y, z = row(*args), row(*constant)
            expected = sent(row, ct, row(*given_args), given_args, (0, 1))
        y.backward(ct)
        z.backward(ct)
        for i in (0, 1):
            assert bits(args[i].grad) == bits(expected[i])
            assert not isinstance(constant[i], cr.Value) or bits(constant[i].grad) == bits(expected[i])


@pytest.mark.parametrize("shape", [(700, 3), (5, 700), (3, 2000), (9, 2, 2), (1, 1)])
@pytest.mark.parametrize("name", ["multiply", "divide", "maximum", "minimum", "subtract"])
def test_repeated_vectors_of_any_length_give_the_shares_of_whole_arrays(name, shape):
    draw = np.random.default_rng(0)
    row, x, b = TABLE[name], draw.normal(size=shape), draw.normal(size=shape[1:])
    shares = [
        cr.grad(lambda x, each=each: np.sum(np.sin(row(np.cos(row(x, each)), each)) + row(each, np.sin(x))))(x)
        for each in (b, np.array(np.broadcast_to(b, shape)))
    ]
    assert bits(shares[0]) == bits(shares[1])


def test_what_is_added_up_in_place_is_nobody_elses():
    a, b = cr.Value(np.ones(3)), cr.Value(np.full(3, 2.0))
    y = (a - b) + (a + b) + a * b - b
    y.backward(np.ones(3))
    y.backward(np.ones(3))
    assert a.grad.tolist() == [8.0] * 3
    assert b.grad.tolist() == [0.0] * 3
    by_a, by_b = cr.grad(lambda a, b: np.sum((a - b) * (a - b) + (b - a)), (0, 1))(np.ones(3), np.full(3, 2.0))
    assert by_a.tolist() == [-3.0] * 3
    assert by_b.tolist() == [3.0] * 3
    assert not np.shares_memory(by_a, by_b)


def test_a_gradient_that_was_read_stays_when_more_is_added():
    x = cr.Value(np.ones(2))
    (x * 2.0).backward(np.ones(2))
    first = x.grad
    (x * 3.0).backward(np.ones(2))
    assert first.tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [5.0, 5.0]


def test_the_array_of_the_caller_changed_while_it_is_differentiated():
    point = np.array([1.0, 2.0])

    def f(x):
        y = np.sum(x * x) + np.sum(x[:1] * x[1:]) + np.sum(x.reshape(2, 1) @ x.reshape(1, 2))
        point[:] = 100.0
        return y

    assert cr.grad(f)(point).tolist() == [2.0 + 2.0 + 6.0, 4.0 + 1.0 + 6.0]


def test_what_a_function_returns_beside_its_value_is_not_the_callers_array():
    point = np.array([1.0, 2.0])
    (value, (whole, view)), gradient = cr.value_and_grad(lambda x: (np.sum(x), (x, x[:1])), has_aux=True)(point)
    whole[0] = view[0] = gradient[0] = 7.0
    assert point.tolist() == [1.0, 2.0]
    assert value == 3.0


def test_a_gradient_gives_up_intermediates_as_the_sweep_passes():
    length, count = 100_000, 20

    def f(x):
        for _ in range(count):
            x = np.exp(-x)
        return np.sum(x)

    x = np.linspace(0.0, 1.0, length)
    cr.grad(f)(x)
    tracemalloc.start()
    try:
        cr.grad(f)(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < (2 * count + 8) * 8 * length  # kept to the end, the adjoints would take as much again
