# ruff: noqa: E501   one mistake a line
# fmt: off
"""Embeddings, recurrent steps, attention, and nets of several layers."""

import numpy as np
from check.cases.passes import Layer, n

LAYERS = [
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
        ("np.add.at(dW, ids, dout)", "np.add.at(dW, ids.T.reshape(ids.shape), dout)", "right numbers in other places"),
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
        ("dx[:, t] = d @", "dx[:, t] = (dout[:, t] + carry) @", "is missing on the way of x"),
        ("carry = d @", "carry = (dout[:, t] + carry) @", "is missing on the way of"),
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
        ("ds @ k, ds.T @ q, dv", "ds @ k, ds.T @ q, v", "the argument itself"),
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
