"""Rules given by hand: verified when registered, used in every mode."""

import math
import pickle

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError, CustomRuleError, ShapeError


@cr.custom_vjp
def cube(x):
    return x * x * x


cube.defvjp(lambda x: (cube(x), x), lambda x, ct: (3 * ct * x * x,))


@cr.custom_jvp
def growth(x):
    return math.exp(x)


@growth.defjvp(at=(0.3,))
def growth_rule(primals, tangents):
    (x,), (v,) = primals, tangents
    y = growth(x)
    return y, y * v


@cr.custom_vjp
def weigh(p, x):
    return {"product": p["w"] * x, "square": p["b"] ** 2}


def weigh_forward(p, x):
    return weigh(p, x), (p, x)


def weigh_backward(saved, ct):
    p, x = saved
    return {"w": np.sum(ct["product"] * x), "b": 2 * p["b"] * ct["square"]}, p["w"] * ct["product"]


weigh.defvjp(weigh_forward, weigh_backward, at=({"w": 2.0, "b": 3.0}, np.array([1.0, 2.0])))


@cr.custom_jvp
def polar(r, phi):
    return r * math.cos(phi), r * math.sin(phi)


@polar.defjvp
def polar_rule(primals, tangents):
    (r, phi), (dr, dphi) = primals, tangents
    c, s = math.cos(phi), math.sin(phi)
    return (r * c, r * s), (c * dr - r * s * dphi, s * dr + r * c * dphi)


@pytest.mark.parametrize(("f", "derivatives"), [(cube, [8.0, 12.0, 12.0, 6.0]), (growth, [math.exp(2)] * 4)])
def test_every_mode_uses_the_rule(f, derivatives):
    value, first, second, third = derivatives
    assert f(2.0) == value
    assert cr.value_and_grad(f)(2.0) == (value, pytest.approx(first))
    assert cr.jvp(f, (2.0,), (1.0,)) == (value, pytest.approx(first))
    assert cr.grad(cr.grad(f))(2.0) == pytest.approx(second)
    assert cr.jvp(cr.grad(f), (2.0,), (1.0,))[1] == pytest.approx(second)
    assert cr.grad(lambda x: cr.jvp(f, (x,), (1.0,))[1])(2.0) == pytest.approx(second)
    assert cr.grad(cr.grad(cr.grad(f)))(2.0) == pytest.approx(third)
    assert cr.taylor(f, 2.0, 3).derivatives == pytest.approx(derivatives)
    v = Value(2.0)
    f(v).backward()
    assert v.grad == pytest.approx(first)


def test_the_rule_is_really_the_one_used():
    @cr.custom_vjp
    def straight_through(x):
        return np.round(x)

    straight_through.defvjp(lambda x: (np.round(x), None), lambda _, ct: (ct,), verify=False)
    assert cr.grad(straight_through)(2.3) == 1.0
    assert cr.jvp(straight_through, (2.3,), (5.0,)) == (2.0, 5.0)


def test_containers_arrays_and_several_results():
    p, x = {"w": 2.0, "b": 3.0}, np.array([1.0, 2.0])
    loss = lambda p, x: np.sum(weigh(p, x)["product"] ** 2) + weigh(p, x)["square"]
    gp, gx = cr.grad(loss, argnums=(0, 1))(p, x)
    assert gp == {"w": 20.0, "b": 6.0}
    assert gx.tolist() == [8.0, 16.0]
    _, moved = cr.jvp(weigh, (p, x), ({"w": 1.0, "b": 1.0}, np.zeros(2)))
    assert moved["product"].tolist() == [1.0, 2.0]
    assert moved["square"] == 6.0
    assert cr.grad(lambda r, phi: polar(r, phi)[0] * polar(r, phi)[1], argnums=(0, 1))(2.0, 0.5) == pytest.approx(
        (2 * math.sin(1.0), 4 * math.cos(1.0))
    )


def test_hessian_through_a_rule():
    assert cr.hessian(lambda x: np.sum(cube(x)))(np.array([1.0, 2.0])).tolist() == [[6.0, 0.0], [0.0, 12.0]]


