"""What a recording keeps: arrays that no rule reads are given up while the function runs, and nothing else changes."""

import gc
import weakref

import numpy as np
import pytest

import chainrule as cr
import chainrule.native.opcodes as opcodes
from chainrule.carriers.frozen import frozen
from chainrule.carriers.made import read_of
from chainrule.ops.row import TABLE

LARGE, PART = 9000, 3000  # more and less than 64 kB
ROWS = [TABLE[name] for name in opcodes.NAMES if name]
LINEAR = {
    "sum": lambda x: np.sum(x, keepdims=True),
    "mean": np.mean,
    "slices": lambda x: x[1:] - x[:-1],
    "joined": lambda x: np.concatenate([x[5:], 2.0 * x]),
    "stacked": lambda x: np.stack([x, x - 1.0]),
    "shaped": lambda x: x.reshape(30, -1).T,
    "matrix": lambda x: x.reshape(90, -1) @ x.reshape(90, -1).T,
    "product by a constant": lambda x: x.reshape(90, -1) @ np.ones((100, 100)),
    "einsum": lambda x: np.einsum("ij,jk->i", x.reshape(90, -1), np.ones((100, 100))),
    "places": lambda x: x[np.arange(0, 9000, 3)],
    "repeated": lambda x: np.tile(x, 2),
    "turned": lambda x: np.roll(x[::-1], 3),
    "single": lambda x: (x - 1.0).astype(np.float32),
    "running": lambda x: np.cumsum(x - 1.0),
    "chosen": lambda x: np.where(x > 1.0, x - 1.0, 3.0 * x),
    "added to": lambda x: np.broadcast_to(x - 1.0, (2, LARGE)) + x,
}


@pytest.fixture
def x():
    return np.random.default_rng(0).uniform(0.3, 0.9, LARGE)


def agree(f, x):
    """`grad`, which gives arrays up, computes what `vjp` does, which keeps them all."""
    value, gradient = cr.value_and_grad(f)(x)
    y, pullback = cr.vjp(f, x)
    np.testing.assert_array_equal(gradient, pullback(np.ones_like(y))[0])
    assert value == y


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_elementwise_rows_read_what_they_kept(row, x):
    kinds = [lambda x: x, lambda x: x.reshape(30, -1), lambda x: x.astype(np.float32)]
    others = [lambda x: 1.5 * x, lambda x: 2.0, lambda x: x[-1] + 1.0, lambda x: 2.0 * x[:1]]
    for kind in kinds:
        for other in others if row.arity == 2 else others[:1]:
            for step in (1, -1)[: row.arity]:
                operands = lambda x, kind=kind, other=other: (kind(0.5 * x), other(kind(x)))[: row.arity]
                agree(lambda x, step=step, operands=operands: np.sum(3.0 * (y := row(*operands(x)[::step])) - y), x)


@pytest.mark.parametrize("f", LINEAR.values(), ids=LINEAR)
def test_linear_rows_read_shapes_only(f, x):
    agree(lambda x: np.sum(np.sin(f(x * 2.0 + 1.0)) * 0.5), x)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_a_slope_does_not_read_may_be_anything(row):
    a, b = np.array([0.25, 0.5, 0.75]), np.array([1.25, 0.5, 2.0])
    operands = (a, b)[: row.arity]
    for side, partial in enumerate(row.partials):
        read = read_of(row, side)
        parts = [row(*operands), *operands]
        spoiled = [x if read >> k & 1 else np.full(3, np.nan) for k, x in enumerate(parts)]
        if callable(partial):
            np.testing.assert_array_equal(partial(*spoiled), partial(*parts))
        else:
            assert read == 0


def test_arrays_go_that_nothing_reads(x):
    gone = []

    def f(x):
        y = 2.0 * x
        for _ in range(5):
            a = y - x
            gone.append(weakref.ref(a.stored))
            y = a * 3.0 + y
        kept = y * y
        assert [each() is None for each in gone[:-1]] == [True] * 4
        return np.sum(kept)

    assert np.isfinite(cr.grad(f)(x)).all()


def test_who_asks_for_what_went_has_it_computed_again(x):
    def f(x):
        y = x * 3.0
        for _ in range(50):
            y = y - 0.25 * x
        y = np.exp(y) + 1.0
        found = y
        while found.parents[0].parents:
            found = found.parents[0]
        expected = x.stored * 3.0
        np.testing.assert_array_equal(found.stored, expected)
        last = y.parents[0].parents[0]
        for _ in range(50):
            expected = expected - 0.25 * x.stored
        np.testing.assert_array_equal(last.stored, expected)
        np.testing.assert_array_equal(last.operands[1], 0.25 * x.stored)
        return np.sum(y + last)

    assert np.isfinite(cr.grad(f)(x)).all()


def test_what_is_still_used_stays_though_others_that_used_it_are_gone(x):
    def f(x):
        y = x - 1.0
        for _ in range(3):
            np.sum(y + y), np.sum(y)
        again = [y, y]
        return np.sum(np.sin(again[0]) * y) + np.sum(x)

    expected = np.cos(x - 1.0) * (x - 1.0) + np.sin(x - 1.0) + 1.0
    np.testing.assert_allclose(cr.grad(f)(x), expected, rtol=1e-13)


def test_nothing_is_watched_after_an_error(x):
    made = []

    def f(x):
        y = 2.0 * x
        made.append(weakref.ref(y.stored))
        cr.grad(lambda z: np.sum(z - y))(y)
        raise KeyError

    with pytest.raises(KeyError):
        cr.grad(f)(x)
    gc.collect()
    assert made[0]() is None


def test_derivatives_of_derivatives_are_those_of_parts(x):
    f = lambda x: np.sum(np.exp(-x * x) / (1.0 + x) - x)
    second = cr.grad(lambda x: np.sum(cr.grad(f)(x) * x))
    parts = [second(x[k : k + PART]) for k in range(0, LARGE, PART)]
    np.testing.assert_array_equal(second(x), np.concatenate(parts))
    along = [cr.hvp(f, x[k : k + PART], x[k : k + PART]) for k in range(0, LARGE, PART)]
    np.testing.assert_array_equal(cr.hvp(f, x, x), np.concatenate(along))


@pytest.mark.parametrize(
    "view",
    [lambda x: x[1:], lambda x: x[::-1], lambda x: x[5:-7], lambda x: x.reshape(100, -1).T, lambda x: x.view(np.int64)],
)
def test_views_share_the_copy_of_their_array_until_it_changes(view):
    x = np.arange(10_000.0)
    first, second = frozen(view(x)), frozen(view(x))
    assert np.shares_memory(first, second)
    assert not np.shares_memory(first, x)
    np.testing.assert_array_equal(first, view(x))
    before = view(x).copy()
    x[8] = -1.0
    np.testing.assert_array_equal(first, before)
    np.testing.assert_array_equal(frozen(view(x)), view(x))
    with pytest.raises(ValueError, match="cannot set WRITEABLE"):
        first.flags.writeable = True
