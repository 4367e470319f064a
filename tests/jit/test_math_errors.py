"""Functions of math inside a jitted function, and in Taylor mode, raise what math raises."""

import math

import pytest

import chainrule as cr

NASTY = (-1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 710.0, 1e300, math.inf, -math.inf, math.nan)
ONE = (
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "exp", "exp2",
    "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "fabs", "gamma", "lgamma", "erf", "degrees",
)  # fmt: skip
TWO = ("pow", "fmod", "atan2", "hypot", "log")


def outcome(f, *args):
    try:
        return f(*args)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        return type(error).__name__


def same(got, want):
    if isinstance(want, str) or isinstance(got, str):
        return got == want
    return (got != got and want != want) or math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-300)


@pytest.mark.parametrize("name", ONE)
def test_of_one_number(name):
    function = getattr(math, name)

    def f(x):
        return function(x)

    fast, slope = cr.jit(f), cr.jit(cr.grad(f))
    for x in (*NASTY, *NASTY[::-1]):
        assert same(outcome(fast, x), outcome(f, x)), x
        assert isinstance(outcome(slope, x), str) == isinstance(outcome(f, x), str), x
        series = outcome(lambda x: cr.taylor(f, x, 1), x)
        assert isinstance(series, str) == isinstance(outcome(f, x), str), x
        assert not isinstance(series, str) or series == outcome(f, x)


@pytest.mark.parametrize("name", TWO)
def test_of_two_numbers(name):
    function = getattr(math, name)

    def f(x, y):
        return function(x, y)

    fast = cr.jit(f)
    for x in NASTY[:-2]:
        for y in NASTY[:-2]:
            assert same(outcome(fast, x, y), outcome(f, x, y)), (x, y)


def test_a_refusal_that_is_caught_leads_another_way():
    def f(x):
        try:
            return math.log(x) * math.sqrt(1.0 - x)
        except ValueError:
            return 2.0 * x

    fast, slope = cr.jit(f), cr.jit(cr.grad(f))
    for x in (0.5, -1.5, 2.0, 0.25, -3.0, 0.0, 0.75):
        assert math.isclose(fast(x), f(x), rel_tol=1e-12)
        assert math.isclose(slope(x), cr.grad(f)(x), rel_tol=1e-12)
    assert len(fast.specialisations[0].versions) <= 5


def test_in_loops():
    def f(xs):
        total = 0.0
        for k in range(2000):
            total = total + math.sqrt(xs[k % 3] + k)
        return total

    fast = cr.jit(f)
    assert math.isclose(fast([1.0, 2.0, 3.0]), f([1.0, 2.0, 3.0]), rel_tol=1e-12)
    with pytest.raises(ValueError, match=r"domain|expected"):
        fast([1.0, 2.0, -100.0])
    assert math.isclose(fast([1.0, 2.5, 3.0]), f([1.0, 2.5, 3.0]), rel_tol=1e-12)
