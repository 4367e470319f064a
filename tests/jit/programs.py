"""Programs for jit as people write them: each a function and a sample of its arguments, made by `at()`.

`PROGRAMS` are plain functions; `DERIVATIVES` the same with what one wants of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr


@dataclass(frozen=True)
class Sample:
    """`derivative(f)` is what is compiled; `at(n)` gives the arguments, n the size where there is one."""

    name: str
    f: Callable[..., Any]
    derivative: Callable[..., Any]
    at: Callable[..., tuple[Any, ...]]
    n: int

    def __repr__(self) -> str:
        return self.name

    @property
    def compiled(self) -> Callable[..., Any]:
        """What to jit."""
        return self.derivative(self.f)


# -- the micrograd moons network, on scalars: the lanes are the samples ----------------------------------------


def moons_loss(W1, b1, W2, b2, W3, b3, X, y):
    """2-16-16-1, ReLU, hinge loss, a little weight decay; each weight is read as a number."""
    x = [X[:, 0], X[:, 1]]
    for W, b in ((W1, b1), (W2, b2)):
        x = [np.maximum(sum(W[j, i] * x[i] for i in range(len(x))) + b[j], 0.0) for j in range(W.shape[0])]
    score = sum(W3[0, i] * x[i] for i in range(len(x))) + b3[0]
    decay = sum(np.sum(W * W) for W in (W1, W2, W3))
    return np.mean(np.maximum(1.0 - y * score, 0.0)) + 1e-4 * decay


def moons_at(n=100):
    random = np.random.default_rng(1337)
    shapes = [(16, 2), (16,), (16, 16), (16,), (1, 16), (1,)]
    parameters = [random.uniform(-1, 1, s) if len(s) == 2 else 0.1 * random.standard_normal(s) for s in shapes]
    angle = math.pi * random.random(n)
    label = np.where(np.arange(n) % 2, 1.0, -1.0)
    X = np.stack([np.cos(angle) * label + (label < 0), np.sin(angle) * label - 0.5 * (label < 0)], axis=1)
    return (*parameters, X + 0.1 * random.standard_normal((n, 2)), label)


# -- numbers ----------------------------------------------------------------------------------------------------


def three_variables(a, b, c):
    return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def lotka_volterra(x, y, a, b, c, d, steps=200):
    """Hunters and hunted: the number of both after 200 steps of Runge and Kutta."""
    h = 0.05

    def rate(x, y):
        return a * x - b * x * y, c * x * y - d * y

    for _ in range(steps):
        k1 = rate(x, y)
        k2 = rate(x + h / 2 * k1[0], y + h / 2 * k1[1])
        k3 = rate(x + h / 2 * k2[0], y + h / 2 * k2[1])
        k4 = rate(x + h * k3[0], y + h * k3[1])
        x = x + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        y = y + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return x + y


# -- arrays -----------------------------------------------------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def black_scholes(spot, strike, time, rate, volatility):
    """The price of European calls."""
    root = volatility * np.sqrt(time)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / root
    d2 = d1 - root
    return spot * _normal(d1) - strike * np.exp(-rate * time) * _normal(d2)


def _normal(x):
    return 0.5 * cr.erfc(-x / math.sqrt(2.0))


def total_price(*market):
    return np.sum(black_scholes(*market))


def gmm(alphas, means, icf, x):
    """Log-likelihood of a mixture of Gaussians in ADBench's form: icf holds log-diagonals, then lower triangles."""
    n, d = x.shape
    k = alphas.shape[0]
    logdiag, lower = icf[:, :d], icf[:, d:]
    rows, columns = np.tril_indices(d, -1)
    triangle = np.zeros((lower.shape[1], d * d))
    triangle[np.arange(lower.shape[1]), rows * d + columns] = 1.0
    L = np.reshape(lower @ triangle, (k, d, d))
    centered = x[:, None, :] - means
    scaled = np.exp(logdiag) * centered + np.einsum("kij,nkj->nki", L, centered)
    inner = alphas + np.sum(logdiag, axis=1) - 0.5 * np.sum(scaled**2, axis=2)
    prior = 0.5 * np.sum(np.exp(2.0 * logdiag)) + 0.5 * np.sum(lower**2)
    return np.sum(cr.logsumexp(inner, axis=1)) - n * cr.logsumexp(alphas) - prior


