"""Expressions built from inputs that have no number yet."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError, NoValue


def test_forward_then_backward():
    x = Value()
    f = (x * x - 3 * x + 1).tanh()
    assert f.forward(0) == pytest.approx(np.tanh(1.0))
    assert f.forward(1.5) == pytest.approx(np.tanh(-1.25))
    f.backward()
    assert x.grad == pytest.approx((1 - np.tanh(-1.25) ** 2) * 0.0)
    f.forward(3.0)
    assert x.grad == 0.0  # gradients start over
    f.backward()
    assert x.grad == pytest.approx((1 - np.tanh(1.0) ** 2) * 3)


def test_positions_follow_first_use_from_left_to_right():
    a, b = Value(label="a"), Value(label="b")
    assert (a - b).forward(5, 2) == 3.0
    assert (b - a).forward(5, 2) == 3.0
    assert (a / b + a).forward(b=2, a=4) == 6.0


def test_numbers_given_stay_given():
    a, b = Value(label="a"), Value(10.0, label="b")
    f = a * b
    assert f.forward(2) == 20.0
    assert f.forward(b=5) == 10.0
    assert f.forward(3) == 15.0
    b.data = 7.0
    assert f.forward() == 21.0


def test_arrays_and_captured_arrays():
    x, w = Value(label="x"), np.array([1.0, 2.0])
    f = cr.sum(x * w)
    w[:] = 0.0
    assert f.forward([3.0, 4.0]) == 11.0
    f.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_the_figures_of_the_unfinished_exercise():
    x, y, z = Value(label="x"), Value(label="y"), Value(label="z")
    f = (1 + z * 2 * x / y.sin()).log().tanh()
    value = f.forward(x=0.5, y=1.0, z=0.25)
    assert value == pytest.approx(np.tanh(np.log(1 + 0.25 / np.sin(1.0))))
    f.backward()
    expected = cr.grad(lambda x, y, z: np.tanh(np.log(1 + z * 2 * x / np.sin(y))), argnums=(0, 1, 2))(0.5, 1.0, 0.25)
    assert (x.grad, y.grad, z.grad) == pytest.approx(expected, rel=1e-14)


MESSAGES = [
    (lambda f, x: f.backward(), NoValue, "backward() of an expression without a value; call .forward(x) first"),
    (lambda f, x: f.forward(), NoValue, "forward(): give a number for each input; missing: x"),
    (lambda f, x: f.forward(1, 2), ArgumentError, "this expression has 1 inputs without a number (x), got 2 numbers"),
    (lambda f, x: f.forward(y=1), ArgumentError, "forward(): no input is labelled 'y'; inputs: x"),
    (lambda f, x: f > 1, NoValue, "cannot compare an expression that has no value yet; call .forward(x) first"),
    (lambda f, x: 1 if f else 2, NoValue, "an expression without a value is neither true nor false; call .forward(x)"),
    (
        lambda f, x: Value(1.0, (f,), "mine").forward(2),
        ArgumentError,
        "forward() cannot compute the hand-made 'mine' again",
    ),
]


@pytest.mark.parametrize(("act", "error", "message"), MESSAGES)
def test_messages(act, error, message):
    x = Value(label="x")
    with pytest.raises(error) as caught:
        act(x * 2, x)
    assert message in str(caught.value)
    assert "test_placeholder.py" in str(caught.value)
