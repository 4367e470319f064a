"""Whatever is written to after it was used: the gradient is the one of the values used, or there is an error."""

import math
import types

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import DroppedDerivative


def overwritten(array):
    array[...] = 1e6


def test_a_captured_array_changed_before_the_sweep():
    w = np.array([1.0, 2.0])
    x = Value([3.0, 4.0])
    y = (x * w).sum()
    overwritten(w)
    y.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_a_buffer_used_again_and_again():
    buffer = np.zeros(2)

    def f(x):
        total = 0.0
        for k in (1.0, 2.0, 3.0):
            buffer[:] = k
            total = total + np.sum(x * x * buffer)
        return total

    assert cr.grad(f)(np.array([1.0, 10.0])).tolist() == [12.0, 120.0]


@pytest.mark.parametrize("view", [lambda w: w[:2], lambda w: w[::2], lambda w: w.reshape(2, 2)[0], lambda w: w.T[:2]])
def test_the_base_of_a_view(view):
    w = np.array([1.0, 2.0, 3.0, 4.0])
    x, part = Value([1.0, 1.0]), view(w)
    kept = part.tolist()
    y = (x * part).sum()
    overwritten(w)
    y.backward()
    assert x.grad.tolist() == kept


def test_a_read_only_view_of_an_array_others_can_write_to():
    w = np.array([1.0, 2.0])
    part = w.view()
    part.flags.writeable = False
    x = Value([1.0, 1.0])
    y = (x * part).sum()
    overwritten(w)
    y.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_the_array_a_value_was_made_from():
    given = np.array([1.0, 2.0])
    x = Value(given)
    y = (x * x).sum()
    overwritten(given)
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_data_of_an_input_changed_in_place_after_use():
    x = Value([1.0, 2.0])
    y = (x * x).sum()
    x.data[0] = 100.0
    z = (x * x).sum()
    x.data[1] = 100.0
    y.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    x.grad = None
    z.backward()
    assert x.grad.tolist() == [200.0, 4.0]
    assert x.data.tolist() == [100.0, 100.0]


def test_data_of_a_result_cannot_be_changed():
    y = Value([1.0, 2.0]) * 2
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 5.0


def test_data_inside_a_transform_is_safe():
    def f(x):
        y = x * x
        x.data[...] = 0.0
        return np.sum(y * x)

    assert cr.grad(f)(np.array([1.0, 2.0])).shape == (2,)

    def g(x):
        cr.stop_gradient(x)[...] = 0.0
        return np.sum(x * x)

    assert cr.grad(g)(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="read-only"):
        cr.jvp(f, (np.ones(2),), (np.ones(2),))


def test_the_callers_point_and_gradients_do_not_alias():
    point = np.array([1.0, 2.0])
    value, gradient = cr.value_and_grad(lambda x: np.sum(x))(point)
    overwritten(gradient)
    assert point.tolist() == [1.0, 2.0]
    y, pullback = cr.vjp(lambda x: x + 0, point)
    overwritten(point)
    (first,) = pullback(np.ones(2))
    overwritten(first)
    assert pullback(np.ones(2))[0].tolist() == [1.0, 1.0]
    assert value == 3.0
    assert y.tolist() == [1.0, 2.0]


def test_gradients_of_two_operands_do_not_alias():
    a, b = Value([1.0, 2.0]), Value([3.0, 4.0])
    y = a + b
    weight = np.ones(2)
    y.backward(weight)
    a.grad[0] = 50.0
    weight[1] = 50.0
    assert (a.grad.tolist(), b.grad.tolist(), y.grad.tolist()) == ([50.0, 1.0], [1.0, 1.0], [1.0, 1.0])
    y.backward() if y.shape == () else y.backward(np.ones(2))
    assert b.grad.tolist() == [2.0, 2.0]


def test_an_index_array_changed_before_the_sweep():
    index, mask = np.array([0, 0, 2]), np.array([True, False, True])
    x = Value([1.0, 2.0, 3.0])
    y = (x[index] * x[mask].sum()).sum()
    index[:], mask[:] = 1, False
    y.backward()
    expected = cr.grad(lambda x: (x[np.array([0, 0, 2])] * (x[0] + x[2])).sum())(np.array([1.0, 2.0, 3.0]))
    assert x.grad.tolist() == expected.tolist()


def test_condition_arrays_changed_before_the_sweep():
    condition = np.array([True, False])
    x = Value([1.0, 2.0])
    y = cr.where(condition, x * x, x).sum()
    condition[:] = [False, True]
    y.backward()
    assert x.grad.tolist() == [2.0, 1.0]


# -- plain numbers in place of traced ones: an error that says what to write ----------------------------------


