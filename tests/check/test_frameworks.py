"""Backward passes by hand inside PyTorch and JAX: the framework's own answer is judged, by differences."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
CORRECT, WRONG = cr.Verdict.CORRECT, cr.Verdict.WRONG
T = torch.tensor([[0.5, -1.2, 2.0], [1.0, 0.3, -0.4]], dtype=torch.float64)


class Cube(torch.autograd.Function):
    factor = 3

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


class WrongCube(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x**2 * g


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, k):
        ctx.save_for_backward(x, w)
        ctx.k = k
        return k * x * w

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return ctx.k * g * w, (ctx.k * g * x).mean(dim=0), None  # the mean is a mistake


class Module(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.inner = torch.nn.Linear(3, 2).double()

    def forward(self, x):
        return self.inner(self.function(x))


@pytest.mark.parametrize("form", [lambda f: f, lambda f: f.apply, lambda f: lambda x: f.apply(x).sum()])
@pytest.mark.parametrize(("function", "verdict"), [(Cube, CORRECT), (WrongCube, WRONG)])
def test_autograd_functions(form, function, verdict):
    report = cr.check(form(function), at=T)
    assert report.verdict is verdict, str(report)
    if verdict is WRONG:
        assert "2/3" in report.causes[0]


def test_several_arguments_and_a_plain_one():
    report = cr.check(Scale, at=(T, torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64), 3))
    assert report.verdict is WRONG
    assert "1/2" in report.causes[0]


@pytest.mark.parametrize(("function", "verdict"), [(Cube, CORRECT), (WrongCube, WRONG)])
def test_modules_by_input_and_parameters(function, verdict):
    module = Module(function.apply)
    before = [p.clone() for p in module.parameters()]
    report = cr.check(module, at=T)
    assert report.verdict is verdict, str(report)
    assert report.points[0].subject.names == ["x", "inner.weight", "inner.bias"]
    assert all(torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))


def jax_functions(slope):
    @jax.custom_vjp
    def reverse(x):
        return x**3

    reverse.defvjp(lambda x: (reverse(x), x), lambda x, g: (slope * x**2 * g,))

    @jax.custom_jvp
    def forward(x):
        return x**3

    forward.defjvp(lambda p, t: (forward(p[0]), slope * p[0] ** 2 * t[0]))
    return reverse, forward


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(("slope", "verdict"), [(3, CORRECT), (2, WRONG)])
def test_custom_rules_of_jax(which, slope, verdict):
    report = cr.check(jax_functions(slope)[which], at=jax.numpy.array([0.5, 1.2]))
    assert report.verdict is verdict, str(report)


def test_no_real_results_are_refused():
    with pytest.raises(ArgumentError, match="arrays of real numbers"):
        cr.check(lambda x: x > 0, at=T)


def test_arrays_of_numpy_stay_with_chainrule():
    assert cr.check(lambda x: np.sum(x**3), at=np.ones(3)).verdict is CORRECT
