"""Jacobians and Hessians with so many rows or columns at a time; of recorded functions many columns are one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from jit.agreement import by_rows

import chainrule as cr
from chainrule.errors import ArgumentError
from chainrule.transforms.jacobians.columns import AT_ONCE

W = np.random.default_rng(0).normal(size=(4, 3))
X = np.random.default_rng(1).normal(size=3)

FUNCTIONS: dict[str, Any] = {
    "a vector": lambda x: np.tanh(W @ x),
    "a matrix": lambda x: np.outer(x, np.sin(x)) @ x[:, None],
    "several": lambda x: {"a": np.cos(x[:2]), "b": [np.sum(x**2), x[::-1]]},
    "a part alone": lambda x: np.concatenate([x[1:] * x[:-1], np.ones(1)]),
    "numbers": lambda x: [x[0] * x[1], np.exp(x[2])],
    "assigned": lambda x: _assigned(x),
    "a branch": lambda x: x * 2.0 if x[0] > 10.0 else W @ x**2,
}


def _assigned(x: Any) -> Any:
    y = np.zeros(4)
    y[1:] = x * x
    y[0] = x[2]
    return y


def equal(a: Any, b: Any) -> None:
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        a, b = list(a.values()), list(b.values())
    if isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            equal(one, other)
    else:
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_chunks_give_the_same(name: str) -> None:
    f = FUNCTIONS[name]
    expected = cr.jacobian(f)(X)
    for verb in (cr.jacobian, cr.jacfwd, cr.jacrev):
        for chunk in (None, 1, 2, 3, 100):
            equal(verb(f, chunk=chunk)(X), expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_recorded_in_chunks(name: str, monkeypatch: Any) -> None:
    f = FUNCTIONS[name]
    expected = cr.jacobian(f)(X)
    equal(by_rows(cr.jacfwd(f), monkeypatch)(X), expected)
    equal(by_rows(cr.jacfwd(f, chunk=2), monkeypatch)(X), expected)
    equal(by_rows(cr.jacrev(f, chunk=2), monkeypatch)(X), expected)


def test_hessians(monkeypatch: Any) -> None:
    f = lambda x: np.sum(np.tanh(W @ x) ** 2) + np.sum(x**3)
    for chunk in (1, 2, 5):
        equal(cr.hessian(f, chunk=chunk)(X), cr.hessian(f)(X))
    equal(by_rows(cr.hessian(f, chunk=2), monkeypatch)(X), cr.hessian(f)(X))
    equal(cr.jit(cr.jacfwd(cr.grad(f)))(X), cr.hessian(f)(X))


def test_a_recorded_forward_jacobian_is_as_long_for_every_size(monkeypatch: Any) -> None:
    f, lengths = lambda x: np.sin(x) * np.cumsum(x), []
    for n in (5, AT_ONCE):
        compiled = by_rows(cr.jacfwd(f), monkeypatch)
        x = np.linspace(0.0, 1.0, n)
        equal(compiled(x), cr.jacrev(f)(x))
        lengths.append(len(compiled.program.steps()))
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize("verb", [cr.jacobian, cr.jacfwd, cr.jacrev, cr.hessian])
@pytest.mark.parametrize("chunk", [0, -1, 1.5, True, "2"])
def test_a_chunk_is_a_number_of_derivatives(verb: Any, chunk: Any) -> None:
    with pytest.raises(ArgumentError, match=r"chunk expects how many rows or columns"):
        verb(FUNCTIONS["a vector"], chunk=chunk)
