"""Functions with rules of their own that read, from outside, a number that is differentiated; and such functions as
methods, with arguments by name, and with complex results."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, DroppedDerivative


def by_backward(f, backward):
    rule = cr.custom_vjp(f)
    rule.defvjp(lambda *args: (None, args), backward, verify=False)
    return rule


def by_tangent(f, tangent):
    rule = cr.custom_jvp(f)
    rule.defjvp(tangent, verify=False)
    return rule


CAPTURING = {
    "function and backward": lambda w: by_backward(lambda x: x * w, lambda s, ct: (ct * w,)),
    "backward": lambda w: by_backward(lambda x: x * 3.0, lambda s, ct: (ct * w,)),
    "function and tangent": lambda w: by_tangent(lambda x: x * w, lambda p, t: (p[0] * w, t[0] * w)),
    "tangent": lambda w: by_tangent(lambda x: x * 3.0, lambda p, t: (p[0] * 3.0, t[0] * w)),
}
MODES = {
    "grad": cr.grad,
    "jacfwd": cr.jacfwd,
    "hessian": cr.hessian,
    "jit": lambda f: cr.jit(cr.grad(f)),
    "vmap": lambda f: lambda x: cr.vmap(cr.grad(f))(np.array([x, x])),
}


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", CAPTURING)
def test_a_captured_number_is_refused(kind, mode):
    with pytest.raises((DroppedDerivative, ArgumentError), match=r"none of its arguments|earlier call"):
        MODES[mode](lambda w: CAPTURING[kind](w)(w * 2.0))(3.0)


WITHIN = {
    "backward": lambda x, w: by_backward(lambda x: x**2 * w, lambda s, ct: (ct * 2 * s[0] * w,))(x),
    "tangent": lambda x, w: by_tangent(lambda x: x**2 * w, lambda p, t: (p[0] ** 2 * w, t[0] * 2 * p[0] * w))(x),
    "checkpoint": lambda x, w: cr.checkpoint(lambda x: x**2 * w)(x),
    "implicit": lambda x, w: cr.implicit(lambda a, b: a * a * b, lambda y, a, b: y - a * a * b)(x, w),
    "jit": lambda x, w: cr.jit(lambda x: x**2 * w)(x),
}


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning", "ignore::chainrule.errors.CheckpointWarning")
@pytest.mark.parametrize("kind", WITHIN)
def test_a_number_of_a_transform_further_out_keeps_its_derivative(kind):
    def slope(w):
        return cr.grad(lambda x: WITHIN[kind](x, w))(5.0)  # 10 w

    assert slope(3.0) == pytest.approx(30.0)
    assert cr.grad(slope)(3.0) == pytest.approx(10.0)
    assert cr.jacfwd(slope)(3.0) == pytest.approx(10.0)
    np.testing.assert_allclose(cr.vmap(slope)(np.array([3.0, 4.0])), [30.0, 40.0])
    same = cr.vmap(lambda a: cr.grad(lambda x: WITHIN[kind](x, a))(a))(np.array([3.0, 4.0]))  # 2 a^2
    np.testing.assert_allclose(same, [18.0, 32.0])


def test_a_solver_whose_residual_alone_reads_it():
    def root(b):
        solve = cr.implicit(lambda a: np.sqrt(2.0 * a), lambda y, a: y * y - a * b)
        return solve(4.0)

    for slope in (cr.grad(root)(2.0), cr.jacfwd(root)(2.0), cr.vjp(root, 2.0)[1](1.0)[0]):
        assert slope == pytest.approx(4 / (2 * np.sqrt(8.0)))
    assert cr.hessian(root)(2.0) == pytest.approx(-np.sqrt(8.0) / 16)


DECORATORS = {
    "checkpoint": cr.checkpoint,
    "custom_vjp": cr.custom_vjp,
    "custom_jvp": cr.custom_jvp,
    "jit": cr.jit,
    "lift": cr.lift,
    "implicit": lambda f: cr.implicit(f, lambda y, self, x: y - 2 * x),
    "grad": lambda f: cr.grad(f, argnums=1),
    "vmap": lambda f: cr.vmap(f, in_axes=(None, 0)),
}


@pytest.mark.parametrize("kind", DECORATORS)
def test_it_is_a_method_in_a_class(kind):
    class Model:
        w = 2.0

        @DECORATORS[kind]
        def f(self, x):
            return x * self.w

    at = np.array([5.0, 5.0]) if kind == "vmap" else 5.0
    np.testing.assert_array_equal(Model().f(at), 2.0 if kind == "grad" else at * 2.0)


def test_arguments_by_name():
    rule = by_backward(lambda x, k=2.0: x * k, lambda s, ct: (ct * s[1], ct * s[0]))
    solve = cr.implicit(lambda a: np.sqrt(a), lambda y, a: y * y - a)
    assert cr.grad(lambda x: rule(x, k=3.0))(2.0) == 3.0
    assert cr.grad(lambda x: rule(2.0, k=x))(2.0) == 2.0
    assert cr.grad(lambda x: solve(a=x))(4.0) == 0.25
    with pytest.raises(ArgumentError, match="q"):
        rule(2.0, q=3.0)


def test_complex_results():
    wave = cr.checkpoint(lambda x: np.exp(1j * x) * x)
    root = cr.implicit(lambda a: 1j * np.sqrt(a), lambda y, a: y * y + a)
    assert cr.grad(lambda x: np.abs(wave(x)))(2.0) == pytest.approx(1.0)
    assert cr.grad(lambda x: np.abs(root(x)))(4.0) == pytest.approx(0.25)


def test_no_result():
    for f in (cr.checkpoint(lambda x: None), cr.implicit(lambda x: None, lambda y, x: x)):
        with pytest.raises(ArgumentError, match="is a return missing"):
            cr.grad(f)(2.0)


def test_a_checkpoint_that_writes_to_its_arguments_is_refused():
    def writes(x):
        x[0] = 5.0
        return np.sum(x * x)

    with pytest.raises(ArgumentError, match="writes to its arguments"):
        cr.grad(cr.checkpoint(writes))(np.ones(3))
