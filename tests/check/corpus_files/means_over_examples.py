"""Layers that are handed the gradient of each example's own loss, and give means over the examples for their weights."""
# right: linear_backward, layer_backward, Affine.backward
# wrong: hasty_backward, Hasty.backward
# cause: hasty_backward: a constant factor: exactly 1/5
import numpy as np


def linear_forward(A, W, b):
    Z = np.dot(W, A) + b
    return Z, (A, W, b)


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, np.sum(dZ, axis=1, keepdims=True) / m


def layer_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A = 1 / (1 + np.exp(-Z))
    elif activation == "relu":
        A = np.maximum(0, Z)
    return A, (linear_cache, Z)


def layer_backward(dA, cache, activation):
    linear_cache, Z = cache
    if activation == "sigmoid":
        s = 1 / (1 + np.exp(-Z))
        dZ = dA * s * (1 - s)
    elif activation == "relu":
        dZ = dA * (Z > 0)
    return linear_backward(dZ, linear_cache)


def hasty_forward(A, W, b):
    return linear_forward(A, W, b)


def hasty_backward(dZ, cache):
    A_prev, W, b = cache
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / A_prev.shape[1], np.sum(dZ, axis=1, keepdims=True)


class Affine:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.default_rng(0).normal(size=(n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout / len(dout), dout.mean(axis=0)
        return dout @ self.W.T


class Hasty(Affine):
    def backward(self, dout):
        Affine.backward(self, dout)
        return dout @ self.W.T / len(dout)
