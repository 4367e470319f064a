"""Layers that keep their arrays in slots and named tuples, that are meant for images; functions in single precision."""
# right: Linear.backward, Affine.backward, d_gelu
# wrong: Turned.backward, Flatten.backward, LargestGap.grad
# cause: Flatten.backward: taken in another order
# cause: Turned.backward: W is transposed

from collections import namedtuple

import numpy as np

Params = namedtuple("Params", "W b")


class Linear:
    __slots__ = ("W", "b", "x", "dW", "db")

    def __init__(self, n_in: int, n_out: int) -> None:
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: np.ndarray) -> np.ndarray:
        self.dW = self.x.T @ dout
        self.db = dout.sum(0)
        return dout @ self.W.T


class Turned(Linear):
    __slots__ = ()

    def backward(self, dout: np.ndarray) -> np.ndarray:
        self.dW = dout.T @ self.x
        self.db = dout.sum(0)
        return dout @ self.W.T


def gelu(x):
    x = np.asarray(x, dtype=np.float32)
    c = np.float32(np.sqrt(2 / np.pi))
    return 0.5 * x * (1 + np.tanh(c * (x + np.float32(0.044715) * x**3)))


def d_gelu(x):
    x = np.asarray(x, dtype=np.float32)
    c = np.float32(np.sqrt(2 / np.pi))
    t = np.tanh(c * (x + np.float32(0.044715) * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * np.float32(0.044715) * x**2)


class Affine:
    def __init__(self, rng=np.random.default_rng(0)):
        self.params = Params(rng.normal(size=(3, 2)), np.zeros(2))
        self.grads = None
    def __call__(self, x):
        return self.forward(x)
    def forward(self, x):
        self._x = x
        return x @ self.params.W + self.params.b
    def backward(self, dy):
        self.grads = Params(self._x.T @ dy, dy.sum(axis=0))
        return dy @ self.params.W.T


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], -1)
    def backward(self, d):
        return d.reshape(self.shape, order="F")


class LargestGap:
    def loss(self, y_pred, y_true): return np.max(np.abs(y_pred - y_true))
    def grad(self, y_pred, y_true):
        g = np.zeros_like(y_pred)
        g[np.argmax(y_pred - y_true)] = 1.0
        return g
