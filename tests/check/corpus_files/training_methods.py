"""Models that are trained by a method: gradients that are computed inline, and used for an update at once."""
# right: LogisticRegression.fit, Momentum.fit, Adaline.fit, Ridge.update_weights, gradient_descent, MLP.train, train, ElasticNet.fit
# wrong: Hasty.fit, Flat.train, Uphill.update_weights, penalised
# cause: Hasty.fit: exactly 6 of the truth
# cause: Flat.train: a link of the chain is dropped
# cause: Uphill.update_weights: the sign is wrong
# cause: penalised: one path enters with weight 6
# none: Perceptron.fit, Capped.fit, train_perceptron, descend_clipped

import numpy as np


class LogisticRegression:
    def __init__(self, learning_rate=0.01, n_iters=1000):
        self.lr = learning_rate
        self.n_iters = n_iters

    def fit(self, X, y):
        n_samples, n_features = X.shape
        self.weights = np.zeros(n_features)
        self.bias = 0
        for _ in range(self.n_iters):
            predictions = self._sigmoid(np.dot(X, self.weights) + self.bias)
            dw = (1 / n_samples) * np.dot(X.T, (predictions - y))
            db = (1 / n_samples) * np.sum(predictions - y)
            self.weights = self.weights - self.lr * dw
            self.bias = self.bias - self.lr * db

    def _sigmoid(self, x):
        return 1 / (1 + np.exp(-x))


class Hasty(LogisticRegression):
    def fit(self, X, y):
        n_samples, n_features = X.shape
        self.weights = np.zeros(n_features)
        self.bias = 0
        for _ in range(self.n_iters):
            predictions = self._sigmoid(np.dot(X, self.weights) + self.bias)
            dw = np.dot(X.T, (predictions - y))
            db = (1 / n_samples) * np.sum(predictions - y)
            self.weights -= self.lr * dw
            self.bias -= self.lr * db


class Adaline:
    def __init__(self, eta=0.01, n_iter=50):
        self.eta = eta
        self.n_iter = n_iter

    def fit(self, X, y):
        rgen = np.random.RandomState(1)
        self.w_ = rgen.normal(loc=0.0, scale=0.01, size=X.shape[1])
        self.b_ = np.float64(0.0)
        self.losses_ = []
        for _ in range(self.n_iter):
            output = np.dot(X, self.w_) + self.b_
            errors = y - output
            self.w_ += self.eta * 2.0 * X.T.dot(errors) / X.shape[0]
            self.b_ += self.eta * 2.0 * errors.mean()
            loss = (errors**2).mean()
            self.losses_.append(loss)
        return self


class Ridge:
    def __init__(self, lr=0.001, lam=0.1):
        self.lr, self.lam = lr, lam

    def update_weights(self, X, Y):
        m = len(Y)
        Y_pred = X.dot(self.W) + self.b
        dW = (-(2 * X.T.dot(Y - Y_pred)) + (2 * self.lam * self.W)) / m
        db = -2 * np.sum(Y - Y_pred) / m
        self.W = self.W - self.lr * dW
        self.b = self.b - self.lr * db
        return self


class Uphill(Ridge):
    def update_weights(self, X, Y):
        m = len(Y)
        Y_pred = X.dot(self.W) + self.b
        dW = (-(2 * X.T.dot(Y - Y_pred)) + (2 * self.lam * self.W)) / m
        db = 2 * np.sum(Y - Y_pred) / m
        self.W = self.W - self.lr * dW
        self.b = self.b - self.lr * db
        return self


def gradient_descent(X, y, theta, alpha, num_iters):
    m = len(y)
    for _ in range(num_iters):
        h = X.dot(theta)
        theta = theta - (alpha / m) * X.T.dot(h - y)
    return theta


class MLP:
    def __init__(self, hidden=4, lr=0.1):
        self.hidden = hidden
        self.lr = lr

    def start(self, X):
        rng = np.random.default_rng(0)
        self.W1 = rng.standard_normal((X.shape[1], self.hidden))
        self.b1 = np.zeros((1, self.hidden))
        self.W2 = rng.standard_normal((self.hidden, 1))
        self.b2 = np.zeros((1, 1))

    def train(self, X, y, epochs=100):
        self.start(X)
        m = X.shape[0]
        for _ in range(epochs):
            A1 = np.tanh(X @ self.W1 + self.b1)
            A2 = 1 / (1 + np.exp(-(A1 @ self.W2 + self.b2)))
            dZ2 = A2 - y
            dW2 = A1.T @ dZ2 / m
            db2 = np.sum(dZ2, axis=0, keepdims=True) / m
            dZ1 = dZ2 @ self.W2.T * (1 - A1**2)
            dW1 = X.T @ dZ1 / m
            db1 = np.sum(dZ1, axis=0, keepdims=True) / m
            self.W2 -= self.lr * dW2
            self.b2 -= self.lr * db2
            self.W1 -= self.lr * dW1
            self.b1 -= self.lr * db1


