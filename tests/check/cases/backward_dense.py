# ruff: noqa: E501   one mistake a line
# fmt: off
"""Layers that work on rows, activations, losses and normalisations."""

import numpy as np
from check.cases.passes import Layer, n, random

LAYERS = [
    Layer("affine", """
        def forward(x, w, b):
            return x.reshape(len(x), -1) @ w + b, (x, w, b)
        def backward(dout, cache):
            x, w, b = cache
            dx = (dout @ w.T).reshape(x.shape)
            dw = x.reshape(len(x), -1).T @ dout
            db = np.sum(dout, axis=0)
            return dx, dw, db
        """, (n(4, 2, 3), n(6, 5), n(5)), [
        ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)", "1/4"),
        ("np.sum(dout, axis=0)", "dout", "sum over axis 0"),
        ("np.sum(dout, axis=0)", "np.sum(dout, axis=0) + 0.1 * b", "regularised"),
        ("len(x), -1).T @ dout\n", "len(x), -1).T @ dout * len(x)\n", "N = 4"),
        ("len(x), -1).T @ dout", "len(x), -1).T @ dout / len(x)", "1/4"),
        ("x.reshape(len(x), -1).T @ dout", "(x.reshape(len(x), -1).T @ dout).T", "transposed"),
        ("dw = x.reshape(len(x), -1).T @ dout", "dw = x.reshape(len(x), -1).T @ dout; dw[:, 1] = 0.5 * dw[:, 2]", "only w[:, 1]"),
        ("dw = x.reshape(len(x), -1).T @ dout", "dw = -x.reshape(len(x), -1).T @ dout", "sign"),
        ("dw = x.reshape(len(x), -1).T @ dout", "dw = np.zeros_like(w)", "always 0"),
        ("x, w, b = cache", "x, w, b = cache; dout = np.ones_like(dout)", "not use the cotangent"),
        ("(dout @ w.T).reshape(x.shape)", "(dout @ w.T).reshape(x.shape) * (x > 0)", "(x > 0) too often"),
        ("len(x), -1).T @ dout", "len(x), -1)[1:].T @ dout[:-1]", "shifted by one"),
        ("np.sum(dout, axis=0)", "np.sum(dout, axis=0) + 1", "added constant"),
    ]),
    Layer("square affine", """
        def forward(x, w):
            return x @ w, (x, w)
        def backward(dout, cache):
            x, w = cache
            return dout @ w.T, x.T @ dout
        """, (n(3, 3), n(3, 3)), [
        ("dout @ w.T", "dout @ w", "transposed"),
        ("x.T @ dout", "(x.T @ dout).T", "transposed"),
        ("x.T @ dout", "x @ dout", "transposed"),
        ("x.T @ dout", "2 * x.T @ dout", "exactly 2"),
    ]),
    Layer("relu", """
        def forward(x):
            return np.maximum(0, x), x
        def backward(dout, cache):
            return dout * (cache > 0)
        """, (n(4, 5),), [
        ("cache > 0", "cache < 0", "mask"),
        ("dout * (cache > 0)", "dout", "mask"),
        ("cache > 0", "cache > 0.5", "mask"),
        ("dout * (cache > 0)", "np.maximum(dout, 0)", "linear"),
    ]),
    Layer("leaky relu", """
        def forward(x):
            return np.where(x > 0, x, 0.1 * x), x
        def backward(dout, cache):
            return dout * np.where(cache > 0, 1.0, 0.1)
        """, (n(4, 5),), [
        ("np.where(cache > 0, 1.0, 0.1)", "(cache > 0)", "missing: 0.1 * x"),
        ("1.0, 0.1", "1.0, 0.01", "weight 0.1: x through 0.1 * x"),
        ("1.0, 0.1", "0.1, 1.0", "mask is inverted"),
        ("dout * ", "-dout * ", "sign"),
    ]),
    Layer("sigmoid", """
        def forward(x):
            s = 1 / (1 + np.exp(-x))
            return s, s
        def backward(dout, cache):
            return dout * cache * (1 - cache)
        """, (n(4, 5),), [
        ("dout * cache * (1 - cache)", "dout * cache", "taken as the output"),
        ("(1 - cache)", "(1 + cache)", "taken as output * (1 + output)"),
        ("dout * cache * (1 - cache)", "dout", "taken as 1"),
        ("dout * ", "", "cotangent|linear"),
        ("(1 - cache)", "(1 - cache) ** 2", "times 1 - 1 / (1 + exp(...)) too often"),
        ("dout * cache", "dout + cache", "does not depend on the cotangent"),
    ]),
    Layer("tanh", """
        def forward(x):
            y = np.tanh(x)
            return y, y
        def backward(dout, cache):
            return dout * (1 - cache ** 2)
        """, (n(4, 5),), [
        ("(1 - cache ** 2)", "(1 - cache)", "taken as 1 - output"),
        ("dout * (1 - cache ** 2)", "dout", "dropped|missing"),
        ("(1 - cache ** 2)", "(cache ** 2 - 1)", "sign"),
        ("(1 - cache ** 2)", "2 * (1 - cache ** 2)", "exactly 2"),
    ]),
    Layer("softmax loss", """
        def forward(x, y):
            z = x - np.max(x, axis=1, keepdims=True)
            p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
            return -np.mean(np.log(p[np.arange(len(x)), y])), (p, y)
        def backward(dout, cache):
            p, y = cache
            d = p.copy()
            d[np.arange(len(p)), y] -= 1
            return dout * d / len(p)
        """, (n(4, 5), np.array([1, 0, 4, 2])), [
        ("/ len(p)", "", "N = 4"),
        ("-= 1", "-= 0", "missing: exp"),
        ("-= 1", "+= 1", "sign of one path"),
        ("dout * d", "dout ** 2 * d", "linear"),
        ("len(p)\n", "d.shape[1]\n", "4/5"),
        ("d[np.arange(len(p)), y]", "d[np.arange(len(p)), y - 1]", "the gradient for y - 1"),
        ("dout * d", "dout * np.abs(d)", "absolute value"),
    ]),
    Layer("svm loss", """
        def forward(x, y):
            rows = np.arange(len(x))
            margins = np.maximum(0, x - x[rows, y][:, None] + 1.0)
            return (np.sum(margins) - len(x)) / len(x), (margins, y)
        def backward(dout, cache):
            margins, y = cache
            d = (margins > 0).astype(float)
            rows = np.arange(len(d))
            d[rows, y] -= np.sum(margins > 0, axis=1)
            return dout * d / len(d)
        """, (n(4, 5), np.array([1, 0, 4, 2])), [
        ("/ len(d)", "", "N = 4"),
        ("d[rows, y] -= np.sum(margins > 0, axis=1)", "d[rows, y] -= 1", "0 at x[0, 1], x[1, 0]"),
        ("d[rows, y] -= np.sum(margins > 0, axis=1)", "pass", "missing: x[[0 1 2 3]"),
        ("margins > 0).astype", "margins >= 0).astype", "mask is missing or too wide"),
    ]),
    Layer("batch norm", """
        def forward(x, gamma, beta):
            mu = x.mean(axis=0)
            var = np.mean((x - mu) ** 2, axis=0)
            xhat = (x - mu) / np.sqrt(var + 1e-5)
            return gamma * xhat + beta, (xhat, gamma, var)
        def backward(dout, cache):
            xhat, gamma, var = cache
            N = len(xhat)
            g = dout * gamma
            mean_path = g.sum(axis=0) / N
            var_path = xhat * np.sum(g * xhat, axis=0) / N
            dx = (g - mean_path - var_path) / np.sqrt(var + 1e-5)
            return dx, np.sum(dout * xhat, axis=0), dout.sum(axis=0)
        """, (n(5, 3), n(3) + 2, n(3)), [
        ("- mean_path", "", "missing: sum(x)"),
        ("- var_path", "", "missing: x - sum(x) / 5"),
        ("- mean_path - var_path", "", "the other 2 uses of x are left out"),
        ("dout * xhat, axis=0), dout.sum(axis=0)", "dout * xhat, axis=0) / N, dout.sum(axis=0)", "1/5"),
        ("g = dout * gamma", "g = dout", "through gamma *"),
        ("dout.sum(axis=0)", "dout", "sum over axis 0"),
        ("(g - mean_path - var_path)", "(g - mean_path - var_path - xhat)", "a term does not depend on the cotangent"),
        ("np.sum(dout * xhat, axis=0), dout", "dout.sum(axis=0), dout", "gradient by beta"),
    ]),
    Layer("layer norm", """
        def forward(x, gamma, beta):
            mu = x.mean(axis=1, keepdims=True)
            var = np.mean((x - mu) ** 2, axis=1, keepdims=True)
            xhat = (x - mu) / np.sqrt(var + 1e-5)
            return gamma * xhat + beta, (xhat, gamma, var)
        def backward(dout, cache):
            xhat, gamma, var = cache
            g = dout * gamma
            dx = g - g.mean(axis=1, keepdims=True) - xhat * np.mean(g * xhat, axis=1, keepdims=True)
            return dx / np.sqrt(var + 1e-5), np.sum(dout * xhat, axis=0), dout.sum(axis=0)
        """, (n(4, 6), n(6) + 2, n(6)), [
        ("g.mean(axis=1, keepdims=True)", "g.mean(axis=0, keepdims=True)", "axis 1 is taken over axis 0"),
        (" - xhat * np.mean(g * xhat, axis=1, keepdims=True)", "", "missing: x - sum(x) / 6"),
        ("np.sum(dout * xhat, axis=0)", "np.mean(dout * xhat, axis=0)", "1/4"),
        ("dout.sum(axis=0)", "dout.sum(axis=0) * 2", "exactly 2"),
        ("xhat * np.mean", "np.mean", "too often on the way of"),
    ]),
    Layer("group norm", """
        def forward(x, gamma, beta):
            N, C = x.shape
            v = x.reshape(N, 2, C // 2)
            mu = v.mean(axis=2, keepdims=True)
            var = np.mean((v - mu) ** 2, axis=2, keepdims=True)
            vhat = (v - mu) / np.sqrt(var + 1e-5)
            return gamma * vhat.reshape(N, C) + beta, (vhat, gamma, var)
        def backward(dout, cache):
            vhat, gamma, var = cache
            N, C = dout.shape
            g = (dout * gamma).reshape(vhat.shape)
            dv = g - g.mean(axis=2, keepdims=True) - vhat * np.mean(g * vhat, axis=2, keepdims=True)
            dx = (dv / np.sqrt(var + 1e-5)).reshape(N, C)
            return dx, np.sum(dout * vhat.reshape(N, C), axis=0), dout.sum(axis=0)
        """, (n(3, 8), n(8) + 2, n(8)), [
        (" - vhat * np.mean(g * vhat, axis=2, keepdims=True)", "", "missing: sum(("),
        (" - g.mean(axis=2, keepdims=True)", "", "missing: sum(reshape(x))"),
        ("dout.sum(axis=0)\n", "dout.mean(axis=0)\n", "1/3"),
        ("np.sqrt(var + 1e-5)).reshape", "(var + 1e-5)).reshape", "divided by sqrt"),
    ]),
    Layer("dropout with a mask", """
        def forward(x, mask):
            return x * mask / 0.5, mask
        def backward(dout, cache):
            return dout * cache / 0.5
        """, (n(4, 5), random.random((4, 5)) < 0.5), [
        ("/ 0.5", "", "1/2"),
        ("* cache", "", "mask"),
        ("* cache", "* ~cache", "mask"),
        ("/ 0.5", "* 0.5", "1/4"),
    ]),
]
