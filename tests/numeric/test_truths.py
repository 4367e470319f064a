"""Closed forms first: every method, at points where the derivative is known by heart."""

import math

import numpy as np
import pytest

from chainrule import numeric
from chainrule.numeric import Doubt

METHODS = ("adaptive", "forward", "backward", "central", "richardson")
TRUTHS = [
    ("square", lambda x: x * x, 3.0, 6.0),
    ("cubic", lambda x: x**3 - x, -2.0, 11.0),
    ("sine", math.sin, 0.0, 1.0),
    ("sine at pi", math.sin, math.pi, -1.0),
    ("exponential", math.exp, 1.0, math.e),
    ("logarithm", math.log, 4.0, 0.25),
    ("tiny logarithm", math.log, 1e-8, 1e8),
    ("reciprocal", lambda x: 1 / x, 2.0, -0.25),
    ("root", math.sqrt, 9.0, 1 / 6),
    ("tanh", math.tanh, 0.0, 1.0),
    ("far square", lambda x: x * x, 1e8, 2e8),
    ("line", lambda x: 3 * x - 7, 5.0, 3.0),
    ("constant", lambda x: 4.0, 5.0, 0.0),
    ("live relu", lambda x: max(0.0, x), 2.0, 1.0),
    ("dead relu", lambda x: max(0.0, x), -2.0, 0.0),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("f", "x", "slope"), [t[1:] for t in TRUTHS], ids=[t[0] for t in TRUTHS])
def test_the_slope_lies_within_the_bar(f, x, slope, method):
    found = numeric.derivative(f, x, method=method)
    assert found.reason is None
    assert found.agrees_with(slope)
    assert found.method == method


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("f", "x", "slope"), [t[1:] for t in TRUTHS[:12]], ids=[t[0] for t in TRUTHS[:12]])
def test_a_wrong_slope_lies_outside(f, x, slope, method):
    found = numeric.derivative(f, x, method=method)
    assert not found.agrees_with(slope * 1.01)
    assert not found.agrees_with(-slope)
    assert not found.agrees_with(math.nan)


@pytest.mark.parametrize(("f", "x", "slope"), [t[1:] for t in TRUTHS[:11]], ids=[t[0] for t in TRUTHS[:11]])
def test_the_adaptive_method_gives_eleven_digits(f, x, slope):
    assert numeric.derivative(f, x).digits >= 11


@pytest.mark.parametrize("n", range(1, 9))
def test_nth_derivatives_of_the_exponential(n):
    found = numeric.nth(math.exp, 0.5, n)
    assert found.reason is None
    assert found.agrees_with(math.exp(0.5))
    assert found.error < 10.0 ** (3 * n - 13) if n < 4 else found.error < 0.2 * math.exp(0.5)


@pytest.mark.parametrize("method", METHODS)
def test_second_derivatives(method):
    found = numeric.derivative(math.sin, 1.0, order=2, method=method)
    assert found.agrees_with(-math.sin(1.0))
    assert found.error < 0.1


def test_second_is_the_second():
    found = numeric.second(lambda x: x**4, 2.0)
    assert found.agrees_with(48.0)
    assert found.digits > 9


def test_a_bend_in_the_second_derivative_is_refused():
    # x |x| has the slope 2 |x|, which is 0 at 0, but no second derivative there.
    assert numeric.second(lambda x: x * abs(x), 0.0).reason is not None


@pytest.mark.parametrize("name", ["forward", "backward", "central", "richardson"])
@pytest.mark.parametrize("step", [1e-1, 1e-2, 1e-4, 1e-6, 1e-9])
def test_the_error_of_a_given_step_is_measured(name, step):
    found = getattr(numeric, name)(math.exp, 1.0, step)
    assert found.step == step
    assert abs(found.value - math.e) <= found.error < 0.5


def test_the_bar_follows_the_truth_and_not_just_covers_it():
    coarse, fine = numeric.forward(math.exp, 1.0, 1e-2), numeric.forward(math.exp, 1.0, 1e-6)
    for found in (coarse, fine):
        assert found.error < 20 * abs(found.value - math.e)


COMPLEX = [
    ("power", lambda z: z**5, 1.5, 5 * 1.5**4),
    ("numpy", lambda z: np.exp(z) * np.sin(z), 0.7, math.exp(0.7) * (math.sin(0.7) + math.cos(0.7))),
    ("square at 0", lambda z: z * z, 0.0, 0.0),
    ("quotient", lambda z: z / (1 + z * z), 0.5, 0.75 / 1.25**2),
]


@pytest.mark.parametrize(("f", "x", "slope"), [c[1:] for c in COMPLEX], ids=[c[0] for c in COMPLEX])
def test_complex_step_is_exact_for_analytic_code(f, x, slope):
    found = numeric.complex_step(f, x)
    assert found.reason is None
    assert found.agrees_with(slope)
    assert found.error <= 1e-14 * max(1.0, abs(slope))


FOLDED = {
    "abs": lambda z: abs(z) * 2,
    "conj": lambda z: z * np.conj(z),
    "real": lambda z: np.real(z) ** 2,
    "float64 cast": lambda z: np.float64(np.asarray(z).astype(float)) ** 2,
    "partly real": lambda z: z**2 + 1e-6 * np.real(z),
    "hidden abs": lambda z: np.sin(z) + 1e-9 * abs(z),
    "angle": lambda z: np.angle(z + 1j) + z,
}


@pytest.mark.parametrize("f", FOLDED.values(), ids=FOLDED)
def test_complex_step_never_believes_folded_imaginary_parts(f):
    found = numeric.complex_step(f, 1.25)
    assert found.reason is Doubt.NOT_ANALYTIC
    assert math.isnan(found.value)
    assert found.error == math.inf


@pytest.mark.parametrize("f", [math.sin, lambda z: max(z, 0.0), lambda z: z if z > 0 else -z])
def test_complex_step_says_when_code_takes_no_complex_numbers(f):
    assert numeric.complex_step(f, 1.0).reason is Doubt.NOT_APPLICABLE