def test_values_computed_by_a_rule_are_pickled(monkeypatch):
    import sys
    import types

    module = types.ModuleType("custom_rules_of_a_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec("import chainrule as cr\n@cr.custom_vjp\ndef cube(x): return x * x * x", vars(module))
    module.cube.defvjp(lambda x: (x**3, x), lambda x, ct: (3 * ct * x * x,))
    x = Value(2.0)
    again, x2 = pickle.loads(pickle.dumps([module.cube(x) * x, x]))
    again.backward()
    assert (again.data, x2.grad) == (16.0, 32.0)


def wrong_factor():
    f = cr.custom_vjp(lambda x: x**3)
    f.defvjp(lambda x: (x**3, x), lambda x, ct: (2 * ct * x * x,))


def wrong_tangent():
    f = cr.custom_jvp(lambda x: np.sin(x))
    f.defjvp(lambda primals, tangents: (np.sin(primals[0]), -np.cos(primals[0]) * tangents[0]))


def gives_nan():
    f = cr.custom_vjp(lambda x: x * x)
    f.defvjp(lambda x: (x * x, x), lambda x, ct: (ct * math.nan,))


def nothing_to_verify_at():
    f = cr.custom_vjp(lambda text: text.upper())
    f.defvjp(lambda t: (t, t), lambda t, ct: (ct,))


def undefined():
    cr.grad(cr.custom_vjp(lambda x: x))(1.0)


def undefined_forward():
    cr.jvp(cr.custom_jvp(lambda x: x), (1.0,), (1.0,))


def too_few():
    f = cr.custom_vjp(lambda x, y: x * y)
    f.defvjp(lambda x, y: (x * y, (x, y)), lambda saved, ct: (ct * saved[1],))


def not_a_pair():
    f = cr.custom_vjp(lambda x: x)
    f.defvjp(lambda x: x, lambda saved, ct: (ct,))


def no_tangent():
    f = cr.custom_jvp(lambda x: x)
    f.defjvp(lambda primals, tangents: tangents[0])


def wrong_shape():
    f = cr.custom_vjp(lambda x: np.sum(x * x))
    f.defvjp(lambda x: (np.sum(x * x), x), lambda x, ct: (ct * np.ones(5),), at=(np.ones(2),))


MESSAGES = [
    (wrong_factor, CustomRuleError, "<lambda>: the rule disagrees with the function at 0."),
    (wrong_factor, CustomRuleError, "Correct the rule, or register it with verify=False if the difference is meant"),
    (wrong_tangent, CustomRuleError, "<lambda>: the rule disagrees with the function at "),
    (gives_nan, CustomRuleError, "along a random direction it gives nan"),
    (
        nothing_to_verify_at,
        CustomRuleError,
        "found no arguments to verify the rule at; pass some with at=(x, ...), or verify=False to register it unseen",
    ),
    (undefined, CustomRuleError, "<lambda>: call .defvjp(forward, backward) before differentiating it"),
    (undefined_forward, CustomRuleError, "<lambda>: call .defjvp(rule) before differentiating it"),
    (too_few, CustomRuleError, "<lambda>: backward should return a tuple of 2 cotangents, got ("),
    (not_a_pair, CustomRuleError, "<lambda>: forward should return (result, saved), got 0."),
    (no_tangent, CustomRuleError, "<lambda>: the rule should return (result, tangent), got "),
    (wrong_shape, ShapeError, "<lambda>: cotangent of argument 0: expected shape (2,), got (5,)"),
    (lambda: cr.custom_vjp(3.0), ArgumentError, "expected a function, got float"),
]


@pytest.mark.parametrize(("act", "error", "message"), MESSAGES)
def test_messages(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert message in str(caught.value)
    assert "test_custom.py:" in str(caught.value)


def test_a_refused_rule_is_not_used():
    f = cr.custom_vjp(lambda x: x * x)
    with pytest.raises(CustomRuleError):
        f.defvjp(lambda x: (x * x, x), lambda x, ct: (ct * x,))
    with pytest.raises(CustomRuleError, match="before differentiating"):
        cr.grad(f)(1.0)
    f.defvjp(lambda x: (x * x, x), lambda x, ct: (2 * ct * x,))
    assert cr.grad(f)(3.0) == 6.0
