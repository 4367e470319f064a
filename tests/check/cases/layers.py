# ruff: noqa: E501   one case a line
# fmt: off
"""Layers of networks with their backward passes by hand: once right, and with one mistake each."""

from __future__ import annotations

import numpy as np
from check.cases.case import numbers, right, sigmoid, wrong

N, D, H = 4, 3, 5
X, W, B = numbers(N, D, seed=61), numbers(D, H, seed=62), numbers(H, seed=63)
G = numbers(N, H, seed=64)  # the cotangent of every layer's output
LABELS = np.array([0, 3, 1, 4])
MASK = (numbers(N, H, seed=65) > 0) / 0.5
Z = numbers(N, H, seed=66)
GAMMA, BETA = numbers(H, seed=67) + 2, numbers(H, seed=68)


def affine(x, w, b):
    return np.sum(G * (x @ w + b))


def affine_back(x, w, b):
    return G @ w.T, x.T @ G, G.sum(axis=0)


def batchnorm(z, gamma, beta):
    mean, var = z.mean(axis=0), z.var(axis=0)
    return np.sum(G * (gamma * (z - mean) / np.sqrt(var + 1e-5) + beta))


def batchnorm_back(z, gamma, beta, *, centre=True, spread=True, mean=True, eps=1e-5):
    n = z.shape[0]
    sd = np.sqrt(z.var(axis=0) + eps)
    xhat = (z - z.mean(axis=0)) / sd
    g = G * gamma
    dz = n * g - centre * g.sum(axis=0) - spread * xhat * np.sum(g * xhat, axis=0)
    return dz / (sd * (n if mean else 1)), np.sum(G * xhat, axis=0), G.sum(axis=0)


def layernorm(z, gamma, beta):
    mean, var = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    return np.sum(G * (gamma * (z - mean) / np.sqrt(var + 1e-5) + beta))


def layernorm_back(z, gamma, beta, *, spread=1.0, axis=1):
    h = z.shape[1]
    sd = np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)
    xhat = (z - z.mean(axis=1, keepdims=True)) / sd
    g = G * gamma
    dz = (h * g - g.sum(axis=axis, keepdims=True) - spread * xhat * np.sum(g * xhat, axis=1, keepdims=True)) / (h * sd)
    return dz, np.sum(G * xhat, axis=0), G.sum(axis=0)


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_loss(z):
    return -np.mean(np.log(softmax(z)[np.arange(N), LABELS]))


def softmax_back(z, *, onehot=1.0, count=N):
    p = softmax(z)
    p[np.arange(N), LABELS] -= onehot
    return p / count


def svm_loss(z):
    margins = np.maximum(0, z - z[np.arange(N), LABELS][:, None] + 1)
    return (np.sum(margins) - N) / N


def svm_back(z, *, own=True):
    d = (z - z[np.arange(N), LABELS][:, None] + 1 > 0).astype(float)
    d[np.arange(N), LABELS] = 0
    if own:
        d[np.arange(N), LABELS] = -d.sum(axis=1)
    return d / N


def relu_layer(z):
    return np.sum(G * np.maximum(z, 0))


def dropout(z):
    return np.sum(G * (z * MASK) ** 2)


Q, K, V = numbers(4, 3, seed=71), numbers(4, 3, seed=72), numbers(4, 3, seed=73)
GA = numbers(4, 3, seed=74)


def attention(q, k, v):
    return np.sum(GA * (softmax(q @ k.T / np.sqrt(3.0)) @ v))


def attention_back(q, k, v, *, scale=3.0**0.5, inner=True, swap=False, transpose=True):
    p = softmax(q @ k.T / np.sqrt(3.0))
    dp = GA @ v.T
    ds = p * (dp - inner * np.sum(dp * p, axis=1, keepdims=True)) / scale
    dq, dk = ds @ k, (ds.T if transpose else ds) @ q
    return (dk, dq, p.T @ GA) if swap else (dq, dk, p.T @ GA)


U = numbers(8, seed=75)


