"""Cotangents added in place, and arrays computed without NumPy: the same as the adjoints and NumPy say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule import ops
from chainrule.ops.row import TABLE, Linear

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
}


def test_every_row_that_adds_in_place_is_tested():
    rows = {name for name, row in TABLE.items() if isinstance(row, Linear) and row.accumulate is not None}
    assert rows == {name for name, *_ in CASES.values()}


@pytest.mark.parametrize("case", CASES)
def test_adding_in_place_adds_the_adjoint(case):
    name, ct, settings_ = CASES[case]
    ct = np.float64(ct) if isinstance(ct, float) else ct
    row, before = TABLE[name], np.sqrt(X)
    total = before.copy()
    row.accumulate(total, 0, ct, X, **settings_)
    np.testing.assert_array_equal(total, before + row.adjoint(0, ct, X, **settings_))


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
    repeated = partial[:3] * 2
    np.testing.assert_array_equal(rows.ravel(), [scale(a, b) for a, b in zip(ct, repeated, strict=True)])
