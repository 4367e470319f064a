"""Functions of two numbers where these are zero, infinite, or far apart: NumPy's or SciPy's value, and a slope."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
import scipy.special

import chainrule as cr

LARGEST = float(np.finfo(float).max)
NUMBERS = [0.0, -0.0, 1.0, -1.0, 5e-324, LARGEST, -LARGEST, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("jitted", [False, True])
def test_the_next_float_has_slope_one_but_for_the_one_after_an_infinity(jitted: bool) -> None:
    a, b = map(np.array, zip(*itertools.product(NUMBERS, repeat=2), strict=True))
    with np.errstate(all="ignore"):
        want = np.nextafter(a, b)
        step = cr.value_and_grad(lambda a, b: (np.sum(y := np.nextafter(a, b)), y), argnums=(0, 1), has_aux=True)
        (_, got), (by_a, by_b) = (cr.jit(step) if jitted else step)(a, b)
    np.testing.assert_array_equal(got, want)
    steps_in = np.isinf(a) & (want != a)
    np.testing.assert_array_equal(by_a, np.where(steps_in, 0.0, 1.0))
    assert not by_b.any()


@pytest.mark.parametrize("ratio", [1.0, 0.3, 1e-8, 1e-99, 1e-101, 1e-200])
@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-90, 1e150, 1e300])
def test_slopes_of_the_arithmetic_geometric_mean_at_any_scale(ratio: float, scale: float) -> None:
    gradient = cr.grad(scipy.special.agm, argnums=(0, 1))
    with mpmath.workdps(500):
        u = mpmath.mpf(scale * ratio) / mpmath.mpf(scale)
        first, second = (mpmath.diff(mpmath.agm, (u, 1), n, h=u * mpmath.mpf(10) ** -200) for n in ((1, 0), (0, 1)))
        want = float(first), float(second)
    np.testing.assert_allclose(gradient(scale * ratio, scale), want, rtol=1e-13)
    np.testing.assert_allclose(gradient(scale, scale * ratio), want[::-1], rtol=1e-13)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_slopes_of_the_arithmetic_geometric_mean_at_its_ends(sign: float) -> None:
    gradient = cr.grad(scipy.special.agm, argnums=(0, 1))
    assert gradient(0.0, 2.0 * sign) == (math.inf, 0.0)
    assert gradient(math.inf * sign, 2.0 * sign) == (0.0, math.inf)
    for undefined in [(0.0, 0.0), (math.inf, math.inf), (1.0, -1.0), (math.nan, 1.0)]:
        assert np.isnan(gradient(*undefined)).all()
