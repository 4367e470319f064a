"""Nets whose parameters are one vector, cut by sizes that the function is told; nets that are large by default."""
# right: nn_cost, autoencoder_cost, LargeNet.loss
# wrong: nn_cost_biased, HalfDecayed.loss
# cause: HalfDecayed.loss: W2
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def nn_cost(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lam, free=1):
    cut = hidden_layer_size * (input_layer_size + 1)
    Theta1 = nn_params[:cut].reshape(hidden_layer_size, input_layer_size + 1)
    Theta2 = nn_params[cut:].reshape(num_labels, hidden_layer_size + 1)
    m = len(y)
    a1 = np.c_[np.ones(m), X]
    a2 = np.c_[np.ones(m), sigmoid(a1 @ Theta1.T)]
    h = sigmoid(a2 @ Theta2.T)
    Y = np.eye(num_labels)[y]
    J = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    J += lam / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))
    d3 = h - Y
    d2 = (d3 @ Theta2)[:, 1:] * a2[:, 1:] * (1 - a2[:, 1:])
    grad1, grad2 = d2.T @ a1 / m, d3.T @ a2 / m
    grad1[:, free:] += lam / m * Theta1[:, free:]
    grad2[:, free:] += lam / m * Theta2[:, free:]
    grad = np.concatenate([grad1.ravel(), grad2.ravel()])
    return J, grad


def nn_cost_biased(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lam):
    J, grad = nn_cost(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lam, 0)
    return J, grad


def autoencoder_cost(theta, visible_size, hidden_size, lam, data):
    n = hidden_size * visible_size
    W1, W2 = theta[:n].reshape(hidden_size, visible_size), theta[n : 2 * n].reshape(visible_size, hidden_size)
    b1, b2 = theta[2 * n : 2 * n + hidden_size], theta[2 * n + hidden_size :]
    m = data.shape[1]
    a = sigmoid(W1 @ data + b1[:, None])
    h = sigmoid(W2 @ a + b2[:, None])
    cost = np.sum((h - data) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    d2 = (h - data) * h * (1 - h) / m
    d1 = W2.T @ d2 * a * (1 - a)
    grad = np.concatenate([(d1 @ data.T + lam * W1).ravel(), (d2 @ a.T + lam * W2).ravel(), d1.sum(1), d2.sum(1)])
    return cost, grad


class LargeNet:
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params, self.reg = {}, reg
        self.params["W1"], self.params["b1"] = weight_scale * np.random.randn(input_dim, hidden_dim), np.zeros(hidden_dim)
        self.params["W2"], self.params["b2"] = weight_scale * np.random.randn(hidden_dim, num_classes), np.zeros(num_classes)

    def loss(self, X, y=None):
        W1, W2 = self.params["W1"], self.params["W2"]
        h = np.maximum(X @ W1 + self.params["b1"], 0)
        scores = h @ W2 + self.params["b2"]
        if y is None:
            return scores
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.mean(np.log(p[range(len(X)), y])) + 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))
        p[range(len(X)), y] -= 1
        d = p / len(X)
        dh = d @ W2.T * (h > 0)
        grads = {"W1": X.T @ dh + self.reg * W1, "b1": dh.sum(axis=0), "W2": h.T @ d + self.reg * W2, "b2": d.sum(axis=0)}
        return loss, grads


class HalfDecayed(LargeNet):
    def loss(self, X, y=None):
        if y is None:
            return LargeNet.loss(self, X)
        loss, grads = LargeNet.loss(self, X, y)
        grads["W2"] = grads["W2"] - self.reg * self.params["W2"]
        return loss, grads
