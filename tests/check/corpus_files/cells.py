"""Recurrent cells, layers by other names of their passes, and layers whose inputs are indices."""
# right: RNN.backward, LSTM.backward, Embedding.backward, WeightedSum.backward, Linear.bprop, Pick.backprop
# right: Conv3x3.backprop, relu2deriv, Gate.backward, Columns.backward
# wrong: RNNFlat.backward, LSTMShort.backward, Mean.backprop, Shift.bprop, tanh2deriv, Valve.backward
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class RNN:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def forward(self, x, h_prev):
        Wx, Wh, b = self.params
        h_next = np.tanh(h_prev @ Wh + x @ Wx + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def through(self, dh_next, h_next):
        return dh_next * (1 - h_next**2)

    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        dt = self.through(dh_next, h_next)
        self.grads[0][...] = x.T @ dt
        self.grads[1][...] = h_prev.T @ dt
        self.grads[2][...] = dt.sum(axis=0)
        return dt @ Wx.T, dt @ Wh.T


class RNNFlat(RNN):
    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        self.grads[0][...] = x.T @ dh_next
        self.grads[1][...] = h_prev.T @ dh_next
        self.grads[2][...] = dh_next.sum(axis=0)
        return dh_next @ Wx.T, dh_next @ Wh.T


class LSTM:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]

    def forward(self, x, h_prev, c_prev):
        Wx, Wh, b = self.params
        n = h_prev.shape[1]
        a = x @ Wx + h_prev @ Wh + b
        f, g, i, o = sigmoid(a[:, :n]), np.tanh(a[:, n : 2 * n]), sigmoid(a[:, 2 * n : 3 * n]), sigmoid(a[:, 3 * n :])
        c_next = f * c_prev + g * i
        h_next = o * np.tanh(c_next)
        self.cache = (x, h_prev, c_prev, f, g, i, o, c_next)
        return h_next, c_next

    def backward(self, dh_next, dc_next):
        return self.back(dh_next, dc_next, 1.0)

    def back(self, dh_next, dc_next, kept):
        Wx, Wh, b = self.params
        x, h_prev, c_prev, f, g, i, o, c_next = self.cache
        t = np.tanh(c_next)
        ds = kept * dc_next + dh_next * o * (1 - t**2)
        da = np.hstack(
            (ds * c_prev * f * (1 - f), ds * i * (1 - g**2), ds * g * i * (1 - i), dh_next * t * o * (1 - o))
        )
        self.grads[0][...] = x.T @ da
        self.grads[1][...] = h_prev.T @ da
        self.grads[2][...] = da.sum(axis=0)
        return da @ Wx.T, da @ Wh.T, ds * f


class LSTMShort(LSTM):
    def backward(self, dh_next, dc_next):
        return self.back(dh_next, dc_next, 0.0)


class Embedding:
    def __init__(self, W):
        self.params, self.grads = [W], [np.zeros_like(W)]

    def forward(self, idx):
        self.idx = idx
        return self.params[0][idx]

    def backward(self, dout):
        (dW,) = self.grads
        dW[...] = 0
        np.add.at(dW, self.idx, dout)


class WeightedSum:
    def forward(self, hs, a):
        n, t, h = hs.shape
        self.cache = hs, a.reshape(n, t, 1)
        return np.sum(hs * self.cache[1], axis=1)

    def backward(self, dc):
        hs, ar = self.cache
        spread = dc[:, None, :].repeat(hs.shape[1], axis=1)
        return spread * ar, np.sum(spread * hs, axis=2)


class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = 0.3 * np.random.default_rng(0).normal(size=(n_in, n_out)), np.zeros(n_out)

    def fprop(self, inputs):
        self.inputs = inputs
        return inputs @ self.W + self.b

    def bprop(self, output_grad):
        self.dW = self.inputs.T @ output_grad
        self.db = output_grad.sum(axis=0)
        return output_grad @ self.W.T


class Shift(Linear):
    def bprop(self, output_grad):
        self.dW = self.inputs.T @ output_grad
        self.db = output_grad.mean(axis=0)
        return output_grad @ self.W.T


class Pick:
    """The softmax of a vector; the loss above is the log of one of its numbers, so one gradient is not zero."""

    def forward(self, inputs):
        self.e = np.exp(inputs)
        return self.e / np.sum(self.e)

    def backprop(self, d_L_d_out, learn_rate):
        for k, slope in enumerate(d_L_d_out):
            if slope == 0:
                continue
            total = np.sum(self.e)
            d_out = -self.e[k] * self.e / total**2
            d_out[k] = self.e[k] * (total - self.e[k]) / total**2
            return slope * d_out


class Mean:
    def forward(self, inputs):
        self.count = inputs.size
        return np.ones(3) * np.mean(inputs)

    def backprop(self, d_L_d_out, learn_rate):
        return np.full(self.count, np.sum(d_L_d_out))


class Conv3x3:
    def __init__(self, num_filters):
        self.filters = np.random.default_rng(1).normal(size=(num_filters, 3, 3)) / 9

    def forward(self, image):
        self.last = image
        h, w = image.shape
        out = np.zeros((h - 2, w - 2, len(self.filters)))
        for i in range(h - 2):
            for j in range(w - 2):
                out[i, j] = np.sum(image[i : i + 3, j : j + 3] * self.filters, axis=(1, 2))
        return out

    def backprop(self, d_L_d_out, learn_rate):
        slopes = np.zeros(self.filters.shape)
        for (i, j, f), g in np.ndenumerate(d_L_d_out):
            slopes[f] += g * self.last[i : i + 3, j : j + 3]
        self.filters -= learn_rate * slopes


class Gate:
    """Nothing is kept: the backward pass takes what went forward, and the gradient from above last."""

    def forward(self, W, X):
        return X @ W

    def backward(self, W, X, dZ):
        return X.T @ dZ, dZ @ W.T


class Valve(Gate):
    def backward(self, W, X, dZ):
        return X.T @ dZ, 2 * dZ @ W.T


class Columns:
    """The softmax of a column: for a vector what is subtracted would spread along the other axis."""

    def forward(self, inputs):
        tmp = np.exp(inputs)
        self.output = tmp / np.sum(tmp)
        return self.output

    def backward(self, output_gradient, learning_rate):
        n = np.size(self.output)
        return np.dot((np.identity(n) - self.output.T) * self.output, output_gradient)


def relu(x):
    return (x > 0) * x


def relu2deriv(output):
    return output > 0


def tanh(x):
    return np.tanh(x)


def tanh2deriv(output):
    return 1 - output
