"""Compiled derivatives hold nan where the passes over a recording do, and 0 where a branch was not taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

W = np.array([[0.0, 1.0, 0.0], [0.0, 2.0, 3.0]])

OUTER: dict[str, Callable[[Any], Any]] = {
    "x": lambda y: y * 1.0,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "relu": cr.relu,
    "maximum": lambda y: np.maximum(y, 0.0),
    "minimum": lambda y: np.minimum(0.25, y),
    "clip": lambda y: np.clip(y, 0.1, 0.5),
    "where": lambda y: np.where(y > 0.2, y, 0.0),
    "square": lambda y: y * y,
    "divide": lambda y: y / (1.0 + y),
    "over": lambda y: 0.0 / y,
    "power": lambda y: y**1.5,
    "hypot": lambda y: np.hypot(y, y),
    "arctan2": lambda y: np.arctan2(y, y),
    "logaddexp": lambda y: np.logaddexp(y, -y),
    "nothing of it": lambda y: 0.0 * y,
    "rows": lambda y: np.stack([y, np.where(y > 0.2, y, 0.0)]),
    "max": lambda y: np.max(y),
    "prod": np.prod,
    "norm": np.linalg.norm,
    "std": np.std,
    "logsumexp": lambda y: cr.logsumexp(y),
    "first two": lambda y: y[:2],
    "picked": lambda y: y[[0, 0, 1]],
    "by computed places": lambda y: y[np.argsort(-y)][:2],
    "concatenated": lambda y: np.concatenate([y[:1], y[1:] * 2.0]),
    "matmul": lambda y: W @ y,
    "einsum": lambda y: np.einsum("ij,j->i", W, y),
    "solve": lambda y: np.linalg.solve(np.triu(np.ones((3, 3))), y),
    "cumsum": np.cumsum,
    "flipped": lambda y: np.flip(y)[:2],
}
INNER: dict[str, Callable[[Any], Any]] = {
    "log": np.log,
    "sqrt": np.sqrt,
    "x": lambda x: x * 1.0,
    "reciprocal": lambda x: 1.0 / x,
    "relu": cr.relu,
    "where": lambda x: np.where(x > 0.0, np.sqrt(x), 0.0),
    "zero times": lambda x: 0.0 * np.sqrt(x),
    "max": lambda x: np.maximum(np.sqrt(x), 0.3),
}
POINTS = [
    np.array([0.0, 0.4, 1.0]),
    np.array([0.0, -1.0, 0.2]),
    np.array([0.3, 0.0, np.inf]),
    np.array([0.7, 0.2, 0.1]),
]
ALL = os.environ.get("CHAINRULE_TESTS") == "all"
MODES = {False: ("grad", "jacrev", "jacfwd"), True: ("grad",)}


def derivatives(f: Callable[[Any], Any]) -> dict[str, Callable[[Any], Any]]:
    """Of the sum in reverse, of every result in reverse and forward."""
    total = lambda x: np.sum(f(x))
    return {
        "grad": cr.grad(total),
        "jacrev": cr.jacrev(f),
        "jacfwd": cr.jacfwd(f),
    }


CASES = [(outer, strict) for k, outer in enumerate(OUTER) for strict in (False, True) if ALL or not strict or k % 2]
"""CHAINRULE_TESTS=all: strict programs of every function; of every other one otherwise."""


@pytest.mark.parametrize(("outer", "strict"), CASES, ids=[f"{x}-{'strict' if s else 'quick'}" for x, s in CASES])
def test_compiled_and_eager_derivatives_agree_where_slopes_are_infinite(outer: str, strict: bool) -> None:
    wrong = []
    for inner, g in INNER.items():
        f = lambda x, g=g: OUTER[outer](g(x))
        for mode, df in derivatives(f).items():
            if mode not in MODES[strict] or (outer, mode) == ("solve", "jacfwd"):
                continue  # a factorisation spreads the nan of one tangent over all of them
            if strict and (outer, inner) == ("power", "log"):
                continue  # (-inf)**1.5 is inf: the slope is inf in machine code and nan in NumPy's order of operations
            compiled = cr.jit(df, strict=strict)
            for x in POINTS:
                with np.errstate(all="ignore"):
                    expected, found = df(x), compiled(x)
                if not np.allclose(found, expected, rtol=1e-9, atol=1e-12, equal_nan=True):
                    wrong.append(f"{mode} of {outer}({inner}) at {x}: {found}, eager {expected}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:10])


@pytest.mark.parametrize("kind", [int, float, np.int8, np.float32, bool])
@pytest.mark.parametrize("exponents", [[0, 1, 2], [2, 1, 0], [1, 1, 0]], ids=str)
def test_powers_whose_exponents_are_arguments(exponents: list[int], kind: Any) -> None:
    x, n = np.array([0.0, 1.0, 2.0]), np.array(exponents).astype(kind)
    expected = np.diag([k * (k - 1) * 1.0 if k == 2 else 0.0 for k in n.astype(float)])
    hessian = cr.hessian(lambda x, n: np.sum(x**n))
    np.testing.assert_array_equal(hessian(x, n), expected)
    np.testing.assert_array_equal(cr.jit(hessian)(x, n), expected)
