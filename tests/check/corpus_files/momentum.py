"""Training with momentum, Adam and RMSprop: the gradient that enters the update is judged."""
# right: train_adam, Logit.fit
# wrong: train_momentum, RMSNet.fit
# cause: train_momentum: argument w: a constant factor: exactly 6 of the truth
# cause: RMSNet.fit: argument self.W1: a link of the chain is dropped
import numpy as np
def sigmoid(z): return 1 / (1 + np.exp(-z))
def train_adam(X, y, lr=0.01, epochs=100, beta1=0.9, beta2=0.999, eps=1e-8):
    n, d = X.shape
    w = np.zeros(d); b = 0.0
    m_w = np.zeros(d); v_w = np.zeros(d); m_b = v_b = 0.0
    for t in range(1, epochs + 1):
        p = sigmoid(X @ w + b)
        dw = X.T @ (p - y) / n
        db = np.mean(p - y)
        m_w = beta1 * m_w + (1 - beta1) * dw
        v_w = beta2 * v_w + (1 - beta2) * dw ** 2
        m_b = beta1 * m_b + (1 - beta1) * db
        v_b = beta2 * v_b + (1 - beta2) * db ** 2
        w -= lr * (m_w / (1 - beta1 ** t)) / (np.sqrt(v_w / (1 - beta2 ** t)) + eps)
        b -= lr * (m_b / (1 - beta1 ** t)) / (np.sqrt(v_b / (1 - beta2 ** t)) + eps)
    return w, b
def train_momentum(X, y, lr=0.01, epochs=100, momentum=0.9):
    n, d = X.shape
    w = np.zeros(d); b = 0.0
    vw = np.zeros(d); vb = 0.0
    for _ in range(epochs):
        p = sigmoid(X @ w + b)
        dw = X.T @ (p - y)
        db = np.mean(p - y)
        vw = momentum * vw - lr * dw
        vb = momentum * vb - lr * db
        w += vw
        b += vb
    return w, b
class Logit:
    def __init__(self, lr=0.1, n_iter=10, beta=0.9):
        self.lr, self.n_iter, self.beta = lr, n_iter, beta
    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.v = np.zeros(X.shape[1])
        for _ in range(self.n_iter):
            p = sigmoid(X @ self.w)
            grad = X.T @ (p - y) / len(y)
            self.v = self.beta * self.v + (1 - self.beta) * grad
            self.w -= self.lr * self.v
        return self
class RMSNet:
    def __init__(self, hidden=4, lr=0.01, decay=0.9):
        self.hidden, self.lr, self.decay = hidden, lr, decay
    def fit(self, X, y, epochs=20):
        rng = np.random.default_rng(1)
        self.W1 = rng.normal(size=(X.shape[1], self.hidden)); self.W2 = rng.normal(size=(self.hidden, 1))
        s1 = np.zeros_like(self.W1); s2 = np.zeros_like(self.W2)
        y = y.reshape(-1, 1)
        for _ in range(epochs):
            h = np.tanh(X @ self.W1)
            out = h @ self.W2
            err = out - y
            dW2 = h.T @ err / len(y)
            dW1 = X.T @ (err @ self.W2.T) / len(y)
            s1 = self.decay * s1 + (1 - self.decay) * dW1 ** 2
            s2 = self.decay * s2 + (1 - self.decay) * dW2 ** 2
            self.W1 -= self.lr * dW1 / (np.sqrt(s1) + 1e-8)
            self.W2 -= self.lr * dW2 / (np.sqrt(s2) + 1e-8)
        return self
