"""Layers as objects: forward and backward, with the gradients of the parameters where people leave them."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError

CORRECT, WRONG = cr.Verdict.CORRECT, cr.Verdict.WRONG
random = np.random.default_rng(11)
X = random.standard_normal((4, 3))


class Affine:
    def __init__(self, scale=1.0):
        self.W, self.b, self.scale = random.standard_normal((3, 2)), random.standard_normal(2), scale

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.scale * self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Callable(Affine):
    def __call__(self, x):
        return Affine.forward(self, x)

    forward = None


class Underscored(Affine):
    def backward(self, dout):
        self.W_grad, self.b_grad = self.scale * self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class GradDict(Affine):
    def __init__(self, scale=1.0):
        super().__init__(scale)
        self.params, self.grads = {"W": self.W, "b": self.b}, {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"], self.grads["b"] = self.scale * self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.params["W"].T


class GradList(Affine):
    def __init__(self, scale=1.0):
        super().__init__(scale)
        self.params = [self.W, self.b]
        self.grads = [np.zeros_like(self.W), np.zeros_like(self.b)]

    def forward(self, x):
        self.x = x
        W, b = self.params
        return x @ W + b

    def backward(self, dout):
        self.grads[0][...] = self.scale * self.x.T @ dout
        self.grads[1][...] = dout.sum(axis=0)
        return dout @ self.params[0].T


class Returned(Affine):
    def backward(self, dout):
        return dout @ self.W.T, self.scale * self.x.T @ dout, dout.sum(axis=0)


class ReturnedDict(Affine):
    def backward(self, dout):
        return {"db": dout.sum(axis=0), "dW": self.scale * self.x.T @ dout, "dx": dout @ self.W.T}


class Accumulated(Affine):
    def __init__(self, scale=1.0):
        super().__init__(scale)
        self.dW, self.db = np.zeros((3, 2)), np.zeros(2)

    def backward(self, dout):
        self.dW += self.scale * self.x.T @ dout
        self.db += dout.sum(axis=0)
        return dout @ self.W.T


class Updating(Affine):
    def backward(self, dout, learning_rate):
        dx = dout @ self.W.T
        self.W -= learning_rate * self.scale * self.x.T @ dout
        self.b -= learning_rate * dout.sum(axis=0)
        return dx


class UpdatingAfresh(Affine):
    def backward(self, dout, lr=0.1):
        dx = dout @ self.W.T
        self.W = self.W - lr * self.scale * self.x.T @ dout
        self.b = self.b - lr * dout.sum(axis=0)
        return dx


class Frozen(Affine):  # no gradient for b: it is no parameter
    def backward(self, dout):
        self.dW = self.scale * self.x.T @ dout
        return dout @ self.W.T


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y**2)


class Relu:
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class Net:
    def __init__(self, scale=1.0):
        self.layers = [Affine(), Tanh(), Inner(scale)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


class Lists(Affine):
    """Parameters in lists, and their gradients in lists of other names."""

    weight, gradient = "W", "dW"

    def __init__(self, scale=1.0):
        setattr(self, self.weight, [random.standard_normal((3, 2)), random.standard_normal((2, 2))])
        setattr(self, self.gradient, [None, None])
        self.scale = scale

    def forward(self, x):
        self.seen = [x, x @ getattr(self, self.weight)[0]]
        return self.seen[1] @ getattr(self, self.weight)[1]

    def backward(self, dout):
        for k in (1, 0):
            getattr(self, self.gradient)[k] = self.scale * self.seen[k].T @ dout
            dout = dout @ getattr(self, self.weight)[k].T
        return dout


class Plural(Lists):
    weight, gradient = "Weights", "Weight_grads"


class Inner(Affine):
    def __init__(self, scale=1.0):
        self.W, self.b, self.scale = random.standard_normal((2, 2)), random.standard_normal(2), scale


class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.mean(np.log(self.y[np.arange(len(x)), t]))

    def backward(self, dout=1):
        d = self.y.copy()
        d[np.arange(len(d)), self.t] -= 1
        return d / len(d)


class Dropout:
    def forward(self, x, train=True):
        self.mask = np.random.rand(*x.shape) > 0.5  # noqa: NPY002
        return x * self.mask if train else x * 0.5

    def backward(self, dout):
        return dout * self.mask


STYLES = [
    Affine, Callable, Underscored, GradDict, GradList, Returned, ReturnedDict, Accumulated, Updating, UpdatingAfresh,
    Frozen, Net, Lists, Plural,
]  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_a_right_layer(style):
    report = cr.check_layer(style(), X)
    assert report.verdict is CORRECT, str(report)
    names = " ".join(report.points[0].subject.names)
    assert "W" in names  # its parameters were looked at
    assert names.startswith("x")


@pytest.mark.parametrize("style", STYLES)
def test_a_wrong_gradient_of_a_parameter(style):
    report = cr.check_layer(style(scale=0.25), X)
    assert report.verdict is WRONG, str(report)
    assert "W" in report.causes[0]
    assert "1/4" in report.causes[0]


@pytest.mark.parametrize(
    ("layer", "given"),
    [
        (Tanh(), (X,)),
        (Relu(), (X,)),
        (SoftmaxWithLoss(), (X, np.array([0, 2, 1, 1]))),
        (Dropout(), (X,)),
        (Tanh(), (X[:1],)),
    ],
    ids=["tanh", "relu", "loss", "dropout", "a batch of one"],
)
def test_a_right_layer_without_parameters(layer, given):
    report = cr.check_layer(layer, *given)
    assert report.verdict is CORRECT, str(report)


def test_a_wrong_layer_without_parameters():
    class Wrong(Tanh):
        def backward(self, dout):
            return dout * (1 - self.y)

    report = cr.check_layer(Wrong(), X)
    assert report.verdict is WRONG
    assert report.name == "Wrong"


def test_the_layer_is_left_as_it_is():
    layer = Accumulated()
    before = layer.W.copy(), layer.dW.copy(), dict(vars(layer))
    cr.check_layer(layer, X)
    assert np.array_equal(layer.W, before[0])
    assert np.array_equal(layer.dW, before[1])
    assert list(vars(layer)) == list(before[2])


def test_what_is_no_layer():
    with pytest.raises(ArgumentError, match="forward"):
        cr.check_layer(3.0, X)
    with pytest.raises(ArgumentError, match="backward"):
        cr.check_layer(lambda x: x, X)


# -- beside the numbers ----------------------------------------------------------------------------------------------


class FromScratch(Affine):
    def forward(self, x):
        return x @ self.W

    def backward(self, dout):
        return dout @ self.W.T


class Squeezing(Tanh):
    def forward(self, x):
        self.y = np.tanh(np.squeeze(x))
        return self.y[:, :]


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Accumulated(), "gradients accumulate in dW, db"),
        (FromScratch(), "backward answers before any forward"),
        (Squeezing(), "a batch of one fails"),
    ],
)
def test_a_habit_is_noted(layer, words):
    report = cr.check_layer(layer, X)
    assert report.verdict is CORRECT, str(report)
    assert words in " ".join(report.points[0].notes)


@pytest.mark.parametrize("layer", [Affine(), GradDict(), GradList(), Returned(), Updating(), Net(), Tanh(), Relu()])
def test_no_habit_is_noted_where_there_is_none(layer):
    notes = " ".join(cr.check_layer(layer, X).points[0].notes)
    assert not any(words in notes for words in ("accumulate", "before any forward", "batch of one"))


def test_what_an_earlier_forward_left_is_no_habit():
    layer = Tanh()
    layer.forward(X)
    assert "before any forward" not in " ".join(cr.check_layer(layer, X).points[0].notes)


# -- updates and what is not found -----------------------------------------------------------------------------------


def updating(change, before=False):
    """A layer whose weights are updated by `change`, before or after the gradient of its input is computed."""

    class Layer(Affine):
        def backward(self, dout, lr):
            dx = dout @ self.W.T
            self.W = self.W - change(lr, self.x.T @ dout)
            return dout @ self.W.T if before else dx

    return Layer()


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (updating(lambda lr, g: lr * lr * g), "argument W: times the learning rate once too often"),
        (updating(lambda lr, g: g), "argument W: the learning rate is left out"),
        (updating(lambda lr, g: -lr * g), "sign"),
        (updating(lambda lr, g: lr * g, before=True), "updates the parameters before"),
    ],
)
def test_a_wrong_update_is_named(layer, words):
    report = cr.check_layer(layer, X)
    assert report.verdict is WRONG
    assert words in report.causes[0]


def test_parameters_whose_gradient_is_not_found_are_told():
    class Elsewhere(Affine):
        def backward(self, dout):
            self.change_of_weights = self.x.T @ dout
            return dout @ self.W.T

    report = cr.check_layer(Elsewhere(), X)
    assert report.verdict is CORRECT
    assert "no gradient was found for W, b: not checked" in report.points[0].notes
