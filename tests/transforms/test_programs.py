"""Random programs of table operators: reverse = forward = Taylor's first coefficient = differences."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr

# Smooth on all reals, and tame enough that a program of eight of them stays finite.
UNARY = [cr.sin, cr.cos, cr.tanh, cr.arctan, cr.sigmoid, cr.softplus, cr.arcsinh, cr.erf, cr.square, cr.negative]
BINARY = [
    cr.add,
    cr.subtract,
    cr.multiply,
    lambda a, b: cr.hypot(a, 1 + b * b),
    cr.logaddexp,
    lambda a, b: a / (1 + b * b),
]
FOLD = [cr.sum, cr.mean, cr.logsumexp, cr.var, lambda x: cr.sum(cr.cumsum(x))]

step = st.one_of(
    st.tuples(st.sampled_from(UNARY), st.integers(0, 99)),
    st.tuples(st.sampled_from(BINARY), st.integers(0, 99), st.integers(0, 99)),
)
programs = st.tuples(st.lists(step, min_size=1, max_size=8), st.sampled_from(FOLD))
points = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=3, max_size=3).map(np.array)


def run(program):
    """A program as a function: each step computes a new value from any of those before it."""
    steps, fold = program

    def f(x, s):
        values = [x, s]
        for operator, *picks in steps:
            values.append(operator(*(values[k % len(values)] for k in picks)))
        return fold(sum(values[1:], values[0]))

    return f


@given(programs, points, st.floats(-2, 2).map(lambda x: round(x, 3)))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_all_modes_agree(program, x, s):
    f = run(program)
    v, w = np.array([0.3, -1.0, 0.5]), 0.7
    dx, ds = cr.grad(f, argnums=(0, 1))(x, s)
    slope = float(dx @ v + ds * w)
    scale = float(np.abs(dx) @ np.abs(v)) + abs(ds * w) + 1e-300
    _, forward = cr.jvp(f, (x, s), (v, w))
    _, (taylor, second) = cr.jet(f, (x, s), ((v, 0 * v), (w, 0.0)))
    assert abs(forward - slope) <= 1e-12 * scale
    assert abs(taylor - slope) <= 1e-12 * scale

    reference = cr.numeric.derivative(lambda t: float(f(x + t * v, s + t * w)), 0.0)
    if reference.reason is None:
        assert abs(slope - reference.value) <= 10 * reference.error + 1e-9 * scale

    curvature = cr.jvp(lambda x, s: cr.jvp(f, (x, s), (v, w))[1], (x, s), (v, w))[1]
    assert abs(curvature - 2 * second) <= 1e-9 * (abs(curvature) + scale)
    product = cr.hvp(f, (x, s), (v, w))
    assert abs(float(product[0] @ v + product[1] * w) - curvature) <= 1e-9 * (abs(curvature) + scale)
