"""Floats with tangents: the quick way gives the bits of the operator table's rows, or leaves the question to them."""

import math
import operator
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.carriers.dual import Dual
from chainrule.carriers.float_duals import moved
from chainrule.errors import ChainruleError
from chainrule.native.opcodes import NAMES
from chainrule.ops.row import TABLE

ROWS = [TABLE[name] for name in NAMES if name]
PYTHONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
}
LEVEL = 2
numbers = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, math.inf, math.nan, 5e-324, 1e308, 1e-200]), st.floats(-4.0, 4.0)
)  # fmt: skip
operands = st.one_of(st.tuples(numbers, numbers), st.integers(-3, 3))


def bits(x):
    return "nan" if x != x else struct.pack("d", x)


def carried(x, mask):
    return Dual(*x, LEVEL, mask) if isinstance(x, tuple) else x


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@settings(deadline=None, max_examples=15)
@given(left=operands, right=operands, mask=st.sampled_from([None, True]))
def test_the_quick_way_gives_the_bits_of_the_row(row, left, right, mask):
    given_args = (left, right)[: row.arity]
    args = tuple(carried(x, mask) for x in given_args)
    first = next((x for x in args if isinstance(x, Dual)), None)
    if first is None:
        return
    found = moved(row, args, first)
    if found is None:
        return
    plain = tuple(x[0] if isinstance(x, tuple) else x for x in given_args)
    y = row(*plain)
    tangent = row.push(y, plain, [x[1] if isinstance(x, tuple) else None for x in given_args], {})
    assert (bits(found.primal), bits(found.tangent)) == (bits(float(y)), bits(tangent))
    assert (type(found), found.level, found.mask) == (Dual, LEVEL, mask)
    if row.name in PYTHONS:
        assert bits(PYTHONS[row.name](*args).tangent) == bits(tangent)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_is_taken_for_most_floats(row):
    args = (Dual(0.5, 1.0, LEVEL), Dual(0.25, 0.0, LEVEL))[: row.arity]
    assert moved(row, args, args[0]) is not None


@pytest.mark.parametrize("name", PYTHONS)
def test_python_operators_raise_what_they_raise_for_floats(name):
    for a, b in [(1.0, 0.0), (0.0, -1.0), (-2.0, 0.5), (1e200, 200.0)]:
        try:
            expected = PYTHONS[name](a, b)
        except ArithmeticError as error:
            expected = type(error)
        for x, z in [(Dual(a, 1.0, LEVEL), b), (a, Dual(b, 1.0, LEVEL)), (Dual(a, 1.0, LEVEL), Dual(b, 1.0, LEVEL))]:
            if isinstance(expected, float):
                assert PYTHONS[name](x, z).primal == expected
            elif isinstance(expected, complex):
                with pytest.raises(ChainruleError):
                    PYTHONS[name](x, z)
            else:
                with pytest.raises(expected):
                    PYTHONS[name](x, z)


def parts(x):
    """The floats of a nested number, by levels."""
    return [x.level, x.mask, parts(x.primal), parts(x.tangent)] if isinstance(x, Dual) else bits(x)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "power"])
@settings(deadline=None, max_examples=25)
@given(left=st.tuples(operands, operands), right=st.tuples(operands, operands), mask=st.sampled_from([None, True]))
def test_nested_numbers_give_the_bits_of_the_row(name, left, right, mask):
    def nested(xs):
        return [Dual(*[float(x) if type(x) is int else carried(x, None) for x in xs], LEVEL + 2, mask), *map(lower, xs)]

    def lower(x):
        return x if type(x) is int else carried(x, None)

    def result(function, *args):
        try:
            return parts(function(*args))
        except (ArithmeticError, ChainruleError) as error:
            return type(error)

    for a in nested(left):
        for b in [*nested(right), 2, 2.0]:
            if isinstance(a, Dual) or isinstance(b, Dual):
                with np.errstate(all="ignore"):
                    quick, by_row = result(PYTHONS[name], a, b), result(TABLE[name], a, b)
                assert quick == by_row or (name == "power" and isinstance(quick, type))  # Python's raises where it does
