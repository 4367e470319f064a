"""`Value`: what it holds, how it prints, what `backward` adds to its gradients."""

import math

import numpy as np
import pytest
import torch
from recordings import check

import chainrule as cr
from chainrule import Value, recording
from chainrule.errors import ArgumentError, ShapeError


def test_the_walk():
    a, b, c, f = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c"), Value(-2.0, label="f")
    L = (a * b + c) * f
    L.label = "L"
    check(L)
    assert repr(L) == "Value(data=-8.0, label='L')"
    L.backward()
    assert (a.grad, b.grad, c.grad, f.grad, L.grad) == (6.0, -4.0, -2.0, 4.0, 1.0)


@pytest.mark.parametrize(
    ("given", "held", "shown"),
    [
        (2, 2.0, "Value(data=2.0)"),
        (True, 1.0, "Value(data=1.0)"),
        (np.float64(1.5), 1.5, "Value(data=1.5)"),
        ([1, 2], np.array([1.0, 2.0]), "Value(data=[1., 2.])"),
        (((1, 2), (3, 4)), np.array([[1.0, 2.0], [3.0, 4.0]]), "Value(data=[[1., 2.],\n [3., 4.]])"),
        (np.arange(3), np.arange(3.0), "Value(data=[0., 1., 2.])"),
        (np.array([True, False]), np.array([1.0, 0.0]), "Value(data=[1., 0.])"),
        (np.ones(2, dtype=np.float32), np.ones(2, dtype=np.float32), "Value(data=[1., 1.])"),
        (np.zeros(100), np.zeros(100), "Value(data=[0., 0., 0., ..., 0., 0., 0.])"),
    ],
)
def test_data(given, held, shown):
    v = Value(given)
    assert repr(v) == shown
    assert type(v.data) is type(held) or isinstance(held, float)
    assert np.array_equal(v.data, held)
    assert v.dtype == getattr(held, "dtype", np.float64)
    assert v.shape == np.shape(held)


def test_short_repr_label_and_format():
    assert repr(Value(1.0, "x")) == repr(Value(1.0, label="x")) == "Value(data=1.0, label='x')"
    assert f"{Value(math.pi):.2f} {Value(2.0)}" == "3.14 Value(data=2.0)"
    assert repr(Value()) == "Value(data=None)"


