"""A net with three outputs, as the file calls it, and a bias whose gradient is right for one alone."""
# wrong: backward_propagation
# cause: backward_propagation: argument b2: it is summed over all of b2
import numpy as np


def forward_propagation(X, parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    A2 = 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"])))
    return A2, {"A1": A1, "A2": A2}


def compute_cost(A2, Y):
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": np.sum(dZ1, axis=1, keepdims=True) / m,
        "dW2": dZ2 @ cache["A1"].T / m,
        "db2": np.sum(dZ2) / m,
    }


rng = np.random.default_rng(0)
parameters = {"W1": rng.normal(size=(4, 2)), "b1": np.zeros((4, 1)), "W2": rng.normal(size=(3, 4)), "b2": np.zeros((3, 1))}
X, Y = rng.normal(size=(2, 6)), (rng.random((3, 6)) > 0.5).astype(int)
A2, cache = forward_propagation(X, parameters)
print(compute_cost(A2, Y), backward_propagation(parameters, cache, X, Y)["db2"])
