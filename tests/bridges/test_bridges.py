"""Functions that cross into PyTorch and JAX and back: values, first and second derivatives, compiled or not."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.3, -1.2, 2.0])
W = np.array([[0.5, -0.2, 0.1], [1.0, 0.3, -0.4]])


def energy(x, w):
    return np.sum(np.tanh(w @ x) ** 2) + np.sum(x**3)


@pytest.mark.parametrize("make", [lambda f: f, cr.jit], ids=["plain", "jit"])
def test_to_torch(make):
    torch = pytest.importorskip("torch")
    f = cr.to_torch(make(energy))
    x, w = (torch.tensor(v, requires_grad=True) for v in (X, W))
    y = f(x, w)
    assert y.dtype == torch.float64
    assert y.item() == pytest.approx(energy(X, W))
    by_x, by_w = torch.autograd.grad(y, (x, w), create_graph=True)
    np.testing.assert_allclose(by_x.detach(), cr.grad(energy)(X, W), rtol=1e-12)
    np.testing.assert_allclose(by_w.detach(), cr.grad(energy, argnums=1)(X, W), rtol=1e-12)
    rows = [torch.autograd.grad(part, x, retain_graph=True)[0] for part in by_x]
    np.testing.assert_allclose(torch.stack(rows), cr.hessian(energy)(X, W), rtol=1e-10)


def test_to_torch_checks_and_trains():
    torch = pytest.importorskip("torch")
    f = cr.to_torch(lambda x: np.sin(x) * np.sum(x))
    x = torch.tensor(X, requires_grad=True)
    assert torch.autograd.gradcheck(f, (x,))
    assert torch.autograd.gradgradcheck(f, (x,))
    single = torch.tensor(X, dtype=torch.float32, requires_grad=True)
    f(single).sum().backward()
    assert single.grad.dtype == torch.float32
    layer = torch.nn.Linear(3, 2).double()
    f(layer(torch.tensor(X))).sum().backward()
    assert layer.weight.grad.abs().sum() > 0


def test_arguments_that_are_no_tensors():
    torch = pytest.importorskip("torch")
    f = cr.to_torch(lambda x, k, name: x**k if name == "power" else x)
    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    f(x, 2, "power").backward()
    assert x.grad.item() == 6.0
    constant = torch.tensor(2.0, dtype=torch.float64)
    assert torch.autograd.grad(f(x, constant, "power"), x)[0].item() == 6.0


def test_from_torch():
    torch = pytest.importorskip("torch")
    f = cr.from_torch(lambda x, w: (torch.tanh(w @ x) ** 2).sum() + (x**3).sum())
    assert f(X, W) == pytest.approx(energy(X, W))
    for transform in (cr.grad, cr.hessian, cr.jacfwd):
        np.testing.assert_allclose(transform(f)(X, W), transform(energy)(X, W), rtol=1e-10)
    mixed = cr.grad(lambda x: f(np.sin(x), W) * 2)(X)
    np.testing.assert_allclose(mixed, cr.grad(lambda x: energy(np.sin(x), W) * 2)(X), rtol=1e-12)
    assert cr.check(lambda x: f(x, W), lambda x: cr.grad(energy)(x, W), at=X).verdict is cr.Verdict.CORRECT


def test_a_module_of_torch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()
    slope = cr.grad(lambda x: np.sum(cr.from_torch(net)(x)))(X)
    x = torch.tensor(X, requires_grad=True)
    net(x).sum().backward()
    np.testing.assert_allclose(slope, x.grad, rtol=1e-12)


@pytest.fixture
def double():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


@pytest.mark.parametrize("make", [lambda f: f, cr.jit], ids=["plain", "jit"])
def test_to_jax(make, double):
    f = cr.to_jax(make(energy))
    assert float(f(X, W)) == pytest.approx(energy(X, W))
    np.testing.assert_allclose(double.grad(f)(X, W), cr.grad(energy)(X, W), rtol=1e-12)
    np.testing.assert_allclose(
        double.jit(double.grad(f, argnums=1))(X, W), cr.grad(energy, argnums=1)(X, W), rtol=1e-12
    )
    np.testing.assert_allclose(double.jacrev(double.grad(f))(X, W), cr.hessian(energy)(X, W), rtol=1e-10)
    many = double.vmap(lambda x: f(x, W))(np.stack([X, 2 * X]))
    np.testing.assert_allclose(many, [energy(X, W), energy(2 * X, W)])


def test_from_jax(double):
    jnp = double.numpy
    f = cr.from_jax(lambda x, w: jnp.sum(jnp.tanh(w @ x) ** 2) + jnp.sum(x**3))
    assert f(X, W) == pytest.approx(energy(X, W))
    for transform in (cr.grad, cr.hessian, cr.jacfwd):
        np.testing.assert_allclose(transform(f)(X, W), transform(energy)(X, W), rtol=1e-10)


def test_wrong_calls():
    pytest.importorskip("torch")
    with pytest.raises(cr.errors.ArgumentError, match="expected a function, got float"):
        cr.to_torch(3.0)
    with pytest.raises(cr.errors.ArgumentError, match="expected a function, got float"):
        cr.from_torch(3.0)
