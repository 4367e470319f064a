"""Values and gradients beside PyTorch's and JAX's, where they have the function."""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ops import samples
from ops.scenarios import BATCH, SQUARE, A, C, V, interior

import chainrule as cr
from chainrule.ops.row import TABLE

torch = pytest.importorskip("torch")

# Our name -> PyTorch's, where they differ; None where PyTorch has no such function.
TORCH = {
    "arctan2": "atan2", "cbrt": None, "copysign": "copysign", "gamma": None, "gammaln": "lgamma", "power": "pow",
    "softplus": "nn.functional.softplus", "rad2deg": "rad2deg", "digamma": "digamma", "relu": "relu",
}  # fmt: skip
# Where another library answers otherwise, and why.
DIVERGENCES = {
    "abs at 0 (JAX)": (lambda: jax_gradient("abs", 0.0), 1.0, "JAX takes the right slope; ours is the middle"),
    "norm at 0 (JAX)": (lambda: jax_gradient("linalg.norm", np.zeros(2)), [np.nan] * 2, "0 / 0 is not caught"),
    "std of a constant (JAX)": (lambda: jax_gradient("std", np.ones(2)), [np.nan] * 2, "0 / 0 is not caught"),
    "where beside log 0 (PyTorch)": (lambda: torch_where(), [np.nan, 1.0], "0 * inf is nan there"),
}


def found(module: Any, path: str | None) -> Any:
    for part in (path or "").split("."):
        module = getattr(module, part, None)
        if module is None:
            return None
    return module


def jax_gradient(name: str, x: Any) -> Any:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return np.asarray(jax.grad(found(jax.numpy, name))(x))


def torch_where() -> Any:
    x = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
    torch.where(x > 0, torch.log(x), torch.zeros_like(x)).sum().backward()
    return x.grad.numpy()


PUBLIC_ROWS = [r for r in samples.elementwise(TABLE) if r.public and r.name not in ("clip",)]


@pytest.mark.parametrize("row", PUBLIC_ROWS, ids=lambda r: r.name)
def test_elementwise_beside_torch(row: Any) -> None:
    theirs = found(torch, TORCH.get(row.name, row.name)) or found(torch.special, row.name)
    if theirs is None:
        pytest.skip("PyTorch has no such function")
    loose = 1e-9 if row.name == "digamma" else 1e-12  # PyTorch's trigamma has 10 digits at negative numbers
    compare(getattr(cr, row.name), theirs, [np.array(interior(row, i)) for i in range(row.arity)], loose)


@pytest.mark.parametrize("row", PUBLIC_ROWS, ids=lambda r: r.name)
def test_elementwise_beside_jax(row: Any) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    theirs = found(jax.numpy, row.name) or found(jax.nn, row.name) or found(jax.scipy.special, row.name)
    if theirs is None:
        pytest.skip("JAX has no such function")
    args = [np.array(interior(row, i)) for i in range(row.arity)]
    y, pullback = cr.vjp(getattr(cr, row.name), *args)
    value, their_pullback = jax.vjp(theirs, *args)
    np.testing.assert_allclose(y, value, rtol=2e-13)
    for ours, other in zip(pullback(np.ones_like(y)), their_pullback(jax.numpy.ones_like(value)), strict=True):
        np.testing.assert_allclose(ours, other, rtol=5e-13, atol=1e-15)


STRUCTURED: dict[str, tuple[Any, Any, list[Any]]] = {
    "logsumexp": (lambda x: cr.logsumexp(x, 1), lambda x: torch.logsumexp(x, 1), [C]),
    "softmax": (lambda x: cr.softmax(x, 1), lambda x: torch.softmax(x, 1), [C]),
    "log_softmax": (lambda x: cr.log_softmax(x, -1), lambda x: torch.log_softmax(x, -1), [A]),
    "std": (lambda x: cr.std(x, ddof=1), torch.std, [A]),
    "var": (lambda x: cr.var(x, 0, ddof=1), lambda x: torch.var(x, 0), [A]),
    "prod": (lambda x: cr.prod(x, 1), lambda x: torch.prod(x, 1), [np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])]),
    "cumprod": (lambda x: cr.cumprod(x, 1), lambda x: torch.cumprod(x, 1), [np.array([[1.0, 0.0, 2.0], [2.0, 0.0, 0.0]])]),
    "norm": (cr.norm, torch.linalg.vector_norm, [A]),
    "norm at 0": (cr.norm, torch.linalg.vector_norm, [np.zeros(3)]),
    "3-norm": (lambda x: cr.norm(x, 3), lambda x: torch.linalg.vector_norm(x, 3), [V]),
    "amax": (lambda x: cr.max(x, 0), lambda x: torch.amax(x, 0), [np.array([[1.0, 2.0], [1.0, 0.0]])]),
    "solve": (cr.solve, torch.linalg.solve, [SQUARE, V]),
    "inv": (cr.inv, torch.linalg.inv, [BATCH]),
    "det": (cr.det, torch.linalg.det, [BATCH]),
    "slogdet": (lambda a: cr.slogdet(a)[1], lambda a: torch.linalg.slogdet(a)[1], [SQUARE]),
    "einsum": (lambda a, b: cr.einsum("bij,kj->bik", a, b), lambda a, b: torch.einsum("bij,kj->bik", a, b), [BATCH, SQUARE]),
    "sort": (cr.sort, lambda x: torch.sort(x).values, [A]),
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURED)
def test_structured_beside_torch(name: str) -> None:
    compare(*STRUCTURED[name])


def compare(ours: Any, theirs: Any, args: list[Any], rtol: float = 1e-12) -> None:
    y, pullback = cr.vjp(ours, *args)
    inputs = [torch.tensor(a, requires_grad=True) for a in args]
    value = theirs(*inputs)
    np.testing.assert_allclose(y, value.detach().numpy(), rtol=2e-13, atol=1e-15)
    ct = np.random.default_rng(3).normal(size=np.shape(y))
    value.backward(torch.tensor(ct))
    for gradient, x in zip(pullback(ct), inputs, strict=True):
        np.testing.assert_allclose(gradient, x.grad.numpy(), rtol=rtol, atol=1e-13)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_known_divergences_are_still_there(name: str) -> None:
    theirs, answer, _reason = DIVERGENCES[name]
    np.testing.assert_array_equal(theirs(), answer)
