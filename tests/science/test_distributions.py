"""The distributions of `scipy.stats`: SciPy's values, and derivatives along a direction in all arguments at once.

Each distribution is tried with a third of its methods; with CHAINRULE_EVERY_POINT=1 in the environment with all.
"""

from __future__ import annotations

import math
import os

import mpmath
import numpy as np
import pytest
import scipy.stats
import scipy.stats as st
from science import laws
from scipy.stats import gamma, norm

import chainrule as cr
from chainrule.scipy.stats import LAWS
from chainrule.scipy.stats.discrete import Counts

pytestmark = pytest.mark.filterwarnings("ignore")

OF_A_VARIABLE = ["logpdf", "cdf", "logcdf", "pdf", "sf", "logsf", "ppf", "isf"]
OF_PARAMETERS = ["mean", "var", "entropy", "std", "median"]
METHODS = OF_A_VARIABLE + OF_PARAMETERS
EVERY = bool(os.environ.get("CHAINRULE_EVERY_POINT"))
CONTINUOUS = [name for name, law in LAWS.items() if not isinstance(law, Counts)]
DISCRETE = [name for name, law in LAWS.items() if isinstance(law, Counts)]
HELD = {
    "gausshyper": ["a", "b", "c", "z"], "norminvgauss": ["a", "b"], "vonmises_line": ["kappa"],
    "rel_breitwigner": ["rho"],
    "geninvgauss": ["p", "b"], "genhyperbolic": ["p", "a", "b"],
}  # fmt: skip
"""Shapes by which probabilities have no derivative."""
HEAVY = ("zipf", "yulesimon", "betanbinom", "nchypergeom_fisher", "nchypergeom_wallenius")
"""Distributions with an entropy of too many terms."""
ROUGH = {("halfgennorm", "var")}
"""What SciPy computes by a quadrature, to fewer digits."""


def along(name, method, variable, shapes, more, moving):
    """(function of t, 0.0): the method, with the arguments that move in a direction."""
    base = ([variable] if method in OF_A_VARIABLE else []) + [*shapes, *more]
    way = [0.1 * math.cos(k + 1.0) * m for k, m in enumerate(moving)]

    places = [k for k, m in enumerate(moving) if m]

    def f(*args):
        given = list(base)
        for k, x in zip(places, args, strict=True):
            given[k] = x
        return getattr(getattr(scipy.stats, name), method)(*given)

    def at(t):
        return f(*[base[k] + t * way[k] for k in places])

    return f, at, [base[k] for k in places], [way[k] for k in places]


