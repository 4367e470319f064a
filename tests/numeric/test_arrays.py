"""Gradient, partial, directional derivative, Jacobian, Hessian: shapes, promotion, mutation."""

import math

import numpy as np
import pytest

from chainrule import numeric
from chainrule.errors import ArgumentError, ShapeError
from chainrule.numeric import Doubt

SHAPES = [(), (1,), (3,), (2, 2), (2, 1, 2), (0,)]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradient_has_the_shape_of_x(shape):
    x = np.arange(1.0, 1 + math.prod(shape)).reshape(shape)
    found = numeric.gradient(lambda w: np.sum(np.sin(w) * w), x)
    assert np.shape(found.value) == np.shape(found.error) == shape
    assert found.agrees_with(np.sin(x) + x * np.cos(x))
    assert found.reason is None


@pytest.mark.parametrize("x", [np.array([1, 2, 3]), [1, 2, 3], np.array([1, 2, 3], np.int8), (1.0, 2.0, 3.0)])
def test_integers_are_promoted(x):
    seen = set()

    def f(w):
        seen.add(w.dtype)
        return np.sum(w**3)

    assert numeric.gradient(f, x).agrees_with([3.0, 12.0, 27.0])
    assert seen == {np.dtype(float)}


def test_x_is_never_changed():
    x = np.array([1.0, 2.0])
    kept = x.copy()

    def vandal(w):
        total = float(np.sum(w**2))
        w[:] = 0
        return total

    assert numeric.gradient(vandal, x).agrees_with([2.0, 4.0])
    assert numeric.jacobian(lambda w: [vandal(w)], x).agrees_with([[2.0, 4.0]])
    assert np.array_equal(x, kept)


@pytest.mark.parametrize("method", ["adaptive", "central", "forward", "richardson", "complex"])
def test_every_method_reaches_the_gradient(method):
    found = numeric.gradient(lambda w: w[0] * w[1] ** 2, np.array([2.0, 3.0]), method=method)
    assert found.agrees_with([9.0, 12.0])
    assert found.method == method


def test_each_element_keeps_its_own_reason():
    found = numeric.gradient(lambda w: np.sum(np.maximum(w, 0)), np.array([-1.0, 0.0, 2.0]))
    assert found.reason is Doubt.KINK
    assert found.reasons.tolist() == [None, Doubt.KINK, None]
    assert np.allclose(found.value[[0, 2]], [0.0, 1.0])


def test_a_gradient_of_very_different_sizes():
    scales = np.array([1e-8, 1.0, 1e8])
    found = numeric.gradient(lambda w: np.sum(scales * np.exp(w)), np.zeros(3))
    assert found.agrees_with(scales)


def test_the_jacobian_appends_the_shape_of_x():
    a = np.arange(6.0).reshape(2, 3)
    found = numeric.jacobian(lambda w: a @ np.tanh(w), np.array([0.1, 0.2, 0.3]))
    assert found.agrees_with(a * (1 - np.tanh([0.1, 0.2, 0.3]) ** 2))
    square = numeric.jacobian(lambda w: w @ w, np.eye(2) + 1)
    assert square.value.shape == (2, 2, 2, 2)
    assert numeric.jacobian(np.sum, np.ones(3)).value.shape == (3,)
    assert numeric.jacobian(lambda t: np.array([t, t * t]), 3.0).agrees_with([1.0, 6.0])


def test_elements_of_one_output_share_their_samples():
    calls = []

    def f(t):
        calls.append(t)
        return np.array([t, math.sin(t), math.exp(t), 5.0])

    found = numeric.derivative(f, 0.5)
    assert found.agrees_with([1.0, math.cos(0.5), math.exp(0.5), 0.0])
    assert found.evaluations == len(calls) < 260


def test_the_hessian_of_a_product():
    found = numeric.hessian(lambda w: w[0] ** 2 * w[1] + math.sin(w[2]), np.array([1.0, 2.0, 0.5]))
    assert found.agrees_with([[4.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, -math.sin(0.5)]])
    assert np.max(found.error) < 1e-6
    assert numeric.hessian(lambda t: t**3, 2.0).agrees_with(12.0)


def test_directional_derivatives():
    x, v = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    assert numeric.directional(lambda w: w[0] * w[1], x, v).agrees_with(5.0)
    assert numeric.directional(lambda w: w[0] * w[1], x, v, order=2).agrees_with(-6.0)
    assert numeric.directional(lambda w: w**2, x, v).agrees_with(2 * x * v)
    assert numeric.directional(lambda w: w[0] * w[1], x, 0 * v).agrees_with(0.0)


def test_partial_holds_the_other_arguments():
    found = numeric.partial(lambda a, b: float(a @ b), (np.array([1.0, 2.0]), np.array([3.0, 4.0])), 1)
    assert found.agrees_with([1.0, 2.0])
    assert numeric.partial(lambda a, b: a / b, (1.0, 2.0), -1).agrees_with(-0.25)


def test_mistakes_are_answered_with_what_to_write():
    with pytest.raises(ShapeError, match=r"one result.*numeric\.jacobian"):
        numeric.gradient(lambda w: w, np.ones(2))
    with pytest.raises(ShapeError, match="one result"):
        numeric.hessian(lambda w: w, np.ones(2))
    with pytest.raises(ShapeError, match=r"shape of x, \(2,\); it has \(3,\)"):
        numeric.directional(np.sum, np.ones(2), np.ones(3))
    with pytest.raises(ShapeError, match="one real result"):
        numeric.gradient(np.sum, np.array([1j]))
    with pytest.raises(ArgumentError, match="hold numbers"):
        numeric.gradient(np.sum, np.array(["1"]))
    with pytest.raises(ArgumentError, match="by real numbers"):
        numeric.hessian(np.sum, np.array([1j]))
    with pytest.raises(ArgumentError, match="one of 2 arguments"):
        numeric.partial(lambda a, b: a, (1.0, 2.0), 2)
