"""Layers that take their settings in a dict, and losses that take labels beside scores or weights."""
# right: pool_backward_loops, norm_backward, dropout_backward, softmax_loss, hinge_loss, classifier_loss
# right: cross_entropy_prime, CrossEntropy.grad, SquaredError.grad, bce_derivative
# none: LogLikelihood.hess
# wrong: conv_backward_naive, logistic_loss, binary_prime, LogLikelihood.gradient
import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    n, _, height, width = x.shape
    filters, _, hh, ww = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows, columns = 1 + (height + 2 * pad - hh) // stride, 1 + (width + 2 * pad - ww) // stride
    out = np.zeros((n, filters, rows, columns))
    for i in range(rows):
        for j in range(columns):
            part = padded[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
            out[:, :, i, j] = np.tensordot(part, w, ([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    hh, ww = w.shape[2:]
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            where = slice(i * stride, i * stride + hh), slice(j * stride, j * stride + ww)
            dw += np.tensordot(dout[:, :, i, j], padded[:, :, where[0], where[1]], ([0], [0]))
            dpadded[:, :, where[0], where[1]] = np.tensordot(dout[:, :, i, j], w, ([1], [0]))
    return dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, dout.sum(axis=(0, 2, 3))


def pool_forward_loops(x, pool_param):
    size, stride = pool_param["pool_height"], pool_param["stride"]
    rows, columns = 1 + (x.shape[2] - size) // stride, 1 + (x.shape[3] - size) // stride
    out = np.zeros((*x.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size].max(axis=(2, 3))
    return out, (x, pool_param)


def pool_backward_loops(dout, cache):
    x, pool_param = cache
    size, stride = pool_param["pool_height"], pool_param["stride"]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            part = x[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            mask = part == part.max(axis=(2, 3), keepdims=True)
            dx[:, :, i * stride : i * stride + size, j * stride : j * stride + size] += mask * dout[:, :, i, j][..., None, None]
    return dx


def norm_forward(x, gamma, beta, norm_param):
    eps = norm_param.get("eps", 1e-5)
    if norm_param["mode"] != "train":
        raise ValueError("only for training")
    mean, var = x.mean(axis=0), x.var(axis=0)
    norm_param["running_mean"] = mean
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, gamma, var, eps)


def norm_backward(dout, cache):
    xhat, gamma, var, eps = cache
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / np.sqrt(var + eps)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < p) / p if mode == "train" else None
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    _, mask = cache
    return dout * mask


def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    n = x.shape[0]
    loss = -np.log(p[np.arange(n), y]).sum() / n
    dx = p.copy()
    dx[np.arange(n), y] -= 1
    return loss, dx / n


def hinge_loss(scores, y):
    n = len(y)
    margins = np.maximum(0, scores - scores[np.arange(n), y][:, None] + 1)
    margins[np.arange(n), y] = 0
    dscores = (margins > 0).astype(float)
    dscores[np.arange(n), y] -= dscores.sum(axis=1)
    loss = margins.sum() / n
    return loss, dscores / n


def classifier_loss(W, X, y, reg):
    z = X @ W
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    n = X.shape[0]
    loss = -np.log(p[np.arange(n), y]).mean() + reg * np.sum(W * W)
    p[np.arange(n), y] -= 1
    dW = X.T @ p / n + 2 * reg * W
    return loss, dW


def logistic_loss(theta, X, y, reg):
    h = 1 / (1 + np.exp(-X @ theta))
    loss = -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h)) + reg / 2 * np.sum(theta[1:] ** 2)
    grad = X.T @ (h - y) / len(y) + reg * theta
    return loss, grad


def cross_entropy(y_true, y_pred):
    return -np.sum(y_true * np.log(y_pred + 1e-12))


def cross_entropy_prime(y_true, y_pred):
    return y_pred - y_true


def bce(labels, probs):
    return -np.mean(labels * np.log(probs) + (1 - labels) * np.log(1 - probs))


def bce_derivative(labels, probs):
    return (probs - labels) / labels.size


def binary(y_true, y_pred):
    return -np.sum(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))


def binary_prime(y_true, y_pred):
    return -y_true / y_pred + (1 - y_true)


class CrossEntropy:
    @staticmethod
    def loss(y, y_pred):
        assert np.array_equal(y, y.astype(bool)) and np.allclose(y_pred.sum(axis=1), 1)
        return -np.sum(y * np.log(y_pred + 1e-16))

    @staticmethod
    def grad(y, y_pred):
        return y_pred - y


class SquaredError:
    @staticmethod
    def loss(y, y_pred):
        return 0.5 * np.linalg.norm(y_pred - y) ** 2

    @staticmethod
    def grad(y, y_pred, z, act_fn):
        return (y_pred - y) * act_fn.grad(z)


class LogLikelihood:
    def loss(self, y, y_pred):
        p = 1 / (1 + np.exp(-np.clip(y_pred, 1e-15, 1 - 1e-15)))
        return y * np.log(p) + (1 - y) * np.log(1 - p)

    def gradient(self, y, y_pred):
        return -(y - 1 / (1 + np.exp(-y_pred)))

    def hess(self, y, y_pred):
        p = 1 / (1 + np.exp(-y_pred))
        return p * (1 - p)