def compare(name, method, f, at, base, way):
    true = np.asarray(at(0.0))
    tangents = tuple(np.full(np.shape(b), w)[()] for b, w in zip(base, way, strict=True))
    given = tuple(b * 1.0 for b in base)
    value, slope = cr.jvp(f, given, tangents)
    rough = (name, method) in ROUGH
    np.testing.assert_allclose(value, true, rtol=1e-7 if rough else 1e-10, atol=1e-14)
    use = np.isfinite(true)
    right = laws.difference(at, 0.0, 0.3)
    np.testing.assert_allclose(np.asarray(slope)[use], right[use], rtol=1e-5 if rough else 2e-6, atol=1e-8)
    y, pullback = cr.vjp(f, *given)
    pulled = pullback(np.ones_like(y)[()])
    total = sum(np.sum(g * t) for g, t in zip(pulled, tangents, strict=True) if np.any(t))
    if np.all(use):
        assert total == pytest.approx(np.sum(slope), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_values_are_scipys_and_derivatives_those_of_the_values(name):
    law, shapes = LAWS[name], laws.shapes(LAWS[name])
    x = getattr(st, name).ppf(laws.LEVELS, *shapes, 0.3, 1.7)
    every = ["pdf", "sf"] if name == "kstwobign" else METHODS if EVERY else METHODS[CONTINUOUS.index(name) % 3 :: 3]
    for method in every:
        if method in ("mean", "var", "std", "entropy") and law.shapes:
            wanted = {"mean": "mean", "entropy": "entropy"}.get(method, "var")
            if wanted not in law.moments:
                continue
        held = HELD.get(name, []) if method not in ("pdf", "logpdf", "mean", "var") else []
        moving = [s not in held and s not in law.whole for s in law.shapes]
        if method in OF_A_VARIABLE:
            variable = laws.LEVELS if method in ("ppf", "isf") else x
            moving = [0.1 if method in ("ppf", "isf") else 1.0, *moving]
            compare(name, method, *along(name, method, variable, shapes, (0.3, 1.7), [*moving, True, True]))
        elif np.all(np.isfinite(getattr(getattr(st, name), method)(*shapes))):
            compare(name, method, *along(name, method, None, shapes, (0.3, 1.7), [*moving, True, True]))


@pytest.mark.parametrize("name", DISCRETE)
def test_probabilities_of_whole_numbers(name):
    law, shapes = LAWS[name], laws.shapes(LAWS[name])
    k = np.array([-1.0, 0.0, 1.0, 2.0, 5.0, 1.5])

    def at(t):
        return [s if n in law.whole else s + 0.1 * t for n, s in zip(law.shapes, shapes, strict=True)]

    for method in ("pmf", "logpmf", "cdf", "sf", "logcdf", "mean", "var", "entropy"):
        variable = [k] if method in ("pmf", "logpmf", "cdf", "sf", "logcdf") else []
        if variable == [] and (method not in law.moments or (method == "entropy" and name in HEAVY)):
            continue

        def f(t, method=method, variable=variable):
            return getattr(getattr(scipy.stats, name), method)(*variable, *at(t), loc=1)

        true = np.asarray(f(0.0))
        value, slope = cr.jvp(f, (0.0,), (1.0,))
        np.testing.assert_allclose(value, true, rtol=1e-9, atol=1e-14)
        use = np.isfinite(true)
        np.testing.assert_allclose(np.asarray(slope)[use], laws.difference(f, 0.0, 0.3)[use], rtol=2e-6, atol=1e-8)
        np.testing.assert_allclose(cr.jacrev(f)(0.0), slope, rtol=1e-9, atol=1e-12)


FROZEN = gamma(2.0, scale=3.0)
Y = np.array([0.5, 1.5, -0.2, 4.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda t: np.sum(norm.logpdf(Y, t, 2.0)), lambda t: np.sum(norm(loc=t, scale=t * t).logpdf(Y)),
        lambda t: np.sum(FROZEN.logcdf(np.abs(Y) * t)), lambda t: st.norm.interval(0.9, loc=t)[1],
        lambda t: scipy.stats.t(df=t).ppf([0.2, 0.7])[0], lambda t: st.norm.logcdf(-40.0 * t),
        lambda t: st.norm.logsf(38.0 + t), lambda t: st.gamma.logsf(20.0, a=t), lambda t: norm.nnlf((t, 2.0), Y),
        lambda t: np.sum(st.expon.logpdf(Y + 1.0, scale=t)), lambda t: st.norm(t).std() + st.uniform(t, 2 * t).median(),
        lambda t: np.sum(st.lognorm.pdf([x * t for x in Y], 0.7)), lambda t: np.sum(st.weibull_min.logpdf([0.2, t], t)),
        lambda t: st.beta.sf(0.3, t, 2), lambda t: st.poisson.logpmf([1, 2], t)[1], lambda t: st.nbinom(t, 0.3).cdf(4),
        lambda t: st.nbinom.logpmf(k=np.array([0, 3]), n=t, p=t / (t + 2.0))[1],
        lambda t: st.genextreme.logpdf(0.3, t - 0.9), lambda t: st.genpareto.logsf(0.7, t - 0.9),
        lambda t: st.truncnorm.logpdf(9.0, 8.0 + t, np.inf),
    ],
)  # fmt: skip
def test_calls_as_people_write_them(f):
    def plain(t):
        return float(f(t))

    assert cr.grad(f)(0.9) == pytest.approx(laws.difference(plain, 0.9), rel=1e-6)
    second = cr.grad(cr.grad(f))(0.9)
    assert second == pytest.approx(laws.difference(cr.grad(f), 0.9), rel=1e-6, abs=1e-8)


def test_tails_keep_their_digits():
    hazard = cr.grad(lambda m: st.norm.logcdf(-100.0, m))(0.0)
    assert hazard == pytest.approx(-float(mpmath.npdf(100) / mpmath.ncdf(-100)), rel=1e-14)
    far = cr.grad(lambda m: st.norm.logcdf(m))(38.0)
    assert far == pytest.approx(math.exp(-(38.0**2) / 2) / math.sqrt(2 * math.pi), rel=1e-12)
    assert cr.grad(lambda x: st.logistic.logcdf(x))(-800.0) == 1.0


def test_outside_of_the_support_and_for_shapes_that_are_not_allowed():
    for f in (st.gamma.pdf, st.gamma.logpdf, st.gamma.cdf, st.gamma.logsf):
        y, slope = cr.jvp(f, (np.array([-1.0, np.nan, 1.0]), 2.0), (np.ones(3), 1.0))
        np.testing.assert_array_equal(y, f(np.array([-1.0, np.nan, 1.0]), 2.0))
        assert slope[0] == 0
        assert math.isnan(cr.jvp(f, (1.0, -2.0), (1.0, 1.0))[0])
        assert math.isnan(cr.jvp(lambda x, s, f=f: f(x, 2.0, scale=s), (1.0, -2.0), (1.0, 1.0))[0])


def test_compiled():
    def loss(p):
        return -np.sum(st.norm.logpdf(Y, p[0], p[1])) - np.sum(st.gamma.logcdf(Y, p[1], loc=-1.0))

    p = np.array([0.3, 1.4])
    compiled = cr.jit(cr.grad(loss))
    np.testing.assert_allclose(compiled(p), cr.grad(loss)(p), rtol=1e-12)
    np.testing.assert_allclose(compiled(p * 1.1), cr.grad(loss)(p * 1.1), rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: st.binom.logpmf(2, x, 0.3), "scipy.stats.binom: no derivative by its argument n"),
        (lambda x: st.poisson.pmf(x, 0.3), "scipy.stats.poisson.pmf: no derivative by its argument k"),
        (lambda x: st.norm.fit([x, 1.0]), "scipy.stats.norm.fit has no derivative rule"),
        (lambda x: st.norm(x).rvs(), "scipy.stats.norm.rvs has no derivative rule"),
        (lambda x: st.landau.logpdf(x), "scipy.stats.landau.logpdf has no derivative rule"),
        (lambda x: st.ksone.logpdf(0.3, x), "scipy.stats.ksone: no derivative by its argument n"),
        (
            lambda x: st.gausshyper.cdf(0.3, x, 1.0, 1.0, 1.0),
            "scipy.stats.gausshyper.cdf: no derivative by its argument a",
        ),
        (lambda x: st.argus.mean(x), "scipy.stats.argus.mean has no derivative rule"),
    ],
)
def test_what_has_no_rule_is_refused_by_its_name(f, said):
    with pytest.raises(cr.ChainruleError, match=said.replace(".", r"\.")):
        cr.grad(f)(2.3)
