"""A script that trains in a loop, and losses of which some override only the loss or only the gradient."""
# right: dout, dW2, da1, dz1, dW1, db1, SquareLoss.gradient, HalfSquare.gradient
# wrong: db2, Opposite.gradient
# cause: Opposite.gradient: sign is wrong

import numpy as np


class SquareLoss:
    def loss(self, y, p):
        return 0.5 * np.power(y - p, 2)

    def gradient(self, y, p):
        return -(y - p)


class HalfSquare(SquareLoss):
    def loss(self, y, p):
        return 0.5 * (p - y) ** 2


class Opposite(SquareLoss):
    def gradient(self, y, p):
        return y - p


rng = np.random.default_rng(0)
X, Y = rng.standard_normal((8, 3)), rng.standard_normal((8, 1))
W1, b1 = rng.standard_normal((3, 4)), np.zeros(4)
W2, b2 = rng.standard_normal((4, 1)), np.zeros(1)

for _epoch in range(2):
    for _ in range(2):
        z1 = X @ W1 + b1
        a1 = np.maximum(0, z1)
        out = a1 @ W2 + b2
        loss = np.mean((out - Y) ** 2)
        dout = 2 * (out - Y) / Y.size
        dW2 = a1.T @ dout
        db2 = dout.mean(axis=0)
        da1 = dout @ W2.T
        dz1 = da1 * (z1 > 0)
        dW1 = X.T @ dz1
        db1 = dz1.sum(axis=0)
        W1 -= 0.1 * dW1
        b1 -= 0.1 * db1
        W2 -= 0.1 * dW2
        b2 -= 0.1 * db2
