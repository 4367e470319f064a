"""Cotangents added in place, and arrays computed without NumPy: the same as the adjoints and NumPy say."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import ops
from chainrule.errors import UnsupportedFunction
from chainrule.ops.kinds import Linear
from chainrule.ops.row import TABLE

X = np.arange(12.0).reshape(3, 4)
CASES = {
    "sum of all": ("sum", 2.5, {"axis": None, "keepdims": False}),
    "sums of rows": ("sum", np.arange(3.0), {"axis": (1,), "keepdims": False}),
    "sums that keep their axis": ("sum", np.arange(4.0)[None], {"axis": (0,), "keepdims": True}),
    "an element": ("getitem", 1.5, {"index": (1, 2)}),
    "a row": ("getitem", np.arange(4.0), {"index": 1}),
    "a slice backward": ("getitem", np.arange(8.0).reshape(2, 4), {"index": slice(None, 0, -1)}),
    "a new axis": ("getitem", np.arange(3.0)[None], {"index": (None, slice(None), 2)}),
    "an index that occurs twice": ("getitem", np.arange(8.0).reshape(2, 4), {"index": np.array([2, 2])}),
    "a mask": ("getitem", np.arange(5.0), {"index": X > 6}),
    "another shape": ("reshape", np.arange(12.0).reshape(2, 6), {"shape": (2, 6)}),
    "another shape, in pieces": ("reshape", np.arange(24.0).reshape(2, 12)[:, ::2], {"shape": (2, 6)}),
    "axes exchanged": ("transpose", np.sin(X).T, {"axes": (1, 0)}),
    "parts in a row": ("concatenate", np.sin(np.arange(24.0)).reshape(6, 4), {"axis": 0}),
    "parts side by side": ("concatenate", np.sin(np.arange(24.0)).reshape(3, 8), {"axis": 1}),
    "layers": ("stack", np.sin(np.arange(24.0)).reshape(3, 2, 4), {"axis": 1}),
}


def test_every_row_that_adds_in_place_is_tested():
    rows = {name for name, row in TABLE.items() if isinstance(row, Linear) and row.accumulate is not None}
    assert rows == {name for name, *_ in CASES.values()}


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("case", CASES)
def test_adding_in_place_adds_the_adjoint(case, order):
    name, ct, settings_ = CASES[case]
    ct = np.float64(ct) if isinstance(ct, float) else ct
    operands = (X, X) if name in ("concatenate", "stack") else (X,)
    row, before = TABLE[name], np.sqrt(X)
    for i in range(len(operands)):
        total = before.copy(order)
        row.accumulate(total, i, ct, *operands, **settings_)
        np.testing.assert_array_equal(total, before + row.adjoint(i, ct, *operands, **settings_))


@given(
    shape=st.lists(st.integers(0, 3), max_size=3).map(tuple) | st.just((40, 40)),
    drop=st.integers(0, 3),
    ones=st.lists(st.booleans(), min_size=3, max_size=3),
    turned=st.sampled_from(["as it is", "transposed", "backward", "in pieces"]),
    kind=st.sampled_from(["f8", ">f8", "f4"]),
)
@settings(max_examples=300, deadline=None)
def test_shares_of_any_layout_are_added_as_numpy_adds_them(shape, drop, ones, turned, kind):
    smaller = tuple(1 if one else n for n, one in zip(shape, ones, strict=False))[drop:]
    share = np.sin(np.arange(float(np.prod(smaller)))).reshape(smaller).astype(kind)
    if turned == "transposed":
        share = share.copy("F")
    elif turned == "backward":
        share = np.flip(share)
    elif turned == "in pieces":
        share = np.repeat(share[..., None], 2, -1)[..., 0]
    for order in "CF":
        total = np.cos(np.arange(float(np.prod(shape)))).reshape(shape).copy(order)
        expected = total + share
        TABLE["sum"].accumulate(total, 0, share, total, axis=None, keepdims=False)
        np.testing.assert_array_equal(total, expected)


def test_gradients_that_nodes_share_are_each_nodes_own_when_looked_at():
    a, b, weight = cr.Value(np.ones((2, 2))), cr.Value(np.ones((2, 2))), np.ones((2, 2))
    y = a.T + b
    y.backward(weight)
    weight[...] = 7.0
    a.grad[0, 1] = 5.0
    b.grad[...] = 3.0
    np.testing.assert_array_equal(a.grad, [[1.0, 5.0], [1.0, 1.0]])
    np.testing.assert_array_equal(b.grad, np.full((2, 2), 3.0))
    np.testing.assert_array_equal(y.grad, np.ones((2, 2)))
    y.backward(np.ones((2, 2)))
    np.testing.assert_array_equal(a.grad, [[2.0, 6.0], [2.0, 2.0]])
    np.testing.assert_array_equal(y.grad, np.full((2, 2), 2.0))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_gradients_that_nodes_share_are_apart_in_copies(copied):
    x = cr.Value(np.ones(3))
    y = x + 1.0
    y.backward(np.ones(3))
    y = copied(y)
    y.grad[0] = 5.0
    np.testing.assert_array_equal(y.parents[0].grad, np.ones(3))


def test_rows_of_an_array_share_one_adjoint():
    """Reading all rows of a matrix costs one array of its size, not one for each row."""
    x = cr.Value(np.ones((200, 3)))
    total = x[0] * 1.0
    for k in range(1, 200):
        total = total + x[k] * float(k)
    total.backward(np.ones(3))
    np.testing.assert_array_equal(x.grad, np.array([1.0, *range(1, 200)])[:, None] * np.ones(3))


def test_an_adjoint_that_somebody_else_holds_is_not_written_to():
    x = cr.Value(np.ones(4))
    y = x * 1.0
    (y[1:].sum() + y[:2].sum()).backward()
    seen = y.grad
    held = seen.copy()
    (y[0] * 3.0).backward()
    np.testing.assert_array_equal(held, [1.0, 2.0, 1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [4.0, 2.0, 1.0, 1.0])


@pytest.mark.parametrize(
    "turned",
    [lambda ct: ct.astype(">f8"), lambda ct: np.repeat(ct, 2)[::2], lambda ct: np.broadcast_to(ct[:1], 4), np.float32],
)
def test_cotangents_of_any_layout_are_read_as_they_are(turned):
    ct = turned(np.array([1.0, 2.0, 3.0, 4.0]))
    x = cr.Value(np.arange(4.0))
    (x * x[::-1] - np.exp(x)).backward(ct)
    data, weight = x.data, np.array(ct, dtype=float)
    np.testing.assert_allclose(x.grad, weight * data[::-1] + (weight * data)[::-1] - weight * np.exp(data), rtol=1e-15)


shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


@given(shape=shapes, target=shapes)
@settings(max_examples=200, deadline=None)
def test_broadcasting_is_numpys(shape, target):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    for given_ in (x, x.T.copy().T, np.float64(2.0)):
        try:
            expected = np.broadcast_to(given_, target)
        except ValueError:
            with pytest.raises(ValueError, match=r"broadcast|input operand"):
                ops.broadcast_to(given_, target)
            continue
        view = ops.broadcast_to(given_, target)
        np.testing.assert_array_equal(view, expected)
        assert view.shape == target
        assert not view.flags.writeable


def test_a_view_of_an_array_that_changes_is_not_kept():
    x, w = cr.Value(np.ones(3)), np.ones(1)
    y = x * ops.broadcast_to(w, (3,))
    w[0] = 5.0
    y.backward(np.ones(3))
    np.testing.assert_array_equal(x.grad, np.ones(3))


@given(
    ct=st.lists(st.sampled_from([0.0, -0.0, 1.0, -2.0, np.inf, np.nan]), min_size=6, max_size=6),
    partial=st.lists(st.sampled_from([0.0, 3.0, -1.0, np.inf, -np.inf, np.nan]), min_size=6, max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_strong_zeros_of_arrays_are_those_of_floats(ct, partial):
    scale = TABLE["scale"]
    expected = [scale(a, b) for a, b in zip(ct, partial, strict=True)]
    with np.errstate(all="ignore"):
        for turn in (np.ascontiguousarray, lambda x: np.repeat(x, 2)[::2]):
            np.testing.assert_array_equal(scale(turn(np.array(ct)), turn(np.array(partial))), expected)
        rows = scale(np.array(ct).reshape(2, 3), np.array(partial[:3]))
        columns = scale(np.array(ct[::3]).reshape(2, 1), np.array(partial).reshape(2, 3))
        turned = scale(np.array(ct).reshape(3, 2).T, np.array(partial).reshape(2, 3))
    repeated = partial[:3] * 2
    np.testing.assert_array_equal(rows.ravel(), [scale(a, b) for a, b in zip(ct, repeated, strict=True)])
    repeated = [c for c in ct[::3] for _ in range(3)]
    np.testing.assert_array_equal(columns.ravel(), [scale(a, b) for a, b in zip(repeated, partial, strict=True)])
    repeated = [*ct[::2], *ct[1::2]]
    np.testing.assert_array_equal(turned.ravel(), [scale(a, b) for a, b in zip(repeated, partial, strict=True)])


@given(
    shape=st.sampled_from([(0, 2), (3,), (2, 5), (2, 3, 4)]),
    axis=st.integers(-1, 1),
    turned=st.booleans(),
    low=st.sampled_from([1.0, 40.0, 700.0, -700.0]),
)
@settings(max_examples=60, deadline=None)
def test_softmax_of_any_layout_is_that_of_its_formula(shape, axis, turned, low):
    """Where an exponential's argument was rounded, that is put right; elements that are largest are counted."""
    x = low + 3.0 * np.sin(np.round(np.arange(float(np.prod(shape))) / 2)).reshape(shape)
    x = x.copy("F") if turned else x
    axis = min(axis, x.ndim - 1)
    if x.shape[axis] == 0:
        return
    top = np.max(x, axis=axis, keepdims=True)
    y, d = np.exp(x - top), x - top
    back = x - d
    y = y + y * ((x - (d + back)) + (back - top))
    np.testing.assert_array_equal(ops.softmax(x, axis), y / np.sum(y, axis=axis, keepdims=True))
    hit = x == top
    rest = np.sum(np.where(hit, 0.0, np.exp(d)), axis=axis, keepdims=True) + (np.sum(hit, axis=axis, keepdims=True) - 1)
    expected = np.squeeze(top + np.log1p(rest), axis)
    np.testing.assert_array_equal(ops.logsumexp(x, axis), expected)


def test_arrays_with_ways_of_their_own_are_refused():
    class Other(np.ndarray):
        def __array_function__(self, function, types, args, kwargs):
            return np.array([function.__name__])

    with pytest.raises(UnsupportedFunction, match="a Other has rules of its own"):
        TABLE["where"](np.ones(2).view(Other), 1.0, np.zeros(2))
