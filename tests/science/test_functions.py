"""SciPy's special functions as people call them: docs/scipy.md says what becomes of each."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy
import scipy.special as sp
from scipy.special import jv, logsumexp

import chainrule as cr
from benchmarks import scipy_coverage as coverage
from chainrule.carriers.complexes import Complex
from chainrule.scipy import special

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def found():
    return coverage.survey()


def test_nothing_is_wrong_or_confusing(found):
    bad = {name: states for name, states in found.items() if coverage.overall(states) in ("wrong", "confusing")}
    assert not bad


def test_the_page_is_as_it_was_made(found):
    text = coverage.PAGE.read_text()
    if f"SciPy {coverage.VERSION}:" not in text:
        pytest.skip("made with another SciPy, which has other functions")
    assert text == coverage.page(found)


def supported():
    """(name, function, its arguments, the place of the last one that has a derivative)"""
    for name, function in coverage.public().items():
        rule = special.UFUNCS.get(getattr(function, "__name__", name)) if hasattr(function, "nin") else None
        if rule is not None and name not in ("round", "gammasgn"):
            _, given = coverage.arguments(name, function)
            places = [k for k in range(len(given)) if k not in getattr(rule, "refused", ())]
            yield name, function, given, places[-1]


ALL = list(supported())


@pytest.mark.parametrize(("name", "function", "given", "k"), ALL, ids=[a[0] for a in ALL])
def test_lists_arrays_and_single_precision(name, function, given, k):
    def f(x):
        y = function(*given[:k], x, *given[k + 1 :])
        y = y[0] if isinstance(y, tuple) else y
        return y.imag if isinstance(y, Complex) else y

    def of_list(x):
        return f([x, x])[1]

    at = given[k] * 1.0
    slope = cr.grad(f)(at)
    assert cr.grad(of_list)(at) == pytest.approx(slope, rel=1e-14)
    _, pullback = cr.vjp(f, np.full((2, 3), at))
    np.testing.assert_allclose(pullback(np.ones((2, 3)))[0], np.full((2, 3), slope), rtol=1e-12)
    y, pullback = cr.vjp(f, np.full(3, at, np.float32))
    (single,) = pullback(np.ones_like(y))
    assert single.dtype == np.float32
    if name not in ("kolmogorov", "kolmogi", "hyp2f1", "hyperu"):  # whose kernels in single precision keep few digits
        np.testing.assert_allclose(single, np.full(3, slope), rtol=2e-3)


@pytest.mark.parametrize(("name", "function", "given", "k"), ALL[::23], ids=[a[0] for a in ALL[::23]])
def test_compiled_it_is_a_call_of_the_library(name, function, given, k):
    def f(x):
        y = function(*given[:k], x, *given[k + 1 :])
        y = y[0] if isinstance(y, tuple) else y
        return np.sum(y.imag if isinstance(y, Complex) else y)

    x = np.array([given[k], given[k] * 1.01])
    compiled = cr.jit(cr.grad(f))
    np.testing.assert_allclose(compiled(x), cr.grad(f)(x), rtol=1e-12)
    np.testing.assert_allclose(compiled(x * 1.01), cr.grad(f)(x * 1.01), rtol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        sp.erfcx, sp.softmax, logsumexp, functools.partial(jv, 1), functools.partial(sp.logsumexp, b=[1.0, 2.0]),
        lambda x: logsumexp([x, 2 * x]), lambda x: sp.logsumexp(x, axis=0, b=np.array([2.0, -0.5])),
        lambda x: scipy.special.log_softmax([x[0], x[1]]), lambda x: sp.polygamma([0, 1], x), lambda x: sp.zeta(1 + x),
        lambda x: sp.spherical_jn(2, x, derivative=True), lambda x: sp.spherical_kn(1, z=x), lambda x: sp.kv(x, 1.5),
        lambda x: sp.comb(5.5, x), lambda x: sp.lambertw(x).real, lambda x: sp.lambertw(-0.1 * x, -1).real,
        lambda x: sp.jvp(2, x, 3), lambda x: sp.diric(x, 4), lambda x: sp.airy(x)[2], lambda x: sp.ellipj(x, 0.5)[1],
        lambda x: np.sum(sp.softmax(np.stack([x, x * x]), axis=1) ** 2), lambda x: sp.multigammaln(5 + x[0], 3),
        lambda x: sp.gammainc(x, 0.5), lambda x: sp.betainc(x, 1 + x, 0.3), lambda x: sp.expn(0, x),
        lambda x: sp.jn(2, x), lambda x: sp.voigt_profile(x, x + 1.0, 0.5), lambda x: sp.factorial(2 * x),
    ],
)  # fmt: skip
def test_the_derivative_of_a_call_is_that_of_differences(f):
    def total(x):
        weights = np.cos(np.arange(1.0, np.size(y) + 1)).reshape(np.shape(y))
        return np.sum(f(x) * weights)

    x = np.array([0.7, 0.4])
    y = np.asarray(f(x)).real
    steps = 1e-5 * np.eye(2)
    right = [(total(x + h).real - total(x - h).real) / 2e-5 for h in steps]
    np.testing.assert_allclose(cr.grad(total)(x), right, rtol=1e-7, atol=1e-9)
    value, _ = cr.vjp(f, x)
    np.testing.assert_allclose(value, y, rtol=1e-12)
    np.testing.assert_allclose(cr.jvp(total, (x,), (np.array([1.0, 0.5]),))[1], right[0] + 0.5 * right[1], rtol=1e-7)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: sp.hyperu(x, 2.0, 1.0), "scipy.special.hyperu: no derivative by its argument a"),
        (lambda x: sp.eval_legendre([x], 0.3), "scipy.special.eval_legendre: no derivative by its argument n"),
        (lambda x: sp.ellip_harm(5.0, 8.0, 1, 1, x), "scipy.special.ellip_harm has no derivative rule"),
        (lambda x: sp.mathieu_a([x], 1), "scipy.special.mathieu_a: no derivative by its argument m"),
        (lambda x: sp.jvp(x, 1.0), "scipy.special.jvp: no derivative by its argument v"),
        (lambda x: sp.logsumexp(x, nan=1), "nan"),
        (lambda x: sp.erfcx(x, where=[True]), "scipy.special.erfcx: no derivative rule for the setting where="),
        (lambda x: sp.erfcx(x, out=np.zeros(1)), "scipy.special.erfcx cannot write"),
        (lambda x: sp.xlogy.outer(x, x), "scipy.special.xlogy.outer"),
        (lambda x: sp.lambertw(x, 3), "scipy.special.lambertw: no derivative rule for the setting k="),
        (lambda x: sp.comb(x, 2, exact=True), "scipy.special.comb"),
    ],
)
def test_what_has_no_rule_is_refused_by_the_name_it_is_called_by(f, said):
    with pytest.raises((cr.ChainruleError, TypeError), match=said.replace(".", r"\.")):
        cr.grad(f)(1.3)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sp.wofz((x + 0.3j) / 0.7).real, lambda x: np.abs(sp.hankel1(1, 2 * x)),
        lambda x: sp.gamma(0.5 + 1j * x).real,
        lambda x: sp.loggamma(x + 2j).imag, lambda x: np.angle(sp.erf(x * (1 + 1j))), lambda x: sp.jv(1, 1j * x).imag,
        lambda x: sp.exp1(x + 1j).real, lambda x: sp.sph_harm_y(3, 2, x, 2 * x).imag, lambda x: sp.kelvin(x)[1].imag,
        lambda x: np.abs(sp.digamma(-1.5 + 1j * x)), lambda x: sp.h1vp(1, x, 2).imag,
        lambda x: sp.modfresnelp(x)[1].real,
    ],
)  # fmt: skip
def test_complex_values_and_arguments(f):
    slope = cr.grad(f)
    for at in (0.7, 1.3):
        assert f(at) == pytest.approx(float(cr.jvp(f, (at,), (1.0,))[0]), rel=1e-12)
        for g, h in ((f, slope), (slope, cr.grad(slope))):
            a, b, c, d = (g(at + s * 1e-3) for s in (-2, -1, 1, 2))
            assert h(at) == pytest.approx((8 * (c - b) - (d - a)) / 12e-3, rel=1e-7, abs=1e-9)


def test_the_curvature_of_a_probability_that_is_almost_certain():
    assert cr.grad(cr.grad(sp.log_ndtr))(40.0) == 0.0
    assert cr.grad(cr.grad(sp.log_ndtr))(5.0) == pytest.approx(-7.4336019e-06, rel=1e-8)


def test_formulas():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x", real=True)
    found = cr.derive(lambda x: sp.jv(1, x) * sp.ndtr(x) + sp.k0(x))
    right = sympy.diff(sympy.besselj(1, x) * (1 + sympy.erf(x / sympy.sqrt(2))) / 2 + sympy.besselk(0, x), x)
    assert "besselj" in str(found)
    assert cr.grad(lambda x: sp.jv(1, x) * sp.ndtr(x) + sp.k0(x))(0.7) == pytest.approx(float(right.subs(x, 0.7)))


def test_without_lifting_too():
    x = cr.Value(0.7)
    sp.erfcx(x).backward()
    assert x.grad == pytest.approx(cr.grad(sp.erfcx)(0.7))
    with pytest.raises(cr.ChainruleError, match=r"scipy\.special\.mathieu_cem"):
        sp.mathieu_cem(1, cr.Value(0.7), 0.3)
