"""Parameters and gradients in dicts."""
# right: loss_grad, model_grads
# wrong: net_grad
import numpy as np

X = np.random.default_rng(2).normal(size=(5, 3))


def loss(params):
    return np.mean((X @ params["W"] + params["b"]) ** 2)


def loss_grad(params):
    r = 2 * (X @ params["W"] + params["b"]) / len(X)
    return {"dW": X.T @ r, "db": np.sum(r), "dX": 0.0}


def model(w, b):
    return np.sum(np.tanh(X @ w + b))


def model_grads(w, b):
    u = 1 - np.tanh(X @ w + b) ** 2
    return {"b": np.sum(u), "w": X.T @ u}


def net(params):
    return np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 3)


def net_grad(params):
    return {"dW2": 2 * params["W2"], "dW1": 2 * params["W1"]}


loss({"W": np.array([0.1, 0.2, -0.3]), "b": 0.5})
net({"W1": np.ones((2, 2)) * 0.3, "W2": np.array([0.5, 2.0])})
model(np.array([0.1, 0.2, -0.3]), 0.5)
