"""Nodes of floats know the common operators by number: their results and slopes are those of the table's rows, bit
for bit where they are normal numbers, and their curvatures those of forward over reverse."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule import Value
from chainrule.native.opcodes import NAMES
from chainrule.ops.row import TABLE
from chainrule.transforms.jacobians.jacobian import jacfwd

CODED = [TABLE[name] for name in NAMES if name]
DELICATE = [
    0.0, -0.0, 1.0, -1.0, 2.0, -2.5, 0.5, 1e-300, -1e-300, 5e-324, 1e300, -1e300, 709.0, 710.0, -745.0, 1e-9, 3.0,
    math.inf, -math.inf, math.nan,
]  # fmt: skip
floats = st.floats(width=64) | st.floats(min_value=-30.0, max_value=30.0)


def same(a, b):
    """Equal bit for bit; every nan is the same, and so are the two zeros."""
    return a == b or (a != a and b != b)


def agree(row, xs):
    leaves = [Value(x) for x in xs]
    y = row(*leaves)
    expected = row(*xs)
    assert same(y.data, expected), (xs, y.data, expected)
    y.backward()
    for i, leaf in enumerate(leaves):
        partial = row.partials[i]
        with np.errstate(all="ignore"):
            slope = partial(expected, *xs) if callable(partial) else float(partial)
        # a slope below 2.2e-308 is rounded once more where the pass divides by its power of 2
        assert same(leaf.grad, slope) or abs(leaf.grad - slope) <= 5e-324, (xs, i, leaf.grad, slope)


@pytest.mark.parametrize("row", CODED, ids=lambda row: row.name)
def test_values_and_slopes_at_delicate_points(row):
    for xs in itertools.product(DELICATE, repeat=row.arity):
        agree(row, xs)


@pytest.mark.parametrize("row", CODED, ids=lambda row: row.name)
def test_values_and_slopes_anywhere(row):
    @given(st.tuples(*[floats] * row.arity))
    def anywhere(xs):
        agree(row, xs)

    anywhere()


SMOOTH = [row for row in CODED if row.name not in ("maximum", "minimum", "relu", "absolute")]


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
@pytest.mark.parametrize("point", [(0.3, 0.7), (0.9, 2.0), (0.01, 3.0), (0.5, -1.0)])
def test_second_derivatives_are_those_of_forward_over_reverse(row, point):
    def f(*xs):
        return row(*xs) * (xs[0] + 1.5)

    wanted = tuple(range(row.arity))
    xs = point[: row.arity]
    ours, general = cr.hessian(f, wanted)(*xs), jacfwd(cr.grad(f, wanted), wanted)(*xs)
    assert np.array(ours) == pytest.approx(np.array(general), rel=1e-12, abs=1e-13)


def test_second_derivatives_where_a_slope_is_infinite_are_the_tables():
    f = lambda x: x[0] ** 1.5 * x[1] + x[1] ** 2
    assert np.array_equal(cr.hessian(f)(np.array([0.0, 1.0])), jacfwd(cr.grad(f))(np.array([0.0, 1.0])), equal_nan=True)


def test_a_hessian_of_elements_a_loop_reads():
    def rosenbrock(x):
        return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))

    x = np.linspace(-1.0, 2.0, 7)
    expected = np.zeros((7, 7))
    k = np.arange(6)
    expected[k, k] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    expected[k + 1, k + 1] += 200
    expected[k, k + 1] = expected[k + 1, k] = -400 * x[:-1]
    assert cr.hessian(rosenbrock)(x) == pytest.approx(expected, rel=1e-13)
    assert np.array(cr.hessian(rosenbrock)(list(x))) == pytest.approx(expected, rel=1e-13)
