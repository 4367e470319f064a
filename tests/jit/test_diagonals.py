"""Compiled Jacobians and Hessians without products of zeros: the same numbers as uncompiled, infinities included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

N = 17  # products of smaller matrices are sums
W = np.random.default_rng(0).normal(size=(N, N)) / 4.0
X = np.random.default_rng(1).normal(size=N)

FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {  # of (w, x), and the products of matrices that remain
    "a product": (lambda w, x: w @ x, 0),
    "a product from the left": (lambda w, x: x @ w, 0),
    "a transposed one": (lambda w, x: np.dot(w.T, x), 0),
    "slopes of each result": (lambda w, x: np.tanh(w @ x) * x, 0),
    "sums of products": (lambda w, x: np.sum(w * np.sin(x), axis=1), 0),
    "sums over columns": (lambda w, x: np.sum(w.T * x[:, None], axis=0), 0),
    "einsum": (lambda w, x: np.einsum("ij,j->i", w, x), 0),
    "two layers": (lambda w, x: np.tanh(w @ np.tanh(w @ x)), 1),
    "branches": (lambda w, x: np.where(x > 0, w @ x, x), 0),
    "powers": (lambda w, x: (w @ x) ** 2 + np.cos(x) * 2.0 - x, 0),
    "no product": (lambda w, x: np.exp(x) / (1.0 + x * x), 0),
    "another shape": (lambda w, x: np.tanh(w @ x)[:16].reshape(4, 4), 1),
    "a column": (lambda w, x: np.tanh(w @ x[:, None]), 0),
    "means and extremes": (lambda w, x: w @ (x - np.mean(x)) / np.max(x), 0),
    "cumulative": (lambda w, x: np.cumsum(w @ x), 1),
}


def products(compiled: Any) -> int:
    return str(compiled.partition).count("NumPy: matmul")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_jacobian_of(name: str) -> None:
    f, left = FUNCTIONS[name]
    compiled = cr.jit(cr.jacobian(f, argnums=1))
    np.testing.assert_allclose(compiled(W, X), cr.jacobian(f, argnums=1)(W, X), rtol=1e-12, atol=1e-14)
    assert products(compiled) <= left


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda w, x: np.sum(np.tanh(w @ x) ** 2) + np.sum(x**3), 1),
        (lambda w, x: x @ w @ x, 0),
        (lambda w, x: np.sum(np.exp(x) * x), 0),
    ],
)
def test_the_hessian(f: Any, left: int) -> None:
    compiled = cr.jit(cr.hessian(f, argnums=1))
    np.testing.assert_allclose(compiled(W, X), cr.hessian(f, argnums=1)(W, X), rtol=1e-12, atol=1e-13)
    assert products(compiled) <= left


def test_zeros_times_infinity_as_uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chainrule.sweeps.limits.MOST", 0)  # programs know no limits

    def f(w: Any, x: Any) -> Any:
        return np.sqrt(np.abs(x)) * (w @ np.sqrt(x))

    compiled, plain = cr.jit(cr.jacobian(f, argnums=1)), cr.jacobian(f, argnums=1)
    for bad in (np.inf, -np.inf, np.nan, 0.0):
        for place in [(0, 0), (3, 5)]:
            w = W.copy()
            w[place] = bad
            for x in (np.abs(X), np.where(np.arange(N) == 3, 0.0, np.abs(X))):
                with np.errstate(all="ignore"):
                    expected = plain(w, x)
                np.testing.assert_allclose(compiled(w, x), expected, rtol=1e-12, atol=1e-14)
