"""Rules for frameworks: torch.autograd.Function, jax.custom_vjp and custom_jvp, and what their own checkers are given."""
# right: sinh, Product, scaled, Scale
# wrong: cube, Skewed, Legendre, Exponential, Columns, Gated, rms
# cause: Legendre: the sign of one path is wrong: x through x * 3
# cause: Skewed: it is computed with w transposed
# cause: cube: a constant factor: exactly 2/3 of the truth
# cause: Exponential: the local derivative of exp(x) by x is taken as the input
# cause: Columns: argument x: a term is missing: x - sum(x) / 4
# cause: Gated: the local derivative of sigmoid(x) by x is taken as the output
# cause: rms: missing
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


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def scaled(x, k):
    return x * k


def scaled_forward(x, k):
    return x * k, None


def scaled_backward(k, kept, g):
    return (k * g,)


scaled.defvjp(scaled_forward, scaled_backward)


class Product(Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y * y

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * y * y, 2 * g * x * y


class Legendre(Product):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 0.5 * (5 * x**3 - 3 * x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 1.5 * (5 * x**2 + 1)


class Exponential(Product):
    @staticmethod
    def forward(x):
        return x.exp()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x


class Scale(Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.k = k
        ctx.save_for_backward(x)
        return k * x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * ctx.k * g * x, None


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


class Columns(torch.autograd.Function):
    """Batch normalisation, without the path through the variance."""

    @staticmethod
    def forward(ctx, x, gamma):
        scale = torch.rsqrt(((x - x.mean(dim=0)) ** 2).mean(dim=0) + 1e-5)
        xhat = (x - x.mean(dim=0)) * scale
        ctx.save_for_backward(xhat, gamma, scale)
        return gamma * xhat

    @staticmethod
    def backward(ctx, g):
        xhat, gamma, scale = ctx.saved_tensors
        return gamma * scale * (g - g.mean(0)), (g * xhat).sum()


class Gated(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        gate = torch.sigmoid(x)
        ctx.save_for_backward(x, gate)
        return x * gate

    @staticmethod
    def backward(ctx, g):
        x, gate = ctx.saved_tensors
        return g * (gate + x * gate)


@jax.custom_vjp
def rms(x):
    return x / jnp.sqrt(jnp.mean(x * x) + 1e-6)


rms.defvjp(lambda x: (rms(x), x), lambda x, g: (g / jnp.sqrt(jnp.mean(x * x) + 1e-6),))
