"""Layers that keep their arrays in slots, and functions in single precision."""
# right: Linear.backward, d_gelu
# wrong: Turned.backward
# cause: Turned.backward: W is transposed

import numpy as np


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
