"""One function on floats, arrays, mpmath's digits, SymPy's symbols, torch tensors and JAX arrays."""

import math

import numpy as np
import pytest

import chainrule as cr


def plain(x):
    return math.sin(x) * math.exp(-x * x) + math.sqrt(x) / (1 + x**3)


def with_numpy(x):
    return np.sin(x) * np.exp(-x * x) + np.sqrt(x) / (1 + x**3)


def table(x):
    return cr.sin(x) * cr.exp(-x * x) + cr.sqrt(x) / (1 + x**3)


FLOAT = cr.grad(plain)(0.7)


def test_floats_and_arrays():
    assert cr.grad(with_numpy)(0.7) == pytest.approx(FLOAT, rel=1e-15)
    assert cr.grad(table)(np.float64(0.7)) == pytest.approx(FLOAT, rel=1e-15)
    x = np.array([0.7, 1.3])
    assert cr.grad(lambda x: np.sum(with_numpy(x)))(x)[0] == pytest.approx(FLOAT, rel=1e-15)
    assert cr.grad(lambda x: sum(plain(v) for v in x))(x)[0] == pytest.approx(FLOAT, rel=1e-15)


@pytest.mark.parametrize("f", [plain, table])
def test_fifty_digits(f):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        x = mpmath.mpf("0.7")
        exact = mpmath.diff(lambda t: mpmath.sin(t) * mpmath.exp(-t * t) + mpmath.sqrt(t) / (1 + t**3), x)
        for found in (cr.grad(f)(x), cr.jvp(f, (x,), (mpmath.mpf(1),))[1], cr.taylor(f, x, 1).coefficients[1]):
            assert abs(found - exact) < mpmath.mpf(10) ** -45
        second = mpmath.diff(lambda t: mpmath.sin(t) * mpmath.exp(-t * t) + mpmath.sqrt(t) / (1 + t**3), x, 2)
        assert abs(cr.grad(cr.grad(f))(x) - second) < mpmath.mpf(10) ** -40


@pytest.mark.parametrize("f", [plain, table])
def test_formulas(f):
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x", positive=True)
    expression = sympy.sin(x) * sympy.exp(-x * x) + sympy.sqrt(x) / (1 + x**3)
    assert sympy.simplify(cr.grad(f)(x) - sympy.diff(expression, x)) == 0
    assert sympy.simplify(cr.jvp(f, (x,), (sympy.Integer(1),))[1] - sympy.diff(expression, x)) == 0
    assert sympy.simplify(cr.grad(cr.grad(f))(x) - sympy.diff(expression, x, 2)) == 0


def test_torch_tensors():
    torch = pytest.importorskip("torch")
    x = torch.tensor([0.7, 1.3], dtype=torch.float64)
    found = cr.grad(lambda x: cr.sum(table(x)))(x)
    assert isinstance(found, torch.Tensor)
    assert found[0].item() == pytest.approx(FLOAT, rel=1e-14)
    assert cr.grad(plain)(torch.tensor(0.7, dtype=torch.float64)).item() == pytest.approx(FLOAT, rel=1e-14)
    assert cr.jacobian(table)(x).shape == (2, 2)


def test_jax_arrays():
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray([0.7, 1.3], dtype=jax.numpy.float32)
    found = cr.grad(lambda x: cr.sum(table(x)))(x)
    assert isinstance(found, jax.Array)
    assert float(found[0]) == pytest.approx(FLOAT, rel=1e-5)
    theirs = jax.grad(lambda x: jax.numpy.sum(table(x)))(x)  # our table inside their transform
    assert np.allclose(found, theirs, rtol=1e-5)
