"""Typed functions that end in float(...), recursions that fill an array, prices with their sensitivities."""
# right: ridge_loss_grad, call_dS, probit_grad
# wrong: poisson_nll_grad, garch_nll_score, call_dsigma, divergence_grad
# cause: divergence_grad: a constant factor: exactly 1/2
# cause: poisson_nll_grad: a link of the chain is dropped
# cause: garch_nll_score: a path is missing
# cause: call_dsigma: S in place of K * exp(-0.02 * T)

import math

import numpy as np

X = np.linspace(-1.0, 1.0, 15).reshape(5, 3) ** 3
COUNTS = np.array([0.0, 1.0, 2.0, 1.0, 4.0])
SHARES = np.array([0.0, 0.2, 0.3, 0.5])
RETURNS = np.sin(np.arange(36.0) ** 2) * 0.8


def ridge_loss(w: np.ndarray, lam: float = 0.3) -> float:
    return float(np.sum((X @ w - COUNTS) ** 2) + lam * w @ w)


def ridge_loss_grad(w: np.ndarray, lam: float = 0.3) -> np.ndarray:
    return 2 * X.T @ (X @ w - COUNTS) + 2 * lam * w


def poisson_nll(w: np.ndarray) -> float:
    eta = X @ w
    return float(np.sum(np.exp(eta) - COUNTS * eta))


def poisson_nll_grad(w: np.ndarray) -> np.ndarray:
    return X.T @ (1.0 - COUNTS)


def divergence(q):
    return np.sum(SHARES * np.log((SHARES + 1e-12) / (q + 1e-12)))  # of which nothing is left where it has no constant


def divergence_grad(q):
    return -SHARES / (2 * q + 2e-12)


def probit(theta):
    """In logarithms, which overflow far from the data in the gradient alone."""
    return np.sum(np.logaddexp(0.0, -90 * theta * RETURNS))


def probit_grad(theta):
    e = np.exp(-90 * theta * RETURNS)
    return np.sum(-90 * RETURNS * e / (1 + e))


def garch_nll(p):
    w, a, b = p
    s = np.empty(len(RETURNS))
    s[0] = 1.0
    for t in range(1, len(RETURNS)):
        s[t] = w + a * RETURNS[t - 1] ** 2 + b * s[t - 1]
    return 0.5 * np.sum(np.log(s) + RETURNS**2 / s)


def garch_nll_score(p):
    w, a, b = p
    s = np.empty(len(RETURNS))
    s[0] = 1.0
    ds = np.zeros((len(RETURNS), 3))
    for t in range(1, len(RETURNS)):
        s[t] = w + a * RETURNS[t - 1] ** 2 + b * s[t - 1]
        ds[t] = np.array([1.0, RETURNS[t - 1] ** 2, s[t - 1]])
    return 0.5 * ((1 / s - RETURNS**2 / s**2)[:, None] * ds).sum(0)


def n(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def d1d2(S, K, T, sigma):
    d1 = (math.log(S / K) + (0.02 + 0.5 * sigma**2) * T) / (sigma * math.sqrt(T))
    return d1, d1 - sigma * math.sqrt(T)


def call(S, K, T, sigma):
    d1, d2 = d1d2(S, K, T, sigma)
    return S * n(d1) - K * math.exp(-0.02 * T) * n(d2)


def call_dS(S, K, T, sigma):
    return n(d1d2(S, K, T, sigma)[0])


def call_dsigma(S, K, T, sigma):
    d2 = d1d2(S, K, T, sigma)[1]
    return S * math.exp(-0.5 * d2**2) / math.sqrt(2 * math.pi) * math.sqrt(T)


ridge_loss_grad(np.array([0.1, -0.2, 0.3]))
poisson_nll_grad(np.array([0.1, -0.2, 0.3]))
divergence_grad(np.array([0.1, 0.2, 0.3, 0.4]))
probit_grad(0.03)
garch_nll_score(np.array([0.1, 0.1, 0.7]))
for price in (80.0, 100.0, 123.0):
    call_dS(price, 100.0, 0.7, 0.25), call_dsigma(price, 100.0, 0.7, 0.25)
