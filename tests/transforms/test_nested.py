"""Derivatives of derivatives: never confused, whoever captures what."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError

SLOPES = {
    "reverse": cr.grad,
    "forward": lambda f: lambda x: cr.jvp(f, (x,), (1.0,))[1],
    "taylor": lambda f: lambda x: cr.taylor(f, x, 1).coefficients[1],
    "pullback": lambda f: lambda x: cr.vjp(f, x)[1](1.0)[0],
}
PAIRS = [(a, b) for a in SLOPES for b in SLOPES]


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_inner_derivatives_do_not_see_the_outer_variable(outer, inner):
    d, e = SLOPES[outer], SLOPES[inner]
    assert d(lambda x: x * e(lambda y: x + y)(1.0))(1.0) == 1.0
    assert d(lambda x: x * e(lambda y: x * y)(2.0))(3.0) == 6.0
    assert d(lambda x: e(lambda y: x * y * y)(x))(3.0) == 12.0  # d/dx 2x^2
    assert d(lambda x: e(lambda y: x)(1.0))(1.0) == 0.0
    assert d(lambda x: e(lambda y: math.sin(y) * x)(x))(0.5) == pytest.approx(math.cos(0.5) - 0.5 * math.sin(0.5))


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_three_levels_that_all_meet(outer, inner):
    d, e = SLOPES[outer], SLOPES[inner]
    found = d(lambda x: e(lambda y: d(lambda z: x * y * z * z)(y))(x))(2.0)  # d/dx d/dy(2 x y^2) at y = x: d/dx 4x^2
    assert found == 16.0


@pytest.mark.parametrize("inner", SLOPES)
def test_numbers_kept_from_an_earlier_call_are_refused(inner):
    kept = []
    SLOPES[inner](lambda y: kept.append(y) or y * y)(3.0)
    for f in (lambda x: kept[0] * x, lambda x: kept[0], lambda x: x * 0 + np.sum(kept[0]), lambda x: np.exp(kept[0])):
        for slope in SLOPES.values():
            with pytest.raises(ArgumentError, match="in an earlier call is used again"):
                slope(f)(2.0)
    assert cr.grad(lambda x: x * cr.stop_gradient(kept[0]))(2.0) == 3.0


def test_a_value_captured_from_outside_keeps_its_own_derivative():
    w = Value(3.0)
    slope = cr.grad(lambda x: x * w * w)(2.0)
    assert slope.data == 9.0
    slope.backward()
    assert w.grad == 6.0


def test_values_made_inside_a_differentiated_function():
    assert cr.grad(lambda x: Value(x) ** 2)(3.0) == 6.0
    assert cr.grad(lambda x: Value(x) * x * 2)(3.0) == 12.0
    assert cr.jvp(lambda x: Value(x) ** 2, (3.0,), (1.0,)) == (9.0, 6.0)

    def by_micrograd(x):
        v = Value(x)
        (v * v * v).backward()
        return v.grad

    assert by_micrograd(2.0) == 12.0
    assert cr.grad(by_micrograd)(2.0) == 12.0
    assert cr.grad(cr.grad(by_micrograd))(2.0) == 6.0


def test_a_value_of_a_traced_number_does_not_meet_one_of_a_plain_number():
    with pytest.raises(ArgumentError) as caught:
        cr.grad(lambda x: Value(x) * Value(2.0))(3.0)
    assert str(caught.value).startswith(
        "a Value made from a number that is being differentiated meets one made from a plain number; inside a "
        "differentiated function use the traced numbers themselves, without Value(...)\n  test_nested.py:"
    )


def test_an_exception_leaves_nothing_broken():
    def fails(x):
        cr.grad(lambda y: x * y)(1.0)
        raise KeyError("mine")

    for _ in range(3):
        with pytest.raises(KeyError, match="mine"):
            cr.grad(fails)(1.0)
        with pytest.raises(KeyError, match="mine"):
            cr.jvp(lambda x: cr.grad(fails)(x), (1.0,), (1.0,))
    assert cr.grad(lambda x: x * cr.grad(lambda y: x + y)(1.0))(1.0) == 1.0


@pytest.mark.parametrize("slope", SLOPES.values(), ids=SLOPES)
def test_nan_does_not_leak_from_the_branch_not_taken(slope):
    assert slope(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0) == 0.0
    assert slope(lambda x: np.where(x > 0, np.log(x), x))(0.0) == 1.0
    assert slope(lambda x: np.where(x != 0, np.divide(np.sin(x), x), 1.0))(0.0) == 0.0


@np.errstate(invalid="ignore")
def test_nan_does_not_leak_from_arrays():
    x = np.array([-1.0, 0.0, 4.0])
    assert cr.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), -x)))(x).tolist() == [-1.0, -1.0, 0.25]
    assert cr.hessian(lambda x: np.sum(np.where(x > 0, np.sqrt(x), -x)))(x)[2, 2] == -1 / 32
    assert np.isfinite(cr.hessian(lambda x: np.sum(np.where(x > 0, np.sqrt(x), -x)))(x)).all()


def test_stop_gradient_everywhere():
    f = lambda x: x * cr.stop_gradient(x * x)
    assert [slope(f)(3.0) for slope in SLOPES.values()] == [9.0] * 4
    assert cr.grad(cr.grad(f))(3.0) == 0.0
    held = cr.stop_gradient({"a": Value([1.0, 2.0]), "b": (Value(3.0), 4.0)})
    assert held["a"].tolist() == [1.0, 2.0]
    assert held["b"] == (3.0, 4.0)


def test_newton_through_the_derivative():
    def root(a):
        f = lambda x: x**3 - a
        x = 2.0
        for _ in range(8):
            x = x - f(x) / cr.grad(f)(x)
        return x

    assert root(27.0) == pytest.approx(3.0)
    assert cr.grad(root)(27.0) == pytest.approx(1 / 27)
    assert cr.jvp(cr.grad(root), (27.0,), (1.0,))[1] == pytest.approx(-2 / 9 * 27 ** (-5 / 3))
