"""Functions that ask what kind of number they are given: the slope is that of the function of plain numbers, or the
difference is an error. Neither needs verify=True."""

import collections.abc
import contextlib
import decimal
import fractions
import functools
import json
import math
import numbers
import struct

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.questions import ASKED
from chainrule.errors import AnotherFunction, ChainruleError, DroppedDerivative

X = 0.7


def attempt(convert, *errors):
    """convert(x) * x, or x where that raises."""

    def f(x):
        try:
            return convert(x) * x
        except errors or Exception:  # noqa: B030
            return x

    return f


def bare(x):
    try:
        return float(decimal.Decimal(x)) * x
    except:  # noqa: E722
        return x


def suppressed(x):
    y = x
    with contextlib.suppress(TypeError):
        y = float(decimal.Decimal(x)) * x
    return y


def matched(x):
    match x:
        case float():
            return x * x
        case _:
            return 3 * x


def inner(x):
    def helper(y):
        return y * y if isinstance(y, float) else y

    return sum(helper(v) for v in [x])


def defaulted(x, kinds=(int, float)):
    return x * x if isinstance(x, kinds) else x


# The slope at 0.7 is 1.4, that of x * x.
ANSWERED = {
    "isinstance float": lambda x: x * x if isinstance(x, float) else 3 * x,
    "isinstance (int, float)": lambda x: x * x if isinstance(x, (int, float)) else 3 * x,
    "isinstance Real": lambda x: x * x if isinstance(x, numbers.Real) else 3 * x,
    "isinstance ndarray": lambda x: 3 * x if isinstance(x, np.ndarray) else x * x,
    "isinstance Iterable": lambda x: 3 * x if isinstance(x, collections.abc.Iterable) else x * x,
    "isinstance union": lambda x: x * x if isinstance(x, int | float) else 3 * x,
    "isinstance in a helper": inner,
    "isinstance by a default": defaulted,
    "all of them": lambda x: x * x if all(isinstance(v, float) for v in [x]) else x,
    "np.isscalar": lambda x: x * x if np.isscalar(x) else 3 * x,
    "hasattr shape": lambda x: 3 * x if hasattr(x, "shape") else x * x,
    "hasattr __len__": lambda x: 3 * x if hasattr(x, "__len__") else x * x,
    "hasattr is_integer": lambda x: x * x if hasattr(x, "is_integer") else 3 * x,
    "getattr": lambda x: x * x if getattr(x, "shape", None) is None else 3 * x,
    "type": lambda x: x * x if type(x) is float else 3 * x,
    "type name": lambda x: x * x if type(x).__name__ == "float" else 3 * x,
    "is_integer": lambda x: 3 * x if x.is_integer() else x * x,
    "dir": lambda x: x * x if "hex" in dir(x) else 3 * x,
    "dir of the function": lambda x: x * x if dir() == ["x"] and vars() == {"x": x} else 3 * x,
    "getattr data": lambda x: x * getattr(x, "data", x),
}

# Of plain numbers these are x * x; traced they would be something else.
OTHERS = {
    "match": matched,
    "__class__": lambda x: x * x if x.__class__ is float else 3 * x,
    "name of __class__": lambda x: x * x if x.__class__.__name__ == "float" else 3 * x,
    "in a set": lambda x: x * x if x in {X} else 3 * x,
    "in a frozenset": lambda x: x * x if x in frozenset((X, 1.0)) else 3 * x,
    "in a dict": lambda x: x * x if x in {X: 1} else 3 * x,
    "get": lambda x: {X: X}.get(x, 1.0) * x,
    "hash": lambda x: x * x if hash(x) == hash(X) else 3 * x,
    "Decimal": attempt(lambda x: float(decimal.Decimal(x))),
    "Decimal, TypeError": attempt(lambda x: float(decimal.Decimal(x)), TypeError),
    "Decimal of str": attempt(lambda x: float(decimal.Decimal(str(x))), ArithmeticError),
    "Fraction": attempt(lambda x: float(fractions.Fraction(x))),
    "json": attempt(lambda x: json.loads(json.dumps(x)), TypeError),
    "struct": attempt(lambda x: struct.unpack("d", struct.pack("d", x))[0], struct.error),
    "str": attempt(lambda x: float(str(x)), ValueError),
    "repr": attempt(lambda x: float(repr(x)), ValueError),
    "hex": attempt(lambda x: float.fromhex(x.hex()), AttributeError),
    "hex of float": attempt(lambda x: float.fromhex(float.hex(x))),
    "f-string": lambda x: float(f"{x:.17g}") * x,
    "f-string, stripped": lambda x: float(f"{x:30.17g}".strip()) * x,
    "format": lambda x: float(format(x, ".17g")) * x,
    "str.format": lambda x: float(f"{x:.17g}") * x,
    "bare": bare,
    "suppressed": suppressed,
    "nested": lambda x: functools.reduce(lambda a, f: f(a), [attempt(lambda v: float(str(v)))], x),
}  # fmt: skip

