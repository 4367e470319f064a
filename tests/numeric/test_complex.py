"""Derivatives of complex functions by values alone: the convention, and bars that hold."""

import cmath

import numpy as np
import pytest
from holomorphic import HOLOMORPHIC

from chainrule import numeric
from chainrule.errors import ArgumentError, ShapeError
from chainrule.numeric import Doubt

POINTS = (-0.5 + 0.25j, 3 - 1e-3j, 40.0 - 2j, 0.7 + 0j, 1e-6 + 2j)


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_bars_of_holomorphic_functions_hold(name):
    (f, slope), trusted = HOLOMORPHIC[name], 0
    for z in POINTS:
        found = numeric.derivative(f, z)
        assert found.reason in (None, Doubt.NOISY, Doubt.UNRESOLVED), (z, found)
        if found.reason is None:
            assert found.agrees_with(slope(z)), (z, found, slope(z))
            size, trusted = abs(slope(z)), trusted + 1
            assert size < 1e-6 or not found.agrees_with(slope(z) * 1.001), (z, found)
    assert trusted >= 4


REAL = {
    "abs2": (lambda z: np.sum(np.abs(z) ** 2), lambda z: 2 * z),
    "real": (lambda z: np.sum((z**2).real), lambda z: 2 * np.conj(z)),
    "imag": (lambda z: np.sum(np.exp(z).imag), lambda z: np.conj(-1j * np.exp(z))),
    "log abs": (lambda z: np.sum(np.log(np.abs(z))), lambda z: z / np.abs(z) ** 2),
    "angle": (lambda z: np.sum(np.angle(z)), lambda z: 1j * z / np.abs(z) ** 2),
}


@pytest.mark.parametrize("name", REAL)
def test_gradients_of_real_functions_point_uphill(name):
    f, slope = REAL[name]
    for z in (np.array([1 + 2j, -0.5 + 0.25j]), 0.7 - 0.2j, np.array(1j - 0.5), np.array([[3 - 1j]])):
        found = numeric.gradient(f, z)
        assert found.trusted
        assert found.agrees_with(slope(z)), (z, found)
        assert not found.agrees_with(np.conj(slope(z))), (z, found)
        v = (0.3 - 0.8j) * np.ones_like(z)
        along = numeric.directional(f, z, v)
        assert along.agrees_with(np.sum(np.real(np.conj(slope(z)) * v)))


def test_complex_results_of_real_arguments_are_differentiated_part_by_part():
    assert numeric.derivative(lambda t: cmath.exp(1j * t), 1.0).agrees_with(1j * cmath.exp(1j))
    assert numeric.derivative(lambda t: cmath.exp(1j * t), 1.0, method="central").agrees_with(1j * cmath.exp(1j))
    assert numeric.derivative(lambda t: np.exp(1j * t), 1.0, order=3).agrees_with(-1j * np.exp(1j))
    x = np.array([1.0, 2.0, 4.0])
    assert numeric.jacobian(np.fft.fft, x).agrees_with(np.fft.fft(np.eye(3)))
    assert numeric.directional(np.fft.fft, x, [1.0, 0.0, 1.0]).agrees_with(np.fft.fft([1.0, 0.0, 1.0]))
    assert numeric.partial(lambda a, b: (a * b).imag, (2.0, 3 + 1j), 1).agrees_with(2j)
    kinked = numeric.derivative(lambda t: abs(t) + 1j * t, 0.0)
    assert kinked.reason is Doubt.KINK


def test_jacobians_by_complex_numbers():
    z = np.array([1 + 2j, 0.5 - 1j])
    assert numeric.jacobian(lambda z: z**2 * z[::-1], z).agrees_with(
        [[2 * z[0] * z[1], z[0] ** 2], [z[1] ** 2, 2 * z[1] * z[0]]]
    )
    assert numeric.jacobian(lambda z: np.abs(z) ** 2, z).agrees_with(np.diag(2 * z))
    folded = numeric.jacobian(lambda z: np.array([z[0], np.conj(z[1])]), z)
    assert folded.reason is Doubt.NOT_HOLOMORPHIC
    assert [[r is None for r in row] for row in folded.reasons] == [[True, True], [True, False]]


def test_estimates_of_complex_numbers():
    found = numeric.derivative(lambda z: z**3, 1 + 2j)
    assert type(found.value) is complex
    assert type(found.error) is float
    assert 12 < found.digits <= 16
    assert repr(found).startswith("Estimate(value=(-")
    assert not found.agrees_with(complex("nan"))
    assert numeric.second(lambda z: z**3, 1 + 2j).agrees_with(6 + 12j)


def test_what_has_no_complex_derivative_is_said():
    for f in (np.conj, np.abs, lambda z: z.real + 0j, lambda z: z * abs(z)):
        assert numeric.derivative(f, 1 + 2j).reason is Doubt.NOT_HOLOMORPHIC
    with pytest.raises(ShapeError, match="one real result"):
        numeric.gradient(np.exp, 1j)
    with pytest.raises(ArgumentError, match="complex step is for real arguments"):
        numeric.derivative(np.exp, 1j, method="complex")
    with pytest.raises(ArgumentError, match="complex step is for real results"):
        numeric.derivative(lambda t: np.exp(1j * t), 1.0, method="complex")
    with pytest.raises(ArgumentError, match="`bounds` are for real arguments"):
        numeric.gradient(np.abs, 1j, bounds=(0.0, 1.0))
