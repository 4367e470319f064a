"""The pass over floats gives what the general sweep gives, whatever gradients there were before, to the last bit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import Value
from chainrule.sweeps.floats import float_pass
from chainrule.sweeps.reverse import sweep

STEPS = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (b * b + 1.0),
    lambda a, b: (a * 0.3).tanh(), lambda a, b: -a, lambda a, b: a.relu() + b, lambda a, b: (b * b) ** 1.5,
    lambda a, b: (1e-310 / (a * a + 1.0)) * b,
]  # fmt: skip
numbers = st.floats(-3.0, 3.0, allow_nan=False)
# Below that the first product of a cotangent is rounded to a few bits, and the slopes after it enlarge what was lost.
cotangents = numbers.filter(lambda ct: ct == 0.0 or abs(ct) > 1e-290)


@given(
    inputs=st.lists(numbers, min_size=2, max_size=3),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=25),
    roots=st.lists(st.tuples(st.integers(0, 30), cotangents), min_size=1, max_size=5),
    before=st.lists(st.sampled_from([0, 0.0, None, 2.5, -1e-3]), max_size=3),
)
def test_gradients_add_up_over_passes_as_the_general_sweep_finds_them(inputs, steps, roots, before):
    nodes = [Value(x) for x in inputs]
    for step, i, j in steps:
        nodes.append(step(nodes[i % len(nodes)], nodes[j % len(nodes)]))
    for node, grad in zip(nodes, before, strict=False):
        node.grad = grad
    for k, cotangent in roots:
        root = nodes[k % len(nodes)]
        expected = {id(node): node.grad + share for node, share in sweep(root, cotangent)}
        expected = [expected.get(id(node), node.grad) for node in nodes]
        root.backward(cotangent)
        assert all(same(node.grad + 0.0, g + 0.0) for node, g in zip(nodes, expected, strict=True))


def same(a, b):
    """Whether two floats are the same, but for the last bits of sums below 2.2e-308, which this pass rounds once."""
    return a.hex() == b.hex() or abs(a - b) <= 32 * 5e-324


def test_it_leaves_to_the_general_sweep_what_is_no_float():
    x, w = Value(2.0, "x"), Value([1.0, 2.0])
    assert not float_pass(x * w[0], 1.0)
    assert not float_pass(x, 1.0)
    y = x * x
    x.data = 3.0
    assert float_pass(x * 2.0, 1.0)
    x.data = 4.0
    assert not float_pass(y, 1.0)
    assert (x.grad, y.grad, w.grad.tolist()) == (2.0, 0.0, [0.0, 0.0])


def test_passes_add_up_where_slopes_are_asked_of_rows():
    x = Value(1e-320)
    y = x**1.5 + x * 2.0
    y.backward()
    y.backward()
    assert x.grad == pytest.approx(2 * (1.5 * math.sqrt(1e-320) + 2.0))


@pytest.mark.parametrize("zero", [0, 0.0, None])
def test_a_gradient_set_to_zero_is_none(zero):
    x = Value(2.0)
    (x * x).backward()
    x.grad = zero
    assert (x.grad, x.has_grad) == (0.0, False)


@pytest.mark.parametrize("power", [-700, -718, -740])
def test_shares_below_the_range_of_floats_need_no_other_sweep(power):
    """The pass is made again with a larger cotangent, and what it finds is divided."""
    x, w, kept = Value(2.0**power), Value(3.0), Value(2.0**-400)
    y = x * 2.0**-300 * w * kept + x * w * 2.0**-340 + w * 0.5
    x.grad, w.grad = 1.0, 2.0
    assert float_pass(y, 1.0)
    assert (x.grad, w.grad) == (1.0 + 3.0 * 2.0**-340, 2.5 + 2.0 ** (power - 340))
    assert kept.grad == 3.0 * 2.0 ** (power - 300)
    large = Value(2.0**900)
    assert not float_pass(large * 2.0**-1000 * 2.0**-1000 * 2.0**-1000, 1.0)
    assert not large.has_grad
