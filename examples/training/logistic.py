"""Logistic regression by Newton's method: gradient and Hessian by the chain rule, five or six steps.

python examples/training/logistic.py
"""

import numpy as np

import chainrule as cr
from chainrule import nn

PENALTY = 1e-2
TRUE = np.array([1.5, -2.0, 0.5, 0.3])


def samples(count=500, seed=0):
    """Rows with a constant 1, and labels 0 and 1 drawn by the true weights."""
    random = np.random.default_rng(seed)
    x = np.column_stack([random.normal(size=(count, 3)), np.ones(count)])
    return x, (random.random(count) < 1 / (1 + np.exp(-x @ TRUE))) * 1.0


def loss(w, x, y):
    return nn.binary_cross_entropy(x @ w, y) + PENALTY * np.sum(w * w)


def newton(x, y, steps=8):
    """The weights, and the loss before each step."""
    w, losses = np.zeros(x.shape[1]), []
    both, curvature = cr.value_and_grad(loss), cr.hessian(loss)
    for _ in range(steps):
        value, slope = both(w, x, y)
        losses.append(float(value))
        w = w - np.linalg.solve(curvature(w, x, y), slope)
    return w, losses


def main(count=500):
    x, y = samples(count)
    w, losses = newton(x, y)
    size = np.abs(cr.grad(loss)(w, x, y)).max()
    print("losses", *[f"{value:.12f}" for value in losses[:7]])
    print(f"weights {w.round(3)}; largest element of the gradient {size:.1g}")
    return w, losses, size


if __name__ == "__main__":
    main()
