"""Classes that keep their weights in attributes, numbers among them; layers that stand in a list, each called once."""
# right: Linear._gradient, Logistic.compute_gradients, Softmax.loss, FCLayer.backward_propagation, Reader.bptt
# wrong: Ridge.gradient, back_prop
# cause: back_prop: argument b1: it is summed over all of b1
import numpy as np

np.random.seed(3)


class Linear:
    def __init__(self, n=3):
        self.w, self.b = np.random.randn(n), 0.5

    def _loss(self, X, y):
        return np.mean((X @ self.w + self.b - y) ** 2)

    def _gradient(self, X, y):
        err = X @ self.w + self.b - y
        dw = 2 * X.T @ err / len(y)
        db = 2 * err.mean()
        return dw, db


class Logistic:
    def __init__(self, n=3):
        self.weights, self.bias = np.zeros(n) + 0.1, 0.2

    def probabilities(self, X):
        return 1 / (1 + np.exp(-(X @ self.weights + self.bias)))

    def compute_loss(self, X, y):
        p = self.probabilities(X)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def compute_gradients(self, X, y):
        d = self.probabilities(X) - y
        return X.T @ d / len(y), np.mean(d)


class Ridge:
    def __init__(self, n=3, alpha=1.0):
        self.w, self.alpha = np.random.randn(n), alpha

    def loss(self, X, y):
        return np.sum((X @ self.w - y) ** 2) + self.alpha * np.sum(self.w**2)

    def gradient(self, X, y):
        return 2 * X.T @ (X @ self.w - y) + self.alpha * self.w


class Softmax:
    def __init__(self, n_features=4, n_classes=3, reg=0.1):
        self.W, self.reg = 0.1 * np.random.randn(n_features, n_classes), reg

    def loss(self, X, y):
        probs = np.exp(X @ self.W)
        probs /= probs.sum(axis=1, keepdims=True)
        loss = -np.log(probs[np.arange(len(X)), y]).mean() + self.reg * np.sum(self.W * self.W)
        probs[np.arange(len(X)), y] -= 1
        dW = X.T @ probs / len(X) + 2 * self.reg * self.W
        return loss, dW


class FCLayer:
    def __init__(self, input_size, output_size):
        self.weights = np.random.rand(input_size, output_size) - 0.5
        self.bias = np.random.rand(1, output_size) - 0.5

    def forward_propagation(self, input_data):
        self.input = input_data
        return np.dot(self.input, self.weights) + self.bias

    def backward_propagation(self, output_error, learning_rate):
        input_error = np.dot(output_error, self.weights.T)
        self.weights -= learning_rate * np.dot(self.input.T, output_error)
        self.bias -= learning_rate * output_error
        return input_error


class Reader:
    """Words in, chances of the next word out."""

    def __init__(self, words=7, hidden=4):
        self.U = np.random.uniform(-0.5, 0.5, (hidden, words))
        self.V = np.random.uniform(-0.5, 0.5, (words, hidden))
        self.W = np.random.uniform(-0.5, 0.5, (hidden, hidden))

    def forward_propagation(self, x):
        s, o = np.zeros((len(x) + 1, len(self.W))), np.zeros((len(x), len(self.V)))
        for t in range(len(x)):
            s[t] = np.tanh(self.U[:, x[t]] + self.W.dot(s[t - 1]))
            e = np.exp(self.V.dot(s[t]))
            o[t] = e / e.sum()
        return [o, s]

    def bptt(self, x, y):
        o, s = self.forward_propagation(x)
        dLdU, dLdV, dLdW = np.zeros(self.U.shape), np.zeros(self.V.shape), np.zeros(self.W.shape)
        o[np.arange(len(y)), y] -= 1.0
        for t in np.arange(len(y))[::-1]:
            dLdV += np.outer(o[t], s[t])
            delta = self.V.T.dot(o[t]) * (1 - s[t] ** 2)
            for step in np.arange(0, t + 1)[::-1]:
                dLdW += np.outer(delta, s[step - 1])
                dLdU[:, x[step]] += delta
                delta = self.W.T.dot(delta) * (1 - s[step - 1] ** 2)
        return [dLdU, dLdV, dLdW]


def forward_prop(W1, b1, W2, b2, X):
    Z1 = W1.dot(X) + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2.dot(A1) + b2
    A2 = np.exp(Z2) / sum(np.exp(Z2))
    return Z1, A1, Z2, A2


def back_prop(Z1, A1, Z2, A2, W1, W2, X, Y):
    dZ2 = A2 - np.eye(A2.shape[0])[Y].T
    dW2 = 1 / Y.size * dZ2.dot(A1.T)
    db2 = 1 / Y.size * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = W2.T.dot(dZ2) * (Z1 > 0)
    dW1 = 1 / Y.size * dZ1.dot(X.T)
    db1 = 1 / Y.size * np.sum(dZ1)
    return dW1, db1, dW2, db2


layers = [FCLayer(2, 3), FCLayer(3, 1)]
out = np.array([[0.1, 0.7]])
for layer in layers:
    out = layer.forward_propagation(out)
Softmax().loss(np.random.randn(6, 4), np.array([0, 1, 2, 2, 1, 0]))
