"""Methods of plain arrays that are given recorded numbers, in functions that are lifted."""

import math
import types

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.lifting import method_calls
from chainrule.errors import DroppedDerivative

X = np.arange(12.0).reshape(4, 3) / 7
T = np.arange(24.0).reshape(2, 4, 3) / 7
Y = np.ones(4)
W = np.array([0.3, -0.2, 0.9])


class Model:
    """An object that keeps its data."""

    def __init__(self):
        self.X = X
        self.act = lambda w: math.sin(w)

    def loss(self, w):
        return np.sum(self.X.dot(w) ** 2)

    def score(self, w):
        return self.X.dot(w)

    def through_self(self, w):
        return np.sum(self.score(w) ** 2)

    def through_an_attribute(self, w):
        return self.act(w[0]) * self.act(w=w[1])

    def through_its_class(self, w):
        return self.of_class(w) * Model.exp(w)

    @classmethod
    def of_class(cls, w):
        return cls.exp(w)

    @staticmethod
    def exp(w):
        return math.exp(w[0])

    def filled(self, w):
        y = np.zeros(3)
        self.fill_it(y, w)
        return np.sum(y**3)

    def fill_it(self, y, w):
        for k in range(3):
            y[k] = w[k]


class Doubled(Model):
    """One that asks its base class."""

    def score(self, w):
        return self.X.dot(w) * self.factor()

    def factor(self):
        return 2.0


def product(a, w):
    return a.dot(w)


def power(w):
    for _ in range(2):
        w = X.T.dot(X.dot(w))
    return w.dot(w)


def inner(w):
    def score(u):
        try:
            return X.dot(u)
        finally:
            pass

    return np.sum(score(w) ** 2)


def copied(w):
    z = X.copy()
    z[0] = w
    return np.sum(z**3) + z[0].dot(w)


def filled(w):
    z = np.zeros(3)
    z[:] = w
    return np.sum(X.dot(z) ** 2)


MODEL, DOUBLED = Model(), Doubled()


def of_a_global(w):
    return MODEL.through_self(w)