def element(x):
    b = toolbox.zeros(2)  # plain, as code that is not lifted makes arrays
    b[0] = x
    return b.sum()


def whole(x):
    b = toolbox.zeros(2)
    b[:] = np.ones(2) * x
    return b.sum()


def in_place(x):
    b = toolbox.ones(2)
    b *= x
    return b.sum()


def out(x):
    b = toolbox.ones(2)
    np.multiply(x, 2.0, out=b)
    return b.sum()


def accumulate_at(x):
    b = toolbox.zeros(2)
    np.add.at(b, [0, 0], x)
    return b.sum()


toolbox = types.SimpleNamespace(sine=math.sin, array=np.array, zeros=np.zeros, ones=np.ones)
toolbox.in_dict = {"sine": math.sin}
toolbox.activations = [lambda x: math.tanh(x)]


REFUSED = [
    (
        element,
        "`b[0]` would turn a {} into a plain float and lose its derivative.\n  Elements of a plain array cannot be "
        "assigned: collect them in a list and write cr.stack(list)",
    ),
    (whole, "a {} cannot become a NumPy array without losing its derivative; use it as it is, or join several with"),
    (
        in_place,
        "np.multiply cannot write into an existing array (out= or an in-place operator such as +=): the array holds",
    ),
    (out, "np.multiply cannot write into an existing array"),
    (accumulate_at, "np.add.at cannot write into an existing array"),
    (
        lambda x: toolbox.sine(x),
        "`toolbox.sine(x)` would turn a {} into a plain float and lose its derivative.\n  For a "
        "function of the math module write cr.sin, np.sin, ... in place of math.sin",
    ),
    (lambda x: toolbox.in_dict["sine"](x), '`toolbox.in_dict["sine"](x)` would turn a {} into a plain float'),
    (
        lambda x: toolbox.activations[0](x),
        "`math.tanh(x)` would turn a {} into a plain float and lose its derivative.\n  Write cr.tanh or np.tanh.",
    ),
    (
        lambda x: float(x) ** 2,
        "`float(x)` would turn a {} into a plain float and lose its derivative.\n  Leave float() out",
    ),
    (lambda x: complex(x), "complex(x) would lose the derivative of a {}; write x + 0j"),
    (lambda x: [1.0, 2.0][x], "using it as an index would lose the derivative of a {}; an index must be an integer"),
    (lambda x: (np.ones(2) * x).astype("U3")[0], "casting to <U3 would lose the derivative of a {}"),
]


@pytest.mark.parametrize(("f", "message"), REFUSED)
@pytest.mark.parametrize("mode", ["Value", "Dual", "Series"])
def test_what_would_drop_the_derivative_says_what_to_write(f, message, mode):
    run = {
        "Value": lambda: cr.grad(f)(2.0),
        "Dual": lambda: cr.jvp(f, (2.0,), (1.0,)),
        "Series": lambda: cr.taylor(f, 2.0, 2),
    }[mode]
    with pytest.raises(DroppedDerivative) as caught:
        run()
    assert message.format(mode) in str(caught.value)
    assert "test_mutation.py:" in str(caught.value)


def test_arrays_of_values_are_joined_when_they_meet_one():
    make = toolbox.array  # out of the reach of lift: an object array of carriers

    def f(x):
        return np.sum(make([x[0], x[1] * x[0]]) * x) + make([x[0], x[1]]) @ np.array([1.0, 10.0])

    expected = cr.grad(lambda x: x[0] ** 2 + x[1] ** 2 * x[0] + x[0] + 10 * x[1])(np.array([2.0, 3.0]))
    assert cr.grad(f)(np.array([2.0, 3.0])).tolist() == expected.tolist()
    assert cr.jacobian(lambda x: make([x[0] * x[1], x[1]]))(np.array([2.0, 3.0])).tolist() == [[3.0, 2.0], [0.0, 1.0]]


@pytest.mark.parametrize("place", [(0, 0), (399, 399), (200, 7)])
def test_a_large_array_is_what_it_is_at_each_call_and_each_use(place):
    x, w = np.ones((400, 400)), np.ones(400)
    gradient = cr.grad(lambda w, x: (x @ w).sum())
    for k in range(4):
        for _ in range(k):  # met again and again as it was
            assert gradient(w, x).tolist() == x.sum(axis=0).tolist()
        x[place] += 1.0

    def changing(w):
        y = (x @ w).sum()
        x[place] = 100.0
        return y + (x @ w).sum()

    before = x.sum(axis=0)
    assert cr.grad(changing)(w).tolist() == (before + x.sum(axis=0)).tolist()
    x.shape = (160000,)
    assert cr.grad(lambda v: (x * v).sum())(np.ones(160000)).tolist() == x.tolist()
