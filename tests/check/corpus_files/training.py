"""A claim above a long training run that nobody waits for."""
# right: loss_grad
import numpy as np

X = np.random.default_rng(3).normal(size=(50, 4))
target = np.ones(50)


def loss(w):
    return np.mean((X @ w - target) ** 2)


def loss_grad(w):
    return 2 * X.T @ (X @ w - target) / len(target)


w = np.zeros(4)
for step in range(10**9):
    w = w - 0.01 * loss_grad(w)
