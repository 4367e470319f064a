# ruff: noqa: E501   one mistake a line
# fmt: off
"""Backward passes in the convention of courses, forward(...) -> out, cache and backward(dout, cache): each right, and with
mistakes that people make. A mistake is a change of the text, so that it differs from the right pass in nothing else."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

import numpy as np

random = np.random.default_rng(2026)


def n(*shape, scale=1.0):
    return scale * random.standard_normal(shape)


@dataclass
class Layer:
    """A pair of functions as text, its arguments, and mistakes: (what is replaced, by what, words of the cause)."""

    name: str
    text: str
    at: tuple
    mistakes: list = field(default_factory=list)

    def functions(self, change=None):
        """(forward, backward), with a change (old, new) of the text of backward."""
        text = textwrap.dedent(self.text)
        if change is not None:
            head, backward, tail = text.partition("def backward")
            assert change[0] in tail, f"{self.name}: {change[0]!r} is not in the text"
            text = head + backward + tail.replace(change[0], change[1])
        space = {"np": np}
        exec(compile(text, self.name, "exec"), space)
        return space["forward"], space["backward"]


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
    Layer("conv, naive", """
        def forward(x, w, b):
            N, C, H, W = x.shape
            F, _, K, _ = w.shape
            out = np.zeros((N, F, H - K + 1, W - K + 1))
            for i in range(H - K + 1):
                for j in range(W - K + 1):
                    out[:, :, i, j] = np.tensordot(x[:, :, i:i + K, j:j + K], w, axes=([1, 2, 3], [1, 2, 3])) + b
            return out, (x, w)
        def backward(dout, cache):
            x, w = cache
            K = w.shape[2]
            dx, dw = np.zeros_like(x), np.zeros_like(w)
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[:, :, i, j]
                    dw += np.einsum("nf,ncij->fcij", g, x[:, :, i:i + K, j:j + K])
                    dx[:, :, i:i + K, j:j + K] += np.einsum("nf,fcij->ncij", g, w)
            return dx, dw, dout.sum(axis=(0, 2, 3))
        """, (n(1, 1, 4, 4), n(2, 1, 3, 3), n(2)), [
        ("g, w)\n", "g, w[:, :, ::-1, ::-1])\n", "turned round"),
        ("dx[:, :, i:i + K, j:j + K] +=", "dx[:, :, i:i + K, j:j + K] =", "in place of +="),
        ("dout.sum(axis=(0, 2, 3))", "dout.mean(axis=(0, 2, 3))", "1/4"),
        ("dw += np.einsum", "dw = np.einsum", "in place of +="),
        ("dout.sum(axis=(0, 2, 3))", "9 * dout.sum(axis=(0, 2, 3))", "exactly 9"),
    ]),
    Layer("conv, im2col", """
        def columns(x, K):
            N, C, H, W = x.shape
            rows = [x[:, :, i:i + H - K + 1, j:j + W - K + 1] for i in range(K) for j in range(K)]
            return np.stack(rows, axis=2).reshape(N, C * K * K, -1)
        def forward(x, w):
            K = w.shape[2]
            cols = columns(x, K)
            out = w.reshape(len(w), -1) @ cols
            return out.reshape(len(x), len(w), x.shape[2] - K + 1, x.shape[3] - K + 1), (x, w, cols)
        def backward(dout, cache):
            x, w, cols = cache
            N, C, H, W = x.shape
            K = w.shape[2]
            d = dout.reshape(N, len(w), -1)
            dw = np.einsum("nfp,nkp->fk", d, cols).reshape(w.shape)
            dcols = np.einsum("fk,nfp->nkp", w.reshape(len(w), -1), d).reshape(N, C, K, K, H - K + 1, W - K + 1)
            dx = np.zeros_like(x)
            for i in range(K):
                for j in range(K):
                    dx[:, :, i:i + H - K + 1, j:j + W - K + 1] += dcols[:, :, i, j]
            return dx, dw
        """, (n(2, 1, 4, 4), n(2, 1, 3, 3)), [
        ("dcols[:, :, i, j]", "dcols[:, :, K - 1 - i, K - 1 - j]", "turned round"),
        ("dcols[:, :, i, j]", "dcols[:, :, j, i]", "transposed"),
        (".reshape(w.shape)\n", ".reshape(w.shape) / N\n", "1/2"),
        ("+= dcols", "= dcols", "in place of +="),
    ]),
    Layer("max pool", """
        def forward(x):
            N, C, H, W = x.shape
            v = x.reshape(N, C, H // 2, 2, W // 2, 2)
            return v.max(axis=(3, 5)), v
        def backward(dout, cache):
            top = cache.max(axis=(3, 5), keepdims=True)
            d = (cache == top) * dout[:, :, :, None, :, None]
            N, C, h, _, w, _ = cache.shape
            return d.reshape(N, C, 2 * h, 2 * w)
        """, (n(1, 2, 4, 4),), [
        ("(cache == top) * ", "np.ones_like(cache) * ", "mask"),
        ("cache == top", "cache != top", "mask"),
        ("(cache == top) * ", "(cache == top) * 0.25 * ", "1/4"),
        ("cache.max", "cache.min", "mask"),
    ]),
    Layer("average pool", """
        def forward(x):
            N, C, H, W = x.shape
            return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5)), x.shape
        def backward(dout, cache):
            return np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3) / 4
        """, (n(1, 2, 4, 4),), [
        (" / 4", "", "exactly 4"),
        (" / 4", " / 2", "exactly 2"),
        ("np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3)", "np.tile(dout, (1, 1, 2, 2))", "right numbers in other places"),
        ("return ", "return -", "sign|-1"),
    ]),
    Layer("embedding", """
        def forward(ids, W):
            return W[ids], (ids, W.shape)
        def backward(dout, cache):
            ids, shape = cache
            dW = np.zeros(shape)
            np.add.at(dW, ids, dout)
            return None, dW
        """, (np.array([[0, 2, 2], [1, 0, 2]]), n(4, 3)), [
        ("np.add.at(dW, ids, dout)", "dW[ids] = dout", "np.add.at"),
        ("np.add.at(dW, ids, dout)", "dW[ids] += dout", "np.add.at"),
        ("np.add.at(dW, ids, dout)", "np.add.at(dW, ids, dout / 2)", "1/2"),
        ("np.add.at(dW, ids, dout)", "np.add.at(dW, (ids + 1) % 4, dout)", "rolled by 1 along axis 0"),
    ]),
    Layer("rnn step", """
        def forward(x, h, Wx, Wh, b):
            y = np.tanh(x @ Wx + h @ Wh + b)
            return y, (x, h, Wx, Wh, y)
        def backward(dout, cache):
            x, h, Wx, Wh, y = cache
            d = dout * (1 - y ** 2)
            return d @ Wx.T, d @ Wh.T, x.T @ d, h.T @ d, d.sum(axis=0)
        """, (n(3, 2), n(3, 4), n(2, 4), n(4, 4), n(4)), [
        ("(1 - y ** 2)", "(1 - y)", "taken as 1 - output"),
        ("d = dout * (1 - y ** 2)", "d = dout", "dropped|missing"),
        ("d @ Wh.T", "d @ Wh", "Wh is transposed"),
        ("h.T @ d", "y.T @ d", "in place of h in the share of Wh"),
        ("d.sum(axis=0)", "d.mean(axis=0)", "1/3"),
    ]),
    Layer("rnn over a sequence", """
        def forward(x, h0, Wx, Wh):
            h, hs = h0, [h0]
            for t in range(x.shape[1]):
                h = np.tanh(x[:, t] @ Wx + h @ Wh)
                hs.append(h)
            return np.stack(hs[1:], axis=1), (x, hs, Wx, Wh)
        def backward(dout, cache):
            x, hs, Wx, Wh = cache
            dx, dWx, dWh, carry = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), 0
            for t in reversed(range(x.shape[1])):
                d = (dout[:, t] + carry) * (1 - hs[t + 1] ** 2)
                dx[:, t] = d @ Wx.T
                dWx += x[:, t].T @ d
                dWh += hs[t].T @ d
                carry = d @ Wh.T
            return dx, carry, dWx, dWh
        """, (n(2, 3, 2), n(2, 3), n(2, 3), n(3, 3, scale=0.5)), [
        ("dout[:, t] + carry", "dout[:, t]", "@ Wh is left out"),
        ("dWh += ", "dWh = ", "only the first of the 3 uses of Wh counts"),
        ("hs[t].T @ d", "hs[t + 1].T @ d", "in place of h0 in the share of Wh"),
        ("carry = d @ Wh.T", "carry = d @ Wh", "Wh is transposed"),
    ]),
    Layer("lstm step", """
        def sigmoid(a):
            return 1 / (1 + np.exp(-a))
        def forward(x, h, c, Wx, Wh, b):
            a = x @ Wx + h @ Wh + b
            i, f, o, g = (part for part in np.split(a, 4, axis=1))
            i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
            cn = f * c + i * g
            return o * np.tanh(cn), cn, (x, h, c, Wx, Wh, i, f, o, g, cn)
        def backward(dh, dc, cache):
            x, h, c, Wx, Wh, i, f, o, g, cn = cache
            t = np.tanh(cn)
            dc = dc + dh * o * (1 - t ** 2)
            da = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dh * t * o * (1 - o), dc * i * (1 - g ** 2)])
            return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, h.T @ da, da.sum(axis=0)
        """, (n(2, 2), n(2, 2), n(2, 2), n(2, 8), n(2, 8), n(8)), [
        ("dc = dc + dh * o * (1 - t ** 2)", "dc = dh * o * (1 - t ** 2)", "cotangent of output 2 of 2 is not used"),
        ("(1 - t ** 2)", "(1 - t)", "taken as 1 - output"),
        ("dc * c * f * (1 - f)", "dc * c * f", "taken as the output"),
        ("dc * f, x.T", "dc, x.T", "* c enters with derivative 1"),
        ("da.sum(axis=0)", "da", "sum over axis 0"),
    ]),
    Layer("attention", """
        def forward(q, k, v):
            s = q @ k.T / np.sqrt(q.shape[1])
            e = np.exp(s - s.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return p @ v, (q, k, v, p)
        def backward(dout, cache):
            q, k, v, p = cache
            dv = p.T @ dout
            dp = dout @ v.T
            ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) / np.sqrt(q.shape[1])
            return ds @ k, ds.T @ q, dv
        """, (n(3, 4), n(5, 4), n(5, 2)), [
        (" / np.sqrt(q.shape[1])", "", "exactly 2"),
        (" - np.sum(dp * p, axis=1, keepdims=True)", "", "missing: sum(exp"),
        ("p.T @ dout", "p.T @ dout / len(q)", "1/3"),
        ("axis=1, keepdims=True)) / np", "axis=0, keepdims=True)) / np", "axis 1 is taken over axis 0"),
    ]),
    Layer("two-layer net, a dict of gradients", """
        def forward(X, params):
            h = np.maximum(0, X @ params["W1"] + params["b1"])
            return h @ params["W2"] + params["b2"], (X, h, params)
        def backward(dout, cache):
            X, h, params = cache
            dh = dout @ params["W2"].T * (h > 0)
            return {"dW2": h.T @ dout, "db2": dout.sum(axis=0), "dW1": X.T @ dh, "db1": dh.sum(axis=0), "dh": dh}
        """, (n(4, 3), {"W1": n(3, 5), "b1": n(5), "W2": n(5, 2), "b2": n(2)}), [
        (" * (h > 0)", "", "mask is missing"),
        ('"dW2": h.T @ dout', '"dW2": h.T @ dout / len(X)', "1/4"),
        ('"db1": dh.sum(axis=0)', '"db1": dh.mean(axis=0)', "1/4"),
        ('"dW1": X.T @ dh', '"dW1": X.T @ dh + params["W1"]', "regularised"),
        ('"dW2": h.T @ dout', '"dW2": 2 * h.T @ dout', "exactly 2"),
    ]),
    Layer("three-layer net", """
        def forward(X, W1, W2, W3, b3):
            h1 = np.tanh(X @ W1)
            h2 = np.tanh(h1 @ W2)
            return h2 @ W3 + b3, (X, W2, W3, h1, h2)
        def backward(dout, cache):
            X, W2, W3, h1, h2 = cache
            d2 = dout @ W3.T * (1 - h2 ** 2)
            d1 = d2 @ W2.T * (1 - h1 ** 2)
            return None, X.T @ d1, h1.T @ d2, h2.T @ dout, dout.sum(axis=0)
        """, (n(4, 2), n(2, 3), n(3, 3), n(3, 2), n(2)), [
        ("* (1 - h1 ** 2)", "", "@ W1) enters with derivative 1"),
        ("(1 - h2 ** 2)", "(1 - h2)", "taken as 1 - output"),
        ("X.T @ d1", "X.T @ d1 / len(X)", "1/4"),
        ("h2.T @ dout", "h1.T @ dout", "in the share of W3"),
        ("dout @ W3.T", "dout @ W3.T * 0.5", "1/2"),
    ]),
    Layer("dropout drawn while training", """
        def forward(x):
            mask = (np.random.rand(*x.shape) < 0.5) / 0.5
            return np.tanh(x) * mask, (np.tanh(x), mask)
        def backward(dout, cache):
            y, mask = cache
            return dout * mask * (1 - y ** 2)
        """, (n(4, 3),), [
        ("dout * mask", "dout * (mask > 0)", "1/2"),
        ("* (1 - y ** 2)", "", "enters with derivative 1"),
        ("mask * (1 - y ** 2)", "(1 - (y * mask) ** 2)", "1 - output squared"),
        ("dout * mask", "dout * mask ** 2", "exactly 2"),
    ]),
    Layer("attention with a causal mask", """
        def forward(q, k, v):
            s = np.where(np.tril(np.ones((len(q), len(k)))) > 0, q @ k.T / np.sqrt(q.shape[1]), -1e9)
            e = np.exp(s - s.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return p @ v, (q, k, v, p)
        def backward(dout, cache):
            q, k, v, p = cache
            dv = p.T @ dout
            dp = dout @ v.T
            ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) / np.sqrt(q.shape[1])
            return ds @ k, ds.T @ q, dv
        """, (n(3, 2), n(3, 2), n(3, 2)), [
        (" / np.sqrt(q.shape[1])", "", "sqrt(2)"),
        (" - np.sum(dp * p, axis=1, keepdims=True)", "", "missing: sum(exp"),
        ("ds @ k, ds.T @ q", "ds @ k, ds @ q", "the cotangent is transposed"),
        ("ds @ k, ds.T @ q", "ds @ q, ds.T @ k", "in place of transpose(k)"),
    ]),
    Layer("lstm over a sequence", """
        def sigmoid(a):
            return 1 / (1 + np.exp(-a))
        def forward(x, Wx, Wh):
            h = c = np.zeros((x.shape[0], Wh.shape[0]))
            out, steps = [], []
            for t in range(x.shape[1]):
                i, f, o, g = np.split(x[:, t] @ Wx + h @ Wh, 4, axis=1)
                i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
                before, c_before = h, c
                c = f * c + i * g
                h = o * np.tanh(c)
                out.append(h)
                steps.append((before, c_before, i, f, o, g, np.tanh(c)))
            return np.stack(out, axis=1), (x, Wx, Wh, steps)
        def backward(dout, cache):
            x, Wx, Wh, steps = cache
            dx, dWx, dWh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh)
            dh = dc = 0
            for t in reversed(range(x.shape[1])):
                h, c, i, f, o, g, t_ = steps[t]
                dh = dout[:, t] + dh
                dc = dc + dh * o * (1 - t_ ** 2)
                da = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dh * t_ * o * (1 - o), dc * i * (1 - g ** 2)])
                dx[:, t] = da @ Wx.T
                dWx += x[:, t].T @ da
                dWh += h.T @ da
                dh = da @ Wh.T
                dc = dc * f
            return dx, dWx, dWh
        """, (n(2, 2, 2), n(2, 8), n(2, 8)), [
        ("dh = dout[:, t] + dh", "dh = dout[:, t]", "@ Wh is left out"),
        ("dc = dc + dh", "dc = dh", "a path is missing"),
        ("dWh += ", "dWh = ", "always 0|only the"),
        ("dh * o * (1 - t_ ** 2)", "dh * o", "is taken as 1"),
        ("(1 - g ** 2)", "(1 - g)", "taken as 1 - output"),
    ]),
    Layer("tanh and squared error", """
        def forward(x, w, t):
            y = np.tanh(x @ w)
            return np.mean((y - t) ** 2), (x, w, y, t)
        def backward(dout, cache):
            x, w, y, t = cache
            d = dout * 2 * (y - t) / y.size * (1 - y ** 2)
            return d @ w.T, x.T @ d, -dout * 2 * (y - t) / y.size
        """, (n(4, 3), n(3, 2), n(4, 2)), [
        (" * (1 - y ** 2)", "", "enters with derivative 1"),
        ("(1 - y ** 2)", "y * (1 - y)", "output * (1 - output)"),
        ("-dout * 2", "dout * 2", "sign"),
        ("/ y.size * (1", "* (1", "exactly 8"),
        ("x.T @ d", "x.T @ d + 0.1 * w", "1/10 times w too much"),
    ]),
    Layer("logistic regression with a penalty", """
        def forward(w, b, X, t):
            s = 1 / (1 + np.exp(-(X @ w + b)))
            return -np.mean(t * np.log(s) + (1 - t) * np.log(1 - s)) + 0.05 * np.sum(w ** 2), (w, X, t, s)
        def backward(dout, cache):
            w, X, t, s = cache
            return dout * (X.T @ (s - t) / len(t) + 0.1 * w), dout * np.mean(s - t)
        """, (n(3), 0.3, n(5, 3), np.array([0, 1, 1, 0, 1])), [
        ("0.1 * w", "0.05 * w", "weight 0.5: w through w ** 2"),
        (" / len(t)", "", "/ 5 enters with derivative 1"),
        ("X.T @ (s - t)", "X.T @ ((s - t) * s * (1 - s))", "is there twice"),
        ("X.T @ (s - t)", "X.T @ s", ""),
    ]),
    Layer("residual block", """
        def forward(x, W):
            a = x @ W
            return x + np.maximum(a, 0), (x, W, a)
        def backward(dout, cache):
            x, W, a = cache
            d = dout
            return d + (d * (a > 0)) @ W.T, x.T @ (d * (a > 0))
        """, (n(4, 3), n(3, 3)), [
        ("d + (d", "(d", "path is missing: x through x +"),
        ("(a > 0)", "(x > 0)", "the mask is that of x > 0"),
        ("@ W.T", "@ W", "W is transposed"),
        ("d + (d * (a > 0)) @ W.T", "d", "missing: x @ W"),
    ]),
    Layer("gated product", """
        def forward(x):
            g = 1 / (1 + np.exp(-x))
            return x * g, (x, g)
        def backward(dout, cache):
            x, g = cache
            return dout * g + dout * g * (1 - g) * x
        """, (n(4, 5),), [
        (" + dout * g * (1 - g) * x", "", "missing: -x"),
        ("dout * g + ", "", "path is missing: x through x *"),
        ("g * (1 - g) * x", "g * x", "taken as the output"),
        ("g * (1 - g) * x", "(1 - g) * x", "taken as 1 - output"),
    ]),
]
