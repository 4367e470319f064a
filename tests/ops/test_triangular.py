"""Systems of triangular matrices beside NumPy's of general ones, and where compiled programs take them."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops import triangular
from chainrule.ops.triangular import triangular_inverse, triangular_solve


@pytest.fixture(params=["LAPACK", "NumPy"])
def library(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(triangular, "_lapack", lambda: None)
    else:
        pytest.importorskip("scipy")


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("order", ["C", "F", "apart"])
@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("n", [1, 7, 131])
def test_as_numpy_solves_and_inverts(n, lower, order, dtype, library):
    draw = np.random.default_rng(n)
    a = draw.normal(size=(n, n)).astype(dtype) / n + 2 * np.eye(n, dtype=dtype)
    a = np.tril(a) if lower else np.triu(a)
    a = np.repeat(a, 2, axis=1)[:, ::2] if order == "apart" else np.asarray(a, order=order)
    bar = 1e-12 if dtype == "f8" else 1e-4
    for b in (draw.normal(size=n), draw.normal(size=(n, 3)), draw.normal(size=(3, n)).T):
        b, before = b.astype(dtype), b.astype(dtype)
        found = triangular_solve(a, b, lower=lower)
        assert found.dtype == a.dtype
        np.testing.assert_allclose(found, np.linalg.solve(a, b), rtol=bar, atol=bar)
        np.testing.assert_array_equal(b, before)
    found = triangular_inverse(a, lower=lower)
    assert found.dtype == a.dtype
    np.testing.assert_allclose(found, np.linalg.inv(a), rtol=bar, atol=bar)


def test_a_zero_on_the_diagonal(library):
    a = np.array([[1.0, 0.0], [2.0, 0.0]])
    for call in (lambda: triangular_solve(a, np.ones(2), lower=True), lambda: triangular_inverse(a, lower=True)):
        with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
            call()


def test_compiled_programs_know_a_factor_of_cholesky():
    def f(a, y):
        factor = np.linalg.cholesky(a @ a.T + np.eye(5))
        white, back = np.linalg.solve(factor, y), np.linalg.solve(factor.T, y)
        return np.sum(white**2) + np.sum(np.sin(back)) - np.sum(np.log(np.diag(factor)))

    draw = np.random.default_rng(0)
    at = draw.normal(size=(5, 5)), draw.normal(size=5)
    step = cr.value_and_grad(f, argnums=(0, 1))
    fast = cr.jit(step)
    for found, expected in zip([fast(*at)[0], *fast(*at)[1]], [step(*at)[0], *step(*at)[1]], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    names = [s.op for s in fast.program.steps()]
    assert "triangular_solve" in names
    assert not {"solve", "inv"} & set(names)