FUNCTIONS = {
    "matrix": (lambda w: np.sum(X.dot(w) ** 2), lambda w: np.sum((X @ w) ** 2)),
    "chained": (lambda w: np.sum(X.T.dot(X.dot(w) - Y) ** 2), lambda w: np.sum((X.T @ (X @ w - Y)) ** 2)),
    "list": (lambda w: np.sum(X.dot([w[0], 2.0, w[2]]) ** 2), lambda w: np.sum((X @ np.array([w[0], 2.0, w[2]])) ** 2)),
    "vector": (lambda w: W.dot(w) ** 2, lambda w: (W @ w) ** 2),
    "three": (lambda w: np.sum(T.dot(w) ** 2), lambda w: np.sum((T @ w) ** 2)),
    "number": (lambda w: np.sum(X.dot(w[0]) ** 2), lambda w: np.sum((X * w[0]) ** 2)),
    "keyword": (lambda w: np.sum(X.dot(b=w) ** 2), lambda w: np.sum((X @ w) ** 2)),
    "recorded": (lambda w: X.dot(w).dot(X.dot(w)), lambda w: np.sum((X @ w) ** 2)),
    "sliced": (lambda w: np.sum(X[1:].dot(w) ** 2), lambda w: np.sum((X[1:] @ w) ** 2)),
    "helper": (lambda w: np.sum(product(X, w) ** 2), lambda w: np.sum((X @ w) ** 2)),
    "method": (Model().loss, lambda w: np.sum((X @ w) ** 2)),
    "through self": (Model().through_self, lambda w: np.sum((X @ w) ** 2)),
    "of a subclass": (DOUBLED.through_self, lambda w: np.sum((2 * X @ w) ** 2)),
    "of a global": (of_a_global, lambda w: np.sum((X @ w) ** 2)),
    "of a cell": ((lambda m: lambda w: m.through_self(w))(Model()), lambda w: np.sum((X @ w) ** 2)),
    "function in an attribute": (MODEL.through_an_attribute, lambda w: np.sin(w[0]) * np.sin(w[1])),
    "of its class": (MODEL.through_its_class, lambda w: np.exp(2 * w[0])),
    "filled by another": (MODEL.filled, lambda w: np.sum(w**3)),
    "list of": (lambda w: sum([row.dot(w) ** 2 for row in X]), lambda w: np.sum((X @ w) ** 2)),
    "generator": (lambda w: sum(row.dot(w) ** 2 for row in X), lambda w: np.sum((X @ w) ** 2)),
    "lambda": (lambda w: (lambda u: np.sum(X.dot(u) ** 2))(w), lambda w: np.sum((X @ w) ** 2)),
    "loop": (power, lambda w: np.sum((X.T @ (X @ (X.T @ (X @ w)))) ** 2)),
    "inner": (inner, lambda w: np.sum((X @ w) ** 2)),
    "copied": (copied, lambda w: np.sum(w**3) + np.sum(X[1:] ** 3) + w @ w),
    "filled": (filled, lambda w: np.sum((X @ w) ** 2)),
    "float64": (lambda w: np.float64(w[0]) ** 2 * np.float64(3), lambda w: w[0] ** 2 * 3.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_methods_give_what_operators_give(name):
    """Of each spelling: the value, and first and second derivatives in both modes."""
    f, same = FUNCTIONS[name]
    v = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(f(W), same(W))
    for transform in (cr.grad, cr.hessian):
        wanted = transform(same)(W)
        assert np.any(wanted)
        np.testing.assert_allclose(transform(f)(W), wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(cr.jvp(f, (W,), (v,))[1], cr.grad(same)(W) @ v, rtol=1e-12)
    np.testing.assert_allclose(f(W), same(W))


@pytest.mark.parametrize("name", ["chained", "copied", "float64", "of a subclass"])
def test_compiled(name):
    f, same = FUNCTIONS[name]
    np.testing.assert_allclose(cr.jit(cr.grad(f))(W), cr.grad(same)(W), rtol=1e-12)


def test_defined_where_numpy_is_not_imported():
    """As in a cell of a notebook: the compiler chooses other instructions for np.float64 there."""
    scope = {"np": np}
    exec("def f(w): return np.float64(w[0]) * np.float64(2) + np.float64.fromhex('0x1p1')", scope)
    np.testing.assert_array_equal(cr.grad(scope["f"])(W), [2.0, 0.0, 0.0])
    assert scope["f"](W) == 2 * W[0] + 2


def test_a_type_that_rounds_gives_numbers_of_its_own():
    value, gradient = cr.value_and_grad(lambda w: np.float32(w[0]) * 2.0)(W)
    assert value == np.float32(W[0]) * 2.0
    np.testing.assert_array_equal(gradient, [2.0, 0.0, 0.0])


def test_objects_of_other_classes_keep_their_dot():
    class Words:
        def dot(self, w, times=1):
            return times * w[0]

    words = Words()
    np.testing.assert_array_equal(cr.grad(lambda w: words.dot(w, times=3))(W), [3.0, 0.0, 0.0])


def test_code_stays_as_it_is_where_instructions_are_not_known(monkeypatch):
    def f(w):
        return X.dot(w).sum()

    monkeypatch.setattr(method_calls, "_KNOWN", False)
    method_calls.seeing.cache_clear()
    try:
        assert method_calls.seeing(f.__code__, True, frozenset({"np"}), frozenset()) is f.__code__
        with pytest.raises(DroppedDerivative, match="X @ w"):
            cr.grad(f)(W)
    finally:
        method_calls.seeing.cache_clear()


def test_what_is_not_reached_says_what_to_write():
    held = types.SimpleNamespace(functions=[lambda w: X.dot(w)])
    with pytest.raises(DroppedDerivative, match=r"Write X @ w"):
        cr.grad(lambda w: np.sum(held.functions[0](w)))(W)


def test_errors_are_those_of_numpy():
    with pytest.raises(ValueError, match="not aligned"):
        cr.grad(lambda w: X.dot(np.ones(5)).sum() * w[0])(W)
    with pytest.raises(AttributeError, match="dot"):
        cr.grad(lambda w: (3.5).dot(w))(W)


def test_pandas_beside_recorded_numbers():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=list("abc"))
    column = table["a"]

    def loss(w):
        return ((table["b"] * w[0] + column - w[1]) ** 2).mean() + (table.dot(w) ** 2).sum() + np.sum(table @ w)

    def same(w):
        return np.mean((X[:, 1] * w[0] + X[:, 0] - w[1]) ** 2) + np.sum((X @ w) ** 2) + np.sum(X @ w)

    np.testing.assert_allclose(cr.grad(loss)(W), cr.grad(same)(W), rtol=1e-12)
    np.testing.assert_allclose(cr.grad(lambda w: np.sum((w[0] - column) ** 2))(W)[0], 2 * np.sum(W[0] - X[:, 0]))


TOOLS = types.SimpleNamespace(random=types.SimpleNamespace(ones=lambda *sizes: np.ones(sizes)))


def test_what_is_looked_up_on_the_way_is_not_what_is_called():
    sizes = (2,)
    value, slope = cr.value_and_grad(lambda x: np.sum(TOOLS.random.ones(*sizes) * x))(np.full(2, 3.0))
    assert (value, slope.tolist()) == (6.0, [1.0, 1.0])