class Flat(MLP):
    def train(self, X, y, epochs=100):
        self.start(X)
        m = X.shape[0]
        for _ in range(epochs):
            A1 = np.tanh(X @ self.W1 + self.b1)
            A2 = 1 / (1 + np.exp(-(A1 @ self.W2 + self.b2)))
            dZ2 = A2 - y
            dW2 = A1.T @ dZ2 / m
            db2 = np.sum(dZ2, axis=0, keepdims=True) / m
            dZ1 = dZ2 @ self.W2.T
            dW1 = X.T @ dZ1 / m
            db1 = np.sum(dZ1, axis=0, keepdims=True) / m
            self.W2 -= self.lr * dW2
            self.b2 -= self.lr * db2
            self.W1 -= self.lr * dW1
            self.b1 -= self.lr * db1


def train(X, y, learning_rate=0.1, epochs=50):
    params = {"W": np.zeros((X.shape[1], 1)), "b": 0.0}
    y = y.reshape(-1, 1)
    for _ in range(epochs):
        y_hat = 1 / (1 + np.exp(-(X @ params["W"] + params["b"])))
        dW = X.T @ (y_hat - y) / len(y)
        db = np.mean(y_hat - y)
        params["W"] -= learning_rate * dW
        params["b"] -= learning_rate * db
    return params


def penalised(X, y, lr=0.1, lam=0.5, epochs=10):
    m = len(y)
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        h = 1 / (1 + np.exp(-(X @ w + b)))
        cost = -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h)) + lam / (2 * m) * np.sum(w**2)
        dw = X.T @ (h - y) / m + lam * w
        db = np.mean(h - y)
        w -= lr * dw
        b -= lr * db
    return w, b, cost


class Perceptron:
    def __init__(self, lr=0.01, n_iters=1000):
        self.lr = lr
        self.n_iters = n_iters

    def fit(self, X, y):
        self.weights = np.zeros(X.shape[1])
        self.bias = 0
        for _ in range(self.n_iters):
            for idx, x_i in enumerate(X):
                y_predicted = np.where(np.dot(x_i, self.weights) + self.bias >= 0, 1, 0)
                update = self.lr * (y[idx] - y_predicted)
                self.weights += update * x_i
                self.bias += update


class Momentum:
    def fit(self, X, y, lr=0.1, epochs=10):
        w, b, vw, vb = np.zeros(X.shape[1]), 0.0, 0.0, 0.0
        for _ in range(epochs):
            y_hat = X @ w + b
            dw = X.T @ (y_hat - y) / len(y)
            db = np.mean(y_hat - y)
            vw = 0.9 * vw + 0.1 * dw
            vb = 0.9 * vb + 0.1 * db
            w -= lr * vw / np.sqrt(1 + vw**2)
            b -= lr * vb
        return w, b


def descend_clipped(X, y, lr=0.1, epochs=10):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        y_hat = X @ w + b
        dw = np.clip(X.T @ (y_hat - y), -1, 1)
        db = np.sum(y_hat - y)
        w -= lr * dw
        b -= lr * db
    return w, b


class ElasticNet:
    def __init__(self, lr=0.01, l1=0.1, l2=0.2, epochs=20):
        self.lr, self.l1, self.l2, self.epochs = lr, l1, l2, epochs

    def penalty(self):
        return self.l1 * np.sign(self.coef_) + 2 * self.l2 * self.coef_

    def fit(self, X, y):
        n, d = X.shape
        self.coef_ = np.zeros(d)
        self.intercept_ = 0.0
        for _ in range(self.epochs):
            y_hat = X @ self.coef_ + self.intercept_
            grad_coef = -2 * X.T @ (y - y_hat) / n + self.penalty()
            grad_intercept = -2 * np.mean(y - y_hat)
            self.coef_ -= self.lr * grad_coef
            self.intercept_ -= self.lr * grad_intercept
        return self


class Capped(ElasticNet):
    def penalty(self):
        return self.l1 * self.coef_ / (1 + self.coef_**2) ** 2

    def fit(self, X, y):
        n, d = X.shape
        self.coef_ = np.zeros(d)
        self.intercept_ = 0.0
        for _ in range(self.epochs):
            y_hat = X @ self.coef_ + self.intercept_
            grad_coef = -2 * X.T @ (y - y_hat) / n + self.penalty()
            grad_intercept = -2 * np.mean(y - y_hat)
            self.coef_ -= self.lr * grad_coef
            self.intercept_ -= self.lr * grad_intercept
        return self


def train_perceptron(weights, X, y, lr=0.1, n_epoch=3):
    for _ in range(n_epoch):
        for row, t in zip(X, y, strict=True):
            prediction = 1.0 if row @ weights >= 0 else 0.0
            error = t - prediction
            weights = weights + lr * error * row
    return weights


trained = train_perceptron(np.zeros(3), np.eye(3), np.array([1.0, 0.0, 1.0]))
