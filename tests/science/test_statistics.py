"""Distributions of vectors, kernel densities, SciPy's newer distributions, and statistics of data."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import scipy.stats as st
from scipy.stats import Normal, gaussian_kde

import chainrule as cr
from chainrule.ops.registry import operator_named

pytestmark = pytest.mark.filterwarnings("ignore")

S = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.5]])
X, MU = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.0]]), np.array([0.3, -0.2, 0.1])
ALPHA, Y, W = np.array([1.3, 2.2, 0.7]), np.array([0.2, 1.1, 0.7, 3.0]), np.array([1.0, 2.0, 1.5, 0.3])
KDE, FROZEN, NORMAL = (
    gaussian_kde(np.array([0.0, 1.0, 2.5, 3.0])),
    st.multivariate_normal(MU, S),
    Normal(mu=1.0, sigma=2.0),
)
Gamma = st.make_distribution(st.gamma)
MOVED = Gamma(a=2.0) * 3 + 1
mvn, mvt = st.multivariate_normal, st.multivariate_t


def weighted(y):
    return np.sum(y * np.arange(1.0, 1 + np.size(y)))


CASES = {
    "mean": (lambda m: np.sum(mvn.logpdf(X, m, S)), MU),
    "points": (lambda x: np.sum(st.multivariate_normal(MU, S).pdf(x)), X),
    "frozen outside": (lambda x: np.sum(FROZEN.logpdf(x)), X),
    "covariance": (lambda c: np.sum(mvn(MU, c).logpdf(X)), S),
    "variances": (lambda c: mvn.logpdf([1.0, 2.0], [0.5, 0.1], cov=c), np.array([1.0, 2.0])),
    "one variance": (lambda c: mvn.logpdf([1.0, 2.0], [0, 0], c), 1.5),
    "entropy of vectors": (lambda c: mvn(MU, np.eye(3) * c).entropy(), 1.5),
    "one dimension": (lambda x: np.sum(mvn.logpdf(x, 0.5, 2.0)), Y),
    "t": (lambda m: np.sum(mvt.logpdf(X, m, S, df=3)), MU),
    "t by df": (lambda d: np.sum(mvt(MU, S, df=d).pdf(X)), 3.3),
    "dirichlet": (lambda a: st.dirichlet(a).logpdf([0.2, 0.5, 0.3]), ALPHA),
    "dirichlet without its last": (lambda a: st.dirichlet.pdf([0.2, 0.5], a), ALPHA),
    "dirichlet moments": (
        lambda a: st.dirichlet.entropy(a) + weighted(st.dirichlet.var(a)) + st.dirichlet(a).mean()[0], ALPHA,
    ),
    "wishart by df": (lambda d: st.wishart.logpdf(S, d, np.eye(3) + 0.1), 5.0),
    "wishart by scale": (lambda c: st.wishart(5, c @ c.T).logpdf(S), S + 0.3),
    "wishart by matrix": (lambda c: st.wishart.logpdf(c @ c.T, 5, np.eye(3)), S),
    "invwishart": (lambda c: st.invwishart(5, c @ c.T).logpdf(S), S + 0.3),
    "multinomial": (lambda p: st.multinomial.logpmf([1, 2, 3], 6, p / np.sum(p)), np.array([0.2, 0.3, 0.5])),
    "kde": (lambda x: np.sum(KDE(x)), Y),
    "kde log": (lambda x: np.sum(KDE.logpdf(x)), Y),
    "kde by data": (lambda d: np.sum(gaussian_kde(d)(Y)), np.array([0.0, 1.0, 2.5, 3.0])),
    "kde by weights": (lambda w: np.sum(gaussian_kde(Y, weights=w).logpdf([0.1, 0.5])), W),
    "kde by bandwidth": (lambda b: np.sum(st.gaussian_kde(Y, bw_method=b).pdf([0.1, 0.5])), 0.4),
    "kde in the plane": (lambda d: np.sum(gaussian_kde(d, "silverman")([[0.1], [0.5]])), np.vstack([Y, W**2])),
    "Normal": (lambda m: np.sum(st.Normal(mu=m, sigma=m * 2).logpdf(Y)), 0.7),
    "Normal made outside": (lambda x: np.sum(NORMAL.logcdf(x) + NORMAL.icdf(0.2)), Y),
    "Uniform": (lambda b: st.Uniform(a=0.0, b=b).logpdf(0.3) + st.Uniform(a=b, b=2.0).variance(), 0.7),
    "made": (lambda a: np.sum(Gamma(a=a).logpdf(Y)) + Gamma(a=a).mean(), 1.7),
    "made inside": (lambda a: np.sum((st.make_distribution(st.gamma)(a=a) * a + 1).cdf(Y + 1)), 1.7),
    "moved outside": (lambda x: np.sum(MOVED.logccdf(x)), Y + 1),
    "Binomial": (lambda p: st.Binomial(n=5, p=p).logpmf(2) + st.Binomial(n=5, p=p).mean(), 0.3),
    "newer moments": (
        lambda s: (Normal(mu=0.0, sigma=s) * 2 + s).standard_deviation() + Normal(sigma=s, mu=s).entropy(), 1.3,
    ),
    "skew without bias": (lambda x: st.skew(x, bias=False) + st.kurtosis(x, bias=False) + st.moment(x, 3), W),
    "pearsonr": (lambda x: st.pearsonr(x, Y).statistic + st.pearsonr(x, Y)[1], W),
    "linregress": (lambda x: st.linregress(x, Y).slope * st.linregress(x, Y)[1] + st.linregress(x, Y).stderr, W),
    "entropy": (lambda p: st.entropy(p) + st.entropy(p, W), Y),
    "means with weights": (lambda x: st.gmean(x, weights=W) + st.hmean(x) + st.pmean(x, 2.5), Y + 1),
    **{
        name: (lambda x, name=name: weighted(getattr(st, name)(x)), W + Y)
        for name in ("zscore", "gmean", "hmean", "skew", "kurtosis", "sem", "variation")
    },
}  # fmt: skip


def differences(f, x, h=1e-5):
    x = np.asarray(x, float)
    steps = np.eye(x.size).reshape(x.size, *x.shape) * h
    return np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps]).reshape(x.shape)


@pytest.mark.parametrize("name", CASES)
def test_the_derivative_is_that_of_scipys_value(name):
    f, x = CASES[name]
    value, pullback = cr.vjp(f, x)
    assert value == pytest.approx(f(x), rel=1e-10)
    np.testing.assert_allclose(pullback(1.0)[0], differences(f, x), rtol=1e-6, atol=1e-7)
    tangent = np.ones_like(x)[()]
    _, second = cr.jvp(cr.grad(f), (x,), (tangent,))
    g, h = cr.grad(f), 1e-5
    np.testing.assert_allclose(second, (g(x + h * tangent) - g(x - h * tangent)) / (2 * h), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["mean", "dirichlet", "kde by data", "Normal", "linregress"])
def test_compiled(name):
    f, x = CASES[name]
    np.testing.assert_allclose(cr.jit(cr.grad(f))(x), cr.grad(f)(x), rtol=1e-11)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda m: mvn.cdf(X[0], m, S), "scipy.stats.multivariate_normal.cdf"),
        (lambda m: st.multivariate_t.cdf(m, None, S, 3), "scipy.stats.multivariate_t.cdf has no derivative rule"),
        (lambda m: st.kendalltau(m, Y).statistic, "scipy.stats.kendalltau has no derivative rule"),
        (lambda m: gaussian_kde(m).integrate_gaussian(0, 1), "scipy.stats.gaussian_kde.integrate_gaussian"),
        (lambda m: st.Normal(mu=m, sigma=1.0).sample(), "scipy.stats.Normal"),
        (lambda m: np.sum(st.zscore(m, nan_policy="omit")), "scipy.stats.zscore: no derivative rule for the setting"),
    ],
)  # fmt: skip
def test_what_has_no_rule_is_refused_by_its_name(f, said):
    with pytest.raises(cr.ChainruleError, match=said.replace(".", r"\.")):
        cr.grad(f)(MU + 1.0)


class Model:
    def __init__(self):
        self.noise, self.parts = st.norm(0.0, 2.0), [st.gamma]


MODEL = Model()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: MODEL.noise.logpdf(x), lambda x: MODEL.noise.ppf(x), lambda x: MODEL.parts[0].logpdf(1.3, x),
        lambda x: MODEL.parts[0].ppf(0.3, 2.0, x), lambda x: sum(d.cdf(x, 2.0) for d in MODEL.parts),
    ],
)  # fmt: skip
def test_what_is_not_reached_says_what_to_write(f):
    with pytest.raises(cr.ChainruleError, match=r"have derivatives where the function finds them\n  by a name"):
        cr.grad(f)(0.3)


class Own(st.rv_continuous):
    def _pdf(self, x):
        return np.exp(-x)


OWN = Own(a=0.0, name="norm")


def test_a_distribution_of_the_users_is_refused():
    with pytest.raises(cr.ChainruleError, match="the distribution Own is computed by SciPy's code"):
        cr.grad(lambda x: OWN.logpdf(x))(0.3)
    histogram = st.rv_histogram(np.histogram([1.0, 2.0, 3.0, 4.0]))
    with pytest.raises(cr.ChainruleError, match=r"rv_histogram\.logpdf has no derivative rule"):
        cr.grad(lambda x: histogram.logpdf(x))(1.3)


def test_a_distribution_is_the_same_object_of_scipys_class():
    def f(x):
        same = st.norm is st.norm and isinstance(st.norm, st.rv_continuous)
        return st.distributions.norm.logpdf(x) if same else 0.0 * x

    assert cr.grad(f)(0.3) == -0.3


def test_what_scipy_does_not_accept_is_refused_by_scipy():
    with pytest.raises(ValueError, match="positive"):
        cr.grad(lambda m: mvn.logpdf(X[0], m, -S))(MU)
    with pytest.raises(ValueError, match="simplex"):
        cr.grad(lambda a: st.dirichlet.logpdf([0.9, 0.9, 0.3], a))(ALPHA)


def test_rows_are_found_again_by_their_names():
    for name in ("scipy.special.jv", "scipy.stats.gamma.cdf"):
        row = operator_named(name)
        assert pickle.loads(pickle.dumps(row)) is row


RESULTS = {
    "linregress": lambda x: st.linregress(W, x),
    "pearsonr": lambda x: st.pearsonr(x, W),
    "ttest_1samp": lambda x: st.ttest_1samp(x, 1.0),
    "ttest_ind": lambda x: st.ttest_ind(x, W),
    "ttest_rel": lambda x: st.ttest_rel(x, W),
    "f_oneway": lambda x: st.f_oneway(x, W),
    "bartlett": lambda x: st.bartlett(x, W),
    "levene": lambda x: st.levene(x, W),
    "chisquare": lambda x: st.chisquare(x, W * np.sum(x) / np.sum(W)),
    "jarque_bera": lambda x: st.jarque_bera(x),
    "theilslopes": lambda x: st.theilslopes(x, W),
    "sigmaclip": lambda x: st.sigmaclip(x),
    "describe": lambda x: st.describe(x)[2:],
    "combine_pvalues": lambda x: st.combine_pvalues(x / 4.0),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_unpack_as_scipys(name):
    """As many of them, in the same order."""
    f = RESULTS[name]
    expected = [np.asarray(y, float) for y in f(Y)]

    def unpacked(x):
        found = [*f(x)]
        assert len(found) == len(expected)
        return sum(np.sum(y * (1.0 + 0.3 * k)) for k, y in enumerate(found))

    value = cr.value_and_grad(unpacked)(Y)[0]
    assert value == pytest.approx(sum(np.sum(y * (1.0 + 0.3 * k)) for k, y in enumerate(expected)), rel=1e-9)


def test_what_else_a_result_has_is_refused_by_name():
    with pytest.raises(cr.errors.UnsupportedFunction, match="confidence_interval of a result"):
        cr.grad(lambda x: st.pearsonr(x, W).confidence_interval()[0])(Y)
