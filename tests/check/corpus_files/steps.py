"""Steps of descent that return what they change, losses that are properties, makers, cells that the file never runs."""
# right: step_gradient, Linear.gradient, grad, gru_step_backward
# wrong: sgd_step, Halved.gradient, lstm_step_backward
# cause: sgd_step: a constant factor: exactly 1/2 of the truth
# cause: Halved.gradient: a constant factor: exactly 1/2 of the truth
# cause: lstm_step_backward: is taken as the output
# none: make_ridge, make_gradient
import numpy as np


def compute_error_for_points(b, m, points):
    return sum((y - (m * x + b)) ** 2 for x, y in points) / float(len(points))


def step_gradient(b_current, m_current, points, learningRate):
    b_gradient = m_gradient = 0
    for x, y in points:
        b_gradient += -(2 / len(points)) * (y - (m_current * x + b_current))
        m_gradient += -(2 / len(points)) * x * (y - (m_current * x + b_current))
    new_b = b_current - (learningRate * b_gradient)
    new_m = m_current - (learningRate * m_gradient)
    return [new_b, new_m]


def linear_loss(w, X, y):
    return np.mean((X @ w - y) ** 2)


def sgd_step(w, X, y, lr=0.1):
    return w - lr * X.T @ (X @ w - y) / len(y)


class Linear:
    weight = 2

    def __init__(self, X, y):
        self.X, self.y, self.w = X, y, np.zeros(X.shape[1])

    @property
    def residual(self):
        return self.X @ self.w - self.y

    @property
    def loss(self):
        return np.mean(self.residual**2)

    @property
    def gradient(self):
        return self.weight * self.X.T @ self.residual / len(self.y)


class Halved(Linear):
    weight = 1

    @property
    def gradient(self):
        return self.weight * self.X.T @ self.residual / len(self.y)


def make_ridge(X, y, lam=0.3):
    def loss(w):
        return 0.5 * np.sum((X @ w - y) ** 2) + 0.5 * lam * w @ w

    def grad(w):
        return X.T @ (X @ w - y) + lam * w

    return loss, grad


def make_gradient(f, h=1e-5):
    return lambda x: np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    i, f, o, g = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    next_c = f * prev_c + i * g
    return o * np.tanh(next_c), next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    da = np.hstack((dc * g * i * (1 - i), dc * prev_c * f, dnext_h * t * o * (1 - o), dc * i * (1 - g**2)))
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def gru_step_forward(x, h, Wz, Uz, Wh, Uh):
    z = sigmoid(x @ Wz + h @ Uz)
    c = np.tanh(x @ Wh + h @ Uh)
    return (1 - z) * h + z * c, (x, h, z, c, Wz, Uz, Wh, Uh)


def gru_step_backward(dout, cache):
    x, h, z, c, Wz, Uz, Wh, Uh = cache
    dz, dc = dout * (c - h) * z * (1 - z), dout * z * (1 - c**2)
    dh = dout * (1 - z) + dz @ Uz.T + dc @ Uh.T
    return dz @ Wz.T + dc @ Wh.T, dh, x.T @ dz, h.T @ dz, x.T @ dc, h.T @ dc


X, y = np.array([[1.0, 0.2], [0.3, -1.0], [0.5, 0.7]]), np.array([1.0, 0.0, 2.0])
w = np.zeros(2)
loss, grad = make_ridge(X, y)
for _ in range(3):
    w = sgd_step(w - 0.05 * grad(w), X, y)
print(step_gradient(0, 0, X, 0.01), linear_loss(w, X, y), Linear(X, y).gradient, Halved(X, y).gradient)
