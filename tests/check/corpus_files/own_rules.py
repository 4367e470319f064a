"""Rules for frameworks: torch.autograd.Function, jax.custom_vjp and custom_jvp, and what their own checkers are given."""
# right: sinh, Product
# wrong: cube, Skewed
import functools

import jax
import jax.numpy as jnp
import torch
from jax.test_util import check_grads
from torch.autograd import Function, gradcheck


@jax.custom_vjp
def cube(x):
    return x**3


cube.defvjp(lambda x: (x**3, x), lambda x, g: (2 * x**2 * g,))


@functools.partial(jax.custom_jvp, nondiff_argnums=())
def sinh(x, y):
    return jnp.sinh(x) * y


@sinh.defjvp
def sinh_rule(primals, tangents):
    (x, y), (a, b) = primals, tangents
    return jnp.sinh(x) * y, jnp.cosh(x) * y * a + jnp.sinh(x) * b


class Product(Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y * y

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * y * y, 2 * g * x * y


class Skewed(Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g @ w, x.T @ g


def example():
    return torch.linspace(0.5, 1.5, 4, dtype=torch.float64, requires_grad=True).reshape(2, 2)


try:
    gradcheck(Skewed.apply, (example(), example()))
except Exception as error:
    print(error)
check_grads(sinh, (0.5, 1.5), order=1)
