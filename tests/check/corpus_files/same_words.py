"""Costs and gradients whose names say the same but for one word, at data that the file itself uses."""
# right: lrGradient, compute_gradient_logistic, lossGradient, dJ_dtheta
# wrong: lrGradientReg, gradient_hinge
# none: gradient_step, plot_gradient
import numpy as np

rng = np.random.default_rng(1)


def sigmoid(z):
    return 1.0 / (1 + np.exp(-z))


def lrCost(theta, X, y, lmbda):
    h = sigmoid(X.dot(theta))
    return (-y.dot(np.log(h)) - (1 - y).dot(np.log(1 - h))) / len(y) + lmbda / (2 * len(y)) * np.sum(theta[1:] ** 2)


def lrGradient(theta, X, y, lmbda):
    grad = X.T.dot(sigmoid(X.dot(theta)) - y) / len(y)
    grad[1:] = grad[1:] + lmbda / len(y) * theta[1:]
    return grad


def lrCostReg(theta, X, y, lmbda):
    return lrCost(theta, X, y, lmbda)


def lrGradientReg(theta, X, y, lmbda):
    return X.T.dot(sigmoid(X.dot(theta)) - y) / len(y) + lmbda / len(y) * theta


def compute_cost_logistic(X, y, w, b):
    cost = 0.0
    for i in range(X.shape[0]):
        f = sigmoid(np.dot(X[i], w) + b)
        cost += -y[i] * np.log(f) - (1 - y[i]) * np.log(1 - f)
    return cost / X.shape[0]


def compute_gradient_logistic(X, y, w, b):
    m, n = X.shape
    dj_dw, dj_db = np.zeros(n), 0.0
    for i in range(m):
        err = sigmoid(np.dot(X[i], w) + b) - y[i]
        dj_dw += err * X[i]
        dj_db += err
    return dj_db / m, dj_dw / m


def lossFunction(w, X, y):
    r = X.dot(w) - y
    return r.dot(r) / (2 * len(y))


def lossGradient(w, X, y):
    return X.T.dot(X.dot(w) - y) / len(y)


def J(theta, X, y):
    return 0.5 * np.sum((X @ theta - y) ** 2)


def dJ_dtheta(theta, X, y):
    return X.T @ (X @ theta - y)


def cost_hinge(w, X, y, reg=0.1):
    return sum(max(0, 1 - yi * np.dot(w, xi)) for xi, yi in zip(X, y)) + reg * np.sum(w ** 2)


def gradient_hinge(w, X, y, reg=0.1):
    g = 2 * reg * w
    for xi, yi in zip(X, y):
        if 1 - yi * np.dot(w, xi) > 0:
            g = g + yi * xi
    return g


def gradient_step(w, X, y):
    return w - 0.1 * lossGradient(w, X, y)


def plot_gradient(cost, ax=None):
    return None


X = np.c_[np.ones(12), rng.normal(size=(12, 2))]
y = (rng.random(12) > 0.5) * 1.0
theta = np.array([0.1, 0.2, 0.3])
lrGradient(theta, X, y, 1.0)
lrGradientReg(theta, X, y, 1.0)
compute_gradient_logistic(X, y, theta, -0.5)
gradient_hinge(theta, X, 2 * y - 1)
for _ in range(3):
    theta = gradient_step(theta, X, y)
