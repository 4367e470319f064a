"""Objects that are called for their forward pass, keep gradients beside weights, or read only some of what they hold."""
# right: Kernel.gradient_x, Largest.backward, Attention.backward, Scale.backprop, Springs.grad_energy, Logistic.objective_gradient, grad_E
# wrong: Ridge.objective_gradient
# cause: Ridge.objective_gradient: a term is missing
# none: backward_alg
import numpy as np


class Attention:
    def __init__(self, d):
        self.W = np.linspace(-1, 1, d * d).reshape(d, d)

    def __call__(self, X):
        self.X, self.Q = X, X @ self.W
        E = np.exp(self.Q @ X.T)
        self.P = E / E.sum(-1, keepdims=True)
        return self.P @ X

    def backward(self, dO):
        P, X = self.P, self.X
        dP = dO @ X.T
        dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True))
        self.dW = X.T @ dS @ X
        return P.T @ dO + dS @ X @ self.W.T + dS.T @ self.Q


class Scale:
    def __init__(self, dim):
        self.params = {"gamma": np.ones(dim)}
        self.grads = {}

    def call(self, x, training=True):
        self.x = x
        return self.params["gamma"] * x

    __call__ = call

    def backprop(self, upstream):
        self.grads["gamma"] = np.sum(upstream * self.x, axis=0)
        return upstream * self.params["gamma"]


class Springs:
    def __init__(self, edges):
        self.edges = edges

    def energy(self, x):
        return sum(0.5 * (np.linalg.norm(x[b] - x[a]) - 1) ** 2 for a, b in self.edges)

    def grad_energy(self, x):
        self.g = np.zeros_like(x)
        for a, b in self.edges:
            d = x[b] - x[a]
            step = (1 - 1 / np.linalg.norm(d)) * d
            self.g[b] += step
            self.g[a] -= step
        return self.g


class Logistic:
    penalty = 1.0

    def objective(self, w, X, y):
        z = X @ w
        return np.mean(np.log(1 + np.exp(z)) - y * z) + 0.05 * w @ w

    def objective_gradient(self, w, X, y):
        return X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y) + 0.1 * self.penalty * w

    def fit(self, X, y):
        self.w_ = np.full(X.shape[1], 0.1)
        for _ in range(3):
            self.w_ = self.w_ - 0.5 * self.objective_gradient(self.w_, X, y)
        return self


class Ridge(Logistic):
    penalty = 0.5

    def objective_gradient(self, w, X, y):
        return super().objective_gradient(w, X, y)


class Kernel:
    def __call__(self, x, z):
        return np.exp(-0.5 * np.sum((x - z) ** 2))

    def gradient_x(self, x, z):
        return (z - x) * self(x, z)


class Largest:
    def __call__(self, x):
        self.mask = x == x.max(axis=1, keepdims=True)
        return x.max(axis=1)

    def grad(self, dout):
        return self.mask * dout[:, None]

    backward = grad


def forward_alg(E, T):
    a = [E[0]]
    for e in E[1:]:
        a.append(e + np.log(np.exp(a[-1]) @ np.exp(T)))
    return np.array(a)


def backward_alg(E, T):
    b = [np.zeros(len(T))]
    for e in E[:0:-1]:
        b.append(np.log(np.exp(T) @ np.exp(e + b[-1])))
    return np.array(b[::-1])


def log_likelihood(E, T):
    return np.log(np.sum(np.exp(forward_alg(E, T)[-1])))


def grad_E(E, T):
    return np.exp(forward_alg(E, T) + backward_alg(E, T) - log_likelihood(E, T))


attention, scale, kernel, largest = Attention(3), Scale(3), Kernel(), Largest()
x = np.array([[0.2, -0.4, 0.1], [0.5, 0.3, -0.7]])
largest.backward(largest(x)), kernel.gradient_x(x[0], x[1])
attention.backward(attention(x)), scale.backprop(scale(x))
Springs([(0, 1), (1, 2)]).grad_energy(np.array([[0.0, 0.0], [1.3, 0.1], [0.4, 0.9]]))
Logistic().fit(x, np.array([0, 1])), Ridge().fit(x, np.array([0, 1]))
log_likelihood(x[:, :2], x[:, 1:]), grad_E(x[:, :2], x[:, 1:])
