"""Derivatives that a difference of nearly equal numbers, or of two infinities, would spoil: against mpmath."""

from __future__ import annotations

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp

import chainrule as cr
from chainrule.errors import UnsupportedFunction
from chainrule.scipy.digammas import digamma_gap

SIZES = [1e-8, 0.3, 5.0, 1e3, 1e6, 1e12]
STEPS = [1e-12, 1e-3, 0.5, 3.0, -1e-9]


def exact(f, at, order=1):
    with mp.workdps(50):
        return mp.diff(f, mp.mpf(at), order)


def along(truth, k, given):
    return lambda z: truth(*[z if i == k else mp.mpf(x) for i, x in enumerate(given)])


def near(found, true, tolerance):
    assert abs(found - true) <= tolerance * abs(true), (found, float(true))


@pytest.mark.parametrize("a", SIZES)
def test_differences_of_digammas(a):
    for h in [h for h in STEPS if a + h > 0]:
        with mp.workdps(50):
            true = mp.psi(0, mp.mpf(a) + mp.mpf(h)) - mp.psi(0, mp.mpf(a))
        near(digamma_gap(a, h), true, 5e-15)
        near(digamma_gap(np.array([a, 1.0]), h)[0], true, 5e-15)


TWO = {"beta": (sp.beta, mp.beta), "betaln": (sp.betaln, lambda a, b: mp.log(mp.beta(a, b))), "poch": (sp.poch, mp.rf)}


@pytest.mark.parametrize("name", TWO)
def test_functions_of_a_large_and_a_small_number(name):
    function, truth = TWO[name]
    for a, b in itertools.product((1e-6, 0.5, 2.0), (0.5, 100.0, 1e6)):
        for k, given in itertools.product((0, 1), ((a, b), (b, a))):
            if name == "poch" and (k == 1 or given[1] > 3):
                continue  # its own value has lost the digits
            f = cr.grad(function, argnums=k)
            true = exact(along(truth, k, given), given[k])
            if abs(true) > 1e-290:
                near(f(*given), true, 1e-13 if name == "betaln" else 3e-9)  # as the values


@pytest.mark.parametrize("z", [0.0, -1.0, -4.0, -2.5, -20.0, 0.2, 0.5, 0.7, 3.0])
def test_the_reciprocal_of_gamma_at_its_zeros(z):
    f = sp.rgamma
    for order in (1, 2, 3):
        f = cr.grad(f)
        near(f(z), exact(mp.rgamma, z, order), 1e-11)


@pytest.mark.parametrize("at", [(2.0, 3.0), (10.5, 11.5), (5.0, -1.0), (0.0, 1.0), (4.0, 9.0), (7.0, 2.0)])
def test_binomial_coefficients_where_they_are_zero(at):
    for k in (0, 1):
        true = exact(along(mp.binomial, k, at), at[k])
        found = cr.grad(sp.binom, argnums=k)(*at)
        assert abs(found - true) <= 1e-13 * max(1.0, abs(true)), (found, float(true))


def voigt(x, sigma, gamma):
    z = mp.mpc(x, gamma) / (sigma * mp.sqrt(2))
    return mp.re(mp.exp(-z * z) * mp.erfc(mp.mpc(0, -1) * z)) / (sigma * mp.sqrt(2 * mp.pi))


@pytest.mark.parametrize("at", [(0.4, 1e-3, 0.3), (0.4, 0.5, 0.3), (50.0, 0.5, 0.3), (-3.0, 0.17, 0.3)])
def test_a_narrow_profile_of_voigt(at):
    for k in range(3):
        true = exact(along(voigt, k, at), at[k])
        near(cr.grad(sp.voigt_profile, argnums=k)(*at), true, 1e-11)


PARAMETERS = {
    "eval_genlaguerre": (0.4,), "eval_gegenbauer": (0.7,), "eval_jacobi": (0.4, 0.8), "eval_sh_jacobi": (2.6, 1.4),
}  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_polynomials_by_their_parameters(name):
    function, given = getattr(sp, name), PARAMETERS[name]
    degrees, x, step = np.array([0, 1, 2, 5]), 0.3, 1e-3
    for k in range(len(given)):

        def f(p, k=k):
            return function(degrees, *[p if i == k else g for i, g in enumerate(given)], x)

        y = [f(given[k] + s * step) for s in (-2, -1, 1, 2)]
        slope, _ = cr.jvp(f, (given[k],), (1.0,))[::-1]
        np.testing.assert_allclose(slope, (8 * (y[2] - y[1]) - (y[3] - y[0])) / (12 * step), rtol=1e-9, atol=1e-11)
        assert math.isfinite(cr.grad(cr.grad(lambda p, f=f: f(p).sum()))(given[k]))
    with pytest.raises(UnsupportedFunction, match=f"{name}: by its parameters .* whole degrees"):
        cr.grad(lambda p: function(2.5, p, *given[1:], x))(given[0])
