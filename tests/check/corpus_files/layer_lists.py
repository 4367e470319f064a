"""Nets whose layers are dicts in a list, gradients that a method leaves in its object, losses by one of two arguments."""
# right: act_grad, backward, Hinge.gradient, MLP.compute_gradients
# wrong: Quantile.gradient, Hurried.compute_gradients
# cause: Quantile.gradient: the sign is wrong
# cause: Hurried.compute_gradients: 1/6 of the truth
import numpy as np

rng = np.random.default_rng(0)
layers = [
    {"W": rng.normal(size=(3, 5)) * 0.5, "b": np.zeros(5), "act": "tanh"},
    {"W": rng.normal(size=(5, 4)) * 0.5, "b": np.zeros(4), "act": "relu"},
    {"W": rng.normal(size=(4, 2)) * 0.5, "b": np.zeros(2), "act": "linear"},
]


def act(name, z):
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0) if name == "relu" else z


def act_grad(name, z):
    return 1 - np.tanh(z) ** 2 if name == "tanh" else (z > 0).astype(float) if name == "relu" else np.ones_like(z)


def forward(x, layers):
    cache = []
    for layer in layers:
        z = x @ layer["W"] + layer["b"]
        cache.append((x, z))
        x = act(layer["act"], z)
    return x, cache


def loss_fn(pred, y):
    return np.sum((pred - y) ** 2) / len(y)


def backward(pred, y, cache, layers):
    grads = []
    delta = 2 * (pred - y) / len(y)
    for layer, (a, z) in zip(reversed(layers), reversed(cache), strict=True):
        delta = delta * act_grad(layer["act"], z)
        grads.insert(0, {"W": a.T @ delta, "b": delta.sum(0)})
        delta = delta @ layer["W"].T
    return grads


class Hinge:
    def __call__(self, y, p):
        return np.mean(np.maximum(0, 1 - y * p))

    def gradient(self, y, p):
        return -np.where(y * p < 1, y, 0) / len(y)


class Quantile:
    def __init__(self, tau=0.3):
        self.tau = tau

    def __call__(self, y, p):
        return np.mean(np.maximum(self.tau * (y - p), (self.tau - 1) * (y - p)))

    def gradient(self, y, p):
        return np.where(y > p, self.tau, self.tau - 1) / len(y)


class MLP:
    def __init__(self, n_in, n_hid, n_out, seed=0):
        r = np.random.default_rng(seed)
        self.W1, self.b1 = r.normal(size=(n_in, n_hid)), np.zeros(n_hid)
        self.W2, self.b2 = r.normal(size=(n_hid, n_out)), np.zeros(n_out)

    def loss(self, X, Y):
        self.h = 1 / (1 + np.exp(-(X @ self.W1 + self.b1)))
        return 0.5 * np.sum((self.h @ self.W2 + self.b2 - Y) ** 2)

    def compute_gradients(self, X, Y):
        self.loss(X, Y)
        d2 = self.h @ self.W2 + self.b2 - Y
        d1 = d2 @ self.W2.T * self.h * (1 - self.h)
        self.dW2, self.db2 = self.h.T @ d2, d2.sum(axis=0)
        self.dW1, self.db1 = X.T @ d1, d1.sum(axis=0)


class Hurried(MLP):
    def compute_gradients(self, X, Y):
        super().compute_gradients(X, Y)
        self.db2 = self.db2 / len(X)


X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
pred, cache = forward(X, layers)
grads = backward(pred, Y, cache, layers)
y, p = np.array([1, -1, 1, 1, -1]), np.array([0.4, -2.0, 3.0, -0.1, 0.7])
print(Hinge().gradient(y, p), Quantile().gradient(1.0 * y, p), loss_fn(pred, Y))
for net in (MLP(3, 4, 2), Hurried(3, 4, 2)):
    net.compute_gradients(X, Y)
