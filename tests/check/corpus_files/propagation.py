"""Nets of two functions with the cost between them, columns for samples or rows, parameters in a dict or one by one."""
# right: backward_propagation, L_model_backward
# wrong: backward_propagation_n
# cause: backward_propagation_n: exactly 2 of the truth
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(X, parameters):
    W1, b1, W2, b2 = (parameters[k] for k in ("W1", "b1", "W2", "b2"))
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2, Y):
    m = Y.shape[1]
    return float(-np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m)


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {
        "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ cache["A1"].T / m, "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }


def L_model_forward(X, parameters):
    A, caches, L = X, [], len(parameters) // 2
    for k in range(1, L + 1):
        Z = parameters[f"W{k}"] @ A + parameters[f"b{k}"]
        caches.append((A, Z))
        A = sigmoid(Z) if k == L else np.maximum(0, Z)
    AL = A
    return AL, caches


def L_model_backward(AL, Y, caches, parameters):
    grads, m = {}, Y.shape[1]
    dZ = AL - Y
    for k in range(len(caches), 0, -1):
        A, _ = caches[k - 1]
        grads[f"dW{k}"], grads[f"db{k}"] = dZ @ A.T / m, dZ.sum(axis=1, keepdims=True) / m
        if k > 1:
            dZ = parameters[f"W{k}"].T @ dZ * (caches[k - 2][1] > 0)
    return grads


def forward_propagation_n(X, Y, parameters):
    m = X.shape[1]
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.maximum(0, Z1)
    A2 = sigmoid(parameters["W2"] @ A1 + parameters["b2"])
    cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
    cache = (Z1, A1, parameters["W2"], A2)
    return cost, cache


def backward_propagation_n(X, Y, cache):
    m = X.shape[1]
    Z1, A1, W2, A2 = cache
    dZ2 = A2 - Y
    dZ1 = (W2.T @ dZ2) * (Z1 > 0)
    return {
        "dW2": dZ2 @ A1.T / m, "db2": dZ2.sum(axis=1, keepdims=True) / m,
        "dW1": 2 * dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m,
    }
