"""Mistakes in all steps of a loop, in entries of a matrix, in what is written in the output, of arguments with defaults."""
# right: rosenbrock_der
# wrong: DFUNC, rosenbrock_hess, Node.dtanh, huber_prime
# cause: DFUNC: one path enters with weight 0.5
# cause: rosenbrock_hess: the sign is wrong
# cause: Node.dtanh: written in the output, the derivative that is taken is 1 - output
# cause: huber_prime: a link of the chain is dropped
import math

import numpy as np


def FUNC(N, X):
    F = 0.0
    for i in range(N - 1):
        F = F + 100.0 * (X[i + 1] - X[i] ** 2) ** 2 + (1.0 - X[i]) ** 2
    return F


def DFUNC(N, X):
    g = [0.0] * N
    for i in range(N - 1):
        t = X[i + 1] - X[i] ** 2
        g[i] = g[i] - 200.0 * X[i] * t - 2.0 * (1.0 - X[i])
        g[i + 1] = g[i + 1] + 200.0 * t
    return g


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def rosenbrock_der(x):
    return np.array([-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)])


def rosenbrock_hess(x):
    return np.array([[1200 * x[0] ** 2 - 400 * x[1] + 2, 400 * x[0]], [400 * x[0], 200]])


class Node:
    def tanh(self, x):
        return math.tanh(x)

    def dtanh(self, y):
        return 1.0 - y


def huber(r, d=1.0):
    return np.where(abs(r) <= d, 0.5 * r**2, d * (abs(r) - 0.5 * d))


def huber_prime(r, d=1.0):
    return np.where(abs(r) <= d, r, d)


node = Node()
print(DFUNC(3, [0.5, -0.3, 0.8]), rosenbrock_der([1.0, 2.0]), rosenbrock_hess([-1.2, 1.0]), node.dtanh(node.tanh(0.3)))
print(huber_prime(np.array([-2.0, 0.3, 4.0])))
