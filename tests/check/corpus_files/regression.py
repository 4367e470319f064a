"""Cost and gradient as courses write them; the file calls them with its data."""
# right: gradient, compute_gradient, logistic_grad, cost_and_grad
# wrong: ridge_gradient
import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(12, 3))
y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * rng.normal(size=12)


def costFunction(theta, X, y):
    return np.sum((X @ theta - y) ** 2) / (2 * len(y))


def gradient(theta, X, y):
    return X.T @ (X @ theta - y) / len(y)


def compute_cost(x, y, w, b):
    return np.mean((w * x + b - y) ** 2) / 2


def compute_gradient(x, y, w, b):
    m = x.shape[0]
    dj_dw = 0
    dj_db = 0
    for i in range(m):
        f_wb = w * x[i] + b
        dj_dw += (f_wb - y[i]) * x[i]
        dj_db += f_wb - y[i]
    return dj_dw / m, dj_db / m


def logistic(w, X, labels):
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))


def logistic_grad(w, X, labels):
    return X.T @ (1 / (1 + np.exp(-(X @ w))) - labels) / len(labels)


def cost_and_grad(theta, X, y):
    r = X @ theta - y
    J = r @ r / 2
    grad = X.T @ r
    return J, grad


def ridge(theta, X, y, lam):
    return np.sum((X @ theta - y) ** 2) / (2 * len(y)) + lam * np.sum(theta[1:] ** 2) / (2 * len(y))


def ridge_gradient(theta, X, y, lam):
    return X.T @ (X @ theta - y) / len(y) + lam * theta / len(y)


theta = np.zeros(3)
for step in range(50):
    theta -= 0.1 * gradient(theta, X, y)
    costFunction(theta, X, y)
print(compute_cost(X[:, 0], y, 0.3, 0.1), logistic(theta, X, (y > 0).astype(int)))
print(cost_and_grad(theta, X, y)[0], ridge(theta, X, y, 2.0))
