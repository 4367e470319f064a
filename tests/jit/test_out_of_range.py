"""Compiled derivatives in which a number leaves the range of floats on its way are those of the function itself."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.emit import range_flags

pytestmark = pytest.mark.skipif(not range_flags.KNOWN, reason="the processor's flags are not read on this machine")

LOST = {  # a function, a point, another one that is harmless
    "a product": (lambda x, a, b: x * a * b * b, (1.0, 1e300, 1e-200), (1.0, 3.0, 2.0)),
    "a quotient": (lambda x, a, b: x / a / a * b * b, (1.0, 1e200, 1e200), (1.0, 3.0, 2.0)),
    "a power": (lambda x, a, b: (x * a) ** 2 * b, (1.0, 1e-170, 1e300), (1.0, 3.0, 2.0)),
    "a root": (lambda x, a, b: np.sqrt(a * x) * b, (1.0, 1e-300, 1e300), (1.0, 3.0, 2.0)),
    "an exponential": (lambda x, a, b: np.exp(a * x) * b * b, (1.0, -800.0, 1e175), (1.0, 3.0, 2.0)),
    "an overflow and back": (lambda x, a, b: x * a * a * b * b, (1.0, 1e200, 1e-200), (1.0, 3.0, 2.0)),
    "elements": (lambda x, a, b: np.sum(x * np.array([1.0, 2.0]) * a * b * b), (1.0, 1e300, 1e-200), (1.0, 3.0, 2.0)),
    "log1p of exp": (lambda x, a, b: np.log1p(np.exp(a * x)) + b, (0.5, 800.0, 1.0), (0.5, 3.0, 1.0)),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_on_the_way_is_found_as_by_the_function_itself(name):
    f, far, near = LOST[name]
    for slope in (cr.grad(f), cr.grad(cr.grad(f)), cr.grad(f, argnums=(0, 1, 2))):
        compiled = cr.jit(slope)
        for point in (near, far, near, far, far):
            assert compiled(*point) == pytest.approx(slope(*point), rel=1e-11, abs=1e-300)


def test_arrays_with_library_calls_between():
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = lambda x, a, b: np.sum((A @ (A @ (x * a)) * b) * b)
    compiled = cr.jit(cr.grad(f))
    x = np.array([0.5, 0.25])
    np.testing.assert_allclose(compiled(x, 1e300, 1e-200), cr.grad(f)(x, 1e300, 1e-200), rtol=1e-12)


def test_what_was_computed_before_is_no_cause():
    compiled = cr.jit(cr.grad(lambda x: math.sin(x) * x))
    compiled(1.0)
    for _ in range(5):
        assert 1e-200 * float("1e-200") == 0.0  # the processor's flag is up now
        compiled(1.0)
    assert compiled.version.unrecorded == 0
    assert "not finite" not in compiled.report()


def test_what_does_no_harm_is_looked_at_in_fewer_and_fewer_calls():
    calls = []

    def softmax(x):
        calls.append(1)
        e = np.exp(x - np.max(x))
        return np.sum(e / np.sum(e) * np.array([1.0, 2.0, 3.0]))

    slope = cr.grad(softmax)
    compiled, x = cr.jit(slope), np.array([0.0, 1.0, -2000.0])
    expected = slope(x)
    calls.clear()
    for _ in range(300):
        np.testing.assert_allclose(compiled(x), expected, rtol=1e-12)
    assert len(calls) < 15
    assert compiled.version.unrecorded == 0


CONSTANT = {
    "a number": (lambda x: x * 1e300 * 1e-200 * 1e-200, 1.0),
    "elements": (lambda x: np.sum(x * np.array([1.0, 2.0]) * 1e300 * 1e-200 * 1e-200), np.array([1.0, 3.0])),
    "beyond": (lambda x: x * x * 1e-300 * 1e200 * 1e200, 2.0),
    "a long loop": (lambda x: chain(x, 40) * 1e-160 * 1e-160, 2.0),
}


def chain(x, n):
    for _ in range(n):
        x = np.sin(x) * 1e4
    return x


@pytest.mark.parametrize("name", CONSTANT)
def test_what_constants_lose_is_found_too(name):
    f, x = CONSTANT[name]
    slope = cr.grad(f)
    compiled = cr.jit(slope)
    for _ in range(3):
        np.testing.assert_allclose(compiled(x), slope(x), rtol=1e-11)
    assert np.all(compiled(x))
