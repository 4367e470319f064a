"""The comparison table of the README, entry by entry."""

import math
import warnings

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import micrograd.engine
import mpmath
import numpy as np
import pytest
import sympy
import torch

import chainrule as cr

pytestmark = pytest.mark.filterwarnings("ignore")  # the peers' own


@pytest.fixture(autouse=True)
def double_precision():
    jax.config.update("jax_enable_x64", True)


def torch_grad(f):
    def gradient(x):
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(t), t)[0].numpy()

    return gradient


GRAD = {"chainrule": cr.grad, "autograd": autograd.grad, "torch": torch_grad, "jax": jax.grad}
LIBRARIES = {"chainrule": np, "autograd": anp, "torch": torch, "jax": jnp}
OTHERS = ["autograd", "torch", "jax"]


def test_a_function_written_with_math():
    def wave(x):
        return x * math.sin(x)

    slope = math.cos(1.0) + math.sin(1.0)
    assert cr.grad(wave)(1.0) == pytest.approx(slope)
    for name in ("autograd", "jax"):
        with pytest.raises(TypeError):
            GRAD[name](wave)(1.0)
    with pytest.raises(TypeError):
        wave(micrograd.engine.Value(1.0))
    with pytest.warns(UserWarning, match="requires_grad"):
        assert GRAD["torch"](wave)(1.0) == pytest.approx(math.sin(1.0))  # one of the two terms


def test_a_function_written_with_numpy():
    def wave(x):
        return np.sum(np.sin(x) * x)

    def volume(x):
        return np.linalg.det(np.outer(x, x) + np.eye(2))

    x = np.array([0.5, 2.0])
    assert cr.grad(wave)(x) == pytest.approx(np.cos(x) * x + np.sin(x))
    assert cr.grad(volume)(x) == pytest.approx(2 * x)
    assert autograd.grad(wave)(x) == pytest.approx(np.cos(x) * x + np.sin(x))
    for name, f in (("autograd", volume), ("torch", wave), ("jax", wave)):
        with pytest.raises((TypeError, RuntimeError)):
            GRAD[name](f)(x)
    with pytest.raises((TypeError, AttributeError)):
        np.sin(micrograd.engine.Value(0.0))


NAN = math.nan
SINGULAR = {
    "where": (lambda xp, x: xp.where(x > 0, xp.sqrt(x), 0.0).sum(), np.zeros(2), (0.0, NAN, NAN, NAN)),
    "norm": (lambda xp, x: xp.linalg.norm(x), np.zeros(2), (0.0, NAN, 0.0, NAN)),
    "std": (lambda xp, x: xp.std(x, **({"correction": 0} if xp is torch else {})), np.ones(2), (0.0, NAN, 0.0, NAN)),
    "tanh": (lambda xp, x: xp.tanh(x), 20.0, (1.6993417021166355e-17, 1.6993417021166355e-17, 0.0, 0.0)),
}


@pytest.mark.parametrize("name", SINGULAR)
def test_where_others_get(name):
    f, x, expected = SINGULAR[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [GRAD[library](lambda v, xp=xp: f(xp, v))(x) for library, xp in LIBRARIES.items()]
    for gradient, value in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, np.full(np.shape(x), value), rtol=1e-14)


def fourth_power_twice(new):
    a = new(2.0)
    b = a * a
    c = b * b
    c.backward()
    c.backward()
    return a.grad


def test_backward_twice():
    assert fourth_power_twice(cr.Value) == 64.0  # 32 and 32
    assert fourth_power_twice(micrograd.engine.Value) != 64.0
    with pytest.raises(RuntimeError, match="second time"):
        fourth_power_twice(lambda x: torch.tensor(x, requires_grad=True))


def chain(x):
    for _ in range(5000):
        x = x + 1.0
    return x


def test_a_long_chain():
    for gradient in GRAD.values():
        assert gradient(chain)(1.0) == 1.0
    with pytest.raises(RecursionError):
        chain(micrograd.engine.Value(1.0)).backward()


def test_an_array_changed_between_forward_and_backward():
    def changed(vjp, w):
        pull = vjp(lambda x: (x * w).sum())
        w[:] = 0.0
        return pull

    x = np.array([3.0, 4.0])
    (gradient,) = changed(lambda f: cr.vjp(f, x)[1], np.array([1.0, 2.0]))(1.0)
    assert gradient.tolist() == [1.0, 2.0]
    assert changed(lambda f: autograd.make_vjp(f)(x)[0], np.array([1.0, 2.0]))(1.0).tolist() == [0.0, 0.0]
    t = torch.tensor(x, requires_grad=True)
    y = changed(lambda f: f(t), torch.tensor([1.0, 2.0], dtype=torch.float64))
    with pytest.raises(RuntimeError, match="modified"):
        y.backward()


@pytest.mark.parametrize("number", [mpmath.mpf(2), sympy.Symbol("x")])
def test_other_numbers(number):
    assert cr.grad(lambda x: x**2)(number) == 2 * number
    for name in ("autograd", "jax"):
        with pytest.raises(TypeError):
            GRAD[name](lambda x: x**2)(number)