def lstm(wx, c):
    i, f, o, g = sigmoid(wx[:3]), sigmoid(wx[3:6]), sigmoid(wx[6:9]), np.tanh(wx[9:])
    return np.sum(U[:3] * o * np.tanh(f * c + i * g))


def lstm_back(wx, c, *, tanh=True, forget=True, order="ifog"):
    i, f, o, g = sigmoid(wx[:3]), sigmoid(wx[3:6]), sigmoid(wx[6:9]), np.tanh(wx[9:])
    new = np.tanh(f * c + i * g)
    dc = U[:3] * o * ((1 - new**2) if tanh else 1)
    d = {"i": dc * g * i * (1 - i), "f": dc * c * f * ((1 - f) if forget else 1), "o": U[:3] * new * o * (1 - o), "g": dc * i * (1 - g**2)}
    return np.concatenate([d[k] for k in order]), dc * f


KERNEL, SIGNAL, GC = numbers(3, seed=76), numbers(9, seed=77), numbers(7, seed=78)


def convolution(x, k):
    return np.sum(GC * (x[:-2] * k[0] + x[1:-1] * k[1] + x[2:] * k[2]))


def convolution_back(x, k, *, flip=False, edge=True):
    dx = np.zeros(9)
    for j in range(3):
        dx[j : j + 7] += GC * k[2 - j if flip else j]
    if not edge:
        dx[0] = 0
    return dx, np.array([np.sum(GC * x[j : j + 7]) for j in range(3)])


IMAGE, GP = numbers(4, 4, seed=79), numbers(2, 2, seed=80)


def max_pool(x):
    return sum(GP[i, j] * np.max(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]) for i in range(2) for j in range(2))


