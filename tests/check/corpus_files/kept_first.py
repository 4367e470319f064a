"""Backward passes that take what forward keeps first, and then the gradient from above."""
# right: tanh_backward, dense_backward
# wrong: sigmoid_backward, conv1x1_backward
# cause: conv1x1_backward: argument W: a constant factor: exactly 1/2 of the truth

import numpy as np


def tanh_forward(x):
    y = np.tanh(x)
    return y, y


def tanh_backward(y, dy):
    return dy * (1 - y * y)


def sigmoid_forward(x):
    s = 1 / (1 + np.exp(-x))
    return s, s


def sigmoid_backward(s, ds):
    return ds * s * (1 - s) ** 2


def dense_forward(x, W, b):
    return x @ W + b, (x, W)


def dense_backward(cache, grad_out):
    x, W = cache
    return {"dx": grad_out @ W.T, "dW": x.T @ grad_out, "db": grad_out.sum(axis=0)}


def conv1x1_forward(x, W):
    return np.einsum("nchw,oc->nohw", x, W), (x, W)


def conv1x1_backward(cache, dout):
    x, W = cache
    return np.einsum("nohw,oc->nchw", dout, W), np.einsum("nohw,nchw->oc", dout, x) / x.shape[0]
