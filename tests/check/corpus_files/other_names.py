"""Names in other languages and of other fields: tangents, divergences, forces of solids, models of filters."""
# right: spline_slope, Gaussienne.derivee, bezier_tangent, kl_gradient, internal_force, stiffness, Filter.F, jacob_h
# wrong: 损失_梯度, swap_gradient
# cause: 损失_梯度: argument w: a constant factor
# cause: swap_gradient: a constant factor
# none: Filter.P
import math

import numpy as np


class Gaussienne:
    def __init__(self, centre=1.0):
        self.centre = centre

    def valeur(self, x):
        return math.exp(-((x - self.centre) ** 2))

    def derivee(self, x):
        return -2 * (x - self.centre) * self.valeur(x)


def 损失(w, b, X, y):
    return np.mean((X @ w + b - y) ** 2)


def 损失_梯度(w, b, X, y):
    误差 = X @ w + b - y
    return X.T @ 误差 / len(y), 2 * np.mean(误差)


def spline_value(s, p0, p1):
    return (1 - s) ** 2 * p0 + s**3 * p1


def spline_slope(s, p0, p1):
    return -2 * (1 - s) * p0 + 3 * s * s * p1


def bezier(t):
    return np.array([(1 - t) ** 2 + 3 * t**2, 4 * t * (1 - t)])


def bezier_tangent(t):
    return np.array([-2 * (1 - t) + 6 * t, 4 - 8 * t])


def kl_divergence(Y, P):
    d = np.sum((Y[:, None] - Y[None]) ** 2, axis=2)
    num = 1 / (1 + d) - np.eye(len(P))
    Q = num / num.sum()
    off = ~np.eye(len(P), dtype=bool)
    return np.sum(P[off] * np.log(P[off] / Q[off]))


def kl_gradient(Y, P, factor=4.0):
    d = np.sum((Y[:, None] - Y[None]) ** 2, axis=2)
    num = 1 / (1 + d) - np.eye(len(P))
    return np.array([factor * ((P[i] - num[i] / num.sum()) * num[i]) @ (Y[i] - Y) for i in range(len(P))])


def swap_divergence(Y, P):
    return kl_divergence(Y, P)


def swap_gradient(Y, P):
    return kl_gradient(Y, P, 2.0)


def strain_energy(u):
    return sum(1.25 * (u[e + 1] - u[e]) ** 2 for e in range(2))


def internal_force(u):
    F = [0.0] * 3
    for e in range(2):
        F[e] -= 2.5 * (u[e + 1] - u[e])
        F[e + 1] += 2.5 * (u[e + 1] - u[e])
    return F


def stiffness(u):
    return 2.5 * np.array([[1.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 1.0]])


def observation_model(x):
    return np.array([np.hypot(x[0], x[1]), np.arctan2(x[1], x[0])])


def jacob_h(x):
    q = x[0] ** 2 + x[1] ** 2
    return np.array([[x[0], x[1], 0.0] / np.sqrt(q), [-x[1] / q, x[0] / q, 0.0]])


class Filter:
    def f(self, x, u):
        return np.array([x[0] + u[0] * np.cos(x[2]), x[1] + u[0] * np.sin(x[2]), x[2] + u[1]])

    def F(self, x, u):
        return np.array([[1, 0, -u[0] * np.sin(x[2])], [0, 1, u[0] * np.cos(x[2])], [0, 0, 1]])

    def P(self, x, u):
        return np.eye(3)


P = np.array([[0, 3, 2], [3, 0, 1], [2, 1, 0.0]]) / 12 + 1e-9 * np.eye(3)
Y = np.array([[0.1, 0.4], [-0.5, 0.2], [0.3, -0.8]])
kl_divergence(Y, P), kl_gradient(Y, P), swap_divergence(Y, P), swap_gradient(Y, P)
strain_energy([0.0, 0.01, 0.03]), internal_force([0.0, 0.01, 0.03]), stiffness([0.0, 0.01, 0.03])
x, u = np.array([1.0, 2.0, 0.3]), (1.0, 0.2)
observation_model(x), Filter().f(x, u)
损失(np.array([0.3, 0.2]), 0.1, np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]]), np.array([1.0, 0.0, 2.0]))