OPERATORS = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "a ** b": lambda a, b: a**b,
    "a % b": lambda a, b: a % b,
    "-a + +b": lambda a, b: -a + +b,
    "abs": lambda a, b: abs(a) * b,
    "a + 3": lambda a, b: (a + 3) * b,
    "3 + a": lambda a, b: (3 + a) * b,
    "a - 3": lambda a, b: (a - 3) * b,
    "3 - a": lambda a, b: (3 - a) * b,
    "3 * a": lambda a, b: 3 * a * b,
    "3 / a": lambda a, b: 3 / a * b,
    "a / 3": lambda a, b: a / 3 * b,
    "a ** 3": lambda a, b: a**3 * b,
    "3 ** a": lambda a, b: 3**a * b,
    "a ** -1.5": lambda a, b: a**-1.5 * b,
    "sum": lambda a, b: sum([a, b, a]),
    "sum from": lambda a, b: sum((a, b), 10),
    "max": lambda a, b: max(a, b) * min(a, b),
    "a + a": lambda a, b: a + a + b,
    "a * a": lambda a, b: a * a * b,
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("point", [(2.5, 1.5), (1.25, 4.0)])
def test_operators_agree_with_torch(name, point):
    f = OPERATORS[name]
    mine, theirs = [Value(x) for x in point], [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    y, z = f(*mine), f(*theirs)
    y.backward()
    z.backward()
    assert y.data == pytest.approx(z.item(), rel=1e-14)
    for v, t in zip(mine, theirs, strict=True):
        assert v.grad == pytest.approx(t.grad.item(), rel=1e-14)


METHODS = [
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "tanh",
    "sigmoid",
    "relu",
    "sqrt",
    "abs",
    "square",
    "log1p",
    "expm1",
    "erf",
    "sinh",
    "cosh",
    "arctan",
    "reciprocal",
]


@pytest.mark.parametrize("name", METHODS)
def test_methods_agree_with_torch(name):
    for x in (0.3, 1.7):
        v, t = Value(x), torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y, z = getattr(v, name)(), getattr(torch, name)(t)
        y.backward()
        z.backward()
        assert y.data == pytest.approx(z.item(), rel=1e-14)
        assert v.grad == pytest.approx(t.grad.item(), rel=1e-13)
        assert getattr(cr, name)(Value(x)).data == y.data


def test_backward_adds_up():
    a = Value(3.0)
    y = a * a
    y.backward()
    y.backward()
    assert (a.grad, y.grad) == (12.0, 2.0)
    (a * 2).backward()
    assert a.grad == 14.0
    y.zero_grad()
    assert (a.grad, y.grad, a.has_grad) == (0.0, 0.0, False)
    y.backward()
    assert a.grad == 6.0


def test_shared_subgraphs_are_visited_once():
    x = Value(1.0)
    y = x
    for _ in range(60):  # 2**60 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_two_results_share_what_led_to_them():
    a, b = Value(2.0), Value(3.0)
    shared = a * b
    first, second = shared + a, shared * b
    first.backward()
    second.backward()
    assert (a.grad, b.grad) == (b.data + 1 + 9.0, 2.0 + 12.0)


def test_broadcasting():
    row, column, scalar = Value([1.0, 2.0, 3.0]), Value([[10.0], [20.0]]), Value(2.0)
    (row * column * scalar).sum().backward()
    assert row.grad.tolist() == [60.0, 60.0, 60.0]
    assert column.grad.tolist() == [[12.0], [12.0]]
    assert scalar.grad == 180.0


def test_float32_stays_float32():
    x = Value(np.array([1.0, 2.0], dtype=np.float32))
    y = (cr.sin(x) * 2 + 1) ** 2
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32
    s = Value(np.float32(2.0))
    (s * s).backward()
    assert type(s.grad) is np.float32


def test_cotangents():
    x = Value([1.0, 2.0])
    (x * x).backward([10, 1])
    assert x.grad.tolist() == [20.0, 4.0]
    y = Value([[3.0]])
    (y * y).backward()
    assert y.grad.tolist() == [[6.0]]


def test_a_gradient_step():
    parameters = [Value(0.5), Value([1.0, -1.0])]
    for _ in range(200):
        loss = (parameters[0] - 3) ** 2 + ((parameters[1] - 2) ** 2).sum()
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
    assert parameters[0].data == pytest.approx(3.0)
    assert parameters[1].data == pytest.approx([2.0, 2.0])


def test_comparing_and_hashing():
    a, b = Value(1.0), Value(2.0)
    assert a < b and a <= 1 and b > a and b >= 2 and a == 1.0 and a != b  # noqa: PT018
    assert a != Value(1.0), "two Values are equal when they are the same one, as in micrograd"
    assert [b, a].index(a) == 1
    assert sorted([b, a]) == [a, b]
    assert len({a, b, Value(1.0)}) == 3
    assert a != None and a != "a"  # noqa: E711, PT018
    assert (Value([1.0, 3.0]) > 2).tolist() == [False, True]
    assert bool(Value(0.0)) is False


def test_arrays_iterate_index_and_measure():
    x = Value([[1.0, 2.0], [3.0, 4.0]])
    assert (len(x), x.shape, x.ndim, x.size, x.T.shape) == (2, (2, 2), 2, 4, (2, 2))
    total = sum(v for row in x for v in row)
    (total + x[0, 1] * x[-1, 0] + x[:, 1].sum() + x[x > 2].sum()).backward()
    assert x.grad.tolist() == [[1.0, 5.0], [4.0, 3.0]]


def test_rounding_gives_integers():
    v = Value(2.7)
    assert (int(v), round(v), math.floor(v), math.ceil(v), math.trunc(v), divmod(v, 2)[0].data) == (2, 3, 2, 3, 2, 1.0)
    assert [10, 20, 30][int(v)] == 30


def test_order_puts_operands_first_and_left_before_right():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    y = (a * b) + (b * a)
    assert [v.label for v in recording.order(y) if v.label] == ["a", "b"]
    assert [v for v in recording.order(y) if v.op is None] == [a, b]
    assert len(recording.order(y)) == 5


@pytest.mark.parametrize("data", [torch.tensor([1.0, 2.0]), torch.tensor(2.0, dtype=torch.float64)])
def test_arrays_of_other_libraries(data):
    x = Value(data)
    (x * cr.sin(x)).sum().backward()
    assert torch.allclose(x.grad, torch.sin(data) + data * torch.cos(data))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (0, [0, 0]),
        (3, [3, 3]),
        (True, [1, 1]),
        (2.5, [2.5, 2.5]),
        ([1, 2], [1, 2]),
        (np.array([1, 2]), [1, 2]),
        (None, [0, 0]),
    ],
)
def test_a_gradient_that_is_assigned_has_the_shape_of_its_value(new, expected):
    v = Value(np.ones(2))
    v.grad = new
    assert v.grad.dtype == float
    assert v.grad.tolist() == expected


@pytest.mark.parametrize("data", [1.0, np.ones(2), np.ones((2, 1)), np.ones((0,))])
@pytest.mark.parametrize("new", [np.ones(3), [1.0, 2.0, 3.0], np.ones((1, 2)), np.ones((2, 2))])
def test_a_gradient_of_another_shape_is_refused(data, new):
    v = Value(data)
    with pytest.raises(ShapeError, match="a gradient has the shape of its Value"):
        v.grad = new
    assert not v.has_grad


@pytest.mark.parametrize("new", ["a", b"1", {}, lambda x: x])
def test_what_is_no_gradient_is_refused(new):
    with pytest.raises(ArgumentError, match="expected a number"):
        Value(1.0).grad = new
