"""Cases an adversarial review found, each by its phenomenon."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError, CustomRuleError, UnsupportedFunction


class Net:
    w = 2.0

    def __call__(self, x):
        return math.tanh(self.w * x)


net = Net()


def test_a_callable_object_stays_itself_where_it_is_not_only_called():
    def f(t):
        return 2 * net(t) if isinstance(net, Net) else 0 * t

    assert cr.grad(f)(0.3) == pytest.approx(4 / math.cosh(0.6) ** 2)
    assert cr.grad(lambda t: net(t))(0.3) == pytest.approx(2 / math.cosh(0.6) ** 2)
    slope = cr.check(f, lambda t: 4 / math.cosh(2 * t) ** 2, at=0.3)
    assert slope.verdict.value == "CORRECT"


def test_a_function_whose_lifted_form_has_another_value_is_not_traced_by_a_check():
    def act(x):
        return math.tanh(x)

    weights = {act: 2.0}

    def f(t, g=act):
        return g(t) * weights.get(g, 1.0)

    assert cr.check(f, lambda t: 2 / math.cosh(t) ** 2, at=0.3, argnums=0).verdict.value == "CORRECT"


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("make", [lambda: np.ma.array([1.0, 2.0], mask=[0, 1]), lambda: np.matrix([[1.0, 2.0]])])
def test_arrays_with_rules_of_their_own_are_refused(make):
    odd = make()
    with pytest.raises(UnsupportedFunction, match="rules of its own"):
        cr.grad(lambda x: np.sum(x * odd))(np.ones(2))


def test_a_masked_array_on_the_left_does_not_take_the_numbers_out_of_a_value():
    masked = np.ma.array([1.0, 2.0], mask=[0, 1])
    with pytest.raises(TypeError):
        cr.grad(lambda x: np.sum(masked * x))(np.ones(2))


@pytest.mark.parametrize("f", [abs, lambda x: x * 1.0 if x < 3 else x * 2.0])
def test_a_custom_rule_that_is_wrong_on_one_side_only_is_refused(f):
    rule = cr.custom_vjp(lambda x: f(x))
    with pytest.raises(CustomRuleError, match="disagrees"):
        rule.defvjp(lambda x: (f(x), None), lambda _, ct: (ct,))


def test_a_read_only_flag_that_is_taken_back_does_not_change_a_gradient():
    w = np.array([1.0, 2.0])
    w.flags.writeable = False
    x = Value(np.array([3.0, 4.0]))
    y = (x * w).sum()
    w.flags.writeable = True
    w[:] = 7.0
    y.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_a_tensor_changed_before_the_sweep_does_not_change_a_gradient():
    torch = pytest.importorskip("torch")
    t = torch.tensor([1.0, 2.0], dtype=torch.float64)
    x = Value(torch.tensor([3.0, 4.0], dtype=torch.float64))
    y = cr.sum(x * t)
    t[:] = 0
    y.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_a_topological_order_kept_in_a_list():
    a = Value(2.0)
    b, c = a * 1.0, a * 1.0
    d = b * c
    order, seen = [], []

    def visit(v):
        if v not in seen:
            seen.append(v)
            for child in v._prev:
                visit(child)
            order.append(v)

    visit(d)
    d.grad = 1.0
    for v in reversed(order):
        v._backward()
    assert a.grad == 4.0


def test_an_argument_named_twice():
    with pytest.raises(ArgumentError, match="twice"):
        cr.grad(lambda a, b: a * b, argnums=(1, -1))(2.0, 3.0)


def test_no_slope_where_there_is_no_value():
    with np.errstate(all="ignore"):
        for f, x in ((cr.log, -1.0), (cr.log1p, -2.0), (cr.arctanh, 2.0), (lambda x: cr.power(x, 0.5), -2.0)):
            assert math.isnan(cr.grad(f)(x))
            assert np.isnan(cr.grad(lambda v, f=f: np.sum(f(v)))(np.array([x]))).all()
    assert cr.grad(cr.log)(-0.0) == math.inf


def test_the_square_of_a_subnormal():
    assert cr.grad(lambda x: x**2)(1e-310) == 2e-310


def test_has_aux_everywhere():
    def f(x):
        return x**3, {"twice": 2 * x}

    aux = {"twice": 4.0}
    assert cr.jacobian(f, has_aux=True)(2.0) == cr.jacfwd(f, has_aux=True)(2.0) == cr.jacrev(f, has_aux=True)(2.0)
    assert cr.jacobian(f, has_aux=True)(2.0) == (12.0, aux)
    assert cr.hessian(f, has_aux=True)(2.0) == cr.hvp(f, 2.0, 1.0, has_aux=True) == (12.0, aux)
    assert cr.jvp(f, (2.0,), (1.0,), has_aux=True) == (8.0, 12.0, aux)
    value, pullback, extra = cr.vjp(f, 2.0, has_aux=True)
    assert (value, pullback(1.0), extra) == (8.0, (12.0,), aux)


def test_a_taylor_polynomial_without_finite_coefficients_can_be_printed():
    with np.errstate(all="ignore"):
        assert "inf" in repr(cr.taylor(np.sqrt, 0.0, 2))


def test_scipys_functions_of_the_table():
    special = pytest.importorskip("scipy.special")
    assert cr.grad(special.erf)(0.5) == cr.grad(cr.erf)(0.5)
    assert cr.grad(special.expit)(0.5) == cr.grad(cr.sigmoid)(0.5)


def test_a_large_number_beside_a_small_mistake_does_not_hide_it_from_the_diagnosis():
    report = cr.check(lambda w: 1e10 * w[0] + w[1] ** 2, lambda w: np.array([1e10, 3 * w[1]]), at=np.array([1.0, 2.0]))
    assert report.verdict.value == "WRONG"
    assert not any("missing" in cause for cause in report.causes)


def test_a_claim_about_the_first_of_two_arrays():
    report = cr.check(lambda y, t: np.mean((y - t) ** 2), lambda y, t: 2 * (y - t) / len(y))
    assert report.verdict.value == "CORRECT"
    assert "derivative by y alone" in str(report)
