"""Methods that only SciPy's newer distributions have."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st

import chainrule as cr
from chainrule.errors import UnsupportedFunction

pytestmark = pytest.mark.skipif(not hasattr(st, "Normal"), reason="SciPy has no such distributions yet")
MAKERS = {
    "Normal": lambda t: st.Normal(mu=0.3 + t, sigma=1.2 - 0.4 * t),
    "Uniform": lambda t: st.Uniform(a=0.1 - t, b=2.2 + 0.3 * t),
    "scaled": lambda t: st.Normal(mu=0.3 + t, sigma=1.2) * (2.0 + t) + 0.5,
    "gamma": lambda t: st.make_distribution(st.gamma)(a=1.7 + t),
}
CALLS = {
    "ilogcdf": lambda d, t: d.ilogcdf(-1.3 + t),
    "ilogcdf in a list": lambda d, t: d.ilogcdf([-1e3, -1.3 + t]),
    "ilogccdf": lambda d, t: d.ilogccdf(-0.2 - t),
    "between": lambda d, t: d.cdf(0.2, 0.9 + t),
    "between, far out": lambda d, t: d.cdf(2.0 + t, 2.1),
    "outside": lambda d, t: d.ccdf(0.2 - t, 0.9),
    "mean": lambda d, t: d.moment(1),
    "second moment": lambda d, t: d.moment(2, kind="raw"),
    "central moment": lambda d, t: d.moment(order=2, kind="central"),
    "skewness": lambda d, t: d.skewness() + t,
    "kurtosis": lambda d, t: d.kurtosis() * t + d.kurtosis(convention="excess"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("maker", MAKERS)
def test_values_are_scipys_and_derivatives_those_of_the_values(maker, call):
    def f(t):
        return CALLS[call](MAKERS[maker](t), t)

    if maker == "gamma" and call.partition(" ")[0] in ("ilogcdf", "ilogccdf", "skewness", "kurtosis"):
        with pytest.raises(UnsupportedFunction, match=r"scipy\.stats\.gamma"):
            cr.grad(lambda t: np.sum(f(t)))(0.0)
        return
    value, slope = cr.jvp(f, (0.0,), (1.0,))
    y = [np.asarray(f(s * 1e-3)) for s in (-2, -1, 1, 2)]
    np.testing.assert_allclose(value, f(0.0), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(slope, (8 * (y[2] - y[1]) - (y[3] - y[0])) / 0.012, rtol=1e-8, atol=1e-10)
    assert cr.grad(lambda t: np.sum(f(t)))(0.0) == pytest.approx(np.sum(slope), rel=1e-12)


def test_numbers_on_the_left_of_a_distribution():
    for f in (lambda a: (a + st.Normal()).mean(), lambda a: (a * st.Normal()).logpdf(0.3)):
        expected = cr.numeric.derivative(lambda a, f=f: float(f(a)), 1.3)
        for found in (cr.grad(f)(1.3), cr.jvp(f, (1.3,), (1.0,))[1]):
            assert found == pytest.approx(expected.value, abs=5 * expected.error + 1e-10)
