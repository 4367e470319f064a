"""Layers whose weights alone say what goes through them: sequences of vectors, signals with channels."""
# right: MultiHead.backward, Conv1D.backward, Dense.backward
# wrong: Attention.backward
# cause: Attention.backward: sqrt(3) of the truth

import numpy as np


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Attention:
    def forward(self, Q, K, V):
        self.Q, self.K, self.V = Q, K, V
        self.A = softmax(Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1]))
        return self.A @ V
    def backward(self, dO):
        dV = self.A.swapaxes(-1, -2) @ dO
        dA = dO @ self.V.swapaxes(-1, -2)
        dS = self.A * (dA - (dA * self.A).sum(-1, keepdims=True))
        return dS @ self.K, dS.swapaxes(-1, -2) @ self.Q, dV


class MultiHead:
    def __init__(self, d_model=4, n_heads=2):
        r = np.random.default_rng(0)
        self.h, self.dk = n_heads, d_model // n_heads
        self.Wq, self.Wk, self.Wv, self.Wo = (r.normal(size=(d_model, d_model)) * 0.5 for _ in range(4))
    def split(self, x):
        b, t, d = x.shape
        return x.reshape(b, t, self.h, self.dk).transpose(0, 2, 1, 3)
    def merge(self, x):
        b, h, t, k = x.shape
        return x.transpose(0, 2, 1, 3).reshape(b, t, h * k)
    def forward(self, x):
        self.x = x
        self.q, self.k, self.v = self.split(x @ self.Wq), self.split(x @ self.Wk), self.split(x @ self.Wv)
        self.a = softmax(self.q @ self.k.swapaxes(-1, -2) / np.sqrt(self.dk))
        self.o = self.merge(self.a @ self.v)
        return self.o @ self.Wo
    def backward(self, dout):
        x = self.x
        self.dWo = np.einsum("bti,btj->ij", self.o, dout)
        do = self.split(dout @ self.Wo.T)
        da = do @ self.v.swapaxes(-1, -2)
        dv = self.a.swapaxes(-1, -2) @ do
        ds = self.a * (da - (da * self.a).sum(-1, keepdims=True)) / np.sqrt(self.dk)
        dq, dk = self.merge(ds @ self.k), self.merge(ds.swapaxes(-1, -2) @ self.q)
        dv = self.merge(dv)
        self.dWq, self.dWk, self.dWv = (np.einsum("bti,btj->ij", x, d) for d in (dq, dk, dv))
        return dq @ self.Wq.T + dk @ self.Wk.T + dv @ self.Wv.T


class Conv1D:
    def __init__(self, in_ch=2, out_ch=3, k=3):
        self.k = k
        self.W = np.random.randn(out_ch, in_ch, k) * 0.3
        self.b = np.zeros(out_ch)
        self.grads = {}
    def forward(self, x):
        self.x = x
        n, c, l = x.shape
        o = l - self.k + 1
        out = np.zeros((n, len(self.b), o))
        for i in range(o):
            out[:, :, i] = np.tensordot(x[:, :, i:i + self.k], self.W, axes=([1, 2], [1, 2])) + self.b
        return out
    def backward(self, dout):
        dx = np.zeros_like(self.x)
        dW = np.zeros_like(self.W)
        for i in range(dout.shape[2]):
            dW += np.einsum("no,nck->ock", dout[:, :, i], self.x[:, :, i:i + self.k])
            dx[:, :, i:i + self.k] += np.einsum("no,ock->nck", dout[:, :, i], self.W)
        self.grads["W"] = dW
        self.grads["b"] = dout.sum(axis=(0, 2))
        return dx


class Dense:
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias

    def backward(self, output_gradient, learning_rate):
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * np.dot(output_gradient, self.input.T)
        self.bias -= learning_rate * output_gradient
        return input_gradient
