"""What computes rows for NumPy's arrays in few passes: the bits of the formulas, whatever the layout in memory."""

import inspect
import math

import mpmath
import numpy as np
import pytest
from ops import reference

import chainrule as cr
from chainrule.ops import contractions, kernels

FORMULAS = [
    *(kernels.sigmoid, kernels.softplus, kernels.sech2, kernels.gaussian, kernels.gaussian_slope, kernels.erf),
    *(kernels.sin, kernels.cos),
    *(kernels.logaddexp, kernels.share),
]
SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    np.inf,
    -np.inf,
    np.nan,
    5e-324,
    -1e-310,
    1e308,
    -1e308,
    6.0,
    30.0,
    -30.1,
    745.0,
    -800.0,
]


def numbers(seed, count):
    random = np.random.default_rng(seed)
    wide = 10.0 ** random.uniform(-300, 300, count // 8)
    return random.permutation(np.concatenate([SPECIAL, wide, -wide, random.normal(0.0, 4.0, count)]))


def bits(x):
    return np.where(np.isnan(x), np.nan, x).view(np.int64).tolist()


def operands(formula, count):
    arity = len(inspect.signature(formula).parameters)
    a, b = numbers(0, count), numbers(1, count)
    return [(a,)] if arity == 1 else [(a, b), (a, 0.25), (-0.5, b), (a, a)]


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("count", [8, 5000])
def test_values_are_those_of_the_formula_in_numpy_to_the_last_bit(formula, count):
    with np.errstate(all="ignore"):
        for args in operands(formula, count):
            found = formula(*args)
            swapped = [x.astype(x.dtype.newbyteorder()) if isinstance(x, np.ndarray) else x for x in args]
            assert bits(found) == bits(np.asarray(formula(*swapped), np.float64))  # bytes that only NumPy reads
            strided = [np.repeat(x, 3)[::3] if isinstance(x, np.ndarray) else x for x in args]
            assert bits(formula(*strided)) == bits(found)
            assert formula(*[x[:0] if isinstance(x, np.ndarray) else x for x in args]).shape == (0,)
            first = formula(*[np.float64(x[3]) if isinstance(x, np.ndarray) else np.float64(x) for x in args])
            assert bits(np.array([first])) == bits(found[3:4])


@pytest.mark.parametrize("formula", [kernels.logaddexp, kernels.share], ids=lambda f: f.__name__)
def test_operands_are_repeated_as_numpy_does(formula):
    a, b = np.linspace(-3.0, 4.0, 5)[:, None], np.linspace(2.0, -1.0, 4)
    one_by_one = [[float(formula(np.float64(x), np.float64(y))) for y in b] for x in a[:, 0]]
    assert formula(a, b).tolist() == one_by_one
    single = formula(a.astype(np.float32), 0.5)
    assert single.dtype == np.float32
    assert single.shape == (5, 1)


def test_the_error_function_is_right_to_one_unit_of_the_last_place():
    random = np.random.default_rng(0)
    x = np.concatenate(
        [random.uniform(-1.1, 1.1, 400), random.uniform(0.9, 6.2, 400), 10.0 ** random.uniform(-307, 2, 100)]
    )
    worst = max(
        reference.ulps(float(y), mpmath.erf(mpmath.mpf(float(t)))) for t, y in zip(x, kernels.erf(x), strict=True)
    )
    assert worst <= 1.0


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sines_are_right_to_one_unit_of_the_last_place_beside_their_zeros_too(name):
    random = np.random.default_rng(1)
    turns = np.arange(1, kernels.FAR_OUT * 2 / math.pi, 19) * (math.pi / 2)
    sides = [turns, np.nextafter(turns, 0.0), np.nextafter(-turns, 0.0)]
    x = np.concatenate([*sides, random.uniform(-9.0, 9.0, 400), 10.0 ** random.uniform(-307, 6, 200)])
    with mpmath.workprec(240):
        true = [getattr(mpmath, name)(mpmath.mpf(float(t))) for t in x]
        worst = max(reference.ulps(float(y), t) for y, t in zip(getattr(kernels, name)(x), true, strict=True))
    assert worst <= 0.8


@pytest.mark.parametrize("columns", [24, 50, 512])
def test_rows_of_a_matrix_that_no_cache_holds_are_added_up_as_they_lie(columns, monkeypatch):
    monkeypatch.setattr(contractions, "BEYOND_CACHES", 0)
    random = np.random.default_rng(columns)
    x, w, c = random.normal(size=(300, columns)), random.normal(size=columns), random.normal(size=300)
    for rows in (x, np.asfortranarray(x), x[::2], x.astype(np.float32)):
        weights = c[: len(rows)].astype(rows.dtype)
        found = cr.grad(lambda w, rows=rows, weights=weights: weights @ (rows @ w))(w.astype(rows.dtype))
        exact = [math.fsum(map(float, weights * column)) for column in rows.T]
        assert found.dtype == rows.dtype
        np.testing.assert_allclose(found, exact, rtol=0, atol=np.finfo(rows.dtype).eps * 300)
