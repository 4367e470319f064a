"""What cannot be trusted is said, with the right word."""

import math

import numpy as np
import pytest
from numeric.corpus.case import jitter

from chainrule import numeric
from chainrule.numeric import Doubt

KINKS = {
    "abs": (abs, 0.0, -1.0, 1.0),
    "abs at 1": (lambda x: abs(x - 1), 1.0, -1.0, 1.0),
    "relu": (lambda x: max(0.0, x), 0.0, 0.0, 1.0),
    "leaky relu": (lambda x: x if x > 0 else 0.01 * x, 0.0, 0.01, 1.0),
    "bent sine": (lambda x: math.sin(x) + 0.25 * abs(x - 2), 2.0, math.cos(2) - 0.25, math.cos(2) + 0.25),
}


@pytest.mark.parametrize(("f", "x", "left", "right"), KINKS.values(), ids=KINKS)
@pytest.mark.parametrize("method", ["adaptive", "central", "richardson"])
def test_a_kink_comes_with_both_slopes(f, x, left, right, method):
    found = numeric.derivative(f, x, method=method)
    assert found.reason is Doubt.KINK
    assert found.left == pytest.approx(left, abs=1e-3)
    assert found.right == pytest.approx(right, abs=1e-3)
    assert found.error >= 0.4 * (right - left)


@pytest.mark.parametrize("method", ["forward", "backward", "central", "richardson", "adaptive"])
def test_no_method_is_fooled_by_symmetry(method):
    assert numeric.derivative(abs, 0.0, method=method).reason is Doubt.KINK


def test_a_cusp_has_unbounded_slopes():
    found = numeric.derivative(lambda x: math.sqrt(abs(x)), 0.0)
    assert found.reason is Doubt.KINK
    assert (found.left, found.right) == (-math.inf, math.inf)


@pytest.mark.parametrize("f", [lambda x: float(x >= 0), lambda x: math.exp(x) + (x > 0), np.sign])
def test_a_jump(f):
    found = numeric.derivative(f, 0.0)
    assert found.reason is Doubt.JUMP
    assert found.error == math.inf


def test_noise_without_a_slope():
    assert numeric.derivative(jitter, 0.3).reason is Doubt.NOISY


def test_an_endless_oscillation_is_not_resolved():
    found = numeric.derivative(lambda x: x * x * math.sin(1 / x) if x else 0.0, 0.0)
    assert found.reason is Doubt.UNRESOLVED


@pytest.mark.parametrize("budget", ["default", "cheap"])
@pytest.mark.parametrize(
    ("f", "x", "doubt"),
    [
        (lambda x: math.nan, 1.0, Doubt.NON_FINITE),
        (lambda x: math.inf, 1.0, Doubt.NON_FINITE),
        (math.log, -1.0, Doubt.OUT_OF_DOMAIN),
        (lambda x: 1 / x, 0.0, Doubt.OUT_OF_DOMAIN),
        (lambda x: math.exp(x), 1e4, Doubt.OUT_OF_DOMAIN),
        (lambda x: x**0.5, -2.0, Doubt.OUT_OF_DOMAIN),
    ],
)
def test_no_value_no_derivative(f, x, doubt, budget):
    found = numeric.derivative(f, x, budget=budget)
    assert found.reason is doubt
    assert math.isnan(found.value)


def test_numpy_warnings_do_not_leak():
    # All warnings are errors in this suite.
    assert numeric.derivative(np.log, -1.0).reason is Doubt.NON_FINITE
    assert numeric.derivative(np.log, 1e-9).agrees_with(1e9)


def test_the_domain_is_respected():
    seen = []

    def f(x):
        seen.append(x)
        return math.sqrt(x - 1) * (x - 1)

    found = numeric.derivative(f, 1.5, bounds=(1.25, 2.0), vectorized=False)
    assert found.agrees_with(1.5 * math.sqrt(0.5))
    assert min(seen) >= 1.25
    assert max(seen) <= 2.0


@pytest.mark.parametrize(("bounds", "x"), [((0.0, 5.0), 0.0), ((-5.0, 1.0), 1.0)])
def test_at_a_bound_the_slope_is_one_sided(bounds, x):
    found = numeric.derivative(lambda t: abs(t) + math.exp(abs(t - 1)), x, bounds=bounds)
    slope = 1 - math.e if x == 0 else 0.0
    assert found.reason is None
    assert found.agrees_with(slope)


def test_both_readings_of_a_faint_wiggle_lie_within_the_bar():
    found = numeric.derivative(lambda x: math.sin(x) + 1e-8 * math.sin(1e6 * x), 0.5)
    assert found.agrees_with(math.cos(0.5))
    assert found.agrees_with(math.cos(0.5) + 1e-2 * math.cos(5e5))


def test_float32_that_never_moves_is_not_called_flat():
    for method in ("adaptive", "forward", "backward", "central", "richardson"):
        found = numeric.derivative(lambda x: float(np.cos(np.float32(x))), 0.8, method=method)
        assert not found.trusted or found.agrees_with(-math.sin(0.8)), method


def test_doubts_explain_themselves():
    assert len({doubt.explanation for doubt in Doubt}) == len(Doubt)
    assert all(len(doubt.explanation) > 30 for doubt in Doubt)
