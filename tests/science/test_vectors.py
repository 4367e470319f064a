"""Every method of the distributions of vectors and matrices that has a rule, and objects as people hand them around."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as st
from science import laws

import chainrule as cr
from chainrule.errors import UnsupportedFunction
from chainrule.scipy.special import orthogonal
from chainrule.scipy.stats.discrete import Counts
from chainrule.scipy.stats.law import LAWS
from chainrule.scipy.stats.multivariate import RULES

C = np.array([[2.0, 0.3], [0.3, 1.0]])
W = np.array([[0.0, 0.2], [0.2, 0.1]])
ALPHA = np.array([1.3, 2.0, 3.0])
# What each distribution is given: the variable, and its parameters along a line.
GIVEN = {
    "multivariate_normal": ([0.4, 0.5], lambda t: (np.array([0.0, 1.0]) + t, C + t * W)),
    "multivariate_t": ([0.4, 0.5], lambda t: (np.array([0.0, 1.0]) + t, C + t * W, 4.0 + t)),
    "dirichlet": ([0.2, 0.3, 0.5], lambda t: (ALPHA + t * np.array([1.0, 0.3, -0.2]),)),
    "wishart": (C, lambda t: (5.0 + t, C + t * W)),
    "invwishart": (C, lambda t: (6.0 + t, C + t * W)),
    "multinomial": ([1, 2, 3], lambda t: (6, np.array([0.2, 0.3, 0.5]) + t * np.array([0.1, 0.2, -0.3]))),
    "matrix_normal": (np.array([[0.5, 1.0], [2.0, 3.0]]), lambda t: (np.zeros((2, 2)) + t, C + t * W, C)),
    "matrix_t": (np.array([[0.5, 1.0], [2.0, 3.0]]), lambda t: (np.zeros((2, 2)) + t, C + t * W, C, 4.0 + t)),
    "dirichlet_multinomial": ([1, 2, 3], lambda t: (ALPHA + t * np.array([1.0, 0.3, -0.2]), 6)),
    "vonmises_fisher": (np.array([0.0, 0.6, 0.8]), lambda t: (np.array([0.0, 0.0, 1.0]), 2.0 + t)),
    "normal_inverse_gamma": (0.4, lambda t: (0.5, 0.7 + t, 2.0 + t, 3.0 - t, 1.5 + t)),
}  # fmt: skip
CASES = [(name, method) for name in RULES if hasattr(st, name) for method in RULES[name]]


def difference(f, step=1e-3):
    y = [np.asarray(f(s * step)) for s in (-2, -1, 1, 2)]
    return (8 * (y[2] - y[1]) - (y[3] - y[0])) / (12 * step)


def compare(f, at=0.0):
    value, slope = cr.jvp(f, (at,), (1.0,))
    np.testing.assert_allclose(value, f(at), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(slope, difference(lambda t: f(at + t)), rtol=1e-8, atol=1e-10)
    y, pullback = cr.vjp(f, at)
    np.testing.assert_allclose(pullback(np.ones_like(y)[()])[0], np.sum(slope), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "method"), CASES, ids=[".".join(c) for c in CASES])
def test_values_are_scipys_and_derivatives_those_of_the_values(name, method):
    x, parameters = GIVEN[name]
    first = (x,) if method.startswith("log") or method == "cdf" else ()
    compare(lambda t: getattr(getattr(st, name), method)(*first, *parameters(t)))
    if name != "normal_inverse_gamma":
        compare(lambda t: getattr(getattr(st, name)(*parameters(t)), method)(*first))


def test_two_normal_variables_also_where_they_are_0():
    for h, k, rho in [(0, 0, 0.3), (0, 0, -0.9), (0, 1, 0.5), (-1, 0, 0.5), (1, -2, -0.7), (-3, -2, 0.95), (9, 9, 0.1)]:
        cov = np.array([[1.0, rho], [rho, 1.0]])
        at = np.array([h, k], float)
        y, slopes = cr.value_and_grad(lambda x, c=cov: st.multivariate_normal.cdf(x, cov=c))(at)
        assert abs(y - st.multivariate_normal.cdf(at, cov=cov)) < 1e-13
        beside = (at[::-1] - rho * at) / np.sqrt(1 - rho * rho)
        np.testing.assert_allclose(slopes, st.norm.pdf(at) * st.norm.cdf(beside), rtol=1e-12)
    with pytest.raises(UnsupportedFunction, match="cdf of more than two dimensions"):
        cr.grad(lambda x: st.multivariate_normal.cdf(x, cov=np.eye(3)))(np.ones(3))


COVARIANCES = {
    "from_diagonal": lambda t: [2.0 + t, 1.0],
    "from_cholesky": lambda t: [[1.5 + t, 0.0], [0.3, 1.0 - t]],
    "from_precision": lambda t: [[1.5 + t, 0.2], [0.2, 1.0 - t]],
    "from_eigendecomposition": lambda t: ([1.5 + t, 0.4], [[0.6, -0.8], [0.8, 0.6]]),
}


@pytest.mark.parametrize("maker", COVARIANCES)
def test_covariances_as_objects(maker):
    def matrix(t):
        return getattr(st.Covariance, maker)(COVARIANCES[maker](t))

    compare(lambda t: st.multivariate_normal.logpdf([0.4, 0.5], cov=matrix(t)))
    compare(lambda t: st.multivariate_normal([0.1, t], matrix(0.0)).logpdf([0.4, 0.5]))
    compare(lambda t: st.multivariate_normal([0.1, t], matrix(t)).entropy() + matrix(t).log_pdet)
    compare(lambda t: matrix(t).covariance)
    with pytest.raises(UnsupportedFunction, match=r"scipy.stats.Covariance.whiten"):
        cr.grad(lambda t: matrix(t).whiten([0.4, 0.5]).sum())(0.1)


def test_parameters_are_attributes_of_what_is_frozen():
    compare(lambda t: st.multivariate_normal(mean=[t, 0.0], cov=C).mean)
    compare(lambda t: st.multivariate_normal([t, 0.0], C + t * W).cov)
    compare(lambda t: st.dirichlet([t, 2.0]).alpha, 1.0)


def test_a_kernel_density_between_bounds():
    compare(lambda t: st.gaussian_kde([0.2, 1.0 + t, 2.0, 4.0]).integrate_box_1d(0.1, 1.3 + t))


@pytest.mark.parametrize("name", orthogonal.OBJECTS)
def test_polynomials_as_objects_of_lists(name):
    more = {"genlaguerre": (0.5,), "gegenbauer": (0.7,), "jacobi": (0.5, 0.7), "sh_jacobi": (2.5, 1.7)}.get(name, ())
    polynomial = getattr(sp, name)(3, *more)
    compare(lambda t: polynomial([t, 0.5]), 0.3)
    compare(lambda t: getattr(sp, name)(3, *more)([[t, 0.5], [0.1, t]]) + polynomial(t), 0.3)


@pytest.mark.parametrize("name", sorted(name for name, law in LAWS.items() if isinstance(law, Counts)))
def test_medians_of_counts_are_steps(name):
    law = LAWS[name]
    shapes = laws.shapes(law)
    k = next((k for k, s in enumerate(law.shapes) if s not in law.whole), None)
    f = getattr(st, name).median
    if k is not None:
        value, slope = cr.value_and_grad(lambda s: f(*shapes[:k], s, *shapes[k + 1 :]))(shapes[k])
        assert (value, slope) == (f(*shapes), 0.0)
