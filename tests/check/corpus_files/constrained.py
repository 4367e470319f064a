"""Gradients of functions of probabilities, unit vectors and symmetric matrices, right along these alone; never called."""
# right: log_volume_grad, rayleigh_grad, entropy_grad, alignment_grad, Turned.backward
# wrong: quotient_grad, disorder_grad, length_grad, decayed_grad, Slanted.backward, deconv_backward
# cause: disorder_grad: a term is missing: log(p)
# cause: length_grad: it is the argument itself
# cause: decayed_grad: a term is missing
# cause: Slanted.backward: the sign of one path is wrong
# cause: deconv_backward: w not turned round

import numpy as np

MASSES = np.diag([3.0, 2.0, 1.0])
GOAL = np.array([0.3, -0.2, 0.9])


def log_volume(S):
    """S is symmetric and positive definite."""
    return np.linalg.slogdet(S)[1]


def log_volume_grad(S):
    return np.linalg.inv(S)


def rayleigh(v):
    return v @ MASSES @ v


def rayleigh_grad(v):
    return 2 * (MASSES @ v - (v @ MASSES @ v) * v)


def quotient(v):
    return v @ MASSES @ v


def quotient_grad(v):
    return MASSES @ v - (v @ MASSES @ v) * v


def entropy(p):
    return -np.sum(p * np.log(p))


def entropy_grad(p):
    g = -np.log(p) - 1
    return g - g.mean()


def disorder(p):
    return -np.sum(p * np.log(p))


def disorder_grad(p):
    return -np.log(p)


def alignment(q):
    # of a unit quaternion, or any unit vector
    return q @ GOAL / np.sqrt(q @ q)


def alignment_grad(q):
    return GOAL - (q @ GOAL) * q


def length(x):
    return np.sqrt(np.sum(x * x))


def length_grad(x):
    return x


def decayed(x):
    return np.sum(np.sin(x)) + 0.1 * x @ x


def decayed_grad(x):
    return np.cos(x) + 0.1 * x


class Turned:
    """Pairs of columns turned by angles that grow with the row; its passes need no object."""

    @staticmethod
    def forward(x):
        angles = np.arange(len(x))[:, None] * 0.4
        c, s = np.cos(angles), np.sin(angles)
        out = np.empty_like(x)
        out[:, 0::2] = x[:, 0::2] * c - x[:, 1::2] * s
        out[:, 1::2] = x[:, 0::2] * s + x[:, 1::2] * c
        return out, (c, s)

    @staticmethod
    def backward(dout, cache):
        c, s = cache
        dx = np.empty_like(dout)
        dx[:, 0::2] = dout[:, 0::2] * c + dout[:, 1::2] * s
        dx[:, 1::2] = dout[:, 1::2] * c - dout[:, 0::2] * s
        return dx


class Slanted:
    @classmethod
    def forward(cls, x):
        c, s = np.cos(0.4), np.sin(0.4)
        out = np.concatenate([x[:, :2] * c - x[:, 2:] * s, x[:, :2] * s + x[:, 2:] * c], axis=1)
        return out, (c, s)

    @classmethod
    def backward(cls, dout, cache):
        c, s = cache
        return np.concatenate([dout[:, :2] * c + dout[:, 2:] * s, dout[:, :2] * s + dout[:, 2:] * c], axis=1)


def deconv_forward(x, w):
    k = w.shape[0]
    out = np.zeros((x.shape[0] + k - 1, x.shape[1] + k - 1))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i : i + k, j : j + k] += x[i, j] * w
    return out, (x, w)


def deconv_backward(dout, cache):
    x, w = cache
    k = w.shape[0]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dx[i, j] = np.sum(dout[i : i + k, j : j + k] * w[::-1, ::-1])
            dw += x[i, j] * dout[i : i + k, j : j + k]
    return dx, dw
