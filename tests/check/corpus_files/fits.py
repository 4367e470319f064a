"""Costs of weights and of predictions: with one column or several, far from the labels, with a bias that is left out."""
# right: linear_regression_loss, softmax_ce_grad, Huber.grad
# wrong: ridge_loss, Cut.grad
# cause: ridge_loss: is theta[0] regularised in the gradient and not in the function?
# cause: Cut.grad: one path enters with weight 0.5

import math

import numpy as np


def linear_regression_loss(w, X, y):
    r = X.dot(w) - y
    loss = 0.5 * np.mean(r**2)
    grad = X.T.dot(r) / len(y)
    return loss, grad


def ridge_loss(theta, X, y, lam):
    m = len(y)
    e = X @ theta - y
    cost = e @ e / (2 * m) + lam / (2 * m) * np.sum(theta[1:] ** 2)
    grad = X.T @ e / m + lam / m * theta
    return cost, grad


def softmax_ce(logits, label):
    m = max(logits)
    z = sum(math.exp(l - m) for l in logits)
    return math.log(z) + m - logits[label]


def softmax_ce_grad(logits, label):
    m = max(logits)
    e = [math.exp(l - m) for l in logits]
    z = sum(e)
    return [ei / z - (1 if i == label else 0) for i, ei in enumerate(e)]


class Huber:
    def __init__(self, delta=1.0):
        self.delta = delta

    def __call__(self, y, p):
        e = p - y
        a = np.abs(e)
        return np.mean(np.where(a <= self.delta, 0.5 * e**2, self.delta * (a - 0.5 * self.delta)))

    def grad(self, y, p):
        e = p - y
        return np.where(np.abs(e) <= self.delta, e, self.delta * np.sign(e)) / e.size


class Cut(Huber):
    def grad(self, y, p):
        e = p - y
        return np.where(np.abs(e) <= self.delta, e, np.sign(e) * self.delta**2 * 0.5) / e.size


X = np.array([[1.0, 0.5, -1.0], [1.0, 2.0, 0.3], [1.0, -0.7, 0.9], [1.0, 0.1, 0.4]])
print(ridge_loss(np.array([0.3, -0.2, 0.5]), X, np.array([1.0, 0.0, -1.0, 2.0]), 0.5))
