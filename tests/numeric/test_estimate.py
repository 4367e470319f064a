"""Estimate and its arguments: printing, digits, agreement, messages; how the function is called."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import numeric
from chainrule.errors import ArgumentError, DomainError, ShapeError
from chainrule.numeric import Doubt, Estimate


def test_it_prints_short():
    assert repr(Estimate(2.0, 1.23e-12, "adaptive", 0.1, 93)) == "Estimate(value=2.0, error=1.2e-12, method='adaptive')"
    kink = repr(numeric.derivative(abs, 0.0))
    assert kink.startswith("Estimate(value=0.0, error=1.0e+00, method='adaptive', reason=KINK, left=-1, right=1")


def test_digits_and_agreement():
    found = Estimate(2.0, 2e-10, "adaptive", 0.1, 93)
    assert found.digits == pytest.approx(10)
    assert found.agrees_with(2.0 + 1.9e-10)
    assert not found.agrees_with(2.0 + 3e-10)
    assert not found.agrees_with([2.0])
    assert Estimate(0.0, 0.0, "adaptive", 0.1, 93).digits == 16
    many = Estimate(np.array([1.0, 100.0]), np.array([1e-3, 1e-3]), "adaptive", 0.1, 93)
    assert many.digits == pytest.approx([3, 5])
    assert not many.agrees_with([1.0, math.nan])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: numeric.derivative(math.sin, [1.0]), ArgumentError, r"one real number.*list.*numeric\.gradient"),
        (lambda: numeric.derivative(math.sin, 1j), TypeError, "must be real number, not complex"),
        (lambda: numeric.derivative(math.sin, "a"), ArgumentError, "one real number"),
        (lambda: numeric.derivative(math.sin, math.inf), DomainError, "finite; inf arrived"),
        (lambda: numeric.derivative(math.sin, 1.0, method="best"), ArgumentError, "adaptive, forward.*'best'"),
        (lambda: numeric.derivative(math.sin, 1.0, order=0), ArgumentError, "from 1 to 8; 0 arrived"),
        (lambda: numeric.derivative(math.sin, 1.0, order=True), ArgumentError, "whole number"),
        (lambda: numeric.derivative(math.sin, 1.0, budget="huge"), ArgumentError, "'cheap'; 'huge' arrived"),
        (lambda: numeric.derivative(math.sin, 1.0, step=0.1), ArgumentError, "finds its own steps"),
        (lambda: numeric.derivative(math.sin, 1.0, bounds=(2, 3)), DomainError, "within `bounds`"),
        (lambda: numeric.derivative(math.sin, 1.0, method="complex", order=2), ArgumentError, "first derivatives"),
        (lambda: numeric.central(math.sin, 1.0, -0.1), ArgumentError, "positive finite.*-0.1"),
        (lambda: numeric.derivative(lambda x: "text", 1.0), ArgumentError, "returned str"),
        (lambda: numeric.derivative(lambda x: np.ones(2 + (x > 1)), 1.0), ShapeError, "keep one shape"),
    ],
)
def test_messages_say_what_to_write(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_other_exceptions_are_the_users():
    with pytest.raises(KeyError):
        numeric.derivative(lambda x: {}[x], 1.0)


def counting(f):
    calls = []

    def counted(x):
        calls.append(np.size(x))
        return f(x)

    return counted, calls


def test_evaluations_are_counted():
    for settings_ in ({}, {"budget": "cheap"}, {"method": "central"}, {"method": "richardson"}):
        f, calls = counting(math.sin)
        assert numeric.derivative(f, 0.3, vectorized=False, **settings_).evaluations == len(calls)


def test_array_calls_are_used_where_they_are_right():
    f, calls = counting(lambda x: x * np.exp(x))
    found = numeric.derivative(f, 0.3)
    assert found.agrees_with(1.3 * math.exp(0.3))
    assert len(calls) < 20
    assert sum(calls) == found.evaluations < 150


LIARS = {
    "reduction": lambda x: np.sum(x**2),
    "centred": lambda x: x**2 + (x - np.mean(x)),
    "normalised": lambda x: x**2 * np.max(np.abs(x)) / abs(np.max(x)) if np.max(x) > 0 else x**2,
    "branch": lambda x: x**2 if x > -100 else -x,
    "all branch": lambda x: x**2 if np.all(x > 1) else np.where(x > 1, x, x**2),
    "sorted": lambda x: np.sort(np.atleast_1d(x)).reshape(np.shape(x)) ** 2,
    "float only": lambda x: math.pow(x, 2),
    "constant shape": lambda x: np.ones(3) @ np.ones(3) + float(x) ** 2,
}


@pytest.mark.parametrize("f", LIARS.values(), ids=LIARS)
def test_array_calls_are_never_trusted_blindly(f):
    plain = numeric.derivative(f, 0.75, vectorized=False)
    found = numeric.derivative(f, 0.75)
    assert found.reason is plain.reason
    if plain.trusted:
        assert abs(found.value - plain.value) <= found.error + plain.error


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_low_precision_results(dtype):
    found = numeric.derivative(lambda x: np.sin(dtype(x)), 0.5)
    assert found.agrees_with(math.cos(0.5))
    assert found.error > 1e-3 * np.finfo(dtype).eps


@pytest.mark.parametrize("x", [0.0, 5e-324, -1e-300, 1e-200, 1e-30, 1e30, 1e200])
def test_no_size_of_x_is_special(x):
    assert numeric.derivative(lambda t: 3 * t + 2, x).agrees_with(3.0)
    second = numeric.derivative(lambda t: 3 * t, x, order=2)
    assert not second.trusted or second.agrees_with(0.0)


def test_code_that_wants_a_numpy_scalar_gets_one():
    assert numeric.derivative(lambda x: x.astype(float) ** 2, 2.0).agrees_with(4.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-100, 100, allow_subnormal=False), min_size=1, max_size=6),
    st.floats(-50, 50, allow_subnormal=False),
)
def test_polynomials_lie_within_their_bars(coefficients, x):
    p = np.polynomial.Polynomial(coefficients)
    found = numeric.derivative(lambda t: float(p(t)), x)
    rounding = 1e-15 * sum(abs(k * c * x ** max(k - 1, 0)) for k, c in enumerate(coefficients))
    if found.trusted:
        assert abs(found.value - float(p.deriv()(x))) <= found.error + rounding


@settings(max_examples=60, deadline=None)
@given(st.floats(-3, 3), st.floats(-8, 8), st.floats(-3, 3))
def test_the_chain_rule_holds_under_change_of_scale(x, exponent, phase):
    k = 10.0**exponent
    found = numeric.derivative(lambda t: math.sin(t / k + phase), x * k)
    if found.trusted:
        # The argument t / k + phase is rounded, which moves the true slope by about as much.
        assert abs(found.value * k - math.cos(x * k / k + phase)) <= found.error * k + 4e-15


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(-5, 5))
def test_two_different_slopes_are_always_a_kink(left, right, at):
    if abs(left - right) < 0.01 * max(left, right):
        return
    found = numeric.derivative(lambda x: (x - at) * (right if x > at else left), at)
    assert found.reason is Doubt.KINK
