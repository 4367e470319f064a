"""Layers that are set up before use, step with an optimiser, or make their parameters when they first see an input."""
# right: Linear.backward_pass, Squash.backward_pass, Lazy.backward, Kernel.backward, ScoresLoss.backward, Scale.backward
# wrong: Halved.backward_pass, Forgetful.backward
# none: Base.backward_pass, Contract.backward
import abc

import a_module_that_nobody_has as tables
import numpy as np


class Base:
    def set_input_shape(self, shape):
        self.input_shape = shape

    def forward_pass(self, X, training):
        raise NotImplementedError()

    def backward_pass(self, above):
        raise NotImplementedError()


class Linear(Base):
    def __init__(self, n_units, input_shape=None):
        self.n_units, self.input_shape = n_units, input_shape

    def initialize(self, optimizer):
        self.W = np.linspace(-0.5, 0.7, self.input_shape[0] * self.n_units).reshape(-1, self.n_units)
        self.offset = np.zeros((1, self.n_units))
        self.W_opt, self.offset_opt = optimizer, optimizer

    def forward_pass(self, X, training=True):
        self.seen = X
        return X.dot(self.W) + self.offset

    def backward_pass(self, above):
        W = self.W
        self.W = self.W_opt.update(self.W, self.seen.T.dot(above))
        self.offset = self.offset_opt.update(self.offset, above.sum(axis=0, keepdims=True))
        return above.dot(W.T)


class Halved(Linear):
    def backward_pass(self, above):
        W = self.W
        self.W = self.W_opt.update(self.W, self.seen.T.dot(above) / 2)
        self.offset = self.offset_opt.update(self.offset, above.sum(axis=0, keepdims=True))
        return above.dot(W.T)


FUNCTIONS = {"tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2)}


class Squash(Base):
    def __init__(self, name):
        self.f, self.df = FUNCTIONS[name]

    def forward_pass(self, X, training=True):
        self.seen = X
        return self.f(X)

    def backward_pass(self, above):
        return above * self.df(self.seen)


class Contract(abc.ABC):
    def __init__(self):
        self.inputs, self.parameters, self.gradients = [], {}, {}

    @abc.abstractmethod
    def forward(self, X):
        pass

    @abc.abstractmethod
    def backward(self, above):
        pass


class Lazy(Contract):
    def __init__(self, n_out):
        super().__init__()
        self.n_out, self.ready = n_out, False

    def forward(self, X):
        if not self.ready:
            self.parameters = {"W": np.linspace(-1, 1, X.shape[1] * self.n_out).reshape(-1, self.n_out)}
            self.gradients = {"W": np.zeros_like(self.parameters["W"])}
            self.ready = True
        self.inputs.append(X)
        return np.tanh(X @ self.parameters["W"])

    def backward(self, above):
        found = []
        for x in self.inputs:
            inner = above * (1 - np.tanh(x @ self.parameters["W"]) ** 2)
            self.gradients["W"] += x.T @ inner
            found.append(inner @ self.parameters["W"].T)
        return found[0] if len(found) == 1 else found


class Forgetful(Lazy):
    def backward(self, above):
        x = self.inputs[0]
        self.gradients["W"] += x.T @ above
        return (above * (1 - np.tanh(x @ self.parameters["W"]) ** 2)) @ self.parameters["W"].T


class Kernel:
    def __init__(self, W, b, stride=1):
        self.W, self.b, self.stride = W, b, stride

    def forward(self, x):
        n, _, height, width = x.shape
        k, _, h, w = self.W.shape
        out = np.zeros((n, k, height - h + 1, width - w + 1))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                out[:, :, i, j] = np.tensordot(x[:, :, i : i + h, j : j + w], self.W, ((1, 2, 3), (1, 2, 3))) + self.b
        self.x = x
        return out

    def backward(self, dout):
        _, _, h, w = self.W.shape
        dx, self.dW, self.db = np.zeros_like(self.x), np.zeros_like(self.W), dout.sum(axis=(0, 2, 3))
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                dx[:, :, i : i + h, j : j + w] += np.tensordot(dout[:, :, i, j], self.W, 1)
                self.dW += np.tensordot(dout[:, :, i, j], self.x[:, :, i : i + h, j : j + w], ((0,), (0,)))
        return dx


def log_loss(p, labels):
    return -np.log(p[np.arange(len(p)), labels] + 1e-7).mean()


class ScoresLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.t = e / e.sum(axis=1, keepdims=True), t
        return log_loss(self.p, t)

    def backward(self, dout=1):
        dx = self.p.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx / len(dx)


class Scale:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


price = Scale()
price.forward(100, 2)
table = tables.Table([price])