def gmm_at(n=1000, d=10, k=25):
    random = np.random.default_rng(0)
    return (
        random.standard_normal(k),
        random.standard_normal((k, d)),
        0.1 * random.standard_normal((k, d + d * (d - 1) // 2)),
        random.standard_normal((n, d)),
    )


def reprojection(cameras, points, weights, seen):
    """Bundle adjustment: camera (rotation vector, centre, focal length, principal point, two radial distortions),
    point and weight of each observation, each an array with observations along the last axis: the residuals."""
    r = cameras[0:3]
    squared = r[0] * r[0] + r[1] * r[1] + r[2] * r[2]
    angle = np.sqrt(squared)
    c, s = np.cos(angle), np.sin(angle)
    w = [r[0] / angle, r[1] / angle, r[2] / angle]
    X = [points[i] - cameras[3 + i] for i in range(3)]
    along = (w[0] * X[0] + w[1] * X[1] + w[2] * X[2]) * (1.0 - c)
    cross = [w[1] * X[2] - w[2] * X[1], w[2] * X[0] - w[0] * X[2], w[0] * X[1] - w[1] * X[0]]
    turned = [X[i] * c + cross[i] * s + w[i] * along for i in range(3)]
    p = [turned[0] / turned[2], turned[1] / turned[2]]
    radius = p[0] * p[0] + p[1] * p[1]
    distortion = 1.0 + cameras[9] * radius + cameras[10] * radius * radius
    return [weights * (cameras[6] * p[i] * distortion + cameras[7 + i] - seen[i]) for i in range(2)]


def reprojection_blocks(f):
    """The Jacobian blocks of all observations: each residual depends on its own camera, point and weight only, so
    that the gradients of both sums hold every block."""

    def blocks(cameras, points, weights, seen):
        _, pull = cr.vjp(lambda c, p, w: f(c, p, w, seen), cameras, points, weights)
        one, none = np.ones_like(weights), np.zeros_like(weights)
        return pull([one, none]), pull([none, one])

    return blocks


def bundle_at(n=1000):
    random = np.random.default_rng(0)
    cameras = random.standard_normal((11, n)) * 0.1
    cameras[6] += 500.0
    points = random.standard_normal((3, n)) + np.array([[0.0], [0.0], [5.0]])
    return cameras, points, random.random(n) + 0.5, random.standard_normal((2, n))


def logistic(w, X, y):
    """Mean loss of logistic regression, labels -1 and 1."""
    return np.mean(cr.softplus(-y * (X @ w))) + 1e-3 * np.sum(w * w)


def logistic_at(n=1000, d=50):
    random = np.random.default_rng(0)
    return 0.1 * random.standard_normal(d), random.standard_normal((n, d)), np.sign(random.standard_normal(n))


def dense(parameters, X, labels):
    """784-256-10, tanh, mean cross-entropy; labels are whole numbers."""
    hidden = np.tanh(X @ parameters["W1"] + parameters["b1"])
    scores = hidden @ parameters["W2"] + parameters["b2"]
    return -np.mean(cr.log_softmax(scores, axis=1)[np.arange(len(labels)), labels])


def dense_at(n=128):
    random = np.random.default_rng(0)
    parameters = {
        "W1": 0.05 * random.standard_normal((784, 256)),
        "b1": np.zeros(256),
        "W2": 0.05 * random.standard_normal((256, 10)),
        "b2": np.zeros(10),
    }
    return parameters, random.standard_normal((n, 784)), random.integers(0, 10, n)


def lstm(main, extra, state, sequence):
    """ADBench's LSTM: `main` (2 layers, 2, 4 b) weights and biases, `extra` (3, b) input and output scaling, state
    (2 layers, 2, b); the mean log-probability of each next input."""
    layers, b = main.shape[0], state.shape[2]
    hidden, cell = [state[k, 0] for k in range(layers)], [state[k, 1] for k in range(layers)]
    total = 0.0
    for t in range(len(sequence) - 1):
        x = sequence[t] * extra[0]
        for k in range(layers):
            weights, bias = main[k, 0], main[k, 1]
            forget = cr.sigmoid(x * weights[:b] + bias[:b])
            into = cr.sigmoid(hidden[k] * weights[b : 2 * b] + bias[b : 2 * b])
            out = cr.sigmoid(x * weights[2 * b : 3 * b] + bias[2 * b : 3 * b])
            change = np.tanh(hidden[k] * weights[3 * b :] + bias[3 * b :])
            cell[k] = cell[k] * forget + into * change
            hidden[k] = out * np.tanh(cell[k])
            x = hidden[k]
        guess = x * extra[1] + extra[2]
        total = total + np.sum(sequence[t + 1] * (guess - np.log(np.sum(np.exp(guess)) + 2.0)))
    return -total / (len(sequence) - 1)


def lstm_at(n=20, b=14, layers=2):
    random = np.random.default_rng(0)
    return (
        0.5 * random.standard_normal((layers, 2, 4 * b)),
        0.5 * random.standard_normal((3, b)),
        0.5 * random.standard_normal((layers, 2, b)),
        (random.random((n, b)) < 0.2).astype(float),
    )


def market_at(n=1000):
    random = np.random.default_rng(0)
    return (
        random.uniform(50, 150, n), random.uniform(50, 150, n), random.uniform(0.1, 2, n),
        random.uniform(0, 0.05, n), random.uniform(0.1, 0.5, n),
    )  # fmt: skip


def by_all(count: int) -> Callable[..., Any]:
    return lambda f: cr.value_and_grad(f, argnums=tuple(range(count)))


SAMPLES = [
    Sample("moons", moons_loss, by_all(6), moons_at, 100),
    Sample("three variables", three_variables, by_all(3), lambda n=0: (2.0, 3.0, 4.0), 0),
    Sample("Lotka-Volterra", lotka_volterra, by_all(6), lambda n=0: (1.0, 1.0, 1.5, 1.0, 1.0, 3.0), 0),
    Sample("Rosenbrock", rosenbrock, cr.value_and_grad, lambda n=1000: (np.linspace(-1.0, 1.0, n),), 1000),
    Sample("Black-Scholes", total_price, by_all(5), market_at, 1000),
    Sample("GMM", gmm, by_all(3), gmm_at, 200),
    Sample("bundle adjustment", reprojection, reprojection_blocks, bundle_at, 100),
    Sample("logistic regression", logistic, cr.value_and_grad, logistic_at, 1000),
    Sample("dense network", dense, cr.value_and_grad, dense_at, 16),
    Sample("LSTM", lstm, by_all(2), lstm_at, 5),
]