def max_pool_back(x, *, share=False):
    d = np.zeros((4, 4))
    for i in range(2):
        for j in range(2):
            block = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            d[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = GP[i, j] * (0.25 if share else block == block.max())
    return d


T = numbers(2, 3, seed=81)


def rnn(w, h, x):
    return np.sum(B[:3] * np.tanh(w @ np.tanh(w @ h + x) + x))


def rnn_back(w, h, x, *, through_time=True):
    first = np.tanh(w @ h + x)
    d2 = B[:3] * (1 - np.tanh(w @ first + x) ** 2)
    d1 = (w.T @ d2) * (1 - first**2) * through_time
    return np.outer(d2, first) + np.outer(d1, h), w.T @ d1, d2 + d1


SQ, HV, XV = numbers(3, 3, seed=82), numbers(3, seed=83), numbers(3, seed=84)

CASES = [
    right("affine layer", affine, affine_back, (X, W, B)),
    wrong("affine layer: bias summed over the wrong axis", affine, lambda x, w, b: (G @ w.T, x.T @ G, G[:, :1].sum() * np.ones(H)), (X, W, B)),
    wrong("affine layer: bias not summed", affine, lambda x, w, b: (G @ w.T, x.T @ G, G), (X, W, B), "shape (4, 5)"),
    wrong("affine layer: mean for the bias", affine, lambda x, w, b: (G @ w.T, x.T @ G, G.mean(axis=0)), (X, W, B), ("1/4", "argument b")),
    wrong("affine layer: weights transposed", affine, lambda x, w, b: (G @ w.T, (x.T @ G).T, G.sum(axis=0)), (X, W, B), ("shape (5, 3)", "transposed")),
    right("relu layer", relu_layer, lambda z: G * (z > 0), Z),
    wrong("relu layer: mask of the cotangent", relu_layer, lambda z: G * (G > 0), Z),
    wrong("relu layer: no mask", relu_layer, lambda z: G.copy(), Z, ("path", "link")),
    right("dropout with a fixed mask", dropout, lambda z: 2 * G * z * MASK**2, Z),
    wrong("dropout: mask used once", dropout, lambda z: 2 * G * z * MASK, Z, ("link", "factor", "1/2")),
    right("batch normalisation", batchnorm, batchnorm_back, (Z, GAMMA, BETA)),
    wrong("batch normalisation: mean held constant", batchnorm, lambda *a: batchnorm_back(*a, centre=False), (Z, GAMMA, BETA), ("missing", "left out")),
    wrong("batch normalisation: variance held constant", batchnorm, lambda *a: batchnorm_back(*a, spread=False), (Z, GAMMA, BETA), ("missing", "left out")),
    wrong("batch normalisation: 1/N lost", batchnorm, lambda *a: batchnorm_back(*a, mean=False), (Z, GAMMA, BETA), ("exactly 4", "N = 4")),
    wrong("batch normalisation: other epsilon", batchnorm, lambda *a: batchnorm_back(*a, eps=1e-3), (Z, GAMMA, BETA)),
    right("layer normalisation", layernorm, layernorm_back, (Z, GAMMA, BETA)),
    wrong("layer normalisation: variance held constant", layernorm, lambda *a: layernorm_back(*a, spread=0.0), (Z, GAMMA, BETA), ("missing", "left out")),
    wrong("layer normalisation: sum over the wrong axis", layernorm, lambda *a: layernorm_back(*a, axis=0), (Z, GAMMA, BETA)),
    right("softmax loss", softmax_loss, softmax_back, Z),
    wrong("softmax loss: one-hot forgotten", softmax_loss, lambda z: softmax_back(z, onehot=0.0), Z, ("missing", "left out", "added constant: 1/4 too much at z[0, 0], z[1, 3]")),
    wrong("softmax loss: 1/N forgotten", softmax_loss, lambda z: softmax_back(z, count=1), Z, ("exactly 4", "mean")),
    wrong("softmax loss: 1/(N H)", softmax_loss, lambda z: softmax_back(z, count=N * H), Z, "1/5"),
    right("support vector loss", svm_loss, svm_back, Z),
    wrong("support vector loss: right class forgotten", svm_loss, lambda z: svm_back(z, own=False), Z, ("missing", "left out", "z[0, 0], z[1, 3], z[2, 1]")),
    right("attention", attention, attention_back, (Q, K, V)),
    wrong("attention: scale forgotten", attention, lambda *a: attention_back(*a, scale=1.0), (Q, K, V), "sqrt(3)"),
    wrong("attention: softmax as its diagonal", attention, lambda *a: attention_back(*a, inner=False), (Q, K, V), ("missing", "left out")),
    wrong("attention: query and key exchanged", attention, lambda *a: attention_back(*a, swap=True), (Q, K, V), ("exchanged", "permuted", "another")),
    wrong("attention: key without transpose", attention, lambda *a: attention_back(*a, transpose=False), (Q, K, V)),
    right("LSTM cell", lstm, lstm_back, (numbers(12, seed=85), numbers(3, seed=86))),
    wrong("LSTM cell: tanh of the state forgotten", lstm, lambda *a: lstm_back(*a, tanh=False), (numbers(12, seed=85), numbers(3, seed=86)), "link"),
    wrong("LSTM cell: forget gate's slope", lstm, lambda *a: lstm_back(*a, forget=False), (numbers(12, seed=85), numbers(3, seed=86)), ("wx[3], wx[4], wx[5]", "link", "taken as the output")),
    wrong("LSTM cell: gates in another order", lstm, lambda *a: lstm_back(*a, order="iofg"), (numbers(12, seed=85), numbers(3, seed=86)), ("exchanged", "permuted")),
    right("convolution", convolution, convolution_back, (SIGNAL, KERNEL)),
    wrong("convolution: kernel not flipped", convolution, lambda *a: convolution_back(*a, flip=True), (SIGNAL, KERNEL)),
    wrong("convolution: edge forgotten", convolution, lambda *a: convolution_back(*a, edge=False), (SIGNAL, KERNEL), ("x[0]", "always 0", "missing")),
    right("max pooling", max_pool, max_pool_back, IMAGE),
    wrong("max pooling as mean pooling", max_pool, lambda x: max_pool_back(x, share=True), IMAGE),
    right("two steps of a recurrent net", rnn, rnn_back, (SQ, HV, XV)),
    wrong("recurrent net: not through time", rnn, lambda *a: rnn_back(*a, through_time=False), (SQ, HV, XV), ("missing", "left out", "always 0")),
]