MODES = {
    "grad": lambda f: cr.grad(f)(X),
    "vjp": lambda f: cr.vjp(f, X)[1](1.0)[0],
    "jvp": lambda f: cr.jvp(f, (X,), (1.0,))[1],
    "jacobian": lambda f: cr.jacobian(f)(X),
    "taylor": lambda f: cr.taylor(f, X, 1).coefficients[1],
    "settings": lambda f: cr.grad(lambda x, g: g(x))(X, f),
    "second": lambda f: X * cr.grad(cr.grad(f))(X),
    "grad of jvp": lambda f: X * cr.grad(lambda x: cr.jvp(f, (x,), (1.0,))[1])(X),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_questions_are_answered_as_for_plain_numbers(name):
    for mode, of in MODES.items():
        assert of(ANSWERED[name]) == pytest.approx(2 * X), mode


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_answer_cannot_hide_is_an_error(name):
    for mode, of in MODES.items():
        with pytest.raises(ChainruleError) as caught:
            of(OTHERS[name])
        assert isinstance(caught.value, (AnotherFunction, DroppedDerivative)), mode


@pytest.mark.parametrize("name", ["isinstance float", "np.isscalar", "hasattr shape"])
def test_jit_answers_as_for_plain_numbers(name):
    assert cr.jit(ANSWERED[name])(X) == pytest.approx(X * X)


@pytest.mark.parametrize("name", ["get", "in a set", "Decimal", "f-string", "bare"])
def test_jit_records_no_other_function(name):
    for f in (OTHERS[name], cr.grad(OTHERS[name])):
        with pytest.raises(ChainruleError):
            cr.jit(f)(X)


def test_arrays_are_arrays():
    x = np.array([0.3, 0.9])
    f = lambda x: np.sum(x * x if isinstance(x, np.ndarray) else x)
    np.testing.assert_array_equal(cr.grad(f)(x), 2 * x)
    g = lambda x: sum(v * v if isinstance(v, float) else v for v in x)
    np.testing.assert_array_equal(cr.grad(g)(x), 2 * x)
    h = lambda x: np.sum(x * x if hasattr(x, "shape") and hasattr(x, "__len__") else x)
    np.testing.assert_array_equal(cr.grad(h)(x), 2 * x)


def test_values_can_be_asked_for_by_name():
    assert cr.grad(lambda x: 3 * x if isinstance(x, (cr.Value, str)) else x)(X) == 3.0
    assert isinstance(cr.Value(1.0), cr.Value)


def test_questions_without_consequence_pass():
    printed = []

    def f(x):
        printed.append(f"{x:.3f} {x} {type(x).__name__} {len({x, x})}")
        try:
            y = math.log(x - 1)
        except ValueError:
            y = x
        return y * x

    assert cr.grad(f)(X) == pytest.approx(2 * X)
    assert printed[0].startswith("0.700 Value(data=0.7)")


def test_errors_of_arithmetic_ask_nothing():
    before, calls = ASKED[0], []

    def f(x):
        calls.append(x)
        try:
            return math.log(x - 1) + 1 / (x - x)
        except (ValueError, ZeroDivisionError):
            return x

    cr.grad(f)(X)
    assert (ASKED[0], len(calls)) == (before, 1)


def test_values_that_are_drawn_are_not_another_function():
    random = np.random.default_rng(0)
    assert cr.grad(lambda x: x * x + random.normal() if type(x) is not int else x)(X) == pytest.approx(2 * X)


def test_an_error_of_plain_numbers_is_said():
    def f(x):
        if x in {X}:
            raise RuntimeError("no floats")
        return x

    with pytest.raises(AnotherFunction, match="no floats"):
        cr.grad(f)(X)
