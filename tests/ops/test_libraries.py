"""The same rows on object arrays, complex numbers, and the arrays of PyTorch and JAX."""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

import cmath
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from ops import samples
from ops.scenarios import A, interior

import chainrule as cr
from chainrule.libraries import Library, computed_by
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

PUBLIC_ROWS = [r for r in samples.elementwise(TABLE) if r.public and r.name != "clip"]
# Rows the array API standard has no function for.
NOT_IN_ARRAY_API = {"erf", "erfc", "gammaln", "gamma", "digamma", "fmod", "sinc"}
ANALYTIC = [
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "arcsin", "arctan", "arcsinh", "arctanh", "reciprocal",
    "square", "negative", "positive", "log10",
]  # fmt: skip


class Written:
    """A number of a library that has no arrays: what has been computed, as text."""

    def __init__(self, text: str) -> None:
        self.text = text


def test_numbers_of_a_library_without_arrays() -> None:
    def find(name: str) -> Any:
        return lambda *args: Written(f"{name}({', '.join(x.text if isinstance(x, Written) else str(x) for x in args)})")

    computed_by(Written, Library("written", 3, find, np, spelling="array"))
    assert cr.multiply(2.0, cr.arcsin(Written("x"))).text == "multiply(2.0, asin(x))"


@pytest.mark.parametrize("row", PUBLIC_ROWS, ids=lambda r: r.name)
@pytest.mark.parametrize("name", ["torch", "jax.numpy"])
def test_elementwise_through_the_array_api(row: Elementwise, name: str) -> None:
    xp = pytest.importorskip(name)
    if name == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    if row.name in NOT_IN_ARRAY_API:
        pytest.skip("not in the array API standard")
    plain = [np.array(interior(row, i)) for i in range(row.arity)]
    foreign = [xp.asarray(x) for x in plain]
    y, pullback = cr.vjp(row, *foreign)
    assert isinstance(y, type(foreign[0]))
    expected, expected_pullback = cr.vjp(row, *plain)
    np.testing.assert_allclose(np.asarray(y), expected, rtol=1e-13)
    for ours, other in zip(pullback(xp.ones_like(y)), expected_pullback(np.ones_like(expected)), strict=True):
        np.testing.assert_allclose(np.asarray(ours), other, rtol=1e-12, atol=1e-15)


REDUCTIONS: dict[str, Any] = {
    "sum": lambda x: cr.sum(x, 0), "mean": cr.mean, "max": lambda x: cr.max(x, 1), "min": cr.min, "prod": lambda x: cr.prod(x, 1),
    "std": cr.std, "var": lambda x: cr.var(x, 0), "norm": cr.norm, "logsumexp": lambda x: cr.logsumexp(x, 1), "softmax": cr.softmax,
    "log_softmax": cr.log_softmax, "cumsum": lambda x: cr.cumsum(x, 1), "matmul": lambda x: x @ cr.transpose(x), "getitem": lambda x: x[1],
    "reshape": lambda x: cr.reshape(x, (4, 3)), "concatenate": lambda x: cr.concatenate([x, x]), "where": lambda x: cr.where(x > 0, x, 2 * x),
}  # fmt: skip


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_reductions_and_shapes_through_the_array_api(name: str, library: str) -> None:
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    f = REDUCTIONS[name]
    y, pullback = cr.vjp(f, xp.asarray(A))
    expected, expected_pullback = cr.vjp(f, A)
    np.testing.assert_allclose(np.asarray(y), expected, rtol=1e-13)
    (ours,), (other,) = pullback(xp.ones_like(y)), expected_pullback(np.ones_like(expected))
    np.testing.assert_allclose(np.asarray(ours), other, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", ANALYTIC)
def test_complex_numbers(name: str) -> None:
    """The derivative of an analytic function, by its difference quotient in a skew direction."""
    row: Any = TABLE[name]
    z, h = 0.3 + 0.4j, 1e-5 * cmath.exp(0.7j)
    slope = dict(row.pull(1.0 + 0j, row(z), (z,), (0,), {}))[0]
    difference = (row(z + h) - row(z - h)) / (2 * h)
    assert abs(slope - difference) < 1e-9 * abs(slope)


def test_arrays_of_objects() -> None:
    numbers = np.array([mpmath.mpf("0.5"), mpmath.mpf(2)], dtype=object)
    with mpmath.workdps(40):
        y = cr.exp(numbers)
        assert abs(y[1] - mpmath.e**2) < mpmath.mpf(10) ** -38
        gradient = cr.grad(lambda x: cr.sum(cr.exp(x) * x))(numbers)
        assert abs(gradient[1] - 3 * mpmath.e**2) < mpmath.mpf(10) ** -37
    fractions = np.array([Fraction(1, 3), Fraction(2)], dtype=object)
    assert list(cr.square(fractions)) == [Fraction(1, 9), Fraction(4)]


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_small_floats_keep_their_type(kind: Any) -> None:
    x = np.array([0.5, 0.25], kind)
    for name in ("exp", "tanh", "sigmoid", "softplus", "arctan", "sinc", "erf", "log"):
        assert getattr(cr, name)(x).dtype == kind, name
