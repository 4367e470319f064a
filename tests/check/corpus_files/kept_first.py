"""Backward passes that take what forward keeps first, and then the gradient from above; classes as labels; a function
of points that means nothing for one vector."""
# right: tanh_backward, dense_backward, cross_entropy_backward, gravity_grad
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


def cross_entropy_forward(logits, targets):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(targets)), targets]).mean(), (p, targets)


def cross_entropy_backward(dloss, cache):
    p, targets = cache
    d = p.copy()
    d[np.arange(len(targets)), targets] -= 1
    return dloss * d / len(targets)


def gravity(q):
    d = q[:, None] - q[None]
    r = np.sqrt((d**2).sum(-1) + 0.01)
    return -np.sum(np.triu(1 / r, 1))


def gravity_grad(q):
    d = q[:, None] - q[None]
    r = np.sqrt((d**2).sum(-1) + 0.01)
    return (d / r[..., None] ** 3).sum(1)


print(gravity(np.array([[0.0, 1.0], [2.0, -0.5], [1.0, 0.3]])))
