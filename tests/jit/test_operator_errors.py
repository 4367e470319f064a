"""Python's operators inside a jitted function that catches what they raise: `1 / 0.0` goes to the `except`."""

import itertools
import math
import operator

import numpy as np
import pytest
from jit.agreement import by_rows

import chainrule as cr
from chainrule.errors import ArgumentError
from chainrule.sweeps import repeated

NASTY = (2.0, 1.0, 0.0, -1.0, 0.5, 1e200, 3.0, math.inf, -0.0, 1e-200, -2.0, 2.0)
OPERATORS = {
    "1 / x": lambda x: 1.0 / x,
    "x / (x - 1)": lambda x: x / (x - 1.0),
    "1 / x of a whole number": lambda x: 1 / x,
    "3 % x": lambda x: 3.0 % x,
    "3 // x": lambda x: 3.0 // x + x,
    "x ** -1": lambda x: x**-1,
    "x ** 3.0": lambda x: x**3.0,
    "2 ** x": lambda x: 2.0**x if x == x else x,
    "divmod": lambda x: divmod(3.0, x)[1],
    "1 / (1 / x)": lambda x: 1.0 / (1.0 / x),
}


def by_class(operation, *classes):
    def f(x):
        try:
            return operation(x) * 2.0
        except classes:
            return 7.0 * x

    return f


def by_name(operation):
    def f(x):
        try:
            return operation(x) * 2.0
        except (ZeroDivisionError, OverflowError):
            return 7.0 * x

    return f


def by_any(operation):
    def f(x):
        try:
            return operation(x) * 2.0
        except Exception:
            return 7.0 * x

    return f


def same(a, b):
    return (a != a and b != b) or math.isclose(a, b, rel_tol=1e-12)


@pytest.mark.parametrize("name", OPERATORS)
def test_what_operators_raise_is_caught(name, monkeypatch):
    operation = OPERATORS[name]
    monkeypatch.setattr(repeated, "back_in_range", lambda *_: None)  # a compiled sweep is not repeated
    for f in (by_name(operation), by_any(operation), by_class(operation, ArithmeticError)):
        fast, slope, plain = by_rows(f, monkeypatch), by_rows(cr.grad(f), monkeypatch), cr.grad(f)
        for x in NASTY:
            assert same(fast(x), f(x)), x
            assert same(slope(x), plain(x)), x


def test_in_machine_code():
    f = by_name(OPERATORS["x / (x - 1)"])
    fast, slope = cr.jit(f), cr.jit(cr.grad(f))
    for x in (2.0, 1.0, 3.0, 1.0, -1.0):
        assert same(fast(x), f(x))
        assert same(slope(x), cr.grad(f)(x))


def test_two_operands(monkeypatch):
    for operation in (operator.truediv, operator.mod, operator.pow):

        def f(x, y, operation=operation):
            try:
                return operation(x, y)
            except ArithmeticError:
                return x - y

        fast = by_rows(f, monkeypatch)
        for x, y in itertools.product((2.0, 0.0, 1e200), (1.0, 0.0, -1.0, 2.0)):
            assert same(fast(x, y), f(x, y)), (operation, x, y)


def test_arrays_answer_as_numpy_does(monkeypatch):
    def f(x):
        try:
            return np.sum(1.0 / x) + 1.0 / x[0]
        except ZeroDivisionError:
            return 0.0

    with np.errstate(divide="ignore"):
        assert by_rows(f, monkeypatch)(np.zeros(2)) == f(np.zeros(2)) == math.inf


def test_without_an_except_nothing_is_guarded(monkeypatch):
    fast = by_rows(lambda x: 1.0 / (x - 1.0), monkeypatch)
    assert fast(2.0) == 1.0
    assert fast(1.0) == math.inf
    assert not fast.specialisations[0].versions[0].recorded.guards


def raised_inside(x):
    with np.errstate(all="raise"):
        try:
            return np.sum(np.log(x))
        except FloatingPointError:
            return np.sum(x)


def raised_outside(x):
    try:
        return np.sum(np.log(x))
    except FloatingPointError:
        return np.sum(x)


@pytest.mark.parametrize("f", [raised_inside, raised_outside])
def test_floating_point_errors_of_numpy_are_refused(f):
    with pytest.raises(ArgumentError, match="FloatingPointError"):
        cr.jit(f)(np.ones(2))


def test_what_is_only_silenced_is_taken(monkeypatch):
    def f(x):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sum(np.log(x))

    assert by_rows(f, monkeypatch)(np.ones(2)) == 0.0


@pytest.mark.parametrize("transform", [lambda f: f, cr.grad])
def test_powers_that_python_makes_complex_are_refused_while_recorded(transform):
    for f in (lambda x: (-x) ** 0.5, lambda x: abs((x - 9.0) ** 1.5), lambda x: (-2.0) ** x):
        with pytest.raises(cr.errors.DomainError, match="no real value"):
            cr.jit(transform(f))(0.7)
    assert math.isnan(cr.jit(transform(lambda x: np.power(-x, 0.5)))(0.7))
