"""The product in twenty tests; run before each commit."""

import math
import pickle

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value


def test_a_recorded_expression_knows_its_gradient():
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    L = (a * b + c) * f
    L.backward()
    assert (L.data, a.grad, b.grad, c.grad, f.grad) == (-8.0, 6.0, -4.0, -2.0, 4.0)


def test_a_gradient_step_lowers_it():
    x = Value(3.0)
    for _ in range(50):
        x.grad = 0.0
        ((x - 1) ** 2).backward()
        x.data -= 0.1 * x.grad
    assert x.data == pytest.approx(1.0, abs=1e-4)


def test_values_hold_arrays():
    w, x = Value([[1.0, 2.0], [3.0, 4.0]]), Value([1.0, -1.0])
    (w @ x).tanh().sum().backward()
    assert w.grad.shape == (2, 2)
    assert x.grad.shape == (2,)


def test_functions_written_with_math():
    f = lambda a, b, c: -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5
    assert cr.grad(f, argnums=(0, 1, 2))(2, 3, 4) == pytest.approx((-12.353553390593273, 10.25699027111255, 0.0625))


def test_functions_written_with_numpy():
    f = lambda x: np.sum(np.tanh(x) ** 2)
    x = np.array([0.5, -1.0])
    assert cr.grad(f)(x) == pytest.approx(2 * np.tanh(x) / np.cosh(x) ** 2)


def test_softmax_loss():
    loss = lambda z: -cr.log_softmax(z)[3]
    value, gradient = cr.value_and_grad(loss)(np.array([0.0, 3.0, -2.0, 1.0]))
    assert value == pytest.approx(2.1755153626167147, rel=1e-15)
    assert gradient[3] == pytest.approx(-0.8864503806400986, rel=1e-15)


def test_parameters_in_containers():
    loss = lambda p, x: np.sum((p["w"] * x + p["b"]) ** 2)
    gradient = cr.grad(loss)({"w": 2.0, "b": 1.0}, np.array([1.0, 2.0]))
    assert gradient == {"w": 26.0, "b": 16.0}


def test_jacobian():
    f = lambda x: np.array([x[0] * x[1], math.sin(x[0])])
    assert cr.jacobian(f)(np.array([0.0, 2.0])).tolist() == [[2.0, 0.0], [1.0, 0.0]]


def test_hessian_and_its_product_with_a_vector():
    f = lambda x: x[0] ** 2 * x[1]
    assert cr.hessian(f)(np.array([3.0, 5.0])).tolist() == [[10.0, 6.0], [6.0, 0.0]]
    assert cr.hvp(f, np.array([3.0, 5.0]), np.array([0.0, 1.0])).tolist() == [6.0, 0.0]


def test_both_modes_and_both_products():
    f = lambda x: np.sin(x) * x
    _, tangent = cr.jvp(f, (1.0,), (1.0,))
    _, pullback = cr.vjp(f, 1.0)
    assert tangent == pytest.approx(pullback(1.0)[0]) == pytest.approx(math.sin(1) + math.cos(1))


def test_taylor_polynomial():
    assert str(cr.taylor(lambda x: math.sin(x) + math.cos(x), 0.0, 3)) == "T_3(x) = 1 + x - 1/2 x^2 - 1/6 x^3"


def test_third_derivative_nested():
    assert cr.grad(cr.grad(cr.grad(lambda x: x**4)))(2.0) == 48.0


def test_nested_derivatives_are_not_confused():
    assert cr.grad(lambda x: x * cr.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_a_branch_not_taken_does_not_poison():
    assert cr.grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0) == 0.0


def test_saturated_functions_keep_their_digits():
    assert cr.grad(cr.sigmoid)(800.0) == 0.0
    assert cr.grad(cr.sigmoid)(-40.0) == pytest.approx(math.exp(-40), rel=1e-15)
    assert cr.grad(cr.softplus)(800.0) == 1.0


def test_fifty_digits_and_formulas():
    mpmath, sympy = pytest.importorskip("mpmath"), pytest.importorskip("sympy")
    f = lambda x: math.sin(x) * math.exp(x)
    with mpmath.workdps(50):
        x = mpmath.mpf(2)
        assert abs(cr.grad(f)(x) - mpmath.exp(2) * (mpmath.sin(2) + mpmath.cos(2))) < mpmath.mpf(10) ** -47
    x = sympy.Symbol("x")
    assert sympy.simplify(cr.grad(f)(x) - sympy.diff(sympy.sin(x) * sympy.exp(x), x)) == 0


def test_a_rule_of_ones_own_is_checked():
    @cr.custom_vjp
    def square(x):
        return x * x

    with pytest.raises(cr.errors.CustomRuleError, match="disagrees with the function"):
        square.defvjp(lambda x: (x * x, x), lambda x, ct: (ct * x,))
    square.defvjp(lambda x: (x * x, x), lambda x, ct: (2 * ct * x,))
    assert cr.grad(square)(3.0) == 6.0


def test_a_derivative_is_never_dropped_in_silence():
    with pytest.raises(cr.errors.DroppedDerivative, match="Leave float"):
        cr.grad(lambda x: float(x) ** 2)(1.0)
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"np\.gcd has no derivative rule"):
        cr.grad(lambda x: np.gcd(x, 2)[0])(np.ones(4))


def test_differences_with_an_error_bar():
    estimate = cr.numeric.derivative(math.sin, 1.0)
    assert abs(estimate.value - math.cos(1.0)) <= estimate.error < 1e-8


def test_deep_recordings_are_pickled():
    x = Value(1.0)
    y = x
    for _ in range(5000):
        y = y * 1.0001
    again = pickle.loads(pickle.dumps(y))
    again.backward()
    assert again.data == y.data
